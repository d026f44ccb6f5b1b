"""How patient the pipeline is, and how many generations a person may have at once and in the queue."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Patience:
    """Waits and bounds. All times are seconds.

    A task that has run for some time is polled again after `poll_share` of it, but not before `poll_first`
    and not after `poll_longest`. What fails is tried again `retry_first` later, then after twice as long each
    time up to `retry_longest`, `attempts` times in all where the fault is not the network's.
    """

    poll_first: float = 1.0
    poll_share: float = 0.2
    poll_longest: float = 20.0
    retry_first: float = 1.0
    retry_longest: float = 300.0
    attempts: int = 5
    busy_first: float = 5.0
    busy_attempts: int = 8
    """A provider that is merely busy is asked so often, after `busy_first` seconds, then twice as long."""
    lost_after: float = 900.0
    """How long a submission is looked for that nobody saw the end of: in lists, or by its callback."""
    rest: float = 600.0
    """How long a provider is left alone that cannot be paid or does not let us in."""
    queue_look: float = 15.0
    """How often what is queued looks for a place by itself, beside those who free one and tell it."""
    follow: float = 5.0
    """How often it is looked up which providers rest."""
    deadline: float = _HOUR
    """From the submission to the result; after it a job expires."""
    slow_after: float = 3.0
    """A person is told that it takes long after so many times what is usual for the model,"""
    slow_least: float = 60.0
    """but not before this,"""
    slow_unknown: float = 900.0
    """and after this where nobody knows what is usual."""
    unknown_after: float = 600.0
    """After this a status that nobody knows is told to the operator; the job goes on waiting."""
    keep_result: float = 72 * _HOUR
    """How long a result waits for a person who cannot be reached, or for Telegram."""
    provider_reply: float = 120.0
    """The longest a provider may take for one answer; an order with files takes longer (`SLOWEST_UPLOAD`)."""
    next_chunk: float = 60.0
    """The longest a download may stand still."""

    def poll_wait(self, running_for: float) -> float:
        """How long to wait before the next poll of a task that has been running for this long."""
        return min(self.poll_longest, max(self.poll_first, running_for * self.poll_share))

    def slow_moment(self, usual: float | None) -> float:
        """How long a task may run before its person is told that it takes long; `usual` as it is known."""
        return self.slow_unknown if usual is None else max(self.slow_least, usual * self.slow_after)

    def busy_wait(self, attempts: int) -> float:
        """How long to wait after a provider said so many times that it is busy."""
        return min(self.retry_longest, self.busy_first * 2.0 ** max(0, min(attempts, 32) - 1))

    def retry_wait(self, attempts: int) -> float:
        """How long to wait after so many failed attempts."""
        return min(self.retry_longest, self.retry_first * 2.0 ** max(0, min(attempts, 32) - 1))


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """How a worker goes about its jobs. All times are seconds."""

    concurrent: int = 20_000
    """Jobs that one worker looks after at the same time; nearly all of them wait for their providers."""
    steps: int = 32
    """Steps of one kind that are under way at one provider at the same time."""
    deliveries: int = 64
    """Results of one provider that are brought to Telegram at the same time."""
    polls_per_second: float = 20.0
    """How often a provider that does not say is asked about tasks, over all jobs and workers."""
    claim: int = 100
    """Jobs that are taken at one look, so that several workers share what comes in at once, and nobody waits
    long for the database while thousands are taken over."""
    lease: float = 30.0
    """After this others take over the jobs of a worker that has gone silent."""
    heartbeat: float = 10.0
    look: float = 1.0
    """How often a worker looks for jobs that other instances made or stopped."""
    finish_step: float = 5.0
    """How long a step may go on when the worker is stopped, in real seconds."""
    sweep: float = 60.0
    """How often holds without a live job are looked for."""


class Originals(StrEnum):
    """When people get the uncompressed file of a photo: Telegram compresses photos."""

    NEVER = "never"
    ON_DEMAND = "on_demand"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class GenerationSettings:
    """Everything the operator can set about generations."""

    patience: Patience = field(default_factory=Patience)
    worker: WorkerSettings = field(default_factory=WorkerSettings)
    max_active: int = 1
    """Generations of one person that are made at the same time."""
    max_queued: int = 3
    """Further ones that may wait for those to end."""
    dry_run: bool = False
    """Stop before any provider and any money, and say what would be sent and charged."""
    image_bytes: int = 20_971_520
    """The largest picture that plugins may make another one of."""
    originals: Originals = Originals.ON_DEMAND
