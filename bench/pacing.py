"""A line of bounded speed, as benchmarks pretend that there is one."""

from __future__ import annotations

import time
from collections.abc import Callable

_MEMORY = 0.05
"""Seconds that whoever is late may make up for: timers are never on time."""


class Line:
    """Brings `rate` bytes a second, over all who use it; zero for no bound."""

    def __init__(self, rate: float, *, now: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._now = now
        self._free_at = 0.0

    def wait(self, size: int) -> float:
        """How many seconds from now on so many more bytes have come through."""
        if not self._rate:
            return 0.0
        now = self._now()
        self._free_at = max(self._free_at, now - _MEMORY) + size / self._rate
        return self._free_at - now
