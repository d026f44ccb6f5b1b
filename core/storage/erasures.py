"""Erasures that were begun, and by a keyed hash alone those who were here before."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from core.storage.codec import stored
from core.storage.collection import Document
from core.storage.database import Database

Mark = Callable[[str], str]
"""Makes of words with a person's id a mark that says nothing to who has not the key."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure under way. `pseudonym` stands in the books from then on.

    `forfeit` are the Stars that the person gives up. `closed` tells that the account in the ledger has been
    renamed: from there on it goes on to its end. `gone` tells that nothing is left but what plugins hold,
    and `told` are those that have erased it.
    """

    user_id: int
    pseudonym: int
    forfeit: int
    at: datetime
    closed: bool = False
    gone: bool = False
    told: tuple[str, ...] = ()


class ErasureStore:
    """Erasures by the person's id; they go with the last thing that is done."""

    def __init__(self, database: Database, mark: Mark) -> None:
        self._rows = database.collection("erasures")
        self._known = database.collection("erased")
        self._mark = mark

    async def begin(self, erasure: Erasure) -> Erasure:
        """Keep it until it is done; answers the one that was begun before, if there is one.

        One that waits for plugins alone has this one in its place: plugins are asked for all they hold.
        """
        row = {
            "_id": stored(erasure.user_id),
            "pseudonym": stored(erasure.pseudonym),
            "forfeit": stored(erasure.forfeit),
            "at": erasure.at,
            "closed": False,
            "gone": False,
            "told": [],
        }
        await self._rows.delete_one({"_id": row["_id"], "gone": True})
        if await self._rows.insert_one(row):
            return erasure
        return await self.get(erasure.user_id) or erasure

    async def get(self, user_id: int) -> Erasure | None:
        """The erasure of a person that is under way."""
        row = await self._rows.find_one({"_id": stored(user_id)})
        return None if row is None else _erasure(row)

    async def under_way(self) -> list[Erasure]:
        """All that were begun, oldest first."""
        return sorted(map(_erasure, await self._rows.find({})), key=lambda each: each.at)

    async def set_closed(self, user_id: int) -> None:
        """The account is renamed."""
        await self._rows.update_one({"_id": stored(user_id)}, {"$set": {"closed": True}})

    async def set_gone(self, user_id: int) -> None:
        """Nothing is left but what plugins hold; the person may begin anew."""
        await self._rows.update_one({"_id": stored(user_id)}, {"$set": {"gone": True}})

    async def add_told(self, user_id: int, plugin: str) -> None:
        """A plugin has erased what it had."""
        await self._rows.update_one({"_id": stored(user_id)}, {"$addToSet": {"told": plugin}})

    async def done(self, user_id: int) -> None:
        """Forget the erasure itself."""
        await self._rows.delete_one({"_id": stored(user_id)})

    async def remember(self, user_id: int, codes: Iterable[str], at: datetime) -> None:
        """Note that somebody was here, and which promo codes they have used: gifts are given once."""
        day = at.date().isoformat()
        for words in (_person(user_id), *(_use(user_id, code) for code in codes)):
            mark = {"_id": self._mark(words)}
            await self._known.update_one(mark, {"$set": {"day": day}}, upsert=True)

    async def left_on(self, user_id: int) -> date | None:
        """On which day (UTC) somebody was erased last; None for who never was."""
        row = await self._known.find_one({"_id": self._mark(_person(user_id))})
        return None if row is None else date.fromisoformat(row["day"])

    async def has_used(self, user_id: int, code: str) -> bool:
        """Whether somebody who was erased had redeemed a promo code."""
        return await self._known.find_one({"_id": self._mark(_use(user_id, code))}) is not None


def marker(key: bytes) -> Mark:
    """Marks with this key."""
    return lambda words: hmac.new(key, words.encode(), hashlib.sha256).hexdigest()


def _person(user_id: int) -> str:
    return f"person:{user_id}"


def _use(user_id: int, code: str) -> str:
    return f"promo:{code}:{user_id}"


def _erasure(row: Document) -> Erasure:
    return Erasure(
        user_id=int(row["_id"]),
        pseudonym=int(row["pseudonym"]),
        forfeit=int(row["forfeit"]),
        at=row["at"],
        closed=row["closed"],
        gone=row["gone"],
        told=tuple(row["told"]),
    )
