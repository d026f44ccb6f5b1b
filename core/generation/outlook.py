"""What is told of a running job as time passes, where nothing else happens."""

from __future__ import annotations

from typing import Any

from core.clock import Clock
from core.generation.durations import Durations
from core.generation.job import Job, JobState
from core.generation.ports import Hooks
from core.generation.settings import Patience

_TENTHS = 10


class Outlook:
    """Compares running jobs with what is usual for their models.

    Plugins are told of a job that takes much longer, once by each worker that has it.
    """

    def __init__(self, durations: Durations, *, hooks: Hooks, clock: Clock, patience: Patience) -> None:
        self._durations = durations
        self._hooks = hooks
        self._clock = clock
        self._patience = patience

    def running_for(self, job: Job) -> float:
        """For how many seconds its provider has had the job."""
        submitted = job.since(JobState.SUBMITTED)
        return (self._clock.now() - submitted).total_seconds() if submitted else 0.0

    async def changes(self, job: Job, percent: int | None) -> dict[str, Any]:
        """What is to be noted of a running job of which its provider says this much, if anything."""
        usual = await self._durations.usual(job.model_id)
        passed = self.running_for(job)
        changes: dict[str, Any] = {}
        if percent is None and job.percent is None and usual:
            tenths = min(_TENTHS, int(passed / usual * _TENTHS))
            if tenths > job.tenths:
                changes["tenths"] = tenths
        if passed >= self._patience.slow_moment(usual) and job.slow_told != job.epoch:
            changes["slow_told"] = job.epoch
        return changes

    async def tell(self, job: Job) -> None:
        """Tell of a job that was noted as slow just now."""
        await self._hooks.notify("generation_slow", job=job)

    async def until_slow(self, job: Job) -> float | None:
        """The seconds until it will be slow; None where it is already."""
        left = self._patience.slow_moment(await self._durations.usual(job.model_id)) - self.running_for(job)
        return left if left > 0 else None
