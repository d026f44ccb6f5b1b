"""What each plugin is given of the application: narrow views, made for it alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import timedelta
from typing import Any

import structlog

from core.admin.panel import Panel
from core.admin.roles import AdminRole
from core.admin.support import SupportLine
from core.alerts import AdminAlerts
from core.billing.amounts import Amounts
from core.billing.assembly import Billing
from core.billing.ledger import Balance, Entry, Ledger
from core.charts.easel import Easel
from core.clock import Clock
from core.events import Event
from core.generation.accounts import Accounts
from core.generation.service import Generations
from core.generation.sync_changes import ModelChanges
from core.i18n import I18n, Translator
from core.limits import PluginLimits
from core.notifications.notification import OwnType
from core.notifications.queue import NotificationQueue
from core.operations import Operations
from core.plugin import PluginConfig, PluginContext, Spawn
from core.plugin_powers import PluginMetrics, PluginSchedule
from core.plugin_views import EnabledCommand, MenuPlace, PluginMedia
from core.plugins.keeping import OwnNotes, OwnStore
from core.plugins.pace import Pace
from core.plugins.people_settings import SHARING_GRANTS, SettingsRule
from core.plugins.speaking import OwnAdmins, OwnNotifications, OwnOutbox
from core.preferences import Preference, Preferences
from core.privacy import Privacy
from core.routes import LINKED_COMMAND, Routes
from core.statistics.statistics import Statistics
from core.storage.notes import NoteStore
from core.storage.plugin_rows import PluginRows
from core.storage.settings import SettingsStore
from core.storage.users import UserStore
from core.telegram.files import FileOutbox
from core.telegram.outbox import Outbox
from core.telegram.types import Keyboard
from core.users import User

ShowMenu = Callable[[MenuPlace, User], Awaitable[Keyboard]]
"""Asks all plugins for their buttons in a place."""


class ContextFactory:
    """Makes the context of a plugin when it is started.

    `generations`, `billing`, `privacy` and `panel` are asked for then, as they themselves need the plugins.
    `trusted` are the names of the plugins that are granted each of the latter three.
    """

    def __init__(
        self,
        *,
        outbox: Outbox,
        files: FileOutbox,
        users: UserStore,
        ledger: Ledger,
        settings: SettingsStore,
        notes: NoteStore,
        rows: PluginRows,
        limits: PluginLimits,
        routes: Routes,
        i18n: I18n,
        bot_username: Callable[[], str | None],
        menu: ShowMenu,
        own_types: Callable[[str], Collection[OwnType]],
        language_chosen: Callable[[int, str], None],
        clock: Clock,
        admins: AdminAlerts,
        support: SupportLine,
        generations: Callable[[], Generations],
        amounts: Amounts,
        accounts: Accounts,
        media: PluginMedia,
        statistics: Statistics,
        charts: Easel,
        billing: Callable[[], Billing],
        privacy: Callable[[], Privacy],
        panel: Callable[[], Panel],
        notifications: NotificationQueue,
        operations: Operations,
        trusted: Mapping[str, Collection[str]],
        model_changes: ModelChanges | None = None,
    ) -> None:
        self._outbox = outbox
        self._files = files
        self._users = users
        self._ledger = ledger
        self._settings = settings
        self._notes = notes
        self._rows = rows
        self._limits = limits
        self._catalogue = _Catalogue(routes, i18n, bot_username, menu)
        self._own_types = own_types
        self._language_chosen = language_chosen
        self._clock = clock
        self._admins = admins
        self._support = support
        self._generations = generations
        self._amounts = amounts
        self._accounts = accounts
        self._media = media
        self._statistics = statistics
        self._charts = charts
        self._billing = billing
        self._privacy = privacy
        self._panel = panel
        self._notifications = notifications
        self._operations = operations
        self._trusted = trusted
        self._model_changes = model_changes

    def __call__(
        self,
        *,
        name: str,
        config: PluginConfig,
        spawn: Spawn,
        schedule: PluginSchedule,
        metrics: PluginMetrics,
    ) -> PluginContext[Any]:
        """The context of the plugin `name`."""
        telling = self._pace()
        return PluginContext(
            name=name,
            config=config,
            outbox=OwnOutbox(name, self._outbox, self._files, self._pace()),
            people=_People(
                self._users,
                self._ledger,
                self._language_chosen,
                forget_prompts=self._generations().history.forget_prompts,
                rule=SettingsRule(
                    name,
                    shares=any(name in self._trusted[grant] for grant in SHARING_GRANTS),
                    most=self._limits.row_bytes,
                ),
            ),
            ledger=_PluginLedger(name, self._ledger),
            generations=self._generations(),
            amounts=self._amounts,
            accounts=self._accounts,
            media=self._media,
            statistics=self._statistics,
            charts=self._charts,
            store=OwnStore(name, self._settings, most=self._limits.store_bytes),
            notes=OwnNotes(name, self._notes, most=self._limits.row_bytes),
            collection=self._rows.of(name),
            schedule=schedule,
            metrics=metrics,
            catalogue=self._catalogue,
            admins=OwnAdmins(name, self._admins, telling),
            notifications=OwnNotifications(name, self._notifications, telling, self._own_types),
            support=self._support.paced(self._pace().take),
            clock=self._clock,
            log=structlog.stdlib.get_logger(f"plugins.{name}").bind(plugin=name),
            spawn=spawn,
            granted_billing=self._billing() if name in self._trusted["billing"] else None,
            granted_model_changes=self._model_changes if name in self._trusted["billing"] else None,
            granted_privacy=self._privacy() if name in self._trusted["privacy"] else None,
            granted_panel=self._panel() if name in self._trusted["panel"] else None,
            granted_operations=self._operations if name in self._trusted["operations"] else None,
        )

    def _pace(self) -> Pace:
        limits = self._limits
        return Pace(self._clock, rate=limits.messages_per_second, waiting=limits.waiting_messages)


class _People:
    """`forget_prompts` erases the words that a person's history keeps: nobody has to think of it."""

    def __init__(
        self,
        users: UserStore,
        ledger: Ledger,
        language_chosen: Callable[[int, str], None],
        *,
        forget_prompts: Callable[[int], Awaitable[int]],
        rule: SettingsRule,
    ) -> None:
        self._rule = rule
        self._users = users
        self._ledger = ledger
        self._language_chosen = language_chosen
        self._forget_prompts = forget_prompts

    async def set_language(self, user_id: int, language: str) -> None:
        await self._users.set_language(user_id, language)
        self._language_chosen(user_id, language)

    async def set_setting(self, user_id: int, key: str, value: Any) -> None:
        await self.set_settings(user_id, {key: value})

    async def set_settings(self, user_id: int, changes: Mapping[str, Any]) -> None:
        user = await self._users.get(user_id)
        self._rule.check(user.settings if user is not None else {}, changes)
        await self._users.set_settings(user_id, changes)
        if changes.get(Preference.KEEP_PROMPTS, True) is not True:
            await self._forget_prompts(user_id)

    async def preferences(self, user_id: int) -> Preferences:
        return Preferences.of(await self._users.get(user_id) or User(user_id))

    async def balance(self, user_id: int) -> Balance:
        return await self._ledger.balance(user_id)


