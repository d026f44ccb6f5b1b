"""Runs of the production: each one document under its id, changed only from the state the caller expects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core.production.run import OPEN_STATES, Run, RunState, UploadState
from core.storage.codec import plain, stored, to_milliseconds
from core.storage.database import Database

_COUNTER, _SWITCH = "production_runs", "production"


@dataclass(frozen=True, slots=True)
class Switch:
    """Whether the production is paused, who said so last and when, and up to when runs are planned."""

    paused: bool = False
    by: str = ""
    at: datetime | None = None
    planned_until: datetime | None = None


class RunStore:
    """Runs by their ids and days, and how many there were."""

    def __init__(self, database: Database) -> None:
        self._rows = database.collection("production_runs")
        self._counters = database.collection("meta")

    async def insert(self, run: Run) -> bool:
        """Write a run down; False when somebody else has."""
        row = {name: stored(getattr(run, name)) for name in Run.__dataclass_fields__ if name != "id"}
        marks = {"open": True} if run.state in OPEN_STATES else {}
        return await self._rows.insert_one({"_id": run.id, **row, **marks})

    async def known(self, ids: list[str]) -> set[str]:
        """Which of these runs there are."""
        return {row["_id"] for row in await self._rows.find({"_id": {"$in": ids}}, fields=["_id"])}

    async def switched(self) -> Switch:
        """Whether the production is paused, and up to when runs are planned."""
        row = plain(await self._counters.find_one({"_id": _SWITCH}) or {})
        return Switch(
            paused=row.get("paused", False),
            by=row.get("by", ""),
            at=row.get("at"),
            planned_until=row.get("planned_until"),
        )

    async def switch(self, by: str, at: datetime, *, paused: bool) -> bool:
        """Pause or go on; False when it is so already."""
        await self._counters.insert_one({"_id": _SWITCH, "paused": False})
        change = {"$set": {"paused": paused, "by": by, "at": to_milliseconds(at)}}
        return (await self._counters.update_one({"_id": _SWITCH, "paused": not paused}, change)).matched == 1

    async def planned(self, until: datetime) -> None:
        """Note up to when runs are planned."""
        change = {"$set": {"planned_until": to_milliseconds(until)}}
        await self._counters.insert_one({"_id": _SWITCH, "paused": False})
        await self._counters.update_one({"_id": _SWITCH}, change)

    async def peek_number(self) -> int:
        """The number that the next run will have."""
        row = await self._counters.find_one({"_id": _COUNTER})
        return int(row["next"]) if row else 0

    async def number_for(self, run_id: str) -> int:
        """The number of a new run, counted from 0; the last one who asked gets the same when asking again.

        So whoever dies before the run is written down takes nobody's turn: the same run is the next again.
        """
        await self._counters.insert_one({"_id": _COUNTER, "next": stored(0)})
        while True:
            row = await self._counters.find_one({"_id": _COUNTER}) or {}
            number = int(row.get("next", 0))
            if row.get("last") == run_id:
                return number - 1
            condition = {"_id": _COUNTER, "next": stored(number)}
            change = {"$set": {"next": stored(number + 1), "last": run_id}}
            if (await self._counters.update_one(condition, change)).matched:
                return number

    async def get(self, run_id: str) -> Run | None:
        """The run of this id."""
        row = await self._rows.find_one({"_id": run_id})
        return _run(row) if row is not None else None

    async def open(self) -> list[Run]:
        """Runs with something still to be done, the oldest first."""
        return sorted(map(_run, await self._rows.find({"open": True})), key=lambda run: (run.at, run.id))

    async def between(self, first: date, last: date) -> list[Run]:
        """The runs of these days, in the order of their times."""
        days = {"day": {"$gte": first.isoformat(), "$lte": last.isoformat()}}
        return sorted(map(_run, await self._rows.find(days)), key=lambda run: (run.at, run.id))

    async def ordered_since(self, first: date) -> list[Run]:
        """The runs that were ordered on this day or later."""
        return list(map(_run, await self._rows.find({"ordered_on": {"$gte": first.isoformat()}})))

    async def change(self, run: Run, expected: RunState, changes: Mapping[str, Any]) -> bool:
        """Change a run that is still in the state `expected`; whether it was."""
        update: dict[str, Any] = {"$set": {name: stored(value) for name, value in changes.items()}}
        state = changes.get("state")
        if state is not None and state not in OPEN_STATES:
            update["$unset"] = {"open": ""}
        condition = {"_id": run.id, "state": expected.value}
        return (await self._rows.update_one(condition, update)).matched == 1

    async def upload(self, run_id: str, platform: str, was: UploadState, now: UploadState) -> bool:
        """Note how far a video is on its way to a platform, if it was where the caller thinks."""
        condition = {"_id": run_id, f"uploads.{platform}": was.value}
        change = {"$set": {f"uploads.{platform}": now.value}}
        return (await self._rows.update_one(condition, change)).matched == 1


def _run(row: Mapping[str, Any]) -> Run:
    known = plain(row)
    fields = {name: known[name] for name in Run.__dataclass_fields__ if name in known}
    uploads = {name: UploadState(state) for name, state in known["uploads"].items()}
    return Run(**{**fields, "id": known["_id"], "state": RunState(known["state"]), "uploads": uploads})
