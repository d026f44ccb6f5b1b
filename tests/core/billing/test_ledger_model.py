"""The ledger beside a model of plain dictionaries, in random walks."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from ledger_tools import WHO

from core.billing.ledger import Balance, Ledger
from core.errors import InsufficientStars, KeyConflict, UnknownHold
from core.storage.database import Database
from sandbox.clock import ManualClock

USERS = st.integers(0, 1)
KEYS = st.integers(0, 7)
HOLDS = st.integers(0, 4)
AMOUNTS = st.integers(1, 30)
TIMES = st.integers(1, 3)
Act = Callable[[Ledger], Awaitable[Any]]


class World:
    """The database that all walks share; each walk has people and keys of its own."""

    def __init__(self, uri: str) -> None:
        self.runner = asyncio.Runner()
        embedded = "TEST_DATABASE_URL" not in os.environ
        name = f"test_{uuid.uuid4().hex}"
        clock = ManualClock()
        self.databases = [
            self.run(Database.connect(uri, name, embedded=embedded, clock=clock)) for _ in range(2)
        ]
        self.run(self.databases[0].prepare())
        self.ledgers = [Ledger(each, clock, chance=random.Random(1)) for each in self.databases]
        self.walks = itertools.count(1)

    def run(self, awaitable: Awaitable[Any]) -> Any:
        async def wait() -> Any:
            return await awaitable

        return self.runner.run(wait())

    def close(self) -> None:
        self.run(self.databases[0].erase())
        for each in self.databases:
            self.run(each.close())
        self.runner.close()


class Walk(RuleBasedStateMachine):
    """One walk. The model: what is available and held, and what each key and each hold has meant."""

    world: World

    @initialize()
    def begin(self) -> None:
        walk = next(self.world.walks)
        self.people = [walk * 10 + 1, walk * 10 + 2]
        self.prefix = f"{walk}."
        self.available = [60, 60]
        for person in self.people:
            given = self.world.ledgers[0].credit(
                person, 60, source="promo", key=f"welcome:{person}", reference="", **WHO
            )
            assert self.world.run(given)
        self.keys: dict[int, tuple[int, int]] = {}
        self.applied: set[int] = set()
        self.holds: dict[tuple[int, int], int] = {}
        self.ended: dict[tuple[int, int], str] = {}

    def outcomes(self, times: int, act: Act) -> list[Any]:
        """What several calls at once, by two instances in turn, answer or raise."""

        async def together() -> list[Any]:
            calls = [act(self.world.ledgers[number % 2]) for number in range(times)]
            return await asyncio.gather(*calls, return_exceptions=True)

        return list(self.world.run(together()))

    def expect(self, times: int, act: Act, first: Any, later: Any) -> None:
        """One of the calls answers `first`, the others `later`; an exception is expected by its class."""
        got = [type(each) if isinstance(each, Exception) else each for each in self.outcomes(times, act)]
        assert sorted(map(str, got)) == sorted(map(str, [first, *[later] * (times - 1)]))

    @rule(user=USERS, key=KEYS, amount=AMOUNTS, times=TIMES)
    def credit(self, user: int, key: int, amount: int, times: int) -> None:
        first, later = self.moved(user, key, amount)
        self.expect(
            times,
            lambda ledger: ledger.credit(
                self.people[user], amount, source="manual", key=f"{self.prefix}{key}", reference="", **WHO
            ),
            first,
            later,
        )

    @rule(user=USERS, key=KEYS, amount=AMOUNTS, times=TIMES)
    def debit(self, user: int, key: int, amount: int, times: int) -> None:
        first, later = self.moved(user, key, -amount)
        self.expect(
            times,
            lambda ledger: ledger.debit(
                self.people[user], amount, target="manual", key=f"{self.prefix}{key}", reference="", **WHO
            ),
            first,
            later,
        )

    def moved(self, user: int, key: int, amount: int) -> tuple[Any, Any]:
        """Move Stars in the model; what the first call answers, and what the others do."""
        if self.keys.setdefault(key, (user, amount)) != (user, amount):
            return KeyConflict, KeyConflict
        if key in self.applied:
            return False, False
        if self.available[user] + amount < 0:
            return InsufficientStars, InsufficientStars
        self.applied.add(key)
        self.available[user] += amount
        return True, False

    @rule(user=USERS, hold=HOLDS, amount=AMOUNTS, times=TIMES)
    def hold(self, user: int, hold: int, amount: int, times: int) -> None:
        known = self.holds.get((user, hold))
        if known is not None:
            first = later = False if known == amount else KeyConflict
        elif self.available[user] < amount:
            first = later = InsufficientStars
        else:
            self.available[user] -= amount
            self.holds[user, hold] = amount
            first, later = True, False
        act: Act = lambda ledger: ledger.hold(self.people[user], f"{self.prefix}{hold}", amount, **WHO)  # noqa: E731
        self.expect(times, act, first, later)

    @rule(user=USERS, hold=HOLDS, times=TIMES, kind=st.sampled_from(["settle", "release"]))
    def end(self, user: int, hold: int, times: int, kind: str) -> None:
        amount = self.holds.get((user, hold))
        if amount is None or self.ended.get((user, hold), kind) != kind:
            answer: Any = UnknownHold
        else:
            answer = amount
            if (user, hold) not in self.ended and kind == "release":
                self.available[user] += amount
            self.ended[user, hold] = kind
        hold_id = f"{self.prefix}{hold}"
        self.expect(
            times, lambda ledger: getattr(ledger, kind)(self.people[user], hold_id, **WHO), answer, answer
        )

    @rule(times=TIMES)
    def copy(self, times: int) -> None:
        assert not [
            each for each in self.outcomes(times, lambda ledger: ledger.copy()) if not isinstance(each, int)
        ]

    @invariant()
    def balances_agree(self) -> None:
        for user, person in enumerate(getattr(self, "people", ())):
            held = sum(
                amount for key, amount in self.holds.items() if key[0] == user and key not in self.ended
            )
            balance = self.world.run(self.world.ledgers[0].balance(person))
            assert balance == Balance(self.available[user], held)

    def teardown(self) -> None:
        if not hasattr(self, "people"):
            return
        ledger = self.world.ledgers[1]
        for user, person in enumerate(self.people):
            statement = self.world.run(ledger.statement(person, 1000))
            moves = len([key for key in self.applied if self.keys[key][0] == user])
            begun = len([key for key in self.holds if key[0] == user])
            ended = len([key for key in self.ended if key[0] == user])
            assert len(statement) == 1 + moves + begun + ended


def test_the_ledger_agrees_with_a_model_of_plain_dictionaries(database_uri: str) -> None:
    world = World(database_uri)
    machine = type("WalkHere", (Walk,), {"world": world})
    bounds = settings(
        max_examples=50,
        stateful_step_count=30,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(machine, settings=bounds)
        report = world.run(world.ledgers[0].check())
        assert report.problems == ()
        assert report.entries > 300
    finally:
        world.close()
