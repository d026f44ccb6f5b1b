"""A slow line: packets arrive later, in order, and no faster than the line carries them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from core.clock import Clock
from sandbox.faults import LinePlan

_ROOM = 1024 * 1024  # bytes under way before the sender has to wait

_NO_PLAN = LinePlan()


class SlowLine:
    """One direction of one connection.

    `deliver` gets each packet when its time has come, by `clock`.
    """

    def __init__(self, clock: Clock, deliver: Callable[[bytes], Awaitable[None]]) -> None:
        self._clock = clock
        self._deliver = deliver
        self._packets: deque[tuple[float, bytes]] = deque()
        self._size = 0
        self._free_at = 0.0
        self._task: asyncio.Task[None] | None = None
        self._room = asyncio.Event()
        self._room.set()

    @property
    def busy(self) -> bool:
        """Whether packets are under way, so that the next may not overtake them."""
        return bool(self._packets)

    def put(self, packet: bytes, plan: LinePlan | None) -> None:
        """Send a packet on its way."""
        plan = plan or _NO_PLAN
        start = max(self._clock.monotonic(), self._free_at)
        self._free_at = start + (len(packet) / plan.bytes_per_second if plan.bytes_per_second else 0)
        self._packets.append((self._free_at + plan.delay, packet))
        self._size += len(packet)
        if self._size > _ROOM:
            self._room.clear()
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._carry())

    async def room(self) -> None:
        """Wait until the line takes more, as TCP makes a sender wait."""
        await self._room.wait()

    def close(self) -> None:
        """Lose what is under way."""
        self._packets.clear()
        self._room.set()
        if self._task is not None:
            self._task.cancel()

    async def _carry(self) -> None:
        # The packet stays in the queue until it is delivered, so that `busy` holds the next ones back.
        while self._packets:
            due, packet = self._packets[0]
            wait = due - self._clock.monotonic()
            if wait > 0:
                await self._clock.sleep(wait)
            await self._deliver(packet)
            if self._packets:
                self._packets.popleft()
            self._size -= len(packet)
            if self._size <= _ROOM:
                self._room.set()
        self._task = None
