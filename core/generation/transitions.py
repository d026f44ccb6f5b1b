"""Every change of a job: one conditional update, and then plugins are told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from core.generation.job import Job, JobState
from core.generation.ports import Inputs, Notify
from core.storage.generations import JobStore


@dataclass(frozen=True, slots=True)
class Step:
    """What became of a job in one step. `wait` is seconds until the next; without a job there is none."""

    job: Job | None
    wait: float = 0.0


class Transitions:
    """Moves jobs from state to state, on the condition that they are still as they were read.

    A job that a worker has claimed is written only under the epoch of that worker's lease.
    """

    def __init__(self, jobs: JobStore, notify: Notify, inputs: Inputs) -> None:
        """`inputs` forgets the files that people gave, when the job they were for has ended."""
        self._jobs = jobs
        self._notify = notify
        self._inputs = inputs

    async def advance(
        self,
        job: Job,
        to: JobState,
        *,
        stop_wanted: bool | None = None,
        known_task: str | None = None,
        **changes: Any,
    ) -> Job | None:
        """Move a job on; None when it was not as it was read any more.

        With `stop_wanted`, only if its person has, or has not, asked to stop it; with `known_task`, only if
        that is its task. A new state begins with no failed attempts unless `changes` says otherwise; a job
        that ends loses its prompt and its inputs, and gives its person's slot back.
        """
        moved = await self._jobs.advance(
            job.id,
            expected=(job.state,),
            to=to,
            epoch=_epoch_of(job),
            changes=changes,
            stop_wanted=stop_wanted,
            known_task=known_task,
        )
        if moved is not None and not moved.active and job.inputs:
            await self._inputs.discard(job.inputs)
        if moved is not None:
            await self._notify(moved)
        return moved

    async def change(self, job: Job, **changes: Any) -> Job | None:
        """Change a job within its state; None when it was not as it was read any more."""
        changed = await self._jobs.change(
            job.id, expected=(job.state,), epoch=_epoch_of(job), changes=changes
        )
        return replace(job, **changes) if changed else None

    async def end(
        self, job: Job, to: JobState, *, known_task: str | None = None, **changes: Any
    ) -> Job | None:
        """End a job without a result; None when it was not as it was read any more.

        If its person has asked to stop it, that is why it ended, whatever the provider says about it.
        """
        while True:
            if job.stop_wanted:
                ended = await self.advance(job, JobState.CANCELLED, stop_wanted=True)
            else:
                ended = await self.advance(job, to, stop_wanted=False, known_task=known_task, **changes)
            if ended is not None:
                return ended
            current = await self._jobs.get(job.id)
            if current is None or (current.state, current.epoch) != (job.state, job.epoch):
                return None
            if current.stop_wanted == job.stop_wanted or current.task_id != job.task_id:
                return None
            job = current

    async def tell(self, job: Job) -> None:
        """Tell plugins how a job stands."""
        await self._notify(job)

    async def reload(self, job: Job) -> Job:
        """The job as it is now."""
        return await self._jobs.get(job.id) or job

    async def lost(self, job: Job, *, wait: float) -> Step:
        """How to go on with a job that has changed under our hands: not at all, if it is another's now."""
        current = await self._jobs.get(job.id)
        if current is None or current.epoch != job.epoch:
            return Step(None)
        return Step(current, wait if current.state is job.state else 0.0)


def _epoch_of(job: Job) -> int | None:
    return job.epoch if job.worker else None
