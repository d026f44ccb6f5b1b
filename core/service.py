"""What runs while an instance is on duty: Telegram, plugins, updates, generations."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from core.admin.assembly import Surroundings as PanelSurroundings
from core.admin.assembly import build_panel
from core.admin.presence import Presence
from core.admin.support import SupportLine
from core.admin.team import Team
from core.admin.upkeep import LogLevel
from core.alerts import AdminAlerts
from core.background import end_all
from core.billing.amounts import Amounts
from core.billing.assembly import Billing, build_billing
from core.billing.assembly import Surroundings as BillingSurroundings
from core.billing.free import FreeTier
from core.billing.ledger import Ledger
from core.billing.order_gate import TERMS_ACCEPTED, OrderGate
from core.billing.welcome import Welcome
from core.charts.easel import Easel
from core.clock import Clock
from core.config import Settings
from core.context import ContextFactory
from core.errors import ConfigurationError, DatabaseAway, UserFacingError
from core.generation.accounts import Accounts
from core.generation.assembly import Studio, Surroundings, build_studio
from core.generation.callback_addresses import CallbackAddresses
from core.generation.job import FINAL_STATES, Job
from core.generation.model_policy import ModelPolicies
from core.generation.ports import LargeFiles, NoLargeFiles
from core.generation.provider import Provider
from core.generation.registry import Registry
from core.generation.settings import GenerationSettings, Originals, Patience, WorkerSettings
from core.generation.sync_assembly import Synchronising
from core.i18n import I18n
from core.limits import Limits
from core.maintenance import Maintenance
from core.media.desk import MediaDesk
from core.media.files import InputFiles
from core.media.stills import Stills
from core.media.store import InputStore
from core.media.workshop import Workshop
from core.menu import CommandMenu
from core.notifications.notification import Notification
from core.notifications.queue import NotificationQueue
from core.observability.logging import set_level
from core.observability.metrics import Metrics
from core.plugin_manager import PluginManager
from core.plugins.status import Alert
from core.plugins_file import PluginsFile
from core.privacy import Privacy
from core.routes import Routes
from core.statistics.counter import Counter
from core.statistics.periods import Period
from core.statistics.sections import Section
from core.statistics.statistics import Statistics
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
from core.telegram.checkout import CheckoutDesk
from core.telegram.client import ClientTiming, TelegramClient
from core.telegram.endpoint import Endpoint
from core.telegram.files import FileOutbox
from core.telegram.handling import Handling
from core.telegram.inline import InlineDesk
from core.telegram.keyboards import CallbackSigner
from core.telegram.message_files import MessageFiles
from core.telegram.middleware import Correlation, Gate, RateLimit, SameButton
from core.telegram.money import MoneyDesk, SalesCounter
from core.telegram.outbox import Outbox
from core.telegram.parse import Incoming, IncomingCallback, IncomingInline, IncomingMessage
from core.telegram.people import People
from core.telegram.proxies import Proxies, parsed
from core.telegram.replies import OwnMessages
from core.telegram.router import Router
from core.telegram.updates import Handle, PumpLimits, UpdatePump
from core.telegram.uploader import Uploader
from core.users import User
from core.watch import Watch, Watched

_log = structlog.stdlib.get_logger(__name__)


_KINDS = {IncomingMessage: "message", IncomingCallback: "callback", IncomingInline: "inline"}

_GRANTS = ("billing", "privacy", "panel", "operations")


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
    addresses: CallbackAddresses = field(default_factory=lambda: CallbackAddresses(None, ()))
    synchronising: Synchronising | None = None
    policies: ModelPolicies | None = None


class Service:
    """One spell of duty: built, started, stopped, and not used again."""

    def __init__(self, shared: Shared, duties: Duties, tuning: Tuning) -> None:
        self._shared = shared
        self._duties = duties
        settings, clock, database = shared.settings, shared.clock, shared.database
        limits: Limits = shared.file.limits
        self._erasures = ErasureStore(database, marker(_people_key(settings)))
        self._users = UserStore(database, clock, former=self._erasures)
        self._settings = SettingsStore(database)
        self._proxies = _proxies(shared)
        self.client = _client(shared, duties, tuning, self._proxies)
        signer = CallbackSigner(*callback_secrets(settings))
        sent = SentStore(database, clock)
        self.outbox = Outbox(
            self.client,
            clock,
            limits.sending,
            sent=sent,
            signer=signer,
            unreachable=self._unreachable,
        )
        self._audit = AuditLog(database, clock)
        self.team = Team(
            TeamStore(database, clock),
            self._audit,
            clock,
            owners=settings.admin_ids,
            follow_seconds=limits.plugins.follow_seconds,
            changed=self._role_changed,
        )
        errors = ErrorStore(database, clock, duties.instance)
        self._presence = Presence(clock)
        self._alerts = AdminAlerts(
            self.outbox,
            self._users,
            shared.i18n,
            self.team.who_run_it,
            clock,
            also=self._note_alert,
            note=errors.write,
        )
        self._accounts = Accounts(lambda: _asked(shared.registry), clock=clock, metrics=shared.metrics)
        self.routes = Routes()
        self._menu = CommandMenu(
            self.routes.commands,
            shared.i18n,
            self.outbox.set_commands,
            self.team.roles,
        )
        self._uploader = Uploader(self.client, observe=shared.metrics.uploaded_bytes.inc)
        self._files = FileOutbox(self.outbox, self._uploader, sent)
        self._inputs = InputFiles(shared.inputs, clock)
        self._media = MediaDesk(
            store=shared.inputs,
            files=self._inputs,
            fetch=self._uploader.download,
            look=MessageFiles(self.client).media_in,
            workshop=Workshop(),
            directory=shared.directory / "incoming" / duties.instance,
        )
        self.charts = Easel(shared.directory / "charts")
        rollups = RollupStore(database)
        zone = shared.file.statistics.zone
        self.statistics = Statistics(rollups, clock, zone, self._statistics_sections)
        self._counter_of_ends = Counter(JobStore(database, clock), rollups, clock, zone)
        self._watch = self._build_watch(zone)
        self.notifications = shared.notifications
        self.budgets, self.production = self._watch.budgets, self._watch.production
        threads = SupportStore(database, clock)
        self.plugins = PluginManager(
            shared.file,
            contexts=ContextFactory(
                outbox=self.outbox,
                files=self._files,
                users=self._users,
                ledger=shared.ledger,
                settings=self._settings,
                notes=NoteStore(database, clock),
                rows=PluginRows(database, clock, limits.plugins),
                limits=limits.plugins,
                routes=self.routes,
                i18n=shared.i18n,
                bot_username=lambda: self.client.me.username,
                language_chosen=self._menu.choose_language,
                clock=clock,
                admins=self._alerts,
                support=SupportLine(threads),
                generations=lambda: self.studio.generations,
                amounts=shared.amounts,
                accounts=self._accounts,
                media=self._media,
                statistics=self.statistics,
                charts=self.charts,
                billing=lambda: self.billing,
                privacy=lambda: self.privacy,
                panel=lambda: self.panel,
                notifications=self.notifications,
                operations=self._watch.operations,
                trusted={grant: _granted(shared.file, grant) for grant in _GRANTS},
                model_changes=shared.synchronising.changes if shared.synchronising else None,
            ),
            stored=self._settings,
            routes=self.routes,
            i18n=shared.i18n,
            clock=clock,
            metrics=shared.metrics,
            alert=self._alerts.tell,
            note=errors.write,
            on_change=self._refresh_menu,
            turns=TurnStore(database),
        )
        self._people = People(self._users, shared.i18n, self.team.role_of)
        self._counter = SalesCounter(
            routes=self.routes,
            plugins=self.plugins,
            people=self._people,
            outbox=self.outbox,
            files=self._files,
            set_dialogue=self._users.set_dialogue,
        )
        self.billing = self._build_billing()
        self.privacy = Privacy(
            database=database,
            erasures=self._erasures,
            ledger=shared.ledger,
            plans=self.billing.subscriptions,
            plugins=self.plugins,
            operates=lambda user_id: self.team.role_of(user_id) is not None,
            forget_peer=self.client.storage.forget_peer,
            clock=clock,
        )
        follow_seconds = limits.plugins.follow_seconds
        self._policies = shared.policies or ModelPolicies(
            shared.registry, shared.free, self._settings, clock, follow_seconds=follow_seconds
        )
        self.studio = self._build_studio(tuning.generation)
        self.maintenance = Maintenance(self._settings, clock, follow_seconds=follow_seconds)
        self._level = LogLevel(self._settings, clock, set_level, follow_seconds=follow_seconds)
        self.panel, self.runner = build_panel(
            PanelSurroundings(
                database=database,
                clock=clock,
                team=self.team,
                audit=self._audit,
                plugins=self.plugins,
                users=self._users,
                ledger=shared.ledger,
                i18n=shared.i18n,
                outbox=self.outbox,
                billing=lambda: self.billing,
                generations=lambda: self.studio.generations,
                registry=shared.registry,
                policies=self._policies,
                synchronising=shared.synchronising,
                statistics=self.statistics,
                accounts=self._accounts,
                amounts=shared.amounts,
                maintenance=self.maintenance,
                level=self._level,
                errors=errors,
                instances=InstanceStore(database, clock, seconds=limits.instances.heartbeat_seconds),
                presence=self._presence,
                threads=threads,
                language_chosen=self._menu.choose_language,
            )
        )
        self.pump = self._build_pump(signer, limits, tuning.pump)
        shared.metrics.updates_waiting.set_function(lambda: self.pump.waiting)
        shared.metrics.jobs_active.set_function(lambda: self.studio.worker.load)
        self._background: list[asyncio.Task[None]] = []
        self._closing = contextlib.AsyncExitStack()

    async def start(self) -> None:
        """Log in, start plugins, take up updates and jobs, in this order.

        Raises:
            ConfigurationError: Telegram refuses the token or the API id.
            TelegramError: Telegram cannot be reached.
            DatabaseAway: the database does not answer.
        """
        async with contextlib.AsyncExitStack() as stack:
            await self.client.start()
            stack.push_async_callback(self.client.stop)
            stack.push_async_callback(self._uploader.stop)
            stack.push_async_callback(self.outbox.stop)
            await self._media.start()
            stack.push_async_callback(self.charts.stop)
            await self.team.read()
            await self.plugins.start()
            stack.push_async_callback(self.plugins.stop)
            self._background = [
                asyncio.create_task(self.studio.offering.run(), name="resting providers"),
                asyncio.create_task(self._accounts.run(), name="provider accounts"),
                asyncio.create_task(self.team.follow(), name="team"),
                asyncio.create_task(self._level.follow(), name="log level"),
            ]
            stack.push_async_callback(self._end_background)
            if self._proxies is not None:
                watching = self._proxies.run(self._watch.tell_of_proxy, self.client.reconnect)
                self._background.append(asyncio.create_task(watching, name="telegram proxies"))
            if self._duties.works:
                self.studio.worker.start()
                stack.push_async_callback(self.studio.worker.stop)
            if self._duties.reads_updates:
                await self.maintenance.read()
                # Before anybody whose data is to go can begin anew.
                await self.privacy.resume()
                self._background += [
                    asyncio.create_task(self._menu.run(), name="command menu"),
                    asyncio.create_task(self.maintenance.follow(), name="maintenance switch"),
                    asyncio.create_task(self.billing.run(), name="billing"),
                    *self._watch.begin(),
                    asyncio.create_task(self._counter_of_ends.run(), name="statistics"),
                    asyncio.create_task(self.privacy.run(), name="erasures"),
                    asyncio.create_task(self.runner.run(), name="broadcasts"),
                    *self._synchronise(),
                ]
                await self.pump.start()
                stack.push_async_callback(self.pump.stop)
            self._closing = stack.pop_all()
        _log.info("on duty", instance=self._duties.instance, bot=self.client.me.username)

    async def stop(self) -> None:
        """Stop in the reverse order: no new updates first, the connection last."""
        await self._closing.aclose()

    def _synchronise(self) -> list[asyncio.Task[None]]:
        """What compares models with their providers' lists, and tells admins of it."""
        synchronising = self._shared.synchronising
        if synchronising is None:
            return []
        news = synchronising.news(lambda draw, about: self._alerts.show(draw, about=about))
        return [
            asyncio.create_task(synchronising.sync.run(), name="model sync"),
            asyncio.create_task(news.run(), name="news of models"),
        ]

    async def _note_alert(self, alert: Alert) -> None:
        await self._watch.note_alert(alert)

    def _build_watch(self, zone: ZoneInfo) -> Watch:
        shared, duties = self._shared, self._duties
        return Watch(
            Watched(
                instance=duties.instance,
                leads=duties.reads_updates,
                budgets=shared.file.budgets,
                database=shared.database,
                ledger=shared.ledger,
                statistics=self.statistics,
                zone=zone,
                users=self._users,
                admins=self.team.who_run_it,
                generations=lambda: self.studio.generations,
                look=MessageFiles(self.client).media_in,
                uploader=self._uploader,
                large=shared.large,
                queue=shared.notifications,
                heard=self._operators_notified,
                restart=shared.restart,
                metrics=shared.metrics,
                clock=shared.clock,
            )
        )

    async def _end_background(self) -> None:
        await end_all(self._background)

    def _build_studio(self, settings: GenerationSettings) -> Studio:
        shared = self._shared
        return build_studio(
            Surroundings(
                registry=shared.registry,
                free=shared.free,
                pins=self._policies.pins,
                jobs=JobStore(shared.database, shared.clock),
                history=HistoryStore(shared.database),
                durations=DurationStore(shared.database),
                leases=Leases(shared.database, shared.clock),
                ledger=shared.ledger,
                messenger=self.outbox,
                uploader=self._uploader,
                hooks=self.plugins,
                notify=self._generation_changed,
                translators=shared.i18n.translator,
                alerts=self._alerts,
                stored=self._settings,
                spending=self.budgets,
                addresses=shared.addresses,
                inputs=self._inputs,
                large=shared.large,
                picture=Stills().thumbnail,
                clock=shared.clock,
                metrics=shared.metrics,
            ),
            settings,
            worker_name=self._duties.instance,
        )

    def _build_billing(self) -> Billing:
        shared = self._shared
        return build_billing(
            BillingSurroundings(
                settings=shared.settings,
                billing=shared.file.billing,
                database=shared.database,
                erasures=self._erasures,
                ledger=shared.ledger,
                amounts=shared.amounts,
                registry=shared.registry,
                client=self.client,
                outbox=self.outbox,
                users=self._users,
                i18n=shared.i18n,
                clock=shared.clock,
                secrets=callback_secrets(shared.settings),
                alert=self._alerts.tell,
                counter=self._counter,
                generations=lambda: self.studio.generations,
                discard=self._inputs.discard,
                correct=self._generation_given_back,
                check_promo=self._check_promo,
            )
        )

    async def _check_promo(self, user_id: int, code: str) -> None:
        """Let plugins object to a promo code."""
        refusal = await self.plugins.decide("may_redeem", user_id=user_id, code=code)
        if refusal is not None:
            raise UserFacingError(refusal.key, **refusal.variables)

    def _build_pump(self, signer: CallbackSigner, limits: Limits, pump: PumpLimits) -> UpdatePump:
        shared = self._shared
        people = self._people
        router = Router(
            routes=self.routes,
            plugins=self.plugins,
            people=people,
            signer=signer,
            audit=self._audit,
            bot_username=lambda: self.client.me.username,
            is_own=OwnMessages(self.client),
            person_arrived=self._person_arrived,
            money=MoneyDesk(
                payments=self.billing.payments, refunds=self.billing.refunds, counter=self._counter
            ),
        )
        handling = Handling(
            stages=(
                Correlation(),
                Gate(
                    people,
                    shared.clock,
                    lambda: self.maintenance.on,
                    lambda: self.maintenance.notice,
                ),
                RateLimit(people, limits.updates, shared.clock),
                SameButton(limits.updates, shared.clock),
            ),
            router=router,
            people=people,
            person_seen=self._person_seen,
            users=self._users,
            outbox=self.outbox,
            files=self._files,
            person_returned=self.studio.worker.person_returned,
            discard=self._inputs.discard,
            subscription_changed=self.billing.subscriptions.changed,
        )
        check_out = CheckoutDesk(
            routes=self.routes,
            plugins=self.plugins,
            people=people,
            answers=handling.answers,
            clock=shared.clock,
            check_order=OrderGate(
                orders=self.billing.orders,
                plugin_is_on=self.plugins.is_on,
                terms_accepted=lambda user: TERMS_ACCEPTED in user.settings,
            ),
            sells=shared.settings.sells_stars,
        )
        answer_inline = InlineDesk(
            routes=self.routes,
            plugins=self.plugins,
            people=people,
            known=self._users,
            answers=handling.answers,
            limits=limits.updates,
            maintenance=lambda: self.maintenance.on,
            clock=shared.clock,
        )

        async def handle(incoming: Incoming) -> bool:
            if isinstance(incoming, IncomingInline):
                await answer_inline(incoming)
                return True
            return await handling(incoming)

        return UpdatePump(
            self.client,
            Inbox(shared.database, shared.clock),
            handle=self._measured(handle),
            check_out=check_out,
            clock=shared.clock,
            limits=pump,
        )

    def _measured(self, handle: Handle) -> Handle:
        metrics = self._shared.metrics

        async def measure(incoming: Incoming) -> bool:
            kind = _KINDS.get(type(incoming), "other")
            metrics.updates.labels(kind).inc()
            with metrics.update_seconds.labels(kind).time():
                return await handle(incoming)

        return measure

    async def _person_arrived(self, user: User) -> None:
        """Give the welcome balance before the first answer tells of it."""
        if user.left_on is None:
            await self._shared.welcome.grant(user.id)
        await self.plugins.notify("person_arrived", user=user)
        # Noted last: after a crash on the way the person arrives once more, and the grant has its own key.
        await self._users.set_arrived(user.id)
        if self.team.role_of(user.id) is not None:
            # There is a chat now in which the operator's own menu can be set.
            self._menu.refresh()

    async def _generation_changed(self, job: Job) -> None:
        metrics = self._shared.metrics
        metrics.jobs.labels(job.state.value, job.provider, job.model_id).inc()
        if job.state in FINAL_STATES and job.created_at is not None:
            seconds = (self._shared.clock.now() - job.created_at).total_seconds()
            metrics.job_seconds.labels(job.provider, job.state.value).observe(seconds)
        if job.state in FINAL_STATES:
            self._counter_of_ends.wake()
            # Where this is missed, the orders forget by themselves when they expire.
            with contextlib.suppress(DatabaseAway):
                await self.billing.orders.forget(job.id)
        await self.plugins.notify("generation_changed", job=job)

    async def _generation_given_back(self, job_id: str, key: str, stars: int) -> None:
        """Let the statistics say what the ledger says of a generation whose price went back."""
        job = await JobStore(self._shared.database, self._shared.clock).get(job_id)
        if job is not None and await self.statistics.correct(job, key=key, stars=stars):
            self._counter_of_ends.wake()

    async def _operators_notified(self, notification: Notification) -> None:
        await self.plugins.notify("operators_notified", notification=notification)

    async def _statistics_sections(self, viewer: User, period: Period) -> tuple[Section, ...]:
        return await self.plugins.statistics_sections(viewer, period)

    async def _unreachable(self, user_id: int) -> None:
        await self._users.set_blocked(user_id, True)

    def _person_seen(self, user: User) -> None:
        self._presence.note(user.id)
        self._menu.follow(user)

    def _role_changed(self, user_id: int) -> None:
        self._menu.role_changed(user_id)

    def _refresh_menu(self) -> None:
        self._menu.refresh()


