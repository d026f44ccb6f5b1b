"""What plugins remember of people for a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core.clock import Clock
from core.storage.codec import plain, stored
from core.storage.database import Database

NOTE_LIFE = timedelta(hours=24)
"""How long a note is kept."""
MOST_NOTES = 1000
"""Notes that one plugin may keep of one person; after that the oldest make room for new ones."""
_KEPT_TENTHS = 9
"""How many tenths of them stay then, so that not each further note has to make room."""


class NoteStore:
    """JSON-like values by plugin, person and key."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._rows = database.collection("notes")
        self._clock = clock

    async def keep(self, plugin: str, user_id: int, key: str, value: Any) -> None:
        """Keep a value from now on, in the place of the last one."""
        own = _id(plugin, user_id, "")
        # A colon is followed by a semicolon in the order of letters: all that begin with `own` are between.
        others = {"_id": {"$gte": own, "$lt": f"{own[:-1]};", "$ne": own + key}}
        if await self._rows.count(others) >= MOST_NOTES:
            # It is what somebody did last that is asked for again, and no note may stand in the way of that.
            rows = await self._rows.find(others, fields=["expires_at"])
            rows.sort(key=lambda row: row["expires_at"])
            oldest = rows[: len(rows) - MOST_NOTES * _KEPT_TENTHS // 10]
            await self._rows.delete_many({"_id": {"$in": [row["_id"] for row in oldest]}})
        note = {
            "user_id": stored(user_id),
            "value": stored(value),
            "expires_at": self._clock.now() + NOTE_LIFE,
        }
        await self._rows.update_one({"_id": _id(plugin, user_id, key)}, {"$set": note}, upsert=True)

    async def read(self, plugin: str, user_id: int, key: str) -> Any:
        """The value, or None where there is none (any more)."""
        row = await self._rows.find_one({"_id": _id(plugin, user_id, key)})
        # The database deletes what is over within a minute or so.
        return plain(row["value"]) if row and row["expires_at"] > self._clock.now() else None

    async def forget(self, user_id: int, key: str) -> None:
        """Forget what any plugin keeps of a person under `key`."""
        rows = await self._rows.find({"user_id": stored(user_id)}, fields=["_id"])
        ids = [row["_id"] for row in rows if row["_id"].endswith(_id("", user_id, key))]
        await self._rows.delete_many({"_id": {"$in": ids}})

    async def erase(self, user_id: int) -> None:
        """Forget everything about a person."""
        await self._rows.delete_many({"user_id": stored(user_id)})


def _id(plugin: str, user_id: int, key: str) -> str:
    return f"{plugin}:{user_id}:{key}"
