"""Rate limits of a provider's key, of which this process has its part for everything that uses the key."""

from __future__ import annotations

import asyncio
from collections import deque

from core.clock import Clock
from core.http.reply import NotSent

_NOTICED = 2.0
"""Seconds in which all processes have noticed that there is another one."""
_LONGEST_JOINING = 15.0
"""Nobody who joins waits longer for what the others did before; a provider that has had too much says so."""


class RateLimit:
    """At most `calls` in any `seconds`, in the order in which they were asked for.

    Who would have to wait longer than `longest` seconds is sent away at once. `share` divides the limit among
    the processes that use the same key; until then it is this process's alone.
    """

    def __init__(self, clock: Clock, *, calls: int, seconds: float, longest: float) -> None:
        if calls < 1 or seconds <= 0:
            raise ValueError("a rate limit needs at least one call, and some time")
        self._clock = clock
        self._whole_calls = self._calls = calls
        self._whole_seconds = self._seconds = seconds
        self._longest = longest
        self._sharers = 1
        self._fewer: tuple[float, int] | None = None
        """From when on there are so few sharers that the part is a larger one."""
        self._begun: deque[float] = deque(maxlen=calls)
        self._queue = asyncio.Lock()
        self._waiting = 0
        self._closed_until = 0.0

    @property
    def part(self) -> tuple[int, float]:
        """What this process has of it just now: so many calls in so many seconds."""
        return self._calls, self._seconds

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

    def share(self, sharers: int, *, joining: bool = False) -> None:
        """Keep to an equal part of the limit among so many processes, of which one may be `joining` them.

        All together never have more than the whole: a smaller part holds at once; a larger one when what
        others did before they left counts no more; and whoever joins waits until the others have noticed and
        what they did before counts no more.
        """
        if joining and sharers > 1:
            self.hold(min(_NOTICED + self._whole_seconds, _LONGEST_JOINING))
        if sharers >= self._sharers:
            self._fewer = None
            self._divide(sharers)
        elif self._fewer is None or self._fewer[1] != sharers:
            self._fewer = (self._clock.monotonic() + self._whole_seconds, sharers)

    def _divide(self, sharers: int) -> None:
        if sharers == self._sharers:
            return
        self._sharers = sharers
        self._calls = max(1, self._whole_calls // sharers)
        # Of a limit of fewer calls than there are sharers each has one, in so much more time.
        self._seconds = self._whole_seconds * max(1.0, sharers / self._whole_calls)
        self._begun = deque(self._begun, maxlen=self._calls)

    def _grow(self) -> None:
        if self._fewer is not None and self._fewer[0] <= self._clock.monotonic():
            self._divide(self._fewer[1])
            self._fewer = None

    def hold(self, seconds: float) -> None:
        """Let nobody through for some time: the provider said that it is too much."""
        self._closed_until = max(self._closed_until, self._clock.monotonic() + seconds)

    def _next(self) -> float:
        """When the one at the head of the queue may go."""
        self._grow()
        full = len(self._begun) == self._calls
        return max(self._closed_until, self._begun[0] + self._seconds if full else 0.0)

    def _expected(self) -> float:
        """When somebody who joins the queue now may go."""
        self._grow()
        rounds, place = divmod(self._waiting - (self._calls - len(self._begun)), self._calls)
        if rounds < 0:
            return self._closed_until
        oldest = self._begun[place] if place < len(self._begun) else self._clock.monotonic()
        return max(self._closed_until + rounds * self._seconds, oldest + (rounds + 1) * self._seconds)
