"""A generation as it is kept: one document, one state, one transition at a time."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

_ID_LENGTH = 12


class JobState(StrEnum):
    """The states of a generation, in the order of its life."""

    CREATED = "created"
    QUEUED = "queued"
    HELD = "held"
    SUBMITTED = "submitted"
    RUNNING = "running"
    READY = "ready"
    DELIVERING = "delivering"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    RELEASED = "released"


ACTIVE_STATES = (
    JobState.CREATED,
    JobState.QUEUED,
    JobState.HELD,
    JobState.SUBMITTED,
    JobState.RUNNING,
    JobState.READY,
    JobState.DELIVERING,
)
"""States in which a job is not over: it runs, or waits for its turn, and takes up a place of its person's."""
STOPPABLE_STATES = (
    JobState.CREATED,
    JobState.QUEUED,
    JobState.HELD,
    JobState.SUBMITTED,
    JobState.RUNNING,
    JobState.READY,
)
"""States in which a person can still stop a job, unless its result has been about to be sent before."""
ENDED_BADLY = (JobState.FAILED, JobState.CANCELLED, JobState.EXPIRED)
"""States whose hold is still to be released and whose person is still to be told."""
FINAL_STATES = (JobState.DELIVERED, JobState.RELEASED)
"""States that nothing leads out of."""
MADE_STATES = (JobState.READY, JobState.DELIVERING)
"""States in which the result is there and only has to reach the chat."""
_IN_QUEUE = ":queue:"


def running_places(user_id: int, count: int) -> tuple[str, ...]:
    """The places for the jobs of a person that are being made at the same time."""
    return tuple(f"{user_id}:{number}" for number in range(count))


def queue_places(user_id: int, count: int) -> tuple[str, ...]:
    """The places for those that wait; which of them a job has says nothing about its turn."""
    return tuple(f"{user_id}{_IN_QUEUE}{number}" for number in range(count))


@dataclass(frozen=True, slots=True)
class Job:
    """One generation. `id` is the request id that people and logs are told.

    `price` is Stars, `cost_usd` what the provider takes. `prompt`, `inputs` and the `options` among
    `word_fields` are erased when the job ends.
    `timings` says when each state was entered. Only the worker `worker`, and only under its lease's `epoch`,
    may write.
    """

    id: str
    user_id: int
    chat_id: int
    language: str
    username: str | None
    model_id: str
    provider: str
    price: int
    cost_usd: Decimal
    prompt: str
    options: Mapping[str, Any]
    number: int = 0
    """Which of its person's generations it is: 1, 2, 3 and so on; 0 for one from before they were counted."""
    word_fields: tuple[str, ...] = ()
    """Those of `options` that are the person's own words; they are erased with the prompt."""
    keep_prompt: bool = False
    """Whether its person lets the history keep the prompt after the end."""
    category: str = ""
    inputs: tuple[Mapping[str, Any], ...] = ()
    source: Mapping[str, Any] = field(default_factory=dict)
    """The earlier job that it goes on from: its `job_id`, the `number` of the file, the `fields` to send."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What its price came from beside the options: characters, seconds and numbers of files."""
    state: JobState = JobState.CREATED
    created_at: datetime | None = None
    timings: Mapping[str, datetime] = field(default_factory=dict)
    worker: str = ""
    epoch: int = 0
    task_id: str = ""
    percent: int | None = None
    """How far it is by its provider's word, 0 to 100; None where it gives none."""
    tenths: int = 0
    """How much of the usual time has passed, as plugins were last told; only where there is no percent."""
    slow_told: int = 0
    """The epoch in which plugins were last told that it takes much longer than usual."""
    results: tuple[Mapping[str, Any], ...] = ()
    failure: str = ""
    detail: str = ""
    safety: str = ""
    """The safety filter that refused it, where its provider tells."""
    progress_message_id: int | None = None
    delivery_random_id: int = 0
    notice_random_id: int = 0
    uploaded: tuple[Mapping[str, Any], ...] = ()
    """Its files on Telegram's servers, in the order of `results`, from their upload on."""
    messages: tuple[Mapping[str, Any], ...] = ()
    """The messages that its files go out in, with their random ids, and their ids once they are sent."""
    message_id: int | None = None
    """The first message of its result, known once all of the result is sent."""
    reply_to_id: int | None = None
    """The person's own message that its result replies to, in a group."""
    silent: bool = False
    """Whether its result comes without a sound, as its person wants it."""
    notified: bool = False
    slot: str = ""
    """The person's place that it takes up: one of those that run, or one of those that wait for them.

    Unique among all jobs while not empty, which bounds both; emptied at the end.
    """
    free: str = ""
    """Why it costs the person nothing (`newcomer`, `daily`): its price is held from the promo account."""
    free_slot: str = ""
    """Unique among all jobs while not empty; kept when delivered, emptied when it ends otherwise."""
    stop_wanted: bool = False
    """Its person has asked to stop it, and its provider is being asked."""
    made_by: str = ""
    """The model that makes it where one of another provider stands in for the one that was ordered."""
    made_with: Mapping[str, Any] = field(default_factory=dict)
    """How that model is asked: its `options`, and in `fields` where each of the order's inputs goes."""
    tried: tuple[str, ...] = ()
    """The models that were asked before it and did not take it."""
    prompt_tokens: int = 0
    """How long the prompt is in tokens, counted by its provider or estimated."""
    enhanced_prompt_tokens: int = 0
    """How long the prompt is that its provider made of it, in tokens; 0 where it tells of none."""
    attempts: int = 0
    """Failed tries of the present state; each new state begins at 0."""
    unreachable_since: datetime | None = None
    """When the person was first found to have blocked the bot while the result was waiting."""

    @property
    def has_original(self) -> bool:
        """Whether a photo of it can be had uncompressed as well."""
        return any(fields.get("original") for fields in self.uploaded)

    @property
    def result_messages(self) -> tuple[int, ...]:
        """The messages that its files are in, one for each, as far as they are known."""
        shown = (each for each in self.messages if not each["original"])
        known = tuple(number for each in shown for number in each["message_ids"] if number)
        # Of what was deleted from the history the first one is left.
        return known or ((self.message_id,) if self.message_id else ())

    @property
    def active(self) -> bool:
        """Whether it still runs."""
        return self.state in ACTIVE_STATES

    @property
    def waits(self) -> bool:
        """Whether it stands in its person's queue, and nobody makes it before others have ended."""
        return self.active and _IN_QUEUE in self.slot

    @property
    def stoppable(self) -> bool:
        """Whether its person can still stop it: nothing of it can be in the chat yet."""
        return self.state in STOPPABLE_STATES and self.since(JobState.DELIVERING) is None

    def since(self, state: JobState) -> datetime | None:
        """When the job (last) entered `state`, or None if it never did."""
        return self.timings.get(state.value)


def job_id_of(user_id: int, request_id: str) -> str:
    """The id of the job that a person's request makes: short enough to be told, the same every time."""
    digest = hashlib.blake2b(f"{user_id}:{request_id}".encode(), digest_size=10).digest()
    return base64.b32encode(digest).decode().lower()[:_ID_LENGTH]
