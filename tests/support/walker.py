"""Walks through everything that the bot offers somebody: each command, and each button of each screen."""

from __future__ import annotations

import re
from collections import Counter, deque

from support.studio_talk import LANGUAGE_NAMES, Screen, caught_up

from sandbox.people.person import Person
from sandbox.people.reading import PersonError
from sandbox.people.views import MessageView

_NUMBERS = re.compile(r"[\d\s.,:−+-]+")
_ALIKE = 2
"""How often a button is pressed on screens that differ in numbers only, as on pages of a list."""


class Walker:
    """Presses every button once, or at most `most` buttons.

    Buttons that choose another language are left alone, as are links. What stands on all screens of the way
    is in `screen`.
    """

    def __init__(self, person: Person, *, most: int) -> None:
        self.person = person
        self.screen = Screen(person)
        self.pressed: list[str] = []
        self._most = most
        self._seen: Counter[tuple[str, str]] = Counter()

    async def walk(self, *texts: str) -> None:
        """Go from each text (a command, words) to all that its answers lead to."""
        for text in texts:
            before = self._newest()
            await self.person.send(text)
            await caught_up(self.person)
            await self._explore(self._since(before))

    async def _explore(self, messages: list[MessageView]) -> None:
        waiting = deque(self._ways(messages))
        while waiting and len(self.pressed) < self._most:
            message_id, label = waiting.popleft()
            before, was = self._newest(), {each.id: each for each in self.person.messages()}
            try:
                await self.screen.press(label, was[message_id])
            except (PersonError, KeyError):
                continue  # The screen has changed, and what stands there now is on the list.
            self.pressed.append(label)
            await caught_up(self.person)
            changed = [each for each in self.person.messages() if each.id in was and each != was[each.id]]
            waiting.extend(self._ways([*changed, *self._since(before)]))

    def _ways(self, messages: list[MessageView]) -> list[tuple[int, str]]:
        ways = []
        for message in messages:
            for button in (button for row in message.buttons for button in row):
                place = _NUMBERS.sub(" ", message.text)[:60], _NUMBERS.sub(" ", button.label)
                is_language = button.label.removeprefix("✓ ") in LANGUAGE_NAMES
                if button.kind == "callback" and not is_language and self._seen[place] < _ALIKE:
                    self._seen[place] += 1
                    ways.append((message.id, button.label))
        return ways

    def _newest(self) -> int:
        return max((message.id for message in self.person.messages()), default=0)

    def _since(self, newest: int) -> list[MessageView]:
        return [each for each in self.person.messages() if each.id > newest and not each.out]
