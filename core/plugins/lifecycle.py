"""Brings one plugin to life and takes it down again, leaving nothing of it behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import structlog

from core.clock import Clock
from core.errors import PluginError
from core.hooks import NEEDED_GRANTS
from core.i18n import I18n
from core.limits import PluginLimits
from core.observability.metrics import Metrics
from core.observability.tracebacks import in_words
from core.plugin import Plugin, PluginConfig, PluginContext, Spawn
from core.plugin_powers import PluginMetrics, PluginSchedule
from core.plugins.definition import Definition, define
from core.plugins.guard import ExitAttempted, TimeLimitPassed
from core.plugins.hook_calls import HookCalls
from core.plugins.importing import import_guarded
from core.plugins.manifest import read_manifest
from core.plugins.own_metrics import OwnMetrics
from core.plugins.running import ReportError, RunningPlugin
from core.plugins.schedule import Schedule, Turns
from core.plugins.slot import Slot
from core.plugins_file import PluginsFile
from core.routes import Routes

_log = structlog.stdlib.get_logger(__name__)


class ContextMaker(Protocol):
    """Makes what a plugin is given of the application."""

    def __call__(
        self,
        *,
        name: str,
        config: PluginConfig,
        spawn: Spawn,
        schedule: PluginSchedule,
        metrics: PluginMetrics,
    ) -> PluginContext[Any]:
        """The context of the plugin `name`; `spawn` runs tasks of its own, `schedule` work by the clock."""
        ...


class Lifecycle:
    """Imports, starts and stops plugins, one at a time."""

    def __init__(
        self,
        file: PluginsFile,
        *,
        contexts: ContextMaker,
        routes: Routes,
        hooks: HookCalls,
        i18n: I18n,
        clock: Clock,
        turns: Turns,
        metrics: Metrics,
    ) -> None:
        self._file = file
        self._limits: PluginLimits = file.limits.plugins
        self._contexts = contexts
        self._routes = routes
        self._hooks = hooks
        self._i18n = i18n
        self._clock = clock
        self._turns = turns
        self._metrics = metrics

    def look(self, slot: Slot) -> None:
        """Read what a plugin says of itself, before any of its code runs.

        Raises:
            PluginError: it is not there, or cannot work here.

        """
        slot.manifest = read_manifest(slot.name, slot.entry.module, base=self._file.directory)
        problems = slot.manifest.problems()
        if problems:
            raise PluginError("; ".join(problems))

    async def define(self, slot: Slot, settings: Mapping[str, Any]) -> Definition:
        """Import a plugin and check what it says of itself and its settings; nothing of it is started.

        Raises:
            PluginError: it cannot be imported, or something about it is wrong.

        """
        imported = await import_guarded(
            "plugins",
            slot.name,
            slot.entry.module,
            base=self._file.directory,
            seconds=self._limits.import_seconds,
            clock=self._clock,
        )
        definition = define(slot.name, imported, settings)
        for warning in definition.warnings:
            _log.warning("plugin uses what is going", plugin=slot.name, warning=warning)
        for hook in definition.hooks:
            needed = NEEDED_GRANTS.get(hook)
            if needed is not None and needed not in slot.entry.grants:
                raise PluginError(
                    f'hook {hook} needs grants = ["{needed}"] in the table of the plugin in plugins.toml'
                )
        return definition

    async def start(self, slot: Slot, definition: Definition, report: ReportError) -> RunningPlugin:
        """Start a plugin; when that fails nothing of it is left.

        Raises:
            PluginError: with a sentence why it cannot start.

        """
        running = RunningPlugin(slot.name, self._limits, report)
        try:
            await self._assemble(slot, definition, running, report)
        except Exception as error:
            await self._dismantle(running)
            raise PluginError(_told(error)) from error
        running.accepting = True
        return running

    async def stop(self, running: RunningPlugin, report: ReportError) -> None:
        """Let what runs in a plugin end, tell it to stop, and take away all that is its own."""
        self._forget(running.name)
        await running.drain()
        try:
            await running.run(_finish(running), "stop", "stop_seconds")
        except Exception as error:
            report("stop", error)
        await self._dismantle(running)

    async def _assemble(
        self, slot: Slot, definition: Definition, running: RunningPlugin, report: ReportError
    ) -> None:
        problems = self._i18n.add(slot.name, definition.locales)
        early = slot.manifest.warnings() if slot.manifest is not None else ()
        slot.warnings = (*early, *definition.warnings, *(str(problem) for problem in problems))
        blocking = [str(problem) for problem in problems if problem.blocking]
        if blocking:
            raise PluginError("; ".join(blocking))
        schedule = Schedule(running, turns=self._turns, clock=self._clock, limits=self._limits, report=report)
        metrics = OwnMetrics(slot.name, self._metrics.registry, most_series=self._limits.metric_series)
        running.belongings.callback(metrics.close)
        context = self._contexts(
            name=slot.name,
            config=definition.config,
            spawn=running.spawn,
            schedule=schedule,
            metrics=metrics,
        )
        building = _build(definition, context)
        running.instance = await running.run(building, "__init__", "start_seconds")
        self._routes.add(running.instance)
        await running.run(_begin(running), "start", "start_seconds")
        self._hooks.add(slot.name, running.instance)

    async def _dismantle(self, running: RunningPlugin) -> None:
        self._forget(running.name)
        await running.drain()
        await running.end_tasks()
        running.belongings.close()
        self._i18n.remove(running.name)

    def _forget(self, name: str) -> None:
        self._routes.remove(name)
        self._hooks.remove(name)


def _told(error: Exception) -> str:
    """Why a plugin did not start, and what to do."""
    if isinstance(error, TimeLimitPassed):
        return (
            f"start took longer than {error.seconds:g} s: its author has to hand what takes long to "
            "context.spawn, or allow it more (limits.plugins.start_seconds)"
        )
    if isinstance(error, ExitAttempted):
        return f"start {error}: a plugin must not end the bot; mend that, or tell its author"
    if isinstance(error, PluginError):
        return str(error)
    return f"start failed: {in_words(error)}: mend that line, or tell its author, then start it again"


async def _build(definition: Definition, context: PluginContext[Any]) -> Plugin[Any]:
    return definition.plugin_class(context)


async def _begin(running: RunningPlugin) -> None:
    await running.instance.start()


async def _finish(running: RunningPlugin) -> None:
    await running.instance.stop()
