"""Holds: Stars that are set aside for a generation, and how they end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from core.billing.operations import (
    PROMO,
    REVENUE,
    Note,
    check_amount,
    check_room,
    cover,
    held_account,
    received,
    user_account,
)
from core.errors import KeyConflict, LedgerError, UnknownHold
from core.storage.accounts import Account, AccountChange
from core.storage.entries import Entry

_HOLD_ID = re.compile(r"[A-Za-z0-9_:.-]{1,128}")
_SOURCES = ("", PROMO)


def hold_key(user_id: int, hold_id: str) -> str:
    """The key of the entry that begins a hold."""
    return f"hold:{user_id}:{hold_id}"


def settle_key(user_id: int, hold_id: str) -> str:
    """The key of the entry that settles a hold."""
    return f"settle:{user_id}:{hold_id}"


def release_key(user_id: int, hold_id: str) -> str:
    """The key of the entry that releases a hold."""
    return f"release:{user_id}:{hold_id}"


@dataclass(frozen=True, slots=True)
class Hold:
    """Set Stars aside under an id: the person's own, or those of `source`."""

    user_id: int
    hold_id: str
    amount: int
    note: Note
    source: str = ""

    def __post_init__(self) -> None:
        check_amount(self.amount)
        check_hold_id(self.hold_id)
        if self.source not in _SOURCES:
            raise LedgerError(f"{self.source!r} cannot be the source of a hold")

    @property
    def account(self) -> str:
        """The person's account."""
        return user_account(self.user_id)

    @property
    def keys(self) -> Sequence[str]:
        """The key of the hold's entry."""
        return (hold_key(self.user_id, self.hold_id),)

    def surely_new(self, account: Account) -> bool:
        """Whether nothing ever happened in the account."""
        return account.version == 0

    def change(self, account: Account, at: datetime) -> AccountChange:
        """Move the amount from the balance, or from the source, to what is held."""
        if self.source:
            check_room(account, self.amount)
        else:
            cover(account, self.amount)
        entry = self.note.entry(
            self.keys[0], self.source or self.account, held_account(self.user_id), self.amount, at
        )
        taken = 0 if self.source else self.amount
        return AccountChange(
            (entry,), balance=-taken, held=self.amount, begin_hold=self.hold_id, hold_source=self.source
        )

    def compare(self, done: Sequence[Entry]) -> None:
        """The same amount from the same source make it the same hold."""
        entry = done[0]
        if (entry.debit, entry.amount) != (self.source or self.account, self.amount):
            raise KeyConflict(
                f"the hold {self.hold_id} is over {entry.amount} Stars of {entry.debit}, "
                f"not {self.amount} of {self.source or self.account}"
            )


@dataclass(frozen=True, slots=True)
class EndHold:
    """Settle a hold (its Stars are earned) or release it (its Stars go back to where they came from)."""

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
    def keys(self) -> Sequence[str]:
        """The key of the entry that ends the hold."""
        key = settle_key if self.kind == "settle" else release_key
        return (key(self.user_id, self.hold_id),)

    def surely_new(self, account: Account) -> bool:
        """Whether the hold is still there, or nothing ever happened in the account."""
        return self.hold_id in account.holds or account.version == 0

    def change(self, account: Account, at: datetime) -> AccountChange:
        """Move what is held to the revenue, or back."""
        hold = account.holds.get(self.hold_id)
        if hold is None:
            raise UnknownHold(self.hold_id)
        target = REVENUE if self.kind == "settle" else hold.source or self.account
        entry = self.note.entry(self.keys[0], held_account(self.user_id), target, hold.amount, at)
        if target != self.account:
            return AccountChange((entry,), held=-hold.amount, end_hold=self.hold_id)
        return received(account, self.user_id, entry).ending(self.hold_id, hold.amount)

    def compare(self, done: Sequence[Entry]) -> None:
        """The key says it all."""


def check_hold_id(hold_id: str) -> None:
    """Raise LedgerError unless the id can name a hold."""
    if not _HOLD_ID.fullmatch(hold_id):
        raise LedgerError(f"{hold_id!r} cannot name a hold")
