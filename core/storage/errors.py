"""What went wrong lately, for operators: where, how often it is quoted by, and nothing that people wrote."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.clock import Clock
from core.storage.codec import to_milliseconds
from core.storage.database import Database

ERROR_LIFE = timedelta(days=7)
_MOST = 500
_LONG_NUMBER = re.compile(r"(?<!\d)\d{3,}(\d{4})(?!\d)")
"""What may be somebody's id: its end is enough to find it by."""


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """Something that went wrong. `reference` is what people or logs quote: an update's, or a request id."""

    at: datetime
    instance: str
    source: str
    words: str
    reference: str


class ErrorStore:
    """The last errors of all instances, for a week."""

    def __init__(self, database: Database, clock: Clock, instance: str) -> None:
        self._rows = database.collection("errors")
        self._clock = clock
        self._instance = instance

    async def write(self, source: str, words: str, reference: str) -> None:
        """Note an error of this instance."""
        at = to_milliseconds(self._clock.now())
        row = {"at": at, "instance": self._instance, "source": source, "reference": reference}
        row["words"] = _LONG_NUMBER.sub(r"…\1", words)
        await self._rows.insert_one({"_id": uuid.uuid4().hex, **row, "expires_at": at + ERROR_LIFE})

    async def last(self, limit: int) -> list[ErrorRow]:
        """The last ones, newest first."""
        since = self._clock.now() - ERROR_LIFE
        rows = await self._rows.find({"at": {"$gt": since}}, limit=_MOST)
        found = [
            ErrorRow(row["at"], row["instance"], row["source"], row["words"], row["reference"])
            for row in rows
        ]
        return sorted(found, key=lambda row: row.at, reverse=True)[:limit]

    async def count_since(self, moment: datetime) -> int:
        """How many there were since then."""
        return await self._rows.count({"at": {"$gte": moment}})
