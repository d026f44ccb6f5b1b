"""One instance at a time: takes a lease, keeps it alive, and tells when it is gained and lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

from core.background import end_all
from core.clock import Clock
from core.errors import LeaseLost, StarloomError
from core.storage.leases import Lease, Leases

_log = structlog.stdlib.get_logger(__name__)

_RETRY_SHARE = 20
"""A waiting instance asks this many times within one lease's life."""


class Leadership:
    """Holds the lease `name` whenever nobody else does.

    `seconds` is the lease's life, `heartbeat` how often it is renewed. `on_gain` is awaited before the first
    heartbeat; `on_loss` when the lease is lost, or could not be renewed until it ran out.
    """

    def __init__(
        self,
        leases: Leases,
        name: str,
        owner: str,
        *,
        clock: Clock,
        seconds: float,
        heartbeat: float,
        on_gain: Callable[[Lease], Awaitable[None]],
        on_loss: Callable[[], Awaitable[None]],
    ) -> None:
        self._leases = leases
        self._name = name
        self._owner = owner
        self._clock = clock
        self._seconds = seconds
        self._heartbeat = heartbeat
        self._on_gain = on_gain
        self._on_loss = on_loss
        self._lease: Lease | None = None
        self._task: asyncio.Task[None] | None = None
        self._gaining: asyncio.Task[None] | None = None
        self._stopping = False
        self._losing = asyncio.Lock()

    @property
    def leading(self) -> bool:
        """Whether this instance holds the lease."""
        return self._lease is not None

    def start(self) -> None:
        """Begin to wait for the lease."""
        self._task = asyncio.create_task(self._run(), name=f"lease {self._name}")

    async def stop(self) -> None:
        """Give up what the lease stands for, then the lease, so that nobody need wait for it to run out.

        Until all of it has stopped the lease is renewed. Whatever was being started is broken off first, so
        that nothing begins behind what was given up.
        """
        self._stopping = True
        await self._end_gaining()
        try:
            await self._lose()
        finally:
            await self._let_go()

    async def _let_go(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            await end_all([task])
        lease, self._lease = self._lease, None
        if lease is not None:
            await self._leases.release(lease)

    async def _run(self) -> None:
        while True:
            lease = await self._acquire()
            if lease is None:
                await self._clock.sleep(self._seconds / _RETRY_SHARE)
                continue
            self._lease = lease
            _log.info("lease gained", lease=self._name, epoch=lease.epoch)
            await self._lead(lease)
            _log.warning("lease lost", lease=self._name)

    async def _lead(self, lease: Lease) -> None:
        """Gain, renew until the lease is lost, and give up what it stands for.

        Renewal runs beside `on_gain`: a slow start must not cost the lease.
        """
        if not self._stopping:
            self._gaining = asyncio.create_task(self._gain(lease), name=f"gaining {self._name}")
        await self._renew_until_lost()
        await self._end_gaining()
        await self._lose()

    async def _gain(self, lease: Lease) -> None:
        try:
            await self._on_gain(lease)
        except Exception:
            _log.exception("what the lease stands for could not be started", lease=self._name)
            # Without this the instance would hold the lease and do nothing with it.
            self._lease = None
            with contextlib.suppress(StarloomError):
                await self._leases.release(lease)

    async def _end_gaining(self) -> None:
        gaining, self._gaining = self._gaining, None
        if gaining is not None:
            await end_all([gaining])

    async def _lose(self) -> None:
        """Give up what the lease stands for; whoever comes second waits until the first has done it."""
        async with self._losing:
            await self._on_loss()

    async def _renew_until_lost(self) -> None:
        alive_until = self._clock.monotonic() + self._seconds
        while True:
            await self._clock.sleep(self._heartbeat)
            lease = self._lease
            if lease is None:
                return
            asked = self._clock.monotonic()
            try:
                renewed = await self._leases.renew(lease)
            except LeaseLost:
                self._lease = None
            except Exception as error:
                _log.warning("lease could not be renewed", lease=self._name, error=type(error).__name__)
                if self._clock.monotonic() >= alive_until - self._heartbeat:
                    self._lease = None
            else:
                alive_until = asked + self._seconds
                # Given up meanwhile by `_gain`: it must not come back.
                self._lease = renewed if self._lease is not None else None

    async def _acquire(self) -> Lease | None:
        try:
            return await self._leases.acquire(self._name, self._owner, self._seconds)
        except Exception as error:
            _log.warning("lease could not be asked for", lease=self._name, error=type(error).__name__)
            return None
