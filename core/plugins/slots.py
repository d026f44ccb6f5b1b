"""The places of all allowed plugins, and who is there for whom."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from core.errors import PluginError
from core.plugins.order import dependants, told_missing
from core.plugins.running import RunningPlugin
from core.plugins.slot import Slot
from core.plugins.status import PluginState


class Slots:
    """All of them by name, in the order of `plugins.toml`."""

    def __init__(self, slots: Mapping[str, Slot]) -> None:
        self._slots = slots

    def __iter__(self) -> Iterator[Slot]:
        return iter(self._slots.values())

    def find(self, name: str) -> Slot | None:
        """The place of a plugin, if it is allowed."""
        return self._slots.get(name)

    def get(self, name: str) -> Slot:
        """The place of a plugin.

        Raises:
            PluginError: there is no such plugin.

        """
        if name not in self._slots:
            raise PluginError(
                f"there is no plugin {name} in plugins.toml; there are {', '.join(self._slots) or 'none'}"
            )
        return self._slots[name]

    def running(self, name: str) -> RunningPlugin | None:
        """A plugin that takes calls."""
        slot = self._slots.get(name)
        running = slot.running if slot is not None else None
        return running if running is not None and running.accepting else None

    def all_running(self) -> tuple[RunningPlugin, ...]:
        """All plugins that take calls."""
        return tuple(running for name in self._slots if (running := self.running(name)) is not None)

    def is_on(self, name: str) -> bool:
        """Whether a plugin works just now."""
        return self.running(name) is not None

    def may_start(self, slot: Slot) -> bool:
        """Whether all that a plugin requires works just now."""
        return all(self.is_on(name) for name in slot.requires)

    def closed_gates(self, hook: str) -> tuple[str, ...]:
        """Plugins that should decide on `hook` and cannot."""
        return tuple(
            slot.name
            for slot in self._slots.values()
            if slot.state in (PluginState.SUSPENDED, PluginState.FAILED)
            and slot.definition is not None
            and hook in slot.definition.decisions
        )

    def required_by(
        self, name: str, *, states: Collection[PluginState] = tuple(PluginState)
    ) -> tuple[str, ...]:
        """Who requires a plugin, of those in these states."""
        requires = {other.name: other.requires for other in self._slots.values() if other.state in states}
        return dependants(name, requires)

    def describe(self, name: str) -> str:
        """A plugin that is required, and what is wrong with it."""
        slot = self._slots.get(name)
        if slot is None:
            return told_missing(name)
        remedy = "switch that on" if slot.state is PluginState.OFF else "mend that first"
        return f"{name}, which is {slot.state.value}: {remedy}"
