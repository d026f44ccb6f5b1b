"""What can be done to an account: of each operation its key, and what it changes there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from core.errors import InsufficientStars, KeyConflict, LedgerError, UnknownHold
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

_HOLD_ID = re.compile(r"[A-Za-z0-9_:.-]{1,128}")
_KEY_LENGTH = 512
_OWN_KEYS = ("hold:", "settle:", "release:")


def user_account(user_id: int) -> str:
    """The name of a person's account."""
    return f"user:{_user(user_id)}"


def held_account(user_id: int) -> str:
    """The name of the account of what is held from a person."""
    return f"held:{_user(user_id)}"


@dataclass(frozen=True, slots=True)
class Note:
    """What an entry says beside the money: what it belongs to, who did it and why."""

    reference: str
    actor: str
    reason: str


class Operation(Protocol):
    """One operation on one account, which happens once however often it is asked for."""

    @property
    def account(self) -> str:
        """The account that it changes."""
        ...

    @property
    def key(self) -> str:
        """The key of its entry."""
        ...

    def surely_new(self, account: Account) -> bool:
        """Whether the account alone shows that the operation has not happened yet."""
        ...

    def change(self, account: Account, at: datetime) -> AccountChange:
        """What it changes.

        Raises:
            InsufficientStars: the balance does not cover it.
            UnknownHold: it ends a hold that is not there.

        """
        ...

    def compare(self, done: Entry) -> None:
        """Check that it is the operation which made the entry.

        Raises:
            KeyConflict: it is another one.

        """
        ...


@dataclass(frozen=True, slots=True)
class Transfer:
    """Stars from outside to a person (`amount` > 0) or back (`amount` < 0)."""

    user_id: int
    amount: int
    outside: str
    key: str
    note: Note

    def __post_init__(self) -> None:
        check_amount(abs(self.amount))
        if self.outside not in OUTSIDE_ACCOUNTS:
            raise LedgerError(f"{self.outside!r} is none of {', '.join(sorted(OUTSIDE_ACCOUNTS))}")
        if not 0 < len(self.key) <= _KEY_LENGTH or self.key.startswith(_OWN_KEYS):
            raise LedgerError(f"{self.key!r} cannot be the key of an entry")

    @property
    def account(self) -> str:
        """The person's account."""
        return user_account(self.user_id)

    def surely_new(self, account: Account) -> bool:
        """Whether nothing ever happened in the account."""
        return account.version == 0

    def entry(self, at: datetime) -> Entry:
        """The entry to be made, without its place in the account."""
        debit, credit = (self.outside, self.account) if self.amount > 0 else (self.account, self.outside)
        note = self.note
        return Entry(
            self.key,
            debit,
            credit,
            abs(self.amount),
            note.reference,
            note.actor,
            note.reason,
            at,
            self.account,
        )

    def change(self, account: Account, at: datetime) -> AccountChange:
        """Move the balance by the amount."""
        if self.amount < 0:
            _cover(account, -self.amount)
        elif account.balance + account.held + self.amount > INT64_MAX:
            raise LedgerError(f"{account.name} cannot hold that many Stars")
        return AccountChange(self.entry(at), balance=self.amount)

    def compare(self, done: Entry) -> None:
        """The same accounts and the same amount make it the same."""
        if not done.moves_as(self.entry(done.at)):
            raise KeyConflict(f"{self.key} moved {done.amount} from {done.debit} to {done.credit} before")


@dataclass(frozen=True, slots=True)
class Hold:
    """Set Stars aside under an id."""

    user_id: int
    hold_id: str
    amount: int
    note: Note

    def __post_init__(self) -> None:
        check_amount(self.amount)
        check_hold_id(self.hold_id)

    @property
    def account(self) -> str:
        """The person's account."""
        return user_account(self.user_id)

    @property
    def key(self) -> str:
        """The key of the hold's entry."""
        return f"hold:{self.user_id}:{self.hold_id}"

    def surely_new(self, account: Account) -> bool:
        """Whether nothing ever happened in the account."""
        return account.version == 0

    def change(self, account: Account, at: datetime) -> AccountChange:
        """Move the amount from the balance to what is held."""
        _cover(account, self.amount)
        note = self.note
        entry = Entry(
            key=self.key,
            debit=self.account,
            credit=held_account(self.user_id),
            amount=self.amount,
            reference=note.reference,
            actor=note.actor,
            reason=note.reason,
            at=at,
            account=self.account,
        )
        return AccountChange(entry, balance=-self.amount, held=self.amount, begin_hold=self.hold_id)

    def compare(self, done: Entry) -> None:
        """The same amount makes it the same hold."""
        if done.amount != self.amount:
            raise KeyConflict(f"the hold {self.hold_id} is over {done.amount} Stars, not {self.amount}")


@dataclass(frozen=True, slots=True)
class EndHold:
    """Settle a hold (its Stars are earned) or release it (its Stars go back)."""

    kind: Literal["settle", "release"]
    user_id: int
    hold_id: str
    note: Note

    def __post_init__(self) -> None:
        check_hold_id(self.hold_id)

    @property
    def account(self) -> str:
        """The person's account."""
        return user_account(self.user_id)

    @property
    def key(self) -> str:
        """The key of the entry that ends the hold."""
        return f"{self.kind}:{self.user_id}:{self.hold_id}"

    def surely_new(self, account: Account) -> bool:
        """Whether the hold is still there, or nothing ever happened in the account."""
        return self.hold_id in account.holds or account.version == 0

    def change(self, account: Account, at: datetime) -> AccountChange:
        """Move what is held to the revenue, or back to the balance."""
        hold = account.holds.get(self.hold_id)
        if hold is None:
            raise UnknownHold(self.hold_id)
        note = self.note
        back = self.kind == "release"
        entry = Entry(
            key=self.key,
            debit=held_account(self.user_id),
            credit=self.account if back else REVENUE,
            amount=hold.amount,
            reference=note.reference,
            actor=note.actor,
            reason=note.reason,
            at=at,
            account=self.account,
        )
        balance = hold.amount if back else 0
        return AccountChange(entry, balance=balance, held=-hold.amount, end_hold=self.hold_id)

    def compare(self, done: Entry) -> None:
        """The key says it all."""


def check_amount(amount: int) -> None:
    """Raise LedgerError unless the amount is a whole number of Stars, at least 1, within 64 bits."""
    if type(amount) is not int or not 0 < amount <= INT64_MAX:
        raise LedgerError(f"{amount!r} is not an amount: whole Stars, at least 1")


def check_hold_id(hold_id: str) -> None:
    """Raise LedgerError unless the id can name a hold."""
    if not _HOLD_ID.fullmatch(hold_id):
        raise LedgerError(f"{hold_id!r} cannot name a hold")


def _cover(account: Account, amount: int) -> None:
    if account.balance < amount:
        raise InsufficientStars(needed=amount, available=account.balance)


def _user(user_id: int) -> int:
    if type(user_id) is not int or not 0 < user_id <= INT64_MAX:
        raise LedgerError(f"{user_id!r} is not a person's id")
    return user_id
