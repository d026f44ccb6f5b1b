"""Counts generations that have ended, and corrections, into the rows of statistics: each of them once."""

from __future__ import annotations

import asyncio
from typing import Protocol
from zoneinfo import ZoneInfo

import structlog

from core.clock import Clock
from core.errors import DatabaseAway
from core.generation.job import Job
from core.statistics.record import record_of
from core.statistics.rows import added_by, person_row
from core.storage.rollups import Batch, RollupStore
from core.waiting import happens

_log = structlog.stdlib.get_logger(__name__)

_AT_ONCE = 200
"""The rows of days, months and all time are written once for a batch, however many generations are in it."""
_LOOK_SECONDS = 2.0


class EndedJobs(Protocol):
    """The part of the job store that knows what is not counted yet."""

    async def uncounted(self, limit: int) -> list[Job]:
        """At most `limit` jobs that have ended and are in no statistics yet."""
        ...

    async def mark_ended(self) -> None:
        """Mark all jobs that have ended and are in no statistics."""
        ...

    async def counted(self, job_ids: tuple[str, ...]) -> None:
        """Note that the statistics have these jobs."""
        ...


class Counter:
    """Counts in batches of at most `at_once` generations.

    The instance that reads updates runs it. Should two run for a while, as one takes over from another, each
    batch is still begun by one of them only: what is to be counted is read after the number of the last
    batch, and written down on the condition that this is still the last.
    """

    def __init__(
        self,
        jobs: EndedJobs,
        rollups: RollupStore,
        clock: Clock,
        zone: ZoneInfo,
        *,
        at_once: int = _AT_ONCE,
    ) -> None:
        self._jobs = jobs
        self._rollups = rollups
        self._clock = clock
        self._zone = zone
        self._at_once = at_once
        self._news = asyncio.Event()

    def wake(self) -> None:
        """Something has ended: count it soon."""
        self._news.set()

    async def run(self) -> None:
        """Count whatever ends, until cancelled."""
        while True:
            self._news.clear()
            try:
                while await self.count():
                    pass
            except DatabaseAway as error:
                _log.warning("statistics not counted: database away", error=str(error))
            except Exception:
                _log.exception("statistics not counted")
            await happens(self._news, self._clock, _LOOK_SECONDS)

    async def count(self) -> int:
        """Count a batch; how many generations and corrections were in it, 0 if there was nothing.

        Raises:
            DatabaseAway: nothing is certain; count again.

        """
        last = await self._rollups.last_batch()
        if last is None:
            # These are the first statistics of a database that may have worked without them for long.
            await self._jobs.mark_ended()
            await self._rollups.open()
            return await self.count()
        number, unfinished = last
        batch = unfinished or await self._next(number + 1)
        if batch is None:
            return 0
        if unfinished is None and not await self._rollups.begin(batch):
            return 0
        await self._rollups.apply(batch)
        await self._jobs.counted(batch.jobs)
        await self._rollups.finish(batch)
        return len(batch.jobs) + len(batch.corrections)

    async def _next(self, number: int) -> Batch | None:
        jobs = await self._jobs.uncounted(self._at_once)
        corrections = await self._rollups.corrections(self._at_once)
        if not jobs and not corrections:
            return None
        records = [record for job in jobs if (record := record_of(job)) is not None]
        people = {record.user_id: person_row(record.user_id) for record in records}
        changes = added_by(
            records,
            corrections,
            known_days=await self._rollups.days_of(people) if people else {},
            zone=self._zone,
        )
        keys = tuple(correction.key for correction in corrections)
        return Batch(number, tuple(job.id for job in jobs), keys, changes)
