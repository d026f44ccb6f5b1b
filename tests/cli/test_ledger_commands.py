"""`ledger check`, `statement` and `export`: beside a running database, and on the copy of a stopped one."""

from __future__ import annotations

import csv
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from support.command_line import CommandLine, CommandsHere

from core.billing.ledger import Ledger
from core.billing.operations import PROMO
from core.clock import SystemClock
from core.storage.database import Database
from core.storage.embedded import EmbeddedServer
from sandbox.clock import ManualClock

BOT = {"BOT_TOKEN": "123456:ABC", "API_ID": "1", "API_HASH": "x"}
ALICE, BOB = 5_000_000_001, 5_000_000_002
WHO = {"actor": "test", "reason": "test"}


@pytest.fixture
async def database(here: CommandsHere, database_uri: str) -> AsyncIterator[Database]:
    """The database of a bot whose commands run here."""
    here.environment |= {**BOT, "MONGODB_URI": f"{database_uri}?retryWrites=false"}
    database = await Database.connect(database_uri, "starloom_123456", embedded=True, clock=SystemClock())
    await database.prepare()
    yield database
    await database.erase()
    await database.close()


@pytest.fixture
def ledger(database: Database, clock: ManualClock) -> Ledger:
    return Ledger(database, clock)


@asynccontextmanager
async def books(cli: CommandLine) -> AsyncIterator[Ledger]:
    """The ledger of a bot whose own database runs until the end."""
    server = EmbeddedServer(cli.directory / "data" / "database", durable=False)
    clock = ManualClock()
    database = await Database.connect(
        await server.start(), "starloom_123456", embedded=True, clock=SystemClock()
    )
    try:
        await database.prepare()
        yield Ledger(database, clock)
    finally:
        await database.close()
        await server.stop()


async def fill(ledger: Ledger) -> None:
    """Everything that can happen to Stars."""
    await ledger.credit(ALICE, 100, source="telegram:stars", key="stars:c1", reference="c1", **WHO)
    await ledger.hold(ALICE, "job1", 30, **WHO)
    await ledger.settle(ALICE, "job1", **WHO)
    await ledger.hold(ALICE, "job2", 20, **WHO)
    await ledger.claw_back(ALICE, 90, target="refund", key="refund:c1", reference="c1", **WHO)
    await ledger.release(ALICE, "job2", **WHO)
    await ledger.forgive(ALICE, 10, key="case1", reference="=1+1", actor="@admin", reason="-sorry, \"'\nx")
    await ledger.copy()
    await ledger.hold(BOB, "free1", 7, source=PROMO, **WHO)


async def test_a_sound_ledger_in_one_line_beside_a_running_bot_and_on_a_copy_of_its_folder(
    cli: CommandLine,
) -> None:
    line = "The ledger adds up: 2 accounts, 10 entries, sum 0.\n"
    async with books(cli) as ledger:
        await fill(ledger)
        said = await cli("ledger", "check", **BOT)
        assert (said.status, said.out, said.err) == (0, line, "")
        # It goes on: the command has ended nothing.
        assert (await ledger.balance(BOB)).held == 7
    # As the guide for operators says of the embedded engine: its folder is copied while nothing runs.
    restored = CommandLine(cli.directory / "elsewhere")
    shutil.copytree(cli.directory / "data" / "database", restored.directory / "data" / "database")
    said = await restored("ledger", "check", **BOT)
    assert (said.status, said.out, said.err) == (0, line, "")
    assert cli.processes() == []


async def test_each_difference_is_said(here: CommandsHere, ledger: Ledger, database: Database) -> None:
    await fill(ledger)
    await database.collection("accounts").update_one({"_id": f"user:{BOB}"}, {"$inc": {"owed": 3}})
    said = await here("ledger", "check")
    assert (said.status, said.out) == (1, "")
    assert said.err.splitlines() == [
        f"user:{BOB}: owed is 3, its entries make 0: +3",
        "all accounts together make -3, not 0",
        "The ledger does not add up: 2 accounts, 10 entries, sum -3; differences: 2.",
    ]


