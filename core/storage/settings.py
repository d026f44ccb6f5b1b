"""Settings that are made while Starloom runs, by namespace: what is switched on, and what plugins keep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.storage.codec import field_key, field_name, plain, stored
from core.storage.database import Database


class SettingsStore:
    """JSON-like values by namespace and key. A namespace is one document, of at most 16 MB."""

    def __init__(self, database: Database) -> None:
        self._rows = database.collection("settings")

    async def get(self, namespace: str, key: str, default: Any = None) -> Any:
        """The value, or `default` when none is kept."""
        field = f"values.{field_name(key)}"
        row = await self._rows.find_one({"_id": namespace}, fields=[field])
        return plain((row or {}).get("values", {}).get(field_name(key), default))

    async def set(self, namespace: str, key: str, value: Any) -> None:
        """Keep a value."""
        change = {"$set": {f"values.{field_name(key)}": stored(value)}, "$inc": {"revision": 1}}
        await self._rows.update_one({"_id": namespace}, change, upsert=True)

    async def merge(self, namespace: str, key: str, fields: Mapping[str, Any], *, count: str) -> None:
        """Set `fields` of a value that has fields, leave its others, and add 1 to its field `count`."""
        place = f"values.{field_name(key)}"
        change: dict[str, Any] = {"$inc": {"revision": 1, f"{place}.{field_name(count)}": 1}}
        if fields:
            change["$set"] = {f"{place}.{field_name(name)}": stored(value) for name, value in fields.items()}
        await self._rows.update_one({"_id": namespace}, change, upsert=True)

    async def delete(self, namespace: str, key: str) -> None:
        """Forget a value."""
        change = {"$unset": {f"values.{field_name(key)}": ""}, "$inc": {"revision": 1}}
        await self._rows.update_one({"_id": namespace}, change, upsert=True)

    async def all(self, namespace: str) -> dict[str, Any]:
        """Every value of a namespace."""
        row = await self._rows.find_one({"_id": namespace})
        return {field_key(name): plain(value) for name, value in (row or {}).get("values", {}).items()}

    async def revision(self, namespace: str) -> int:
        """A number that rises with every change in the namespace; cheap to ask for again and again."""
        row = await self._rows.find_one({"_id": namespace}, fields=["revision"])
        return int((row or {}).get("revision", 0))
