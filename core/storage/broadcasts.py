"""Broadcasts: each one document, whose state changes only from the one expected."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection as Many
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.clock import Clock
from core.storage.codec import plain, stored, to_milliseconds
from core.storage.collection import Document
from core.storage.database import Database
from core.storage.people_search import Activity, Audience


class BroadcastState(StrEnum):
    """Where a broadcast stands."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    DONE = "done"


OVER = (BroadcastState.STOPPED, BroadcastState.DONE)


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A word (`text`) or a gift (`stars`, with the reason in `text`) to everybody of an audience.

    `cursor` is the id of the last person that was reached, as people are gone through by their ids. Everybody
    so far is in `sent`, `blocked` (they had blocked the bot), or `failed`. `by` decided about it last.
    """

    id: str
    text: str
    language: str = ""
    activity: str = Activity.ANY
    stars: int = 0
    state: BroadcastState = BroadcastState.DRAFT
    by: int = 0
    author: int = 0
    total: int = 0
    cursor: int = 0
    sent: int = 0
    blocked: int = 0
    failed: int = 0
    created_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def audience(self) -> Audience:
        """Who is meant."""
        return Audience(self.language, Activity(self.activity))

    @property
    def reached(self) -> int:
        """How many people were gone through so far."""
        return self.sent + self.blocked + self.failed


_FIELDS = {field.name for field in dataclasses.fields(Broadcast)}
_SHOWN = 200


class BroadcastStore:
    """Broadcasts by id. A document carries `live` while it runs, and until its author was told of the end."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._rows = database.collection("broadcasts")
        self._clock = clock

    async def add(self, broadcast: Broadcast) -> Broadcast:
        """Keep a draft; the one of this id where there is one already."""
        new = dataclasses.replace(broadcast, created_at=to_milliseconds(self._clock.now()))
        row = {name: stored(getattr(new, name)) for name in _FIELDS - {"id"}}
        if await self._rows.insert_one({"_id": new.id, **row}):
            return new
        return await self.get(new.id) or new

    async def get(self, broadcast_id: str) -> Broadcast | None:
        """The broadcast as it is now, or None."""
        row = await self._rows.find_one({"_id": broadcast_id})
        return _broadcast(row) if row is not None else None

    async def last(self, limit: int) -> list[Broadcast]:
        """The newest of them."""
        found = [_broadcast(row) for row in await self._rows.find({}, limit=_SHOWN)]
        return sorted(found, key=_age, reverse=True)[:limit]

    async def live(self) -> list[Broadcast]:
        """Those that run, or whose end is still to be told, oldest first."""
        return sorted((_broadcast(row) for row in await self._rows.find({"live": True})), key=_age)

    async def choose(self, broadcast_id: str, audience: Audience) -> Broadcast | None:
        """Say whom a draft is for; None where it is no draft any more."""
        chosen = {"language": audience.language, "activity": audience.activity.value}
        return await self._change(broadcast_id, (BroadcastState.DRAFT,), chosen)

    async def enter(
        self, broadcast_id: str, expected: Many[BroadcastState], to: BroadcastState, **changes: Any
    ) -> Broadcast | None:
        """Enter a state from one of those `expected`; None when it is in another one."""
        entered: dict[str, Any] = {"state": to.value, **changes}
        if to in OVER:
            entered["ended_at"] = to_milliseconds(self._clock.now())
        if to is not BroadcastState.PAUSED:
            entered["live"] = True
        return await self._change(broadcast_id, expected, entered)

    async def advance(
        self, broadcast_id: str, cursor: int, *, sent: int, blocked: int, failed: int
    ) -> Broadcast | None:
        """Note that everybody up to `cursor` was reached; None where it does not run any more.

        What was sent counts also where it was paused or stopped meanwhile.
        """
        counted = {"sent": sent, "blocked": blocked, "failed": failed}
        added = {"$inc": stored(counted), "$set": {"cursor": stored(cursor)}}
        await self._rows.update_one({"_id": broadcast_id, "cursor": {"$lt": stored(cursor)}}, added)
        now = await self.get(broadcast_id)
        return now if now is not None and now.state is BroadcastState.RUNNING else None

    async def settled(self, broadcast_id: str, state: BroadcastState) -> None:
        """Note that nothing is left to do for it, unless it has left that state meanwhile."""
        known = {"_id": broadcast_id, "state": state.value}
        await self._rows.update_one(known, {"$unset": {"live": ""}})

    async def _change(
        self, broadcast_id: str, expected: Many[BroadcastState], changes: Document
    ) -> Broadcast | None:
        condition = {"_id": broadcast_id, "state": {"$in": [state.value for state in expected]}}
        updated = await self._rows.update_one(condition, {"$set": stored(changes)})
        return await self.get(broadcast_id) if updated.matched else None


def _broadcast(row: Document) -> Broadcast:
    values = {name: plain(value) for name, value in row.items() if name in _FIELDS}
    return Broadcast(**{**values, "id": row["_id"], "state": BroadcastState(row["state"])})


def _age(broadcast: Broadcast) -> tuple[str, str]:
    at = broadcast.created_at
    return (at.isoformat() if at is not None else "", broadcast.id)
