"""Calls to providers: each bounded in time, each answer checked, each failure of one of a few kinds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import TypeGuard, TypeVar

import structlog

from core.errors import ProviderError
from core.generation.callback_addresses import CallbackAddresses
from core.generation.job import Job, JobState
from core.generation.model import Category
from core.generation.ports import Inputs
from core.generation.provider import (
    SLOWEST_UPLOAD,
    CountsTokens,
    Failed,
    FailureReason,
    FindsTasks,
    InputFile,
    PolledWithin,
    Provider,
    ProviderTask,
    Result,
    Running,
    SafetyFilter,
    Status,
    SubmissionRefused,
    SubmissionUnknown,
    Succeeded,
    TakesCallbacks,
    TokenCount,
    Waiting,
)
from core.generation.registry import Registry
from core.http.reply import NotSent
from core.observability.metrics import Metrics

_log = structlog.stdlib.get_logger(__name__)
_AnswerT = TypeVar("_AnswerT")


class ProviderNonsense(ProviderError):
    """A provider raised or answered what its protocol does not know."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A task that a provider has taken; `prompt_tokens` where it has counted them by then."""

    task_id: str
    prompt_tokens: int | None = None


class ProviderCalls:
    """Asks a job's provider. `seconds` is the longest one answer may take.

    An order takes longer by what its files need at the slowest (`SLOWEST_UPLOAD`): most providers fetch
    nothing, so the files go to them first.
    """

    def __init__(
        self,
        registry: Registry,
        *,
        seconds: float,
        addresses: CallbackAddresses,
        inputs: Inputs,
        metrics: Metrics | None = None,
    ) -> None:
        self._addresses = addresses
        self._inputs = inputs
        self._metrics = metrics or Metrics()
        self._registry = registry
        self._seconds = seconds

    def provider(self, job: Job) -> Provider:
        """The provider that has the job.

        Raises:
            ProviderError: it is not loaded.

        """
        return self._registry.provider(job.provider)

    def polls_per_second(self, name: str) -> float | None:
        """How often a provider may be asked about tasks; None where it does not say."""
        try:
            provider = self._registry.provider(name)
        except ProviderError:
            return None
        rate: object = provider.polls_per_second if isinstance(provider, PolledWithin) else None
        return float(rate) if isinstance(rate, int | float) and rate > 0 else None

    def callback_url(self, job: Job) -> str:
        """Where the job's provider can tell of it; empty where it does not, or nothing reaches us."""
        try:
            calls_back = isinstance(self.provider(job), TakesCallbacks)
        except ProviderError:
            return ""
        return self._addresses.address(job.provider, job.id) if calls_back else ""

    async def submit(self, job: Job) -> Taken:
        """Hand a job to its provider.

        Raises:
            SubmissionRefused: nothing runs.
            SubmissionUnknown: something may run; that is so after every fault in mid-call.

        """
        try:
            provider = self.provider(job)
        except ProviderError as error:
            raise SubmissionRefused(FailureReason.PROVIDER_FAULT, str(error)) from error
        task = self._task_of(job)
        counting = _begin_counting(provider, task)
        try:
            task_id = await self._submitted(job, provider, task)
            return Taken(task_id, _counted(counting))
        finally:
            if counting is not None:
                counting.cancel()

    async def _submitted(self, job: Job, provider: Provider, task: ProviderTask) -> str:
        try:
            task_id: object = await self._bounded(
                job, "submit", provider.submit(task), longer=task.input_bytes / SLOWEST_UPLOAD
            )
        except (SubmissionRefused, SubmissionUnknown):
            raise
        except NotSent as error:
            raise SubmissionRefused(FailureReason.UNAVAILABLE, str(error)) from error
        except OSError as error:
            raise SubmissionUnknown(type(error).__name__) from error
        except Exception as error:
            self._report(job, "submit", error)
            raise SubmissionUnknown(type(error).__name__) from error
        if not isinstance(task_id, str) or not task_id:
            self._report(job, "submit", task_id)
            raise SubmissionUnknown("no task id")
        return task_id

    async def find(self, job: Job) -> str | None:
        """The task that was submitted for the job, or None if surely none was.

        Raises:
            SubmissionUnknown: the provider has no way to tell.
            ProviderError: it cannot be asked just now, or answers nonsense.

        """
        task_id: object = await self._asked(job, "find", self._finding(job))
        if task_id is not None and (not isinstance(task_id, str) or not task_id):
            raise self._nonsense(job, "find", task_id)
        return task_id

    def _finding(self, job: Job) -> Awaitable[str | None]:
        provider, since = self.provider(job), job.since(JobState.SUBMITTED)
        if isinstance(provider, FindsTasks) and since is not None:
            return provider.find_task(self._task_of(job, with_inputs=False), since)
        return provider.find(job.id)

    async def poll(self, job: Job) -> Status:
        """How the job's task stands.

        Raises:
            ProviderNonsense: the answer is none.
            ProviderError: the provider cannot be asked just now.

        """
        status: object = await self._asked(job, "poll", self.provider(job).poll(job.task_id))
        if not _is_status(status):
            raise self._nonsense(job, "poll", status)
        return status

    async def fresh_result(self, job: Job, number: int) -> Result:
        """One of the job's results, counted from 0, as its provider gives it now.

        Raises:
            ProviderError: it cannot be asked just now, or has no such result any more.

        """
        status = await self.poll(job)
        if not isinstance(status, Succeeded) or number >= len(status.results):
            raise ProviderError("the result is not there any more")
        return status.results[number]

    async def cancel(self, job: Job) -> bool:
        """Stop the job's task; False also when the provider cannot say."""
        try:
            stopped: object = await self._asked(job, "cancel", self.provider(job).cancel(job.task_id))
        except ProviderError as error:
            _log.warning("task not stopped", request_id=job.id, error=type(error).__name__)
            return False
        return stopped is True

    async def _asked(self, job: Job, call: str, answer: Awaitable[_AnswerT]) -> _AnswerT:
        try:
            return await self._bounded(job, call, answer)
        except ProviderError:
            raise
        except OSError as error:
            # TimeoutError is among them.
            raise ProviderError(f"{call}: {type(error).__name__}") from error
        except Exception as error:
            raise self._nonsense(job, call, error) from error

    async def _bounded(
        self, job: Job, call: str, answer: Awaitable[_AnswerT], *, longer: float = 0.0
    ) -> _AnswerT:
        result = "ok"
        try:
            with self._metrics.provider_call_seconds.labels(job.provider, call).time():
                async with asyncio.timeout(self._seconds + longer):
                    return await answer
        except BaseException as error:
            result = type(error).__name__
            raise
        finally:
            self._metrics.provider_calls.labels(job.provider, call, result).inc()

    def _task_of(self, job: Job, *, with_inputs: bool = True) -> ProviderTask:
        fields: Mapping[str, str] = job.made_with.get("fields", {})
        inputs: dict[str, tuple[InputFile, ...]] = {}
        for given in job.inputs if with_inputs else ():
            name = fields.get(given["field"], given["field"])
            inputs[name] = (*inputs.get(name, ()), self._inputs.open(given))
        return ProviderTask(
            job_id=job.id,
            model_id=job.made_by or job.model_id,
            category=Category(job.category),
            prompt=job.prompt,
            options=job.made_with.get("options", job.options),
            inputs=inputs,
            callback_url=self.callback_url(job),
            source=job.source.get("fields", {}),
        )

    def _nonsense(self, job: Job, call: str, what: object) -> ProviderNonsense:
        self._report(job, call, what)
        return ProviderNonsense(f"{call}: {type(what).__name__}")

    def _report(self, job: Job, call: str, what: object) -> None:
        """Log the kind of what came, not its words: a provider's messages may quote the prompt."""
        _log.warning(
            "provider nonsense", request_id=job.id, provider=job.provider, call=call, what=type(what).__name__
        )


