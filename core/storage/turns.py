"""Whose turn it was: what only one of all instances does, each time anew."""

from __future__ import annotations

from datetime import datetime

from core.storage.database import Database


class TurnStore:
    """Turns by name. The first who takes one has it."""

    def __init__(self, database: Database) -> None:
        self._rows = database.collection("turns")

    async def take(self, name: str, until: datetime) -> bool:
        """Whether the turn is the caller's; it is remembered until `until`."""
        return await self._rows.insert_one({"_id": name, "expires_at": until})
