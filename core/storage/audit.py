"""What administrators did: kept for good, by day."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from core.clock import Clock
from core.storage.codec import plain, stored, to_milliseconds
from core.storage.database import Database


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One thing that an administrator did. `before` and `after` are JSON-like."""

    at: datetime
    actor: str
    command: str
    before: Any
    after: Any


class AuditLog:
    """A log that is only ever added to."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._rows = database.collection("audit")
        self._clock = clock

    async def write(self, actor: str, command: str, before: Any = None, after: Any = None) -> None:
        """Note who did what, and what was so before and after it."""
        at = to_milliseconds(self._clock.now())
        row = {"at": at, "day": at.date().isoformat(), "actor": actor, "command": command}
        await self._rows.insert_one(
            {"_id": uuid.uuid4().hex, **row, "before": stored(before), "after": stored(after)}
        )

    async def last(self, limit: int) -> list[AuditRow]:
        """The last things of the last two days, newest first."""
        today = self._clock.now().date()
        rows = [*await self.of_day(today - timedelta(days=1)), *await self.of_day(today)]
        return rows[::-1][:limit]

    async def of_day(self, day: date) -> list[AuditRow]:
        """What was done on a day (in UTC), oldest first."""
        found = await self._rows.find({"day": day.isoformat()})
        rows = [
            AuditRow(row["at"], row["actor"], row["command"], plain(row["before"]), plain(row["after"]))
            for row in found
        ]
        return sorted(rows, key=lambda row: row.at)