def _proxies(shared: Shared) -> Proxies | None:
    """The proxies to Telegram; None where the way is open."""
    addresses = [parsed(each.get_secret_value()) for each in shared.settings.telegram_proxy]
    if not addresses:
        return None
    gauge = shared.metrics.proxy_up

    def show(label: str, up: bool) -> None:
        gauge.labels("telegram", label).set(int(up))

    return Proxies(addresses, shared.clock, show=show)


def _client(shared: Shared, duties: Duties, tuning: Tuning, proxies: Proxies | None = None) -> TelegramClient:
    settings = shared.settings
    if settings.bot_token is None:
        raise ConfigurationError("BOT_TOKEN: must be given to run a bot")
    endpoint = settings.telegram_endpoint
    return TelegramClient(
        name="starloom",
        api_id=settings.api_id or 1,
        api_hash=settings.api_hash.get_secret_value() if settings.api_hash else "-",
        bot_token=settings.bot_token.get_secret_value(),
        endpoint=Endpoint(endpoint.host, endpoint.port, endpoint.modulus, endpoint.exponent)
        if endpoint
        else None,
        session=SessionStore(shared.database, duties.session),
        clock=shared.clock,
        no_updates=not duties.reads_updates,
        workdir=shared.directory,
        timing=tuning.client,
        proxies=proxies,
        observe=lambda method, result: shared.metrics.telegram_calls.labels(method, result).inc(),
    )


