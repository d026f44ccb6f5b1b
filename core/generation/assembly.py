"""Puts the parts of generation together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from core.billing.free import FreeTier
from core.billing.ledger import Ledger
from core.clock import Clock
from core.generation.callback_addresses import CallbackAddresses
from core.generation.calls import ProviderCalls
from core.generation.creation import Creation
from core.generation.delivery import Delivery
from core.generation.durations import Durations
from core.generation.ending import Ending
from core.generation.failures import Failures
from core.generation.following import Following
from core.generation.history import History
from core.generation.job import Job
from core.generation.offering import Offering
from core.generation.outlook import Outlook
from core.generation.personal_quotes import PersonalQuotes
from core.generation.pipeline import Pipeline
from core.generation.ports import (
    Alerts,
    Hooks,
    Inputs,
    LargeFiles,
    MediaUploader,
    Messenger,
    NoInputs,
    NoLargeFiles,
    Notify,
    OwnKeys,
    SharedKeys,
    Spending,
    Translators,
)
from core.generation.queue import Queue
from core.generation.registry import Registry
from core.generation.relay import Picture, RelayPatience
from core.generation.relays import Relays
from core.generation.reporting import Reports
from core.generation.resending import Resending
from core.generation.retouching import Retouching
from core.generation.sending import Sending
from core.generation.service import Generations
from core.generation.settings import GenerationSettings, Originals
from core.generation.sources import Sources
from core.generation.stopping import Stopping
from core.generation.submitting import Submission
from core.generation.sweeper import Sweeper
from core.generation.transitions import Transitions
from core.generation.uploading import Uploading
from core.generation.worker import Worker
from core.observability.metrics import Metrics
from core.storage.durations import DurationStore
from core.storage.generations import JobStore
from core.storage.history import HistoryStore
from core.storage.leases import Leases
from core.storage.notes import NoteStore
from core.storage.settings import SettingsStore


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What generation needs of the rest of the house."""

    registry: Registry
    jobs: JobStore
    history: HistoryStore
    notes: NoteStore
    durations: DurationStore
    leases: Leases
    ledger: Ledger
    messenger: Messenger
    uploader: MediaUploader
    hooks: Hooks
    notify: Notify
    translators: Translators
    alerts: Alerts
    clock: Clock
    metrics: Metrics
    stored: SettingsStore
    addresses: CallbackAddresses
    inputs: Inputs = field(default_factory=NoInputs)
    large: LargeFiles = field(default_factory=NoLargeFiles)
    picture: Picture | None = None
    """Makes thumbnails of videos; without it they have none."""
    free: FreeTier = field(default_factory=FreeTier)
    spending: Spending | None = None
    """What the operator allows to be spent; without it nothing is limited."""
    pins: Callable[[], Mapping[str, int]] = dict
    keys: SharedKeys = field(default_factory=OwnKeys)


@dataclass(frozen=True, slots=True)
class Studio:
    """Generation, put together: what plugins see, and the worker that may run in this process."""

    generations: Generations
    pipeline: Pipeline
    worker: Worker
    sweeper: Sweeper
    offering: Offering


def build_studio(around: Surroundings, settings: GenerationSettings, *, worker_name: str) -> Studio:
    """Build everything; nothing runs until the worker is started."""
    patience = settings.patience
    durations = Durations(around.durations, around.clock)

    def wake(job: Job) -> None:
        worker.wake(job)

    queue = Queue(around.jobs, places=settings.max_active, tell=around.notify, wake=wake)
    transitions = Transitions(around.jobs, Following(durations, queue, around.notify), around.inputs)
    calls = ProviderCalls(
        around.registry,
        seconds=patience.provider_reply,
        addresses=around.addresses,
        inputs=around.inputs,
        metrics=around.metrics,
    )
    offering = Offering(
        registry=around.registry,
        store=around.stored,
        alerts=around.alerts,
        clock=around.clock,
        seconds=patience.rest,
        follow=patience.follow,
    )
    failures = Failures(transitions=transitions, offering=offering, alerts=around.alerts, patience=patience)
    submission = Submission(
        transitions=transitions,
        calls=calls,
        failures=failures,
        offering=offering,
        registry=around.registry,
        clock=around.clock,
        patience=patience,
    )
    ending = Ending(
        transitions=transitions,
        ledger=around.ledger,
        messenger=around.messenger,
        registry=around.registry,
        calls=calls,
        translators=around.translators,
        clock=around.clock,
        patience=patience,
    )
    reports = Reports(around.hooks, around.messenger, around.clock)
    sending = Sending(
        messenger=around.messenger,
        registry=around.registry,
        hooks=around.hooks,
        large=around.large,
        translators=around.translators,
    )
    delivery = Delivery(
        transitions=transitions,
        ledger=around.ledger,
        uploading=Uploading(
            uploader=around.uploader,
            registry=around.registry,
            retouching=Retouching(
                Relays(
                    calls,
                    clock=around.clock,
                    patience=RelayPatience(silence=patience.next_chunk),
                    picture=around.picture,
                ),
                around.hooks,
                most_bytes=settings.image_bytes,
            ),
            large=around.large,
            reports=reports,
            translators=around.translators,
            originals=settings.originals is not Originals.NEVER,
        ),
        sending=sending,
        reports=reports,
        ending=ending,
        hooks=around.hooks,
        alerts=around.alerts,
        clock=around.clock,
        patience=patience,
        originals=settings.originals is Originals.ALWAYS,
    )
    pipeline = Pipeline(
        transitions=transitions,
        ledger=around.ledger,
        calls=calls,
        submission=submission,
        delivery=delivery,
        ending=ending,
        failures=failures,
        queue=queue,
        outlook=Outlook(durations, hooks=around.hooks, clock=around.clock, patience=patience),
        alerts=around.alerts,
        patience=patience,
    )
    sweeper = Sweeper(around.jobs, around.ledger, around.clock, age=settings.worker.sweep)
    worker = Worker(
        name=worker_name,
        pipeline=pipeline,
        jobs=around.jobs,
        leases=around.leases,
        sweeper=sweeper,
        polls_of=lambda name: calls.polls_per_second(name) or settings.worker.polls_per_second,
        clock=around.clock,
        settings=settings.worker,
        patience=patience,
        on_wake=delivery.changed,
        keys=around.keys,
    )
    stopping = Stopping(
        jobs=around.jobs, transitions=transitions, calls=calls, inputs=around.inputs, wake=worker.wake
    )
    quotes = PersonalQuotes(
        registry=around.registry, jobs=around.jobs, hooks=around.hooks, free=around.free, clock=around.clock
    )
    sources = Sources(around.registry, around.history, around.clock)
    generations = Generations(
        registry=around.registry,
        jobs=around.jobs,
        history=History(around.history, around.ledger, around.notes),
        quotes=quotes,
        creation=Creation(
            registry=around.registry,
            quotes=quotes,
            jobs=around.jobs,
            transitions=transitions,
            pipeline=pipeline,
            queue=queue,
            ledger=around.ledger,
            hooks=around.hooks,
            inputs=around.inputs,
            sources=sources,
            wake=worker.wake,
            spending=around.spending,
            max_active=settings.max_active,
            max_queued=settings.max_queued,
            dry_run=settings.dry_run,
        ),
        sources=sources,
        stopping=stopping,
        resending=Resending(jobs=around.jobs, sending=sending, uploader=around.uploader),
        queue=queue,
        durations=durations,
        pins=around.pins,
        max_active=settings.max_active,
        max_queued=settings.max_queued,
    )
    return Studio(generations, pipeline, worker, sweeper, offering)
