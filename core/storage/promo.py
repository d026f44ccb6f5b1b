"""Promo codes, and who has redeemed them: the n-th use of a code is a document that there can be once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from core.storage.codec import stored
from core.storage.collection import Document

if TYPE_CHECKING:
    from core.storage.database import Database


@dataclass(frozen=True, slots=True)
class PromoCode:
    """A code that gives `stars` to each of the first `uses` people who redeem it.

    `used` are the uses so far. It is redeemed no more from `until` on, or once it was ended.
    """

    code: str
    stars: int
    uses: int
    created_at: datetime
    created_by: int
    until: datetime | None = None
    ended_at: datetime | None = None
    ended_by: int = 0
    used: int = 0

    @property
    def left(self) -> int:
        """How many people may still redeem it, if it is neither ended nor over."""
        return max(0, self.uses - self.used)


@dataclass(frozen=True, slots=True)
class PromoUse:
    """That a person has redeemed a code, as its `number`th. `request` is what asked for it.

    While it is `pending`, the Stars may not have come yet.
    """

    code: str
    user_id: int
    number: int
    stars: int
    at: datetime
    request: str = ""
    pending: bool = True


class PromoStore:
    """Codes by their names, and their uses."""

    def __init__(self, database: Database) -> None:
        self._codes = database.collection("promo_codes")
        self._uses = database.collection("promo_uses")

    async def add(self, code: PromoCode, request: str) -> bool:
        """Keep a new code; False when its name is taken, or `request` has made one before."""
        row = {
            "_id": code.code,
            "stars": stored(code.stars),
            "uses": stored(code.uses),
            "used": stored(code.used),
            "created_at": code.created_at,
            "created_by": stored(code.created_by),
            "until": code.until,
            "request": request,
        }
        return await self._codes.insert_one(row)

    async def get(self, code: str) -> PromoCode | None:
        """The code, or None."""
        row = await self._codes.find_one({"_id": code})
        return _code(row) if row is not None else None

    async def made_for(self, request: str) -> PromoCode | None:
        """The code that `request` has made, or None."""
        row = await self._codes.find_one({"request": request})
        return _code(row) if row is not None else None

    async def codes(self) -> list[PromoCode]:
        """All codes, the newest first."""
        found = [_code(row) for row in await self._codes.find({})]
        return sorted(found, key=lambda code: (code.created_at, code.code), reverse=True)

    async def end(self, code: str, at: datetime, by: int) -> bool:
        """Let nobody redeem it any more; False when it was ended before, or there is none."""
        ended = {"ended_at": at, "ended_by": stored(by)}
        updated = await self._codes.update_one({"_id": code, "ended_at": {"$exists": False}}, {"$set": ended})
        return updated.matched == 1

    async def note_used(self, code: str, used: int) -> None:
        """Note that the first `used` uses are taken; fewer than are known change nothing."""
        await self._codes.update_one({"_id": code}, {"$max": {"used": stored(used)}})

    async def use_of(self, code: str, user_id: int) -> PromoUse | None:
        """The use that a person has made of a code, or None."""
        row = await self._uses.find_one({"_id": _use_id(code, user_id)})
        return _use(row) if row is not None else None

    async def take(self, use: PromoUse) -> bool:
        """Keep a use; False when the person has one, or its number is taken."""
        row = {
            "_id": _use_id(use.code, use.user_id),
            "slot": f"{use.code}:{use.number}",
            "code": use.code,
            "user_id": stored(use.user_id),
            "number": stored(use.number),
            "stars": stored(use.stars),
            "at": use.at,
            "request": use.request,
            "pending": True,
        }
        return await self._uses.insert_one(row)

    async def credited(self, use: PromoUse) -> None:
        """Note that the Stars have come."""
        await self._uses.update_one({"_id": _use_id(use.code, use.user_id)}, {"$unset": {"pending": ""}})

    async def pending(self) -> list[PromoUse]:
        """The uses whose Stars may not have come yet, oldest first."""
        found = [_use(row) for row in await self._uses.find({"pending": True})]
        return sorted(found, key=lambda use: use.at)


def _use_id(code: str, user_id: int) -> str:
    return f"{code}:{user_id}"


def _code(row: Document) -> PromoCode:
    return PromoCode(
        code=row["_id"],
        stars=int(row["stars"]),
        uses=int(row["uses"]),
        created_at=row["created_at"],
        created_by=int(row["created_by"]),
        until=row["until"],
        ended_at=row.get("ended_at"),
        ended_by=int(row.get("ended_by", 0)),
        used=int(row["used"]),
    )


def _use(row: Document) -> PromoUse:
    return PromoUse(
        code=row["code"],
        user_id=int(row["user_id"]),
        number=int(row["number"]),
        stars=int(row["stars"]),
        at=row["at"],
        request=row["request"],
        pending=row.get("pending", False),
    )
