"""Asks plugins again and again whether what they depend on works, and tells operators of what does not."""

from __future__ import annotations

import contextlib
from typing import Protocol

import structlog

from core.observability.metrics import Metrics
from core.plugins.hook_calls import HookCalls
from core.plugins.slot import Slot
from core.plugins.slots import Slots
from core.plugins.status import Unhealthy

_log = structlog.stdlib.get_logger(__name__)

_SURE = 2
"""Checks in a row that must find something before operators are told: a hiccup is none of their business."""


class TellAdmins(Protocol):
    """Sends admins a text of a bundle."""

    def __call__(self, key: str, **variables: object) -> None:
        """Send it; it is not waited for."""
        ...


class Checkups:
    """The health checks of all plugins that are on and have one."""

    def __init__(
        self,
        slots: Slots,
        hooks: HookCalls,
        *,
        metrics: Metrics,
        tell: TellAdmins,
    ) -> None:
        self._slots = slots
        self._hooks = hooks
        self._metrics = metrics
        self._tell = tell

    async def check(self) -> None:
        """Ask every plugin once, all at the same time."""
        for name, found in (await self._hooks.diagnoses()).items():
            slot = self._slots.get(name)
            if slot.running is not None:
                self._note(slot, found)

    def forget(self, slot: Slot) -> None:
        """A plugin that goes is neither well nor ill."""
        slot.unhealthy, slot.bad_checks = None, 0
        with contextlib.suppress(KeyError):
            self._metrics.plugin_healthy.remove(slot.name)

    def _note(self, slot: Slot, found: Unhealthy | None) -> None:
        before, slot.unhealthy = slot.bad_checks, found
        slot.bad_checks = before + 1 if found is not None else 0
        self._metrics.plugin_healthy.labels(slot.name).set(0 if found else 1)
        if found is not None and slot.bad_checks == _SURE:
            _log.warning("plugin is not healthy", plugin=slot.name, found=found.key)
            variables = {name: value for name, value in found.variables.items() if name != "plugin"}
            self._tell("alert-plugin-unhealthy", **variables, plugin=slot.name, reason_key=found.key)
        elif found is None and before >= _SURE:
            _log.info("plugin is healthy again", plugin=slot.name)
            self._tell("alert-plugin-healthy", plugin=slot.name)
