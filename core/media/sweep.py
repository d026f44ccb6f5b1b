"""Forgets the files that nobody has come back for."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from core.clock import Clock
from core.media.store import InputStore, StoreAway
from core.waiting import happens

_log = structlog.stdlib.get_logger(__name__)

_EVERY = 1800.0


class InputSweep:
    """Deletes files older than `age`: they were fresh, and then there was time for all that can need them."""

    def __init__(self, store: InputStore, clock: Clock, *, age: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._age = age

    async def run(self, stop: asyncio.Event) -> None:
        """Sweep now and then until `stop` is set."""
        while not stop.is_set():
            await self.sweep()
            await happens(stop, self._clock, _EVERY)

    async def sweep(self) -> None:
        """Delete what is too old."""
        try:
            swept = await self._store.sweep(self._clock.now() - self._age)
        except (StoreAway, OSError) as error:
            _log.warning("inputs not swept", error=str(error))
            return
        if swept:
            _log.info("inputs swept", count=swept)
