"""Counts what plugins do wrong, writes it down, and has those suspended that do too much of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

from core.errors import AccountBusy, DatabaseAway, LeaseLost, TelegramError
from core.observability.metrics import Metrics
from core.observability.tracebacks import frames, in_words
from core.plugins.memory import TooMuchMemory
from core.plugins.running import ReportError, RunningPlugin
from core.plugins.slot import Slot
from core.plugins.slots import Slots
from core.plugins.status import Alert, PluginState
from core.plugins.tasks import Tasks
from core.plugins.watchdog import LoopBlocked

_log = structlog.stdlib.get_logger(__name__)

_BLAMELESS = (TelegramError, DatabaseAway, AccountBusy, LeaseLost)
"""What a handler may raise without being at fault."""
_SHARES: dict[type[BaseException], float] = {LoopBlocked: 1 / 3, TooMuchMemory: 1}
"""What graver errors are worth of those that suspend a plugin."""

NoteFault = Callable[[str, str, str], Awaitable[None]]
"""Writes down what went wrong for operators: where, in words, and what people quote it by."""


class Faults:
    """The errors of all plugins.

    `alert` tells the admins something, `note_fault` writes down what went wrong, `suspend` takes a plugin
    down that takes no calls any more.
    """

    def __init__(
        self,
        slots: Slots,
        tasks: Tasks,
        *,
        metrics: Metrics,
        alert: Callable[[Alert], Awaitable[None]],
        note_fault: NoteFault,
        suspend: Callable[[Slot, RunningPlugin], Coroutine[Any, Any, None]],
    ) -> None:
        self._slots = slots
        self._tasks = tasks
        self._metrics = metrics
        self._alert = alert
        self._note_fault = note_fault
        self._suspend = suspend

    def note(self, name: str, place: str, error: BaseException) -> None:
        """Count an error against a plugin and suspend it if these are too many."""
        if isinstance(error, _BLAMELESS):
            _log.warning(
                "plugin met an error of others", plugin=name, place=place, error=type(error).__name__
            )
            return
        _log.error("plugin failed", plugin=name, place=place, error=in_words(error), frames=frames(error))
        self._metrics.plugin_errors.labels(name, place.partition(" ")[0]).inc()
        reference = str(structlog.contextvars.get_contextvars().get("update", ""))
        self._tasks.start(self._write_down(f"{name}: {place}", in_words(error), reference), "note an error")
        slot = self._slots.get(name)
        share = _SHARES.get(type(error), 0.0)
        sick = slot.health.note(f"{place}: {in_words(error)}", share=share)
        if sick and slot.state is PluginState.ON and slot.running is not None:
            slot.running.accepting = False
            slot.state = PluginState.SUSPENDED
            many = (
                f"too many errors, the last one in {slot.health.last_error}: mend that, or tell its author; "
                "it tries again by itself after a while, and at once when it is switched on"
            )
            slot.reason = in_words(error) if share >= 1 else many
            self._tasks.start(self._suspend(slot, slot.running), f"suspend plugin {name}")

    def note_blocking(self, name: str, what: str, error: LoopBlocked) -> None:
        """Count what the watchdog saw; providers, whose tasks look the same, are not ours."""
        if self._slots.find(name) is not None:
            self.note(name, what, error)
        else:
            _log.error("provider held everything up", provider=name, place=error.place)

    def reporter(self, name: str) -> ReportError:
        """Counts errors against one plugin."""
        return lambda place, error: self.note(name, place, error)

    def tell_admins(self, key: str, **variables: object) -> None:
        """Send admins a text; nobody waits for it."""
        self._tasks.start(self._tell(Alert(key, variables)), "tell the admins")

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
