"""A person's word to stop a generation, against everything else that can become of it meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from core.generation.calls import ProviderCalls
from core.generation.job import Job, JobState
from core.generation.ports import Inputs
from core.generation.transitions import Transitions
from core.storage.generations import JobStore


class Stopping:
    """Stops jobs, whoever has them. `wake` is called with one that is to be brought to its end at once."""

    def __init__(
        self,
        *,
        jobs: JobStore,
        transitions: Transitions,
        calls: ProviderCalls,
        inputs: Inputs,
        wake: Callable[[Job], None],
    ) -> None:
        self._jobs = jobs
        self._transitions = transitions
        self._calls = calls
        self._inputs = inputs
        self._wake = wake

    async def stop(self, user_id: int, job_id: str) -> bool:
        """Stop a person's job; False where there is nothing to stop any more. See `Generations.cancel`."""
        was_running = False
        while True:
            job = await self._jobs.get(job_id)
            if job is None or job.user_id != user_id:
                return False
            if not job.stoppable:
                cancelled = was_running and job.since(JobState.CANCELLED) is not None
                return cancelled or job.state is JobState.CANCELLED
            was_running = True
            if job.state is JobState.RUNNING and await self._refused_by_provider(job):
                return False
            # Not under the worker's epoch: the person's word counts whoever has the job.
            ended = await self._jobs.advance(
                job.id, expected=(job.state,), to=JobState.CANCELLED, never=JobState.DELIVERING
            )
            if ended is not None:
                await self._inputs.discard(job.inputs)
                await self._transitions.tell(ended)
                self._wake(ended)
                return True

    async def _refused_by_provider(self, job: Job) -> bool:
        """Ask the provider to stop a running task; whether the task simply goes on.

        The wish is noted first: a worker may see the stopped task as failed before this call returns, and
        ends the job as stopped then. Whoever noted the wish takes it back when nothing came of it.
        """
        running = (JobState.RUNNING,)
        noted = await self._jobs.change(
            job.id, expected=running, changes={"stop_wanted": True}, stop_wanted=False
        )
        if await self._calls.cancel(job):
            return False
        if not noted:
            current = await self._jobs.get(job.id)
            return current is not None and current.state is JobState.RUNNING
        return await self._jobs.change(
            job.id, expected=running, changes={"stop_wanted": False}, stop_wanted=True
        )
