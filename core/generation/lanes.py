"""Where jobs wait for their next step: so many at a time, and so many a second."""

from __future__ import annotations

from collections import deque

_BURST_SECONDS = 0.25


class Pace:
    """At most `rate` a second, and what comes to `_BURST_SECONDS` of it at once; at least one."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._burst = max(1.0, rate * _BURST_SECONDS)
        self._level = self._burst
        self._at = 0.0

    def set_rate(self, rate: float) -> None:
        """Let it be so many a second from now on."""
        self._rate = rate
        self._burst = max(1.0, rate * _BURST_SECONDS)

    def take(self, now: float) -> float:
        """Take one: 0 where that may be at `now`, else the seconds until it may."""
        self._level = min(self._burst, self._level + (now - self._at) * self._rate)
        self._at = now
        # What is left over of a rounding error is no reason to wait.
        if self._level >= 1 - 1e-9:
            self._level -= 1
            return 0.0
        return (1 - self._level) / self._rate


class Lane:
    """Keys that wait for a step, in order; at most `width` of them are in one at a time."""

    def __init__(self, width: int, pace: Pace | None = None) -> None:
        self._width = width
        self._waiting: deque[str] = deque()
        self.pace = pace
        self.running = 0
        self.blocked_until = 0.0
        """The moment before which nothing can begin, however many wait."""

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def add(self, key: str, *, first: bool = False) -> None:
        """Let `key` wait, behind the others or before them."""
        if first:
            self._waiting.appendleft(key)
        else:
            self._waiting.append(key)

    def promote(self, key: str) -> None:
        """Let one who waits be the next."""
        self._waiting.remove(key)
        self._waiting.appendleft(key)

    def begin(self, now: float) -> str | None:
        """The next whose step may begin at `now`, which counts as running from then on; None for nobody."""
        if not self._waiting or self.running >= self._width:
            return None
        if self.pace is not None:
            wait = self.pace.take(now)
            if wait > 0:
                self.blocked_until = now + wait
                return None
        self.running += 1
        return self._waiting.popleft()

    def next_moment(self) -> float | None:
        """When time alone lets somebody begin; None where it does not."""
        paced = self._waiting and self.pace is not None and self.running < self._width
        return self.blocked_until if paced else None
