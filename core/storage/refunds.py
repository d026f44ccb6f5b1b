"""Refunds of payments: each kept in its payment's document and moved on by conditional updates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.storage.codec import plain, stored
from core.storage.collection import Document
from core.storage.database import Database


class RefundState(StrEnum):
    """How far a refund is.

    `begun -> taking -> asking -> refunded -> done`, or back: `undoing -> refused`.
    """

    BEGUN = "begun"
    """Nothing was done yet."""
    TAKING = "taking"
    """The ledger takes the Stars back; from here on that is always done to its end."""
    ASKING = "asking"
    """The Stars are taken back, and Telegram may have been asked."""
    REFUNDED = "refunded"
    """Telegram gave the Stars back; letters and the like are still to be written."""
    DONE = "done"
    UNDOING = "undoing"
    """Telegram refused; the ledger puts back what it took."""
    REFUSED = "refused"
    """Nothing has changed for anybody; a later attempt may go better."""


class Shortage(StrEnum):
    """What to do when the person has spent some of the Stars already."""

    STOP = "stop"
    DEBT = "debt"
    FORGIVE = "forgive"


ENDED = (RefundState.DONE, RefundState.REFUSED)
"""States that nothing leads out of but another attempt."""
UNDECIDED = (RefundState.BEGUN, RefundState.TAKING, RefundState.ASKING)
"""States in which Telegram's answer is not known."""
UNDER_WAY = (*UNDECIDED, RefundState.UNDOING)
"""States in which nobody knows yet whether the payment stays."""
GIVEN_BACK = (RefundState.REFUNDED, RefundState.DONE)
"""States in which the payment counts no more."""


@dataclass(frozen=True, slots=True)
class Refund:
    """One attempt to give a payment back. Amounts are Stars.

    `attempt` counts from 1 and is part of every key in the ledger. `by_telegram` tells that it began with
    Telegram's word (a refund by the store, a chargeback), `confirmed` that Telegram's word came meanwhile.
    `taken` and `owed` are what the ledger took back, `missing` what a refund that stopped lacked.
    """

    charge_id: str
    attempt: int
    state: RefundState
    actor: str
    reason: str
    shortage: Shortage
    begun_at: datetime
    by_telegram: bool = False
    confirmed: bool = False
    taken: int = 0
    owed: int = 0
    missing: int = 0
    error: str = ""
    """Telegram's name of its refusal."""
    asked_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing is left to do."""
        return self.state in ENDED


class RefundStore:
    """Refunds by the charge ids of their payments, whose documents `PaymentStore` makes.

    A document carries the mark `refunding` while its refund has not ended, and `refund_unlisted` until
    Telegram's list has shown the refund; so their indexes stay small.
    """

    def __init__(self, database: Database) -> None:
        self._rows = database.collection("payments")

    async def get(self, charge_id: str) -> Refund | None:
        """The newest attempt, or None when there was none."""
        row = await self._rows.find_one({"_id": charge_id}, fields=["refund"])
        return _refund(row) if row is not None and "refund" in row else None

    async def of_charges(self, charge_ids: Sequence[str]) -> dict[str, Refund]:
        """The newest attempts of several charges; those without one are left out."""
        rows = await self._rows.find({"_id": {"$in": list(charge_ids)}}, fields=["refund"])
        return {row["_id"]: _refund(row) for row in rows if "refund" in row}

    async def begin(self, refund: Refund) -> bool:
        """Keep a new attempt; False when another was faster, or the one before has not been refused."""
        before: Document = {"refund": {"$exists": False}}
        if refund.attempt > 1:
            before = {
                "refund.attempt": stored(refund.attempt - 1),
                "refund.state": RefundState.REFUSED.value,
            }
        updated = await self._rows.update_one(
            {"_id": refund.charge_id, **before},
            {"$set": {"refund": _row(refund), "refunding": True, "refund_unlisted": True}},
        )
        return updated.matched == 1

    async def move(
        self, refund: Refund, to: RefundState, *, unless_confirmed: bool = False, **changes: Any
    ) -> Refund | None:
        """Bring the attempt from the state that it was read in to another; None when it is in another now.

        With `unless_confirmed`, only if Telegram's word has not come meanwhile.
        """
        condition: Document = {
            "_id": refund.charge_id,
            "refund.attempt": stored(refund.attempt),
            "refund.state": refund.state.value,
        }
        if unless_confirmed:
            condition["refund.confirmed"] = False
        values = {f"refund.{name}": stored(value) for name, value in changes.items()}
        update: Document = {"$set": {**values, "refund.state": to.value}}
        if to in ENDED:
            update["$unset"] = {"refunding": ""}
        moved = await self._rows.update_one(condition, update)
        return replace(refund, state=to, **changes) if moved.matched else None

    async def confirm(self, charge_id: str) -> bool:
        """Note Telegram's word that the payment was given back; False when no attempt waits for it."""
        undecided = {"$in": [state.value for state in UNDECIDED]}
        updated = await self._rows.update_one(
            {"_id": charge_id, "refund.state": undecided}, {"$set": {"refund.confirmed": True}}
        )
        return updated.matched == 1

    async def open_ones(self) -> list[Refund]:
        """The attempts that have not ended, oldest first."""
        rows = await self._rows.find({"refunding": True}, fields=["refund"])
        return sorted((_refund(row) for row in rows), key=lambda refund: refund.begun_at)


def _row(refund: Refund) -> Document:
    names = [name for name in Refund.__slots__ if name != "charge_id"]
    return {name: stored(getattr(refund, name)) for name in names}


def _refund(row: Document) -> Refund:
    values = {name: plain(value) for name, value in row["refund"].items() if name in Refund.__slots__}
    return Refund(
        **{
            **values,
            "charge_id": row["_id"],
            "state": RefundState(values["state"]),
            "shortage": Shortage(values["shortage"]),
        }
    )
