"""The other side of a provider, scripted: what an author writes so that `provider_contract` can run."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Collection, Sequence
from typing import Any, ClassVar, NoReturn, TypeVar

import pytest

from core.generation.provider import CallbackRequest, FailureReason, Provider, ProviderTask, Result
from sandbox.clock import ManualClock

PROMPT = "a lighthouse in the fog, mark 7c1f09"
"""What tasks ask for; it must appear in no log."""

_AnswerT = TypeVar("_AnswerT")


class ProviderBackend(ABC):
    """A provider's backend under the author's control, and providers that speak to it.

    Most authors write a small server on 127.0.0.1. Each `script...` method settles what happens next, from
    its return on; what a backend does not override is skipped.
    """

    clock: ManualClock
    """The clock that the providers are given. It is moved while they wait on it."""
    content: bytes = b""
    """The bytes of each finished file; empty: the suite does not know them."""
    secrets: Collection[str] = ()
    """Keys that must appear in no log and in no exception."""
    refusals: ClassVar[Collection[FailureReason]] = ()
    """The reasons that `script_refusal` knows."""
    finds: ClassVar[bool] = True
    """Whether the provider can tell which task a job has after the reply was lost."""
    idempotent: ClassVar[bool] = False
    """Whether submitting one job twice makes one task."""

    @abstractmethod
    async def provider(self) -> Provider:
        """Another provider before this backend, not started; its connections are the backend's to close."""

    def task(self, provider: Provider, job_id: str) -> ProviderTask:
        """A task that the provider takes: with `PROMPT`, and unless overridden the defaults of a model."""
        for model in provider.models().models:
            needs_more = any(each.required for each in model.media) or model.one_of or model.source
            if model.takes_prompt and not needs_more:
                return ProviderTask(
                    job_id=job_id,
                    model_id=model.id,
                    category=model.category,
                    prompt=PROMPT,
                    options=model.check_options({}),
                )
        pytest.skip("no model takes a prompt alone: override ProviderBackend.task")

    @property
    @abstractmethod
    def submissions(self) -> int:
        """How many tasks the backend has taken so far."""

    @abstractmethod
    async def script_finished(self, task_id: str) -> None:
        """The task is done, with one file or more."""

    async def script_failed(self, task_id: str) -> None:
        """The task has failed for good."""
        _skip("script_failed")

    async def script_running(self, task_id: str) -> None:
        """The task is being made."""
        _skip("script_running")

    async def script_unknown_status(self, task_id: str) -> None:
        """The task is in a state that the documentation does not know."""
        _skip("script_unknown_status")

    async def script_garbage(self) -> None:
        """Until `script_recovered` the backend answers 200 with pages of HTML, or with JSON cut off."""
        _skip("script_garbage")

    async def script_away(self) -> None:
        """Until `script_recovered` nobody listens where the backend was."""
        _skip("script_away")

    async def script_recovered(self) -> None:
        """The backend answers again as it should."""
        _skip("script_recovered")

    async def script_refusal(self, reason: FailureReason) -> None:
        """The next submission is refused for one of `refusals`, and nothing is made."""
        _skip("script_refusal")

    async def script_lost_reply(self) -> None:
        """The next submission is taken, and its reply never arrives."""
        _skip("script_lost_reply")

    async def script_expired(self, result: Result) -> None:
        """The file of a result is gone."""
        _skip("script_expired")

    async def callback(self, task_id: str) -> CallbackRequest:
        """The genuine callback about a task that has ended, received just now."""
        _skip("callback")

    signed_headers: ClassVar[Sequence[str]] = ()
    """The headers of a callback without any one of which it must be refused, in lower case."""
    dates_callbacks: ClassVar[bool] = True
    """Whether a callback carries the time at which it was made."""
    signs_body: ClassVar[bool] = False
    """Whether the signature covers the whole body of a callback, and not only what it is about."""

    async def drive(self, awaited: Awaitable[_AnswerT]) -> _AnswerT:
        """Wait for a provider's answer, and move the clock on whenever it sleeps."""
        before = self.clock.sleepers
        task = asyncio.ensure_future(awaited)
        while not task.done():
            asleep = asyncio.create_task(self.clock.until_asleep(before + 1))
            await asyncio.wait((task, asleep), return_when=asyncio.FIRST_COMPLETED)
            if asleep.done():
                await self.clock.advance(1)
            asleep.cancel()
            await asyncio.gather(asleep, return_exceptions=True)
        return await task


def _skip(what: str) -> NoReturn:
    pytest.skip(f"the backend does not script it: {what}")


def hidden_in(backend: ProviderBackend, *places: Any) -> list[str]:
    """Which of the prompt and the secrets appear in places where they must not."""
    text = " ".join(map(str, places))
    return [word for word in (PROMPT, *backend.secrets) if word in text]
