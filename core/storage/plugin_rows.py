"""Rows that plugins keep: a collection of the database for each collection of each plugin."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from core.clock import Clock
from core.errors import PluginError
from core.limits import PluginLimits
from core.storage.codec import field_key, field_name, plain, stored
from core.storage.collection import Document, Index
from core.storage.database import Database

_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_COLLECTIONS = 10
"""Collections that one plugin may have."""
_KEY_LENGTH = 200
_RECOUNT = 100
_RECOUNT_BYTES = 1024 * 1024
"""After so many new rows and bytes, or a tenth of what there is, all is counted anew: others add, too."""


class PluginRows:
    """The collections of all plugins."""

    def __init__(self, database: Database, clock: Clock, limits: PluginLimits) -> None:
        self._database = database
        self._clock = clock
        self._limits = limits

    def of(self, plugin: str) -> OwnCollections:
        """The collections of one plugin."""
        return OwnCollections(plugin, self._database, self._clock, self._limits)


class OwnCollections:
    """Opens the collections of one plugin, `core.plugin_powers.OpenCollection`."""

    def __init__(self, plugin: str, database: Database, clock: Clock, limits: PluginLimits) -> None:
        self._plugin = plugin
        self._database = database
        self._clock = clock
        self._limits = limits
        self._opened: dict[str, OwnRows] = {}
        self._free_rows = 0
        self._free_bytes = 0

    def __call__(
        self, name: str, *, indexes: Sequence[str] = (), unique: Sequence[str] = (), days: float | None = None
    ) -> OwnRows:
        """The collection `name`; rows of one with `days` are gone so long after they were kept last.

        Raises:
            PluginError: the name is none, or there are too many collections.

        """
        if not _NAME.fullmatch(name):
            raise PluginError(f"collection {name!r}: at most 32 small letters, digits and underscores")
        if name not in self._opened:
            if len(self._opened) >= _COLLECTIONS:
                raise PluginError(f"a plugin may have {_COLLECTIONS} collections; {name} is one too many")
            rows = self._database.collection(f"plugins.{self._plugin}.{name}")
            keeping = timedelta(days=days) if days is not None else None
            self._opened[name] = OwnRows(
                rows,
                self,
                name=name,
                indexes=tuple(indexes),
                unique=tuple(unique),
                keeping=keeping,
                clock=self._clock,
                limits=self._limits,
            )
        return self._opened[name]

    async def take(self, rows: int, size: int) -> str:
        """Take room for so many more rows and bytes; where there is none, what to do about it."""
        if rows > self._free_rows or size > self._free_bytes:
            await self._count()
        if rows > self._free_rows:
            return (
                f"a plugin may keep {self._limits.rows} rows; delete some, open it with `days`, "
                "or raise limits.plugins.rows"
            )
        if size > self._free_bytes:
            return (
                f"a plugin may keep {self._limits.stored_bytes} bytes; delete some, open it with `days`, "
                "or raise limits.plugins.stored_bytes"
            )
        self._free_rows -= rows
        self._free_bytes -= size
        return ""

    async def _count(self) -> None:
        rows, size = 0, 0
        for opened in self._opened.values():
            async for each in opened.sizes():
                rows, size = rows + 1, size + each
        # What is given out before the next count is little: others write as well.
        self._free_rows = min(self._limits.rows - rows, max(_RECOUNT, rows // 10))
        self._free_bytes = min(self._limits.stored_bytes - size, max(_RECOUNT_BYTES, size // 10))


class OwnRows:
    """One collection of a plugin, `core.plugin_powers.PluginCollection`."""

    def __init__(
        self,
        rows: Any,
        collections: OwnCollections,
        *,
        name: str,
        indexes: tuple[str, ...],
        unique: tuple[str, ...],
        keeping: timedelta | None,
        clock: Clock,
        limits: PluginLimits,
    ) -> None:
        self._rows = rows
        self._collections = collections
        self._name = name
        self._indexes = indexes
        self._unique = unique
        self._keeping = keeping
        self._clock = clock
        self._limits = limits
        self._prepared = False

    async def put(self, key: str, row: Mapping[str, Any]) -> None:
        """Keep a row in the place of another."""
        document = self._document(key, row)
        await self._prepare()
        del document["_id"]
        size = document["size"]
        smaller = {"_id": key, "size": {"$gte": size}}
        if (await self._rows.update_one(smaller, {"$set": document})).matched:
            return
        if problem := await self._collections.take(1, size):
            there = await self._rows.find_one({"_id": key}, fields=["size"])
            if there is None or await self._collections.take(0, max(0, size - there["size"])):
                raise self._no_room(problem)
        await self._rows.update_one({"_id": key}, {"$set": document}, upsert=True)

    async def add(self, key: str, row: Mapping[str, Any]) -> bool:
        """Keep a new row; False where its key, or a field that is `unique`, is taken."""
        document = self._document(key, row)
        await self._prepare()
        if problem := await self._collections.take(1, document["size"]):
            raise self._no_room(problem)
        return bool(await self._rows.insert_one(document))

    async def change(
        self, key: str, fields: Mapping[str, Any], *, where: Mapping[str, Any] | None = None
    ) -> bool:
        """Change fields of a row."""
        more = self._checked_size(fields)
        changes = {f"row.{field_name(name)}": stored(value) for name, value in fields.items()}
        wanted = {f"row.{field_name(name)}": stored(value) for name, value in (where or {}).items()}
        if self._keeping is not None:
            changes["expires_at"] = self._clock.now() + self._keeping
        if problem := await self._collections.take(0, more):
            raise self._no_room(problem)
        # What is written adds at most its own size; only where that would be too much is the row read.
        fits = {"_id": key, **wanted, "size": {"$lte": self._limits.row_bytes - more}}
        if (await self._rows.update_one(fits, {"$set": changes, "$inc": {"size": more}})).matched:
            return True
        while (row := await self._rows.find_one({"_id": key, **wanted})) is not None:
            size = self._checked_size({**_fields(row), **fields})
            as_read = {"_id": key, **wanted, "size": row["size"]}
            if (await self._rows.update_one(as_read, {"$set": {**changes, "size": size}})).matched:
                return True
        return False

    async def get(self, key: str) -> dict[str, Any] | None:
        """The row with this key."""
        document = await self._rows.find_one({"_id": key})
        return _row(document) if document is not None and self._lasts(document) else None

    async def find(self, where: Mapping[str, Any] | None = None, *, limit: int = 100) -> list[dict[str, Any]]:
        """Rows whose fields are as `where` says."""
        found = await self._rows.find(self._filter(where), limit=max(1, limit))
        return [_row(document) for document in found if self._lasts(document)]

    async def each(self, where: Mapping[str, Any] | None = None) -> AsyncIterator[dict[str, Any]]:
        """All such rows."""
        async for batch in self._rows.batches(self._filter(where)):
            for document in batch:
                if self._lasts(document):
                    yield _row(document)

    async def count(self, where: Mapping[str, Any] | None = None) -> int:
        """How many such rows there are."""
        return int(await self._rows.count(self._filter(where)))

    async def sizes(self) -> AsyncIterator[int]:
        """The bytes of each row, or a little more: rows that were changed may have become smaller."""
        async for batch in self._rows.batches({}, fields=["size"]):
            for document in batch:
                yield document["size"]

    async def delete(self, key: str) -> bool:
        """Delete a row."""
        return bool(await self._rows.delete_one({"_id": key}))

    async def delete_all(self, where: Mapping[str, Any]) -> int:
        """Delete all such rows."""
        return int(await self._rows.delete_many(self._filter(where)))

    async def _prepare(self) -> None:
        if self._prepared:
            return
        wanted = [Index((f"row.{field_name(name)}",)) for name in self._indexes]
        wanted += [Index((f"row.{field_name(name)}",), unique=True, sparse=True) for name in self._unique]
        wanted += [Index(("expires_at",), expires=True)] if self._keeping is not None else []
        if wanted:
            await self._rows.ensure_indexes(wanted)
        self._prepared = True

    def _document(self, key: str, row: Mapping[str, Any]) -> Document:
        if not 0 < len(key) <= _KEY_LENGTH:
            raise PluginError(f"a key has 1 to {_KEY_LENGTH} characters")
        document: Document = {
            "_id": key,
            "size": self._checked_size(row),
            "row": {field_name(name): stored(value) for name, value in row.items()},
        }
        if self._keeping is not None:
            document["expires_at"] = self._clock.now() + self._keeping
        return document

    def _no_room(self, problem: str) -> PluginError:
        return PluginError(f"there is no room in collection {self._name}: {problem}")

    def _checked_size(self, row: Mapping[str, Any]) -> int:
        size = size_of(row)
        if size > self._limits.row_bytes:
            raise PluginError(
                f"a row of {size} bytes is too large for collection {self._name}; "
                f"allowed: {self._limits.row_bytes} (limits.plugins.row_bytes)"
            )
        return size

    def _filter(self, where: Mapping[str, Any] | None) -> dict[str, Any]:
        bare = [name for name in where or {} if name not in (*self._indexes, *self._unique)]
        if bare:
            raise PluginError(
                f"collection {self._name} has no index for {', '.join(bare)}; name it in `indexes`"
            )
        return {f"row.{field_name(name)}": stored(value) for name, value in (where or {}).items()}

    def _lasts(self, document: Document) -> bool:
        """The database deletes what is over within a minute or so."""
        return "expires_at" not in document or document["expires_at"] > self._clock.now()


def size_of(value: object) -> int:
    """The bytes of a JSON-like value, as JSON."""
    return len(json.dumps(value, default=str).encode())


def _fields(document: Document) -> dict[str, Any]:
    return {field_key(name): plain(value) for name, value in document["row"].items()}


def _row(document: Document) -> dict[str, Any]:
    return {**_fields(document), "key": document["_id"]}
