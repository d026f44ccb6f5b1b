"""The protocol between the generation pipeline and an AI provider.

A provider never touches people, money or Telegram. It takes a job, answers what became of it, and says
where the result can be fetched.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from core.errors import ProviderError
from core.generation.model import Category, ModelList


class FailureReason(StrEnum):
    """Why a generation failed, as far as people and operators need to tell apart."""

    INPUT_REJECTED = "input_rejected"
    SAFETY = "safety"
    OUT_OF_CREDIT = "out_of_credit"
    RATE_LIMITED = "rate_limited"
    PROVIDER_FAULT = "provider_fault"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class ProviderTask:
    """What a provider is asked to make.

    `job_id` is ours: submitting it twice must not cost twice where the provider lets us say so. `category` is
    the model's, for a provider that stands in for another and does not know its models.
    """

    job_id: str
    model_id: str
    category: Category
    prompt: str
    options: Mapping[str, Any]
    input_urls: Sequence[str] = ()
    callback_url: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Accepted, not begun; also the answer to every status that we do not know."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class Running:
    """Being made; `percent` is 0 to 100 where the provider says it."""

    percent: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """One finished file. `url` is fetched through the provider's `open`; sizes are bytes, seconds, pixels."""

    url: str
    mime_type: str = ""
    file_name: str = ""
    size: int | None = None
    sha256: str = ""
    width: int = 0
    height: int = 0
    duration: float = 0.0


@dataclass(frozen=True, slots=True)
class Succeeded:
    """Finished, with its files and whatever the provider tells of them."""

    results: tuple[Result, ...]
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failed:
    """Failed for good. `detail` is for operators, never shown to people."""

    reason: FailureReason
    detail: str = ""


Status = Waiting | Running | Succeeded | Failed


class SubmissionRefused(ProviderError):
    """The provider did not take the task: nothing runs and nothing is owed."""

    def __init__(self, reason: FailureReason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class SubmissionUnknown(ProviderError):
    """The reply was lost: the provider may or may not have taken the task."""


class Provider(Protocol):
    """An AI provider.

    Whatever else than the exceptions named here a method raises is a fault of the provider: it is logged with
    the job's id, tried again a bounded number of times, and ends in a refund.
    """

    name: str

    async def start(self) -> None:
        """Called once before the first task."""
        ...

    async def stop(self) -> None:
        """Called once at the end; tasks go on at the provider."""
        ...

    def models(self) -> ModelList:
        """The models it offers, and those it cannot offer with the reason."""
        ...

    async def submit(self, task: ProviderTask) -> str:
        """Hand a task over; answers the provider's task id.

        Raises:
            SubmissionRefused: the provider said no; nothing runs.
            SubmissionUnknown: nobody knows whether it took the task.

        """
        ...

    async def find(self, job_id: str) -> str | None:
        """The id of the task that was submitted for our job; None if the provider surely took none.

        Raises:
            SubmissionUnknown: the provider has no way to tell.
            ProviderError: it cannot be asked just now.

        """
        ...

    async def poll(self, task_id: str) -> Status:
        """What became of a task.

        Raises:
            ProviderError: it cannot be asked just now.

        """
        ...

    async def cancel(self, task_id: str) -> bool:
        """Stop a task; True if it will make nothing and cost nothing."""
        ...

    def open(self, result: Result) -> AsyncIterator[bytes]:
        """The bytes of a result, as they arrive."""
        ...

    async def account(self) -> Mapping[str, Any]:
        """What remains of the provider's credit, as far as it tells."""
        ...
