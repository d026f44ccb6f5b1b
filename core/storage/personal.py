"""Everything the database holds about a person: where it is, what becomes of it, and how it is told.

`HOLDINGS` is the whole of it. A collection that names people and is not there would be forgotten by the
export and by the erasure, so a test walks through all collections of a person who has done everything.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.storage.cases import CaseState
from core.storage.codec import plain, stored
from core.storage.collection import Document, Filter
from core.storage.database import Database


class Fate(StrEnum):
    """What an erasure does with rows."""

    ERASED = "erased"
    DETACHED = "detached"
    """They stay for the books, with a number in the place of the person's id that leads to nobody."""
    EXPIRES = "expires"
    """They name the person alone, without anything said, and go by themselves within days."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Rows about people in one collection.

    `where` finds those of a person. `section` is their heading in an export; without one there is nothing to
    tell, for the reason that stands beside it. `hidden` fields are left out of the export: they are marks of
    the machinery, or other people's. `numbers` are the fields that have the person's id as a number;
    `cleared` and `gone` are set and removed when rows are detached.
    """

    collection: str
    where: Callable[[int], Sequence[Filter]]
    fate: Fate
    section: str = ""
    hidden: frozenset[str] = frozenset()
    numbers: tuple[str, ...] = ()
    cleared: Mapping[str, Any] = field(default_factory=dict)
    gone: tuple[str, ...] = ()


def _by(name: str) -> Callable[[int], Sequence[Filter]]:
    return lambda user_id: [{name: stored(user_id)}]


def _as_operator(user_id: int) -> Sequence[Filter]:
    return [{"author": stored(user_id)}, {"by": stored(user_id)}]


def _own_entries(user_id: int) -> Sequence[Filter]:
    """A person's entries, and those that others were given for bringing them."""
    bonus = [f"referral:{user_id}{end}" for end in ("", "#repaid", ":refunded", ":refunded#debt")]
    return [{"account": f"user:{user_id}"}, {"_id": {"$in": bonus}}]


def _claims(user_id: int) -> Sequence[Filter]:
    return [
        {side: f"{kind}:{user_id}"} for side in ("debit", "credit") for kind in ("user", "held", "debt")
    ] + [{"_id": {"$in": [f"referral:{user_id}", f"referral:{user_id}:refunded"]}}]


