"""Two ledgers on one server: Starloom's, and the same in the usual way, with multi-document transactions.

Both keep the same promises: an operation happens once under its key, no balance falls below zero, an account
and its entries agree whatever crashes, what was acknowledged is on the disks of a majority. In both, calls on
one account take turns within a process.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Protocol
from weakref import WeakValueDictionary

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorClientSession
from pymongo.errors import DuplicateKeyError

from core.billing.ledger import Ledger
from core.clock import SystemClock
from core.storage.codec import stored
from core.storage.database import Database
from core.storage.entries import Entry, entry_row

KINDS = {
    "ledger": "Starloom's ledger: one conditional update, entries copied behind it",
    "transactions": "account and entry in one multi-document transaction",
}
"""The ledgers by kind, in the order in which they take turns."""
_NOTE = {"actor": "bench", "reason": "bench"}


_Step = Callable[[AsyncIOMotorClientSession], Coroutine[Any, Any, None]]


class Books(Protocol):
    """What is measured of a ledger."""

    async def fund(self, user_id: int, stars: int) -> None:
        """Give somebody Stars."""
        ...

    async def pair(self, user_id: int, hold_id: str) -> None:
        """Hold a Star and settle it."""
        ...

    async def finish(self) -> None:
        """Do what is left to be done behind the operations."""
        ...

    async def problems(self) -> list[str]:
        """What does not add up."""
        ...


@asynccontextmanager
async def open_books(kind: str, uri: str, name: str, *, embedded: bool) -> AsyncIterator[Books]:
    """The ledger of a kind in the database `name`, with what runs beside it in production."""
    if kind == "transactions":
        # As Database.connect sets it.
        client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
            uri, retryWrites=not embedded, w="majority", journal=True, readConcernLevel="majority"
        )
        try:
            yield TransactionBooks(client, name)
        finally:
            client.close()
        return
    clock = SystemClock()
    database = await Database.connect(uri, name, embedded=embedded, clock=clock)
    await database.prepare()
    ledger, stop = Ledger(database, clock), asyncio.Event()
    copier = asyncio.create_task(ledger.run(stop))
    try:
        yield LedgerBooks(ledger)
    finally:
        stop.set()
        await copier
        await database.close()


async def erase(uri: str, name: str) -> None:
    """Drop a database."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri)
    try:
        await client.drop_database(name)
    finally:
        client.close()


class LedgerBooks:
    """Starloom's ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def fund(self, user_id: int, stars: int) -> None:
        key = f"fund:{user_id}"
        await self._ledger.credit(user_id, stars, source="manual", key=key, reference="", **_NOTE)

    async def pair(self, user_id: int, hold_id: str) -> None:
        await self._ledger.hold(user_id, hold_id, 1, **_NOTE)
        await self._ledger.settle(user_id, hold_id, **_NOTE)

    async def finish(self) -> None:
        await self._ledger.copy()

    async def problems(self) -> list[str]:
        return list((await self._ledger.check()).problems)


class TransactionBooks:
    """The usual way, by the driver's own `with_transaction`, which repeats what lost a race."""

    def __init__(self, client: AsyncIOMotorClient[dict[str, Any]], name: str) -> None:
        self._client = client
        self._accounts = client[name]["accounts"]
        self._entries = client[name]["entries"]
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def fund(self, user_id: int, stars: int) -> None:
        # Collections are made outside of transactions.
        await self._entries.create_index([("account", 1), ("at", 1)])
        account, entry = f"user:{user_id}", _entry(f"fund:{user_id}", "manual", f"user:{user_id}", stars)
        await self._accounts.insert_one(
            {"_id": account, "balance": stored(stars), "held": stored(0), "holds": {}}
        )
        await self._entries.insert_one(entry)

    async def pair(self, user_id: int, hold_id: str) -> None:
        await self._once(user_id, lambda session: self._hold(session, user_id, hold_id, 1))
        await self._once(user_id, lambda session: self._settle(session, user_id, hold_id))

    async def finish(self) -> None:
        """Nothing is left."""

    async def problems(self) -> list[str]:
        found = []
        async for account in self._accounts.find({}):
            owner = account["_id"].partition(":")[2]
            for field, name in (("balance", account["_id"]), ("held", f"held:{owner}")):
                moved = 0
                async for entry in self._entries.find({"account": account["_id"]}):
                    moved += entry["amount"] * ((entry["credit"] == name) - (entry["debit"] == name))
                if moved != account[field]:
                    found.append(f"{name}: {account[field]} is kept, the entries make {moved}")
        return found

    async def _hold(
        self, session: AsyncIOMotorClientSession, user_id: int, hold_id: str, amount: int
    ) -> None:
        entry = _entry(f"hold:{user_id}:{hold_id}", f"user:{user_id}", f"held:{user_id}", amount)
        await self._entries.insert_one(entry, session=session)
        updated = await self._accounts.update_one(
            {"_id": f"user:{user_id}", "balance": {"$gte": amount}},
            {
                "$inc": stored({"balance": -amount, "held": amount}),
                "$set": {f"holds.{hold_id}": stored(amount)},
            },
            session=session,
        )
        if not updated.modified_count:
            raise RuntimeError("the balance does not cover it")

    async def _settle(self, session: AsyncIOMotorClientSession, user_id: int, hold_id: str) -> None:
        account = await self._accounts.find_one({"_id": f"user:{user_id}"}, session=session)
        key = f"settle:{user_id}:{hold_id}"
        if account is None or hold_id not in account["holds"]:
            if await self._entries.find_one({"_id": key}, session=session):
                return
            raise RuntimeError("there is no such hold")
        amount = int(account["holds"][hold_id])
        entry = _entry(key, f"held:{user_id}", "revenue", amount)
        await self._entries.insert_one(entry, session=session)
        await self._accounts.update_one(
            {"_id": f"user:{user_id}"},
            {"$inc": stored({"held": -amount}), "$unset": {f"holds.{hold_id}": ""}},
            session=session,
        )

    async def _once(
        self, user_id: int, step: Callable[[AsyncIOMotorClientSession], Coroutine[Any, Any, None]]
    ) -> None:
        """Do a step in a transaction; one whose key is there has been done before."""
        turn = self._turns.setdefault(f"user:{user_id}", asyncio.Lock())
        # The turn comes before the session, so that nobody waits with a transaction open.
        async with turn, await self._client.start_session() as session:
            try:
                await session.with_transaction(step)
            except DuplicateKeyError:
                return


def _entry(key: str, debit: str, credit: str, amount: int) -> dict[str, Any]:
    account = next(name for name in (debit, credit) if name.startswith(("user:", "held:")))
    owner = f"user:{account.partition(':')[2]}"
    now = datetime.now(UTC)
    return entry_row(Entry(key, debit, credit, amount, "", "bench", "bench", now, owner))
