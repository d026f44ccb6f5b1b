"""What people and the team write to each other: one thread a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.clock import Clock
from core.storage.codec import plain, stored, to_milliseconds
from core.storage.collection import Document
from core.storage.database import Database

_KEPT = 30
"""Messages of a thread that are kept."""


@dataclass(frozen=True, slots=True)
class SupportMessage:
    """Something that was written: by the person (`by` is 0), or by an operator."""

    at: datetime
    by: int
    text: str


@dataclass(frozen=True, slots=True)
class SupportThread:
    """A person's thread. It `waits` from their word to an answer; `version` counts what was written."""

    user_id: int
    waits: bool
    version: int
    messages: tuple[SupportMessage, ...]
    at: datetime


class SupportStore:
    """Threads by their people's ids.

    Who of the team wrote stands apart from the words, which the person may have.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._rows = database.collection("support")
        self._clock = clock

    async def get(self, user_id: int) -> SupportThread | None:
        """A person's thread, or None."""
        row = await self._rows.find_one({"_id": stored(user_id)})
        return _thread(row) if row is not None else None

    async def waiting(self, limit: int) -> list[SupportThread]:
        """Threads that wait for an answer, the longest first."""
        rows = await self._rows.find({"waits": True})
        return sorted(map(_thread, rows), key=lambda each: (each.at, each.user_id))[:limit]

    async def add(self, user_id: int, text: str, *, by: int, key: str) -> SupportThread:
        """Add a message, once for each `key`; the thread after it."""
        now = to_milliseconds(self._clock.now())
        while True:
            row = await self._rows.find_one({"_id": stored(user_id)})
            messages: list[Mapping[str, Any]] = list(row["messages"]) if row is not None else []
            authors: list[Any] = list(row["authors"]) if row is not None else []
            if row is not None and any(each["key"] == key for each in messages):
                return _thread(row)
            version = int(row["version"]) if row is not None else 0
            message = stored({"at": now, "text": text, "key": key})
            changed: Document = {
                "messages": [*messages, message][-_KEPT:],
                "authors": [*authors, stored(by)][-_KEPT:],
                "version": stored(version + 1),
                "waits": by == 0,
                "at": now,
            }
            if row is None:
                if await self._rows.insert_one({"_id": stored(user_id), **changed}):
                    return _thread({"_id": user_id, **changed})
                continue
            known = {"_id": stored(user_id), "version": row["version"]}
            if (await self._rows.update_one(known, {"$set": changed})).matched:
                return _thread({"_id": user_id, **changed})


def _thread(row: Document) -> SupportThread:
    messages = tuple(
        SupportMessage(each["at"], int(by), str(plain(each["text"])))
        for each, by in zip(row["messages"], row["authors"], strict=True)
    )
    return SupportThread(int(row["_id"]), bool(row["waits"]), int(row["version"]), messages, row["at"])
