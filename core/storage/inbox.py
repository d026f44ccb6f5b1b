"""Updates that were received and are not handled yet, and the keys of those that were."""

from __future__ import annotations

import uuid
from collections.abc import Collection as Many
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.clock import Clock
from core.errors import DatabaseAway
from core.storage.codec import stored, to_milliseconds
from core.storage.collection import Document
from core.storage.database import Database

KEY_LIFE = timedelta(days=7)
"""How long the key of a handled update is remembered."""
_ORDERS_A_MILLISECOND = 2**20


@dataclass(frozen=True, slots=True)
class InboxRow:
    """An update. `lane` is whose it is: updates of one lane are handled one after another."""

    key: str
    lane: int
    payload: bytes
    at: datetime


class Inbox:
    """The inbox of one instance; several may share the database, one of them reads updates at a time."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._rows = database.collection("inbox")
        self._clock = clock
        self._unsure: dict[str, set[str]] = {}
        self._last_order = 0

    async def record(self, rows: Sequence[InboxRow]) -> set[str]:
        """Keep updates until they are handled; answers the keys that are new, one round trip for all.

        A call whose answer was lost is simply made again: what it kept without our knowing is new still.

        Raises:
            DatabaseAway: some rows may have been kept, some not.

        """
        if not rows:
            return set()
        attempt = uuid.uuid4().hex
        try:
            known = await self._rows.insert_many([self._document(row, attempt) for row in rows])
            new = {row.key for index, row in enumerate(rows) if index not in known}
            new |= await self._kept_unknown({row.key for row in rows} - new)
        except DatabaseAway:
            for row in rows:
                self._unsure.setdefault(row.key, set()).add(attempt)
            raise
        for row in rows:
            self._unsure.pop(row.key, None)
        return new

    async def pending(self) -> list[InboxRow]:
        """What is not handled yet, in the order in which it was recorded."""
        found = await self._rows.find({"pending": True})
        found.sort(key=lambda document: int(document["order"]))
        if found:
            self._last_order = max(self._last_order, int(found[-1]["order"]))
        self._unsure.clear()
        return [InboxRow(row["_id"], int(row["lane"]), bytes(row["payload"]), row["at"]) for row in found]

    async def done(self, keys: Many[str]) -> None:
        """Note that updates are handled: their content goes, their keys stay for seven days."""
        if not keys:
            return
        forget_at = to_milliseconds(self._clock.now() + KEY_LIFE)
        await self._rows.update_many(
            {"_id": {"$in": list(keys)}},
            {
                "$set": {"expires_at": forget_at},
                "$unset": dict.fromkeys(("payload", "pending", "order", "attempt"), ""),
            },
        )

    async def _kept_unknown(self, keys: Many[str]) -> set[str]:
        """Of keys that exist, those which a call of ours made that never learned of it."""
        doubted = [key for key in keys if key in self._unsure]
        if not doubted:
            return set()
        found = await self._rows.find({"_id": {"$in": doubted}, "pending": True}, fields=["attempt"])
        return {row["_id"] for row in found if row["attempt"] in self._unsure[row["_id"]]}

    def _document(self, row: InboxRow, attempt: str) -> Document:
        return {
            "_id": row.key,
            "lane": stored(row.lane),
            "payload": row.payload,
            "at": to_milliseconds(row.at),
            "order": stored(self._next_order()),
            "pending": True,
            "attempt": attempt,
        }

    def _next_order(self) -> int:
        """A number that rises with every row, over restarts and changes of instance too."""
        of_now = int(self._clock.now().timestamp() * 1000) * _ORDERS_A_MILLISECOND
        self._last_order = max(self._last_order + 1, of_now)
        return self._last_order
