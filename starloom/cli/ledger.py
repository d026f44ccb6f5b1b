"""`ledger`: prove it, read a person's entries, write all of it down for accountants."""

from __future__ import annotations

import asyncio
import csv
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TextIO

from core.billing.ledger import Balance, Entry, Ledger
from core.clock import SystemClock
from core.errors import LedgerError, StarloomError
from starloom.cli.data import open_database
from starloom.cli.options import Options
from starloom.cli.speaking import FAILED, aligned, complain, say

_Work = Callable[[Ledger], Awaitable[int]]

_HEADER = ("key", "time", "debit", "credit", "amount", "reference", "actor", "reason")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula."""
_ACCOUNTS = {
    "user": "balance",
    "held": "what is held",
    "debt": "debt",
    "telegram": "Telegram",
    "manual": "money transfer",
    "promo": "free of charge",
    "revenue": "revenue",
    "refund": "refunds",
    "adjustment": "corrections",
}
_MOVES = {
    ("telegram", "user"): "bought with Telegram Stars",
    ("manual", "user"): "topped up by money transfer",
    ("promo", "user"): "given free of charge",
    ("adjustment", "user"): "corrected: added",
    ("user", "held"): "held",
    ("promo", "held"): "held, free of charge",
    ("held", "revenue"): "earned from what was held",
    ("held", "user"): "given back from what was held",
    ("held", "promo"): "free of charge and not used",
    ("user", "refund"): "taken back for a refund",
    ("debt", "refund"): "refunded though spent: owed",
    ("user", "debt"): "debt repaid",
    ("adjustment", "debt"): "debt forgiven",
    ("user", "adjustment"): "corrected: taken",
}


def check(options: Options) -> int:
    """Prove the ledger: one line when it adds up, otherwise every difference; the exit status."""

    async def work(ledger: Ledger) -> int:
        report = await ledger.check()
        counted = f"{report.accounts} accounts, {report.entries} entries, sum {report.total}"
        if not report.problems:
            say(f"The ledger adds up: {counted}.")
            return 0
        for problem in report.problems:
            complain(problem)
        complain(f"The ledger does not add up: {counted}; differences: {len(report.problems)}.")
        return FAILED

    return _with_ledger(options, work)


def statement(options: Options, user_id: int, limit: int) -> int:
    """Print what a person has, and the last entries, newest first; the exit status."""

    async def work(ledger: Ledger) -> int:
        entries = await ledger.statement(user_id, limit)
        say(_has(user_id, await ledger.balance(user_id)))
        if not entries:
            say("Nothing ever happened in this account.")
            return 0
        for line in aligned([_TITLES, *(_told(entry) for entry in entries)]):
            say(line)
        return 0

    return _with_ledger(options, work)


def export(options: Options, out: Path | None) -> int:
    """Write all entries as CSV in the order of their time, to standard output or a file; the exit status."""

    async def work(ledger: Ledger) -> int:
        complete = await _copied(ledger)
        if out is None:
            await _write(ledger, sys.stdout)
        else:
            # The name is given to a whole file only.
            part = out.with_name(f"{out.name}.part")
            with part.open("w", encoding="utf-8", newline="") as file:
                written = await _write(ledger, file)
            part.replace(out)
            say(f"{written} entries are in {out}.")
        return 0 if complete else FAILED

    return _with_ledger(options, work)


async def _copied(ledger: Ledger) -> bool:
    """Bring the newest entries into the ledger; whether that went well."""
    try:
        await ledger.copy()
    except LedgerError as error:
        complain(f"Some entries are left out: {error}. See `python run.py ledger check`.")
        return False
    return True


async def _write(ledger: Ledger, file: TextIO) -> int:
    """How many entries were written."""
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(_HEADER)
    written = 0
    async for entries in ledger.journal():
        rows.writerows(_row(entry) for entry in entries)
        written += len(entries)
    file.flush()
    return written


def _row(entry: Entry) -> list[str | int]:
    texts = (entry.reference, entry.actor, entry.reason)
    return [
        _harmless(entry.key),
        entry.at.isoformat(),
        entry.debit,
        entry.credit,
        entry.amount,
        *map(_harmless, texts),
    ]


def _harmless(text: str) -> str:
    """The text, which a spreadsheet does not take for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


_TITLES = ("time (UTC)", "balance", "Stars", "what", "reference", "by", "reason", "key")


def _told(entry: Entry) -> tuple[str, ...]:
    debit, credit = _kind(entry.debit), _kind(entry.credit)
    sign = "+" if credit == "user" else "-" if debit == "user" else ""
    what = _MOVES.get((debit, credit)) or f"from {_account(debit)} to {_account(credit)}"
    return (
        f"{entry.at:%Y-%m-%d %H:%M:%S}",
        f"{sign}{entry.amount}" if sign else "",
        str(entry.amount),
        what,
        entry.reference,
        entry.actor,
        entry.reason,
        entry.key,
    )


def _kind(account: str) -> str:
    return account.partition(":")[0]


def _account(kind: str) -> str:
    return _ACCOUNTS.get(kind, kind)


def _has(user_id: int, balance: Balance) -> str:
    owed = f", {balance.owed} owed" if balance.owed else ""
    return f"{user_id} has {balance.available} Stars to spend and {balance.held} held{owed}."


def _with_ledger(options: Options, work: _Work) -> int:
    try:
        return asyncio.run(_run(options, work))
    except StarloomError as error:
        complain(str(error))
    except OSError as error:
        complain(f"{error.filename or 'the output'} cannot be written: {error.strerror}")
    return FAILED


async def _run(options: Options, work: _Work) -> int:
    async with open_database(options) as database:
        return await work(Ledger(database, SystemClock()))
