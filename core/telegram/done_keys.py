"""Notes which updates are handled, many at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

import structlog

from core.clock import Clock
from core.errors import StarloomError
from core.waiting import happens

_log = structlog.stdlib.get_logger(__name__)


class _Inbox(Protocol):
    async def done(self, keys: Sequence[str]) -> None: ...


class DoneKeys:
    """Keys of handled updates, written when there are `batch` of them or the oldest is `seconds` old.

    What is not written when the process dies is handled again: handlers are made for that.
    """

    def __init__(self, inbox: _Inbox, clock: Clock, *, batch: int, seconds: float) -> None:
        self._inbox = inbox
        self._clock = clock
        self._batch = batch
        self._seconds = seconds
        self._keys: list[str] = []
        self._some = asyncio.Event()
        self._many = asyncio.Event()

    def add(self, key: str) -> None:
        """Note a key."""
        self._keys.append(key)
        self._some.set()
        if len(self._keys) >= self._batch:
            self._many.set()

    async def run(self) -> None:
        """Write what comes, until cancelled."""
        while True:
            await self._some.wait()
            await happens(self._many, self._clock, self._seconds)
            await self.flush()

    async def flush(self) -> None:
        """Write what there is; what cannot be written is tried again with the next."""
        keys, self._keys = self._keys, []
        self._some.clear()
        self._many.clear()
        if not keys:
            return
        try:
            await self._inbox.done(keys)
        except asyncio.CancelledError:
            self._keys = keys + self._keys
            raise
        except StarloomError as error:
            self._keys = keys + self._keys
            _log.warning("inbox_done_not_written", keys=len(keys), error=str(error))
