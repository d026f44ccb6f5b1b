"""The stores that a spell of duty works with, made once for all of its parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from core.clock import Clock
from core.limits import Limits
from core.storage.audit import AuditLog
from core.storage.database import Database
from core.storage.durations import DurationStore
from core.storage.erasures import ErasureStore, marker
from core.storage.errors import ErrorStore
from core.storage.generations import JobStore
from core.storage.history import HistoryStore
from core.storage.inbox import Inbox
from core.storage.instances import InstanceStore
from core.storage.leases import Leases
from core.storage.notes import NoteStore
from core.storage.plugin_rows import PluginRows
from core.storage.rollups import RollupStore
from core.storage.sent import SentStore
from core.storage.sessions import SessionStore
from core.storage.settings import SettingsStore
from core.storage.support import SupportStore
from core.storage.team import TeamStore
from core.storage.turns import TurnStore
from core.storage.users import UserStore


@dataclass(frozen=True, slots=True)
class Stores:
    """Each store by what it keeps."""

    audit: AuditLog
    durations: DurationStore
    erasures: ErasureStore
    errors: ErrorStore
    history: HistoryStore
    inbox: Inbox
    instances: InstanceStore
    jobs: JobStore
    leases: Leases
    notes: NoteStore
    rollups: RollupStore
    rows: PluginRows
    sent: SentStore
    session: SessionStore
    settings: SettingsStore
    support: SupportStore
    team: TeamStore
    turns: TurnStore
    users: UserStore

    @classmethod
    def of(
        cls,
        database: Database,
        clock: Clock,
        limits: Limits,
        *,
        instance: str,
        session: str,
        people_key: bytes,
    ) -> Self:
        """The stores of one database.

        `session` names the Telegram session. People who were erased are remembered with `people_key`.
        """
        erasures = ErasureStore(database, marker(people_key))
        return cls(
            audit=AuditLog(database, clock),
            durations=DurationStore(database),
            erasures=erasures,
            errors=ErrorStore(database, clock, instance),
            history=HistoryStore(database),
            inbox=Inbox(database, clock),
            instances=InstanceStore(database, clock, seconds=limits.instances.heartbeat_seconds),
            jobs=JobStore(database, clock),
            leases=Leases(database, clock),
            notes=NoteStore(database, clock),
            rollups=RollupStore(database),
            rows=PluginRows(database, clock, limits.plugins),
            sent=SentStore(database, clock),
            session=SessionStore(database, session),
            settings=SettingsStore(database),
            support=SupportStore(database, clock),
            team=TeamStore(database, clock),
            turns=TurnStore(database),
            users=UserStore(database, clock, former=erasures),
        )
