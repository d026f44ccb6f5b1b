"""A clock that stands still until it is told to move on, so that a test waits for nothing."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from datetime import UTC, datetime, timedelta

START = datetime(2030, 1, 1, 12, tzinfo=UTC)
"""Where a manual clock begins: later than the database server's own clock, which expires old documents."""


class ManualClock:
    """Time that moves by `advance` alone.

    `sleep` wakes in the order of the moments slept until; whoever sleeps until the same moment wakes in the
    order of falling asleep.
    """

    def __init__(self, start: datetime = START) -> None:
        self._start = start
        self._elapsed = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()
        self._fell_asleep = asyncio.Event()

    def now(self) -> datetime:
        """The wall-clock time, aware, in UTC."""
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        """Seconds since the clock was made."""
        return self._elapsed

    @property
    def sleepers(self) -> int:
        """How many wait in `sleep` just now."""
        return sum(not future.done() for _, _, future in self._sleepers)

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock was advanced by `seconds`; not at all when that is nothing."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._numbers), woken))
        self._fell_asleep.set()
        await woken

    async def advance(self, seconds: float) -> None:
        """Move on by `seconds`, waking each sleeper at its own moment; what wakes may sleep again."""
        target = self._elapsed + seconds
        await _settle()
        while self._sleepers and self._sleepers[0][0] <= target:
            moment, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                self._elapsed = max(self._elapsed, moment)
                woken.set_result(None)
                await _settle()
        self._elapsed = target
        await _settle()

    async def until_asleep(self, count: int = 1) -> None:
        """Wait (in real time) until at least `count` are in `sleep`."""
        while self.sleepers < count:
            self._fell_asleep.clear()
            await self._fell_asleep.wait()


async def _settle() -> None:
    """Let what is ready run, a few steps deep."""
    for _ in range(10):
        await asyncio.sleep(0)
