"""Loads, switches, calls and watches plugins, so that none of them harms anything but itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

import structlog

from core.admin.pages import OwnedPage, flat, pages_of
from core.billing.pricing import MAX_PRICE
from core.clock import Clock
from core.errors import (
    AccountBusy,
    DatabaseAway,
    LeaseLost,
    PluginError,
    TelegramError,
    UserFacingError,
)
from core.events import Event
from core.hooks import Refusal
from core.i18n import I18n
from core.limits import PluginLimits
from core.observability.metrics import Metrics
from core.observability.tracebacks import frames, in_words
from core.plugin import PluginConfig
from core.plugin_powers import WebReply, WebRequest
from core.plugins.definition import check_settings
from core.plugins.guard import Interrupted, end
from core.plugins.handler_calls import HandlerCalls
from core.plugins.health import Health
from core.plugins.hook_calls import HookCalls
from core.plugins.lifecycle import ContextMaker, Lifecycle
from core.plugins.order import dependants, start_order
from core.plugins.running import ReportError, RunningPlugin
from core.plugins.schedule import AllTurns, Turns
from core.plugins.slot import Slot
from core.plugins.status import Alert, CallOutcome, CallResult, PluginState, PluginStatus
from core.plugins.switches import StoredSettings, Switch, Switches
from core.plugins.watchdog import LoopBlocked, Watchdog
from core.plugins_file import PluginsFile
from core.routes import Route, Routes
from core.statistics.periods import Period
from core.statistics.sections import Section, section_of
from core.telegram.types import Keyboard
from core.users import User

__all__ = [
    "Alert",
    "CallOutcome",
    "CallResult",
    "ContextMaker",
    "PluginManager",
    "PluginState",
    "PluginStatus",
]

_log = structlog.stdlib.get_logger(__name__)

_BLAMELESS = (TelegramError, DatabaseAway, AccountBusy, LeaseLost)
"""What a handler may raise without being at fault."""
_LONGEST_SUSPENSION = 6 * 3600.0
"""The longest that a suspended plugin waits before it tries again, in seconds."""
_BLOCKING_SHARE = 1 / 3
"""What holding everybody up is worth of the errors that suspend a plugin."""


NoteFault = Callable[[str, str, str], Awaitable[None]]
"""Writes down what went wrong for operators: where, in words, and what people quote it by."""


async def _say_nothing(_: Alert) -> None:
    return


async def _note_nothing(_source: str, _words: str, _reference: str) -> None:
    return


class PluginManager:
    """All plugins that `plugins.toml` allows.

    `alert` tells the admins something, `note` writes down what goes wrong; `on_change` is called after each
    change of what is on; `turns` say which instance does what only one should. A plugin that is off is not
    imported; one that fails in any way is reported by `states` and left out.
    """

    def __init__(
        self,
        file: PluginsFile,
        *,
        contexts: ContextMaker,
        stored: StoredSettings,
        routes: Routes,
        i18n: I18n,
        clock: Clock,
        metrics: Metrics,
        alert: Callable[[Alert], Awaitable[None]] = _say_nothing,
        note: NoteFault = _note_nothing,
        on_change: Callable[[], None] = lambda: None,
        turns: Turns | None = None,
    ) -> None:
        self._limits: PluginLimits = file.limits.plugins
        self._switches = Switches(stored)
        self._routes = routes
        routes.know(file.plugins)
        self._clock = clock
        self._metrics = metrics
        self._alert = alert
        self._note_fault = note
        self._on_change = on_change
        self._slots = {name: Slot(name, entry, self._new_health()) for name, entry in file.plugins.items()}
        self._hooks = HookCalls(self._limits, self._running, self._closed_gates)
        self._lifecycle = Lifecycle(
            file,
            contexts=contexts,
            routes=routes,
            hooks=self._hooks,
            i18n=i18n,
            clock=clock,
            turns=turns or AllTurns(),
        )
        self._handlers = HandlerCalls(self._limits, self._running, self._note_error, metrics)
        self._watchdog = Watchdog(self._limits.blocking_seconds, self._note_blocking)
        self._switching = asyncio.Lock()
        self._background: set[asyncio.Task[None]] = set()

    # -- life ---------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start every plugin that is on, and begin to follow the stored switches.

        Raises:
            DatabaseAway: the switches cannot be read.

        """
        switches = await self._switches.all()
        settings = await self._switches.settings()
        self._watchdog.start()
        async with self._switching:
            for slot in self._slots.values():
                slot.overrides = settings.get(slot.name, {})
            await self._follow(switches, alert=False)
        self._in_background(self._keep_following(), "follow the plugins' switches")

    async def stop(self) -> None:
        """Stop every plugin, those that require others first. The stored switches stay as they are."""
        async with self._switching:
            # Nobody is in the middle of switching now, so nothing half done is cancelled.
            await end(tuple(self._background), self._limits.cancel_seconds)
            await self._take_down(self._slots.values(), PluginState.OFF)
        self._watchdog.stop()

    async def enable(self, name: str) -> None:
        """Switch a plugin on, here and in all instances; one that is suspended or failed tries again.

        Raises:
            PluginError: there is no such plugin, it needs one that is off, or it cannot start.
            DatabaseAway: the choice could not be stored; the plugin is off.

        """
        slot = self._slot(name)
        async with self._switching:
            slot.suspensions = 0
            if slot.state is not PluginState.ON:
                await self._bring_up([slot])
            if slot.state is not PluginState.ON:
                raise PluginError(f"plugin {name} cannot start: {slot.reason}")
            try:
                slot.serial = (await self._switches.put(name, enabled=True)).serial
            except DatabaseAway:
                await self._take_down([slot], PluginState.OFF)
                raise

    async def disable(self, name: str) -> None:
        """Switch a plugin off, here and in all instances; what runs in it may end first.

        Raises:
            PluginError: there is no such plugin, or others that are on require it.
            DatabaseAway: the choice could not be stored; the plugin is as it was.

        """
        slot = self._slot(name)
        async with self._switching:
            needed_by = self._required_by(name, states=(PluginState.ON, PluginState.SUSPENDED))
            if needed_by:
                raise PluginError(f"plugin {name} is required by {', '.join(needed_by)}: disable that first")
            slot.serial = (await self._switches.put(name, enabled=False)).serial
            await self._take_down([slot], PluginState.OFF)

    async def configure(self, name: str, changes: Mapping[str, Any]) -> None:
        """Change settings of a plugin, here and in all instances; it starts anew with them.

        None stands for what `plugins.toml` has.

        Raises:
            PluginError: there is no such plugin, it was never on, or a setting is wrong.
            DatabaseAway: the choice could not be stored.

        """
        slot = self._slot(name)
        async with self._switching:
            if slot.definition is None:
                raise PluginError(f"plugin {name} was not on yet: enable it before its settings are changed")
            chosen = {key: value for key, value in {**slot.overrides, **changes}.items() if value is not None}
            check_settings(
                slot.definition.plugin_class.Config, {**slot.entry.settings, **chosen}, f"plugins.{name}."
            )
            for key, value in changes.items():
                await self._switches.set(name, key, value)
            enabled = slot.state is not PluginState.OFF
            slot.serial = (await self._switches.put(name, enabled=enabled)).serial
            await self._start_anew(slot, chosen)

    def states(self) -> tuple[PluginStatus, ...]:
        """All allowed plugins as the operator sees them, in the order of `plugins.toml`."""
        return tuple(self._status(slot) for slot in self._slots.values())

    def config_of(self, name: str) -> PluginConfig | None:
        """The checked settings of a plugin; None where it was never imported."""
        slot = self._slots.get(name)
        return slot.definition.config if slot is not None and slot.definition is not None else None

    def is_on(self, name: str) -> bool:
        """Whether a plugin works just now."""
        return self._running(name) is not None

    # -- calls --------------------------------------------------------------------------------------------

    async def call(self, route: Route, event: Event) -> CallOutcome:
        """Call a handler inside its plugin's guard; whatever it does, this returns."""
        return await self._handlers.call(route, event)

    async def serve(self, plugin: str, request: WebRequest) -> WebReply:
        """Hand a request for a page below `/plugins/PLUGIN/` to whoever declared it."""
        route = self._routes.web(plugin, request.method, request.path)
        return await self._handlers.serve(route, request) if route is not None else WebReply(status=404)

    async def notify(self, hook: str, /, **arguments: Any) -> None:
        """Tell every plugin that something happened; none of them is waited for."""
        self._hooks.notify(hook, arguments)

    async def decide(self, hook: str, /, **arguments: Any) -> Refusal | None:
        """Ask every plugin whether something may happen; the first refusal wins.

        A plugin that fails, is late or is suspended refuses.
        """
        return await self._hooks.decide(hook, arguments, self._note_error)

    async def rewrite_prompt(self, prompt: str, /, **arguments: Any) -> str:
        """Hand a prompt from plugin to plugin; one that fails or is late leaves it as it was."""
        given = {"prompt": prompt, **arguments}
        rewritten: str = await self._hooks.transform(
            "rewrite_prompt", "prompt", given, self._note_error, _words_of
        )
        return rewritten

    async def price_for(self, stars: int, /, **arguments: Any) -> int:
        """Hand a price from plugin to plugin; one that fails or is late leaves it as it was."""
        given = {"stars": stars, **arguments}
        price: int = await self._hooks.transform("price_for", "stars", given, self._note_error, _price_of)
        return price

    async def keyboard(self, hook: str, /, **arguments: Any) -> Keyboard:
        """Ask every plugin for buttons; one that fails or is late has none."""
        return await self._hooks.keyboard(hook, arguments, self._note_error)

    async def statistics_sections(self, viewer: User, period: Period) -> tuple[Section, ...]:
        """Ask every plugin for its statistics; one that fails or is late has none."""
        arguments = {"viewer": viewer, "period": period}
        return await self._hooks.collect("statistics_section", arguments, self._note_error, section_of)

    async def admin_pages(self) -> tuple[OwnedPage, ...]:
        """Ask every plugin for its pages of the admin panel; one that fails or is late has none."""
        return flat(await self._hooks.collect("admin_pages", {}, self._note_error, pages_of))

    async def render_page(self, owned: OwnedPage, event: Event) -> object:
        """Draw a page inside its plugin's guard; raises what it raises, and counts it."""
        running = self._running(owned.plugin)
        if running is None:
            raise PluginError(f"plugin {owned.plugin} is off")
        what = f"page {owned.page.key}"
        try:
            return await running.run(_drawn(owned, event), what, self._limits.hook_seconds)
        except (UserFacingError, Interrupted):
            raise
        except Exception as error:
            self._note_error(owned.plugin, what, error)
            raise

    async def ask_each(
        self, hook: str, /, *, skip: Collection[str] = (), **arguments: Any
    ) -> tuple[Mapping[str, Any], tuple[str, ...]]:
        """Ask every plugin but those to `skip` for its share: what they answer, and who failed."""
        return await self._hooks.ask_each(hook, arguments, self._note_error, skip=skip)

    async def idle(self) -> None:
        """Wait until every notification was delivered and every suspension is done."""
        for slot in self._slots.values():
            if slot.running is not None:
                await slot.running.idle()
        async with self._switching:
            return

    # -- switching ----------------------------------------------------------------------------------------

    async def _keep_following(self) -> None:
        while True:
            await self._clock.sleep(self._limits.follow_seconds)
            try:
                if await self._switches.changed():
                    switches = await self._switches.all()
                    settings = await self._switches.settings()
                    async with self._switching:
                        for slot in self._slots.values():
                            chosen = settings.get(slot.name, {})
                            # Read after the switches, so at least as new as what they say.
                            known = switches.get(slot.name, Switch(True, 0)).serial >= slot.serial
                            if known and chosen != slot.overrides:
                                await self._start_anew(slot, chosen)
                        await self._follow(switches, alert=True)
                await self._try_again()
            except Exception as error:
                _log.warning("the plugins' switches cannot be followed just now", error=type(error).__name__)

    async def _start_anew(self, slot: Slot, chosen: Mapping[str, Any]) -> None:
        """Take other settings; what runs ends with the old ones and begins with the new."""
        slot.overrides = chosen
        if slot.definition is None:
            return
        config_class = slot.definition.plugin_class.Config
        try:
            config = check_settings(config_class, slot.settings, f"plugins.{slot.name}.")
        except PluginError as error:
            _log.error("settings are not taken", plugin=slot.name, reason=str(error))
            return
        slot.definition = replace(slot.definition, config=config)
        if slot.state is PluginState.ON:
            await self._take_down([slot], PluginState.OFF)
            await self._bring_up([slot])

    async def _try_again(self) -> None:
        """Start suspended plugins whose time has come."""
        now = self._clock.monotonic()
        due = [slot for slot in self._slots.values() if slot.retry_at is not None and slot.retry_at <= now]
        if due:
            async with self._switching:
                await self._bring_up([slot for slot in due if slot.state is PluginState.SUSPENDED])
        for slot in due:
            slot.retry_at = None

    async def _follow(self, switches: dict[str, Switch], *, alert: bool) -> None:
        """Make what runs here equal to what is switched on."""
        off: list[Slot] = []
        on: list[Slot] = []
        for slot in self._slots.values():
            switch = switches.get(slot.name) or Switch(slot.entry.enabled, 0)
            if switch.serial < slot.serial:
                # Chosen anew here after the switches were read; the newer choice is read next time.
                continue
            chosen_anew = switch.serial > slot.serial
            slot.serial = switch.serial
            if not switch.enabled and slot.state is not PluginState.OFF:
                off.append(slot)
            elif switch.enabled and (slot.state is PluginState.OFF or chosen_anew):
                on.append(slot)
        await self._take_down(off, PluginState.OFF)
        await self._bring_up([slot for slot in on if slot.state is not PluginState.ON])
        for slot in on:
            if alert and slot.state is PluginState.FAILED:
                self._tell_admins("alert-plugin-failed", plugin=slot.name, reason=slot.reason)

    async def _bring_up(self, slots: Collection[Slot]) -> None:
        seen = [slot for slot in slots if slot.definition is not None or self._look_at(slot)]
        straight = self._in_order(seen)
        for slot in straight:
            if slot.definition is None:
                await self._define(slot)
        for slot in self._in_order(slot for slot in straight if slot.definition is not None):
            await self._start_one(slot)
        await self._start_waiting()
        if slots:
            self._on_change()

    def _look_at(self, slot: Slot) -> bool:
        try:
            self._lifecycle.look(slot)
        except PluginError as error:
            self._fail(slot, str(error))
            return False
        return True

    def _in_order(self, slots: Iterable[Slot]) -> list[Slot]:
        """Each after what it requires; those in a circle fail and are left out."""
        by_name = {slot.name: slot for slot in slots}
        order, cycles = start_order({name: slot.requires for name, slot in by_name.items()})
        for name, around in cycles.items():
            self._fail(by_name[name], f"plugins require each other in a circle: {' -> '.join(around)}")
        return [by_name[name] for name in order]

    async def _define(self, slot: Slot) -> None:
        try:
            slot.definition = await self._lifecycle.define(slot)
        except PluginError as error:
            self._fail(slot, str(error))

    async def _start_one(self, slot: Slot) -> None:
        if slot.running is not None:
            # Suspended a moment ago and not taken down yet.
            await self._take_down([slot], slot.state)
        missing = [name for name in slot.requires if not self.is_on(name)]
        slot.waiting = bool(missing)
        if slot.definition is None or missing:
            self._fail(slot, f"it requires {', '.join(map(self._describe, missing))}")
            return
        slot.health.revive()
        try:
            slot.running = await self._lifecycle.start(slot, slot.definition, self._reporter(slot.name))
        except PluginError as error:
            self._fail(slot, str(error))
            return
        slot.state, slot.reason = PluginState.ON, ""
        self._metrics.plugin_on.labels(slot.name).set(1)
        _log.info("plugin is on", plugin=slot.name, version=slot.definition.plugin_class.version)

    async def _start_waiting(self) -> None:
        """Start what failed only because it required something that is on now."""
        while freed := [slot for slot in self._slots.values() if slot.waiting and self._may_start(slot)]:
            for slot in freed:
                await self._start_one(slot)

    async def _take_down(self, slots: Iterable[Slot], state: PluginState) -> None:
        chosen = {slot.name: slot for slot in slots}
        order, _ = start_order({name: slot.requires for name, slot in chosen.items()})
        for name in reversed([*order, *(name for name in chosen if name not in order)]):
            slot = chosen[name]
            running, slot.running, slot.state, slot.waiting = slot.running, None, state, False
            if state is PluginState.OFF:
                slot.reason = ""
            if running is not None:
                await self._lifecycle.stop(running, self._reporter(name))
                self._metrics.plugin_on.labels(name).set(0)
                _log.info("plugin is off", plugin=name, state=state.value)
        if chosen:
            self._on_change()

    # -- health -------------------------------------------------------------------------------------------

    def _note_error(self, name: str, place: str, error: BaseException) -> None:
        """Count an error against a plugin and suspend it if these are too many."""
        if isinstance(error, _BLAMELESS):
            _log.warning(
                "plugin met an error of others", plugin=name, place=place, error=type(error).__name__
            )
            return
        _log.error("plugin failed", plugin=name, place=place, error=in_words(error), frames=frames(error))
        self._metrics.plugin_errors.labels(name, place.partition(" ")[0]).inc()
        reference = str(structlog.contextvars.get_contextvars().get("update", ""))
        self._in_background(self._write_down(f"{name}: {place}", in_words(error), reference), "note an error")
        slot = self._slots[name]
        share = _BLOCKING_SHARE if isinstance(error, LoopBlocked) else 0.0
        sick = slot.health.note(f"{place}: {in_words(error)}", share=share)
        if sick and slot.state is PluginState.ON and slot.running is not None:
            slot.running.accepting = False
            slot.state = PluginState.SUSPENDED
            slot.reason = f"too many errors, the last one in {slot.health.last_error}"
            self._in_background(self._suspend(slot, slot.running), f"suspend plugin {name}")

    def _note_blocking(self, name: str, what: str, error: LoopBlocked) -> None:
        """Count what the watchdog saw; providers, whose tasks look the same, are not ours."""
        if name in self._slots:
            self._note_error(name, what, error)
        else:
            _log.error("provider held everything up", provider=name, place=error.place)

    async def _suspend(self, slot: Slot, running: RunningPlugin) -> None:
        async with self._switching:
            if slot.running is not running or slot.state is not PluginState.SUSPENDED:
                return
            await self._take_down([slot], PluginState.SUSPENDED)
            slot.suspensions += 1
            wait = min(self._limits.retry_seconds * 2 ** (slot.suspensions - 1), _LONGEST_SUSPENSION)
            slot.retry_at = self._clock.monotonic() + wait if wait else None
        _log.error("plugin is suspended", plugin=slot.name, reason=slot.reason)
        self._tell_admins("alert-plugin-suspended", plugin=slot.name, reason=slot.reason)

    def _fail(self, slot: Slot, reason: str) -> None:
        slot.state, slot.reason = PluginState.FAILED, reason
        self._metrics.plugin_on.labels(slot.name).set(0)
        _log.error("plugin left out", plugin=slot.name, reason=reason)

    def _tell_admins(self, key: str, **variables: object) -> None:
        self._in_background(self._tell(Alert(key, variables)), "tell the admins")

    async def _write_down(self, source: str, words: str, reference: str) -> None:
        try:
            await self._note_fault(source, words, reference)
        except DatabaseAway:
            _log.warning("an error could not be written down", source=source)

    async def _tell(self, alert: Alert) -> None:
        try:
            await self._alert(alert)
        except Exception as error:
            _log.error("the admins could not be told", alert=alert.key, error=type(error).__name__)

    # -- looking ------------------------------------------------------------------------------------------

    def _running(self, name: str) -> RunningPlugin | None:
        slot = self._slots.get(name)
        running = slot.running if slot is not None else None
        return running if running is not None and running.accepting else None

    def _closed_gates(self, hook: str) -> tuple[str, ...]:
        """Plugins that should decide on `hook` and cannot."""
        return tuple(
            slot.name
            for slot in self._slots.values()
            if slot.state in (PluginState.SUSPENDED, PluginState.FAILED)
            and slot.definition is not None
            and hook in slot.definition.decisions
        )

    def _may_start(self, slot: Slot) -> bool:
        return all(self.is_on(name) for name in slot.requires)

    def _reporter(self, name: str) -> ReportError:
        return lambda place, error: self._note_error(name, place, error)

    def _required_by(
        self, name: str, *, states: Collection[PluginState] = tuple(PluginState)
    ) -> tuple[str, ...]:
        requires = {other.name: other.requires for other in self._slots.values() if other.state in states}
        return dependants(name, requires)

    def _describe(self, name: str) -> str:
        slot = self._slots.get(name)
        return f"{name}, which is {slot.state.value}" if slot else f"{name}, which plugins.toml does not have"

    def _slot(self, name: str) -> Slot:
        if name not in self._slots:
            raise PluginError(
                f"there is no plugin {name} in plugins.toml; there are {', '.join(self._slots) or 'none'}"
            )
        return self._slots[name]

    def _status(self, slot: Slot) -> PluginStatus:
        return slot.status(required_by=self._required_by(slot.name), answers=self._routes.of(slot.name))

    def _new_health(self) -> Health:
        return Health(self._clock, limit=self._limits.errors, window=self._limits.errors_window_seconds)

    def _in_background(self, coroutine: Any, name: str) -> None:
        task: asyncio.Task[None] = asyncio.create_task(coroutine, name=name)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


async def _drawn(owned: OwnedPage, event: Event) -> object:
    return await owned.page.render(event)


def _price_of(answer: object, _plugin: str) -> int:
    if not isinstance(answer, int) or isinstance(answer, bool) or not 1 <= answer <= MAX_PRICE:
        raise PluginError(f"answered {answer!r}; allowed: whole Stars from 1 to {MAX_PRICE}, None")
    return answer


def _words_of(answer: object, _plugin: str) -> str:
    if not isinstance(answer, str):
        raise PluginError(f"answered {type(answer).__name__}; allowed: str, None")
    return answer
