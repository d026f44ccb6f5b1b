"""Everything behind the panel, put together for one spell of duty."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.admin.jobs import JobDesk
from core.admin.models import ModelDesk
from core.admin.money import Turnover
from core.admin.overview import Overview
from core.admin.pages import AdminPages
from core.admin.panel import Panel
from core.admin.people import PeopleDesk
from core.admin.presence import Presence
from core.admin.support import Listener, SupportDesk
from core.admin.switchboard import Switchboard
from core.admin.team import Team
from core.admin.upkeep import LogLevel, Upkeep
from core.billing.amounts import Amounts
from core.billing.assembly import Billing
from core.billing.ledger import Ledger
from core.broadcast.broadcasts import Broadcasts
from core.broadcast.letters import Files, Letters
from core.broadcast.runner import BroadcastRunner
from core.clock import Clock
from core.generation.accounts import Accounts
from core.generation.model_policy import ModelPolicies
from core.generation.registry import Registry
from core.generation.service import Generations
from core.generation.sync_assembly import Synchronising
from core.i18n import I18n
from core.maintenance import Maintenance
from core.plugin_manager import PluginManager
from core.statistics.statistics import Statistics
from core.storage.audit import AuditLog
from core.storage.broadcasts import BroadcastStore
from core.storage.claims import Claims
from core.storage.database import Database
from core.storage.errors import ErrorStore
from core.storage.generations import JobStore
from core.storage.instances import InstanceStore
from core.storage.leases import Leases
from core.storage.payments import PaymentStore
from core.storage.people_search import PeopleSearch
from core.storage.rollups import RollupStore
from core.storage.support import SupportStore
from core.storage.users import UserStore
from core.telegram.outbox import Outbox


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the panel needs of the rest of the house. What is asked for late needs the plugins itself."""

    database: Database
    clock: Clock
    team: Team
    audit: AuditLog
    plugins: PluginManager
    users: UserStore
    ledger: Ledger
    i18n: I18n
    outbox: Outbox
    files: Files
    billing: Callable[[], Billing]
    generations: Callable[[], Generations]
    registry: Registry
    policies: ModelPolicies
    synchronising: Synchronising | None
    statistics: Statistics
    accounts: Accounts
    amounts: Amounts
    maintenance: Maintenance
    level: LogLevel
    errors: ErrorStore
    support_listeners: list[Listener]
    instances: InstanceStore
    presence: Presence
    threads: SupportStore
    language_chosen: Callable[[int, str], None]


def build_panel(around: Surroundings) -> tuple[Panel, BroadcastRunner]:
    """The panel, and the one who sends its broadcasts."""
    database, clock, audit = around.database, around.clock, around.audit
    claims = Claims(database, clock)
    search = PeopleSearch(database, clock, around.i18n.choose_language)
    drafts = BroadcastStore(database, clock)
    jobs, payments = JobStore(database, clock), PaymentStore(database)
    letters = Letters(drafts, around.outbox, around.files)
    runner = BroadcastRunner(drafts, search, letters, lambda: around.billing().desk, clock)
    panel = Panel(
        team=around.team,
        audit=audit,
        pages=AdminPages(around.plugins),
        people=search,
        desk=PeopleDesk(
            search=search,
            users=around.users,
            ledger=around.ledger,
            payments=payments,
            rollups=RollupStore(database),
            outbox=around.outbox,
            i18n=around.i18n,
            claims=claims,
            audit=audit,
            operates=lambda user_id: around.team.role_of(user_id) is not None,
            language_chosen=around.language_chosen,
        ),
        jobs=JobDesk(
            jobs=jobs,
            people=search,
            generations=around.generations,
            cases=lambda: around.billing().cases,
            refunds=lambda: around.billing().refund_cases,
            claims=claims,
            audit=audit,
        ),
        plugins=Switchboard(around.plugins, claims, audit),
        support=SupportDesk(
            listeners=around.support_listeners,
            store=around.threads,
            users=around.users,
            outbox=around.outbox,
            i18n=around.i18n,
            claims=claims,
            audit=audit,
        ),
        models=ModelDesk(around.registry, around.policies, around.synchronising, claims, audit),
        money=Turnover(payments, around.statistics, audit),
        upkeep=Upkeep(
            maintenance=around.maintenance,
            level=around.level,
            leases=Leases(database, clock),
            instances=around.instances,
            errors=around.errors,
            claims=claims,
            audit=audit,
            languages=around.i18n.language_names,
        ),
        broadcasts=Broadcasts(drafts, search, audit, letters=letters, files=around.files, wake=runner.wake),
        broadcast_ended=runner.ended,
        overview=Overview(
            people=search,
            jobs=jobs,
            statistics=around.statistics,
            accounts=around.accounts,
            errors=around.errors,
            presence=around.presence,
            star_usd=lambda: around.amounts.star_usd,
            clock=clock,
        ),
    )
    return panel, runner
