"""The application: builds the parts, starts and stops them in order, and decides when it is on duty."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Callable, Coroutine, Iterable, Mapping
from pathlib import Path
from typing import Any

import structlog

from core.billing.amounts import Amounts
from core.billing.free import FreeTier
from core.billing.ledger import Ledger
from core.billing.rates import BANK_URL, Rates
from core.billing.welcome import Welcome
from core.clock import Clock, SystemClock
from core.config import Settings
from core.derived_keys import callback_secrets
from core.duties import Duties, Shared, Tuning
from core.errors import ConfigurationError, DatabaseAway
from core.file_stores import FileStores
from core.generation.callback_addresses import CallbackAddresses, former_key
from core.generation.left_alone import LeftAlone
from core.generation.model_policy import ModelPolicies
from core.generation.provider import TakesCallbacks
from core.generation.registry import EVERY_PROVIDER, Registry
from core.generation.sync_assembly import Synchronising, build_synchronising
from core.generation.sync_upstream import ReadingSettings
from core.http.proxies import ProviderProxies
from core.i18n import CORE, I18n
from core.instance import InstanceName
from core.leadership import Leadership
from core.locale_problems import LocaleProblem
from core.notifications.queue import NotificationQueue
from core.observability.metrics import Metrics
from core.plugin_powers import WebReply, WebRequest
from core.plugins.providers import ProviderManager, ProviderStatus
from core.plugins_file import PluginsFile
from core.production.reports import UploadReports
from core.roles import Role
from core.service import Service
from core.storage.database import Database
from core.storage.embedded import EmbeddedServer
from core.storage.generations import JobStore
from core.storage.instances import InstanceStore
from core.storage.leases import Lease, Leases
from core.storage.notifications import NotificationStore
from core.storage.runs import RunStore
from core.storage.settings import SettingsStore
from core.web.api.document import DOCUMENT, EVENTS, NOTIFICATIONS
from core.web.api.intake import Intake
from core.web.api.keys import ApiKeys
from core.web.callbacks import Callbacks
from core.web.server import Readiness, WebServer

_log = structlog.stdlib.get_logger(__name__)

_UPDATES_LEASE = "updates"
_BOT_SESSION = "bot"
_DEMO = "demo"
_CATALOGUE_TURNS = 5
"""Prices change seldom: they are looked at in every fifth of the turns in which switches are."""


class Application:
    """One instance of Starloom.

    `locales` is the folder of the core's texts. An instance that reads updates (`bot`, `all`) is on duty
    while it holds the lease for that; another one stands by. A `worker` is on duty all the time.
    """

    def __init__(
        self,
        settings: Settings,
        file: PluginsFile,
        *,
        locales: Path,
        role: Role = Role.ALL,
        clock: Clock | None = None,
        tuning: Tuning | None = None,
    ) -> None:
        if settings.bot_token is None or settings.bot_id is None:
            raise ConfigurationError("BOT_TOKEN: must be given to run a bot")
        self.settings = settings
        self.metrics = Metrics()
        self.i18n = I18n(file.texts.fallback)
        self.service: Service | None = None
        self._file = file
        self._locales = locales
        self._role = role
        self._clock = clock or SystemClock()
        self._tuning = tuning or Tuning.of(settings, file.limits)
        self._web: WebServer | None = None
        self._database: Database | None = None
        self._leadership: Leadership | None = None
        self._shared: Shared | None = None
        self._providers: ProviderManager | None = None
        self._instance = ""
        self._closing = contextlib.AsyncExitStack()
        self._stopping = False
        self._duty = asyncio.Event()
        self.restart_wanted = asyncio.Event()
        """Set when an operator wants this process to end what it is at and begin anew."""

    @property
    def database(self) -> Database:
        """The database. Raises RuntimeError before the start."""
        if self._database is None:
            raise RuntimeError("the application is not started")
        return self._database

    @property
    def ledger(self) -> Ledger:
        """The ledger. Raises RuntimeError before the start."""
        if self._shared is None:
            raise RuntimeError("the application is not started")
        return self._shared.ledger

    @property
    def provider_states(self) -> tuple[ProviderStatus, ...]:
        """All allowed providers as the operator sees them; none before the start."""
        return self._providers.states() if self._providers else ()

    @property
    def port(self) -> int:
        """The port that the web server listens on."""
        return self._web.port if self._web else 0

    async def on_duty(self) -> Service:
        """Wait until this instance is on duty; what runs then."""
        await self._duty.wait()
        if self.service is None:
            raise RuntimeError("the application has stopped")
        return self.service

    async def start(self) -> None:
        """Start everything that does not need the duty, then wait for the duty in the background.

        Raises:
            ConfigurationError: something is set wrong; the sentence says what.
            DatabaseAway: the database does not answer.
        """
        async with contextlib.AsyncExitStack() as stack:
            await self._start_parts(stack)
            self._closing = stack.pop_all()

    async def stop(self) -> None:
        """Stop everything in the reverse order; what runs is finished or left to other instances."""
        self._stopping = True
        await self._closing.aclose()

    async def _start_parts(self, stack: contextlib.AsyncExitStack) -> None:
        directory = self.settings.data_dir
        directory.mkdir(parents=True, exist_ok=True)
        name = InstanceName.take(directory, self.settings.instance_name)
        stack.callback(name.release)
        self._instance = name.name
        structlog.contextvars.bind_contextvars(instance=name.name)
        self._web = WebServer(
            host=self.settings.listen_host,
            port=self.settings.port,
            metrics=self.metrics,
            metrics_token=self.settings.metrics_token,
            readiness=self._readiness,
            limits=self._file.limits.web,
        )
        self._database = await self._open_database(stack, directory)
        heartbeat = self._file.limits.instances.heartbeat_seconds
        instances = InstanceStore(self._database, self._clock, seconds=heartbeat)
        living = functools.partial(instances.live, self._instance, self._role.value)
        await _in_background(stack, living, "signs of life")
        await self._web.start()
        stack.push_async_callback(self._web.stop)
        self._add_texts()
        ledger = Ledger(self._database, self._clock, metrics=self.metrics)
        self.metrics.watch_database(lambda: self.database.round_trips)
        await _in_background(stack, ledger.run, "ledger copier")
        rates = Rates(
            store=SettingsStore(self._database),
            clock=self._clock,
            configured=self.settings.usd_to_rub,
            url=self._rate_url(),
        )
        await _in_background(stack, rates.run, "rouble rate")
        amounts = Amounts(rates, star_usd=self.settings.star_usd, currency=self.settings.currency)
        registry = self._registry()
        addresses = [each.get_secret_value() for each in self.settings.provider_proxy]
        proxies = ProviderProxies.of(addresses, self._clock, show=self.metrics.show_proxy)
        self._providers = providers = ProviderManager(
            self._file,
            clock=self._clock,
            secret=self.settings.provider_secret,
            directory=directory / "providers",
            sandbox=self.settings.telegram_endpoint is not None,
            metrics=self.metrics,
            reply_seconds=self.settings.request_timeout,
            stood_in=registry.stood_in,
            proxies=proxies,
            i18n=self.i18n,
        )
        for provider in (await providers.start()).values():
            registry.add(provider)
        stack.push_async_callback(providers.stop)
        synchronising = await self._follow_catalogue(stack, registry, self._database)
        for line in registry.report():
            _log.info(line)
        left_alone = LeftAlone(registry, providers.http.is_open, providers.http.breaker_opened, self._clock)
        await _in_background(stack, left_alone.run, "breakers")
        keep_running = functools.partial(_in_background, stack)
        stores = FileStores(self.settings, self._file, self._clock, web=self._web, run=keep_running)
        inputs, large = await stores.inputs(), await stores.results()
        free = FreeTier.of(
            registry,
            model_ids=self.settings.free_tier_model_ids,
            per_day=self._file.billing.free_per_day,
            newcomer=self.settings.amount_of_free_images,
        )
        notifications = NotificationQueue(NotificationStore(self._database, self._clock), self._clock)
        policies = ModelPolicies(
            registry,
            free,
            SettingsStore(self._database),
            self._clock,
            follow_seconds=self._file.limits.plugins.follow_seconds,
        )
        await policies.read()
        await _in_background(stack, policies.follow, "models as operators decided")
        self._shared = Shared(
            notifications=notifications,
            provider_proxies=proxies,
            keys=providers.http,
            restart=self.restart_wanted.set,
            settings=self.settings,
            file=self._file,
            database=self._database,
            ledger=ledger,
            registry=registry,
            free=free,
            inputs=inputs,
            large=large,
            i18n=self.i18n,
            metrics=self.metrics,
            amounts=amounts,
            welcome=Welcome(ledger, amounts, rub=self.settings.welcome_balance_rub),
            clock=self._clock,
            directory=directory,
            synchronising=synchronising,
            policies=policies,
            addresses=await self._callback_addresses(self._database),
        )
        self._serve_callbacks(self._shared, self._web)
        self._web.serve_plugins(self._plugin_page)
        self._serve_api(notifications, UploadReports(RunStore(self._database)), self._web)
        await self._take_duty(stack)

    async def _follow_catalogue(
        self, stack: contextlib.AsyncExitStack, registry: Registry, database: Database
    ) -> Synchronising:
        """Offer models as their providers' lists and the admins have it, from now on."""
        settings = self.settings
        synchronising = build_synchronising(
            registry,
            database,
            self._clock,
            reading=ReadingSettings(
                delay=settings.request_delay,
                timeout=settings.request_timeout,
                most_models=settings.max_models,
            ),
            follow_seconds=_CATALOGUE_TURNS * self._file.limits.plugins.follow_seconds,
        )
        await synchronising.follower.read()
        await _in_background(stack, synchronising.follower.follow, "catalogue")
        return synchronising

    async def _callback_addresses(self, database: Database) -> CallbackAddresses:
        secrets = callback_secrets(self.settings)
        former = await former_key(SettingsStore(database), secrets[0])
        return CallbackAddresses(self.settings.public_url, secrets, former=former)

    def _serve_callbacks(self, shared: Shared, server: WebServer) -> None:
        """Let the providers that call back reach whichever instance stands behind the public address."""
        callbacks = Callbacks(
            addresses=shared.addresses,
            jobs=JobStore(shared.database, self._clock),
            worker=lambda: self.service.studio.worker if self.service else None,
            clock=self._clock,
            metrics=self.metrics,
        )
        for provider in shared.registry.providers():
            if isinstance(provider, TakesCallbacks):
                server.serve_callbacks(
                    provider.name, functools.partial(callbacks.receive, provider.name, provider)
                )

    def _serve_api(self, notifications: NotificationQueue, reports: UploadReports, server: WebServer) -> None:
        """Let outside systems tell operators what happens, whichever instance they reach."""
        keys = ApiKeys(self.settings.monitoring_token, self.settings.monitoring_hmac_key)
        intake = Intake(notifications, keys, self._clock, heard=reports.hear)
        server.serve_api(NOTIFICATIONS, intake.notifications)
        server.serve_api(EVENTS, intake.events)
        server.serve_api(DOCUMENT, intake.document)

    async def _open_database(self, stack: contextlib.AsyncExitStack, directory: Path) -> Database:
        given = self.settings.database_uri
        if given is None:
            server = EmbeddedServer(directory / "database")
            uri = await server.start()
            stack.push_async_callback(server.stop)
            await _in_background(stack, server.watch, "embedded database")
        else:
            uri = given.get_secret_value()
        database = await Database.connect(
            uri, f"starloom_{self.settings.bot_id}", embedded=given is None, clock=self._clock
        )
        stack.push_async_callback(database.close)
        await database.prepare()
        return database

    async def _take_duty(self, stack: contextlib.AsyncExitStack) -> None:
        if self._role is Role.WORKER:
            await self._begin(None)
            stack.push_async_callback(self._end)
            return
        limits = self._file.limits.instances
        self._leadership = Leadership(
            Leases(self.database, self._clock),
            _UPDATES_LEASE,
            self._instance,
            clock=self._clock,
            seconds=limits.lease_seconds,
            heartbeat=limits.heartbeat_seconds,
            on_gain=self._begin,
            on_loss=self._end,
        )
        stack.push_async_callback(self._leadership.stop)
        self._leadership.start()

    async def _begin(self, lease: Lease | None) -> None:
        if self._shared is None or self._stopping:
            return
        reads = self._role is not Role.WORKER
        duties = Duties(
            session=_BOT_SESSION if reads else f"worker:{self._instance}",
            instance=self._instance,
            reads_updates=reads,
            works=self._role is not Role.BOT,
        )
        service = Service(self._shared, duties, self._tuning)
        await service.start()
        # The plugins are there now, whose words the operator's own may replace.
        _log_texts(self.i18n.check_overrides())
        self.service = service
        self._duty.set()

    async def _end(self) -> None:
        service, self.service = self.service, None
        self._duty.clear()
        if service is not None:
            await service.stop()

    def _add_texts(self) -> None:
        _log_texts(self.i18n.add(CORE, self._locales))
        if self._file.overrides is not None:
            self.i18n.add_overrides(self._file.overrides)

    def _registry(self) -> Registry:
        settings = self.settings
        return Registry(
            settings.pricing(self._file.prices), stand_ins=stand_ins_of(settings), clock=self._clock
        )

    def _rate_url(self) -> str | None:
        """Where the rouble's rate is asked for; None where it does not matter, and in the sandbox."""
        settings = self.settings
        if not settings.needs_roubles:
            return None
        return settings.rub_rate_url or (None if settings.telegram_endpoint else BANK_URL)

    async def _plugin_page(self, plugin: str, request: WebRequest) -> WebReply:
        """A page of a plugin; there is none while this instance stands by."""
        return await self.service.plugins.serve(plugin, request) if self.service else WebReply(status=503)

    async def _readiness(self) -> Readiness:
        """Whether this can serve: connected and on duty or standing by, and the database takes writes."""
        active = self.service is not None
        connected = self.service is None or self.service.client.connected
        try:
            await self.database.prove_write()
        except DatabaseAway:
            return Readiness(active=active, ready=False)
        waiting = self._leadership is not None and not self._leadership.leading
        return Readiness(active=active, ready=not self._stopping and connected and (active or waiting))


def _log_texts(problems: Iterable[LocaleProblem]) -> None:
    for problem in problems:
        _log.warning("text", problem=str(problem))


def stand_ins_of(settings: Settings) -> Mapping[str, str]:
    """Which providers others stand in for, as `Registry` takes it."""
    if settings.test_mode:
        return {EVERY_PROVIDER: _DEMO}
    return {"kie": _DEMO} if settings.kie_stub else {}


async def _in_background(
    stack: contextlib.AsyncExitStack, run: Callable[[asyncio.Event], Coroutine[Any, Any, None]], name: str
) -> None:
    """Run `run(stop)` until the stack closes: it is told to stop then, and waited for."""
    stop = asyncio.Event()
    task = asyncio.create_task(run(stop), name=name)

    async def end() -> None:
        stop.set()
        await asyncio.gather(task, return_exceptions=True)

    stack.push_async_callback(end)
