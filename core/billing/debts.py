"""Debts: what is taken back and was spent already, and what is forgiven of it.

A debt is booked in an account of its own, `debt:ID`, and kept beside the balance in the person's account. It
is repaid from whatever comes to the balance, so a person never has both Stars and a debt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.billing.operations import (
    ADJUSTMENT,
    DEBT,
    Note,
    check_amount,
    check_key,
    check_outside,
    debt_account,
    user_account,
)
from core.errors import KeyConflict, LedgerError
from core.storage.accounts import Account, AccountChange
from core.storage.codec import INT64_MAX
from core.storage.entries import Entry


@dataclass(frozen=True, slots=True)
class ClawBack:
    """Take Stars from a person to `target`, as far as the balance goes; the rest is owed."""

    user_id: int
    amount: int
    target: str
    key: str
    note: Note

    def __post_init__(self) -> None:
        check_amount(self.amount)
        check_outside(self.target)
        check_key(self.key)

    @property
    def account(self) -> str:
        """The person's account."""
        return user_account(self.user_id)

    @property
    def keys(self) -> Sequence[str]:
        """The key of what was taken, and the key of what is owed."""
        return (self.key, self.key + DEBT)

    def surely_new(self, account: Account) -> bool:
        """Whether nothing ever happened in the account."""
        return account.version == 0

    def claim(self, at: datetime) -> Entry:
        """The same as of a debit: where that took everything, nothing is left to be clawed back."""
        return self.note.entry(self.key, self.account, self.target, self.amount, at)

    def change(self, account: Account, at: datetime) -> AccountChange:
        """Take what there is, and book the rest as a debt."""
        taken = min(account.balance, self.amount)
        owed = self.amount - taken
        if account.owed + owed > INT64_MAX:
            raise LedgerError(f"{account.name} cannot owe that many Stars")
        entries = []
        if taken:
            entries.append(self.note.entry(self.key, self.account, self.target, taken, at))
        if owed:
            debt = debt_account(self.user_id)
            entries.append(self.note.entry(self.key + DEBT, debt, self.target, owed, at))
        return AccountChange(tuple(entries), balance=-taken, owed=owed)

    def compare(self, done: Sequence[Entry]) -> None:
        """What was taken and what is owed make the amount together, whatever the balance is now."""
        moved = sum(entry.amount for entry in done)
        accounts = (self.account, debt_account(self.user_id))
        if moved != self.amount or any(
            entry.credit != self.target or entry.debit not in accounts for entry in done
        ):
            raise KeyConflict(f"{self.key} moved {moved} to {done[0].credit} before")


@dataclass(frozen=True, slots=True)
class Forgive:
    """Give up a debt, at most `amount` of it."""

    user_id: int
    amount: int
    key: str
    note: Note

    def __post_init__(self) -> None:
        check_amount(self.amount)
        check_key(self.key)

    @property
    def account(self) -> str:
        """The person's account."""
        return user_account(self.user_id)

    @property
    def keys(self) -> Sequence[str]:
        """The key of its entry."""
        return (self.key,)

    def surely_new(self, account: Account) -> bool:
        """Whether nothing ever happened in the account."""
        return account.version == 0

    def claim(self, at: datetime) -> Entry:
        """The entry with the whole amount."""
        return self._entry(self.amount, at)

    def change(self, account: Account, at: datetime) -> AccountChange | None:
        """Book against the debt what is left of it, at most the amount; None when nothing is owed."""
        forgiven = min(account.owed, self.amount)
        return AccountChange((self._entry(forgiven, at),), owed=-forgiven) if forgiven else None

    def compare(self, done: Sequence[Entry]) -> None:
        """The same accounts make it the same: how much was forgiven depended on the debt."""
        entry = done[0]
        if not entry.moves_as(self._entry(entry.amount, entry.at)):
            raise KeyConflict(f"{self.key} moved {entry.amount} from {entry.debit} to {entry.credit} before")

    def _entry(self, amount: int, at: datetime) -> Entry:
        return self.note.entry(self.key, ADJUSTMENT, debt_account(self.user_id), amount, at)
