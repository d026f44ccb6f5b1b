"""The check of the ledger: it finds each kind of damage and says by how much, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from ledger_tools import ALICE, BOB, WHO, claw, give

from core.billing.ledger import Entry, Ledger
from core.storage.database import Database
from core.storage.entries import EntryStore

ME = f"user:{ALICE}"


@pytest.fixture
async def used(ledger: Ledger) -> Ledger:
    await give(ledger, ALICE, 100, "charge1")
    for job in ("open", "settled", "released"):
        await ledger.hold(ALICE, job, 10, **WHO)
    await ledger.settle(ALICE, "settled", **WHO)
    await ledger.release(ALICE, "released", **WHO)
    await give(ledger, BOB, 5, "charge2")
    assert (await ledger.check()).problems == ()
    await ledger.copy()
    await give(ledger, ALICE, 1, "charge3")
    return ledger


async def test_a_sound_ledger_has_no_problems_and_is_counted(used: Ledger) -> None:
    report = await used.check()
    assert (report.total, report.problems, report.accounts, report.entries) == (0, (), 2, 8)


async def damage(
    database: Database, update: dict[str, object], collection: str = "accounts", key: str = ME
) -> None:
    assert (await database.collection(collection).update_one({"_id": key}, update)).modified == 1


async def test_a_balance_that_drifted(used: Ledger, database: Database) -> None:
    await damage(database, {"$inc": {"balance": 7}})
    report = await used.check()
    assert report.total == 7
    assert report.problems == (
        f"{ME}: balance is 88, its entries make 81: +7",
        "all accounts together make 7, not 0",
    )


async def test_a_balance_below_zero(used: Ledger, database: Database) -> None:
    await damage(database, {"$set": {"balance": -2}})
    assert f"{ME}: balance is -2, below 0" in (await used.check()).problems


async def test_held_stars_that_drifted(used: Ledger, database: Database) -> None:
    await damage(database, {"$inc": {"held": -3}})
    report = await used.check()
    assert report.problems == (
        f"{ME}: held is 7, its entries make 10: -3",
        f"{ME}: its holds make 10, held is 7: -3",
        "all accounts together make -3, not 0",
    )


async def test_an_entry_that_was_lost(used: Ledger, database: Database) -> None:
    await database.collection("entries").delete_one({"_id": f"settle:{ALICE}:settled"})
    problems = (await used.check()).problems
    assert f"{ME}: of 7 entries these are missing: 5" in problems
    assert f"{ME}: the hold settled is gone and was neither settled nor released" in problems


async def test_a_pending_entry_that_was_lost(used: Ledger, database: Database) -> None:
    await damage(database, {"$set": {"pending": []}})
    problems = (await used.check()).problems
    assert f"{ME}: of 7 entries these are missing: 7" in problems
    assert f"{ME}: balance is 81, its entries make 80: +1" in problems


async def test_an_entry_that_was_changed(used: Ledger, database: Database) -> None:
    await damage(database, {"$set": {"amount": 99}}, "entries", "charge1")
    assert f"{ME}: balance is 81, its entries make 80: +1" in (await used.check()).problems


async def test_an_entry_of_nothing(used: Ledger, database: Database) -> None:
    await damage(database, {"$set": {"amount": 0}}, "entries", "charge2")
    assert f"user:{BOB}: charge2 moves 0" in (await used.check()).problems


async def test_an_entry_that_no_account_knows(used: Ledger, database: Database) -> None:
    row = await database.collection("entries").find_one({"_id": "charge2"})
    await database.collection("entries").insert_one({**row, "_id": "forged", "sequence": 2})
    await database.collection("entries").insert_one({**row, "_id": "orphan", "account": "user:9"})
    problems = (await used.check()).problems
    assert problems == (
        f"user:{BOB}: the ledger has forged, of which the account does not know",
        "user:9: the ledger has orphan, of which the account does not know",
    )


async def test_another_entry_in_the_place_of_a_pending_one(used: Ledger, database: Database) -> None:
    row = await database.collection("entries").find_one({"_id": "charge1"})
    await database.collection("entries").insert_one({**row, "_id": "forged", "sequence": 7})
    problems = (await used.check()).problems
    assert f"{ME}: charge3 is pending and another entry is in its place in the ledger" in problems


async def test_a_hold_that_ended_twice(used: Ledger, database: Database) -> None:
    entries = database.collection("entries")
    row = await entries.find_one({"_id": f"settle:{ALICE}:settled"})
    await entries.delete_one({"_id": "charge1"})
    await entries.insert_one({**row, "_id": f"release:{ALICE}:settled", "sequence": 1})
    assert f"{ME}: the hold settled ended 2 times, or goes on after its end" in (await used.check()).problems


async def test_a_hold_that_goes_on_after_its_end(used: Ledger, database: Database) -> None:
    account = await database.collection("accounts").find_one({"_id": ME})
    await damage(database, {"$set": {"holds.settled": account["holds"]["open"]}})
    assert f"{ME}: the hold settled ended 2 times, or goes on after its end" in (await used.check()).problems


async def test_a_hold_that_vanished(used: Ledger, database: Database) -> None:
    await damage(database, {"$unset": {"holds.open": ""}})
    problems = (await used.check()).problems
    assert f"{ME}: the hold open is gone and was neither settled nor released" in problems


async def test_a_hold_that_was_never_begun(used: Ledger, database: Database) -> None:
    account = await database.collection("accounts").find_one({"_id": ME})
    await damage(database, {"$set": {"holds.forged": account["holds"]["open"]}})
    assert f"{ME}: the hold forged was never begun" in (await used.check()).problems


async def test_an_account_that_vanished(used: Ledger, database: Database) -> None:
    await database.collection("accounts").delete_one({"_id": f"user:{BOB}"})
    problems = (await used.check()).problems
    assert f"user:{BOB}: the ledger has charge2, of which the account does not know" in problems


async def test_a_ledger_in_use_is_checked_without_false_alarms(ledger: Ledger, other_ledger: Ledger) -> None:
    done = asyncio.Event()

    async def work(user_id: int) -> None:
        for number in range(40):
            await give(ledger, user_id, 2, f"{user_id}.{number}")
            await ledger.hold(user_id, f"{number}", 1, **WHO)
            await (ledger.settle if number % 2 else ledger.release)(user_id, f"{number}", **WHO)

    async def copy() -> None:
        while not done.is_set():
            await other_ledger.copy()

    async def check() -> list[str]:
        problems: list[str] = []
        while not done.is_set():
            problems += (await other_ledger.check()).problems
        return problems

    copying, checking = asyncio.create_task(copy()), asyncio.create_task(check())
    await asyncio.gather(*(work(user_id) for user_id in (ALICE, BOB)))
    done.set()
    await copying
    assert await checking == []


async def test_entries_made_and_copied_during_the_check_are_no_problem(
    used: Ledger, other_ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = EntryStore.batches

    async def read_meanwhile(entries: EntryStore) -> AsyncIterator[list[Entry]]:
        async def work(key: str) -> None:
            await give(other_ledger, ALICE, 1, key)
            await give(other_ledger, ALICE + 2, 1, f"newcomer {key}")
            await other_ledger.copy()

        await work("before")
        async for found in read(entries):
            yield found
        await work("after")

    monkeypatch.setattr(EntryStore, "batches", read_meanwhile)
    report = await used.check()
    assert (report.total, report.problems) == (0, ())


async def test_a_debt_that_drifted(used: Ledger, database: Database) -> None:
    await claw(used, BOB, 8, "chargeback")
    assert (await used.check()).problems == ()
    await damage(database, {"$inc": {"owed": 2}}, key=f"user:{BOB}")
    assert (await used.check()).problems == (
        f"user:{BOB}: owed is 5, its entries make 3: +2",
        "all accounts together make -2, not 0",
    )


async def test_stars_beside_a_debt(used: Ledger, database: Database) -> None:
    await used.copy()
    await damage(database, {"$inc": {"balance": 4, "owed": 4, "version": 2}})
    at = (await used.statement(BOB))[0].at
    note = {"reference": "", "actor": "", "reason": "", "at": at, "account": ME}
    for number, key, debit, credit in ((8, "x", f"debt:{ALICE}", "refund"), (9, "y", "manual", ME)):
        entry = {"_id": key, "debit": debit, "credit": credit, "amount": 4, "sequence": number}
        await database.collection("entries").insert_one(entry | note)
    assert (await used.check()).problems == (f"{ME}: balance is 85 while 4 are owed",)


async def test_many_lost_entries_are_counted_not_listed(ledger: Ledger, database: Database) -> None:
    for number in range(25):
        await give(ledger, ALICE, 1, f"k{number}")
    await ledger.copy()
    await database.collection("entries").delete_many({})
    problems = (await ledger.check()).problems
    assert f"{ME}: of 25 entries these are missing: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 15 more" in problems


async def test_a_check_reads_entries_in_lots_and_each_once(ledger: Ledger, database: Database) -> None:
    for number in range(30):
        await give(ledger, ALICE + number, 20, f"k{number}")
    await ledger.copy()
    before = database.round_trips
    assert (await ledger.check()).accounts == 30
    # One list of accounts and one of entries, with the command that finds out that it was the last.
    assert database.round_trips - before <= 4
