"""What follows from every change of a job, before plugins hear of it."""

from __future__ import annotations

import structlog

from core.errors import DatabaseAway
from core.generation.durations import Durations
from core.generation.job import ENDED_BADLY, Job, JobState
from core.generation.ports import Notify
from core.generation.queue import Queue

_log = structlog.stdlib.get_logger(__name__)


class Following:
    """Counts how long deliveries took, and lets the next in the queue begin when a place is free.

    It may be cut short by a crash anywhere: a duration is then not counted, and what waits looks for a place
    by itself now and then.
    """

    def __init__(self, durations: Durations, queue: Queue, notify: Notify) -> None:
        self._durations = durations
        self._queue = queue
        self._notify = notify

    async def __call__(self, job: Job) -> None:
        """A job has changed; does not raise."""
        await self._notify(job)
        if job.state is JobState.DELIVERED:
            await self._durations.note(job)
        if job.state is JobState.DELIVERED or job.state in ENDED_BADLY:
            try:
                await self._queue.move_up(job.user_id, shorter=True)
            except DatabaseAway as error:
                _log.warning("queue not looked at", request_id=job.id, error=str(error))
