"""What must always hold of the ledger, proved from its entries while it is in use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.billing.operations import OUTSIDE_ACCOUNTS, REPAID
from core.billing.tally import Tally
from core.storage.accounts import Account, AccountStore
from core.storage.entries import Entry, EntryStore

_NAMED = 10
"""Of more missing or unknown entries in one account the first are named and the others counted."""


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """The outcome of a check.

    `total` is the sum over all accounts: what the documents of people's accounts say, and the entries of the
    others; it is 0. Each of `problems` is a sentence with the account and the exact difference; it names
    accounts in full and is for the operator's eyes, not for logs.
    """

    total: int
    problems: tuple[str, ...]
    accounts: int = 0
    entries: int = 0


async def check_ledger(accounts: AccountStore, entries: EntryStore) -> LedgerReport:
    """Compare every account with its entries.

    All entries are read once, in small lots that are added up and dropped. Only where an account and its sums
    differ are its entries read together, to say what is wrong.

    An account's document is read before its entries: what is not pending there was copied by then, and what
    came later is known by its place. So the check is exact beside running operations.
    """
    tallies = await _tallies(accounts, entries)
    problems: list[str] = []
    total = counted = 0
    for name, tally in sorted(tallies.items()):
        if tally.sound and not (tally.went_on and await _is_behind(accounts, tally)):
            total += tally.total
            counted += tally.counted
        else:
            finding = await _examine(accounts, entries, name)
            problems += [f"{name}: {problem}" for problem in finding.problems]
            total += finding.total
            counted += finding.entries
    if total:
        problems.append(f"all accounts together make {total}, not 0")
    return LedgerReport(total, tuple(problems), accounts=len(tallies), entries=counted)


async def _tallies(accounts: AccountStore, entries: EntryStore) -> dict[str, Tally]:
    """All accounts, and those that only the ledger knows of, with the sums of their entries."""
    tallies = {}
    async for read in accounts.batches():
        tallies.update({account.name: Tally(account) for account in read})
    async for found in entries.batches():
        for entry in found:
            tally = tallies.get(entry.account)
            if tally is None:
                tally = tallies[entry.account] = Tally(Account(entry.account))
            tally.add(entry)
    return tallies


async def _is_behind(accounts: AccountStore, tally: Tally) -> bool:
    """Whether the account, as it is now, does still not know of an entry that was found."""
    return (await accounts.get(tally.account)).version < tally.latest


async def _examine(accounts: AccountStore, entries: EntryStore, name: str) -> LedgerReport:
    """The same of one account, whose entries are read together."""
    account = await accounts.get(name)
    copied = await entries.all_of_account(name)
    made, problems = _made(account, [entry for entry in copied if entry.sequence <= account.version])
    later = [entry for entry in copied if entry.sequence > account.version]
    if later:
        problems += _unknown(later, await accounts.get(name))
    problems += _problems(account, made)
    outside = sum(_moved(made, each) for each in OUTSIDE_ACCOUNTS)
    total = account.balance + account.held - account.owed + outside
    return LedgerReport(total, tuple(problems), accounts=1, entries=len(made))


def _made(account: Account, copied: Sequence[Entry]) -> tuple[list[Entry], list[str]]:
    """The entries that were made in the account up to its version, and what is wrong with their places."""
    problems = []
    made = {entry.sequence: entry for entry in copied}
    for entry in account.pending:
        if made.setdefault(entry.sequence, entry) != entry:
            problems.append(f"{entry.key} is pending and another entry is in its place in the ledger")
    missing = [number for number in range(1, account.version + 1) if number not in made]
    if missing:
        problems.append(f"of {account.version} entries these are missing: {_named(missing)}")
    return list(made.values()), problems


def _unknown(entries: Sequence[Entry], account: Account) -> list[str]:
    keys = [entry.key for entry in entries if entry.sequence > account.version]
    return [f"the ledger has {_named(keys)}, of which the account does not know"] if keys else []


def _named(things: Sequence[object]) -> str:
    named = ", ".join(map(str, things[:_NAMED]))
    return named if len(things) <= _NAMED else f"{named} and {len(things) - _NAMED} more"


def _problems(account: Account, made: Sequence[Entry]) -> list[str]:
    owner = account.name.partition(":")[2]
    problems = [f"{entry.key} moves {entry.amount}" for entry in made if entry.amount <= 0]
    problems += _differs("balance", account.balance, _moved(made, account.name))
    problems += _differs("held", account.held, _moved(made, f"held:{owner}"))
    problems += _differs("owed", account.owed, -_moved(made, f"debt:{owner}"))
    if account.balance > 0 and account.owed > 0:
        problems.append(f"balance is {account.balance} while {account.owed} are owed")
    held = sum(hold.amount for hold in account.holds.values())
    if held != account.held:
        problems.append(f"its holds make {held}, held is {account.held}: {account.held - held:+d}")
    problems += _hold_problems(account, owner, made)
    return problems


def _differs(what: str, kept: int, summed: int) -> list[str]:
    problems = []
    if kept < 0:
        problems.append(f"{what} is {kept}, below 0")
    if kept != summed:
        problems.append(f"{what} is {kept}, its entries make {summed}: {kept - summed:+d}")
    return problems


def _hold_problems(account: Account, owner: str, made: Sequence[Entry]) -> list[str]:
    """Holds that did not end once: neither still held nor ended, or ended more than once."""
    keys = {entry.key for entry in made if not entry.key.endswith(REPAID)}
    begun = {key.split(":", 2)[2] for key in keys if key.startswith(f"hold:{owner}:")}
    endings = Counter(
        key.split(":", 2)[2] for key in keys if key.startswith((f"settle:{owner}:", f"release:{owner}:"))
    )
    ends = endings + Counter(account.holds.keys())
    problems = [f"the hold {hold} was never begun" for hold in sorted(ends.keys() - begun)]
    for hold in sorted(begun):
        if ends[hold] == 0:
            problems.append(f"the hold {hold} is gone and was neither settled nor released")
        elif ends[hold] > 1:
            problems.append(f"the hold {hold} ended {ends[hold]} times, or goes on after its end")
    return problems


def _moved(entries: Sequence[Entry], account: str) -> int:
    """What entries brought to an account, less what they took."""
    came = sum(entry.amount for entry in entries if entry.credit == account)
    return came - sum(entry.amount for entry in entries if entry.debit == account)
