"""Which instances there are, also those that only stand by: each says now and then that it lives."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.clock import Clock
from core.errors import DatabaseAway
from core.storage.codec import to_milliseconds
from core.storage.database import Database
from core.waiting import happens

_MISSED = 3
"""So many times may one not be heard of before it counts as gone."""


@dataclass(frozen=True, slots=True)
class InstanceRow:
    """An instance by its name: what it was started as, since when, and when it was last heard of."""

    name: str
    role: str
    since: datetime
    at: datetime


class InstanceStore:
    """The instances. `seconds` lie between two signs of life."""

    def __init__(self, database: Database, clock: Clock, *, seconds: float) -> None:
        self._rows = database.collection("instances")
        self._clock = clock
        self._seconds = seconds

    async def living(self) -> list[InstanceRow]:
        """Those that were heard of lately, by name."""
        oldest = self._clock.now() - timedelta(seconds=_MISSED * self._seconds)
        rows = await self._rows.find({"at": {"$gte": oldest}})
        found = [InstanceRow(row["_id"], row["role"], row["since"], row["at"]) for row in rows]
        return sorted(found, key=lambda row: row.name)

    async def live(self, name: str, role: str, stop: asyncio.Event) -> None:
        """Give signs of life until told to stop, and say then that it is gone."""
        since = to_milliseconds(self._clock.now())
        while not stop.is_set():
            with contextlib.suppress(DatabaseAway):
                now = to_milliseconds(self._clock.now())
                row = {"role": role, "since": since, "at": now, "expires_at": now + timedelta(days=1)}
                await self._rows.update_one({"_id": name}, {"$set": row}, upsert=True)
            await happens(stop, self._clock, self._seconds)
        with contextlib.suppress(DatabaseAway):
            await self._rows.delete_one({"_id": name})
