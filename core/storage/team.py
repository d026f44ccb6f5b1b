"""Who was appointed to operate the bot, and as what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.admin.roles import AdminRole
from core.clock import Clock
from core.storage.codec import stored, to_milliseconds
from core.storage.collection import Document
from core.storage.database import Database


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who operates the bot. `role` is None once they were dismissed, `by` who decided last."""

    user_id: int
    role: AdminRole | None
    by: int
    at: datetime


class TeamStore:
    """Members by their Telegram ids; a dismissed one stays, so that it is known who dismissed them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._rows = database.collection("team")
        self._clock = clock

    async def all(self) -> list[Member]:
        """Everybody who is or was a member."""
        return [_member(row) for row in await self._rows.find({})]

    async def get(self, user_id: int) -> Member | None:
        """The last word about somebody, or None."""
        row = await self._rows.find_one({"_id": stored(user_id)})
        return _member(row) if row is not None else None

    async def change(
        self, user_id: int, seen: AdminRole | None, role: AdminRole | None, *, by: int
    ) -> Member | None:
        """Give somebody another role than the one that was `seen`; None if it is not that any more."""
        member = Member(user_id, role, by, to_milliseconds(self._clock.now()))
        decided = {"role": role.value if role else None, "by": stored(by), "at": member.at}
        known = {"_id": stored(user_id), "role": seen.value if seen else None}
        updated = await self._rows.update_one(known, {"$set": decided})
        if updated.matched:
            return member
        if seen is None and await self._rows.insert_one({"_id": stored(user_id), **decided}):
            return member
        return None


def _member(row: Document) -> Member:
    role = row["role"]
    return Member(int(row["_id"]), AdminRole(role) if role else None, int(row["by"]), row["at"])
