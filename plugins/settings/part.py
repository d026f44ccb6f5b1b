"""What all parts of the plugin share: the main screen, and saving."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from starloom.api import (
    Button,
    CallbackEvent,
    Event,
    Html,
    Keyboard,
    Model,
    Plugin,
    PluginConfig,
    PluginContext,
    Preferences,
    UserFacingError,
)


@dataclass(frozen=True, slots=True)
class Screen:
    """A text as HTML, with what stands below it."""

    text: Html
    keyboard: Keyboard = ()


class Part(Plugin[PluginConfig], ABC):
    """The base of every part."""

    def __init__(self, context: PluginContext[PluginConfig]) -> None:
        super().__init__(context)
        self.generations = context.generations

    async def show(self, event: Event, screen: Screen, *, note: Html | None = None) -> None:
        """Show a screen, with a note above it: in the pressed button's message, or as a new one."""
        text = Html(f"{note}\n\n{screen.text}") if note else screen.text
        if isinstance(event, CallbackEvent):
            await event.edit(text, keyboard=screen.keyboard)
        else:
            await event.reply(text, keyboard=screen.keyboard)

    async def save(self, event: Event, changes: Mapping[str, Any]) -> None:
        """Keep settings, and see them in the event from now on. None forgets one.

        Whoever saves is not asked for words any more.
        """
        await self.context.people.set_settings(event.user.id, changes)
        settings = {**event.user.settings, **changes}
        kept = {key: value for key, value in settings.items() if value is not None}
        event.user = replace(event.user, settings=kept)
        await self.done_asking(event)

    async def done_asking(self, event: Event) -> None:
        """End the plugin's own dialogue; another one goes on."""
        if event.dialogue is not None:
            await event.leave()

    def model_of(self, event: Event) -> Model | None:
        """The person's model, if it is on offer."""
        chosen = Preferences.of(event.user).model
        if not chosen:
            return None
        try:
            return self.generations.model(chosen)
        except UserFacingError:
            return None

    @abstractmethod
    async def main_screen(self, event: Event) -> Screen:
        """All settings, and the ways to change them."""


def argument(event: CallbackEvent, place: int = 0) -> str:
    """The argument of a button at this place, or nothing."""
    return event.arguments[place] if place < len(event.arguments) else ""


def page_number(event: CallbackEvent, place: int) -> int:
    """The page that a button names; the first one where it names none."""
    named = argument(event, place)
    return int(named) if named.isdecimal() else 0


def back_button(event: Event) -> Button:
    """The way back to all settings."""
    return Button(event.t.plain("settings-back"), "home")


def in_button(text: str, most: int = 28) -> str:
    """A title that leaves room for what stands beside it."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
