"""A person's queue: nobody overtakes, no more run than may, and every hold ends once, come what may."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from unittest.mock import patch

import pytest
from support.generation_world import PRICE, Killed, Killer, ScriptedProvider, World

from core.billing.free import FreeTier
from core.generation.assembly import Studio
from core.generation.job import Job, JobState
from core.generation.provider import Failed, FailureReason, ProviderTask, Running, Status, Succeeded
from core.generation.refused import TooManyActive
from core.generation.settings import GenerationSettings
from core.storage.database import Database
from sandbox.clock import ManualClock

PAID = 200
AT_THE_PROVIDER = (JobState.HELD, JobState.SUBMITTED, JobState.RUNNING)
FAILED = Failed(FailureReason.PROVIDER_FAULT)


class TaskByTask(ScriptedProvider):
    """Its tasks run until they are ended here, and end when they are stopped."""

    def __init__(self) -> None:
        super().__init__()
        self.running: dict[str, Status] = {}
        self.most = 0

    async def submit(self, task: ProviderTask) -> str:
        task_id: str = await super().submit(task)
        self.running[task_id] = Running(10)
        self.most = max(self.most, len(self.open_tasks))
        return task_id

    async def poll(self, task_id: str) -> Status:
        self.polls += 1
        return self.running[task_id]

    async def cancel(self, task_id: str) -> bool:
        self.cancelled.append(task_id)
        self.running[task_id] = FAILED
        return True

    @property
    def open_tasks(self) -> list[str]:
        return [task for task, status in self.running.items() if isinstance(status, Running)]

    def end(self, task_id: str, *, well: bool = True) -> None:
        self.running[task_id] = Succeeded((self.result(),)) if well else FAILED

    @property
    def order(self) -> list[str]:
        """The jobs in the order in which their tasks were made."""
        return [task.job_id for task in self.submissions]


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    return await _world(database, clock)


async def _world(database: Database, clock: ManualClock, *, active: int = 1, queued: int = 3) -> World:
    world = World(database, clock, GenerationSettings(max_active=active, max_queued=queued))
    world.provider = TaskByTask()
    await world.pay(PAID)
    return world


def _provider(world: World) -> TaskByTask:
    assert isinstance(world.provider, TaskByTask)
    return world.provider


@asynccontextmanager
async def _at_work(world: World, name: str = "one", killer: Killer | None = None) -> AsyncIterator[Studio]:
    studio = world.studio(killer, name=name)
    studio.worker.start()
    try:
        yield studio
    finally:
        await studio.worker.stop()


async def _count(world: World, *states: JobState) -> int:
    return sum(job.state in states for job in await world.all_jobs())


async def _ends(world: World) -> None:
    """Everything that was ordered comes to its end, one task after the other."""

    async def over() -> bool:
        for task in _provider(world).open_tasks:
            _provider(world).end(task)
        return all(not job.active for job in await world.all_jobs()) and not await world.ledger.all_holds()

    await world.until(over)


async def test_orders_wait_for_their_turn_and_their_price_is_held_from_the_beginning(world: World) -> None:
    async with _at_work(world) as studio:
        jobs = [await world.create(studio, f"r{number}") for number in range(4)]
        assert [job.state for job in jobs] == [JobState.HELD, *[JobState.QUEUED] * 3]
        assert [await studio.generations.position(job) for job in jobs] == [0, 1, 2, 3]
        assert (await world.ledger.balance(world.person.id)).held == 4 * PRICE
        for done in range(1, 5):
            await world.until(lambda done=done: len(_provider(world).submissions) == done)
            assert _provider(world).order == [job.id for job in jobs[:done]]
            assert await _count(world, *AT_THE_PROVIDER) == 1
            _provider(world).end(f"task-{done}")
        await _ends(world)
    assert _provider(world).most == 1
    await world.assert_sound(paid=PAID)


async def test_who_is_next_begins_without_a_look_that_waits(world: World) -> None:
    async with _at_work(world) as studio:
        first = await world.create(studio)
        second = await world.create(studio, "r2")
        await world.until(lambda: len(_provider(world).submissions) == 1, step=0)
        before = world.clock.monotonic()
        assert await studio.generations.cancel(world.person.id, first.id)
        await world.until(lambda: len(_provider(world).submissions) == 2, step=0)
        assert world.clock.monotonic() == before
        assert _provider(world).order[-1] == second.id
        await _ends(world)
    await world.assert_sound(paid=PAID)


async def test_one_that_is_taken_back_gives_everything_back_and_the_others_move_up(world: World) -> None:
    async with _at_work(world) as studio:
        jobs = [await world.create(studio, f"r{number}") for number in range(4)]
        world.plugins.heard.clear()
        assert await studio.generations.cancel(world.person.id, jobs[1].id)
        assert [await studio.generations.position(job) for job in jobs[2:]] == [1, 2]
        heard = {job.id for job in world.plugins.heard if job.state is JobState.QUEUED}
        assert heard >= {job.id for job in jobs[2:]}, "those whose turn came nearer are told of"
        await world.until(lambda: len(world.telegram.notices) == 1)
        assert "10 Stars are back" in world.telegram.notices[0].text
        assert (await world.ledger.balance(world.person.id)).held == 3 * PRICE
        await _ends(world)
    assert _provider(world).order == [jobs[0].id, *(job.id for job in jobs[2:])]
    await world.assert_sound(paid=PAID)


async def test_a_full_queue_refuses_before_any_money(world: World) -> None:
    studio = world.studio()
    for number in range(4):
        await world.create(studio, f"r{number}")
    with pytest.raises(TooManyActive) as refused:
        await world.create(studio, "r5")
    text = world.i18n.translator("ru")(refused.value.key, **refused.value.variables)
    assert "ждут 3 заказа" in text
    assert (await world.ledger.balance(world.person.id)).held == 4 * PRICE


@pytest.mark.parametrize(("active", "queued"), [(1, 3), (2, 2), (3, 0)])
async def test_ten_orders_at_once_through_two_bots_take_exactly_the_places_there_are(
    database: Database, clock: ManualClock, active: int, queued: int
) -> None:
    world = await _world(database, clock, active=active, queued=queued)
    bots = (world.studio(name="a"), world.studio(name="b"))
    outcomes = await asyncio.gather(
        *(world.create(bots[number % 2], f"r{number}") for number in range(10)), return_exceptions=True
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, TooManyActive)]
    assert len(refused) == 10 - active - queued, outcomes
    jobs = await world.all_jobs()
    assert len({job.slot for job in jobs}) == active + queued
    assert sum(job.state is JobState.HELD for job in jobs) == active
    async with _at_work(world, "a"), _at_work(world, "b"):
        await _ends(world)
    assert _provider(world).most <= active
    await world.assert_sound(paid=PAID)


async def test_places_that_become_free_at_once_are_given_once_whoever_looks(
    database: Database, clock: ManualClock
) -> None:
    world = await _world(database, clock, active=2, queued=4)
    bot = world.studio()
    jobs = [await world.create(bot, f"r{number}") for number in range(6)]
    bots = [world.studio(name=f"b{number}") for number in range(4)]
    ended = await asyncio.gather(
        *(
            each.generations.cancel(world.person.id, job.id)
            for each, job in zip(bots, jobs[:2] * 2, strict=True)
        )
    )
    assert all(ended)
    states = {job.id: job.state for job in await world.all_jobs()}
    assert [states[job.id] for job in jobs[2:]] == [JobState.HELD] * 2 + [JobState.QUEUED] * 2
    async with _at_work(world):
        await _ends(world)
    assert len(_provider(world).order) == 4
    assert _provider(world).most == 2
    await world.assert_sound(paid=PAID)


async def test_nobody_overtakes_one_whose_price_is_still_being_held(world: World) -> None:
    """A bot died between writing an order and holding its price; the one behind it waits for that."""
    bot = world.studio()
    first = await world.create(bot)
    dying = world.studio()
    with patch.object(dying.pipeline, "hold", side_effect=Killed), pytest.raises(Killed):
        await world.create(dying, "r2")
    third = await world.create(bot, "r3")
    second = next(job for job in await world.all_jobs() if job.id not in (first.id, third.id))
    assert second.state is JobState.CREATED
    assert await bot.generations.cancel(world.person.id, first.id)
    assert await _count(world, *AT_THE_PROVIDER) == 0
    async with _at_work(world):
        await _ends(world)
    assert _provider(world).order == [second.id, third.id]
    await world.assert_sound(paid=PAID)


async def test_a_place_whose_news_were_lost_is_found(world: World) -> None:
    """Whoever freed it died before it looked who is next."""
    bot = world.studio()
    first = await world.create(bot)
    second = await world.create(bot, "r2")
    assert await world.jobs.advance(first.id, expected=(JobState.HELD,), to=JobState.CANCELLED)
    async with _at_work(world):
        await world.until(lambda: _provider(world).order == [second.id])
        await _ends(world)
    await world.assert_sound(paid=PAID)


async def test_free_ones_are_counted_when_they_are_ordered_and_given_back_when_taken_back(
    database: Database, clock: ManualClock
) -> None:
    world = World(database, clock, GenerationSettings(max_queued=3))
    world.provider = TaskByTask()
    world.free = FreeTier(("scripted-one",), per_day=3)
    bot = world.studio()

    async def order(request: str) -> Job:
        return await world.create(
            bot, request, quote=await bot.generations.quote_for(world.person, "scripted-one")
        )

    async def left() -> int:
        return (await bot.generations.quote_for(world.person, "scripted-one")).free_left

    jobs = [await order(f"r{number}") for number in range(3)]
    assert all(job.free == "daily" for job in jobs)
    assert await left() == 0
    assert await bot.generations.cancel(world.person.id, jobs[2].id)
    assert await left() == 1
    async with _at_work(world):
        await _ends(world)
    assert await left() == 1
    await world.assert_sound(paid=0)


async def test_while_a_person_cannot_be_reached_their_queue_goes_on(world: World) -> None:
    world.telegram.blocked = True
    async with _at_work(world) as studio:
        jobs = [await world.create(studio, f"r{number}") for number in range(3)]

        async def all_made() -> bool:
            for task in _provider(world).open_tasks:
                _provider(world).end(task)
            return await _count(world, JobState.READY) == 3

        await world.until(all_made, step=5)
        world.telegram.blocked = False
        await studio.worker.person_returned(world.person.id)
        before = world.clock.monotonic()
        await world.until(lambda: len(world.telegram.media) == 3, step=0.5)
        assert world.clock.monotonic() - before < 5
        await _ends(world)
    assert _provider(world).order == [job.id for job in jobs]
    await world.assert_sound(paid=PAID)


@pytest.mark.parametrize("seed", range(3))
async def test_random_walks_keep_order_places_and_money(
    database: Database, clock: ManualClock, seed: int
) -> None:
    await _walk(database, clock, seed, steps=25)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 200))
async def test_long_random_walks_keep_order_places_and_money(
    database: Database, clock: ManualClock, seed: int
) -> None:
    await _walk(database, clock, seed, steps=150)


async def _walk(database: Database, clock: ManualClock, seed: int, *, steps: int) -> None:
    """Orders, stops, ends and deaths of workers in a random order; what must hold is looked at after each."""
    chance = random.Random(seed)
    active, queued = chance.choice([(1, 3), (1, 1), (2, 3), (3, 2), (1, 0)])
    world = await _world(database, clock, active=active, queued=queued)
    provider = _provider(world)
    await world.ledger.credit(
        world.person.id, 5000, source="manual", key="more", reference="", actor="t", reason="t"
    )
    bots = [world.studio(name=f"bot{number}") for number in range(2)]
    workers = [world.studio(name=f"w{number}") for number in range(2)]
    for worker in workers:
        worker.worker.start()
    ordered: list[str] = []
    for step in range(steps):
        match chance.choice(["order", "order", "stop", "well", "badly", "wait", "die"]):
            case "order":
                try:
                    ordered.append((await world.create(chance.choice(bots), f"r{step}")).id)
                except TooManyActive:
                    assert len([job for job in await world.all_jobs() if job.slot]) == active + queued
            case "stop" if ordered:
                await chance.choice(bots).generations.cancel(world.person.id, chance.choice(ordered))
            case "well" | "badly" as how if provider.open_tasks:
                provider.end(chance.choice(provider.open_tasks), well=how == "well")
            case "wait":
                await clock.advance(chance.choice([1, 10, 40]))
            case "die":
                # It drops everything in the middle of its steps, as a process that is killed does.
                dead = chance.randrange(2)
                await workers[dead].worker._drop()
                await workers[dead].worker._leadership.stop()
                workers[dead] = world.studio(name=f"w{dead}-{step}")
                workers[dead].worker.start()
        await world._quiet()
        jobs = await world.all_jobs()
        assert sum(job.state in AT_THE_PROVIDER for job in jobs) <= active
        assert sum(job.waits for job in jobs) <= queued
    await _ends(world)
    for worker in workers:
        await worker.worker.stop()
    jobs = await world.all_jobs()
    begun = {job.id: job.timings["held"] for job in jobs if "held" in job.timings}
    moments = [begun[job_id] for job_id in ordered if job_id in begun]
    assert moments == sorted(moments), "somebody overtook"
    if active == 1:
        assert provider.order == sorted(provider.order, key=ordered.index), "somebody overtook"
    delivered = sum(job.state is JobState.DELIVERED for job in jobs)
    assert (await world.ledger.balance(world.person.id)).available == PAID + 5000 - PRICE * delivered
    await world.assert_sound(paid=PAID + 5000)