ENTRIES = Holding(
    "entries", _own_entries, Fate.DETACHED, "ledger", frozenset({"actor", "account", "sequence"})
)
CLAIMS = Holding("entry_keys", _claims, Fate.DETACHED)  # the same as the entries, once more
ACCOUNTS = Holding(
    "accounts",
    lambda user_id: [{"_id": f"user:{user_id}"}],
    Fate.DETACHED,
    "balance",
    frozenset({"pending", "dirty", "holding", "version"}),
)
PEOPLE = Holding("users", _by("_id"), Fate.ERASED, "profile")
HOLDINGS = (
    PEOPLE,
    Holding(
        "generations",
        _by("user_id"),
        Fate.DETACHED,
        "generations",
        frozenset(
            {"worker", "epoch", "owner", "live", "roused", "active_user", "slot", "uploaded", "messages"}
        )
        | {"delivery_random_id", "notice_random_id", "listed", "prompt_of", "cost_usd", "task_id", "source"},
        numbers=("user_id", "chat_id"),
        cleared={"username": None, "language": "", "uploaded": [], "messages": [], "message_id": None}
        | {"progress_message_id": None, "task_id": "", "words": {}, "keep_prompt": False}
        | {"source": {}},
        gone=("listed", "favourite_of", "prompt_of", "kept_prompt"),
    ),
    ACCOUNTS,
    ENTRIES,
    CLAIMS,
    Holding(
        "payments",
        _by("user_id"),
        Fate.DETACHED,
        "payments",
        frozenset({"payload", "unserved", "unlisted", "unlisted_told", "refund_unlisted", "attempts"}),
        numbers=("user_id",),
        cleared={"message_id": 0},
    ),
    Holding(
        "orders",
        _by("user_id"),
        Fate.DETACHED,
        "orders",
        frozenset({"drafted", "drafted_job"}),
        numbers=("user_id", "chat_id"),
        cleared={"draft": None, "language": ""},
        gone=("drafted", "drafted_job"),
    ),
    Holding(
        "subscriptions",
        _by("user_id"),
        Fate.DETACHED,
        "plans",
        frozenset({"version", "unwritten", "letters"}),
        numbers=("user_id",),
        cleared={"letters": []},
        gone=("unwritten",),
    ),
    Holding("statistics", _by("user_id"), Fate.ERASED, "statistics", frozenset({"batch", "user_id"})),
    Holding("corrections", _by("user_id"), Fate.DETACHED, numbers=("user_id",)),  # of sums: see the ledger
    Holding("notes", _by("user_id"), Fate.ERASED, "last_orders", frozenset({"user_id"})),
    Holding("cases", _by("user_id"), Fate.ERASED, "requests", frozenset({"by", "slot", "news", "version"})),
    Holding("promo_uses", _by("user_id"), Fate.ERASED, "promo_codes", frozenset({"slot", "request"})),
    Holding("support", _by("_id"), Fate.ERASED, "support", frozenset({"authors", "version"})),
    Holding("broadcasts", _as_operator, Fate.DETACHED, numbers=("author", "by")),  # what operators wrote
    Holding("claims", _by("by"), Fate.EXPIRES),  # that an operator decided something, for 30 days
    Holding("team", _by("_id"), Fate.ERASED, "role", frozenset({"by"})),
    Holding("referral_links", _by("_id"), Fate.ERASED, "invitation_link"),
    Holding(
        "referrals",
        lambda user_id: [{"_id": stored(user_id)}, {"referrer": stored(user_id)}],
        Fate.DETACHED,
        "invitations",
        frozenset({"_id", "referrer", "charge_id", "refunded"}),
        numbers=("_id", "referrer"),
    ),
    Holding("sent", _by("chat_id"), Fate.ERASED),  # that a message was sent, not what it said
    Holding("session_peers", _by("id"), Fate.ERASED),  # how Telegram is told whom we mean
    Holding("inbox", _by("lane"), Fate.EXPIRES),  # that an update was handled, for seven days
)
"""All collections with a person's id but the log of what operators did, which is read through as a whole."""
OPERATORS_LOG = "audit"
_BONUS = "referral:"
_ACCOUNT_OF = re.compile(r"\b(user|held|debt|referral):(\d+)")


