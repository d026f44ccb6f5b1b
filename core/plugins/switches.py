"""Which plugins the admins switched on and off: stored, and so the same for all instances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

NAMESPACE = "plugins"
"""Where the switches stand among the stored settings."""
SETTINGS = "plugin_settings"
"""Where what admins set stands."""


class StoredSettings(Protocol):
    """What is needed of the stored settings; `core.storage.settings.SettingsStore` has it."""

    async def all(self, namespace: str) -> Mapping[str, Any]:
        """Every value of a namespace."""
        ...

    async def set(self, namespace: str, key: str, value: Any) -> None:
        """Keep a value."""
        ...

    async def merge(self, namespace: str, key: str, fields: Mapping[str, Any], *, count: str) -> None:
        """Set fields of a value, leave its others, and add 1 to its field `count`, all at once."""
        ...

    async def revision(self, namespace: str) -> int:
        """A number that rises with every change in the namespace."""
        ...


@dataclass(frozen=True, slots=True)
class Switch:
    """What an admin chose for a plugin. `serial` rises each time, so that choosing the same again is seen.

    `enabled` is None where only settings were changed: then what `plugins.toml` says counts.
    """

    enabled: bool | None
    serial: int

    def is_on(self, by_default: bool) -> bool:
        """Whether the plugin is to be on; `by_default` is what `plugins.toml` says."""
        return by_default if self.enabled is None else self.enabled


class Switches:
    """The stored switches of all plugins."""

    def __init__(self, stored: StoredSettings) -> None:
        self._stored = stored
        self._revision = -1

    async def all(self) -> dict[str, Switch]:
        """Every switch there is, by plugin."""
        # Asked for first: a change in between makes `changed` true once more and nothing is missed.
        revision = await self._stored.revision(NAMESPACE)
        switches = await self._read()
        self._revision = revision
        return switches

    async def settings(self) -> dict[str, dict[str, Any]]:
        """What admins set while the bot ran, by plugin and key; it wins over `plugins.toml`."""
        found: dict[str, dict[str, Any]] = {}
        for place, value in (await self._stored.all(SETTINGS)).items():
            plugin, _, key = place.partition(":")
            if value is not None:
                found.setdefault(plugin, {})[key] = value
        return found

    async def set(self, name: str, key: str, value: Any) -> None:
        """Store one setting, or with None forget it; `tell` then tells the instances."""
        await self._stored.set(SETTINGS, f"{name}:{key}", value)

    async def changed(self) -> bool:
        """Whether there is something that `all` has not answered yet."""
        return await self._stored.revision(NAMESPACE) != self._revision

    async def put(self, name: str, *, enabled: bool) -> Switch:
        """Store a choice."""
        return await self._raise(name, {"enabled": enabled})

    async def tell(self, name: str) -> Switch:
        """Let the instances look at a plugin's settings; whether it is on stays as it was chosen."""
        return await self._raise(name, {})

    async def _raise(self, name: str, chosen: Mapping[str, bool]) -> Switch:
        before = (await self._read()).get(name, Switch(None, 0))
        await self._stored.merge(NAMESPACE, name, chosen, count="serial")
        # Somebody else may have chosen in between. Then this serial is too low rather than too high, and what
        # is stored is followed once more instead of never.
        return Switch(chosen.get("enabled", before.enabled), before.serial + 1)

    async def _read(self) -> dict[str, Switch]:
        values = await self._stored.all(NAMESPACE)
        return {
            name: Switch(value.get("enabled"), int(value.get("serial", 0)))
            for name, value in values.items()
            if isinstance(value, Mapping)
        }
