"""The protocol between the generation pipeline and an AI provider.

A provider never touches people, money or Telegram. It takes a job, answers what became of it, and says
where the result can be fetched.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from core.errors import ProviderError
from core.generation.model import Category, ModelList

_CHARACTERS_PER_TOKEN = 4


class FailureReason(StrEnum):
    """Why a generation failed, as far as people and operators need to tell apart."""

    INPUT_REJECTED = "input_rejected"
    SAFETY = "safety"
    OUT_OF_CREDIT = "out_of_credit"
    RATE_LIMITED = "rate_limited"
    PROVIDER_FAULT = "provider_fault"
    EXPIRED = "expired"
    UNAVAILABLE = "unavailable"
    """The provider, or this model there, is down for maintenance or switched off for now."""
    UNAUTHORIZED = "unauthorized"
    """The provider does not accept our key."""
    KEY_LIMIT = "key_limit"
    """Our key may spend no more for now, though the account may have credit."""
    SOURCE_GONE = "source_gone"
    """The provider does not know the earlier task any more that was to be gone on from."""


class SafetyFilter(StrEnum):
    """Which of a provider's safety filters refused something, where it tells."""

    CHILD = "child"
    CELEBRITY = "celebrity"
    DANGEROUS = "dangerous"
    HATE = "hate"
    PROHIBITED = "prohibited"
    THIRD_PARTY = "third_party"
    SEXUAL = "sexual"
    TOXIC = "toxic"
    VIOLENCE = "violence"
    VULGAR = "vulgar"


