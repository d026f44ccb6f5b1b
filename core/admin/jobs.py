"""Generations as operators look them up, follow them, and put them right."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.billing.cases import Cases, Decided
from core.billing.refund_cases import RefundCases
from core.errors import UserFacingError
from core.generation.history import JobMoney
from core.generation.job import Job, JobState
from core.generation.service import Generations
from core.storage.audit import AuditLog
from core.storage.claims import Claim, Claims
from core.storage.generations import JobStore
from core.storage.people_search import PeopleSearch

_FOUND = 10
_GIVE_BACK = "refund"


@dataclass(frozen=True, slots=True)
class Stage:
    """A state that a generation was in: since when, and for how long; None for the one that it is in."""

    state: JobState
    at: datetime
    time: timedelta | None


class JobDesk:
    """Looks generations up and acts on them; of two operators who act on one at once, the first does."""

    def __init__(
        self,
        *,
        jobs: JobStore,
        people: PeopleSearch,
        generations: Callable[[], Generations],
        cases: Callable[[], Cases],
        refunds: Callable[[], RefundCases],
        claims: Claims,
        audit: AuditLog,
    ) -> None:
        self._jobs = jobs
        self._people = people
        self._generations = generations
        self._cases = cases
        self._refunds = refunds
        self._claims = claims
        self._audit = audit

    async def find(self, words: str) -> list[Job]:
        """The newest generations of this request id, task id, state, model, or person; at most ten."""
        wanted = words.strip()
        if not wanted:
            return []
        exact = await self._jobs.get(wanted.lower())
        if exact is not None:
            return [exact]
        found = await self._jobs.newest({"task_id": wanted}, _FOUND)
        if not found and wanted.lower() in {state.value for state in JobState}:
            return await self._jobs.newest({"state": wanted.lower()}, _FOUND)
        if not found:
            found = await self._jobs.newest({"model_id": wanted}, _FOUND)
        if not found:
            people = await self._people.find(wanted, 1)
            found = await self._jobs.newest({"user_id": people[0].id}, _FOUND) if people else []
        return found

    async def newest(self) -> list[Job]:
        """The newest of all that are not over."""
        return await self._jobs.newest({"active_user": {"$gt": 0}}, _FOUND)

    async def get(self, job_id: str) -> Job | None:
        """One of them."""
        return await self._jobs.get(job_id)

    async def money(self, job: Job) -> JobMoney:
        """What the ledger did for it."""
        return await self._generations().history.money(job)

    async def cancel(self, job: Job, *, by: int) -> Claim:
        """Stop it; its price goes back.

        Raises:
            UserFacingError: there is nothing to stop any more.

        """

        async def act() -> None:
            if not await self._generations().cancel(job.user_id, job.id):
                raise UserFacingError("job-not-stopped")

        return await self._once(job, "cancel", by, act)

    async def retry(self, job: Job, *, by: int) -> Claim:
        """Let whoever has it look at it at once instead of when its turn comes.

        Raises:
            UserFacingError: it is over, and what was ordered is erased.

        """

        async def act() -> None:
            if not await self._jobs.rouse(job.id):
                raise UserFacingError("job-is-over")

        return await self._once(job, "retry", by, act)

    async def redeliver(self, job: Job, *, key: str, by: int) -> None:
        """Send its result to its person once more, at no cost.

        Raises:
            UserFacingError: there is no result (any more).
            TelegramError: Telegram refused.

        """
        await self._generations().send_again(job.user_id, job.id, key=f"operator:{key}")
        await self._audit.write(f"user:{by}", "jobs.redeliver", before=job.state, after={"job": job.id})

    async def refund(self, job: Job, *, by: int) -> Decided:
        """Give its price back, as a decision on its person's own request for that would.

        Raises:
            UserFacingError: nothing was paid for it in the end.

        """
        case_id = f"refund-job:{job.id}"
        if await self._cases().get(case_id) is None:
            await self._refunds().ask_for_generation(job.user_id, job.id, "")
        decided = await self._cases().decide(case_id, _GIVE_BACK, by)
        if decided.first:
            after = {"job": job.id, "stars": decided.case.data.get("stars", 0)}
            await self._audit.write(f"user:{by}", "jobs.refund", before=job.state, after=after)
        return decided

    async def _once(self, job: Job, what: str, by: int, act: Callable[[], Awaitable[None]]) -> Claim:
        claim = await self._claims.take(f"job:{job.id}:{what}:{job.state}:{job.attempts}", what, by=by)
        if claim.first:
            await act()
            now = await self._jobs.get(job.id)
            after = {"job": job.id, "state": now.state if now else None}
            await self._audit.write(f"user:{by}", f"jobs.{what}", before=job.state, after=after)
        return claim


def timeline(job: Job) -> tuple[Stage, ...]:
    """The states that a generation went through, in the order in which it entered them."""
    entered = sorted((at, JobState(state)) for state, at in job.timings.items())
    ends = [at for at, _ in entered[1:]]
    times = [end - at for (at, _), end in zip(entered, ends, strict=False)]
    return tuple(Stage(state, at, time) for (at, state), time in zip(entered, [*times, None], strict=True))
