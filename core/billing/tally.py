"""One account beside what its entries come to, added up entry by entry as they are read."""

from __future__ import annotations

from core.billing.operations import OUTSIDE_ACCOUNTS, REPAID
from core.storage.accounts import Account
from core.storage.entries import Entry

_HOLD_STEPS = {"hold": 1, "settle": -1, "release": -1}


class Tally:
    """An account as it was read, and the sums of its entries up to then, in whatever order they come.

    It keeps no entry but the pending ones, so it stays small however many there are.
    """

    __slots__ = (
        "_bad",
        "_debt",
        "_held",
        "_holds",
        "_kept",
        "_owner",
        "_pending",
        "_sums",
        "account",
        "counted",
        "latest",
        "outside",
        "version",
    )

    def __init__(self, account: Account) -> None:
        self.account = account.name
        self.version = account.version
        self.counted = 0
        """How many entries were added, those that were made after the account was read left out."""
        self.latest = 0
        """The last place that an entry has in the account, also of one made after the account was read."""
        self.outside = 0
        """What the entries brought to the accounts of the world outside."""
        self._owner = account.name.partition(":")[2]
        self._held, self._debt = f"held:{self._owner}", f"debt:{self._owner}"
        self._kept = (account.balance, account.held, account.owed)
        self._sums = {self.account: 0, self._held: 0, self._debt: 0}
        self._holds = dict.fromkeys(account.holds, -1)
        self._pending = {entry.sequence: entry for entry in account.pending}
        self._bad = self._contradicts_itself(account)
        for entry in self._pending.values():
            self._count(entry)

    @property
    def total(self) -> int:
        """What the account and the world outside come to together: 0."""
        balance, held, owed = self._kept
        return balance + held - owed + self.outside

    @property
    def sound(self) -> bool:
        """Whether everything agrees, now that all entries were added."""
        balance, held, owed = self._kept
        sums = (self._sums[self.account], self._sums[self._held], -self._sums[self._debt])
        return not self._bad and not self._holds and sums == (balance, held, owed) and self.complete

    @property
    def complete(self) -> bool:
        """Whether there are as many entries as were made; no two of them have one place."""
        return self.counted == self.version

    @property
    def went_on(self) -> bool:
        """Whether entries were found that the account did not know of when it was read."""
        return self.latest > self.version

    def add(self, entry: Entry) -> None:
        """Add an entry of the ledger that was made in this account."""
        self.latest = max(self.latest, entry.sequence)
        if entry.sequence > self.version:
            return
        pending = self._pending.get(entry.sequence)
        if pending is None:
            self._count(entry)
        elif pending != entry:
            self._bad = True

    def _count(self, entry: Entry) -> None:
        self.counted += 1
        for account, amount in ((entry.credit, entry.amount), (entry.debit, -entry.amount)):
            if account in self._sums:
                self._sums[account] += amount
            elif account in OUTSIDE_ACCOUNTS:
                self.outside += amount
        if entry.amount <= 0:
            self._bad = True
        step, _, rest = entry.key.partition(":")
        if step in _HOLD_STEPS and not entry.key.endswith(REPAID):
            self._step(rest.partition(":")[2], _HOLD_STEPS[step])

    def _step(self, hold: str, step: int) -> None:
        # What is held at present begins at -1, so that every hold comes to 0.
        left = self._holds.pop(hold, 0) + step
        if left:
            self._holds[hold] = left

    def _contradicts_itself(self, account: Account) -> bool:
        held = sum(hold.amount for hold in account.holds.values())
        return min(self._kept) < 0 or account.balance * account.owed > 0 or held != account.held
