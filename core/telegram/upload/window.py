"""How many parts may be under way at once: found by trying, taken back when Telegram or the line objects."""

from __future__ import annotations

from dataclasses import dataclass

from core.telegram.upload.wire import PART

_GROWTH = 2
_GAIN = 1.05
"""By how much a larger window must be faster to be kept."""
_CLEAR_GAIN = 1.25
_LOSS = 0.97
"""How much of the speed a smaller window may cost to be kept."""
_UNHURRIED = 1.5
"""A part that takes at most so many times as long as the fastest one did not wait for others: the line has
room."""
_USED = 0.75
"""A window that is used less than this tells nothing about the line: the source is slower."""
_WINDOWS = 3
"""How many windows full of parts make a measurement that noise does not sway."""
_REST = 3
"""Measurements at a window that is good, before another is tried."""
_FLOOD_MEMORY = 300.0
"""Seconds for which a window that brought a flood wait is not reached again."""
_FEWEST = 4


@dataclass(frozen=True, slots=True)
class _Level:
    size: int
    rate: float


class Window:
    """The number of parts that may be under way, over all uploads.

    It begins with `start` and doubles each round trip as long as parts do not wait for one another, then as
    long as that makes the whole faster. After that it rests, and from time to time tries half more and a
    quarter less. An error halves it, once for all parts that were under way at that moment; so does a flood
    wait, after which the old size is not tried again for minutes.

    A measurement begins with the first acknowledged part that was sent after the size changed, and lasts
    three times as many parts as the window holds: as many round trips at least. While it grows, one that is
    clearly faster ends after a third of that.
    """

    def __init__(self, start: int, most: int) -> None:
        self.size = self._start = min(start, most)
        self._most = self._limit = most
        self._limit_until = 0.0
        self._sent = 0
        self._base: _Level | None = None
        self._growing = True
        self._rested = 0
        self._smaller_next = True
        self._forgiven = 0
        self._mark = 0
        self._since: float | None = None
        self._shortest = 0.0
        self._parts = self._bytes = self._used = 0

    def sent(self) -> int:
        """Count a part that goes out; its number is told to `acknowledged` or `struck`."""
        self._sent += 1
        return self._sent

    def acknowledged(self, number: int, size: int, under_way: int, took: float, now: float) -> None:
        """Note that a part of `size` bytes arrived after `took` seconds.

        `under_way` is how many were, this one too, just before.
        """
        waited = size < PART or not 0 < took <= self._shortest * _UNHURRIED
        if size == PART:
            self._shortest = min(self._shortest or took, took)
        if number <= self._mark:
            return
        if not waited and under_way >= _USED * self.size and self._widened(now):
            return
        if self._since is None:
            self._since = now
            return
        self._parts += 1
        self._bytes += size
        self._used += under_way
        if self._parts < max(self.size, _FEWEST) or now <= self._since:
            return
        used, rate = self._used / self._parts, self._bytes / (now - self._since)
        if self._parts < _WINDOWS * self.size and not self._clearly_faster(rate):
            return
        if used >= _USED * self.size:
            self._judge(_Level(self.size, rate), now)
        self._begin()

    def struck(self, number: int) -> None:
        """Note that a part was lost or failed."""
        if number <= self._forgiven:
            return
        self._forgiven = self._sent
        self._go(self.size // 2)
        self._growing, self._base = True, None

    def flooded(self, number: int, now: float) -> None:
        """Note that Telegram asked for a pause."""
        if number > self._forgiven:
            self._limit = max(1, self.size // 2)
            self._limit_until = now + _FLOOD_MEMORY
        self.struck(number)

    def reset(self) -> None:
        """Begin anew: the connections were closed."""
        self._go(self._start)
        self._growing, self._base = True, None
        self._shortest = 0.0

    def _clearly_faster(self, rate: float) -> bool:
        return self._growing and (self._base is None or rate >= self._base.rate * _CLEAR_GAIN)

    def _widened(self, now: float) -> bool:
        self._forget_flood(now)
        if self.size >= self._limit:
            return False
        self._growing, self._base = True, None
        self._go(self.size * _GROWTH)
        return True

    def _forget_flood(self, now: float) -> None:
        if now >= self._limit_until:
            self._limit = self._most

    def _judge(self, level: _Level, now: float) -> None:
        self._forget_flood(now)
        if self._growing:
            self._grow(level)
        elif self._base is not None and level.size != self._base.size:
            self._settle(level, self._base)
        else:
            self._rest(level)

    def _grow(self, level: _Level) -> None:
        base = self._base
        if base is not None and level.rate < base.rate * _GAIN:
            self._hold(base)
            return
        self._base = level
        if level.size < self._limit:
            self._go(level.size * _GROWTH)
        else:
            self._hold(level)

    def _rest(self, level: _Level) -> None:
        self._base = level
        self._rested += 1
        if self._rested < _REST:
            return
        self._rested = 0
        smaller = self._smaller_next or level.size >= self._limit
        self._smaller_next = not smaller
        self._go(level.size * 3 // 4 if smaller else level.size * 3 // 2 + 1)

    def _settle(self, tried: _Level, base: _Level) -> None:
        if tried.size < base.size:
            self._hold(tried if tried.rate >= base.rate * _LOSS else base)
        elif tried.rate >= base.rate * _GAIN:
            self._growing = True
            self._grow(tried)
        else:
            self._hold(base)

    def _hold(self, level: _Level) -> None:
        self._growing, self._base, self._rested = False, level, 0
        self._go(level.size)

    def _go(self, size: int) -> None:
        self.size = max(1, min(size, self._limit))
        self._begin()

    def _begin(self) -> None:
        self._mark = self._sent
        self._since = None
        self._parts = self._bytes = self._used = 0
