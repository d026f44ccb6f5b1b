"""A ledger with a past: accounts and entries as the ledger would have made them, written in bulk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.storage.codec import stored
from core.storage.collection import Document
from core.storage.database import Database
from core.storage.entries import Entry, entry_row

_BATCH = 1000
_BEGAN = datetime(2030, 1, 1, tzinfo=UTC)
STARS = 1_000_000
"""What each person has besides what was held and settled."""


async def fill(database: Database, entries: int, people: int) -> None:
    """Give so many people, from 1 on, so many entries together: a purchase, then holds and settlements."""
    each = entries // people
    rows: list[Document] = []
    for user_id in range(1, people + 1):
        past = _past(user_id, each)
        rows += [entry_row(entry) for entry in past]
        await database.collection("accounts").insert_one(_account(user_id, past))
        while len(rows) >= _BATCH or (user_id == people and rows):
            await database.collection("entries").insert_many(rows[:_BATCH])
            del rows[:_BATCH]


def _past(user_id: int, count: int) -> list[Entry]:
    account, held = f"user:{user_id}", f"held:{user_id}"
    entries = []
    for place in range(1, count + 1):
        job = f"past{place // 2}"
        if place == 1:
            key, debit, credit, amount = f"past:{user_id}", "manual", account, STARS + count
        elif place % 2 == 0:
            key, debit, credit, amount = f"hold:{user_id}:{job}", account, held, 1
        else:
            key, debit, credit, amount = f"settle:{user_id}:{job}", held, "revenue", 1
        at = _BEGAN + timedelta(seconds=place)
        entries.append(Entry(key, debit, credit, amount, job, "generation", "generation", at, account, place))
    return entries


def _account(user_id: int, past: list[Entry]) -> Document:
    open_hold = past[-1] if past[-1].key.startswith("hold:") else None
    holds = {open_hold.reference: {"amount": stored(1), "at": open_hold.at}} if open_hold else {}
    begun = len(past) // 2
    row: Document = {
        "_id": f"user:{user_id}",
        "balance": stored(STARS + len(past) - begun),
        "held": stored(len(holds)),
        "owed": stored(0),
        "version": stored(len(past)),
        "holds": holds,
        "pending": [],
    }
    return row | {"holding": True} if holds else row