async def test_a_statement_is_in_words_newest_first(here: CommandsHere, ledger: Ledger) -> None:
    await fill(ledger)
    said = await here("ledger", "statement", str(ALICE))
    short = await here("ledger", "statement", str(ALICE), "--limit", "2")
    nobody = await here("ledger", "statement", "7")
    wrong = await here("ledger", "statement", "alice")
    assert (said.status, said.err) == (0, "")
    first, titles, *lines = said.out.splitlines()
    assert first == f"{ALICE} has 0 Stars to spend and 0 held, 10 owed."
    assert titles.split() == ["time", "(UTC)", "balance", "Stars", "what", "reference", "by", "reason", "key"]
    words = [" ".join(line.split()[2:]) for line in lines]
    assert words == [
        "10 debt forgiven =1+1 @admin -sorry, \"' x case1",
        f"-20 20 debt repaid job2 test test release:{ALICE}:job2#repaid",
        f"+20 20 given back from what was held job2 test test release:{ALICE}:job2",
        "40 refunded though spent: owed c1 test test refund:c1#debt",
        "-50 50 taken back for a refund c1 test test refund:c1",
        f"-20 20 held job2 test test hold:{ALICE}:job2",
        f"30 earned from what was held job1 test test settle:{ALICE}:job1",
        f"-30 30 held job1 test test hold:{ALICE}:job1",
        "+100 100 bought with Telegram Stars c1 test test stars:c1",
    ]
    assert len(short.out.splitlines()) == 4
    assert nobody.out.splitlines() == [
        "7 has 0 Stars to spend and 0 held.",
        "Nothing ever happened in this account.",
    ]
    assert (wrong.status, wrong.out) == (2, "")


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines(keepends=True)))


async def test_all_entries_are_exported_in_their_order_and_trick_no_spreadsheet(
    here: CommandsHere, ledger: Ledger
) -> None:
    file = here.directory / "all.csv"
    await fill(ledger)
    said = await here("ledger", "export", "--csv")
    to_file = await here("ledger", "export", "--csv", "--out", str(file))
    assert (said.status, said.err) == (0, "")
    assert (to_file.status, to_file.out, to_file.err) == (0, f"10 entries are in {file}.\n", "")
    assert file.read_text(encoding="utf-8") == said.out
    rows = rows_of(said.out)
    assert [row["key"] for row in rows] == [
        "stars:c1",
        f"hold:{ALICE}:job1",
        f"settle:{ALICE}:job1",
        f"hold:{ALICE}:job2",
        "refund:c1",
        "refund:c1#debt",
        f"release:{ALICE}:job2",
        f"release:{ALICE}:job2#repaid",
        "case1",
        f"hold:{BOB}:free1",
    ]
    assert rows[0] == {
        "key": "stars:c1",
        "time": "2030-01-01T12:00:00+00:00",
        "debit": "telegram:stars",
        "credit": f"user:{ALICE}",
        "amount": "100",
        "reference": "c1",
        "actor": "test",
        "reason": "test",
    }
    assert (rows[8]["reference"], rows[8]["actor"]) == ("'=1+1", "'@admin")
    assert rows[8]["reason"] == "'-sorry, \"'\nx"


async def test_an_export_leaves_nothing_out_silently(
    here: CommandsHere, ledger: Ledger, database: Database
) -> None:
    await fill(ledger)
    await database.collection("entries").insert_one(
        {
            "_id": f"hold:{BOB}:free1",
            "debit": "promo",
            "credit": f"held:{BOB}",
            "amount": 700,
            "reference": "",
            "actor": "",
            "reason": "",
            "at": SystemClock().now(),
            "account": "user:9",
            "sequence": 1,
        }
    )
    said = await here("ledger", "export", "--csv")
    assert said.status == 1
    assert len(rows_of(said.out)) == 10
    assert "Some entries are left out: the ledger has another entry in the place of hold:" in said.err


async def test_a_file_that_cannot_be_written_is_said(here: CommandsHere, ledger: Ledger) -> None:
    said = await here("ledger", "export", "--out", str(here.directory / "nowhere" / "all.csv"))
    assert (said.status, said.out) == (1, "")
    assert "nowhere/all.csv.part cannot be written: No such file or directory" in said.err


async def test_without_a_bot_the_commands_say_what_to_do(here: CommandsHere) -> None:
    said = await here("ledger", "check")
    assert said.status == 1
    assert "There is no bot yet" in said.err
