"""The ledger: whole Stars in double entry, exact whatever crashes, repeats or races.

An account that can run short is one document with its balance, its holds and its newest entries, so that
one conditional update moves the money and writes the entry together. A copier then puts the entries into the
ledger, by their unique keys, before it drops them from the account. Whoever repeats an operation finds its
key in one of the two places.

    credit     telegram:stars, manual, promo … -> user:ID
    debit      user:ID -> refund, adjustment …
    hold       user:ID -> held:ID, of a free generation promo -> held:ID
    settle     held:ID -> revenue
    release    held:ID -> user:ID, of a free generation held:ID -> promo
    claw back  user:ID -> refund …, and what the balance lacks debt:ID -> refund …
    forgive    adjustment -> debt:ID

Whatever comes to a balance repays a debt first, in the same change (user:ID -> debt:ID).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar
from weakref import WeakValueDictionary

from core.billing.copying import Copier
from core.billing.debts import ClawBack, Forgive
from core.billing.holding import EndHold, Hold
from core.billing.invariants import LedgerReport, check_ledger
from core.billing.operations import (
    DEBT,
    REPAID,
    Claimant,
    Note,
    Operation,
    Transfer,
    check_amount,
    user_account,
)
from core.clock import Clock
from core.errors import AccountBusy, DatabaseAway, KeyConflict
from core.observability.metrics import Metrics
from core.storage.accounts import Account, AccountStore
from core.storage.codec import to_milliseconds
from core.storage.database import Database
from core.storage.entries import Entry, EntryStore

__all__ = ["Balance", "ClawedBack", "Entry", "HeldStars", "Ledger", "LedgerReport", "LedgerView"]

AnswerT = TypeVar("AnswerT")

PENDING_LIMIT = 8
"""How many entries an account may carry before whoever uses it next copies them first."""
_RACES = 1000
"""How many lost races on one account are borne; among 20 processes a hundred in a row happen."""
_RACE_PAUSE = 0.02
_OUTAGES = 6
_OUTAGE_PAUSE = 0.5


@dataclass(frozen=True, slots=True)
class Balance:
    """A person's Stars: what can be spent, what is held for generations that run, and what is owed.

    Nobody has Stars to spend and a debt at once.
    """

    available: int
    held: int
    owed: int = 0


@dataclass(frozen=True, slots=True)
class ClawedBack:
    """What became of Stars that were taken back: `taken` from the balance, `owed` since."""

    taken: int
    owed: int


@dataclass(frozen=True, slots=True)
class HeldStars:
    """A hold that has not ended."""

    user_id: int
    hold_id: str
    amount: int
    at: datetime


class LedgerView(Protocol):
    """What a plugin may see of the ledger."""

    async def balance(self, user_id: int) -> Balance:
        """A person's Stars."""
        ...


