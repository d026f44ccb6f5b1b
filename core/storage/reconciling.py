"""How far Telegram's list of transactions was compared, and which of our payments it has not shown yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.storage.codec import stored, to_milliseconds
from core.storage.collection import Document
from core.storage.database import Database
from core.storage.refunds import RefundState

_MARK: Document = {"_id": "mark"}
UNLISTED = "unlisted"
"""The mark of a payment that Telegram's list has not shown yet; `PaymentStore` sets it on a new one."""
REFUND_UNLISTED = "refund_unlisted"
"""The mark of a refund that Telegram's list has not shown yet; `RefundStore` sets it on a new one."""


@dataclass(frozen=True, slots=True)
class History:
    """Payments from before this database began, without an order of ours; `stars` in all."""

    count: int = 0
    stars: int = 0

    def __add__(self, other: History) -> History:
        return History(self.count + other.count, self.stars + other.stars)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where the next pass begins: the offset of a page that may have grown since.

    `since` is when the very first pass began, and `history` what the pages before the mark told.
    """

    offset: str
    since: datetime
    history: History = field(default_factory=History)
    history_told: bool = False


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A payment, or its refund, that Telegram's list has not shown. `stars` were paid.

    `told` says whether operators know of it.
    """

    charge_id: str
    stars: int
    told: bool


class ReconcileStore:
    """The mark, and the marks on payments."""

    def __init__(self, database: Database) -> None:
        self._state = database.collection("reconciling")
        self._payments = database.collection("payments")

    async def mark(self, now: datetime) -> Mark:
        """Where to begin; the first call ever fixes `since`."""
        first = {"offset": "", "since": to_milliseconds(now), "count": stored(0), "stars": stored(0)}
        await self._state.update_one(_MARK, {"$setOnInsert": first}, upsert=True)
        row = await self._state.find_one(_MARK) or first
        history = History(int(row["count"]), int(row["stars"]))
        return Mark(row["offset"], row["since"], history, bool(row.get("history_told")))

    async def advance(self, before: str, to: str, history: History) -> None:
        """Move the mark from the offset `before` to the next page's; `history` is what comes before that."""
        values = {"offset": to, "count": history.count, "stars": history.stars}
        await self._state.update_one({**_MARK, "offset": before}, {"$set": stored(values)})

    async def start_over(self) -> None:
        """Begin with the first page again."""
        await self._state.update_one(_MARK, {"$set": stored({"offset": "", "count": 0, "stars": 0})})

    async def set_history_told(self) -> None:
        """The operators know of the history."""
        await self._state.update_one(_MARK, {"$set": {"history_told": True}})

    async def listed(self, payments: Sequence[str], refunds: Sequence[str]) -> None:
        """Telegram's list has shown these payments, and the refunds of those."""
        for mark, charges in ((UNLISTED, payments), (REFUND_UNLISTED, refunds)):
            if charges:
                await self._payments.update_many(
                    {"_id": {"$in": list(charges)}, mark: True}, {"$unset": {mark: ""}}
                )

    async def unlisted(self, before: datetime) -> list[Unlisted]:
        """Payments recorded before then that the list has not shown."""
        return await self._marked(UNLISTED, {"at": {"$lt": before}})

    async def refunds_unlisted(self, before: datetime) -> list[Unlisted]:
        """Refunds that ended before then and that the list has not shown."""
        done = {"refund.state": RefundState.DONE.value, "refund.ended_at": {"$lt": before}}
        return await self._marked(REFUND_UNLISTED, done)

    async def told(self, mark: str, charge_id: str) -> None:
        """Operators know that the list does not show it."""
        await self._payments.update_one({"_id": charge_id}, {"$set": {_told(mark): True}})

    async def _marked(self, mark: str, condition: Document) -> list[Unlisted]:
        rows = await self._payments.find({mark: True, **condition}, fields=["stars", _told(mark)])
        found = [Unlisted(row["_id"], int(row["stars"]), _told(mark) in row) for row in rows]
        return sorted(found, key=lambda unlisted: unlisted.charge_id)


def _told(mark: str) -> str:
    return f"{mark}_told"
