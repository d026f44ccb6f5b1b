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
"""After so many new rows they are counted anew: other instances add some, too."""


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

    async def room(self) -> int:
        """How many more rows the plugin may keep."""
        kept = [await rows.count() for rows in self._opened.values()]
        return self._limits.rows - sum(kept)


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
        self._unasked = 0

    async def put(self, key: str, row: Mapping[str, Any]) -> None:
        """Keep a row in the place of another."""
        document = self._document(key, row)
        await self._prepare()
        del document["_id"]
        if await self._replaced(key, document):
            return
        await self._check_room()
        await self._rows.update_one({"_id": key}, {"$set": document}, upsert=True)

    async def add(self, key: str, row: Mapping[str, Any]) -> bool:
        """Keep a new row; False where its key, or a field that is `unique`, is taken."""
        document = self._document(key, row)
        await self._prepare()
        await self._check_room()
        return bool(await self._rows.insert_one(document))

    async def change(
        self, key: str, fields: Mapping[str, Any], *, where: Mapping[str, Any] | None = None
    ) -> bool:
        """Change fields of a row."""
        self._check_size(fields)
        changes = {f"row.{field_name(name)}": stored(value) for name, value in fields.items()}
        wanted = {f"row.{field_name(name)}": stored(value) for name, value in (where or {}).items()}
        if self._keeping is not None:
            changes["expires_at"] = self._clock.now() + self._keeping
        return bool((await self._rows.update_one({"_id": key, **wanted}, {"$set": changes})).matched)

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

    async def _replaced(self, key: str, document: Document) -> bool:
        return bool((await self._rows.update_one({"_id": key}, {"$set": document})).matched)

    async def _check_room(self) -> None:
        if self._unasked <= 0:
            room = await self._collections.room()
            if room <= 0:
                raise PluginError(
                    f"there is no room in collection {self._name}: a plugin may keep {self._limits.rows} "
                    "rows; delete some, open it with `days`, or raise limits.plugins.rows"
                )
            self._unasked = min(room, _RECOUNT)
        self._unasked -= 1

    def _document(self, key: str, row: Mapping[str, Any]) -> Document:
        if not 0 < len(key) <= _KEY_LENGTH:
            raise PluginError(f"a key has 1 to {_KEY_LENGTH} characters")
        self._check_size(row)
        document: Document = {
            "_id": key,
            "row": {field_name(name): stored(value) for name, value in row.items()},
        }
        if self._keeping is not None:
            document["expires_at"] = self._clock.now() + self._keeping
        return document

    def _check_size(self, row: Mapping[str, Any]) -> None:
        size = len(json.dumps(row, default=str).encode())
        if size > self._limits.row_bytes:
            raise PluginError(
                f"a row of {size} bytes is too large for collection {self._name}; "
                f"allowed: {self._limits.row_bytes} (limits.plugins.row_bytes)"
            )

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


def _row(document: Document) -> dict[str, Any]:
    row = {field_key(name): plain(value) for name, value in document["row"].items()}
    return {**row, "key": document["_id"]}
