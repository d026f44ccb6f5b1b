"""Generations as operators look them up, follow them, and put them right."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.billing.cases import Cases, Decided
from core.billing.refund_cases import RefundCases
from core.errors import UserFacingError
from core.generation.history import JobMoney
from core.generation.job import ENDED_BADLY, Job, JobState
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
            return await self._jobs.last_in(JobState(wanted.lower()), _FOUND)
        if not found:
            found = await self._jobs.newest({"model_id": wanted}, _FOUND)
        if not found:
            people = await self._people.find(wanted, 1)
            found = await self.of_person(people[0].id) if people else []
        return found

    async def of_person(self, user_id: int) -> list[Job]:
        """A person's newest; at most ten."""
        return await self._jobs.newest({"user_id": user_id}, _FOUND)

    async def newest(self) -> list[Job]:
        """The newest of all that are not over."""
        return await self._jobs.newest_active(_FOUND)

    async def get(self, job_id: str) -> Job | None:
        """One of them."""
        return await self._jobs.get(job_id)

    async def money(self, job: Job) -> JobMoney:
        """What the ledger did for it."""
        return await self._generations().history.money(job)

    async def cancel(self, job: Job, *, seen: str, by: int) -> Claim:
        """Stop it; its price goes back. `seen` is what `seen_of` said of it to the operator.

        Raises:
            UserFacingError: there is nothing to stop any more.

        """

        async def act() -> None:
            if not await self._generations().cancel(job.user_id, job.id):
                raise UserFacingError("job-not-stopped")

        return await self._once(job, "cancel", seen, by, act)

    async def retry(self, job: Job, *, seen: str, by: int) -> Claim:
        """Let whoever has it look at it at once instead of when its turn comes.

        Raises:
            UserFacingError: it is over, and what was ordered is erased.

        """

        async def act() -> None:
            if not await self._jobs.rouse(job.id):
                raise UserFacingError("job-is-over")

        return await self._once(job, "retry", seen, by, act)

    async def redeliver(self, job: Job, *, key: str, seen: str, by: int) -> Claim:
        """Send its result to its person once more, at no cost; once for each `key`.

        Raises:
            UserFacingError: there is no result (any more).
            TelegramError: Telegram refused.

        """

        async def act() -> None:
            await self._generations().send_again(job.user_id, job.id, key=f"operator:{key}")

        return await self._once(job, "redeliver", seen, by, act)

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
            before = {"job": job.id, "state": job.state}
            await self._audit.write(f"user:{by}", "jobs.refund", before=before, after=after)
        return decided

    async def _once(
        self, job: Job, what: str, seen: str, by: int, act: Callable[[], Awaitable[None]]
    ) -> Claim:
        """Act, unless another operator has done the same to what both have seen."""
        now = seen_of(job)
        if seen != now:
            earlier = await self._claims.take(_about(job, what, seen), what, by=by, stale=True)
            if earlier.by:
                return earlier
        # Else it has moved on by itself, and what is asked for may make sense still.
        claim = await self._claims.take(_about(job, what, now), what, by=by)
        if claim.first:
            await act()
            after = await self._jobs.get(job.id)
            await self._audit.write(
                f"user:{by}",
                f"jobs.{what}",
                before={"job": job.id, "state": job.state},
                after={"job": job.id, "state": after.state if after else None},
            )
        return claim


def seen_of(job: Job) -> str:
    """A generation as it stands, in a few letters for a button: its state, and where its result was sent."""
    stands = f"{job.state}:{job.attempts}:{job.uploaded}"
    return hashlib.blake2b(stands.encode(), digest_size=3).hexdigest()


def can_be_roused(job: Job) -> bool:
    """Whether anything may be left to do for it: it is not over, or its end is still to be told."""
    return job.active or job.state in ENDED_BADLY


def _about(job: Job, what: str, seen: str) -> str:
    return f"job:{job.id}:{what}:{seen}"


def timeline(job: Job) -> tuple[Stage, ...]:
    """The states that a generation went through, in the order in which it entered them."""
    entered = sorted((at, JobState(state)) for state, at in job.timings.items())
    ends = [at for at, _ in entered[1:]]
    times = [end - at for (at, _), end in zip(entered, ends, strict=False)]
    return tuple(Stage(state, at, time) for (at, state), time in zip(entered, [*times, None], strict=True))
