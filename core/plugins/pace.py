"""How fast a plugin may do something: not refused, but made to wait."""

from __future__ import annotations

from core.clock import Clock
from core.errors import PluginError
from core.limits import PluginLimits


class Paces:
    """A pace for each plugin."""

    def __init__(self, clock: Clock, limits: PluginLimits) -> None:
        self._clock = clock
        self._limits = limits
        self._paces: dict[str, Pace] = {}

    async def take(self, plugin: str) -> None:
        """Wait for a plugin's turn.

        Raises:
            PluginError: too many of its messages wait already.

        """
        limits = self._limits
        if plugin not in self._paces:
            rate, waiting = limits.messages_per_second, limits.waiting_messages
            self._paces[plugin] = Pace(self._clock, rate=rate, waiting=waiting)
        await self._paces[plugin].take()


class Pace:
    """Lets `rate` things a second through, in the order in which they come; `waiting` of them may wait."""

    def __init__(self, clock: Clock, *, rate: float, waiting: int) -> None:
        self._clock = clock
        self._rate = rate
        self._most = waiting
        self._free_at = 0.0
        self._waiting = 0

    async def take(self) -> None:
        """Wait for one's turn.

        Raises:
            PluginError: too many wait already.

        """
        now = self._clock.monotonic()
        # As many as the rate allows in a second may go at once.
        at = max(self._free_at, now - 1.0) + 1.0 / self._rate
        if at > now and self._waiting >= self._most:
            raise PluginError(
                f"{self._most} messages wait to be sent already; send fewer, or wait for each before the next"
            )
        self._free_at = at
        if at <= now:
            return
        self._waiting += 1
        try:
            await self._clock.sleep(at - now)
        finally:
            self._waiting -= 1
