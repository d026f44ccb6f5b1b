"""The process may end at any call between order and task: no second task, no lost job, no hold that stays."""

from __future__ import annotations

from functools import partial

import pytest
from support.callback_house import PUBLIC, SECRET, CallingProvider
from support.generation_world import Killed, Killer, ScriptedProvider, World, model

from core.errors import DatabaseAway
from core.generation.assembly import Studio
from core.generation.callback_addresses import CallbackAddresses
from core.generation.model import ModelList
from core.generation.provider import FailureReason, SubmissionRefused
from core.storage.database import Database
from sandbox.clock import ManualClock

PAID = 25


class Listless(CallingProvider):
    """Has no list of tasks, and calls back."""

    def __init__(self) -> None:
        super().__init__()
        self.finds = False

    async def call_back(self, world: World) -> None:
        """What the callback of each task comes to on any instance."""
        for job_id, task_id in self.tasks.items():
            await world.jobs.adopt(job_id, self.name, task_id)


async def _live_without_a_list(world: World, killer: Killer) -> None:
    """A job; its callback; then everything that is left. After a kill a new process goes on."""
    provider = Listless()
    provider.task_prefix = f"task-{world.number}-"
    world.provider = provider
    world.addresses = CallbackAddresses(PUBLIC, [SECRET])
    await world.pay(PAID)
    studio = world.studio(killer)
    for act in ("create", "submit", "finish"):
        try:
            await _act(act, world, studio)
        except Killed:
            await world.clock.advance(61)
            studio = world.studio()
            await _act(act if act != "create" else "submit", world, studio)


async def _act(act: str, world: World, studio: Studio) -> None:
    assert isinstance(world.provider, Listless)
    if act == "create":
        await world.create(studio)
    elif act == "submit":
        await world.run(studio, seconds=30)
        await world.provider.call_back(world)
    else:
        await world.run(studio)


async def test_without_a_list_any_kill_ends_in_one_task_or_a_refund(
    database: Database, clock: ManualClock
) -> None:
    killer = Killer()
    plain = World(database, clock, number=0)
    await _live_without_a_list(plain, killer)
    assert len(plain.telegram.media) == 1
    submitted = killer.calls.index("provider.submit") + 1
    refunds = set()
    for at in killer.moments():
        world = World(database, clock, number=at)
        await _live_without_a_list(world, Killer(at))
        where = f"killed after call {at}, {killer.calls[at - 1]}"
        taken = len(world.provider.submissions)
        assert taken <= 1, where
        assert len(world.telegram.media) == taken, where
        if world.telegram.notices:
            refunds.add(at)
            assert world.alerts.kinds == ["submission_lost"], where
        await world.assert_sound(paid=PAID)
    # Killed when it was noted as submitted and the provider had not been asked: nobody can tell, so a refund.
    assert refunds == {at for at in refunds if at < submitted}
    assert len(refunds) <= 2


class Other(ScriptedProvider):
    def __init__(self) -> None:
        super().__init__("other")
        same = model("other-one", provider="other").model_copy(update={"product": "lighthouses"})
        self.offered = ModelList((same,))


def _two_providers(world: World) -> Other:
    """The first one takes nothing."""
    other = Other()
    world.others = [other]
    mine = model().model_copy(update={"product": "lighthouses"})
    world.provider.offered = ModelList((mine,))
    world.provider.submit_errors = [SubmissionRefused(FailureReason.UNAVAILABLE)] * 50
    return other


@pytest.mark.soak
@pytest.mark.parametrize("lost_reply", [False, True], ids=["killed", "answer lost"])
async def test_handing_on_survives_anything_with_one_task(
    database: Database, clock: ManualClock, lost_reply: bool
) -> None:
    async def live(world: World, killer: Killer) -> Other:
        other = _two_providers(world)
        await world.pay(PAID)
        studio = world.studio(killer)
        try:
            await world.create(studio)
            await world.run(studio)
        except (Killed, DatabaseAway, ConnectionResetError):
            await world.clock.advance(61)
            studio = world.studio()
            await world.create(studio)
            await world.run(studio)
        return other

    plain, killer = World(database, clock, number=0), Killer()
    other = await live(plain, killer)
    assert (len(other.submissions), len(plain.telegram.media)) == (1, 1)
    for at in range(1, len(killer.calls) + 1):
        world = World(database, clock, number=at)
        call = killer.calls[at - 1]
        kill = Killer(at)
        if lost_reply:
            at_home = call.startswith(("jobs", "ledger", "stored"))
            kill.error = partial(DatabaseAway if at_home else ConnectionResetError, "lost")
        other = await live(world, kill)
        assert len(other.submissions) == 1, f"after call {at}, {call}"
        assert world.provider.submissions == []
        assert len(world.telegram.media) == 1, f"after call {at}, {call}"
        await world.assert_sound(paid=PAID)
