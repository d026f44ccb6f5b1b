"""The rows of statistics: a batch is added to each of its rows once, whatever crashes between.

There is one number for all batches. A batch is written down whole under the next number, by one conditional
write; then each of its rows takes it on the condition that the row's own number is lower, and is the one that
was read with it; then the jobs lose their marks; then the batch is done. Whoever comes after a crash finishes
the batch that was written down.
"""

from __future__ import annotations

import json
from collections.abc import Collection as Many
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.statistics.record import Correction
from core.statistics.rows import Change, Changes
from core.storage.codec import plain, stored
from core.storage.collection import Document
from core.storage.database import Database

_COUNTER = "counter"
_PERSON = "p"


@dataclass(frozen=True, slots=True)
class Batch:
    """What is added by the batch `number`: the jobs and corrections that were counted, and their sums."""

    number: int
    jobs: tuple[str, ...] = ()
    corrections: tuple[str, ...] = ()
    changes: Mapping[str, Change] | None = None


class RollupStore:
    """Rows of statistics by their ids, and corrections by their keys."""

    def __init__(self, database: Database) -> None:
        self._rows = database.collection("statistics")
        self._corrections = database.collection("corrections")

    async def open(self) -> None:
        """Make it possible to count; nothing is changed where it is."""
        await self._rows.insert_one({"_id": _COUNTER, "number": stored(0), "batch": ""})

    async def last_batch(self) -> tuple[int, Batch | None] | None:
        """The number of the last batch, and that batch if it is not done; None before `open`."""
        row = await self._rows.find_one({"_id": _COUNTER})
        if row is None:
            return None
        number = int(row["number"])
        return number, _batch(number, json.loads(row["batch"])) if row["batch"] else None

    async def begin(self, batch: Batch) -> bool:
        """Write a batch down; False when somebody else has begun one with this number."""
        free = {"_id": _COUNTER, "number": stored(batch.number - 1), "batch": ""}
        begun = {"number": stored(batch.number), "batch": json.dumps(_kept(batch))}
        return (await self._rows.update_one(free, {"$set": begun})).matched == 1

    async def apply(self, batch: Batch) -> None:
        """Add a batch to its rows; those that have it already stay as they are."""
        changes = batch.changes or {}
        there = {row["_id"]: row for row in await self._rows.find({"_id": {"$in": list(changes)}})}
        # A row is added to here and written whole, whatever the number of its fields that change: the largest
        # have hundreds, and the embedded database changes them one after another.
        updates = [
            ({"_id": row_id, "batch": row["batch"]}, {"$set": _added(row, changes[row_id], batch.number)})
            for row_id, row in there.items()
            if int(row["batch"]) < batch.number
        ]
        await self._rows.update_each(updates)
        new = [_new_row(row, changes[row], batch.number) for row in sorted(changes.keys() - there.keys())]
        if new:
            # Whoever was quicker added this very batch: nobody else adds rows before it is done.
            await self._rows.insert_many(new)

    async def finish(self, batch: Batch) -> None:
        """Note that a batch is done."""
        if batch.corrections:
            await self._corrections.update_many(
                {"_id": {"$in": list(batch.corrections)}}, {"$unset": {"pending": ""}}
            )
        await self._rows.update_one(
            {"_id": _COUNTER, "number": stored(batch.number)}, {"$set": {"batch": ""}}
        )

    async def row(self, row_id: str) -> Document:
        """The row of this id, empty if nothing was added to it."""
        return (await self.rows([row_id])).get(row_id, {})

    async def rows(self, ids: Iterable[str]) -> dict[str, Document]:
        """The rows of these ids; those that nothing was added to are left out."""
        found = await self._rows.find({"_id": {"$in": list(ids)}})
        return {row["_id"]: plain(row) for row in found}

    async def days_of(self, people: Mapping[int, str]) -> dict[int, list[int]]:
        """On which days, as ordinals, people were there; `people` are the ids of their rows."""
        found = await self._rows.find({"_id": {"$in": list(people.values())}}, fields=["days"])
        days = {row["_id"]: [int(day) for day in row.get("days", {})] for row in found}
        return {person: days.get(row, []) for person, row in people.items()}

    async def forget(self, user_id: int) -> None:
        """Delete a person's rows; what they did stays in the sums of all."""
        await self._rows.delete_many({"user_id": stored(user_id)})
        await self._corrections.update_many({"user_id": stored(user_id)}, {"$set": {"user_id": stored(0)}})

    async def correct(self, correction: Correction) -> bool:
        """Write down a correction, to be counted; False when it was written down before."""
        row = {name: getattr(correction, name) for name in Correction.__dataclass_fields__ if name != "key"}
        return await self._corrections.insert_one({"_id": correction.key, **stored(row), "pending": True})

    async def corrections(self, limit: int) -> list[Correction]:
        """At most `limit` corrections that are not counted yet."""
        found = await self._corrections.find({"pending": True}, limit=limit)
        return [_correction(plain(row)) for row in found]


def _new_row(row_id: str, change: Change, number: int) -> Document:
    kind, _, rest = row_id.partition(":")
    row: Document = {"_id": row_id}
    if kind == _PERSON:
        row["user_id"] = stored(int(rest.partition(":")[0]))
    return row | _added(row, change, number)


def _added(row: Document, change: Change, number: int) -> Document:
    """The parts of a row that a change is about, with the change in them."""
    added = {path: value for path, value in change.added.items() if value}
    concerned = {path.partition(".")[0] for path in added} & row.keys()
    parts: Document = plain({part: row[part] for part in concerned})
    for path, value in added.items():
        *within, name = path.split(".")
        place = parts
        for part in within:
            place = place.setdefault(part, {})
        place[name] = place.get(name, 0) + value
    if change.days:
        parts["days"] = {**row.get("days", {}), **{str(day): True for day in change.days}}
    return {**stored(parts), "batch": stored(number)}


def _kept(batch: Batch) -> dict[str, Any]:
    changes: Changes = dict(batch.changes or {})
    rows = {row: [change.added, sorted(change.days)] for row, change in changes.items()}
    return {"jobs": batch.jobs, "corrections": batch.corrections, "rows": rows}


def _batch(number: int, kept: Mapping[str, Any]) -> Batch:
    changes = {row: _change(*parts) for row, parts in kept["rows"].items()}
    return Batch(number, tuple(kept["jobs"]), tuple(kept["corrections"]), changes)


def _change(added: Mapping[str, int], days: Many[int]) -> Change:
    change = Change(days=set(days))
    change.added.update(added)
    return change


def _correction(row: Document) -> Correction:
    at: datetime = row["at"]
    return Correction(
        key=row["_id"],
        at=at,
        user_id=row["user_id"],
        category=row["category"],
        model_id=row["model_id"],
        provider=row["provider"],
        stars=row["stars"],
    )
