"""Dialogues written down as they happen, and compared with those that were read and found good."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from sandbox.people.person import Person
from sandbox.people.transcript import describe_media
from sandbox.people.views import MessageView, view
from sandbox.world.events import EditedMessage, Event, NewMessage

RENEW = "RENEW_GOLDEN"
"""With this name of the environment set, dialogues are written anew."""


class Golden:
    """What one person does and sees from now on, in order.

    `same_as("joke")` compares it with `joke.<language>.txt` below `directory`; `RENEW_GOLDEN=1 pytest` writes
    that file, so that the difference can be read as texts. `passing` are patterns and what stands for them:
    for what is never twice the same, such as times.
    """

    def __init__(
        self, person: Person, directory: Path, *, passing: Sequence[tuple[re.Pattern[str], str]] = ()
    ) -> None:
        self.person = person
        self.taps = 0
        self.words = 0
        self._directory = directory
        self._passing = passing
        self._lines: list[str] = []
        person.world.watch(person.id, self._see)

    async def write(self, text: str) -> MessageView:
        """Write something; the bot's next message."""
        self.words += 1
        await self.person.send(text)
        return await self.new()

    async def tap(
        self, label: str, *, on: MessageView | None = None, shows: str | None = "edit"
    ) -> MessageView:
        """Press a button below a message, the newest that has it if none is given; what it leads to.

        `shows` says how: `edit`, `new`, or None where it is answered by a notice alone, or not at all.

        Raises:
            AssertionError: there is no such button, or it leads to nothing of that kind.
        """
        self.taps += 1
        message = on or self.person.last
        if on is None:
            having = [each for each in self.person.messages() if any(label in text for text in each.labels)]
            assert having, f"nothing has {label!r}:\n{self.person.transcript()}"
            message = having[-1]
        pressed = next(text for text in message.labels if label in text)
        self._lines.append(f"\n→ [{pressed}]")
        place = len(self._lines)
        answer = await self.person.press(label, message)
        if answer.text:
            self._lines.insert(place, f"  ({'!' if answer.alert else '·'} {answer.text})")
        if shows is None:
            return message
        try:
            return await self.person.expect(self.is_screen, kind=shows)
        except AssertionError as error:
            raise AssertionError(
                f'[{pressed}] led to no {shows}: where it leads to another message say shows="new", where a '
                f"notice is all, shows=None. {error}"
            ) from None

    async def new(self) -> MessageView:
        """The bot's next message."""
        return await self.person.expect(lambda message: message.service is None, kind="new")

    async def result(self) -> MessageView:
        """The file in the chat."""
        return await self.person.expect(
            lambda message: message.media is not None and not message.out, kind="new", within=40
        )

    def same_as(self, name: str) -> None:
        """Compare with the file of this name and of the person's language.

        Raises:
            AssertionError: it reads otherwise, or there is no file yet.
        """
        path = self._directory / f"{name}.{self.person.language}.txt"
        told = "\n".join(self._lines).strip() + "\n"
        for pattern, instead in self._passing:
            told = pattern.sub(instead, told)
        if os.environ.get(RENEW):
            path.parent.mkdir(exist_ok=True)
            path.write_text(told, encoding="utf-8")
        assert path.is_file(), f"{path} is not there yet; {RENEW}=1 pytest writes this into it:\n{told}"
        known = path.read_text(encoding="utf-8")
        assert told == known, f"{path} reads otherwise now; {RENEW}=1 pytest writes it anew"

    def is_screen(self, message: MessageView) -> bool:
        """Whether a message of the bot's is written down; one that comes and goes by chance is not."""
        return True

    def _see(self, event: Event) -> None:
        if not isinstance(event, NewMessage | EditedMessage):
            return
        message = view(self.person.world, self.person.id, event.message)
        if message.out:
            edited = " (edited)" if isinstance(event, EditedMessage) else ""
            self._lines.append(f"\n→ {_shown(message)}{edited}")
        elif self.is_screen(message):
            mark = "✎" if isinstance(event, EditedMessage) else "•"
            self._lines.append(f"{mark} {_shown(message)}")
            self._lines += [
                "    " + " ".join(f"[{button.label}]" for button in row) for row in message.buttons
            ]


def _shown(message: MessageView) -> str:
    media = f"[{describe_media(message.media)}] " if message.media is not None else ""
    return f"{media}{message.text}".strip().replace("\n", "\n  ")
