"""Where several plugins answer one inline query: what each has to show is joined into one answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from core.errors import TelegramError
from core.telegram.types import InlineAnswer, InlineFile, InlineResult

MOST_RESULTS = 50
"""How many results Telegram takes in one answer."""
_OFFSET_BYTES = 64
"""What Telegram gives back at the end of a list."""
_ID_BYTES = 64

Send = Callable[[InlineAnswer], Awaitable[None]]
"""Answers the query; raises TelegramError where that is not taken."""


@dataclass(slots=True)
class _Seat:
    """One plugin: what it has given, and whether it may still give something."""

    answer: InlineAnswer | None = None
    waits: asyncio.Future[None] | None = None
    open: bool = True


class InlineTable:
    """The shares of some plugins in one answer, in the order of `plugins`.

    The answer goes out when each of them has given its share or has left, or when `hurry` is called. Who has
    given files waits for what Telegram says of them, and may give others instead; texts are always taken.
    """

    def __init__(self, plugins: Sequence[str], send: Send) -> None:
        self._seats = {name: _Seat() for name in plugins}
        self._send = send
        self._serving = False
        self.served = False

    async def give(self, plugin: str, answer: InlineAnswer) -> None:
        """Take a plugin's share; what comes after the answer went out is passed over.

        Raises:
            TelegramError: the answer was not taken; give what is newer.

        """
        seat = self._seats[plugin]
        if self.served or not seat.open:
            return
        seat.answer = answer
        waits = seat.waits = asyncio.get_running_loop().create_future()
        if not any(isinstance(result, InlineFile) for result in answer.results):
            waits.set_result(None)
        await self._serve_when_all_gave()
        await waits

    async def leave(self, plugin: str) -> None:
        """A plugin is done; whatever it has given counts."""
        self._seats[plugin].open = False
        await self._serve_when_all_gave()

    async def hurry(self) -> None:
        """Wait for nobody who has given nothing yet."""
        for seat in self._seats.values():
            seat.open = seat.answer is not None
        await self._serve_when_all_gave()

    async def _serve_when_all_gave(self) -> None:
        if self._serving or self.served or any(s.open and s.answer is None for s in self._seats.values()):
            return
        self._serving = True
        try:
            await self._send(self._joined())
        except TelegramError as error:
            self._serving = False
            self._refuse(error)
            return
        self.served = True
        for seat in self._seats.values():
            if seat.waits is not None and not seat.waits.done():
                seat.waits.set_result(None)

    def _refuse(self, error: TelegramError) -> None:
        """Hand a refusal to those whose files may be the reason."""
        for seat in self._seats.values():
            if seat.waits is not None and not seat.waits.done():
                seat.answer = None
                seat.waits.set_exception(error)

    def _joined(self) -> InlineAnswer:
        given = [(name, seat.answer) for name, seat in self._seats.items() if seat.answer is not None]
        answers = [answer for _, answer in given]
        results = [_named(result, place) for place, answer in enumerate(answers) for result in answer.results]
        return InlineAnswer(
            tuple(results[:MOST_RESULTS]),
            next((answer.button for answer in answers if answer.button is not None), None),
            joined_offset({name: answer.next_offset for name, answer in given}),
            min((answer.cache_seconds for answer in answers), default=0),
        )


def _named(result: InlineResult, place: int) -> InlineResult:
    """Two plugins may call their results alike."""
    name = f"{place}.{result.id}"
    return replace(result, id=name) if len(name.encode()) <= _ID_BYTES else result


def joined_offset(offsets: dict[str, str]) -> str:
    """Where the lists of some plugins go on, as one; what there is no room for ends here."""
    joined = ""
    for name, offset in offsets.items():
        longer = "\n".join(filter(None, (joined, f"{name}={offset}" if offset else "")))
        joined = longer if len(longer.encode()) <= _OFFSET_BYTES else joined
    return joined


def split_offset(offset: str) -> dict[str, str]:
    """Where the list of each plugin goes on; who is not in it has nothing more to show."""
    parts = (line.partition("=") for line in offset.split("\n"))
    return {name: rest for name, sign, rest in parts if sign}
