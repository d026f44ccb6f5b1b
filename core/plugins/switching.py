"""Starts and stops plugins, so that what runs is what is switched on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

import structlog

from core.clock import Clock
from core.errors import PluginError
from core.limits import PluginLimits
from core.observability.metrics import Metrics
from core.plugins.definition import Definition, WrongSettings, check_settings
from core.plugins.faults import Faults
from core.plugins.lifecycle import Lifecycle
from core.plugins.order import start_order, told_circle
from core.plugins.running import RunningPlugin
from core.plugins.slot import Slot
from core.plugins.slots import Slots
from core.plugins.status import PluginState
from core.plugins.switches import Switch

_log = structlog.stdlib.get_logger(__name__)

_LONGEST_SUSPENSION = 6 * 3600.0
"""The longest that a suspended plugin waits before it tries again, in seconds."""


class Switching:
    """Brings plugins up and takes them down; whoever does that holds `lock`.

    `changed` is called after each change of what is on, `started` and `gone` for each plugin.
    """

    def __init__(
        self,
        slots: Slots,
        lifecycle: Lifecycle,
        faults: Faults,
        *,
        limits: PluginLimits,
        clock: Clock,
        metrics: Metrics,
        changed: Callable[[], None],
        started: Callable[[], None],
        gone: Callable[[Slot], None],
    ) -> None:
        self.lock = asyncio.Lock()
        self._slots = slots
        self._lifecycle = lifecycle
        self._faults = faults
        self._limits = limits
        self._clock = clock
        self._metrics = metrics
        self._on_change = changed
        self._started = started
        self._gone = gone

    async def follow(self, switches: dict[str, Switch], *, alert: bool) -> None:
        """Make what runs here equal to what is switched on."""
        off: list[Slot] = []
        on: list[Slot] = []
        for slot in self._slots:
            switch = switches.get(slot.name, Switch(None, 0))
            if switch.serial < slot.serial:
                # Chosen anew here after the switches were read; the newer choice is read next time.
                continue
            chosen_anew = switch.serial > slot.serial
            slot.serial = switch.serial
            enabled = switch.is_on(slot.entry.enabled)
            if not enabled and slot.state is not PluginState.OFF:
                off.append(slot)
            elif enabled and (slot.state is PluginState.OFF or chosen_anew):
                on.append(slot)
        await self.take_down(off, PluginState.OFF)
        await self.bring_up([slot for slot in on if slot.state is not PluginState.ON])
        for slot in on:
            if alert and slot.state is PluginState.FAILED:
                self._faults.tell_admins("alert-plugin-failed", plugin=slot.name, reason=slot.reason)

    async def start_anew(self, slot: Slot, chosen: Mapping[str, Any]) -> None:
        """Take other settings; what runs ends with the old ones and begins with the new."""
        slot.overrides = chosen
        if slot.definition is None:
            if slot.state is PluginState.FAILED:
                await self.bring_up([slot])
            return
        config_class = slot.definition.plugin_class.Config
        try:
            config = check_settings(config_class, slot.settings, f"plugins.{slot.name}.")
        except PluginError as error:
            _log.error("settings are not taken", plugin=slot.name, reason=str(error))
            return
        slot.definition = replace(slot.definition, config=config)
        if slot.state is not PluginState.OFF:
            await self.take_down([slot], PluginState.OFF)
            await self.bring_up([slot])

    async def examine(
        self, slot: Slot, chosen: Mapping[str, Any], *, changed: Collection[str]
    ) -> Definition | None:
        """What a plugin would be with these settings; one that failed is imported for that, none is started.

        None where it is left out over others than the settings `changed`: those are mended one by one.

        Raises:
            PluginError: a setting is wrong, it cannot be imported, or it is off and so not to be imported.

        """
        settings = {**slot.entry.settings, **chosen}
        if slot.definition is not None:
            config_class = slot.definition.plugin_class.Config
            config = check_settings(config_class, settings, f"plugins.{slot.name}.")
            return replace(slot.definition, config=config)
        if slot.state is not PluginState.FAILED:
            raise PluginError(f"plugin {slot.name} was not on yet: enable it before its settings are changed")
        self._lifecycle.look(slot)
        try:
            return await self._lifecycle.define(slot, settings)
        except WrongSettings as error:
            if error.keys.isdisjoint(changed):
                return None
            raise

    async def try_again(self) -> None:
        """Start suspended plugins whose time has come."""
        now = self._clock.monotonic()
        due = [slot for slot in self._slots if slot.retry_at is not None and slot.retry_at <= now]
        if due:
            async with self.lock:
                await self.bring_up([slot for slot in due if slot.state is PluginState.SUSPENDED])
        for slot in due:
            slot.retry_at = None

    async def bring_up(self, slots: Collection[Slot]) -> None:
        """Start plugins, each after what it requires, and those that waited for them."""
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

    async def take_down(self, slots: Iterable[Slot], state: PluginState) -> None:
        """Stop plugins, those that require others first; they are in `state` then."""
        chosen = {slot.name: slot for slot in slots}
        order, _ = start_order({name: slot.requires for name, slot in chosen.items()})
        for name in reversed([*order, *(name for name in chosen if name not in order)]):
            slot = chosen[name]
            running, slot.running, slot.state, slot.waiting = slot.running, None, state, False
            if state is PluginState.OFF:
                slot.reason = ""
            if running is not None:
                await self._lifecycle.stop(running, self._faults.reporter(name))
                self._gone(slot)
                self._metrics.plugin_on.labels(name).set(0)
                _log.info("plugin is off", plugin=name, state=state.value)
        if chosen:
            self._on_change()

    async def suspend(self, slot: Slot, running: RunningPlugin) -> None:
        """Take a suspended plugin down, say so, and settle when it tries again."""
        async with self.lock:
            if slot.running is not running or slot.state is not PluginState.SUSPENDED:
                return
            await self.take_down([slot], PluginState.SUSPENDED)
            slot.suspensions += 1
            wait = min(self._limits.retry_seconds * 2 ** (slot.suspensions - 1), _LONGEST_SUSPENSION)
            slot.retry_at = self._clock.monotonic() + wait if wait else None
        _log.error("plugin is suspended", plugin=slot.name, reason=slot.reason)
        self._faults.tell_admins("alert-plugin-suspended", plugin=slot.name, reason=slot.reason)

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
            self._fail(by_name[name], told_circle(around))
        return [by_name[name] for name in order]

    async def _define(self, slot: Slot) -> None:
        try:
            slot.definition = await self._lifecycle.define(slot, slot.settings)
        except PluginError as error:
            slot.config_class = error.config_class if isinstance(error, WrongSettings) else None
            self._fail(slot, str(error))

    async def _start_one(self, slot: Slot) -> None:
        if slot.running is not None:
            # Suspended a moment ago and not taken down yet.
            await self.take_down([slot], slot.state)
        missing = [name for name in slot.requires if not self._slots.is_on(name)]
        slot.waiting = bool(missing)
        if slot.definition is None or missing:
            self._fail(slot, f"it requires {', '.join(map(self._slots.describe, missing))}")
            return
        slot.health.revive()
        try:
            slot.running = await self._lifecycle.start(
                slot, slot.definition, self._faults.reporter(slot.name)
            )
        except PluginError as error:
            self._fail(slot, str(error))
            return
        slot.state, slot.reason = PluginState.ON, ""
        self._started()
        self._metrics.plugin_on.labels(slot.name).set(1)
        _log.info("plugin is on", plugin=slot.name, version=slot.definition.plugin_class.version)

    async def _start_waiting(self) -> None:
        """Start what failed only because it required something that is on now."""
        while freed := [slot for slot in self._slots if slot.waiting and self._slots.may_start(slot)]:
            for slot in freed:
                await self._start_one(slot)

    def _fail(self, slot: Slot, reason: str) -> None:
        slot.state, slot.reason = PluginState.FAILED, reason
        self._metrics.plugin_on.labels(slot.name).set(0)
        _log.error("plugin left out", plugin=slot.name, reason=reason)
