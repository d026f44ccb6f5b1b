"""Workers: woken at once, take over from one another, and let go what is not theirs any more."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from support.generation_world import ScriptedProvider, World

from core.generation.job import Job, JobState
from core.generation.ordering import submitting
from core.generation.provider import Running
from core.generation.settings import GenerationSettings, WorkerSettings
from core.generation.worker import Worker
from core.http.provider_http import HttpLayer
from core.storage.database import Database
from sandbox.clock import ManualClock

PAID = 25


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    world = World(database, clock)
    await world.pay(PAID)
    return world


async def _is(world: World, state: JobState) -> bool:
    return (await world.job()).state is state


async def test_a_job_is_delivered_without_a_look_that_waits(world: World) -> None:
    world.provider.statuses = world.provider.statuses[-1:]
    studio = world.studio()
    studio.worker.start()
    await world.until(lambda: world.clock.sleepers >= 2, step=0)
    began = world.clock.monotonic()
    await world.create(studio)
    await world.until(lambda: world.provider.submissions, step=0)
    assert world.clock.monotonic() == began
    await world.until(lambda: _is(world, JobState.DELIVERED))
    await studio.worker.stop()
    await world.assert_sound(paid=PAID)


async def test_a_job_made_by_another_instance_is_found(world: World) -> None:
    worker = world.studio(name="worker").worker
    worker.start()
    await world.create(world.studio(name="bot"))
    await world.until(lambda: _is(world, JobState.DELIVERED))
    await worker.stop()
    await world.assert_sound(paid=PAID)


async def test_a_stop_by_another_instance_is_noticed_long_before_the_next_poll(world: World) -> None:
    world.provider.statuses = [Running(1)]
    worker = world.studio(name="worker").worker
    worker.start()
    bot = world.studio(name="bot")
    job = await world.create(bot)
    await world.until(lambda: world.provider.polls >= 10, step=5)
    assert await bot.generations.cancel(world.person.id, job.id)
    stopped = world.clock.monotonic()
    await world.until(lambda: _is(world, JobState.RELEASED), step=0.5)
    assert world.clock.monotonic() - stopped <= 4
    await worker.stop()
    await world.assert_sound(paid=PAID)


async def test_another_worker_takes_over_from_one_that_stopped_and_at_once(world: World) -> None:
    world.provider.statuses = [Running(1)]
    first = world.studio(name="a")
    first.worker.start()
    await world.create(first)
    await world.until(lambda: world.provider.polls >= 1)
    await first.worker.stop()
    left = world.clock.monotonic()
    second = world.studio(name="b")
    second.worker.start()
    await world.until(lambda: second.worker.load == 1, step=0.5)
    assert world.clock.monotonic() - left <= 5
    await second.worker.stop()
    assert len(world.provider.submissions) == 1


async def test_jobs_of_a_worker_that_fell_silent_are_taken_over_when_its_lease_is_over(world: World) -> None:
    world.provider.statuses = [Running(1)]
    dead = await world.leases.acquire("worker:dead", "dead", 30)
    assert dead is not None
    await world.create(world.studio(name="bot"))
    await world.jobs.claim("dead", dead.epoch, 10)
    alive = world.studio(name="alive")
    alive.worker.start()
    await world.until(lambda: world.clock.monotonic() > 25)
    assert alive.worker.load == 0
    await world.until(lambda: alive.worker.load == 1)
    assert 30 <= world.clock.monotonic() <= 40
    await alive.worker.stop()


async def test_a_worker_whose_lease_is_taken_drops_its_jobs_and_begins_anew(world: World) -> None:
    world.provider.statuses = [Running(1)]
    studio = world.studio(name="a")
    studio.worker.start()
    await world.create(studio)
    await world.until(lambda: world.provider.polls >= 1)
    before = (await world.job()).epoch
    thief = await world.leases.acquire("worker:a", "a", 30)
    assert thief is not None
    await world.until(lambda: _epoch_above(world, thief.epoch))
    assert before < thief.epoch
    await studio.worker.stop()


async def _epoch_above(world: World, epoch: int) -> bool:
    return (await world.job()).epoch > epoch


async def test_a_worker_looks_after_no_more_jobs_than_it_may(database: Database, clock: ManualClock) -> None:
    worlds = [World(database, clock, number=number) for number in range(4)]
    limited = worlds[0]
    limited.settings = type(limited.settings)(worker=type(limited.settings.worker)(concurrent=2))
    limited.provider.statuses = [Running(1)]
    for world in worlds:
        await world.pay(PAID)
        await world.create(world.studio(name=f"bot{world.number}"))
    worker = limited.studio(name="worker").worker
    worker.start()
    await limited.until(lambda: len(limited.provider.submissions) == 2)
    began = clock.monotonic()
    await limited.until(lambda: clock.monotonic() >= began + 5)
    assert worker.load == 2
    await worker.stop()


async def test_jobs_that_wait_cost_the_database_nothing(database: Database, clock: ManualClock) -> None:
    """However many there are: a second is three questions, and polls that find nothing new are none."""
    world = World(database, clock)
    world.provider.statuses = [Running()]
    one = await _waiting_job(world)
    for number in range(150):
        job = replace(one, id=f"j{number}", user_id=number, slot=f"{number}:0")
        assert await world.jobs.insert(job)
    worker = world.studio().worker
    worker.start()
    await world.until(lambda: worker.load == 150 and world.provider.polls >= 150)
    before, polls, began = database.round_trips, world.provider.polls, clock.monotonic()
    await world.until(lambda: clock.monotonic() >= began + 30)
    assert world.provider.polls - polls >= 150
    looks, heartbeats = 31, 4
    assert database.round_trips - before <= 3 * looks + 2 * heartbeats
    await worker.stop()


async def _waiting_job(world: World) -> Job:
    """A job as it is when its provider has it."""
    studio = world.studio()
    await world.pay(PAID)
    job = await world.create(studio)
    await world.run(studio, seconds=0.5)
    job = await world.job()
    await studio.generations.cancel(world.person.id, job.id)
    await world.run(studio)
    return replace(job, worker="", epoch=0, timings={"submitted": world.clock.now()})


async def test_a_person_who_comes_back_gets_the_result_at_once(world: World) -> None:
    world.telegram.blocked = True
    studio = world.studio()
    studio.worker.start()
    await world.create(studio)
    await world.until(lambda: _is(world, JobState.READY))
    await world.until(lambda: world.clock.monotonic() > 12 * 3600, step=600)
    world.telegram.blocked = False
    came = world.clock.monotonic()
    await studio.worker.person_returned(world.person.id)
    await world.until(lambda: _is(world, JobState.DELIVERED), step=1)
    assert world.clock.monotonic() - came < 60
    await studio.worker.stop()
    await world.assert_sound(paid=PAID)


class Key:
    """A provider's key that several processes use: when each of them has ordered something."""

    CALLS = 4
    SECONDS = 10.0

    def __init__(self, world: World) -> None:
        self._world = world
        self.clock = world.clock
        self.ordered: list[tuple[float, str]] = []

    def worker(self, name: str) -> Worker:
        """The worker of a process of its own."""
        world, layer = self._world, HttpLayer(self.clock)
        http = layer.provider("scripted")
        http.limits("create", calls=self.CALLS, seconds=self.SECONDS)

        async def take_turn() -> None:
            limit = http.limit("create")
            assert limit is not None
            with submitting(http):
                await limit.turn()
            self.ordered.append((self.clock.monotonic(), name))

        world.keys, world.provider = layer, ScriptedProvider()
        world.provider.during_submit = take_turn
        world.own_registry = world.registry()
        world.settings = GenerationSettings(worker=WorkerSettings(steps=3, concurrent=4))
        return world.studio(name=name).worker

    def orders(self, since: float, until: float) -> Counter[str]:
        return Counter(name for moment, name in self.ordered if since <= moment < until)


async def test_workers_share_the_limits_of_a_key_with_those_that_live(
    database: Database, clock: ManualClock
) -> None:
    """One has died, one comes, one only stands by: together they never order more than the key allows."""
    world = World(database, clock)
    bot = world.studio(name="stands by")
    for number in range(22):
        world.person = replace(world.person, id=1000 + number)
        await world.pay(PAID)
        await world.create(bot, f"r{number}")
    key = Key(world)
    first, second = key.worker("first"), key.worker("second")
    assert await world.leases.acquire("worker:dead", "dead", 20) is not None
    first.start()
    await world.until(lambda: clock.monotonic() >= 34)
    second.start()
    await world.until(lambda: clock.monotonic() >= 60)
    for worker in (first, second):
        await worker.stop()
    assert key.orders(0, 32) == {"first": 4}, "who has died counts until its lease is over"
    assert key.orders(32, 34) == {"first": 4}
    assert key.orders(34, 46) == {"first": 2}, "the second waits for what the first did when it was alone"
    assert key.orders(46, 60) == {"first": 2, "second": 4}
    moments = [moment for moment, _ in key.ordered]
    assert all(over - one >= 10 for one, over in zip(moments, moments[4:], strict=False))
