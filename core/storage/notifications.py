"""Notifications that wait, and the bulletins in which they are told.

A notification is a row of its own under its id, so it is taken once. Whoever tells notes the ids of waiting
rows in the open bulletin of their group, and then lets the rows wait no more. After a crash between the two
the ids in the open bulletin tell what was counted: nothing is lost, and nothing counted twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.clock import Clock
from core.notifications.notification import AnyType, Bulletin, Notification, Severity, type_of
from core.storage.codec import plain, stored, to_milliseconds
from core.storage.collection import Document
from core.storage.database import Database

KEPT = timedelta(days=7)
"""How long what was told can be asked for."""
REMEMBERED = timedelta(days=30)
"""How long an id is remembered, and how long what nobody tells waits: the plugin that tells may be off."""


@dataclass(frozen=True, slots=True)
class OpenBulletin:
    """A bulletin that is open: since when, and the ids of the notifications in it."""

    id: str
    first_at: datetime
    ids: set[str]


@dataclass(frozen=True, slots=True)
class Mute:
    """Until when nothing is told of a group, and who said so; not `first` where somebody had before."""

    first: bool
    by: str
    until: datetime


class NotificationStore:
    """Waiting notifications, bulletins, and groups that nobody wants to hear of."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._rows = database.collection("notifications")
        self._bulletins = database.collection("bulletins")
        self._mutes = database.collection("notification_mutes")
        self._clock = clock

    async def add(self, notifications: Sequence[Notification]) -> int:
        """Keep notifications until they are told; how many of them were new. One round trip."""
        rows = [self._row(each) for each in notifications]
        if len(rows) == 1:
            return int(await self._rows.insert_one(rows[0]))
        return len(rows) - len(await self._rows.insert_many(rows)) if rows else 0

    async def waiting(self, limit: int) -> list[Notification]:
        """Notifications that stand in no bulletin yet, or of which a crash left that open; oldest first."""
        found = await self._rows.find({"pending": True}, limit=limit)
        notifications = [_notification(plain(row)) for row in found]
        return sorted(notifications, key=lambda each: (each.at, each.id))

    async def oldest_waiting(self) -> datetime | None:
        """When the oldest notification came that is in no bulletin yet."""
        found = await self._rows.find({"pending": True}, fields=["at"])
        return min((row["at"] for row in found), default=None)

    async def open_bulletins(self, groups: Iterable[str]) -> dict[str, OpenBulletin]:
        """The bulletins of these groups that are still open, by their groups."""
        fields = ["open", "first_at", "ids"]
        found = await self._bulletins.find({"open": {"$in": list(groups)}}, fields=fields)
        return {
            row["open"]: OpenBulletin(row["_id"], row["first_at"], set(row.get("ids", ()))) for row in found
        }

    async def close(self, bulletin_ids: Iterable[str]) -> None:
        """Let bulletins take in no more."""
        await self._bulletins.update_many({"_id": {"$in": list(bulletin_ids)}}, {"$unset": {"open": ""}})

    async def opened_since(self, kind: AnyType, moment: datetime) -> int:
        """How many bulletins of a type were opened since then."""
        found = await self._bulletins.find(
            {"type": kind.value, "open": {"$exists": True}}, fields=["first_at"]
        )
        return sum(row["first_at"] >= moment for row in found)

    async def open(self, group: str, first: Notification, *, overflow: bool) -> OpenBulletin:
        """Begin a bulletin; the one that somebody else has begun just now counts."""
        row = {
            "_id": uuid.uuid4().hex,
            "open": group,
            "type": first.type.value,
            "first_at": self._now(),
            "told": stored(0),
            "count": stored(0),
            "overflow": overflow,
            "expires_at": self._now() + KEPT,
        }
        if await self._bulletins.insert_one(row):
            return OpenBulletin(str(row["_id"]), self._now(), set())
        taken = (await self.open_bulletins([group])).get(group)
        return taken or await self.open(group, first, overflow=overflow)

    async def gather(self, bulletin: str, notifications: Sequence[Notification], *, count: int) -> None:
        """Put notifications into a bulletin, which has `count` then and has to be told (again)."""
        newest = max(notifications, key=lambda each: each.at)
        change = {"count": stored(count), "newest": _kept(newest), "last_at": newest.at, "unfinished": True}
        ids = [each.id for each in notifications]
        await self._bulletins.update_one(
            {"_id": bulletin}, {"$set": change, "$addToSet": {"ids": {"$each": ids}}}
        )
        await self.release(notifications)

    async def release(self, notifications: Sequence[Notification]) -> None:
        """Let notifications wait no more: they stand in a bulletin."""
        ids = [each.id for each in notifications]
        await self._rows.update_many({"_id": {"$in": ids}}, {"$unset": {"pending": ""}})

    async def unfinished(self) -> list[Bulletin]:
        """Bulletins of which the chats do not know all, the oldest first."""
        found = await self._bulletins.find({"unfinished": True})
        return sorted(map(_bulletin, found), key=lambda each: (each.first_at, each.id))

    async def told(self, bulletin: Bulletin) -> None:
        """Note that the chats know as much as `bulletin` says; more may have come meanwhile."""
        known = {"$set": {"told": stored(bulletin.count)}}
        await self._bulletins.update_one({"_id": bulletin.id}, known)
        condition = {
            "_id": bulletin.id,
            "count": stored(bulletin.count),
            "taken_by": bulletin.taken_by or None,
        }
        await self._bulletins.update_one(condition, {"$unset": {"unfinished": ""}})

    async def bulletin(self, bulletin_id: str) -> Bulletin | None:
        """The bulletin of this id."""
        row = await self._bulletins.find_one({"_id": bulletin_id})
        return _bulletin(row) if row is not None and "newest" in row else None

    async def take(self, bulletin_id: str, name: str) -> bool:
        """Note who looks after it; False when somebody does already, or it is gone."""
        free = {"_id": bulletin_id, "taken_by": None}
        change = {"$set": {"taken_by": name, "unfinished": True}}
        return (await self._bulletins.update_one(free, change)).matched == 1

    async def mute(self, group: str, until: datetime, by: str) -> Mute:
        """Tell nothing of a group until then; where that is so already, whoever was first counts."""
        end = to_milliseconds(until)
        row = {"until": end, "by": by, "expires_at": end}
        while not await self._mutes.insert_one({"_id": group, **row}):
            held = await self._mutes.find_one({"_id": group})
            if held is not None and held["until"] > self._clock.now():
                return Mute(first=False, by=held["by"], until=held["until"])
            if held is not None:
                await self._mutes.delete_one({"_id": group, "until": held["until"]})
        return Mute(first=True, by=by, until=end)

    async def unmute(self, group: str) -> None:
        """Tell of a group again."""
        await self._mutes.delete_one({"_id": group})

    async def muted(self) -> dict[str, datetime]:
        """The groups that are not told of, with when that ends."""
        now = self._clock.now()
        return {row["_id"]: row["until"] for row in await self._mutes.find({}) if row["until"] > now}

    def _row(self, notification: Notification) -> Document:
        expires_at = self._now() + REMEMBERED
        return {"_id": notification.id, **_kept(notification), "pending": True, "expires_at": expires_at}

    def _now(self) -> datetime:
        return to_milliseconds(self._clock.now())


def _kept(notification: Notification) -> Document:
    return {
        "id": notification.id,
        "type": notification.type.value,
        "severity": notification.severity.value,
        "title": notification.title,
        "message": notification.message,
        # As pairs: a name may be anything, a field's name may not.
        "details": [[name, stored(value)] for name, value in notification.details.items()],
        "chat_ids": stored(notification.chat_ids),
        "source": notification.source,
        "at": to_milliseconds(notification.at),
        "group": notification.group,
    }


def _notification(row: dict[str, Any]) -> Notification:
    return Notification(
        id=row["id"],
        type=type_of(row["type"]),
        severity=Severity(row["severity"]),
        title=row["title"],
        message=row["message"],
        details=dict(row["details"]),
        chat_ids=tuple(row["chat_ids"]),
        source=row["source"],
        at=row["at"],
        group=row["group"],
    )


def _bulletin(row: Document) -> Bulletin:
    known = plain(row)
    return Bulletin(
        id=known["_id"],
        newest=_notification(known["newest"]),
        count=known["count"],
        first_at=known["first_at"],
        last_at=known["last_at"],
        told=known["told"],
        taken_by=known.get("taken_by") or "",
        overflow=known["overflow"],
    )
