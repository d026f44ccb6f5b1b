"""Memory for what probes keep of the videos that pass: bounded for all of them together."""

from __future__ import annotations

_MIB = 1024 * 1024
LEAST = _MIB // 2
"""Bytes that each video may keep, however many there are: mostly enough for its first picture.

A small index comes to that.
"""


class KeptBytes:
    """What is kept of all videos on their way beyond the `LEAST` of each: at most `total` bytes."""

    def __init__(self, total: int = 32 * _MIB) -> None:
        self.total = total
        self.held = 0


class Loan:
    """What one video keeps; it ends with `give_back`."""

    def __init__(self, shared: KeptBytes) -> None:
        self._shared = shared
        self._taken = 0

    def take(self, size: int) -> int:
        """How many of `size` more bytes may be kept."""
        granted = min(size, self._free())
        self._count(granted)
        return granted

    def take_whole(self, size: int) -> bool:
        """Whether `size` more bytes may be kept; none are counted if they may not."""
        if size > self._free():
            return False
        self._count(size)
        return True

    def give_back(self) -> None:
        """Nothing is kept any more; harmless at any time."""
        self._count(-self._taken)

    def _free(self) -> int:
        return max(0, LEAST - self._taken) + self._shared.total - self._shared.held

    def _count(self, size: int) -> None:
        before = max(0, self._taken - LEAST)
        self._taken += size
        self._shared.held += max(0, self._taken - LEAST) - before
