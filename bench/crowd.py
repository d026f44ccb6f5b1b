"""Virtual people who press and write, and how long each of them waits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from bench.bots.tapping import LABEL
from sandbox.people.handles import Bot
from sandbox.people.person import Person
from sandbox.people.views import MessageView

_WORDS = "one more"


@dataclass(slots=True)
class Waits:
    """What a stretch of tapping or writing took; all in seconds, one entry an update.

    `answers` is until the button rests (or the reply has come), `edits` until the message has changed.
    """

    elapsed: float = 0.0
    answers: list[float] = field(default_factory=list)
    edits: list[float] = field(default_factory=list)


class Crowd:
    """People in a chat with one bot; each does one thing at a time and waits for all that comes of it."""

    def __init__(self, people: Sequence[Person], bot: Bot) -> None:
        self._people = people
        self._bot = bot
        self._buttons: dict[int, MessageView] = {}

    async def arrive(self) -> None:
        """Start the bot, and press and write once: what comes only the first time is over then."""
        await asyncio.gather(*(self._arrive(person) for person in self._people))
        await self.tap(1)
        await self.write(1)

    async def tap(self, times: int, *, people: int | None = None) -> Waits:
        """Let the first `people` (or all) press the button `times` times each, all beside each other."""
        return await self._all(self._tap, times, people)

    async def write(self, times: int, *, people: int | None = None) -> Waits:
        """Let them write instead."""
        return await self._all(self._write, times, people)

    async def _all(
        self, act: Callable[[Person, Waits], Awaitable[None]], times: int, people: int | None
    ) -> Waits:
        waits = Waits()

        async def one(person: Person) -> None:
            for _ in range(times):
                await act(person, waits)

        began = time.perf_counter()
        await asyncio.gather(*(one(person) for person in self._people[:people]))
        waits.elapsed = time.perf_counter() - began
        return waits

    async def _arrive(self, person: Person) -> None:
        await person.start(bot=self._bot)
        self._buttons[person.id] = await person.expect(kind="new", chat=self._bot)

    async def _tap(self, person: Person, waits: Waits) -> None:
        began = time.perf_counter()
        pressed = person.press_nowait(LABEL, self._buttons[person.id])
        changed = asyncio.ensure_future(person.expect(kind="edit", chat=self._bot))
        # The order of answer and edit is the bot's affair; each is timed when it is there.
        changed.add_done_callback(lambda _: waits.edits.append(time.perf_counter() - began))
        await pressed.answer()
        waits.answers.append(time.perf_counter() - began)
        await changed

    async def _write(self, person: Person, waits: Waits) -> None:
        began = time.perf_counter()
        await person.send(_WORDS, to=self._bot)
        await person.expect(kind="new", chat=self._bot)
        waits.answers.append(time.perf_counter() - began)
