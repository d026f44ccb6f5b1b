"""A crash or a lost answer at each single call to the database: nothing is lost, nothing counts twice."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from ledger_tools import (
    ALICE,
    WHO,
    Fault,
    FaultyDatabase,
    assert_sound,
    claw,
    forgive,
    give,
    no_pause,
    take,
)

from core.billing import ledger as ledger_module
from core.billing.ledger import Balance, ClawedBack, Ledger
from core.billing.operations import PROMO
from core.clock import SystemClock
from core.errors import DatabaseAway
from core.storage.database import Database
from core.storage.embedded import EmbeddedServer
from sandbox.clock import ManualClock

Act = Callable[[Ledger], Awaitable[object]]


@dataclass(frozen=True)
class Scene:
    """What was before, what is done, and what must be after it, however often it is done."""

    name: str
    before: tuple[Act, ...]
    act: Act
    after: Balance
    entries: int
    holds: int = 0


def hold(job: str, amount: int) -> Act:
    return lambda ledger: ledger.hold(ALICE, job, amount, **WHO)


def settle(job: str) -> Act:
    return lambda ledger: ledger.settle(ALICE, job, **WHO)


def release(job: str) -> Act:
    return lambda ledger: ledger.release(ALICE, job, **WHO)


def credit(key: str, amount: int) -> Act:
    return lambda ledger: give(ledger, ALICE, amount, key)


def debit(key: str, amount: int) -> Act:
    return lambda ledger: take(ledger, ALICE, amount, key)


def clawed(key: str, amount: int) -> Act:
    return lambda ledger: claw(ledger, ALICE, amount, key)


def forgiven(key: str, amount: int) -> Act:
    return lambda ledger: forgive(ledger, ALICE, amount, key)


def free_hold(job: str, amount: int) -> Act:
    return lambda ledger: ledger.hold(ALICE, job, amount, source=PROMO, **WHO)


def copy(ledger: Ledger) -> Awaitable[object]:
    return ledger.copy()


FILLED = (credit("charge1", 100),)
HELD = (*FILLED, hold("job1", 30))
OWING = (*HELD, clawed("refund1", 90))
SCENES = [
    Scene("first credit", (), credit("charge1", 100), Balance(100, 0), 1),
    Scene("credit", FILLED, credit("charge2", 5), Balance(105, 0), 2),
    Scene("debit", FILLED, debit("refund1", 100), Balance(0, 0), 2),
    Scene("hold", FILLED, hold("job1", 30), Balance(70, 30), 2, holds=1),
    Scene("settle", HELD, settle("job1"), Balance(70, 0), 3),
    Scene("release", HELD, release("job1"), Balance(100, 0), 3),
    Scene("settle of what was copied", (*HELD, copy), settle("job1"), Balance(70, 0), 3),
    Scene("copy", HELD, copy, Balance(70, 30), 2, holds=1),
    Scene("copy beside others", (*HELD, copy, hold("job2", 1)), copy, Balance(69, 31), 3, holds=2),
    Scene("claw back", FILLED, clawed("refund1", 60), Balance(40, 0), 2),
    Scene("claw back of spent Stars", HELD, clawed("refund1", 90), Balance(0, 30, 20), 4, holds=1),
    Scene("claw back from nothing", (), clawed("refund1", 9), Balance(0, 0, 9), 1),
    Scene("credit to a debtor", OWING, credit("charge2", 50), Balance(30, 30, 0), 6, holds=1),
    Scene("release to a debtor", OWING, release("job1"), Balance(10, 0, 0), 6),
    Scene("release to a debtor of what was copied", (*OWING, copy), release("job1"), Balance(10, 0, 0), 6),
    Scene("forgive", OWING, forgiven("case1", 90), Balance(0, 30, 0), 5, holds=1),
    Scene("free hold of a newcomer", (), free_hold("job1", 3), Balance(0, 3), 1, holds=1),
    Scene("release of a free hold", (free_hold("job1", 3),), release("job1"), Balance(0, 0), 2),
    Scene("settle of a free hold", (free_hold("job1", 3),), settle("job1"), Balance(0, 0), 2),
]
BY_NAME = pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name.replace(" ", "-"))
PENDING = pytest.mark.parametrize("pending_limit", [1, 32], ids=["copying-inline", "copying-later"])


async def trial_of(scene: Scene, database: Database, clock: ManualClock) -> Fault:
    """The calls to the database that the act makes when nothing fails."""
    await prepared(scene, database, clock)
    fault = Fault()
    await scene.act(Ledger(FaultyDatabase(database, fault), clock))
    await cleared(database)
    assert fault.calls
    return fault


async def prepared(scene: Scene, database: Database, clock: ManualClock) -> None:
    sound = Ledger(database, clock)
    for act in scene.before:
        await act(sound)


async def cleared(database: Database) -> None:
    for name in ("accounts", "entries", "entry_keys"):
        await database.collection(name).delete_many({})


async def assert_done(scene: Scene, ledger: Ledger, database: Database) -> None:
    await assert_sound(ledger)
    assert await ledger.balance(ALICE) == scene.after
    assert len(await ledger.all_holds()) == scene.holds
    assert len(await database.collection("entries").find({})) == scene.entries
    assert await database.collection("accounts").find({"dirty": True}) == []


@BY_NAME
@PENDING
async def test_a_crash_at_any_call_leaves_a_sound_ledger_and_a_replay_finishes_it(
    scene: Scene, pending_limit: int, database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "PENDING_LIMIT", pending_limit)
    trial = await trial_of(scene, database, clock)
    assert len(trial.crashes()) > 1
    for crash in trial.crashes():
        await prepared(scene, database, clock)
        crashing = Ledger(FaultyDatabase(database, crash), clock)
        with pytest.raises(RuntimeError):
            await scene.act(crashing)
        restarted = Ledger(database, clock)
        assert (await restarted.check()).problems == ()
        for _ in range(2):
            await scene.act(restarted)
            await assert_done(scene, restarted, database)
        await cleared(database)


@pytest.mark.soak
@BY_NAME
@PENDING
async def test_an_outage_at_any_call_is_ridden_over_and_the_answer_is_true(
    scene: Scene, pending_limit: int, database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "PENDING_LIMIT", pending_limit)
    calls = (await trial_of(scene, database, clock)).calls
    await prepared(scene, database, clock)
    answer = await scene.act(Ledger(database, clock))
    await cleared(database)
    for at in range(len(calls)):
        for after in (False, True):
            await prepared(scene, database, clock)
            fault = Fault(at, after, error=lambda: DatabaseAway("gone"))
            shaken = Ledger(FaultyDatabase(database, fault), clock, pause=no_pause)
            if scene.act is copy:
                with pytest.raises(DatabaseAway):
                    await shaken.copy()
            else:
                assert await scene.act(shaken) == answer
            await assert_done(scene, Ledger(database, clock), database)
            await cleared(database)


async def test_a_database_that_stays_away_is_given_up(database: Database, clock: ManualClock) -> None:
    class Away(Fault):
        def before_call(self, name: str) -> None:
            self.calls.append(name)
            raise DatabaseAway("gone")

    fault = Away()
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    with pytest.raises(DatabaseAway):
        await hold("job1", 1)(Ledger(FaultyDatabase(database, fault), clock, pause=pause))
    assert len(fault.calls) == 6
    assert len(pauses) == 5


async def test_the_copier_goes_on_after_an_outage(database: Database, clock: ManualClock) -> None:
    await give(Ledger(database, clock), ALICE, 1, "a")
    fault = Fault(0, error=lambda: DatabaseAway("gone"))
    stop = asyncio.Event()
    running = asyncio.create_task(Ledger(FaultyDatabase(database, fault), clock).run(stop))
    await clock.until_asleep()
    await clock.advance(1)
    await clock.until_asleep()
    assert len(await database.collection("entries").find({})) == 1
    stop.set()
    await running


async def test_the_ledger_rides_over_kill_9_of_the_database_and_loses_nothing_acknowledged(
    tmp_path: Path,
) -> None:
    server = EmbeddedServer(tmp_path)
    database = await Database.connect(await server.start(), "starloom", embedded=True, clock=SystemClock())
    await database.prepare()
    stop = asyncio.Event()
    watch = asyncio.create_task(server.watch(stop))
    ledger = Ledger(database, SystemClock())
    acknowledged: list[str] = []
    progress = asyncio.Event()

    async def work(user_id: int) -> None:
        for number in range(15):
            key = f"{user_id}.{number}"
            assert await give(ledger, user_id, 3, f"charge:{key}")
            assert await ledger.hold(user_id, key, 1, **WHO)
            assert await ledger.settle(user_id, key, **WHO) == 1
            assert await claw(ledger, user_id, 4, f"refund:{key}") == ClawedBack(2, 2)
            assert await give(ledger, user_id, 2, f"second:{key}")
            assert await ledger.repaid(user_id, f"second:{key}") == 2
            acknowledged.append(key)
            progress.set()

    workers = [asyncio.create_task(work(user_id)) for user_id in range(1, 5)]
    for many in (12, 35):
        while len(acknowledged) < many:
            await progress.wait()
            progress.clear()
        os.kill(server.pid, signal.SIGKILL)
    await asyncio.gather(*workers)
    stop.set()
    await watch
    for user_id in range(1, 5):
        assert await ledger.balance(user_id) == Balance(0, 0, 0)
    await assert_sound(ledger)
    assert (await ledger.check()).entries == 15 * 4 * 7
    await database.close()
    await server.stop()
