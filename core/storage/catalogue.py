"""What synchronising with providers' own lists came to: what is changed, off, or waits for a word."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from core.clock import Clock
from core.storage.codec import plain, stored, to_milliseconds
from core.storage.collection import Document

if TYPE_CHECKING:
    from core.storage.database import Database

_CACHE_SECONDS = 6 * 3600
_MODEL, _RUN, _CACHE = "model", "run", "cache"


@dataclass(frozen=True, slots=True)
class ModelState:
    """A model whose list price is not what `models.toml` says, or that is off, or waits for an admin.

    Prices are rules as JSON. `price` is asked instead of the file's since `price_at`, a day (YYYY-MM-DD).
    `off` says why it is not offered. What waits is a `waiting` kind with its `mark`, which is the same for
    the same change; `offered` is the price that waits, `text` the provider's words. `kept` is the mark of a
    change that an admin did not want. `news` is what admins are still to be told, from `news_old` to
    `news_new`. `version` counts changes.
    """

    id: str
    provider: str
    price: str = ""
    price_at: str = ""
    source: str = ""
    off: str = ""
    waiting: str = ""
    mark: str = ""
    offered: str = ""
    text: str = ""
    kept: str = ""
    news: str = ""
    news_old: str = ""
    news_new: str = ""
    by: int = 0
    """The admin who decided last."""
    version: int = 0


@dataclass(frozen=True, slots=True)
class SyncRun:
    """Where synchronising with a provider stands.

    `seen` are the provider's own ids that were there the last time, None before the first. `fresh` are new
    ones, and `alarm` is what went wrong, of which admins are still to be told. `failing` tells that the last
    attempt failed.
    """

    provider: str
    seen: frozenset[str] | None = None
    fresh: tuple[str, ...] = ()
    alarm: str = ""
    detail: str = ""
    page: str = ""
    failing: bool = False
    next_at: datetime | None = None
    writing_until: datetime | None = None
    """Changes are being stored one by one, by then at the latest: half of them are no news yet."""
    writings: int = 0
    """How often storing has begun."""


_STATE_FIELDS = {field.name for field in dataclasses.fields(ModelState)} - {"id"}


class CatalogueStore:
    """One collection: documents of models, of runs, and of answers that are kept for some hours."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._rows = database.collection("catalogue")
        self._clock = clock

    async def states(self) -> dict[str, ModelState]:
        """All states, by model."""
        return {row["_id"][len(_MODEL) + 1 :]: _state(row) for row in await self._rows.find({"kind": _MODEL})}

    async def state(self, model_id: str) -> ModelState | None:
        """The state of a model, if it has one."""
        row = await self._rows.find_one({"_id": f"{_MODEL}:{model_id}"})
        return None if row is None else _state(row)

    async def replace(self, state: ModelState) -> bool:
        """Put a state in the place of the one with its version; False when that has changed meanwhile."""
        values: Document = {name: stored(getattr(state, name)) for name in _STATE_FIELDS}
        values |= {"kind": _MODEL, "version": stored(state.version + 1)}
        key = f"{_MODEL}:{state.id}"
        if state.version == 0:
            return await self._rows.insert_one({"_id": key, **values})
        condition = {"_id": key, "version": stored(state.version)}
        return (await self._rows.update_one(condition, {"$set": values})).matched == 1

    async def claim(self, provider: str, *, until: datetime) -> bool:
        """Take the turn to synchronise if it has come; the next comes at `until`. One of several gets it."""
        now = to_milliseconds(self._clock.now())
        key = f"{_RUN}:{provider}"
        begun = {"kind": _RUN, "next_at": to_milliseconds(until)}
        if await self._rows.insert_one({"_id": key, **begun}):
            return True
        missing = {"_id": key, "next_at": None}
        for condition in ({"_id": key, "next_at": {"$lte": now}}, missing):
            if (await self._rows.update_one(condition, {"$set": begun})).matched:
                return True
        return False

    async def run(self, provider: str) -> SyncRun:
        """Where synchronising with a provider stands."""
        row = await self._rows.find_one({"_id": f"{_RUN}:{provider}"})
        return _run(provider, row or {})

    async def note(self, provider: str, changes: Mapping[str, Any]) -> None:
        """Change fields of a run."""
        values = {name: stored(value) for name, value in changes.items()}
        await self._rows.update_one(
            {"_id": f"{_RUN}:{provider}"}, {"$set": {**values, "kind": _RUN}}, upsert=True
        )

    async def begin_writing(self, provider: str, *, after: int, until: datetime) -> bool:
        """Changes are stored one by one until `note` says that they are; `until` is for one that cannot.

        False when storing has begun more often than `after` times: what was read before is old by now.
        """
        key = f"{_RUN}:{provider}"
        await self._rows.insert_one({"_id": key, "kind": _RUN})
        condition = {"_id": key, "writings": after or {"$in": [None, 0]}}
        changes: Document = {"$set": {"writing_until": to_milliseconds(until)}, "$inc": {"writings": 1}}
        return (await self._rows.update_one(condition, changes)).matched == 1

    async def told(self, run: SyncRun) -> None:
        """Admins know of what was new and of the alarm; what came meanwhile is still to be told."""
        condition = {
            "_id": f"{_RUN}:{run.provider}",
            "fresh": stored(list(run.fresh)) if run.fresh else {"$in": [None, []]},
            "alarm": run.alarm or {"$in": [None, ""]},
        }
        await self._rows.update_one(condition, {"$set": {"fresh": [], "alarm": "", "detail": ""}})

    def cache(self, provider: str) -> CachedAnswers:
        """The answers of a provider."""
        return CachedAnswers(self._rows, provider, self._clock)


class CachedAnswers:
    """What a provider answered, for some hours."""

    def __init__(self, rows: Any, provider: str, clock: Clock) -> None:
        self._rows = rows
        self._provider = provider
        self._clock = clock

    async def get(self, key: str) -> str | None:
        """The answer, if there is a fresh one."""
        row = await self._rows.find_one({"_id": self._id(key)})
        if row is None or row["at"] <= self._clock.now() - timedelta(seconds=_CACHE_SECONDS):
            return None
        return str(row["answer"])

    async def put(self, key: str, answer: str) -> None:
        """Keep an answer."""
        values = {"kind": _CACHE, "answer": answer, "at": to_milliseconds(self._clock.now())}
        await self._rows.update_one({"_id": self._id(key)}, {"$set": values}, upsert=True)

    def _id(self, key: str) -> str:
        return f"{_CACHE}:{self._provider}:{key}"


def _state(row: Document) -> ModelState:
    values = {name: plain(value) for name, value in row.items() if name in _STATE_FIELDS}
    return ModelState(id=row["_id"][len(_MODEL) + 1 :], **values)


def _run(provider: str, row: Document) -> SyncRun:
    seen: Iterable[str] | None = row.get("seen")
    return SyncRun(
        provider=provider,
        seen=None if seen is None else frozenset(seen),
        fresh=tuple(row.get("fresh") or ()),
        alarm=row.get("alarm") or "",
        detail=row.get("detail") or "",
        page=row.get("page") or "",
        failing=bool(row.get("failing")),
        next_at=row.get("next_at"),
        writing_until=row.get("writing_until"),
        writings=row.get("writings") or 0,
    )
