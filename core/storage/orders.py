"""Orders: what people were offered to pay for, one document each."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from core.storage.codec import plain, stored, to_milliseconds
from core.storage.collection import Document
from core.storage.database import Database

ORDER_LIFE = timedelta(days=30)
"""How long an order that nobody paid is remembered after it expired."""


class OrderKind(StrEnum):
    """What is bought."""

    STARS = "stars"
    GENERATION = "generation"
    PLAN = "plan"


@dataclass(frozen=True, slots=True)
class Order:
    """Something that one person may pay for until it expires.

    `stars` are paid, `bonus` more are given. `title` says what is bought, in the person's language; `plan` is
    the name of a plan. `draft` is the generation that begins once it is paid: it holds the person's words and
    is erased when the order is finished, expires without a payment, or that generation, `job_id`, ends.
    `charge_id` is the first payment's.
    """

    id: str
    user_id: int
    chat_id: int
    language: str
    plugin: str
    kind: OrderKind
    stars: int
    created_at: datetime
    expires_at: datetime
    bonus: int = 0
    title: str = ""
    plan: str = ""
    draft: Mapping[str, Any] | None = field(default=None, repr=False)
    job_id: str = ""
    charge_id: str = ""
    finished: bool = False
    """Whether what the first payment asked for was done, or its person knows why not."""

    @property
    def paid(self) -> bool:
        """Whether it was paid at least once."""
        return bool(self.charge_id)


_FIELDS = {field.name for field in dataclasses.fields(Order)} - {"id"}
_MARKS_GONE = {"drafted": "", "drafted_job": ""}
_DRAFT_GONE = {"$set": {"draft": None}, "$unset": _MARKS_GONE}


class OrderStore:
    """Orders by id.

    Beside the order's own fields a document carries `drafted`, and the job's id as `drafted_job`, while it
    has a draft, so that the indexes stay small, and `forgotten_at` while it is not paid: the database drops
    it then.
    """

    def __init__(self, database: Database) -> None:
        self._rows = database.collection("orders")

    async def insert(self, order: Order) -> bool:
        """Keep a new order; False when its id is taken."""
        return await self._rows.insert_one(_document(order))

    async def get(self, order_id: str) -> Order | None:
        """The order of this id, or None."""
        row = await self._rows.find_one({"_id": order_id})
        return _order(row) if row is not None else None

    async def set_paid(self, order_id: str, charge_id: str) -> bool:
        """Note the payment; False when one was noted before."""
        updated = await self._rows.update_one(
            {"_id": order_id, "charge_id": ""},
            {"$set": {"charge_id": charge_id}, "$unset": {"forgotten_at": ""}},
        )
        return updated.matched == 1

    async def finish(self, order_id: str) -> None:
        """Note that nothing more is to be done, and forget the generation that it was for."""
        await self._rows.update_one(
            {"_id": order_id}, {"$set": {"finished": True, "draft": None}, "$unset": _MARKS_GONE}
        )

    async def expired_drafts(self, now: datetime) -> list[Order]:
        """Orders with a generation that expired without a payment."""
        return [_order(row) for row in await self._rows.find(_expired(now))]

    async def erase_expired_drafts(self, now: datetime) -> int:
        """Forget the generations of orders that expired without a payment; how many there were."""
        return (await self._rows.update_many(_expired(now), _DRAFT_GONE)).modified

    async def files_in_drafts(self, refs: Sequence[str]) -> set[str]:
        """Which of these files the generations of orders have."""
        rows = await self._rows.find({"drafted": True, "draft.inputs.ref": {"$in": list(refs)}})
        given = (each for row in rows for each in (row["draft"] or {}).get("inputs", ()))
        return {each["ref"] for each in given} & set(refs)

    async def erase_drafts_of(self, job_id: str) -> int:
        """Forget a generation in all orders that ask for it; how many there were."""
        updated = await self._rows.update_many({"drafted_job": job_id}, _DRAFT_GONE)
        return updated.modified


def _expired(now: datetime) -> Document:
    return {"drafted": True, "charge_id": "", "expires_at": {"$lte": to_milliseconds(now)}}


def _document(order: Order) -> Document:
    document: Document = {name: stored(getattr(order, name)) for name in _FIELDS}
    document["_id"] = order.id
    document["forgotten_at"] = order.expires_at + ORDER_LIFE
    if order.draft is not None:
        document["drafted"] = True
        if order.job_id:
            document["drafted_job"] = order.job_id
    return document


def _order(row: Document) -> Order:
    values = {name: plain(value) for name, value in row.items() if name in _FIELDS}
    return Order(**{**values, "id": row["_id"], "kind": OrderKind(values["kind"])})
