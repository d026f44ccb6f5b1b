"""Who invites people by which link, who came by one, and what that brought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from core.storage.codec import field_name, stored
from core.storage.collection import Document

if TYPE_CHECKING:
    from core.storage.database import Database


@dataclass(frozen=True, slots=True)
class Referral:
    """Somebody who came by a link of `referrer`'s.

    `charge_id` is their first purchase and `bonus` what the referrer is given for it; `taken_back` tells that
    it was refunded and the bonus is gone with it.
    """

    user_id: int
    referrer: int
    charge_id: str = ""
    bonus: int = 0
    taken_back: bool = False


class ReferralStore:
    """Links by people, and people by whom they were invited."""

    def __init__(self, database: Database) -> None:
        self._links = database.collection("referral_links")
        self._people = database.collection("referrals")

    async def token_of(self, user_id: int) -> str | None:
        """The token in a person's link, if they have one."""
        row = await self._links.find_one({"_id": stored(user_id)})
        return row["token"] if row is not None else None

    async def add_token(self, user_id: int, token: str) -> bool:
        """Give a person a link; False when they have one, or the token is somebody's."""
        return await self._links.insert_one({"_id": stored(user_id), "token": token})

    async def owner_of(self, token: str) -> int | None:
        """Whose link it is."""
        row = await self._links.find_one({"token": token})
        return int(row["_id"]) if row is not None else None

    async def add(self, user_id: int, referrer: int, at: datetime) -> bool:
        """Note who invited somebody; False when that was noted before."""
        return await self._people.insert_one(
            {"_id": stored(user_id), "referrer": stored(referrer), "at": at, "bonus": stored(0)}
        )

    async def get(self, user_id: int) -> Referral | None:
        """How somebody was invited, or None."""
        row = await self._people.find_one({"_id": stored(user_id)})
        return _referral(row) if row is not None else None

    async def invited_by(self, referrer: int) -> list[Referral]:
        """Everybody whom a person has invited."""
        return [_referral(row) for row in await self._people.find({"referrer": stored(referrer)})]

    async def note_purchase(self, user_id: int, charge_id: str, bonus: int) -> None:
        """Make a payment the first one, unless there is a first one, or this one was refunded."""
        await self._people.update_one(
            {"_id": stored(user_id), "charge_id": {"$exists": False}, _refund(charge_id): {"$exists": False}},
            {"$set": {"charge_id": charge_id, "bonus": stored(bonus)}},
        )

    async def note_refund(self, user_id: int, charge_id: str) -> None:
        """Note that a payment was refunded, which is never the first one from now on."""
        await self._people.update_one({"_id": stored(user_id)}, {"$set": {_refund(charge_id): True}})

    async def is_refunded(self, user_id: int, charge_id: str) -> bool:
        """Whether a payment was refunded."""
        noted = {"_id": stored(user_id), _refund(charge_id): True}
        return await self._people.find_one(noted, fields=["_id"]) is not None

    async def note_taken_back(self, user_id: int) -> None:
        """Note that the bonus is gone."""
        await self._people.update_one({"_id": stored(user_id)}, {"$set": {"taken_back": True}})


def _refund(charge_id: str) -> str:
    return f"refunded.{field_name(charge_id)}"


def _referral(row: Document) -> Referral:
    return Referral(
        user_id=int(row["_id"]),
        referrer=int(row["referrer"]),
        charge_id=row.get("charge_id", ""),
        bonus=int(row["bonus"]),
        taken_back=row.get("taken_back", False),
    )
