"""What a spell of duty is given: its duties, how patient its parts are, and what it shares with the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from core.billing.amounts import Amounts
from core.billing.free import FreeTier
from core.billing.ledger import Ledger
from core.billing.welcome import Welcome
from core.clock import Clock
from core.config import Settings
from core.generation.callback_addresses import CallbackAddresses
from core.generation.model_policy import ModelPolicies
from core.generation.ports import LargeFiles, NoLargeFiles, OwnKeys, SharedKeys
from core.generation.registry import Registry
from core.generation.settings import GenerationSettings, Originals, Patience, WorkerSettings
from core.generation.sync_assembly import Synchronising
from core.http.proxies import ProviderProxies
from core.i18n import I18n
from core.limits import Limits
from core.media.store import InputStore
from core.notifications.queue import NotificationQueue
from core.observability.metrics import Metrics
from core.plugins_file import PluginsFile
from core.storage.database import Database
from core.telegram.client import ClientTiming
from core.telegram.updates import PumpLimits


@dataclass(frozen=True, slots=True)
class Tuning:
    """How patient the parts are, where an operator has nothing to choose; tests shorten it."""

    client: ClientTiming
    pump: PumpLimits
    generation: GenerationSettings

    @classmethod
    def of(cls, settings: Settings, limits: Limits) -> Tuning:
        """What the operator's limits come to."""
        generation = limits.generation
        return cls(
            client=ClientTiming(),
            pump=PumpLimits(running=limits.updates.lanes),
            generation=GenerationSettings(
                patience=Patience(
                    deadline=generation.deadline_minutes * 60,
                    unknown_after=generation.unknown_minutes * 60,
                    keep_result=generation.keep_result_hours * 3600,
                ),
                worker=WorkerSettings(concurrent=generation.concurrent, deliveries=generation.deliveries),
                max_active=generation.active_per_person,
                max_queued=generation.queued_per_person,
                dry_run=settings.dry_run,
                originals=Originals(generation.originals),
                image_bytes=limits.plugins.image_bytes,
            ),
        )


@dataclass(frozen=True, slots=True)
class Duties:
    """What this instance does while it is on duty, and as whom it logs in to Telegram.

    `session` names the Telegram session in the database. A worker wants no updates.
    """

    session: str
    instance: str
    reads_updates: bool
    works: bool


@dataclass(frozen=True, slots=True)
class Shared:
    """What an instance has whether it is on duty or not."""

    settings: Settings
    file: PluginsFile
    database: Database
    ledger: Ledger
    registry: Registry
    i18n: I18n
    metrics: Metrics
    welcome: Welcome
    amounts: Amounts
    clock: Clock
    directory: Path
    inputs: InputStore
    notifications: NotificationQueue
    restart: Callable[[], None] = lambda: None
    """Lets the process end what it is at and begin anew."""
    large: LargeFiles = field(default_factory=NoLargeFiles)
    free: FreeTier = field(default_factory=FreeTier)
    provider_proxies: ProviderProxies | None = None
    keys: SharedKeys = field(default_factory=OwnKeys)
    addresses: CallbackAddresses = field(default_factory=lambda: CallbackAddresses(None, ()))
    synchronising: Synchronising | None = None
    policies: ModelPolicies | None = None
