"""Work in lanes: what is in one lane runs in order, the lanes run beside each other."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import structlog

_log = structlog.stdlib.get_logger(__name__)

ItemT = TypeVar("ItemT")


class Lanes(Generic[ItemT]):
    """Runs `work` on items; at most `running` lanes at once, at most `waiting` items in all.

    What `work` raises is logged and stops nothing but that item.
    """

    def __init__(self, work: Callable[[ItemT], Awaitable[None]], *, running: int, waiting: int) -> None:
        self._work = work
        self._places = asyncio.Semaphore(running)
        self._waiting = waiting
        self._queues: dict[int, deque[ItemT]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._count = 0
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return self._count

    async def room(self) -> None:
        """Return when another item may be added."""
        while self._count >= self._waiting:
            self._changed.clear()
            await self._changed.wait()

    def add(self, lane: int, item: ItemT) -> None:
        """Add an item to a lane's end."""
        self._count += 1
        queue = self._queues.get(lane)
        if queue is not None:
            queue.append(item)
            return
        self._queues[lane] = deque([item])
        task = asyncio.create_task(self._run(lane), name="lane")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def idle(self) -> None:
        """Return when everything that was added is done."""
        while self._count:
            self._changed.clear()
            await self._changed.wait()

    async def cancel(self) -> None:
        """End what runs, forget what waits."""
        for queue in self._queues.values():
            queue.clear()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._queues.clear()
        self._count = 0
        self._changed.set()

    async def _run(self, lane: int) -> None:
        queue = self._queues[lane]
        while queue:
            async with self._places:
                item = queue.popleft()
                try:
                    await self._work(item)
                except Exception:
                    _log.exception("lane_item_failed")
                finally:
                    self._count -= 1
                    self._changed.set()
        self._queues.pop(lane, None)