class PersonalRows:
    """Finds, detaches and erases what is held about people. Each call may be made again and does no more."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open_matters(self, user_id: int) -> dict[str, bool]:
        """Whether something of a person's is under way, by what it is."""
        mine = {"user_id": stored(user_id)}
        payments = ({"unserved": True}, {"refunding": True})
        undecided = {"$in": [CaseState.OPEN.value, CaseState.DECIDED.value]}
        return {
            "running": await self._has("generations", {"active_user": stored(user_id)}),
            "payments": any([await self._has("payments", {**mine, **each}) for each in payments])
            or await self._has("promo_uses", {**mine, "pending": True}),
            "requests": await self._has("cases", {**mine, "state": undecided}),
        }

    async def codes(self, user_id: int) -> list[str]:
        """The promo codes that a person has redeemed."""
        rows = await self._database.collection("promo_uses").find(
            {"user_id": stored(user_id)}, fields=["code"]
        )
        return [row["code"] for row in rows]

    async def told(self, holding: Holding, user_id: int) -> list[dict[str, Any]]:
        """The rows of a person as an export tells them."""
        rows = [
            {name: plain(value) for name, value in row.items() if name not in holding.hidden}
            async for row in self._rows(holding, user_id)
        ]
        return [_without_others(row, user_id) for row in rows] if holding is ENTRIES else rows

    async def erase(self, holding: Holding, user_id: int) -> None:
        """Delete a person's rows."""
        rows = self._database.collection(holding.collection)
        for condition in holding.where(user_id):
            await rows.delete_many(condition)

    async def detach(self, holding: Holding, user_id: int, pseudonym: int) -> None:
        """Put the pseudonym into the place of the person's id, and take out what is not for the books."""
        rows = self._database.collection(holding.collection)
        moved: list[Document] = []
        updates: list[tuple[Filter, Mapping[str, Any]]] = []
        async for row in self._rows(holding, user_id):
            detached = renamed(row, user_id, pseudonym, holding.numbers) | stored(holding.cleared)
            for name in holding.gone:
                detached.pop(name, None)
            if detached["_id"] != row["_id"]:
                moved.append(detached)
                continue
            change: dict[str, Any] = {"$set": {k: v for k, v in detached.items() if k != "_id"}}
            if holding.gone:
                change["$unset"] = dict.fromkeys(holding.gone, "")
            updates.append(({"_id": row["_id"]}, change))
        await rows.update_each(updates)
        for row in moved:
            await rows.insert_one(row)
            await rows.delete_one({"_id": original_id(row["_id"], user_id, pseudonym)})

    async def detach_log(self, user_id: int, pseudonym: int) -> None:
        """The same in the log of what operators did, which no index knows by the people it names."""
        log = self._database.collection(OPERATORS_LOG)
        async for batch in log.batches({}):
            updates: list[tuple[Filter, Mapping[str, Any]]] = []
            for row in batch:
                detached = renamed(row, user_id, pseudonym)
                if detached != row:
                    updates.append(
                        ({"_id": row["_id"]}, {"$set": {k: detached[k] for k in row if k != "_id"}})
                    )
            await log.update_each(updates)

    async def _has(self, collection: str, condition: Document) -> bool:
        return await self._database.collection(collection).find_one(condition, fields=["_id"]) is not None

    async def _rows(self, holding: Holding, user_id: int) -> AsyncIterator[Document]:
        seen: set[Any] = set()
        for condition in holding.where(user_id):
            async for batch in self._database.collection(holding.collection).batches(condition):
                for row in batch:
                    if row["_id"] not in seen:
                        seen.add(row["_id"])
                        yield row


def _without_others(entry: Document, user_id: int) -> Document:
    """An entry as one of its people is told it: a bonus names the friend who was invited, too."""
    told = {
        name: _ACCOUNT_OF.sub(lambda found: found[0] if found[2] == str(user_id) else f"{found[1]}:…", value)
        if isinstance(value, str)
        else value
        for name, value in entry.items()
    }
    if str(entry["_id"]).startswith(_BONUS):
        # The payment that brought it may be the friend's.
        told.pop("reference", None)
    return told


def renamed(row: Document, user_id: int, pseudonym: int, numbers: Sequence[str] = ()) -> Document:
    """The document with the pseudonym wherever the id stands: in texts, and as a number in `numbers`."""
    named = re.compile(rf"(?<!\d){user_id}(?!\d)")
    changed: Document = {name: _in_texts(value, named, str(pseudonym)) for name, value in row.items()}
    for name in numbers:
        if name in changed and changed[name] == user_id:
            changed[name] = stored(pseudonym)
    return changed


def original_id(row_id: Any, user_id: int, pseudonym: int) -> Any:
    """The id that a document had before it was renamed."""
    if isinstance(row_id, str):
        return re.sub(rf"(?<!\d){pseudonym}(?!\d)", str(user_id), row_id)
    return stored(user_id) if row_id == pseudonym else row_id


def _in_texts(value: Any, named: re.Pattern[str], pseudonym: str) -> Any:
    if isinstance(value, str):
        return named.sub(pseudonym, value)
    if isinstance(value, Mapping):
        return {named.sub(pseudonym, key): _in_texts(item, named, pseudonym) for key, item in value.items()}
    if isinstance(value, list):
        return [_in_texts(item, named, pseudonym) for item in value]
    return value
