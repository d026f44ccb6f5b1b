"""The sums of an account's entries and the full examination find the same accounts wrong."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from core.billing.debts import ClawBack, Forgive
from core.billing.holding import EndHold, Hold
from core.billing.invariants import _made, _problems
from core.billing.operations import PROMO, Note, Operation, Transfer
from core.billing.tally import Tally
from core.errors import InsufficientStars, UnknownHold
from core.storage.accounts import Account, AccountChange, StoredHold
from core.storage.entries import Entry

AT = datetime(2030, 1, 1, tzinfo=UTC)
NOTE = Note("", "test", "test")


def applied(account: Account, change: AccountChange) -> Account:
    """The account after a change, as the database makes it; nothing is ever copied."""
    change = change.placed_in(account)
    holds = {name: hold for name, hold in account.holds.items() if name != change.end_hold}
    if change.begin_hold:
        holds[change.begin_hold] = StoredHold(change.entries[0].amount, AT, change.hold_source)
    return Account(
        account.name,
        account.balance + change.balance,
        account.held + change.held,
        account.owed + change.owed,
        account.version + len(change.entries),
        holds,
        (*account.pending, *change.entries),
    )


def operation(chance: random.Random, number: int) -> Operation:
    amount, hold = chance.randrange(1, 20), f"job{chance.randrange(6)}"
    return chance.choice(
        [
            Transfer(7, amount, "manual", f"k{number}", NOTE),
            Transfer(7, -amount, "refund", f"k{number}", NOTE),
            Hold(7, f"{hold}.{number}", amount, NOTE, chance.choice(["", PROMO])),
            EndHold(chance.choice(["settle", "release"]), 7, hold, NOTE),
            ClawBack(7, amount, "refund", f"k{number}", NOTE),
            Forgive(7, amount, f"k{number}", NOTE),
        ]
    )


def lived(chance: random.Random) -> Account:
    """An account in which much has happened."""
    account = Account("user:7")
    for number in range(chance.randrange(1, 40)):
        wanted = operation(chance, number)
        if isinstance(wanted, EndHold) and account.holds:
            wanted = replace(wanted, hold_id=chance.choice(sorted(account.holds)))
        try:
            change = wanted.change(account, AT)
        except (InsufficientStars, UnknownHold):
            continue
        if change is not None:
            account = applied(account, change)
            assert min(account.balance, account.held, account.owed) >= 0
            assert account.balance == 0 or account.owed == 0
    return account


def damaged(chance: random.Random, account: Account, entries: list[Entry]) -> tuple[Account, list[Entry]]:
    """One thing is wrong with the account or with its entries, or by chance nothing."""
    drift = chance.choice([-5, -1, 1, 5])
    match chance.randrange(7):
        case 0:
            account = replace(account, balance=account.balance + drift)
        case 1:
            account = replace(account, held=account.held + drift)
        case 2:
            account = replace(account, owed=account.owed + drift)
        case 3:
            account = replace(account, holds=dict(list(account.holds.items())[1:]))
        case 4:
            account = replace(account, holds={**account.holds, "forged": StoredHold(drift, AT)})
        case 5 if entries:
            entries = entries.copy()
            entries.remove(chance.choice(entries))
        case 6 if entries:
            entries = entries.copy()
            place = chance.randrange(len(entries))
            entries[place] = replace(entries[place], amount=entries[place].amount + drift)
    return account, entries


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.integers(0, 2**32), st.booleans())
def test_the_sums_and_the_full_examination_agree(seed: int, harm: bool) -> None:
    chance = random.Random(seed)
    account = lived(chance)
    every = list(account.pending)
    left = chance.randrange(len(every) + 1)
    account = replace(account, pending=tuple(every[left:]))
    # What is pending may have been copied already.
    copied = every[: chance.randrange(left, len(every) + 1)]
    if harm:
        account, copied = damaged(chance, account, copied)
    tally = Tally(account)
    for entry in chance.sample(copied, len(copied)):
        tally.add(entry)
    made, problems = _made(account, copied)
    problems += _problems(account, made)
    assert tally.sound == (not problems)
    if not harm:
        assert problems == []
        assert tally.total == 0
