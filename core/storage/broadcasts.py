"""Broadcasts: each one document, whose state changes only from the one expected."""

from __future__ import annotations

import dataclasses
import html as markup
from collections.abc import Collection as Many
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.clock import Clock
from core.storage.codec import plain, stored, to_milliseconds
from core.storage.collection import Document
from core.storage.database import Database
from core.storage.people_search import Activity, Audience
from core.telegram.types import MediaKind, MessageRef, OutgoingMedia


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

    `formatted` is the text as HTML where its author formatted it. `file` is what goes with it, empty where
    nothing does, and `written_in` the message of the author's that showed it first.

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
    formatted: str = ""
    file: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    written_in: int = 0

    @property
    def html(self) -> str:
        """The text as people get it."""
        return self.formatted or markup.escape(self.text, quote=False)

    @property
    def media(self) -> OutgoingMedia | None:
        """The file that goes with it."""
        return OutgoingMedia(MediaKind(self.file["kind"]), self.file["file"]) if self.file else None

    @property
    def source(self) -> MessageRef:
        """Where its author has written it."""
        return MessageRef(self.author, self.written_in)

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

    async def choose(self, broadcast_id: str, audience: Audience, *, by: int) -> Broadcast | None:
        """Say whom a draft is for; None where it is no draft any more."""
        chosen = {**_named(audience), "by": by}
        return await self._change(broadcast_id, {"state": BroadcastState.DRAFT.value}, chosen)

    async def keep_media(self, broadcast_id: str, media: OutgoingMedia) -> None:
        """Keep a fresh reference to its file."""
        await self._change(broadcast_id, {}, {"file": as_file(media)})

    async def enter(
        self,
        broadcast_id: str,
        expected: Many[BroadcastState],
        to: BroadcastState,
        *,
        audience: Audience | None = None,
        quiet: bool = False,
        **changes: Any,
    ) -> Broadcast | None:
        """Enter a state from one of those `expected`; None when it is in another one.

        With an `audience` it must be for just that one still. A `quiet` end is told to nobody.
        """
        entered: dict[str, Any] = {"state": to.value, **changes}
        if to in OVER:
            entered["ended_at"] = to_milliseconds(self._clock.now())
        if to is not BroadcastState.PAUSED and not quiet:
            entered["live"] = True
        condition: Document = {"state": {"$in": [state.value for state in expected]}}
        if audience is not None:
            condition |= _named(audience)
        return await self._change(broadcast_id, condition, entered)

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

    async def _change(self, broadcast_id: str, condition: Document, changes: Document) -> Broadcast | None:
        updated = await self._rows.update_one({"_id": broadcast_id, **condition}, {"$set": stored(changes)})
        return await self.get(broadcast_id) if updated.matched else None


def as_file(media: OutgoingMedia) -> dict[str, Any]:
    """A file as a broadcast keeps it."""
    return {"kind": media.kind.value, "file": media.file}


def _named(audience: Audience) -> Document:
    return {"language": audience.language, "activity": audience.activity.value}


def _broadcast(row: Document) -> Broadcast:
    values = {name: plain(value) for name, value in row.items() if name in _FIELDS}
    return Broadcast(**{**values, "id": row["_id"], "state": BroadcastState(row["state"])})


def _age(broadcast: Broadcast) -> tuple[str, str]:
    at = broadcast.created_at
    return (at.isoformat() if at is not None else "", broadcast.id)
