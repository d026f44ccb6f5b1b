"""What a plugin keeps beside its rows: values under its own name, and notes about people."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from core.errors import PluginError
from core.storage.notes import NoteStore
from core.storage.plugin_rows import size_of
from core.storage.settings import SettingsStore


class OwnStore:
    """The values of one plugin, together of at most so many bytes as JSON."""

    def __init__(self, plugin: str, settings: SettingsStore, *, most: int) -> None:
        self._namespace = f"plugin:{plugin}"
        self._settings = settings
        self._most = most
        # Who changes values here takes turns, and has to ask again only where another instance was quicker.
        self._changing = asyncio.Lock()

    async def get(self, key: str, default: Any = None) -> Any:
        """The value of `key`, or `default`."""
        return await self._settings.get(self._namespace, key, default)

    async def set(self, key: str, value: Any) -> None:
        """Store `value` under `key`."""
        await self.update(key, lambda _: value)

    async def update(self, key: str, change: Callable[[Any], Any], default: Any = None) -> Any:
        """Store what `change` makes of the value of `key`; what that is."""
        made: Any = None

        def make(values: Mapping[str, Any]) -> Mapping[str, Any]:
            nonlocal made
            made = change(values.get(key, default))
            size = size_of({**values, key: made})
            if size > self._most:
                raise PluginError(
                    f"context.store would hold {size} bytes with {key}; allowed: {self._most} "
                    "(limits.plugins.store_bytes). It is for a few settings: keep rows in context.collection"
                )
            return {key: made}

        async with self._changing:
            await self._settings.change(self._namespace, make)
        return made


class OwnNotes:
    """The notes of one plugin, each of at most so many bytes as JSON."""

    def __init__(self, plugin: str, notes: NoteStore, *, most: int) -> None:
        self._plugin = plugin
        self._notes = notes
        self._most = most

    async def keep(self, user_id: int, key: str, value: Any) -> None:
        """Remember `value` of a person."""
        size = size_of(value)
        if size > self._most:
            raise PluginError(
                f"note {key} of {size} bytes is too large; allowed: {self._most} (limits.plugins.row_bytes)"
            )
        await self._notes.keep(self._plugin, user_id, key, value)

    async def read(self, user_id: int, key: str) -> Any:
        """What was kept under `key`, or None."""
        return await self._notes.read(self._plugin, user_id, key)
