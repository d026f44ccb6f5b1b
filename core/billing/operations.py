"""What can be done to a person's account: of each operation its keys, and what it changes there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.errors import InsufficientStars, KeyConflict, LedgerError
from core.storage.accounts import Account, AccountChange
from core.storage.codec import INT64_MAX
from core.storage.entries import Entry

TELEGRAM_STARS = "telegram:stars"
MANUAL = "manual"
REVENUE = "revenue"
PROMO = "promo"
REFUND = "refund"
ADJUSTMENT = "adjustment"
OUTSIDE_ACCOUNTS = frozenset({TELEGRAM_STARS, MANUAL, REVENUE, PROMO, REFUND, ADJUSTMENT})
"""The accounts that stand for the world outside: they cannot run short and are sums of their entries."""

REPAID = "#repaid"
"""What the key of an entry that repays a debt ends with, behind the key of what it was repaid from."""
DEBT = "#debt"
"""What the key of the part of a claw back ends with that the balance did not cover."""
_KEY_LENGTH = 512
_OWN_KEYS = ("hold:", "settle:", "release:")
_OWN_ENDINGS = (REPAID, DEBT)


def user_account(user_id: int) -> str:
    """The name of a person's account."""
    return f"user:{_user(user_id)}"


def held_account(user_id: int) -> str:
    """The name of the account of what is held from a person."""
    return f"held:{_user(user_id)}"


def debt_account(user_id: int) -> str:
    """The name of the account of what a person owes."""
    return f"debt:{_user(user_id)}"


@dataclass(frozen=True, slots=True)
class Note:
    """What an entry says beside the money: what it belongs to, who did it and why."""

    reference: str
    actor: str
    reason: str

    def entry(self, key: str, debit: str, credit: str, amount: int, at: datetime) -> Entry:
        """An entry with this note, which has no place in an account yet."""
        return Entry(key, debit, credit, amount, self.reference, self.actor, self.reason, at)


class Operation(Protocol):
    """One operation on one account, which happens once however often it is asked for."""

    @property
    def account(self) -> str:
        """The account that it changes."""
        ...

    @property
    def keys(self) -> Sequence[str]:
        """The keys by which its entries are found: at least one of them is made, all in one change."""
        ...

    def surely_new(self, account: Account) -> bool:
        """Whether the account alone shows that the operation has not happened yet."""
        ...

    def change(self, account: Account, at: datetime) -> AccountChange | None:
        """What it changes; None when there is nothing to change.

        Raises:
            InsufficientStars: the balance does not cover it.
            UnknownHold: it ends a hold that is not there.

        """
        ...

    def compare(self, done: Sequence[Entry]) -> None:
        """Check that it is the operation which made the entries that its keys found.

        Raises:
            KeyConflict: it is another one.

        """
        ...


class Claimant(Operation, Protocol):
    """An operation whose caller chose its key, which is claimed in the whole ledger before it is used."""

    def claim(self, at: datetime) -> Entry:
        """What the key is to mean."""
        ...


@dataclass(frozen=True, slots=True)
class Transfer:
    """Stars from outside to a person (`amount` > 0) or back (`amount` < 0).

    What comes in repays a debt first.
    """

    user_id: int
    amount: int
    outside: str
    key: str
    note: Note

    def __post_init__(self) -> None:
        check_amount(abs(self.amount))
        check_outside(self.outside)
        check_key(self.key)

    @property
    def account(self) -> str:
        """The person's account."""
        return user_account(self.user_id)

    @property
    def keys(self) -> Sequence[str]:
        """Its own; for what takes Stars also that of a claw back, which may have come before it."""
        return (self.key,) if self.amount > 0 else (self.key, self.key + DEBT)

    def surely_new(self, account: Account) -> bool:
        """Whether nothing ever happened in the account."""
        return account.version == 0

    def claim(self, at: datetime) -> Entry:
        """The entry itself, without its place in the account."""
        debit, credit = (self.outside, self.account) if self.amount > 0 else (self.account, self.outside)
        return self.note.entry(self.key, debit, credit, abs(self.amount), at)

    def change(self, account: Account, at: datetime) -> AccountChange:
        """Move the balance by the amount."""
        if self.amount < 0:
            cover(account, -self.amount)
            return AccountChange((self.claim(at),), balance=self.amount)
        check_room(account, self.amount)
        return received(account, self.user_id, self.claim(at))

    def compare(self, done: Sequence[Entry]) -> None:
        """The same accounts and the same amount make it the same."""
        for entry in done:
            if entry.key != self.key or not entry.moves_as(self.claim(entry.at)):
                raise KeyConflict(
                    f"{entry.key} moved {entry.amount} from {entry.debit} to {entry.credit} before"
                )


def received(account: Account, user_id: int, entry: Entry) -> AccountChange:
    """What `entry`, which brings Stars to the person's balance, changes: a debt is repaid from it first."""
    repaid = min(account.owed, entry.amount)
    if not repaid:
        return AccountChange((entry,), balance=entry.amount)
    note = Note(entry.reference, entry.actor, entry.reason)
    repayment = note.entry(entry.key + REPAID, user_account(user_id), debt_account(user_id), repaid, entry.at)
    return AccountChange((entry, repayment), balance=entry.amount - repaid, owed=-repaid)


def check_amount(amount: int) -> None:
    """Raise LedgerError unless the amount is a whole number of Stars, at least 1, within 64 bits."""
    if type(amount) is not int or not 0 < amount <= INT64_MAX:
        raise LedgerError(f"{amount!r} is not an amount: whole Stars, at least 1")


def check_key(key: str) -> None:
    """Raise LedgerError unless a caller may give an entry this key."""
    if not 0 < len(key) <= _KEY_LENGTH or key.startswith(_OWN_KEYS) or key.endswith(_OWN_ENDINGS):
        raise LedgerError(f"{key!r} cannot be the key of an entry")


def check_outside(account: str) -> None:
    """Raise LedgerError unless it is an account of the world outside."""
    if account not in OUTSIDE_ACCOUNTS:
        raise LedgerError(f"{account!r} is none of {', '.join(sorted(OUTSIDE_ACCOUNTS))}")


def check_room(account: Account, amount: int) -> None:
    """Raise LedgerError unless the account can hold so many Stars more."""
    if account.balance + account.held + amount > INT64_MAX:
        raise LedgerError(f"{account.name} cannot hold that many Stars")


def cover(account: Account, amount: int) -> None:
    """Raise InsufficientStars unless the balance covers the amount."""
    if account.balance < amount:
        raise InsufficientStars(needed=amount, available=account.balance)


def _user(user_id: int) -> int:
    if type(user_id) is not int or not 0 < user_id <= INT64_MAX:
        raise LedgerError(f"{user_id!r} is not a person's id")
    return user_id
