"""Several at once: a person who stops a job, workers that take jobs over, holds that nobody ends."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from support.generation_world import PRICE, Killed, Killer, World

from core.generation.job import Job, JobState
from core.generation.provider import Running, SubmissionUnknown
from core.storage.database import Database
from core.storage.leases import WORKER_LEASE
from sandbox.clock import ManualClock

PAID = 25


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    world = World(database, clock)
    await world.pay(PAID)
    return world


async def test_a_job_stopped_while_it_is_submitted_stops_at_the_provider_too(world: World) -> None:
    studio = world.studio()
    job = await world.create(studio)

    async def stop() -> None:
        assert await studio.generations.cancel(world.person.id, job.id)

    world.provider.during_submit = stop
    # Without a list of tasks only the reply itself tells which one to stop.
    world.provider.finds = False
    await world.run(studio)
    assert world.provider.cancelled == ["task-1"]
    assert "Stopped" in world.telegram.notices[0].text
    assert "10 Stars are back" in world.telegram.notices[0].text
    await world.assert_sound(paid=PAID)


async def test_what_the_provider_cannot_stop_is_delivered_and_paid(world: World) -> None:
    world.provider.cancels = False
    studio = world.studio()
    job = await world.create(studio)
    await world.run(studio, seconds=0.5)
    assert (await world.job()).state is JobState.RUNNING
    assert not await studio.generations.cancel(world.person.id, job.id)
    await world.run(studio)
    assert len(world.telegram.media) == 1
    await world.assert_sound(paid=PAID)


async def test_nobody_stops_a_job_of_somebody_else_or_one_that_ended(world: World) -> None:
    studio = world.studio()
    job = await world.create(studio)
    assert not await studio.generations.cancel(world.person.id + 1, job.id)
    assert not await studio.generations.cancel(world.person.id, "unknown")
    await world.run(studio)
    assert not await studio.generations.cancel(world.person.id, job.id)
    await world.assert_sound(paid=PAID)


async def test_a_stop_at_any_moment_ends_in_a_refund_or_a_delivery(
    database: Database, clock: ManualClock
) -> None:
    async def live(number: int, at: int) -> tuple[World, list[bool], list[str]]:
        world = World(database, clock, number=number)
        await world.pay(PAID)
        stopped: list[bool] = []

        async def stop() -> None:
            for job in await world.all_jobs():
                stopped.append(await world.studio().generations.cancel(world.person.id, job.id))

        killer = Killer(at, action=stop)
        studio = world.studio(killer)
        await world.create(studio)
        await world.run(studio)
        return world, stopped, killer.calls

    _, _, calls = await live(0, 0)
    outcomes = set()
    for at in range(2, len(calls) + 1):
        world, stopped, _ = await live(at, at)
        assert len(world.telegram.media) == (0 if any(stopped) else 1), calls[at - 1]
        outcomes.update(stopped)
        await world.assert_sound(paid=PAID)
    assert outcomes == {True, False}


async def test_a_late_write_of_a_worker_that_lost_its_lease_is_refused(world: World) -> None:
    studio = world.studio()
    await world.create(studio)
    first = await world.leases.acquire(f"{WORKER_LEASE}a", "a", 30)
    assert first is not None
    (stale,) = await world.jobs.claim("a", first.epoch, 10)
    await world.clock.advance(31)
    second = await world.leases.acquire(f"{WORKER_LEASE}b", "b", 30)
    assert second is not None
    (fresh,) = await world.jobs.claim("b", second.epoch, 10)
    assert (await studio.pipeline.step(stale)).job is None
    assert (await world.job()).state is JobState.HELD
    assert world.provider.submissions == []
    step = await studio.pipeline.step(fresh)
    assert step.job is not None
    assert step.job.state is JobState.RUNNING


async def test_a_worker_overtaken_in_mid_submission_does_not_touch_the_others_job(world: World) -> None:
    studio = world.studio()
    await world.create(studio)
    first = await world.leases.acquire(f"{WORKER_LEASE}a", "a", 30)
    assert first is not None
    (stale,) = await world.jobs.claim("a", first.epoch, 10)

    async def overtake() -> None:
        world.provider.during_submit = None
        await world.clock.advance(31)
        await world.run(world.studio())

    world.provider.during_submit = overtake
    assert (await studio.pipeline.step(stale)).job is None
    assert world.provider.cancelled == []
    assert len(world.provider.submissions) == 1
    await world.assert_sound(paid=PAID)


async def test_orphaned_holds_are_released_and_others_left_alone(world: World) -> None:
    await world.ledger.hold(world.person.id, "neverwritten", 3, actor="test", reason="test")
    await world.ledger.hold(world.person.id, "plugin:quiz:7", 2, actor="test", reason="test")
    studio = world.studio()
    world.provider.statuses = [Running(1)]
    job = await world.create(studio)
    await world.clock.advance(120)
    assert await studio.sweeper.sweep() == 1
    assert {held.hold_id for held in await world.ledger.all_holds()} == {"plugin:quiz:7", job.id}
    assert await studio.sweeper.sweep() == 0


async def _stopped_before_its_hold(world: World) -> Job:
    """A job that was stopped and closed while the bot that made it had not held its price yet."""
    studio = world.studio()
    with patch.object(studio.pipeline, "hold", side_effect=Killed), pytest.raises(Killed):
        await world.create(studio)
    job = await world.job()
    assert job.state is JobState.CREATED
    studio = world.studio()
    assert await studio.generations.cancel(world.person.id, job.id)
    await world.run(studio)
    assert "Nothing was charged" in world.telegram.notices[0].text
    return job


async def test_a_hold_that_comes_after_its_job_was_closed_is_released_at_once(world: World) -> None:
    job = await _stopped_before_its_hold(world)
    current = await world.studio().pipeline.hold(job)
    assert current.state is JobState.RELEASED
    await world.assert_sound(paid=PAID)


async def test_a_hold_that_stays_after_its_job_was_closed_is_swept(world: World) -> None:
    job = await _stopped_before_its_hold(world)
    assert await world.ledger.hold(world.person.id, job.id, PRICE, actor="test", reason="test")
    await world.clock.advance(120)
    assert await world.studio().sweeper.sweep() == 1
    await world.assert_sound(paid=PAID)


async def test_a_hold_is_too_young_to_be_swept_at_first(world: World) -> None:
    await world.ledger.hold(world.person.id, "neverwritten", 3, actor="test", reason="test")
    assert await world.studio().sweeper.sweep() == 0


async def test_a_hold_of_a_delivered_job_is_settled(world: World) -> None:
    studio = world.studio()
    job = await world.create(studio)
    owner = await world.leases.acquire(f"{WORKER_LEASE}x", "x", 30)
    assert owner is not None
    (claimed,) = await world.jobs.claim("x", owner.epoch, 1)
    assert await world.jobs.advance(
        job.id, expected=(claimed.state,), to=JobState.DELIVERED, epoch=owner.epoch, changes={}
    )
    await world.clock.advance(120)
    assert await studio.sweeper.sweep() == 1
    balance = await world.ledger.balance(world.person.id)
    assert (balance.available, balance.held) == (PAID - PRICE, 0)


async def test_a_submission_nobody_knows_of_is_asked_for_before_it_is_repeated(world: World) -> None:
    world.provider.submit_errors = [SubmissionUnknown("lost")] * 2
    studio = world.studio()
    await world.create(studio)
    await world.run(studio)
    assert len(world.provider.submissions) == 1
    await world.assert_sound(paid=PAID)
