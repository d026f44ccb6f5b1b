"""What follows from each way in which a provider fails: asking again, asking another, or a refund."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.generation.ending import SUBMISSION_LOST, TOOK_TOO_LONG
from core.generation.job import Job, JobState
from core.generation.offering import Offering
from core.generation.ports import Alerts
from core.generation.provider import FailureReason, SafetyFilter
from core.generation.settings import Patience
from core.generation.transitions import Step, Transitions

DETAIL_MAX = 300
"""Characters that are kept of what a provider says about a failure."""


class Course(StrEnum):
    """How a job goes on after a failure."""

    RETRY = "retry"
    """The same provider is asked again later, then another one, then the price goes back."""
    FAILOVER = "failover"
    """Another provider of the same product is asked, if there is one; else the price goes back."""
    REFUND = "refund"
    """The price goes back, and the person is told why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is done about a failure. With `pause` operators are told and the provider rests for a while."""

    course: Course
    pause: bool = False


ON_REFUSAL: Mapping[FailureReason, Answer] = {
    FailureReason.INPUT_REJECTED: Answer(Course.REFUND),
    FailureReason.SAFETY: Answer(Course.REFUND),
    FailureReason.OUT_OF_CREDIT: Answer(Course.FAILOVER, pause=True),
    FailureReason.RATE_LIMITED: Answer(Course.RETRY),
    FailureReason.PROVIDER_FAULT: Answer(Course.FAILOVER),
    FailureReason.EXPIRED: Answer(Course.REFUND),
    FailureReason.UNAVAILABLE: Answer(Course.FAILOVER),
    FailureReason.UNAUTHORIZED: Answer(Course.FAILOVER, pause=True),
    FailureReason.KEY_LIMIT: Answer(Course.FAILOVER, pause=True),
    FailureReason.SOURCE_GONE: Answer(Course.REFUND),
}
"""When a provider did not take a task: nothing runs, and nothing is owed."""
ON_FAILURE: Mapping[FailureReason, Answer] = {
    reason: Answer(Course.REFUND, pause=ON_REFUSAL[reason].pause) for reason in FailureReason
}
"""When a task that was taken has failed: what it cost is spent, so nobody else is asked for it."""


class Failures:
    """Ends jobs that failed: the operator hears of what needs a person, and the reason stays with the job."""

    def __init__(
        self, *, transitions: Transitions, offering: Offering, alerts: Alerts, patience: Patience
    ) -> None:
        self._transitions = transitions
        self._offering = offering
        self._alerts = alerts
        self._patience = patience

    async def note(self, job: Job, reason: FailureReason, answer: Answer) -> None:
        """Let the provider rest where that is the answer."""
        if answer.pause:
            await self._offering.pause(self._offering.account_of(job), reason)

    async def fail(
        self, job: Job, reason: FailureReason, detail: str, safety: SafetyFilter | None = None
    ) -> Step:
        """End a job whose provider says that it failed."""
        return await self._end(job, JobState.FAILED, reason.value, detail, safety=safety)

    async def nonsense(self, job: Job, detail: str) -> Step:
        """End a job whose provider answers what nobody understands."""
        await self._alerts.alert("nonsense", job, detail[:DETAIL_MAX])
        return await self._end(job, JobState.FAILED, FailureReason.PROVIDER_FAULT.value, detail)

    async def expire(self, job: Job, detail: str) -> Step:
        """End a job that had no result in time."""
        await self._alerts.alert("expired", job, detail[:DETAIL_MAX])
        return await self._end(job, JobState.EXPIRED, TOOK_TOO_LONG, detail)

    async def lose(self, job: Job, detail: str) -> Step:
        """End a job of which nobody can say whether its provider has it; not one that has a task by now."""
        step = await self._end(job, JobState.FAILED, SUBMISSION_LOST, detail, known_task="")
        if step.job is not None and step.job.failure == SUBMISSION_LOST:
            await self._alerts.alert(
                "submission_lost", job, "a task may run at the provider that nobody waits for"
            )
        return step

    async def _end(
        self,
        job: Job,
        to: JobState,
        failure: str,
        detail: str,
        *,
        known_task: str | None = None,
        safety: SafetyFilter | None = None,
    ) -> Step:
        told = {"failure": failure, "detail": detail[:DETAIL_MAX], "safety": safety.value if safety else ""}
        ended = await self._transitions.end(job, to, known_task=known_task, **told)
        if ended is not None:
            return Step(ended)
        return await self._transitions.lost(job, wait=self._patience.retry_first)
