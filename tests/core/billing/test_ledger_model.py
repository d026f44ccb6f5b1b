"""The ledger beside a model of plain dictionaries, in random walks."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from ledger_tools import WHO

from core.billing.holding import release_key
from core.billing.ledger import Balance, ClawedBack, Ledger
from core.billing.operations import PROMO
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


class Model:
    """One person's Stars as plain numbers and dictionaries, told by the names of holds and keys."""

    def __init__(self, available: int) -> None:
        self.available = available
        self.owed = 0
        self.entries = 1
        self.repaid: dict[str, int] = {}
        self.clawed: dict[int, ClawedBack] = {}
        self.holds: dict[int, tuple[int, str]] = {}
        self.ended: dict[int, str] = {}

    @property
    def held(self) -> int:
        return sum(amount for hold, (amount, _) in self.holds.items() if hold not in self.ended)

    def receive(self, amount: int, key: str) -> None:
        repaid = min(amount, self.owed)
        self.owed -= repaid
        self.available += amount - repaid
        self.entries += 1
        if repaid:
            self.repaid[key] = repaid
            self.entries += 1


class Walk(RuleBasedStateMachine):
    """One walk. The model: two people, and what each key has meant, in the whole ledger."""

    world: World

    @initialize()
    def begin(self) -> None:
        walk = next(self.world.walks)
        self.people = [walk * 10 + 1, walk * 10 + 2]
        self.prefix = f"{walk}."
        self.models = [Model(60), Model(60)]
        for person in self.people:
            given = self.world.ledgers[0].credit(
                person, 60, source="promo", key=f"welcome:{person}", reference="", **WHO
            )
            assert self.world.run(given)
        self.meanings: dict[int, tuple[int, str, int]] = {}
        self.applied: set[int] = set()

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

    def transfer(self, method: str, user: int, key: int, amount: int, **more: str) -> Act:
        named = {"key": f"{self.prefix}{key}", "reference": "", **WHO, **more}
        return lambda ledger: getattr(ledger, method)(self.people[user], amount, **named)

    def means(self, user: int, key: int, what: str, amount: int) -> bool:
        """Whether the key means this, or means nothing yet and does from now on."""
        return self.meanings.setdefault(key, (user, what, amount)) == (user, what, amount)

    @rule(user=USERS, key=KEYS, amount=AMOUNTS, times=TIMES)
    def credit(self, user: int, key: int, amount: int, times: int) -> None:
        if not self.means(user, key, "in", amount):
            first = later = KeyConflict
        else:
            first, later = key not in self.applied, False
        if first is True:
            self.applied.add(key)
            self.models[user].receive(amount, f"{self.prefix}{key}")
        self.expect(times, self.transfer("credit", user, key, amount, source="manual"), first, later)

    @rule(user=USERS, key=KEYS, amount=AMOUNTS, times=TIMES)
    def debit(self, user: int, key: int, amount: int, times: int) -> None:
        model = self.models[user]
        first: Any = True
        later: Any = False
        if not self.means(user, key, "out", amount):
            first = later = KeyConflict
        elif key in self.applied:
            # What was clawed back in full counts as debited, and only that.
            first = later = KeyConflict if model.clawed[key].owed else False
        elif model.available < amount:
            first = later = InsufficientStars
        else:
            self.applied.add(key)
            model.available -= amount
            model.entries += 1
            model.clawed[key] = ClawedBack(amount, 0)
        self.expect(times, self.transfer("debit", user, key, amount, target="manual"), first, later)

    @rule(user=USERS, key=KEYS, amount=AMOUNTS, times=TIMES)
    def claw_back(self, user: int, key: int, amount: int, times: int) -> None:
        model = self.models[user]
        answer: Any = KeyConflict
        if self.means(user, key, "out", amount):
            if key not in self.applied:
                self.applied.add(key)
                taken = min(amount, model.available)
                model.clawed[key] = ClawedBack(taken, amount - taken)
                model.available -= taken
                model.owed += amount - taken
                model.entries += (taken > 0) + (taken < amount)
            answer = model.clawed[key]
        self.expect(times, self.transfer("claw_back", user, key, amount, target="manual"), answer, answer)

    @rule(user=USERS, key=KEYS, amount=AMOUNTS, times=TIMES)
    def forgive(self, user: int, key: int, amount: int, times: int) -> None:
        model = self.models[user]
        first: Any = False
        later: Any = False
        if not self.means(user, key, "forgive", amount):
            first = later = KeyConflict
        elif key not in self.applied and model.owed:
            self.applied.add(key)
            model.owed -= min(amount, model.owed)
            model.entries += 1
            first = True
        self.expect(times, self.transfer("forgive", user, key, amount), first, later)

    @rule(user=USERS, hold=HOLDS, amount=AMOUNTS, times=TIMES, source=st.sampled_from(["", PROMO]))
    def hold(self, user: int, hold: int, amount: int, times: int, source: str) -> None:
        model = self.models[user]
        known = model.holds.get(hold)
        first: Any = True
        later: Any = False
        if known is not None:
            first = later = False if known == (amount, source) else KeyConflict
        elif not source and model.available < amount:
            first = later = InsufficientStars
        else:
            model.available -= 0 if source else amount
            model.holds[hold] = (amount, source)
            model.entries += 1
        person, hold_id = self.people[user], f"{self.prefix}{hold}"
        self.expect(
            times, lambda ledger: ledger.hold(person, hold_id, amount, source=source, **WHO), first, later
        )

    @rule(user=USERS, hold=HOLDS, times=TIMES, kind=st.sampled_from(["settle", "release"]))
    def end(self, user: int, hold: int, times: int, kind: str) -> None:
        model = self.models[user]
        person, hold_id = self.people[user], f"{self.prefix}{hold}"
        amount, source = model.holds.get(hold, (0, ""))
        if not amount or model.ended.get(hold, kind) != kind:
            answer: Any = UnknownHold
        else:
            answer = amount
            if hold not in model.ended:
                model.ended[hold] = kind
                if kind == "release" and not source:
                    model.receive(amount, release_key(person, hold_id))
                else:
                    model.entries += 1
        self.expect(times, lambda ledger: getattr(ledger, kind)(person, hold_id, **WHO), answer, answer)

    @rule(times=TIMES)
    def copy(self, times: int) -> None:
        assert not [
            each for each in self.outcomes(times, lambda ledger: ledger.copy()) if not isinstance(each, int)
        ]

    @invariant()
    def balances_agree(self) -> None:
        for person, model in zip(getattr(self, "people", ()), getattr(self, "models", ()), strict=True):
            balance = self.world.run(self.world.ledgers[0].balance(person))
            assert balance == Balance(model.available, model.held, model.owed)

    def teardown(self) -> None:
        if not hasattr(self, "people"):
            return
        ledger = self.world.ledgers[1]
        for user, (person, model) in enumerate(zip(self.people, self.models, strict=True)):
            assert len(self.world.run(ledger.statement(person, 1000))) == model.entries
            keys = [f"{self.prefix}{key}" for key in range(8) if self.meanings.get(key, (2,))[0] == user]
            keys += [release_key(person, f"{self.prefix}{hold}") for hold in range(5)]
            for key in keys:
                assert self.world.run(ledger.repaid(person, key)) == model.repaid.get(key, 0)


def walked(database_uri: str, walks: int) -> None:
    world = World(database_uri)
    machine = type("WalkHere", (Walk,), {"world": world})
    bounds = settings(
        max_examples=walks,
        stateful_step_count=30,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(machine, settings=bounds)
        report = world.run(world.ledgers[0].check())
        assert report.problems == ()
        assert report.entries > 5 * walks
    finally:
        world.close()


def test_the_ledger_agrees_with_a_model_of_plain_dictionaries(database_uri: str) -> None:
    walked(database_uri, 20)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_the_ledger_agrees_with_a_model_in_many_walks(database_uri: str) -> None:
    walked(database_uri, 1500)
