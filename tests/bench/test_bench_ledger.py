"""The benchmark of the ledger, run with tiny numbers: it measures both ledgers, and they add up."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from typer.testing import CliRunner

from bench import __main__ as command_line
from bench.ledger import Plan, in_words, measure
from bench.ledger_books import KINDS, open_books
from bench.ledger_filling import STARS, fill
from bench.measuring import Report
from core.billing.ledger import Balance, Ledger
from core.storage.database import Database
from sandbox.clock import ManualClock

SHAPES = {"1 user", "3 users", "one user, 2 tasks", "one user, 2 processes"}


@pytest.mark.soak
async def test_both_ledgers_are_measured_and_growth_is_told(database_uri: str) -> None:
    plan = Plan((1, 3), 4, 2, 2, 2, (20, 60), database_uri)
    report = await measure(plan)
    found: dict[str, Any] = json.loads(report.as_json())

    assert found["benchmark"] == "ledger"
    assert database_uri not in json.dumps(found)
    assert found["settings"] == {
        "users": [1, 3],
        "pairs": 4,
        "tasks": 2,
        "processes": 2,
        "rounds": 2,
        "sizes": [20, 60],
    }
    speeds = found["figures"]["pairs_per_second"]
    assert speeds.keys() == KINDS.keys()
    for figures in (*speeds.values(), found["ratios"]["ledger/transactions"]):
        assert figures.keys() == SHAPES
        assert all(0 < each["least"] <= each["median"] <= each["most"] for each in figures.values())
    assert found["figures"]["growth"].keys() == {"20 entries", "60 entries", "60/20"}
    words = in_words(report)
    assert "one user, 2 processes" in words
    assert "60/20" in words


@pytest.fixture
async def unprepared(database_uri: str, clock: ManualClock) -> AsyncIterator[Database]:
    """A database without the indexes of Starloom's ledger, of which the other one has its own."""
    embedded = "TEST_DATABASE_URL" not in os.environ
    name = f"test_{uuid.uuid4().hex}"
    database = await Database.connect(database_uri, name, embedded=embedded, clock=clock)
    yield database
    await database.erase()
    await database.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_pair_that_is_repeated_counts_once(
    kind: str, unprepared: Database, database_uri: str
) -> None:
    embedded = "TEST_DATABASE_URL" not in os.environ
    accounts, entries = unprepared.collection("accounts"), unprepared.collection("entries")
    async with open_books(kind, database_uri, unprepared.name, embedded=embedded) as books:
        await books.fund(1, 10)
        for _ in range(2):
            await books.pair(1, "job")
        await books.finish()
        assert await books.problems() == []
        account = await accounts.find_one({"_id": "user:1"})
        assert account is not None
        assert (account["balance"], account["held"], account["holds"]) == (9, 0, {})
        assert len(await entries.find({})) == 3
        await accounts.update_one({"_id": "user:1"}, {"$inc": {"balance": 1}})
        assert await books.problems() != []


async def test_a_past_is_one_that_the_ledger_could_have_made(database: Database, clock: ManualClock) -> None:
    await fill(database, 40, 4)
    ledger = Ledger(database, clock)
    report = await ledger.check()
    assert (report.problems, report.accounts, report.entries) == ((), 4, 40)
    # A purchase, four holds that were settled, and one that was not.
    assert await ledger.balance(1) == Balance(STARS + 10 - 5, 1)
    assert [held.hold_id for held in await ledger.holds(1)] == ["past5"]
    assert await ledger.settle(1, "past5", actor="test", reason="test") == 1
    assert (await ledger.check()).problems == ()


def test_options_reach_the_benchmark_and_json_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    plans: list[Plan] = []

    async def measured(plan: Plan) -> Report:
        plans.append(plan)
        return Report("ledger", {}, {}, {}, {})

    monkeypatch.setattr("bench.ledger.measure", measured)
    arguments = ["ledger", "--json", "--pairs", "3", "--tasks", "4", "--processes", "2", "--most", "20000"]
    result = CliRunner().invoke(command_line.cli, arguments)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["benchmark"] == "ledger"
    assert plans == [Plan((1, 8, 50), 3, 4, 2, 5, (1000, 10000, 20000))]
