"""Rate limits of a provider's key, shared by everything in this process that uses it."""

from __future__ import annotations

import asyncio
from collections import deque

from core.clock import Clock
from core.http.reply import NotSent


class RateLimit:
    """At most `calls` in any `seconds`, in the order in which they were asked for.

    Who would have to wait longer than `longest` seconds is sent away at once.
    """

    def __init__(self, clock: Clock, *, calls: int, seconds: float, longest: float) -> None:
        if calls < 1 or seconds <= 0:
            raise ValueError("a rate limit needs at least one call, and some time")
        self._clock = clock
        self._calls = calls
        self._seconds = seconds
        self._longest = longest
        self._begun: deque[float] = deque(maxlen=calls)
        self._queue = asyncio.Lock()
        self._waiting = 0
        self._closed_until = 0.0

    async def turn(self) -> float:
        """Wait for this caller's turn; how many seconds that took.

        Raises:
            NotSent: the turn would come too late.

        """
        asked = self._clock.monotonic()
        if self._expected() - asked > self._longest:
            raise NotSent("our own rate limit is used up", again=False)
        self._waiting += 1
        try:
            # The lock lets waiters through one after another, in their order, and forgets who was cancelled.
            async with self._queue:
                while (wait := self._next() - self._clock.monotonic()) > 0:
                    await self._clock.sleep(wait)
                self._begun.append(self._clock.monotonic())
        finally:
            self._waiting -= 1
        return self._clock.monotonic() - asked

    def hold(self, seconds: float) -> None:
        """Let nobody through for some time: the provider said that it is too much."""
        self._closed_until = max(self._closed_until, self._clock.monotonic() + seconds)

    def _next(self) -> float:
        """When the one at the head of the queue may go."""
        full = len(self._begun) == self._calls
        return max(self._closed_until, self._begun[0] + self._seconds if full else 0.0)

    def _expected(self) -> float:
        """When somebody who joins the queue now may go."""
        rounds, place = divmod(self._waiting - (self._calls - len(self._begun)), self._calls)
        if rounds < 0:
            return self._closed_until
        oldest = self._begun[place] if place < len(self._begun) else self._clock.monotonic()
        return max(self._closed_until + rounds * self._seconds, oldest + (rounds + 1) * self._seconds)
