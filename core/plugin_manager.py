"""Loads, switches, calls and watches plugins, so that none of them harms anything but itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

import psutil
import structlog

from core.admin.pages import OwnedPage, flat, pages_of
from core.billing.pricing import MAX_PRICE
from core.clock import Clock
from core.errors import (
    DatabaseAway,
    PluginError,
    UserFacingError,
)
from core.events import Event
from core.hooks import Refusal
from core.i18n import I18n
from core.limits import PluginLimits
from core.media.sniffing import HEAD, form_of
from core.notifications.notification import OwnType
from core.observability.metrics import Metrics
from core.plugin import PluginConfig
from core.plugin_powers import WebReply, WebRequest
from core.plugins.checkups import Checkups
from core.plugins.faults import Faults, NoteFault
from core.plugins.guard import Interrupted
from core.plugins.handler_calls import HandlerCalls
from core.plugins.health import Health
from core.plugins.hook_calls import HookCalls
from core.plugins.lifecycle import ContextMaker, Lifecycle
from core.plugins.memory import MemoryWatch
from core.plugins.people_settings import SHARING_GRANTS, without_others
from core.plugins.rounds import Round
from core.plugins.running import RunningPlugin
from core.plugins.schedule import AllTurns, Turns
from core.plugins.slot import Slot
from core.plugins.slots import Slots
from core.plugins.status import Alert, CallOutcome, CallResult, PluginState, PluginStatus
from core.plugins.switches import StoredSettings, Switch, Switches
from core.plugins.switching import Switching
from core.plugins.tasks import Tasks
from core.plugins.threads import ThreadWatch
from core.plugins.watchdog import Watchdog
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

_PICTURES = ("png", "jpeg", "webp")
"""What a plugin may make of a picture."""
_LOOK_SECONDS = 10.0
"""How often it is looked how much memory is used, and whose threads compute."""


async def _say_nothing(_: Alert) -> None:
    return


async def _note_nothing(_source: str, _words: str, _reference: str) -> None:
    return


class PluginManager:
    """All plugins that `plugins.toml` allows.

    `alert` tells the admins something, `note` writes down what goes wrong; `on_change` is called after each
    change of what is on; `turns` say which instance does what only one should. A plugin that is off is not
    imported; one that fails in any way is reported by `states` and left out. `resident` says how many bytes
    the process uses; the system is asked without it.
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
        resident: Callable[[], int] | None = None,
    ) -> None:
        self._limits: PluginLimits = file.limits.plugins
        self._switches = Switches(stored)
        self._routes = routes
        routes.know(file.plugins)
        self._clock = clock
        self._slots = Slots(
            {name: Slot(name, entry, self._new_health()) for name, entry in file.plugins.items()}
        )
        self._tasks = Tasks()
        self._hooks = HookCalls(self._slots.running, self._slots.closed_gates, self._shown_to)
        self._faults = Faults(
            self._slots,
            self._tasks,
            metrics=metrics,
            alert=alert,
            note_fault=note,
            suspend=self._suspend,
        )
        self._handlers = HandlerCalls(self._slots.running, self._faults.note, metrics, self._shown_to)
        self._watchdog = Watchdog(self._limits.blocking_seconds, self._faults.note_blocking)
        checkups = Checkups(self._slots, self._hooks, metrics=metrics, tell=self._faults.tell_admins)
        memory = MemoryWatch(
            self._slots.all_running,
            most=self._limits.memory_bytes,
            resident=resident or _resident,
            report=self._faults.note,
        )
        threads = ThreadWatch(self._slots.all_running, self._faults.note)
        checking = Round("check the plugins' health", checkups.check, self._limits.health_seconds, clock)
        self._rounds = (
            checking,
            Round("look how much memory is used", memory.look, _LOOK_SECONDS, clock),
            Round("look at the plugins' threads", threads.look, _LOOK_SECONDS, clock),
        )
        self._switching = Switching(
            self._slots,
            Lifecycle(
                file,
                contexts=contexts,
                routes=routes,
                hooks=self._hooks,
                i18n=i18n,
                clock=clock,
                turns=turns or AllTurns(),
                metrics=metrics,
            ),
            self._faults,
            limits=self._limits,
            clock=clock,
            metrics=metrics,
            changed=on_change,
            started=checking.soon,
            gone=checkups.forget,
        )

    # -- life ---------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start every plugin that is on, and begin to follow the stored switches.

        Raises:
            DatabaseAway: the switches cannot be read.

        """
        switches = await self._switches.all()
        settings = await self._switches.settings()
        self._watchdog.start()
        async with self._switching.lock:
            for slot in self._slots:
                slot.overrides = settings.get(slot.name, {})
            await self._switching.follow(switches, alert=False)
        self._tasks.start(self._keep_following(), "follow the plugins' switches")

    async def stop(self) -> None:
        """Stop every plugin, those that require others first. The stored switches stay as they are."""
        async with self._switching.lock:
            # Nobody is in the middle of switching now, so nothing half done is cancelled.
            await self._tasks.end(self._limits.cancel_seconds)
            for each in self._rounds:
                await each.end()
            await self._switching.take_down(self._slots, PluginState.OFF)
        self._watchdog.stop()

    async def enable(self, name: str) -> None:
        """Switch a plugin on, here and in all instances; one that is suspended or failed tries again.

        Raises:
            PluginError: there is no such plugin, it needs one that is off, or it cannot start.
            DatabaseAway: the choice could not be stored; the plugin is off.

        """
        slot = self._slots.get(name)
        async with self._switching.lock:
            slot.suspensions = 0
            if slot.state is not PluginState.ON:
                await self._switching.bring_up([slot])
            if slot.state is not PluginState.ON:
                raise PluginError(f"plugin {name} cannot start: {slot.reason}")
            try:
                slot.serial = (await self._switches.put(name, enabled=True)).serial
            except DatabaseAway:
                await self._switching.take_down([slot], PluginState.OFF)
                raise

    async def disable(self, name: str) -> None:
        """Switch a plugin off, here and in all instances; what runs in it may end first.

        Raises:
            PluginError: there is no such plugin, or others that are on require it.
            DatabaseAway: the choice could not be stored; the plugin is as it was.

        """
        slot = self._slots.get(name)
        async with self._switching.lock:
            needed_by = self._slots.required_by(name, states=(PluginState.ON, PluginState.SUSPENDED))
            if needed_by:
                raise PluginError(f"plugin {name} is required by {', '.join(needed_by)}: disable that first")
            slot.serial = (await self._switches.put(name, enabled=False)).serial
            await self._switching.take_down([slot], PluginState.OFF)

    async def configure(self, name: str, changes: Mapping[str, Any]) -> None:
        """Change settings of a plugin, here and in all instances; it starts anew with them.

        So does one that failed or is suspended. Whether it is on stays as it was chosen. None stands for what
        `plugins.toml` has.

        Raises:
            PluginError: there is no such plugin, it was never on, or a setting is wrong.
            DatabaseAway: the choice could not be stored.

        """
        slot = self._slots.get(name)
        async with self._switching.lock:
            chosen = {key: value for key, value in {**slot.overrides, **changes}.items() if value is not None}
            definition = await self._switching.examine(slot, chosen, changed=changes.keys())
            for key, value in changes.items():
                await self._switches.set(name, key, value)
            slot.serial = (await self._switches.tell(name)).serial
            slot.definition = definition
            await self._switching.start_anew(slot, chosen)

    def states(self) -> tuple[PluginStatus, ...]:
        """All allowed plugins as the operator sees them, in the order of `plugins.toml`."""
        return tuple(self._status(slot) for slot in self._slots)

    def config_of(self, name: str) -> PluginConfig | None:
        """The settings of a plugin, unchecked where it failed over them; None: it was never imported."""
        slot = self._slots.find(name)
        return slot.config if slot is not None else None

    def chosen_of(self, name: str) -> Mapping[str, Any]:
        """The settings of a plugin that admins chose; they win over those of `plugins.toml`."""
        slot = self._slots.find(name)
        return slot.overrides if slot is not None else {}

    def notification_types(self, name: str = "") -> tuple[OwnType, ...]:
        """The types of notifications that one plugin has declared, or all that are on have."""
        named = [slot for slot in self._slots if (slot.name == name if name else self.is_on(slot.name))]
        return tuple(each for slot in named if slot.definition for each in slot.definition.notification_types)

    def is_on(self, name: str) -> bool:
        """Whether a plugin works just now."""
        return self._slots.is_on(name)

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
        return await self._hooks.decide(hook, arguments, self._faults.note)

    async def rewrite_prompt(self, prompt: str, /, **arguments: Any) -> str:
        """Hand a prompt from plugin to plugin; one that fails or is late leaves it as it was."""
        given = {"prompt": prompt, **arguments}
        rewritten: str = await self._hooks.transform(
            "rewrite_prompt", "prompt", given, self._faults.note, _words_of
        )
        return rewritten

    async def price_for(self, stars: int, /, **arguments: Any) -> int:
        """Hand a price from plugin to plugin; one that fails or is late leaves it as it was."""
        given = {"stars": stars, **arguments}
        price: int = await self._hooks.transform("price_for", "stars", given, self._faults.note, _price_of)
        return price

    async def image(self, image: bytes, /, **arguments: Any) -> bytes:
        """Hand a picture from plugin to plugin; one that fails or is late leaves it as it was."""
        given = {"image": image, **arguments}
        made: bytes = await self._hooks.transform(
            "rewrite_image",
            "image",
            given,
            self._faults.note,
            self._picture_of,
            limit="image_seconds",
        )
        return made

    def wants(self, hook: str) -> bool:
        """Whether any plugin that is on implements a hook."""
        return self._hooks.wanted(hook)

    async def keyboard(self, hook: str, /, **arguments: Any) -> Keyboard:
        """Ask every plugin for buttons; one that fails or is late has none."""
        return await self._hooks.keyboard(hook, arguments, self._faults.note)

    async def statistics_sections(self, viewer: User, period: Period) -> tuple[Section, ...]:
        """Ask every plugin for its statistics; one that fails or is late has none."""
        arguments = {"viewer": viewer, "period": period}
        return await self._hooks.collect("statistics_section", arguments, self._faults.note, section_of)

    async def admin_pages(self) -> tuple[OwnedPage, ...]:
        """Ask every plugin for its pages of the admin panel; one that fails or is late has none."""
        return flat(await self._hooks.collect("admin_pages", {}, self._faults.note, pages_of))

    async def render_page(self, owned: OwnedPage, event: Event) -> object:
        """Draw a page inside its plugin's guard; raises what it raises, and counts it."""
        running = self._slots.running(owned.plugin)
        if running is None:
            raise PluginError(f"plugin {owned.plugin} is off")
        what = f"page {owned.page.key}"
        try:
            return await running.run(_drawn(owned, event), what, "hook_seconds")
        except (UserFacingError, Interrupted):
            raise
        except Exception as error:
            self._faults.note(owned.plugin, what, error)
            raise

    async def ask_each(
        self, hook: str, /, *, skip: Collection[str] = (), **arguments: Any
    ) -> tuple[Mapping[str, Any], tuple[str, ...]]:
        """Ask every plugin but those to `skip` for its share: what they answer, and who failed."""
        return await self._hooks.ask_each(hook, arguments, self._faults.note, skip=skip)

    async def idle(self) -> None:
        """Wait until every notification was delivered, and every check and suspension is done."""
        for each in self._rounds:
            await each.idle()
        for slot in self._slots:
            if slot.running is not None:
                await slot.running.idle()
        async with self._switching.lock:
            return

    # -- switching ----------------------------------------------------------------------------------------

    async def _suspend(self, slot: Slot, running: RunningPlugin) -> None:
        await self._switching.suspend(slot, running)

    async def _keep_following(self) -> None:
        while True:
            await self._clock.sleep(self._limits.follow_seconds)
            try:
                if await self._switches.changed():
                    switches = await self._switches.all()
                    settings = await self._switches.settings()
                    async with self._switching.lock:
                        for slot in self._slots:
                            chosen = settings.get(slot.name, {})
                            # Read after the switches, so at least as new as what they say.
                            known = switches.get(slot.name, Switch(None, 0)).serial >= slot.serial
                            if known and chosen != slot.overrides:
                                await self._switching.start_anew(slot, chosen)
                        await self._switching.follow(switches, alert=True)
                await self._switching.try_again()
                for each in self._rounds:
                    each.look()
            except Exception as error:
                _log.warning("the plugins' switches cannot be followed just now", error=type(error).__name__)

    # -- looking ------------------------------------------------------------------------------------------

    def _shown_to(self, plugin: str, user: User) -> User:
        slot = self._slots.find(plugin)
        shares = slot is not None and any(grant in slot.entry.grants for grant in SHARING_GRANTS)
        return user if shares else without_others(plugin, user)

    def _picture_of(self, answer: object, _plugin: str) -> bytes:
        most = self._limits.image_bytes
        if not isinstance(answer, bytes) or len(answer) > most or form_of(answer[:HEAD]) not in _PICTURES:
            raise PluginError(
                f"answered no picture; allowed: PNG, JPEG or WebP of at most {most} bytes, None"
            )
        return answer

    def _status(self, slot: Slot) -> PluginStatus:
        return slot.status(required_by=self._slots.required_by(slot.name), answers=self._routes.of(slot.name))

    def _new_health(self) -> Health:
        return Health(self._clock, limit=self._limits.errors, window=self._limits.errors_window_seconds)


def _resident() -> int:
    return int(psutil.Process().memory_info().rss)


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