class _PluginLedger:
    """Holds of a plugin's own: whose Stars they are is taken from the event."""

    def __init__(self, plugin: str, ledger: Ledger) -> None:
        self._plugin = plugin
        self._ledger = ledger

    async def balance(self, user_id: int) -> Balance:
        return await self._ledger.balance(user_id)

    async def statement(self, user_id: int, limit: int = 20) -> list[Entry]:
        return await self._ledger.statement(user_id, limit)

    async def hold(self, event: Event, amount: int, *, key: str, reason: str) -> bool:
        return await self._ledger.hold(event.user.id, self._id(key), amount, actor=self._actor, reason=reason)

    async def settle(self, event: Event, *, key: str, reason: str) -> int:
        return await self._ledger.settle(event.user.id, self._id(key), actor=self._actor, reason=reason)

    async def release(self, event: Event, *, key: str, reason: str) -> int:
        return await self._ledger.release(event.user.id, self._id(key), actor=self._actor, reason=reason)

    @property
    def _actor(self) -> str:
        return f"plugin:{self._plugin}"

    def _id(self, key: str) -> str:
        return f"plugin:{self._plugin}:{key}"


class _Catalogue:
    def __init__(
        self, routes: Routes, i18n: I18n, bot_username: Callable[[], str | None], menu: ShowMenu
    ) -> None:
        self._routes = routes
        self._i18n = i18n
        self._bot_username = bot_username
        self._menu = menu

    async def menu(self, place: MenuPlace, user: User) -> Keyboard:
        return await self._menu(place, user)

    def link(self, parameter: str = "", *, command: str = "") -> str:
        address = f"https://t.me/{self._bot_username()}"
        parameter = f"{LINKED_COMMAND}{command}" if command else parameter
        return f"{address}?start={parameter}" if parameter else address

    def commands(self, *, role: AdminRole | None = None) -> tuple[EnabledCommand, ...]:
        return self._routes.commands(role=role)

    def languages(self) -> Mapping[str, str]:
        return self._i18n.language_names()

    def translator(self, language: str | None, time_zone: timedelta = timedelta(0)) -> Translator:
        return self._i18n.translator(language, time_zone)
