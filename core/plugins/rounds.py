"""What is done for all plugins again and again, each in its own time and never twice at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from core.clock import Clock

_log = structlog.stdlib.get_logger(__name__)


class Round:
    """Does `work` every `seconds`, when somebody who looks at the clock anyway calls `look`."""

    def __init__(self, name: str, work: Callable[[], Awaitable[None]], seconds: float, clock: Clock) -> None:
        self._name = name
        self._work = work
        self._seconds = seconds
        self._clock = clock
        self._at = clock.monotonic()
        self._under_way: asyncio.Task[None] | None = None

    def look(self) -> None:
        """Begin the next one if its time has come, and the last one is over."""
        now = self._clock.monotonic()
        if now < self._at or self._under_way is not None:
            return
        self._at = now + self._seconds
        self._under_way = asyncio.create_task(self._do(), name=self._name)

    def soon(self) -> None:
        """Do the next one as soon as somebody looks."""
        self._at = self._clock.monotonic()

    async def end(self) -> None:
        """Cancel what is under way."""
        if self._under_way is not None:
            self._under_way.cancel()
            await asyncio.wait({self._under_way})

    async def idle(self) -> None:
        """Wait for what is under way."""
        if self._under_way is not None:
            await asyncio.wait({self._under_way})

    async def _do(self) -> None:
        try:
            await self._work()
        except Exception as error:
            _log.warning("a round of the plugins failed", round=self._name, error=type(error).__name__)
        finally:
            self._under_way = None