def _begin_counting(provider: Provider, task: ProviderTask) -> asyncio.Task[TokenCount] | None:
    """Count the prompt's tokens beside the submission, which does not wait for it."""
    if not isinstance(provider, CountsTokens):
        return None
    counting = asyncio.ensure_future(provider.count_tokens(task))
    counting.add_done_callback(lambda done: done.cancelled() or done.exception())
    return counting


def _counted(counting: asyncio.Task[TokenCount] | None) -> int | None:
    if counting is None or not counting.done() or counting.cancelled() or counting.exception() is not None:
        return None
    count: object = counting.result()
    return count.tokens if isinstance(count, TokenCount) else None


def _is_status(status: object) -> TypeGuard[Status]:
    match status:
        case Waiting(note=note):
            return isinstance(note, str)
        case Running(percent=percent):
            return percent is None or (type(percent) is int and 0 <= percent <= 100)
        case Succeeded(results=results, metadata=metadata):
            told = isinstance(results, tuple) and isinstance(metadata, Mapping)
            return told and bool(results) and all(map(_is_result, results))
        case Failed(reason=reason, safety=safety):
            return isinstance(reason, FailureReason) and isinstance(safety, SafetyFilter | None)
    return False


def _is_result(result: object) -> bool:
    return isinstance(result, Result) and isinstance(result.url, str) and bool(result.url)
