"""Payments in Stars that Telegram reported, by their charge ids: what became of each."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.storage.codec import plain, stored
from core.storage.collection import Document
from core.storage.database import Database
from core.storage.refunds import RefundState


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment that is credited to its payer. Amounts are Stars.

    `bonus` was given with it. `order_id` names the order that it pays, `kind` what that order is for;
    `plugin` whose sale it is. `found_by` tells who brought it first: telegram, reconcile or refund. `at` is
    when it was recorded here, `served` whether everything was done that follows from it, `refund` how far its
    newest refund is.
    """

    charge_id: str
    user_id: int
    stars: int
    payload: bytes
    at: datetime
    found_by: str
    bonus: int = 0
    order_id: str = ""
    kind: str = ""
    plan: str = ""
    plugin: str = ""
    recurring: bool = False
    first_recurring: bool = False
    subscription_until: datetime | None = None
    message_id: int = 0
    """The service message about it in the person's chat; 0 where none came."""
    kept: bool = False
    """Whether the Stars stay on the balance instead of buying from a plugin what they were paid for."""
    attempts: int = 0
    served: bool = False
    refund: RefundState | None = None
    """How far its newest refund is."""


_FIELDS = {field.name for field in dataclasses.fields(Paid)} - {"charge_id", "served", "refund"}
_UNSERVED = "unserved"
_UNLISTED = "unlisted"


class PaymentStore:
    """Payments by charge id.

    Beside the payment's own fields a document carries `unserved` until the payment is served, and `unlisted`
    until Telegram's list of transactions has shown it, so that their indexes stay small.
    """

    def __init__(self, database: Database) -> None:
        self._rows = database.collection("payments")

    async def insert(self, paid: Paid) -> bool:
        """Keep a new payment; False when it is known."""
        document: Document = {name: stored(getattr(paid, name)) for name in _FIELDS}
        document |= {"_id": paid.charge_id, _UNLISTED: True}
        if not paid.served:
            document[_UNSERVED] = True
        return await self._rows.insert_one(document)

    async def get(self, charge_id: str) -> Paid | None:
        """The payment with this charge id, or None."""
        row = await self._rows.find_one({"_id": charge_id})
        return _paid(row) if row is not None else None

    async def known(self, charge_ids: Sequence[str]) -> set[str]:
        """Those of the charges that are recorded."""
        rows = await self._rows.find({"_id": {"$in": list(charge_ids)}}, fields=["_id"])
        return {row["_id"] for row in rows}

    async def of_user(self, user_id: int, limit: int = 20) -> list[Paid]:
        """A person's payments, newest first."""
        rows = await self._rows.find({"user_id": stored(user_id)})
        newest = sorted(map(_paid, rows), key=lambda paid: (paid.at, paid.charge_id), reverse=True)
        return newest[:limit]

    async def since(self, moment: datetime) -> list[Paid]:
        """All payments from then on, oldest first. Looks at every payment."""
        rows = await self._rows.find({"at": {"$gte": moment}})
        return sorted(map(_paid, rows), key=lambda paid: (paid.at, paid.charge_id))

    async def sums(self, user_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
        """How many payments these people made, and of how many Stars together; without those of none."""
        among = {"user_id": {"$in": [stored(user_id) for user_id in user_ids]}}
        sums: dict[int, tuple[int, int]] = {}
        for row in await self._rows.find(among, fields=["user_id", "stars"]):
            count, stars = sums.get(int(row["user_id"]), (0, 0))
            sums[int(row["user_id"])] = count + 1, stars + int(row["stars"])
        return sums

    async def unserved(self, limit: int = 100) -> list[Paid]:
        """Payments from which something is still to follow, oldest first."""
        rows = await self._rows.find({_UNSERVED: True}, limit=limit)
        return sorted(map(_paid, rows), key=lambda paid: (paid.at, paid.charge_id))

    async def set_served(self, charge_id: str) -> None:
        """Everything that follows from it is done."""
        await self._rows.update_one({"_id": charge_id}, {"$unset": {_UNSERVED: ""}})

    async def keep(self, charge_id: str) -> None:
        """The Stars stay on the balance."""
        await self._rows.update_one({"_id": charge_id}, {"$set": {"kept": True}})

    async def count_attempt(self, charge_id: str) -> None:
        """Serving it failed once more."""
        await self._rows.update_one({"_id": charge_id}, {"$inc": {"attempts": stored(1)}})


def _paid(row: Document) -> Paid:
    values = {name: plain(value) for name, value in row.items() if name in _FIELDS}
    refund = RefundState(row["refund"]["state"]) if "refund" in row else None
    return Paid(**values, charge_id=row["_id"], served=_UNSERVED not in row, refund=refund)
