"""Walks through everything that the bot offers somebody: each command, and each button of each screen."""

from __future__ import annotations

import re

from support.studio_talk import LANGUAGE_NAMES, Screen, caught_up

from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio

_NUMBERS = re.compile(r"[\d\s.,:−+-]+")


class Walker:
    """Presses every button that it comes to, at most `most` buttons in all.

    Screens that differ in numbers only, as the pages of a list, are one. Buttons that choose another language
    are left alone, as are links, and labels that begin with one of `spared`. What stands on all screens of
    the way is in `screen`.
    """

    def __init__(self, studio: Studio, person: Person, *, most: int, spared: tuple[str, ...] = ()) -> None:
        self.person = person
        self._studio = studio
        self.screen = Screen(person)
        self.pressed: list[str] = []
        self._most = most
        self._spared = spared
        self._seen: set[tuple[str, str]] = set()

    async def walk(self, *texts: str) -> None:
        """Go from each text (a command, words) to all that its answers lead to, as long as there is more."""
        for text in texts:
            pressed = -1
            while pressed < len(self.pressed) < self._most:
                pressed = len(self.pressed)
                await self.person.send(text)
                await caught_up(self.person)
                while len(self.pressed) < self._most and (way := self._way()) is not None:
                    label, message = way
                    self.pressed.append(label)
                    await self.screen.press(label, message)
                    await self._studio.until(self._is_answered)

    async def _is_answered(self) -> bool:
        """Whether the handler of what was pressed last has ended, and with it all that it shows."""
        return not self._studio.service.pump.waiting

    def _way(self) -> tuple[str, MessageView] | None:
        """A button that was not pressed yet, on the newest message that has one."""
        for message in reversed(self.person.messages()):
            for button in (button for row in message.buttons for button in row):
                place = _NUMBERS.sub(" ", message.text)[:60], _NUMBERS.sub(" ", button.label)
                is_language = button.label.removeprefix("✓ ") in LANGUAGE_NAMES
                is_spared = is_language or button.label.startswith(self._spared or ("\0",))
                if button.kind == "callback" and not is_spared and place not in self._seen:
                    self._seen.add(place)
                    return button.label, message
        return None
