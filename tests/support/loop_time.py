"""The event loop's own time, moved on at once: what waits for minutes of real time need not take them."""

from __future__ import annotations

import asyncio


class LoopTime:
    """Timers of the loop that runs now go by this; it can only be moved on."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        passed = loop.time
        self._ahead = 0.0
        loop.time = lambda: passed() + self._ahead

    async def jump(self, seconds: float) -> None:
        """Let so many seconds pass; the timers that are due by then run."""
        self._ahead += seconds
        for _ in range(3):
            await asyncio.sleep(0)