class Ledger:
    """People's Stars.

    Every operation happens once under its key however often it is asked for, by one process or many, and is
    over when its call returns. A database that is away is waited for, some seconds long.

    Raises:
        DatabaseAway: by every method, when the database stays away; ask again with the same key.
        AccountBusy: by every operation, when others were faster again and again; nothing was changed.
        LedgerError: for an amount that is not a whole number of Stars from 1, and for names that cannot be.

    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        chance: random.Random | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        metrics: Metrics | None = None,
    ) -> None:
        """`pause` waits out lost races and outages, which real time ends, whatever `clock` shows."""
        self._accounts = AccountStore(database)
        self._entries = EntryStore(database)
        self._copier = Copier(self._accounts, self._entries, clock)
        self._clock = clock
        self._chance = chance or random.SystemRandom()
        self._pause = pause
        self._metrics = metrics or Metrics()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def balance(self, user_id: int) -> Balance:
        """A person's Stars."""
        account = await self._accounts.get(user_account(user_id))
        return Balance(account.balance, account.held, account.owed)

    async def credit(
        self, user_id: int, amount: int, *, source: str, key: str, reference: str, actor: str, reason: str
    ) -> bool:
        """Give a person Stars from `source`; False when this key has done it before.

        A debt is repaid from them first; `repaid` tells how much that was.

        Raises:
            KeyConflict: the key has moved something else.

        """
        check_amount(amount)
        _, new = await self._claimed(Transfer(user_id, amount, source, key, Note(reference, actor, reason)))
        return new

    async def debit(
        self, user_id: int, amount: int, *, target: str, key: str, reference: str, actor: str, reason: str
    ) -> bool:
        """Take Stars from a person to `target`; False when this key has done it before.

        A key that was refused for want of Stars keeps its meaning and may be tried again.

        Raises:
            InsufficientStars: the balance does not cover it.
            KeyConflict: the key has moved something else, or was meant to.

        """
        check_amount(amount)
        _, new = await self._claimed(Transfer(user_id, -amount, target, key, Note(reference, actor, reason)))
        return new

    async def claw_back(
        self, user_id: int, amount: int, *, target: str, key: str, reference: str, actor: str, reason: str
    ) -> ClawedBack:
        """Take Stars to `target`, the balance first, the rest as a debt; the same answer when repeated.

        What a debit has taken under this key counts as taken.

        Raises:
            KeyConflict: the key has moved something else, or was meant to.

        """
        entries, _ = await self._claimed(
            ClawBack(user_id, amount, target, key, Note(reference, actor, reason))
        )
        owed = sum(entry.amount for entry in entries if entry.key == key + DEBT)
        return ClawedBack(taken=amount - owed, owed=owed)

    async def forgive(
        self, user_id: int, amount: int, *, key: str, reference: str, actor: str, reason: str
    ) -> bool:
        """Give up what a person owes, at most `amount` of it.

        False when this key has done it before, or nothing is owed.

        Raises:
            KeyConflict: the key has moved something else, or was meant to.

        """
        _, new = await self._claimed(Forgive(user_id, amount, key, Note(reference, actor, reason)))
        return new

    async def hold(
        self, user_id: int, hold_id: str, amount: int, *, actor: str, reason: str, source: str = ""
    ) -> bool:
        """Set Stars aside under `hold_id`; False when that was done before, also if the hold has ended since.

        They are the person's own, or with `PROMO` as the source given for nothing: a release gives them back
        to where they came from.

        Raises:
            InsufficientStars: the balance does not cover it.
            KeyConflict: the hold was made over another amount, or from another source.

        """
        _, new = await self._apply(Hold(user_id, hold_id, amount, Note(hold_id, actor, reason), source))
        return new

    async def settle(self, user_id: int, hold_id: str, *, actor: str, reason: str) -> int:
        """End a hold by earning its Stars; how many they are, again when it was settled before.

        Raises:
            UnknownHold: it never was, or it was released.

        """
        entries, _ = await self._apply(EndHold("settle", user_id, hold_id, Note(hold_id, actor, reason)))
        return entries[0].amount

    async def release(self, user_id: int, hold_id: str, *, actor: str, reason: str) -> int:
        """End a hold by giving its Stars back; how many they are, again when it was released before.

        A debt is repaid from them first; `repaid` tells how much that was, by the `release_key` of the hold.

        Raises:
            UnknownHold: it never was, or it was settled.

        """
        entries, _ = await self._apply(EndHold("release", user_id, hold_id, Note(hold_id, actor, reason)))
        return entries[0].amount

    async def entry(self, user_id: int, key: str) -> Entry | None:
        """The entry of a person with this key, wherever it is by now. Two round trips."""
        account = await self._accounts.get(user_account(user_id))
        found = await self._found((key,), account)
        return found[0] if found and found[0].account == account.name else None

    async def repaid(self, user_id: int, key: str) -> int:
        """How many of the Stars that came under `key` went to a debt."""
        entry = await self.entry(user_id, key + REPAID)
        return entry.amount if entry else 0

    async def holds(self, user_id: int) -> list[HeldStars]:
        """What is held from a person, oldest first."""
        return _held(user_id, await self._accounts.get(user_account(user_id)))

    async def all_holds(self) -> list[HeldStars]:
        """Everything that is held, oldest first."""
        accounts = await self._accounts.holding()
        found = [held for account in accounts for held in _held(int(account.name.partition(":")[2]), account)]
        return sorted(found, key=lambda held: (held.at, held.hold_id))

    async def statement(self, user_id: int, limit: int = 20) -> list[Entry]:
        """A person's last entries, newest first. Two round trips, however many there are."""
        account = await self._accounts.get(user_account(user_id))
        newest = {entry.sequence: entry for entry in account.pending}
        wanted = range(max(1, account.version - limit + 1), account.version + 1)
        copied = [number for number in wanted if number not in newest]
        if copied:
            newest |= {
                entry.sequence: entry for entry in await self._entries.of_account(account.name, copied)
            }
        return [newest[number] for number in reversed(wanted) if number in newest]

    async def copy(self) -> int:
        """Copy what is pending into the ledger; how many entries that were.

        Raises:
            LedgerError: an account's entries contradict the ledger; the others were copied.

        """
        return await self._copier.copy()

    async def run(self, stop: asyncio.Event) -> None:
        """Copy every second until `stop` is set, and once more then."""
        await self._copier.run(stop)

    def journal(self) -> AsyncIterator[list[Entry]]:
        """All entries that were copied, in the order of their time, some at a time."""
        return self._entries.batches(in_time=True)

    async def check(self) -> LedgerReport:
        """Prove the ledger from its entries; exact while it is in use."""
        report = await check_ledger(self._accounts, self._entries)
        self._metrics.ledger_drift.set(report.total)
        self._metrics.ledger_problems.set(len(report.problems))
        self._metrics.ledger_checked.set(self._clock.now().timestamp())
        return report

    async def _claimed(self, operation: Claimant) -> tuple[Sequence[Entry], bool]:
        """Claim the key in the whole ledger, then apply: a key moves Stars of one person only."""
        wanted = operation.claim(self._now())
        claimed = await self._riding_over(lambda: self._entries.claim(wanted))
        if claimed is not None and not claimed.moves_as(wanted):
            raise KeyConflict(
                f"{wanted.key} is for {claimed.amount} from {claimed.debit} to {claimed.credit}"
            )
        return await self._apply(operation)

    async def _apply(self, operation: Operation) -> tuple[Sequence[Entry], bool]:
        """Make the operation's entries, once; those entries, and whether this call made them."""
        unsure: list[Entry] = []
        entries, new = await self._riding_over(lambda: self._race(operation, unsure))
        if new:
            self._count(entries)
        return entries, new

    def _count(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            kinds = [account.partition(":")[0] for account in (entry.debit, entry.credit)]
            self._metrics.ledger_entries.labels(*kinds).inc()
            self._metrics.ledger_stars.labels(*kinds).inc(entry.amount)

    async def _race(self, operation: Operation, unsure: list[Entry]) -> tuple[Sequence[Entry], bool]:
        """Try until no other process is faster. Within this one, calls on an account take turns."""
        async with self._turn(operation.account):
            for lost in range(_RACES):
                outcome = await self._attempt(operation, unsure)
                if outcome is not None:
                    return outcome
                # Whoever has lost often waits less and so comes first at last.
                await self._pause(self._chance.uniform(0, _RACE_PAUSE / (1 + lost / 4)))
        raise AccountBusy("others changed the account again and again")

    async def _attempt(
        self, operation: Operation, unsure: list[Entry]
    ) -> tuple[Sequence[Entry], bool] | None:
        """Make the entries, or find them made; None when the race was lost.

        `unsure` holds the first entries of changes that were sent and whose answer did not come: one of them
        may be found made.
        """
        account = await self._accounts.get(operation.account)
        done = [] if operation.surely_new(account) else await self._found(operation.keys, account)
        if done:
            operation.compare(done)
            return done, done[0] in unsure
        if len(account.pending) >= PENDING_LIMIT:
            await self._copier.copy_account(account)
        change = operation.change(account, self._now())
        if change is None:
            return (), False
        change = change.placed_in(account)
        unsure.append(change.entries[0])
        if await self._accounts.apply(account, change):
            return change.entries, True
        unsure.remove(change.entries[0])
        return None

    async def _found(self, keys: Sequence[str], account: Account) -> list[Entry]:
        """The entries with these keys. The account was read first: what it lost since was copied."""
        return account.pending_entries(keys) or await self._entries.with_keys(keys)

    async def _riding_over(self, action: Callable[[], Awaitable[AnswerT]]) -> AnswerT:
        """Repeat an action while the database is away: its key makes that safe."""
        for _ in range(_OUTAGES - 1):
            try:
                return await action()
            except DatabaseAway:
                await self._pause(_OUTAGE_PAUSE * self._chance.uniform(0.5, 1.5))
        return await action()

    def _turn(self, account: str) -> asyncio.Lock:
        lock = self._turns.get(account)
        if lock is None:
            lock = self._turns[account] = asyncio.Lock()
        return lock

    def _now(self) -> datetime:
        return to_milliseconds(self._clock.now())


def _held(user_id: int, account: Account) -> list[HeldStars]:
    holds = [HeldStars(user_id, hold_id, hold.amount, hold.at) for hold_id, hold in account.holds.items()]
    return sorted(holds, key=lambda held: (held.at, held.hold_id))
