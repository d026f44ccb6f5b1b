"""Hands jobs to providers: once where that can be known, and to another provider where the first is down."""

from __future__ import annotations

from dataclasses import replace

import structlog

from core.clock import Clock
from core.errors import ProviderError
from core.generation.calls import ProviderCalls, ProviderNonsense
from core.generation.failures import ON_REFUSAL, Course, Failures
from core.generation.job import Job, JobState
from core.generation.offering import Offering
from core.generation.prices import Facts
from core.generation.provider import SubmissionRefused, SubmissionUnknown
from core.generation.registry import Registry
from core.generation.settings import Patience
from core.generation.transitions import Step, Transitions

_log = structlog.stdlib.get_logger(__name__)


class Submission:
    """The steps of a job from its hold to its task.

    `submitted` means that the provider may have the task: it is entered before the provider is asked. A job
    found in it without a task is looked for before it is submitted again: in the provider's list, or, where
    there is none, by waiting for the callback that names the task. Another provider is asked only after one
    has surely taken nothing, and the job names it before it is asked.
    """

    def __init__(
        self,
        *,
        transitions: Transitions,
        calls: ProviderCalls,
        failures: Failures,
        offering: Offering,
        registry: Registry,
        clock: Clock,
        patience: Patience,
    ) -> None:
        self._transitions = transitions
        self._calls = calls
        self._failures = failures
        self._offering = offering
        self._registry = registry
        self._clock = clock
        self._patience = patience

    async def begin(self, job: Job) -> Step:
        """Submit a job that is held."""
        submitted = await self._transitions.advance(job, JobState.SUBMITTED, attempts=job.attempts)
        if submitted is None or submitted.state is not JobState.SUBMITTED:
            # Not as it was read, or stopped in the moment since.
            return await self._lost(job)
        return await self._submit(submitted)

    async def resume(self, job: Job) -> Step:
        """Take up a job whose submission nobody saw the end of: ask before asking twice."""
        try:
            task_id = job.task_id or await self._calls.find(job)
        except SubmissionUnknown:
            return await self._wait_for_news(job)
        except ProviderNonsense as error:
            return await self._unconfirmed(job, str(error))
        except ProviderError as error:
            return await self._not_found_yet(job, str(error))
        if task_id:
            return await self._run(job, task_id)
        if self._waited(job) > self._patience.deadline:
            return await self._failures.expire(job, "not submitted in time")
        return await self._submit(job)

    async def _submit(self, job: Job) -> Step:
        resting = self._offering.why_resting(self._offering.account_of(job))
        if resting is not None:
            return await self._refused(job, SubmissionRefused(resting, "the provider rests"))
        try:
            taken = await self._calls.submit(job)
        except SubmissionRefused as refusal:
            return await self._refused(job, refusal)
        except SubmissionUnknown as error:
            return await self._unconfirmed(job, str(error))
        return await self._run(job, taken.task_id, prompt_tokens=taken.prompt_tokens)

    async def _refused(self, job: Job, refusal: SubmissionRefused) -> Step:
        """Nothing runs, so it is safe to ask again, or somebody else."""
        answer = ON_REFUSAL[refusal.reason]
        await self._failures.note(job, refusal.reason, answer)
        if refusal.gone:
            await self._offering.withdraw(job)
        attempts = job.attempts + 1
        if answer.course is Course.RETRY and attempts < self._patience.busy_attempts:
            waiting = await self._transitions.advance(job, JobState.HELD, attempts=attempts)
            wait = self._patience.busy_wait(attempts)
            return Step(waiting, wait) if waiting else await self._lost(job)
        if answer.course is not Course.REFUND:
            other = self._handed_on(job)
            if other is not None:
                return await self._hand_on(job, other, refusal)
        return await self._failures.fail(job, refusal.reason, refusal.detail, refusal.safety)

    def _handed_on(self, job: Job) -> Job | None:
        """The job as another provider would make it, at the same price; None where there is none left."""
        tried = (*job.tried, job.made_by or job.model_id)
        facts = Facts.of(job.prompt, job.inputs)
        for other in self._registry.alternates_for(job.model_id, job.options, facts, stars=job.price):
            taker, account = self._registry.taker_of(other.model), self._registry.account_of(other.model)
            if other.model.id in tried or taker == job.provider or self._offering.why_resting(account):
                continue
            made_with = {"options": other.options, "fields": other.fields}
            return replace(
                job,
                provider=taker,
                made_by=other.model.id,
                made_with=made_with,
                cost_usd=other.usd,
                tried=tried,
            )
        return None

    async def _hand_on(self, job: Job, other: Job, refusal: SubmissionRefused) -> Step:
        _log.warning(
            "handed on",
            request_id=job.id,
            provider=job.provider,
            reason=refusal.reason.value,
            to=other.provider,
            model=other.made_by,
        )
        handed_on = await self._transitions.advance(
            job,
            JobState.HELD,
            provider=other.provider,
            made_by=other.made_by,
            made_with=other.made_with,
            cost_usd=other.cost_usd,
            tried=other.tried,
        )
        return Step(handed_on) if handed_on else await self._lost(job)

    async def _unconfirmed(self, job: Job, detail: str) -> Step:
        """Nobody knows whether a task runs. The job stays `submitted`, so the next step looks for it."""
        attempts = job.attempts + 1
        if attempts >= self._patience.attempts:
            return await self._failures.lose(job, detail)
        return await self._look_again(job, attempts, detail)

    async def _not_found_yet(self, job: Job, detail: str) -> Step:
        """The provider cannot be asked just now; its own outage is waited out for a while."""
        if self._waited(job) > self._patience.lost_after:
            return await self._failures.lose(job, detail)
        return await self._look_again(job, job.attempts + 1, detail)

    async def _look_again(self, job: Job, attempts: int, detail: str) -> Step:
        _log.warning("submission unconfirmed", request_id=job.id, provider=job.provider, error=detail)
        waiting = await self._transitions.change(job, attempts=attempts)
        return Step(waiting, self._patience.retry_wait(attempts)) if waiting else await self._lost(job)

    async def _wait_for_news(self, job: Job) -> Step:
        """The provider cannot say whether it has the task; its callback would, where it was given one."""
        remaining = self._patience.lost_after - self._waited(job)
        if remaining <= 0 or not self._calls.callback_url(job):
            return await self._failures.lose(job, "submission reply lost")
        return Step(job, remaining + self._patience.retry_first)

    async def _run(self, job: Job, task_id: str, *, prompt_tokens: int | None = None) -> Step:
        tokens = job.prompt_tokens if prompt_tokens is None else prompt_tokens
        running = await self._transitions.advance(
            job, JobState.RUNNING, task_id=task_id, prompt_tokens=tokens
        )
        if running is not None:
            return Step(running, self._patience.poll_first)
        step = await self._lost(job)
        if step.job is not None and not step.job.active:
            # Stopped while it was being submitted: the end of the job is to stop the task as well.
            return Step(replace(step.job, task_id=task_id))
        return step

    async def _lost(self, job: Job) -> Step:
        return await self._transitions.lost(job, wait=self._patience.retry_first)

    def _waited(self, job: Job) -> float:
        submitted = job.since(JobState.SUBMITTED)
        return (self._clock.now() - submitted).total_seconds() if submitted else 0.0
