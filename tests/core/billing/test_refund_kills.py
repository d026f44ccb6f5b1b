"""A process killed at each step of a refund: the next one finishes it, and nothing happens twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
from ledger_tools import Fault, FaultyDatabase
from refund_desk import CHARGE, Desk, Killed, World

from core.billing.ledger import Balance
from core.storage.database import Database
from core.storage.refunds import RefundState, Shortage
from sandbox.clock import ManualClock

Act = Callable[[Desk], Awaitable[object]]


@dataclass(frozen=True)
class Scene:
    """What is done, and what must be in the end, wherever the process dies on the way."""

    name: str
    act: Act
    after: Balance
    spent: int = 30
    refusal: str = ""
    cases: int = 0
    gave_back: int = 1


def by_operator(shortage: Shortage) -> Act:
    return lambda desk: desk.refund(shortage=shortage)


SCENES = [
    Scene("operator", by_operator(Shortage.STOP), Balance(0, 0), spent=0),
    Scene("operator-stops", by_operator(Shortage.STOP), Balance(80, 0), gave_back=0),
    Scene("operator-books-debt", by_operator(Shortage.DEBT), Balance(0, 0, 30)),
    Scene("operator-forgives", by_operator(Shortage.FORGIVE), Balance(0, 0)),
    Scene(
        "telegram-refuses",
        by_operator(Shortage.DEBT),
        Balance(80, 0),
        refusal="BALANCE_TOO_LOW",
        gave_back=0,
    ),
    Scene("telegram-tells", lambda desk: desk.told_by_telegram(), Balance(0, 0, 30), cases=1),
]
BY_NAME = pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
AFTER = pytest.mark.parametrize(
    "after", [pytest.param(False, id="before", marks=pytest.mark.soak), pytest.param(True, id="after")]
)


async def prepared(scene: Scene, database: Database, clock: ManualClock) -> World:
    """A payment of 100 with a bonus of 10, of which some is spent."""
    for name in ("accounts", "entries", "entry_keys", "payments", "cases"):
        await database.collection(name).delete_many({})
    world = World.begin(clock)
    desk = Desk(database, world)
    await desk.pay(bonus=10)
    if scene.spent:
        await desk.spend(scene.spent)
    world.telegram.refusal = scene.refusal
    if scene.name == "telegram-tells":
        world.telegram.give_back(CHARGE)
    return world


async def assert_ended(scene: Scene, desk: Desk) -> None:
    """Start again, finish; what a person, an operator and an accountant see is as it should be."""
    await desk.refunds.sweep()
    await scene.act(desk)
    await desk.refunds.sweep()
    await desk.cases.sweep()
    refund = await desk.state()
    assert refund.ended
    assert await desk.balance() == scene.after
    assert desk.telegram.gave_back(CHARGE) == scene.gave_back
    assert len(await desk.cases.open_ones()) == scene.cases
    done = refund.state is RefundState.DONE
    assert done == bool(scene.gave_back)
    assert (desk.world.mail.sent != {}) == done
    if done:
        assert desk.letter.variables["owed"] == scene.after.owed
        assert desk.letter.variables["balance"] == scene.after.available
        if refund.by_telegram or scene.refusal:
            return
        assert desk.telegram.asked <= 2
        # Asked twice at most where the process died between noting the question and asking it.
        assert refund.attempt == 1


async def counted(scene: Scene, database: Database, clock: ManualClock) -> Fault:
    """The calls to the database of a process that lives."""
    world = await prepared(scene, database, clock)
    counting = Fault(error=Killed, outside=world.outside)
    await scene.act(Desk(FaultyDatabase(database, counting), world))
    await assert_ended(scene, Desk(database, world))
    return counting


async def killed(scene: Scene, kill: Fault, database: Database, clock: ManualClock) -> None:
    """Let a process die at a call, and another one go on."""
    world = await prepared(scene, database, clock)
    with pytest.raises(Killed):
        await scene.act(Desk(FaultyDatabase(database, kill), world))
    await assert_ended(scene, Desk(database, world))


@BY_NAME
async def test_killed_after_each_change(scene: Scene, database: Database, clock: ManualClock) -> None:
    kills = (await counted(scene, database, clock)).crashes()
    assert len(kills) > 1
    for kill in kills:
        await killed(scene, kill, database, clock)


@pytest.mark.soak
@BY_NAME
@AFTER
async def test_killed_at_each_call_to_the_database(
    scene: Scene, after: bool, database: Database, clock: ManualClock
) -> None:
    for at in range(len((await counted(scene, database, clock)).calls)):
        await killed(scene, Fault(at=at, after=after, error=Killed), database, clock)


@BY_NAME
@AFTER
async def test_killed_while_telegram_is_asked(
    scene: Scene, after: bool, database: Database, clock: ManualClock
) -> None:
    world = await prepared(scene, database, clock)

    async def die() -> None:
        world.telegram.before = world.telegram.after = None
        raise Killed

    if after:
        world.telegram.after = die
    else:
        world.telegram.before = die
    try:
        await scene.act(Desk(database, world))
    except Killed:
        desk = Desk(database, world)
        assert (await desk.state()).state is RefundState.ASKING
        looked = world.telegram.looked
        await desk.refunds.sweep()
        assert world.telegram.looked > looked
        assert world.telegram.asked == (1 if after else 2)
    await assert_ended(scene, Desk(database, world))
