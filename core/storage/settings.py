"""Settings that are made while Starloom runs, by namespace: what is switched on, and what plugins keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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

    async def change(self, namespace: str, make: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
        """Keep what `make` makes of all values of a namespace, and lose nothing that is written meanwhile.

        It answers the values to be kept by their keys; the others stay. Where somebody else was quicker it is
        asked again.
        """
        while True:
            row = await self._rows.find_one({"_id": namespace})
            if row is None:
                # There is something to compare with now.
                await self._rows.update_one({"_id": namespace}, {"$inc": {"revision": 1}}, upsert=True)
                continue
            made = make(_values(row))
            change: dict[str, Any] = {"$inc": {"revision": 1}}
            if made:
                change["$set"] = {f"values.{field_name(key)}": stored(value) for key, value in made.items()}
            as_read = {"_id": namespace, "revision": row["revision"]}
            if (await self._rows.update_one(as_read, change)).matched:
                return

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
        return _values(await self._rows.find_one({"_id": namespace}) or {})

    async def revision(self, namespace: str) -> int:
        """A number that rises with every change in the namespace; cheap to ask for again and again."""
        row = await self._rows.find_one({"_id": namespace}, fields=["revision"])
        return int((row or {}).get("revision", 0))


def _values(row: Mapping[str, Any]) -> dict[str, Any]:
    return {field_key(name): plain(value) for name, value in row.get("values", {}).items()}
