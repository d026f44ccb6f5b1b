"""What all parts of the plugin share: screens, days and times, and how a generation stands in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from starloom.api import (
    CallbackEvent,
    Event,
    Html,
    Job,
    JobState,
    Keyboard,
    Plugin,
    PluginConfig,
    Translator,
)

_STATES = {
    JobState.CREATED: "waiting",
    JobState.QUEUED: "waiting",
    JobState.HELD: "waiting",
    JobState.SUBMITTED: "waiting",
    JobState.RUNNING: "running",
    JobState.READY: "coming",
    JobState.DELIVERING: "coming",
    JobState.DELIVERED: "done",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "stopped",
    JobState.EXPIRED: "expired",
}
_ENDS = (JobState.CANCELLED, JobState.EXPIRED, JobState.FAILED)
_LONGEST_TITLE = 24


class HistoryConfig(PluginConfig):
    """The settings of the plugin."""

    rows_per_page: int = Field(default=5, ge=1, le=8)
    """How many generations a page of the history shows."""
    shared: int = Field(default=20, ge=1, le=50)
    """How many results are offered at a time where somebody shares in another chat."""


@dataclass(frozen=True, slots=True)
class Screen:
    """A text as HTML, with what stands below it."""

    text: Html
    keyboard: Keyboard = ()


class Part(Plugin[HistoryConfig]):
    """The base of every part of the plugin."""

    async def show(self, event: Event, screen: Screen) -> None:
        """Put the screen in the place of the one whose button was pressed, or below what was written."""
        if isinstance(event, CallbackEvent):
            await event.edit(screen.text, keyboard=screen.keyboard)
        else:
            await event.reply(screen.text, keyboard=screen.keyboard)

    def title(self, t: Translator, job: Job) -> str:
        """What the model is called, short enough to stand with other things."""
        title = self.context.generations.title(job.model_id, t.language)
        return title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1]}…"

    def time(self, event: Event, at: datetime | None) -> Html:
        """Day and time on the person's clock; with the year where it is another one."""
        if at is None:
            return Html("")
        t, this_year = event.t, at.year == self.context.clock.now().year
        day = t.plain("day-short" if this_year else "day-of-year", at=at)
        return t("history-time", day=day, clock=t.plain("clock", at=at))


def state_of(job: Job) -> str:
    """How a generation stands, as the end of the keys that say so."""
    if job.state is JobState.RELEASED:
        return next((_STATES[end] for end in _ENDS if job.since(end) is not None), "failed")
    return _STATES[job.state]


def is_over(job: Job) -> bool:
    """Whether nothing more will happen to it."""
    return job.state in (JobState.DELIVERED, JobState.RELEASED)


def argument(event: CallbackEvent, place: int) -> str:
    """The argument of a button at a place; empty where there is none."""
    return event.arguments[place] if place < len(event.arguments) else ""


def number_in(event: CallbackEvent, place: int) -> int:
    """The same as a number; 0 where it is none."""
    text = argument(event, place)
    return int(text) if text.isdecimal() and len(text) < 12 else 0
