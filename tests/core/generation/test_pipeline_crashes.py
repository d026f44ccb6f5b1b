"""The process may end after any call over a border: the outcome is the same as if it had not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.generation_world import CONTENT, Killed, Killer, World

from core.errors import DatabaseAway
from core.generation.provider import Failed, FailureReason, Running
from core.generation.settings import GenerationSettings, Patience
from core.storage.database import Database
from sandbox.clock import ManualClock

PAID = 25
Prepare = Callable[[World], None]


def _fails(world: World) -> None:
    world.provider.statuses = [Running(1), Failed(FailureReason.SAFETY)]


def _never_gets_ready(world: World) -> None:
    world.provider.statuses = [Running(1)]


def _makes_two_files(world: World) -> None:
    world.provider.statuses[-1] = type(world.provider.statuses[-1])(
        (world.provider.result(), world.provider.result(url="scripted:2"))
    )


def _delivers(world: World) -> None: ...


STORIES: dict[str, Prepare] = {
    "delivered": _delivers,
    "two files": _makes_two_files,
    "failed": _fails,
    "expired": _never_gets_ready,
}


async def _live(world: World, killer: Killer, *, taps: int = 1) -> None:
    """One generation; after a kill another worker goes on, and the person may tap again."""
    await world.pay(PAID)
    studio = world.studio(killer)
    try:
        await world.create(studio)
        await world.run(studio)
    except Killed:
        await world.clock.advance(61)
        studio = world.studio()
        for _ in range(taps - 1):
            await world.create(studio)
        await world.run(studio)


def _world(database: Database, clock: ManualClock, prepare: Prepare, number: int) -> World:
    world = World(
        database, clock, GenerationSettings(patience=Patience(deadline=70.0, poll_first=4.0)), number=number
    )
    prepare(world)
    return world


async def _life(database: Database, clock: ManualClock, prepare: Prepare) -> Killer:
    """One without a kill."""
    killer = Killer()
    world = _world(database, clock, prepare, 0)
    await _live(world, killer)
    assert len(await world.assert_sound(paid=PAID)) == 1
    return killer


@pytest.mark.parametrize(("story", "taps"), [*((story, 1) for story in STORIES), ("delivered", 2)])
async def test_any_kill_ends_as_if_there_had_been_none(
    database: Database, clock: ManualClock, story: str, taps: int
) -> None:
    life = await _life(database, clock, STORIES[story])
    for at in life.moments():
        world = _world(database, clock, STORIES[story], at)
        await _live(world, Killer(at), taps=taps)
        where = f"killed after call {at}, {life.calls[at - 1]}"
        jobs = await world.assert_sound(paid=PAID)
        assert len(world.provider.submissions) == len(jobs), where
        expected = len(jobs) if story in ("delivered", "two files") else 0
        assert len(world.telegram.media) == expected, where
        if taps > 1:
            assert len(jobs) == 1, where


def _lost_reply(call: str) -> BaseException:
    """What a caller sees when the answer to a call is lost on its way."""
    return DatabaseAway("lost") if call.startswith(("jobs", "ledger")) else ConnectionResetError("lost")


class _Interrupter(Killer):
    """Loses the answer of one call; the process goes on."""

    async def passed(self, call: str) -> None:
        self.error = lambda: _lost_reply(call)
        await super().passed(call)


@pytest.mark.soak
@pytest.mark.parametrize("story", STORIES)
async def test_any_lost_answer_ends_as_if_there_had_been_none(
    database: Database, clock: ManualClock, story: str
) -> None:
    calls = (await _life(database, clock, STORIES[story])).calls
    for at in range(1, len(calls) + 1):
        world = _world(database, clock, STORIES[story], at)
        await world.pay(PAID)
        studio = world.studio(_Interrupter(at))
        try:
            await world.create(studio)
        except (DatabaseAway, ConnectionResetError):
            # The person sees that something went wrong and taps again.
            await world.create(studio)
        await world.run(studio)
        where = f"lost the answer to call {at}, {calls[at - 1]}"
        assert len(world.provider.submissions) == 1, where
        assert len(await world.all_jobs()) == 1, where
        assert len(world.telegram.media) == (story in ("delivered", "two files")), where
        await world.assert_sound(paid=PAID)


async def test_a_job_stopped_by_its_person_survives_any_kill(database: Database, clock: ManualClock) -> None:
    async def live(world: World, killer: Killer) -> None:
        world.provider.statuses = [Running(1)]
        await world.pay(PAID)
        studio = world.studio(killer)
        try:
            job = await world.create(studio)
            await world.run(studio, seconds=2)
            await studio.generations.cancel(world.person.id, job.id)
            await world.run(studio)
        except Killed:
            await world.clock.advance(61)
            studio = world.studio()
            for job in await world.all_jobs():
                await studio.generations.cancel(world.person.id, job.id)
            await world.run(studio)

    killer = Killer()
    await live(_world(database, clock, _delivers, 0), killer)
    assert "provider.cancel" in killer.calls
    for at in killer.moments():
        world = _world(database, clock, _delivers, at)
        await live(world, Killer(at))
        assert world.telegram.media == [], f"killed after {killer.calls[at - 1]}"
        await world.assert_sound(paid=PAID)


async def test_a_crash_between_upload_and_send_costs_no_second_upload(
    database: Database, clock: ManualClock
) -> None:
    calls = (await _life(database, clock, _delivers)).calls
    stored = len(calls) - 1 - calls[::-1].index("telegram.register") + 2
    assert calls[stored - 1] == "jobs.change"
    world = _world(database, clock, _delivers, 1)
    await _live(world, Killer(stored))
    assert [content for _, content in world.telegram.uploads] == [CONTENT]
    await world.assert_sound(paid=PAID)
