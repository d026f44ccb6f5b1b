"""A generation's way from the person's word to a finished file, one step at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from core.billing.ledger import Ledger
from core.billing.operations import PROMO
from core.errors import InsufficientStars, ProviderError, UnknownHold
from core.generation.calls import ProviderCalls, ProviderNonsense
from core.generation.delivery import Delivery
from core.generation.ending import ACTOR, BALANCE_SHORT, Ending
from core.generation.failures import DETAIL_MAX, ON_FAILURE, Failures
from core.generation.job import Job, JobState
from core.generation.media import result_fields
from core.generation.outlook import Outlook
from core.generation.ports import Alerts
from core.generation.provider import Failed, Running, Status, Succeeded, Waiting
from core.generation.queue import Queue
from core.generation.settings import Patience
from core.generation.submitting import Submission
from core.generation.transitions import Step, Transitions

_log = structlog.stdlib.get_logger(__name__)

_SHOWN = ("percent", "tenths")
"""Changes within a state that people are shown."""


class Pipeline:
    """Brings a job one step on. Every step can be done again, by anybody, after a crash anywhere in it."""

    def __init__(
        self,
        *,
        transitions: Transitions,
        ledger: Ledger,
        calls: ProviderCalls,
        submission: Submission,
        delivery: Delivery,
        ending: Ending,
        failures: Failures,
        queue: Queue,
        outlook: Outlook,
        alerts: Alerts,
        patience: Patience,
    ) -> None:
        self._transitions = transitions
        self._ledger = ledger
        self._calls = calls
        self._failures = failures
        self._queue = queue
        self._alerts = alerts
        self._outlook = outlook
        self._patience = patience
        self._steps: dict[JobState, Callable[[Job], Awaitable[Step]]] = {
            JobState.CREATED: self._hold,
            JobState.QUEUED: self._wait_for_place,
            JobState.HELD: submission.begin,
            JobState.SUBMITTED: submission.resume,
            JobState.RUNNING: self._poll,
            JobState.READY: delivery.step,
            JobState.DELIVERING: delivery.step,
            JobState.FAILED: ending.step,
            JobState.CANCELLED: ending.step,
            JobState.EXPIRED: ending.step,
        }

    async def step(self, job: Job) -> Step:
        """Do the next thing for a job, and say when to look at it again."""
        step = self._steps.get(job.state)
        # Whatever is logged on the way, by the HTTP layer and by providers, says which job it is about.
        with structlog.contextvars.bound_contextvars(request_id=job.id):
            return await step(job) if step else Step(None)

    async def hold(self, job: Job) -> Job:
        """Hold a created job's price, a free one's from the promo account; answers the job as it then is.

        One whose place is in the queue waits for its turn from then on.

        Its maker does it at once; a worker that finds the job first may do it as well: it stays one hold.

        Raises:
            InsufficientStars: the balance does not cover it, and this call ended the job without a hold. Its
                person is to be told by the caller.

        """
        try:
            await self._ledger.hold(
                job.user_id,
                job.id,
                job.price,
                actor=ACTOR,
                reason="generation",
                source=PROMO if job.free else "",
            )
        except InsufficientStars:
            failed = await self._transitions.advance(
                job, JobState.FAILED, failure=BALANCE_SHORT, notified=not job.worker
            )
            if failed is not None:
                raise
            return await self._current(job)
        held = await self._transitions.advance(job, JobState.QUEUED if job.waits else JobState.HELD)
        return held or await self._held_in_vain(job)

    async def _held_in_vain(self, job: Job) -> Job:
        """The job went on, or ended, while its price was being held; an ended one needs no hold."""
        current = await self._current(job)
        if current.state is JobState.RELEASED:
            try:
                await self._ledger.release(
                    job.user_id, job.id, actor=ACTOR, reason=current.failure or "ended"
                )
            except UnknownHold:
                _log.debug("nothing was held", request_id=job.id)
        return current

    async def _current(self, job: Job) -> Job:
        return await self._transitions.reload(job)

    async def _hold(self, job: Job) -> Step:
        try:
            current = await self.hold(job)
        except InsufficientStars:
            current = await self._current(job)
        return Step(current if current.epoch == job.epoch else None)

    async def _wait_for_place(self, job: Job) -> Step:
        """Begin if there is a place and it is this one's turn; whoever frees a place looks as well."""
        await self._queue.move_up(job.user_id)
        current = await self._current(job)
        if current.epoch != job.epoch:
            return Step(None)
        return Step(current, self._patience.queue_look if current.state is job.state else 0.0)

    async def _poll(self, job: Job) -> Step:
        try:
            status = await self._calls.poll(job)
        except ProviderNonsense as error:
            return await self._nonsense(job, str(error))
        except ProviderError as error:
            _log.info("provider not asked", request_id=job.id, provider=job.provider, error=str(error))
            status = Waiting()
        return await self._follow(job, status)

    async def _follow(self, job: Job, status: Status) -> Step:
        match status:
            case Succeeded(results=results, metadata=metadata):
                fields = tuple(result_fields(result) for result in results)
                ready = await self._transitions.advance(
                    job,
                    JobState.READY,
                    results=fields,
                    percent=100,
                    enhanced_prompt_tokens=_count(metadata.get("enhanced_prompt_tokens")),
                )
                return Step(ready) if ready else await self._lost(job)
            case Failed(reason=reason, detail=detail, safety=safety):
                await self._failures.note(job, reason, ON_FAILURE[reason])
                return await self._failures.fail(job, reason, detail, safety)
        if self._is_overdue(job):
            return await self._failures.expire(job, _note_of(status))
        current = await self._note_progress(job, status)
        return Step(current, await self._poll_wait(current)) if current else await self._lost(job)

    async def _note_progress(self, job: Job, status: Waiting | Running) -> Job | None:
        changes: dict[str, Any] = {"attempts": 0} if job.attempts else {}
        percent = status.percent if isinstance(status, Running) else None
        if percent is not None and percent != job.percent:
            changes["percent"] = percent
        note = _note_of(status)
        if note and not job.detail and self._outlook.running_for(job) > self._patience.unknown_after:
            await self._alerts.alert("unknown_status", job, note)
            changes["detail"] = note
        changes |= await self._outlook.changes(job, percent)
        if not changes:
            return job
        changed = await self._transitions.change(job, **changes)
        if changed is not None and not changes.keys().isdisjoint(_SHOWN):
            await self._transitions.tell(changed)
        if changed is not None and "slow_told" in changes:
            await self._outlook.tell(changed)
        return changed

    async def _nonsense(self, job: Job, detail: str) -> Step:
        attempts = job.attempts + 1
        if attempts >= self._patience.attempts:
            return await self._failures.nonsense(job, detail)
        waiting = await self._transitions.change(job, attempts=attempts)
        return Step(waiting, self._patience.retry_wait(attempts)) if waiting else await self._lost(job)

    async def _lost(self, job: Job) -> Step:
        return await self._transitions.lost(job, wait=self._patience.retry_first)

    def _is_overdue(self, job: Job) -> bool:
        return self._outlook.running_for(job) > self._patience.deadline

    async def _poll_wait(self, job: Job) -> float:
        """The wait before the next poll; neither the deadline nor the word to the person is waited past."""
        running_for = self._outlook.running_for(job)
        moments = [self._patience.deadline - running_for]
        until_slow = await self._outlook.until_slow(job)
        moments += [until_slow] if until_slow is not None else []
        remaining = max(self._patience.poll_first, min(moments) + 0.001)
        return min(remaining, self._patience.poll_wait(running_for))


def _count(told: object) -> int:
    """A number that a provider tells; 0 for everything that is none."""
    return told if type(told) is int and told >= 0 else 0


def _note_of(status: Waiting | Running) -> str:
    return status.note[:DETAIL_MAX] if isinstance(status, Waiting) else ""
