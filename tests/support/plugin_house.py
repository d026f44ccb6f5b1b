"""A house for plugins: the manager with everything around it held in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast
from unittest.mock import AsyncMock, MagicMock

import structlog

from core.errors import DatabaseAway
from core.events import MessageEvent
from core.i18n import I18n
from core.observability.metrics import Metrics
from core.plugin import PluginContext
from core.plugin_manager import Alert, CallOutcome, CallResult, PluginManager, PluginState, PluginStatus
from core.plugins_file import PluginsFile
from core.routes import Route, Routes
from core.telegram.types import Chat, ChatKind, Message
from core.users import User
from sandbox.clock import ManualClock

HERE = Path(__file__).parents[1] / "core" / "plugins"
ALICE = User(8_589_934_592, "Alice")
SHORT_LIMITS = {
    "import_seconds": 20,
    "start_seconds": 0.05,
    "stop_seconds": 0.05,
    "handler_seconds": 0.05,
    "pre_checkout_seconds": 0.02,
    "hook_seconds": 0.05,
    "drain_seconds": 0.05,
    "cancel_seconds": 0.05,
    "errors": 3,
}


class StoredInMemory:
    """What is needed of the stored settings, shared by several managers."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.revisions = 0
        self.away = False

    async def all(self, namespace: str) -> Mapping[str, Any]:
        self._check()
        return {key: value for (space, key), value in self.values.items() if space == namespace}

    async def set(self, namespace: str, key: str, value: Any) -> None:
        self._check()
        self.values[namespace, key] = value
        self.revisions += 1

    async def merge(self, namespace: str, key: str, fields: Mapping[str, Any], *, count: str) -> None:
        self._check()
        before = self.values.get((namespace, key), {})
        self.values[namespace, key] = {**before, **fields, count: before.get(count, 0) + 1}
        self.revisions += 1

    async def revision(self, namespace: str) -> int:
        self._check()
        return self.revisions

    def _check(self) -> None:
        if self.away:
            raise DatabaseAway("the database does not answer")


class House:
    """A plugin manager and the ways to look at it."""

    def __init__(
        self,
        plugins: Mapping[str, Any],
        clock: ManualClock,
        stored: StoredInMemory,
        resident: Callable[[], int] = lambda: 0,
        **limits: Any,
    ) -> None:
        tables = {"plugins": plugins, "limits": {"plugins": {**SHORT_LIMITS, **limits}}}
        self.file = PluginsFile.of(tables, directory=HERE)
        self.clock = clock
        self.stored = stored
        self.routes = Routes()
        self.i18n = I18n()
        self.metrics = Metrics()
        self.alerts: list[Alert] = []
        self.told = asyncio.Event()
        self.changes = 0
        self.contexts: dict[str, PluginContext[Any]] = {}
        self.manager = PluginManager(
            self.file,
            contexts=self._make_context,
            stored=stored,
            routes=self.routes,
            i18n=self.i18n,
            clock=clock,
            metrics=self.metrics,
            alert=self._tell,
            on_change=self._note_change,
            resident=resident,
        )

    def status(self, name: str) -> PluginStatus:
        return next(status for status in self.manager.states() if status.name == name)

    def state(self, name: str) -> PluginState:
        return self.status(name).state

    def plugin(self, name: str = "good") -> Any:
        """The running plugin itself, found through one of its handlers."""
        route = next(route for route in self.routes._routes.values() if route.plugin == name)
        return cast(Any, route.handler).__self__

    async def command(self, name: str, text: str = "") -> CallResult:
        return (await self.outcome(name, text)).result

    async def outcome(self, name: str, text: str = "") -> CallOutcome:
        route = self.routes.command(name)
        assert route is not None
        return await self.manager.call(route, self.event(route, text))

    def event(self, route: Route, text: str = "") -> MessageEvent:
        chat = Chat(ALICE.id, ChatKind.PRIVATE)
        return MessageEvent(
            key="update",
            user=ALICE,
            chat=chat,
            t=self.i18n.translator("en"),
            answers=cast(Any, None),
            plugin=route.plugin,
            message=Message(1, chat, None, self.clock.now(), text),
            argument=text,
        )

    async def follow(self) -> None:
        """Let the manager look at the stored switches once."""
        await self.clock.advance(1)
        await self.clock.until_asleep()

    async def beat(self) -> None:
        """Let the event loop beat once: only then can the watchdog tell what it saw."""
        await asyncio.sleep(2 * self.file.limits.plugins.blocking_seconds / 4)

    def _make_context(self, **parts: Any) -> PluginContext[Any]:
        nothing = cast(Any, None)
        context = PluginContext(
            **parts,
            outbox=nothing,
            people=nothing,
            ledger=nothing,
            generations=nothing,
            amounts=nothing,
            accounts=nothing,
            media=nothing,
            statistics=nothing,
            charts=nothing,
            store=cast(Any, AsyncMock(get=AsyncMock(return_value=None))),
            notes=nothing,
            collection=nothing,
            admins=nothing,
            notifications=nothing,
            support=cast(Any, MagicMock()),
            catalogue=nothing,
            clock=self.clock,
            log=structlog.stdlib.get_logger("plugins"),
            granted_billing=cast(Any, MagicMock()),
            granted_operations=cast(Any, MagicMock()),
            granted_panel=cast(Any, MagicMock()),
        )
        self.contexts[context.name] = context
        return context

    async def _tell(self, alert: Alert) -> None:
        self.alerts.append(alert)
        self.told.set()

    def _note_change(self) -> None:
        self.changes += 1


Build = Callable[..., House]


def good(*names: str, **settings: Any) -> dict[str, Any]:
    """The tables of good plugins."""
    return {name: {"module": f"./good_plugins/{name}", **settings} for name in names or ("good",)}


def bad(*names: str, **settings: Any) -> dict[str, Any]:
    """The tables of bad plugins."""
    return {name: {"module": f"./bad_plugins/{name}", **settings} for name in names}
