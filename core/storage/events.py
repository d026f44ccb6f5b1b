"""What happened to each generation, for 30 days."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.clock import Clock
from core.storage.codec import plain, stored, to_milliseconds
from core.storage.database import Database

EVENT_LIFE = timedelta(days=30)
"""How long an event is kept."""


@dataclass(frozen=True, slots=True)
class JobEvent:
    """One thing that happened to a generation. `details` are JSON-like and hold no prompt."""

    job_id: str
    kind: str
    at: datetime
    details: Mapping[str, Any] = field(default_factory=dict)


class EventLog:
    """Events of generations."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._rows = database.collection("events")
        self._clock = clock

    async def write(self, job_id: str, kind: str, details: Mapping[str, Any] | None = None) -> None:
        """Note that something happened to a generation just now."""
        now = to_milliseconds(self._clock.now())
        row = {"job_id": job_id, "kind": kind, "at": now, "details": stored(details or {})}
        await self._rows.insert_one({"_id": uuid.uuid4().hex, **row, "expires_at": now + EVENT_LIFE})

    async def of(self, job_id: str) -> list[JobEvent]:
        """What happened to a generation, oldest first."""
        rows = await self._rows.find({"job_id": job_id})
        events = [JobEvent(row["job_id"], row["kind"], row["at"], plain(row["details"])) for row in rows]
        return sorted(events, key=lambda event: event.at)