def _asked(registry: Registry) -> list[Provider]:
    """The providers whose accounts are asked for: where another one stands in, nothing is asked of them."""
    return [provider for provider in registry.providers() if not registry.stood_in(provider.name)]


def _granted(file: PluginsFile, grant: str) -> frozenset[str]:
    return frozenset(name for name, entry in file.plugins.items() if grant in entry.grants)


def _people_key(settings: Settings) -> bytes:
    """What people who were erased are remembered with: made of the bot's token, so it lies in no database."""
    token = settings.bot_token.get_secret_value() if settings.bot_token else ""
    return hmac.new(token.encode(), b"starloom people who were here", hashlib.sha256).digest()


def callback_secrets(settings: Settings) -> tuple[bytes, ...]:
    """What buttons, invoices and addresses are signed with, and behind it what is still accepted.

    The operator's secret signs, or one made of the token where there is none. The latter needs no storing, is
    the same for all instances, and stays accepted, so that what was signed before an operator set a secret
    goes on working; so do the secrets that the operator names as those from before.
    """
    if settings.bot_token is None:
        raise ConfigurationError("BOT_TOKEN: must be given to run a bot")
    token = settings.bot_token.get_secret_value().encode()
    derived = hmac.new(token, b"starloom callback data", hashlib.sha256).digest()
    own = [settings.callback_secret] if settings.callback_secret else []
    given = [secret.get_secret_value().encode() for secret in (*own, *settings.callback_secrets_before)]
    return (*given, derived) if own else (derived, *given)
