"""What the ledger's tests share: a database that fails at a chosen call, and short ways to say things."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from core.billing.ledger import ClawedBack, Ledger
from core.storage.collection import Collection, Updated
from core.storage.database import Database

ALICE = 5_000_000_001
BOB = 5_000_000_002
WHO = {"actor": "test", "reason": "test"}


async def give(ledger: Ledger, user_id: int, amount: int, key: str) -> bool:
    """Credit Stars as a purchase does."""
    return await ledger.credit(user_id, amount, source="telegram:stars", key=key, reference=key, **WHO)


async def take(ledger: Ledger, user_id: int, amount: int, key: str) -> bool:
    """Debit Stars as a refund does."""
    return await ledger.debit(user_id, amount, target="refund", key=key, reference=key, **WHO)


async def claw(ledger: Ledger, user_id: int, amount: int, key: str) -> ClawedBack:
    """Claw Stars back as a chargeback does."""
    return await ledger.claw_back(user_id, amount, target="refund", key=key, reference=key, **WHO)


async def forgive(ledger: Ledger, user_id: int, amount: int, key: str) -> bool:
    """Forgive a debt as an operator does."""
    return await ledger.forgive(user_id, amount, key=key, reference=key, **WHO)


async def assert_sound(ledger: Ledger) -> None:
    """The invariants hold, before everything is copied and after."""
    before = await ledger.check()
    await ledger.copy()
    for report in (before, await ledger.check()):
        assert report.problems == ()
        assert report.total == 0


async def no_pause(_: float) -> None:
    """Waits for nothing."""


@dataclass
class Fault:
    """Fails the call number `at` (from 0), before or after the database has done it, with `error`."""

    at: int = -1
    after: bool = False
    error: Callable[[], BaseException] = RuntimeError
    outside: Callable[[], object] = tuple
    """What else outlives a crash, as something that can be compared; without it, nothing does."""
    calls: list[str] = field(default_factory=list)
    states: list[tuple[int, bool]] = field(default_factory=list)
    """The calls before or after which (False or True) something had changed, in the database or outside."""
    _outside: object = None

    def before_call(self, name: str) -> None:
        """Count the call, and fail if it is the one."""
        outside = self.outside()
        if not self.calls or outside != self._outside:
            self.states.append((len(self.calls), False))
        self._outside = outside
        self.calls.append(name)
        if not self.after and self._now():
            raise self.error()

    def after_call(self, answer: object) -> None:
        """Note what the call has changed, and fail if it is the one."""
        if _changed(self.calls[-1], answer):
            self.states.append((len(self.calls) - 1, True))
        if self.after and self._now():
            raise self.error()

    def crashes(self) -> list[Fault]:
        """A crash for each state that whoever starts after one can find.

        While nothing changes it is the same one, whichever call was the last.
        """
        return [replace(self, at=at, after=after, calls=[], states=[]) for at, after in self.states]

    def _now(self) -> bool:
        return len(self.calls) - 1 == self.at


def _changed(call: str, answer: object) -> bool:
    """Whether a call has changed what is stored, by its name and its answer."""
    if call.partition(".")[2] in ("find", "find_one", "count"):
        return False
    if isinstance(answer, Updated):
        return bool(answer.modified) or answer.inserted
    return answer is not False


class FaultyCollection:
    """A collection whose calls go through a `Fault`."""

    def __init__(self, rows: Collection, name: str, fault: Fault) -> None:
        self._rows = rows
        self._name = name
        self._fault = fault

    def __getattr__(self, method: str) -> Any:
        async def call(*args: Any, **kwargs: Any) -> Any:
            self._fault.before_call(f"{self._name}.{method}")
            answer = await getattr(self._rows, method)(*args, **kwargs)
            self._fault.after_call(answer)
            return answer

        return call


class FaultyDatabase:
    """A database every call of which can fail."""

    def __init__(self, database: Database, fault: Fault) -> None:
        self._database = database
        self._fault = fault

    def collection(self, name: str) -> FaultyCollection:
        """A collection whose calls fail when they are told to."""
        return FaultyCollection(self._database.collection(name), name, self._fault)
