"""What all parts of the plugin share: screens, goals beyond the terms, and words that a step takes."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime

from starloom.api import (
    Button,
    CallbackEvent,
    Event,
    Html,
    Keyboard,
    MessageEvent,
    Plugin,
    PluginConfig,
    PluginContext,
    Translator,
)

Goal = Callable[[Event, str, str], Awaitable[None]]
"""What a person is on the way to: the event, what was chosen, and the id of the menu it was chosen from."""


class BuyConfig(PluginConfig):
    """The settings of the plugin; what is sold stands in `[billing]`."""


_TITLE_LENGTH = 20


@dataclass(frozen=True, slots=True)
class Screen:
    """A text as HTML, with what stands below it."""

    text: Html
    keyboard: Keyboard = ()


class Part(Plugin[BuyConfig]):
    """The base of every part of the plugin.

    `goals` are what can be done once the terms are accepted, by names that stand in buttons.
    """

    def __init__(self, context: PluginContext[BuyConfig]) -> None:
        super().__init__(context)
        self.goals: dict[str, Goal] = {}

    async def show(self, event: Event, screen: Screen) -> None:
        """Put the screen in the place of the one whose button was pressed, or below what was written."""
        if isinstance(event, CallbackEvent):
            await event.edit(screen.text, keyboard=screen.keyboard)
        else:
            await event.reply(screen.text, keyboard=screen.keyboard)

    async def words(self, event: MessageEvent, otherwise: Html) -> str:
        """What the person wrote; where that is no text they are told `otherwise`, and it is empty."""
        message = event.message
        if message.media is None and message.text.strip():
            return message.text.strip()
        await self.say_once(event, otherwise)
        return ""

    async def say_once(self, event: MessageEvent, text: Html) -> None:
        """Answer a message; the files of an album, which come one by one, get one answer together."""
        album = event.message.album_id
        if album is None:
            await event.reply(text)
        else:
            await self.context.outbox.send(event.chat.id, text, key=f"album:{event.chat.id}:{album}")

    async def model_title(self, t: Translator, job_id: str) -> str:
        """What the model of a generation is called."""
        job = await self.context.generations.get(job_id) if job_id else None
        if job is None:
            return t.plain("balance-some-generation")
        return self.context.generations.title(job.model_id, t.language)

    def day(self, t: Translator, at: date) -> str:
        """The day in the person's language; with the year where it is another one."""
        here = t.local(at) if isinstance(at, datetime) else at
        this_year = here.year == t.local(self.context.clock.now()).year
        return t.plain("day" if this_year else "day-of-year", at=at)

    async def leave(self, event: Event) -> None:
        """End the dialogue, if it is one of this plugin's."""
        if event.dialogue is not None:
            await event.leave()


def short_id(key: str) -> str:
    """Eight characters for a button, the same whenever they are made from the same key."""
    return base64.b32encode(hashlib.blake2b(key.encode(), digest_size=5).digest()).decode().lower()


def rows_of(buttons: list[Button], width: int) -> tuple[tuple[Button, ...], ...]:
    """The buttons in rows of `width`."""
    return tuple(tuple(buttons[start : start + width]) for start in range(0, len(buttons), width))


def in_button(text: str) -> str:
    """A title that leaves room for an amount beside it."""
    return text if len(text) <= _TITLE_LENGTH else f"{text[: _TITLE_LENGTH - 1]}…"
