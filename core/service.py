"""What runs while an instance is on duty: Telegram, plugins, updates, generations."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from core.admin.assembly import Surroundings as PanelSurroundings
from core.admin.assembly import build_panel
from core.admin.panel import Panel
from core.admin.support import SupportLine
from core.background import end_all
from core.billing.assembly import Billing, build_billing
from core.billing.assembly import Surroundings as BillingSurroundings
from core.broadcast.runner import BroadcastRunner
from core.context import ContextFactory
from core.derived_keys import people_key
from core.duties import Duties, Shared, Tuning
from core.foundation import Foundation
from core.generation.assembly import Studio, build_studio
from core.generation.assembly import Surroundings as GenerationSurroundings
from core.generation.settings import GenerationSettings
from core.media.stills import Stills
from core.notifications.notification import OwnType
from core.plugin_manager import PluginManager
from core.plugins.status import Alert
from core.plugins_file import PluginsFile
from core.privacy import Privacy
from core.reactions import Reactions
from core.statistics.periods import Period
from core.statistics.sections import Section
from core.storage.stores import Stores
from core.telegram.assembly import Surroundings as TelegramSurroundings
from core.telegram.assembly import build_pump
from core.telegram.money import SalesCounter
from core.telegram.updates import PumpLimits, UpdatePump
from core.users import User
from core.watch import Watch, Watched

_log = structlog.stdlib.get_logger(__name__)

_GRANTS = ("billing", "privacy", "panel", "operations", "preferences")


class Service:
    """One spell of duty: built, started, stopped, and not used again.

    Each part is made of those before it; what needs a later one asks for it when it is needed. `stores` are
    those of the database unless given.

    Raises:
        ConfigurationError: there is no token.

    """

    def __init__(
        self, shared: Shared, duties: Duties, tuning: Tuning, *, stores: Stores | None = None
    ) -> None:
        self._shared = shared
        self._duties = duties
        self._stores = stores or _stores(shared, duties)
        self.foundation = base = Foundation(
            shared,
            duties,
            tuning.client,
            self._stores,
            collect_sections=self._collect_sections,
            note_alert=self._note_alert,
        )
        self.client, self.outbox, self.routes = base.client, base.outbox, base.routes
        self.team, self.maintenance = base.team, base.maintenance
        self.statistics, self.charts = base.statistics, base.charts
        self.notifications = shared.notifications
        self._watch = self._build_watch()
        self.budgets, self.production = self._watch.budgets, self._watch.production
        self.plugins = self._build_plugins()
        self._sales = self._build_sales()
        self._reactions = self._build_reactions()
        self.billing = self._build_billing()
        self.privacy = self._build_privacy()
        self.studio = self._build_studio(tuning.generation)
        self.panel, self.runner = self._build_panel()
        self.pump = self._build_pump(tuning.pump)
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
            stack.push_async_callback(self.foundation.uploader.stop)
            stack.push_async_callback(self.outbox.stop)
            await self.foundation.media.start()
            stack.push_async_callback(self.charts.stop)
            await self.team.read()
            await self.plugins.start()
            stack.push_async_callback(self.plugins.stop)
            self._background = self._look_after_itself()
            stack.push_async_callback(self._end_background)
            if self._duties.works:
                self.studio.worker.start()
                stack.push_async_callback(self.studio.worker.stop)
            if self._duties.reads_updates:
                await self.maintenance.read()
                # Before anybody whose data is to go can begin anew.
                await self.privacy.resume()
                self._background += self._look_after_all()
                await self.pump.start()
                stack.push_async_callback(self.pump.stop)
            self._closing = stack.pop_all()
        _log.info("on duty", instance=self._duties.instance, bot=self.client.me.username)

    async def stop(self) -> None:
        """Stop in the reverse order: no new updates first, the connection last."""
        await self._closing.aclose()

    def _look_after_itself(self) -> list[asyncio.Task[None]]:
        """Begin what every instance does in the background."""
        tasks = [
            asyncio.create_task(self.studio.offering.run(), name="resting providers"),
            asyncio.create_task(self.foundation.accounts.run(), name="provider accounts"),
            asyncio.create_task(self.team.follow(), name="team"),
            asyncio.create_task(self.foundation.level.follow(), name="log level"),
        ]
        if self.foundation.proxies is not None:
            watching = self.foundation.proxies.run(self._watch.tell_of_proxy, self.client.reconnect)
            tasks.append(asyncio.create_task(watching, name="telegram proxies"))
        if self._shared.provider_proxies is not None:
            watching = self._shared.provider_proxies.run(self._watch.tell_of_proxy)
            tasks.append(asyncio.create_task(watching, name="provider proxies"))
        return tasks

    def _look_after_all(self) -> list[asyncio.Task[None]]:
        """Begin what the instance that reads updates does for all of them."""
        return [
            asyncio.create_task(self.foundation.menu.run(), name="command menu"),
            asyncio.create_task(self.maintenance.follow(), name="maintenance switch"),
            asyncio.create_task(self.billing.run(), name="billing"),
            *self._watch.begin(),
            asyncio.create_task(self.foundation.counter.run(), name="statistics"),
            asyncio.create_task(self.privacy.run(), name="erasures"),
            asyncio.create_task(self.runner.run(), name="broadcasts"),
            *self._synchronise(),
        ]

    def _synchronise(self) -> list[asyncio.Task[None]]:
        """What compares models with their providers' lists, and tells admins of it."""
        synchronising = self._shared.synchronising
        if synchronising is None:
            return []
        news = synchronising.news(lambda draw, about: self.foundation.alerts.show(draw, about=about))
        return [
            asyncio.create_task(synchronising.sync.run(), name="model sync"),
            asyncio.create_task(news.run(), name="news of models"),
        ]

    async def _end_background(self) -> None:
        await end_all(self._background)

    async def _collect_sections(self, viewer: User, period: Period) -> tuple[Section, ...]:
        return await self.plugins.statistics_sections(viewer, period)

    async def _note_alert(self, alert: Alert) -> None:
        await self._watch.note_alert(alert)

    def _build_watch(self) -> Watch:
        shared, duties = self._shared, self._duties
        return Watch(
            Watched(
                instance=duties.instance,
                leads=duties.reads_updates,
                budgets=shared.file.budgets,
                database=shared.database,
                ledger=shared.ledger,
                statistics=self.statistics,
                zone=shared.file.statistics.zone,
                users=self._stores.users,
                admins=self.team.who_run_it,
                generations=lambda: self.studio.generations,
                look=self.foundation.message_files.media_in,
                uploader=self.foundation.uploader,
                large=shared.large,
                queue=shared.notifications,
                own_types=self._own_types,
                heard=lambda heard: self.plugins.notify("operators_notified", notification=heard),
                restart=shared.restart,
                audit=self._stores.audit,
                proxies=tuple(
                    each for each in (self.foundation.proxies, shared.provider_proxies) if each is not None
                ),
                metrics=shared.metrics,
                clock=shared.clock,
            )
        )

    def _build_plugins(self) -> PluginManager:
        shared, stores = self._shared, self._stores
        return PluginManager(
            shared.file,
            contexts=self._contexts(),
            stored=stores.settings,
            routes=self.routes,
            i18n=shared.i18n,
            clock=shared.clock,
            metrics=shared.metrics,
            alert=self.foundation.alerts.tell,
            note=stores.errors.write,
            on_change=self.foundation.menu.refresh,
            turns=stores.turns,
        )

    def _contexts(self) -> ContextFactory:
        shared, stores = self._shared, self._stores
        return ContextFactory(
            outbox=self.outbox,
            files=self.foundation.files,
            users=stores.users,
            ledger=shared.ledger,
            settings=stores.settings,
            notes=stores.notes,
            rows=stores.rows,
            limits=self._shared.file.limits.plugins,
            routes=self.routes,
            i18n=shared.i18n,
            bot_username=lambda: self.client.me.username,
            own_types=self._own_types,
            menu=lambda place, user: self.plugins.keyboard("menu_entries", place=place, user=user),
            language_chosen=self.foundation.menu.choose_language,
            clock=shared.clock,
            admins=self.foundation.alerts,
            support=SupportLine(stores.support, self.foundation.support_listeners),
            generations=lambda: self.studio.generations,
            amounts=shared.amounts,
            accounts=self.foundation.accounts,
            media=self.foundation.media,
            statistics=self.statistics.to_read(),
            charts=self.charts,
            billing=lambda: self.billing,
            privacy=lambda: self.privacy,
            panel=lambda: self.panel,
            notifications=self.notifications,
            operations=self._watch.operations,
            trusted={grant: _granted(shared.file, grant) for grant in _GRANTS},
            model_changes=shared.synchronising.changes if shared.synchronising else None,
        )

    def _own_types(self, plugin: str = "") -> tuple[OwnType, ...]:
        """The plugins are made after all that asks for them."""
        return self.plugins.notification_types(plugin)

    def _build_sales(self) -> SalesCounter:
        return SalesCounter(
            routes=self.routes,
            plugins=self.plugins,
            people=self.foundation.people,
            outbox=self.outbox,
            files=self.foundation.files,
            set_dialogue=self._stores.users.set_dialogue,
        )

    def _build_reactions(self) -> Reactions:
        return Reactions(
            plugins=self.plugins,
            users=self._stores.users,
            welcome=self._shared.welcome,
            team=self.team,
            menu=self.foundation.menu,
            presence=self.foundation.presence,
            jobs=self._stores.jobs,
            statistics=self.statistics,
            counter=self.foundation.counter,
            orders=lambda: self.billing.orders,
            metrics=self._shared.metrics,
            clock=self._shared.clock,
        )

    def _build_billing(self) -> Billing:
        shared = self._shared
        return build_billing(
            BillingSurroundings(
                settings=shared.settings,
                billing=shared.file.billing,
                database=shared.database,
                erasures=self._stores.erasures,
                ledger=shared.ledger,
                amounts=shared.amounts,
                registry=shared.registry,
                client=self.client,
                outbox=self.outbox,
                users=self._stores.users,
                i18n=shared.i18n,
                clock=shared.clock,
                secrets=self.foundation.secrets,
                alert=self.foundation.alerts.tell,
                counter=self._sales,
                generations=lambda: self.studio.generations,
                discard=self.foundation.inputs.discard,
                correct=self._reactions.generation_given_back,
                check_promo=self._reactions.check_promo,
            )
        )

    def _build_privacy(self) -> Privacy:
        return Privacy(
            database=self._shared.database,
            erasures=self._stores.erasures,
            ledger=self._shared.ledger,
            plans=self.billing.subscriptions,
            plugins=self.plugins,
            operates=lambda user_id: self.team.role_of(user_id) is not None,
            forget_peer=self.client.storage.forget_peer,
            clock=self._shared.clock,
        )

    def _build_studio(self, settings: GenerationSettings) -> Studio:
        shared, stores = self._shared, self._stores
        return build_studio(
            GenerationSurroundings(
                registry=shared.registry,
                free=shared.free,
                pins=self.foundation.policies.pins,
                jobs=stores.jobs,
                history=stores.history,
                notes=stores.notes,
                durations=stores.durations,
                leases=stores.leases,
                ledger=shared.ledger,
                messenger=self.outbox,
                uploader=self.foundation.uploader,
                hooks=self.plugins,
                notify=self._reactions.generation_changed,
                translators=shared.i18n.translator,
                alerts=self.foundation.alerts,
                stored=stores.settings,
                spending=self.budgets,
                addresses=shared.addresses,
                inputs=self.foundation.inputs,
                large=shared.large,
                picture=Stills().thumbnail,
                clock=shared.clock,
                metrics=shared.metrics,
                keys=shared.keys,
            ),
            settings,
            worker_name=self._duties.instance,
        )

    def _build_panel(self) -> tuple[Panel, BroadcastRunner]:
        shared, stores = self._shared, self._stores
        return build_panel(
            PanelSurroundings(
                database=shared.database,
                clock=shared.clock,
                team=self.team,
                audit=stores.audit,
                plugins=self.plugins,
                users=stores.users,
                ledger=shared.ledger,
                i18n=shared.i18n,
                outbox=self.outbox,
                files=self.foundation.uploader,
                billing=lambda: self.billing,
                generations=lambda: self.studio.generations,
                registry=shared.registry,
                policies=self.foundation.policies,
                synchronising=shared.synchronising,
                statistics=self.statistics,
                accounts=self.foundation.accounts,
                amounts=shared.amounts,
                maintenance=self.maintenance,
                level=self.foundation.level,
                errors=stores.errors,
                instances=stores.instances,
                presence=self.foundation.presence,
                threads=stores.support,
                support_listeners=self.foundation.support_listeners,
                language_chosen=self.foundation.menu.choose_language,
            )
        )

    def _build_pump(self, pump: PumpLimits) -> UpdatePump:
        return build_pump(
            TelegramSurroundings(
                settings=self._shared.settings,
                stores=self._stores,
                client=self.client,
                outbox=self.outbox,
                files=self.foundation.files,
                signer=self.foundation.signer,
                routes=self.routes,
                plugins=self.plugins,
                people=self.foundation.people,
                counter=self._sales,
                billing=self.billing,
                maintenance=self.maintenance,
                person_arrived=self._reactions.person_arrived,
                person_seen=self._reactions.person_seen,
                person_returned=self.studio.worker.person_returned,
                discard=self.foundation.inputs.discard,
                metrics=self._shared.metrics,
                clock=self._shared.clock,
            ),
            self._shared.file.limits,
            pump,
        )


def _stores(shared: Shared, duties: Duties) -> Stores:
    return Stores.of(
        shared.database,
        shared.clock,
        shared.file.limits,
        instance=duties.instance,
        session=duties.session,
        people_key=people_key(shared.settings),
    )


def _granted(file: PluginsFile, grant: str) -> frozenset[str]:
    return frozenset(name for name, entry in file.plugins.items() if grant in entry.grants)
