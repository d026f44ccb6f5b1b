"""Monthly plans that people pay for: each one document, changed only from the version that was read."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.storage.codec import plain, stored, to_milliseconds
from core.storage.collection import Document
from core.storage.database import Database


class SubscriptionState(StrEnum):
    """Whether a plan goes on."""

    ACTIVE = "active"
    CANCELED = "canceled"
    """It is good to the end of what is paid, and will not be charged again."""
    FAILED = "failed"
    """The next month could not be charged."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Subscription:
    """A person's plan, by the charge id of its first payment. `stars` are paid a month, `grant` credited.

    `until` is to when it is paid. `charges` are its last payments, oldest first. `letters` (a text's key, and
    what it is about) are to be written still.
    """

    id: str
    user_id: int
    order_id: str
    plan: str
    title: str
    stars: int
    grant: int
    until: datetime
    started_at: datetime
    state: SubscriptionState = SubscriptionState.ACTIVE
    canceled_here: bool = False
    """The person cancelled it through the bot."""
    canceled_there: bool = False
    """The person cancelled it in Telegram's settings."""
    charges: tuple[str, ...] = ()
    letters: tuple[tuple[str, str], ...] = ()
    version: int = 0

    @property
    def goes_on(self) -> bool:
        """Whether Telegram will charge it again, or try to."""
        return self.state in (SubscriptionState.ACTIVE, SubscriptionState.FAILED)


_FIELDS = {field.name for field in dataclasses.fields(Subscription)} - {"id"}


class SubscriptionStore:
    """Plans by the charge id of their first payment.

    Beside the fields a document carries `live` until the plan has ended and `unwritten` while a letter is to
    be written, so that their indexes stay small.
    """

    def __init__(self, database: Database) -> None:
        self._rows = database.collection("subscriptions")

    async def insert(self, subscription: Subscription) -> bool:
        """Keep a new plan; False when it is known."""
        marks, _ = _marks(subscription)
        return await self._rows.insert_one({"_id": subscription.id, **_values(subscription), **marks})

    async def save(self, changed: Subscription) -> bool:
        """Keep a plan that was read and changed; False when others changed it in the meantime."""
        marks, gone = _marks(changed)
        values = _values(dataclasses.replace(changed, version=changed.version + 1)) | marks
        update: Document = {"$set": values}
        if gone:
            update["$unset"] = gone
        condition = {"_id": changed.id, "version": stored(changed.version)}
        return (await self._rows.update_one(condition, update)).matched == 1

    async def get(self, subscription_id: str) -> Subscription | None:
        """The plan, or None."""
        row = await self._rows.find_one({"_id": subscription_id})
        return None if row is None else _subscription(row)

    async def of_user(self, user_id: int) -> list[Subscription]:
        """A person's plans, the newest first."""
        return _oldest_first(await self._rows.find({"user_id": stored(user_id)}))[::-1]

    async def of_order(self, order_id: str) -> list[Subscription]:
        """The plans bought by one order, the one whose time is over first standing first."""
        found = _oldest_first(await self._rows.find({"order_id": order_id}))
        return sorted(found, key=lambda each: each.until)

    async def over(self, before: datetime) -> list[Subscription]:
        """Plans that have not ended and are paid to before then."""
        condition = {"live": True, "until": {"$lte": to_milliseconds(before)}}
        return _oldest_first(await self._rows.find(condition))

    async def unwritten(self) -> list[Subscription]:
        """Plans about which a letter is to be written."""
        return _oldest_first(await self._rows.find({"unwritten": True}))


def _values(subscription: Subscription) -> Document:
    return {name: stored(getattr(subscription, name)) for name in _FIELDS}


def _marks(subscription: Subscription) -> tuple[Document, Document]:
    wanted = {
        "live": subscription.state is not SubscriptionState.ENDED,
        "unwritten": bool(subscription.letters),
    }
    return {name: True for name, on in wanted.items() if on}, {
        name: "" for name, on in wanted.items() if not on
    }


def _subscription(row: Document) -> Subscription:
    values = {name: plain(value) for name, value in row.items() if name in _FIELDS}
    values["charges"] = tuple(values["charges"])
    values["letters"] = tuple((key, about) for key, about in values["letters"])
    return Subscription(**{**values, "id": row["_id"], "state": SubscriptionState(row["state"])})


def _oldest_first(rows: list[Document]) -> list[Subscription]:
    return sorted(map(_subscription, rows), key=lambda each: (each.started_at, each.id))
