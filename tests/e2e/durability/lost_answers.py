"""A way to the database on which answers get lost: what was asked for has happened, and nobody hears."""

from __future__ import annotations

import asyncio
import contextlib
import random
import struct
from collections import Counter
from collections.abc import AsyncIterator
from typing import Self

_HEADER = struct.Struct("<iiii")
"""Length, id, the id that is answered, kind. Source: the MongoDB wire protocol."""
_NAME_AT = _HEADER.size + 4 + 1 + 4 + 1
"""Behind the flags of an OP_MSG, the kind of its first section, its length and a type stands the command."""
_LOST = frozenset({b"update", b"insert", b"delete", b"find", b"findAndModify", b"aggregate"})


class LosesAnswers:
    """Carries commands to the database, and one answer in `every`, on the average, no further.

    The connection breaks then, as it does where a server dies or a network changes.
    """

    def __init__(self, port: int, *, every: int, chance: random.Random) -> None:
        self.port = 0
        self.lost: Counter[str] = Counter()
        """How many, by the command."""
        self._losing = False
        self._news = asyncio.Event()
        self._to = port
        self._every = every
        self._chance = chance
        self._tasks: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Self]:
        """Listen on `port`, a free one."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def lose(self, count: int) -> None:
        """Lose so many answers; carry all others from then on."""
        self._losing = True
        while self.lost.total() < count:
            self._news.clear()
            await self._news.wait()
        self._losing = False

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with contextlib.suppress(asyncio.CancelledError):
            await self._carry(reader, writer)
        self._tasks.discard(task)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to)
        doomed: dict[int, str] = {}
        ways = [
            asyncio.ensure_future(self._ask(reader, far_writer, doomed)),
            asyncio.ensure_future(self._answer(far_reader, writer, doomed)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            far_writer.close()
            writer.close()

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, doomed: dict[int, str]
    ) -> None:
        while True:
            number, _, frame = await _frame(reader)
            name = frame[_NAME_AT : frame.index(b"\0", _NAME_AT)]
            if self._losing and name in _LOST and not self._chance.randrange(self._every):
                doomed[number] = name.decode()
            writer.write(frame)
            await writer.drain()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, doomed: dict[int, str]
    ) -> None:
        while True:
            _, answered, frame = await _frame(reader)
            if answered in doomed:
                self.lost[doomed[answered]] += 1
                self._news.set()
                return
            writer.write(frame)
            await writer.drain()


async def _frame(reader: asyncio.StreamReader) -> tuple[int, int, bytes]:
    header = await reader.readexactly(_HEADER.size)
    length, number, answered, _ = _HEADER.unpack(header)
    return number, answered, header + await reader.readexactly(length - _HEADER.size)
