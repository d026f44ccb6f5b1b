"""Counts a plugin's errors and says when there are too many."""

from __future__ import annotations

import math
from collections import deque

from core.clock import Clock


class Health:
    """The errors of one plugin. It is sick at `limit` errors within `window` seconds."""

    def __init__(self, clock: Clock, *, limit: int, window: float) -> None:
        self._clock = clock
        self._limit = limit
        self._window = window
        self._recent: deque[float] = deque(maxlen=limit)
        self.errors = 0
        self.last_error = ""

    def note(self, what: str, *, share: float = 0.0) -> bool:
        """Count an error, described by `what`; answers whether the plugin is sick now.

        A grave one is worth `share` of what makes a plugin sick.
        """
        now = self._clock.monotonic()
        self.errors += 1
        self.last_error = what
        self._recent.extend([now] * max(1, math.ceil(self._limit * share)))
        return len(self._recent) == self._limit and now - self._recent[0] <= self._window

    def revive(self) -> None:
        """Forgive what was; the total stays."""
        self._recent.clear()
