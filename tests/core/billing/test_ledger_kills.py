"""Processes that are killed at any moment, and processes that work on the same accounts at once."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import pytest
from ledger_tools import WHO, assert_sound
from ledger_worker import done, work
from support.forked import ForkedProcess

from core.billing.ledger import Ledger
from core.storage.database import Database

PEOPLE = [5_000_000_001, 5_000_000_002]


async def worker(uri: str, database: Database, seed: int, count: int) -> ForkedProcess:
    return await ForkedProcess.start(work, uri, database.name, seed, count, PEOPLE)


async def said_until(process: ForkedProcess, lines: int, extra_bytes: int) -> list[dict[str, Any]]:
    """What it says until it is killed: after so many lines, somewhere in its next operation."""
    said = [await process.said.readline() for _ in range(lines)]
    for _ in range(extra_bytes):
        await asyncio.sleep(0)
    rest = await process.kill()
    said += rest.splitlines(keepends=True)
    return [json.loads(line) for line in said if line.endswith(b"\n")]


async def assert_happened(ledger: Ledger, said: list[dict[str, Any]]) -> None:
    """Each operation that was acknowledged is there: done again, it answers that it was done before."""
    acknowledged = [line for line in said if "done" in line and not isinstance(line["answer"], str)]
    for line in acknowledged:
        kind, answer = line["done"]["kind"], line["answer"]
        if kind == "copy" or (kind == "forgive" and not answer):
            continue
        again = await done(ledger, line["done"])
        assert again == (False if kind in ("credit", "debit", "forgive", "hold") else answer)


async def end_all_holds(ledger: Ledger) -> None:
    """What a sweeper does after a restart."""
    for held in await ledger.all_holds():
        assert await ledger.release(held.user_id, held.hold_id, **WHO) == held.amount


@pytest.mark.parametrize("seed", range(10))
async def test_a_process_killed_at_any_moment_leaves_a_sound_ledger(
    seed: int, ledger: Ledger, database: Database, database_uri: str
) -> None:
    chance = random.Random(seed)
    process = await worker(database_uri, database, seed, 1_000_000)
    said = await said_until(process, chance.randrange(1, 120), chance.randrange(200))
    assert (await ledger.check()).problems == ()
    await assert_happened(ledger, said)
    # What was begun and not acknowledged may be done again without harm.
    await done(ledger, said[-1].get("begun") or said[-1]["done"])
    await end_all_holds(ledger)
    await assert_sound(ledger)
    for user_id in PEOPLE:
        assert (await ledger.balance(user_id)).held == 0


async def hammered(processes: int, count: int, ledger: Ledger, database: Database, uri: str) -> None:
    workers = [await worker(uri, database, seed, count) for seed in range(processes)]
    outputs = await asyncio.gather(*(each.said.read() for each in workers))
    assert [await each.ended() for each in workers] == [0] * processes
    report = await ledger.check()
    assert report.problems == ()
    for said in outputs:
        await assert_happened(ledger, [json.loads(line) for line in said.splitlines()])
    await end_all_holds(ledger)
    await assert_sound(ledger)
    moved = [(entry.debit, entry.credit) async for entries in ledger.journal() for entry in entries]
    kinds = {tuple(account.partition(":")[0] for account in pair) for pair in moved}
    assert {("debt", "refund"), ("user", "debt"), ("promo", "held"), ("held", "promo")} <= kinds


async def test_processes_that_work_on_the_same_accounts_at_once(
    ledger: Ledger, database: Database, database_uri: str
) -> None:
    await hammered(4, 100, ledger, database, database_uri)


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_twenty_processes_with_a_thousand_operations_each(
    ledger: Ledger, database: Database, database_uri: str
) -> None:
    await hammered(20, 1000, ledger, database, database_uri)
