"""Which models people really use, asked for once in a while."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starloom.api import Clock

_KEPT_SECONDS = 600.0

Read = Callable[[], Awaitable[Mapping[str, int]]]
"""Results that reached people over the last 30 days, by model id."""


class Popularity:
    """How many results of each model reached people lately."""

    def __init__(self, read: Read, clock: Clock) -> None:
        self.read = read
        self._clock = clock
        self._counts: Mapping[str, int] = {}
        self._read_at: float | None = None

    async def counts(self) -> Mapping[str, int]:
        """By model id, at most ten minutes old."""
        now = self._clock.monotonic()
        if self._read_at is None or now - self._read_at >= _KEPT_SECONDS:
            self._counts = await self.read()
            self._read_at = now
        return self._counts