SLOWEST_UPLOAD = 256 * 1024
"""Bytes a second: a person's files that go to a provider more slowly are given up."""
_UPLOAD_SECONDS = 100.0


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that a person gave, checked and converted to what the model takes.

    `open` reads it from its beginning, as often as it is called. `url` is where the internet can fetch it for
    a few hours, empty where this server has no public address. `size` is bytes, `seconds` the length of a
    video or an audio.
    """

    name: str
    mime_type: str
    size: int
    open: Callable[[], AsyncIterator[bytes]] = field(repr=False)
    url: str = field(default="", repr=False)
    seconds: float = 0.0

    @property
    def upload_seconds(self) -> float:
        """How long bringing it to a provider may take, in real seconds; a large file takes longer."""
        return _UPLOAD_SECONDS + self.size / SLOWEST_UPLOAD

    async def read(self) -> bytes:
        """All of it."""
        return b"".join([chunk async for chunk in self.open()])


@dataclass(frozen=True, slots=True)
class ProviderTask:
    """What a provider is asked to make.

    `job_id` is ours: submitting it twice must not cost twice where the provider lets us say so. `category` is
    the model's, for a provider that stands in for another and does not know its models. `inputs` are given
    files by the model's media field. `callback_url` is where the provider may tell that the task has ended;
    it carries our job's id signed, and is empty where this server has no public address. `source` is what is
    sent of the task that a model goes on from (`Model.source`), by field; an id of a task there is the
    provider's own answer to `submit`.
    """

    job_id: str
    model_id: str
    category: Category
    prompt: str = field(repr=False)
    options: Mapping[str, Any]
    inputs: Mapping[str, tuple[InputFile, ...]] = field(default_factory=dict)
    callback_url: str = field(default="", repr=False)
    source: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def input_bytes(self) -> int:
        """How many bytes of files there are."""
        return sum(file.size for files in self.inputs.values() for file in files)

    @property
    def upload_seconds(self) -> float:
        """How long bringing all its files to a provider may take, in real seconds."""
        return _UPLOAD_SECONDS + self.input_bytes / SLOWEST_UPLOAD


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
    """One finished file. `url` is fetched through the provider's `open`; sizes are bytes, seconds, pixels.

    `id` is what the provider calls the file, where later tasks can name it.
    """

    url: str
    mime_type: str = ""
    file_name: str = ""
    size: int | None = None
    sha256: str = ""
    width: int = 0
    height: int = 0
    duration: float = 0.0
    id: str = ""


@dataclass(frozen=True, slots=True)
class Succeeded:
    """Finished, with its files and whatever the provider tells of them.

    `enhanced_prompt_tokens` in `metadata`: how many tokens the prompt has that the provider made of ours.
    """

    results: tuple[Result, ...]
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failed:
    """Failed for good. `detail` is for operators, never shown to people; of `safety` they are told."""

    reason: FailureReason
    detail: str = ""
    safety: SafetyFilter | None = None


Status = Waiting | Running | Succeeded | Failed
"""How a task stands at its provider."""


class SubmissionRefused(ProviderError):
    """The provider did not take the task: nothing runs and nothing is owed.

    With `gone` it has the model no more: that is not offered for a day then, and operators are told.
    """

    def __init__(
        self,
        reason: FailureReason,
        detail: str = "",
        safety: SafetyFilter | None = None,
        *,
        gone: bool = False,
    ) -> None:
        super().__init__(f"{reason}: {detail}")
        self.gone = gone
        self.reason = reason
        self.detail = detail
        self.safety = safety


class SubmissionUnknown(ProviderError):
    """The reply was lost: the provider may or may not have taken the task."""


@dataclass(frozen=True, slots=True)
class Account:
    """What remains of an account at a provider: in its own `unit`, and in USD where that is known."""

    remaining: Decimal
    unit: str
    usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CallbackRequest:
    """A request that came to our callback address.

    `headers` have lower-case names. `job_id` is the job that the address was signed for, empty if it carried
    no valid signature.
    """

    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    received_at: datetime
    job_id: str = ""


@dataclass(frozen=True, slots=True)
class CallbackNews:
    """Which task a genuine callback is about; its record is fetched before anything is believed.

    `delivery_id` is the same for repetitions of one callback.
    """

    task_id: str
    delivery_id: str = ""


class CallbackRefused(ProviderError):
    """A callback that is forged, stale or no callback at all."""


@runtime_checkable
class TakesCallbacks(Protocol):
    """A provider that tells us when a task has ended."""

    async def verify_callback(self, request: CallbackRequest) -> CallbackNews:
        """Check who sent it, and say which task it is about.

        Raises:
            CallbackRefused: it is not the provider's, or too old.

        """
        ...


@runtime_checkable
class FindsTasks(Protocol):
    """A provider that knows a task again by what was asked for and when; it is asked instead of `find`."""

    async def find_task(self, task: ProviderTask, since: datetime) -> str | None:
        """The id of the task that was submitted for this one, not before `since`; None if surely none was.

        `task` comes without its inputs, and without its prompt where the job has ended.

        Raises:
            SubmissionUnknown: the provider has no way to tell.
            ProviderError: it cannot be asked just now.

        """
        ...


@runtime_checkable
class PolledWithin(Protocol):
    """A provider that says how often it may be asked about tasks, over all jobs and all instances."""

    polls_per_second: float


@dataclass(frozen=True, slots=True)
class TokenCount:
    """How many tokens a prompt has; `estimated` where nobody who knows was asked."""

    tokens: int
    estimated: bool = False

    @classmethod
    def estimate(cls, prompt: str) -> TokenCount:
        """One token for four characters, rounded up."""
        return cls(-(-len(prompt) // _CHARACTERS_PER_TOKEN), estimated=True)


@runtime_checkable
class CountsTokens(Protocol):
    """A provider that can count the tokens of a prompt, for the record; nothing waits for it."""

    async def count_tokens(self, task: ProviderTask) -> TokenCount:
        """Count the prompt's tokens, or estimate them where they cannot be counted just now."""
        ...


class Provider(Protocol):
    """An AI provider. One that calls back has `TakesCallbacks` as well, one that counts `CountsTokens`.

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

    async def account(self) -> Account | None:
        """What remains of the provider's credit; None if it does not tell.

        Raises:
            ProviderError: it cannot be asked just now.

        """
        ...
