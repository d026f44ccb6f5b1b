"""Ends the holds that no generation will end: the last net below everything that can crash."""

from __future__ import annotations

from datetime import timedelta

import structlog

from core.billing.ledger import HeldStars, Ledger
from core.clock import Clock
from core.errors import UnknownHold
from core.generation.job import JobState
from core.storage.generations import JobStore

_log = structlog.stdlib.get_logger(__name__)

_ACTOR = "sweeper"
_FOREIGN = ":"
"""A hold whose id has this in it is not a generation's."""


class Sweeper:
    """Looks at every hold older than `age` seconds.

    A generation is written before its price is held, so a hold without one is an orphan; one whose generation
    is closed came too late. Several sweepers at once do no harm.
    """

    def __init__(self, jobs: JobStore, ledger: Ledger, clock: Clock, *, age: float) -> None:
        self._jobs = jobs
        self._ledger = ledger
        self._clock = clock
        self._age = timedelta(seconds=age)

    async def sweep(self) -> int:
        """End what is to be ended; how many holds that were."""
        latest = self._clock.now() - self._age
        ended = 0
        for held in await self._ledger.all_holds():
            if held.at <= latest and _FOREIGN not in held.hold_id:
                ended += await self._end(held)
        return ended

    async def _end(self, held: HeldStars) -> bool:
        job = await self._jobs.get(held.hold_id)
        try:
            if job is None or job.state is JobState.RELEASED:
                await self._ledger.release(held.user_id, held.hold_id, actor=_ACTOR, reason="no live job")
            elif job.state is JobState.DELIVERED:
                await self._ledger.settle(held.user_id, held.hold_id, actor=_ACTOR, reason="delivered")
            else:
                return False
        except UnknownHold:
            return False
        _log.warning("hold swept", request_id=held.hold_id, stars=held.amount, job_found=job is not None)
        return True
