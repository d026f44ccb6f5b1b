"""What the ledger's tests share: a database that fails at a chosen call, and short ways to say things."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from core.billing.ledger import ClawedBack, Ledger
from core.storage.collection import Collection
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
    for _ in range(2):
        report = await ledger.check()
        assert report.problems == ()
        assert report.total == 0
        await ledger.copy()


async def no_pause(_: float) -> None:
    """Waits for nothing."""


@dataclass
class Fault:
    """Fails the call number `at` (from 0), before or after the database has done it, with `error`."""

    at: int = -1
    after: bool = False
    error: Callable[[], BaseException] = RuntimeError
    calls: list[str] = field(default_factory=list)

    def before_call(self, name: str) -> None:
        """Count the call, and fail if it is the one."""
        self.calls.append(name)
        if not self.after and self._now():
            raise self.error()

    def after_call(self) -> None:
        """Fail if the call that was just made is the one."""
        if self.after and self._now():
            raise self.error()

    def _now(self) -> bool:
        return len(self.calls) - 1 == self.at


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
            self._fault.after_call()
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
