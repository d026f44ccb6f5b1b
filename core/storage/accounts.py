"""Accounts that can run short: each one document that holds its balance, its holds and its newest entries."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.storage.codec import field_key, field_name, stored
from core.storage.collection import Document
from core.storage.entries import Entry, entry_of, entry_row

if TYPE_CHECKING:
    from core.storage.database import Database


@dataclass(frozen=True, slots=True)
class StoredHold:
    """Stars set aside under a hold's id. `source` is the account they came from; "" is the person's own."""

    amount: int
    at: datetime
    source: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """An account at its version, which is also the number of entries that were ever made in it.

    `balance`, `held` and `owed` are Stars, none of them below 0. `pending` are the newest entries, which may
    not have been copied into the ledger yet.
    """

    name: str
    balance: int = 0
    held: int = 0
    owed: int = 0
    version: int = 0
    holds: Mapping[str, StoredHold] = field(default_factory=dict)
    pending: tuple[Entry, ...] = ()

    def pending_entries(self, keys: Sequence[str]) -> list[Entry]:
        """Those of the newest entries that have one of these keys, in their order."""
        return [entry for entry in self.pending if entry.key in keys]


@dataclass(frozen=True, slots=True)
class AccountChange:
    """Entries that are made together, at least one, and what they do to the account they are made in."""

    entries: tuple[Entry, ...]
    balance: int = 0
    held: int = 0
    owed: int = 0
    begin_hold: str = ""
    hold_source: str = ""
    end_hold: str = ""

    def ending(self, hold_id: str, amount: int) -> AccountChange:
        """The change which also ends a hold over so many Stars."""
        return replace(self, held=self.held - amount, end_hold=hold_id)

    def placed_in(self, account: Account) -> AccountChange:
        """The change with its entries in the account's next places."""
        places = enumerate(self.entries, account.version + 1)
        return replace(
            self,
            entries=tuple(replace(entry, account=account.name, sequence=place) for place, entry in places),
        )


class AccountStore:
    """Accounts by their names, such as `user:42`."""

    def __init__(self, database: Database) -> None:
        self._rows = database.collection("accounts")

    async def get(self, name: str) -> Account:
        """The account; an empty one at version 0 when nothing ever happened in it."""
        row = await self._rows.find_one({"_id": name})
        return _account(row) if row is not None else Account(name)

    async def apply(self, account: Account, change: AccountChange) -> bool:
        """Make the change, placed in this account, if that is still as it was read; False when it is not.

        One round trip.
        """
        if account.version == 0:
            return await self._rows.insert_one(_first(account, change))
        condition: Document = {"_id": account.name, "version": stored(account.version)}
        if change.balance < 0:
            condition["balance"] = {"$gte": stored(-change.balance)}
        if change.owed < 0:
            condition["owed"] = {"$gte": stored(-change.owed)}
        if change.end_hold:
            hold = account.holds[change.end_hold]
            condition[f"holds.{field_name(change.end_hold)}.amount"] = stored(hold.amount)
        updated = await self._rows.update_one(condition, _update(account, change))
        return updated.modified == 1

    async def dirty(self, limit: int) -> list[Account]:
        """Accounts whose newest entries are to be copied, at most `limit`."""
        return [_account(row) for row in await self._rows.find({"dirty": True}, limit=limit)]

    async def clear(self, account: Account) -> None:
        """Drop the pending entries that the account was read with; they have all been copied.

        What was added since stays. One round trip, two when something was.
        """
        updated = await self._rows.update_one(*_cleared(account))
        if not updated.matched:
            copied = [entry.key for entry in account.pending]
            await self._rows.update_one(
                {"_id": account.name}, {"$pull": {"pending": {"_id": {"$in": copied}}}}
            )

    async def clear_unchanged(self, accounts: Sequence[Account]) -> int:
        """Drop the pending entries of those accounts in which nothing happened since; how many they are.

        One round trip.
        """
        return await self._rows.update_each([_cleared(account) for account in accounts])

    async def rename(self, account: Account, name: str) -> bool:
        """Give an account without Stars, holds and pending entries another name; False when it has changed.

        Its entries have the old name still. Two round trips; after a crash between them, do it again.
        """
        row: Document = {"_id": name, "version": stored(account.version), "holds": {}, "pending": []}
        await self._rows.insert_one({**row, **dict.fromkeys(("balance", "held", "owed"), stored(0))})
        unchanged = {"_id": account.name, "version": stored(account.version), "dirty": {"$exists": False}}
        if await self._rows.delete_one(unchanged):
            return True
        await self._rows.delete_one({"_id": name, "version": stored(account.version)})
        return False

    async def holding(self) -> list[Account]:
        """The accounts in which something is held."""
        return [_account(row) for row in await self._rows.find({"holding": True})]

    async def batches(self) -> AsyncIterator[list[Account]]:
        """All accounts, some at a time."""
        async for rows in self._rows.batches({}):
            yield [_account(row) for row in rows]


def _cleared(account: Account) -> tuple[Document, Document]:
    """Which account is meant, and what drops its pending entries."""
    nothing_since = {"_id": account.name, "version": stored(account.version)}
    return nothing_since, {"$set": {"pending": []}, "$unset": {"dirty": ""}}


def _first(account: Account, change: AccountChange) -> Document:
    row: Document = {
        "_id": account.name,
        "balance": stored(change.balance),
        "held": stored(change.held),
        "owed": stored(change.owed),
        "version": stored(len(change.entries)),
        "holds": {},
        "pending": [entry_row(entry) for entry in change.entries],
        "dirty": True,
    }
    if change.begin_hold:
        row["holds"] = {field_name(change.begin_hold): _begun(change)}
        row["holding"] = True
    return row


def _update(account: Account, change: AccountChange) -> dict[str, Any]:
    steps = {"balance": change.balance, "held": change.held, "version": len(change.entries)}
    if change.owed:
        steps["owed"] = change.owed
    rows = [entry_row(entry) for entry in change.entries]
    update: dict[str, Any] = {
        "$inc": stored(steps),
        "$push": {"pending": {"$each": rows}},
        "$set": {"dirty": True},
    }
    if change.begin_hold:
        update["$set"].update({f"holds.{field_name(change.begin_hold)}": _begun(change), "holding": True})
    if change.end_hold:
        update["$unset"] = {f"holds.{field_name(change.end_hold)}": ""}
        if set(account.holds) == {change.end_hold}:
            update["$unset"]["holding"] = ""
    return update


def _begun(change: AccountChange) -> Document:
    entry = change.entries[0]
    hold = {"amount": stored(entry.amount), "at": entry.at}
    return hold | {"source": change.hold_source} if change.hold_source else hold


def _account(row: Document) -> Account:
    return Account(
        name=row["_id"],
        balance=int(row["balance"]),
        held=int(row["held"]),
        owed=int(row.get("owed", 0)),
        version=int(row["version"]),
        holds={
            field_key(name): StoredHold(int(hold["amount"]), hold["at"], hold.get("source", ""))
            for name, hold in row["holds"].items()
        },
        pending=tuple(entry_of(entry) for entry in row["pending"]),
    )
