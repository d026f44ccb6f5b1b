"""The ledger's entries: written once, never changed. And the keys that were claimed for them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from collections.abc import Collection as Many
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from core.errors import LedgerError
from core.storage.codec import stored
from core.storage.collection import Document

if TYPE_CHECKING:
    from core.storage.database import Database


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement of `amount` Stars from the account `debit` to the account `credit`.

    `account` is the one in whose document the entry was made, as its `sequence`th: 1, 2, 3 and so on without
    a gap. `key` is unique among all entries.
    """

    key: str
    debit: str
    credit: str
    amount: int
    reference: str
    actor: str
    reason: str
    at: datetime
    account: str = ""
    sequence: int = 0

    def moves_as(self, other: Entry) -> bool:
        """Whether both say the same of the money; who wrote it, when and why may differ."""
        return (self.debit, self.credit, self.amount) == (other.debit, other.credit, other.amount)


def entry_row(entry: Entry) -> Document:
    """The entry as it is stored, in an account and in the ledger alike."""
    return {
        "_id": entry.key,
        "debit": entry.debit,
        "credit": entry.credit,
        "amount": stored(entry.amount),
        "reference": entry.reference,
        "actor": entry.actor,
        "reason": entry.reason,
        "at": entry.at,
        "account": entry.account,
        "sequence": stored(entry.sequence),
    }


def entry_of(row: Document) -> Entry:
    """The entry that `entry_row` made the row of."""
    return Entry(
        key=row["_id"],
        debit=row["debit"],
        credit=row["credit"],
        amount=int(row["amount"]),
        reference=row["reference"],
        actor=row["actor"],
        reason=row["reason"],
        at=row["at"],
        account=row["account"],
        sequence=int(row["sequence"]),
    )


class EntryStore:
    """The ledger itself."""

    def __init__(self, database: Database) -> None:
        self._rows = database.collection("entries")
        self._claims = database.collection("entry_keys")

    async def get(self, key: str) -> Entry | None:
        """The entry with this key, if it was copied here already."""
        row = await self._rows.find_one({"_id": key})
        return entry_of(row) if row is not None else None

    async def with_keys(self, keys: Sequence[str]) -> list[Entry]:
        """The entries with these keys that were copied here already, in the order of their places."""
        if len(keys) == 1:
            entry = await self.get(keys[0])
            return [entry] if entry else []
        rows = await self._rows.find({"_id": {"$in": list(keys)}})
        return sorted((entry_of(row) for row in rows), key=lambda entry: entry.sequence)

    async def add(self, entries: Sequence[Entry]) -> None:
        """Copy entries here; those that are here already stay as they are.

        One round trip, two when some are here already.

        Raises:
            LedgerError: one of the keys, or of the places in an account, is taken by another entry.

        """
        if not entries:
            return
        known = await self._rows.insert_many([entry_row(entry) for entry in entries])
        if not known:
            return
        doubled = [entries[index] for index in known]
        found = {row["_id"]: entry_of(row) for row in await self._rows.find(_with_keys(doubled))}
        for entry in doubled:
            if found.get(entry.key) != entry:
                raise LedgerError(f"the ledger has another entry in the place of {entry.key}")

    async def of_account(self, account: str, sequences: Many[int]) -> list[Entry]:
        """The entries that were made in an account as its so-manieth, in their order."""
        rows = await self._rows.find(
            {"account": account, "sequence": {"$in": [stored(n) for n in sequences]}}
        )
        return sorted((entry_of(row) for row in rows), key=lambda entry: entry.sequence)

    async def all_of_account(self, account: str) -> list[Entry]:
        """All entries that were made in an account, in their order."""
        found: list[Entry] = []
        async for rows in self._rows.batches({"account": account}):
            found += [entry_of(row) for row in rows]
        return sorted(found, key=lambda entry: entry.sequence)

    async def batches(self, *, in_time: bool = False) -> AsyncIterator[list[Entry]]:
        """All entries, some at a time: in no order, or `in_time`, which costs the server a sort."""
        order = ("at", "account", "sequence") if in_time else ()
        async for rows in self._rows.batches({}, order=order):
            yield [entry_of(row) for row in rows]

    async def claim(self, entry: Entry) -> Entry | None:
        """Reserve the entry's key in the whole ledger; the entry it was reserved for before, or None.

        A claim is for good: it outlives an attempt that failed, so a key never means two things.
        """
        if await self._claims.insert_one(entry_row(entry)):
            return None
        row = await self._claims.find_one({"_id": entry.key})
        return entry_of(row) if row is not None else entry


def _with_keys(entries: Iterable[Entry]) -> Document:
    return {"_id": {"$in": [entry.key for entry in entries]}}
