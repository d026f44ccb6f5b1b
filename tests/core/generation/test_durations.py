"""What is usual for a model, what is told of a job as time passes, and how that is said."""

from __future__ import annotations

import pytest
from support.generation_world import World

from core.generation.durations import Durations
from core.generation.job import JobState
from core.generation.provider import Running, Succeeded
from core.generation.time_words import about_time
from core.storage.database import Database
from core.storage.durations import KEPT, DurationStore
from sandbox.clock import ManualClock

MODEL = "scripted-one"
PAID = 500


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    world = World(database, clock)
    await world.pay(PAID)
    return world


async def _known(world: World, *seconds: float) -> None:
    for each in seconds:
        await world.durations.note(MODEL, each)


async def test_what_is_usual_is_the_median_of_the_last_ones_in_one_small_document(
    database: Database, clock: ManualClock
) -> None:
    store = DurationStore(database)
    for number in range(KEPT + 10):
        await store.note("one", float(number))
    await store.note("two", 5.0)
    durations = Durations(store, clock)
    before = database.round_trips
    assert await durations.usual_of(["one", "two", "none"]) == {"one": 19.5}
    assert await durations.usual("two") is None, "too few to tell"
    assert database.round_trips - before == 1, "one read for a screen, and none for the next"
    rows = await store._rows.find({"_id": "one"})
    assert len(rows[0]["last"]) == KEPT
    for _ in range(4):
        await store.note("two", 5.0)
    assert await durations.usual("two") is None
    await clock.advance(61)
    assert await durations.usual("two") == 5.0


async def test_a_delivery_counts_and_what_only_its_person_made_long_does_not(world: World) -> None:
    studio = world.studio()
    await _known(world, 10, 10)
    assert await studio.generations.expected_seconds(MODEL) is None
    await world.create(studio)
    await world.run(studio)
    assert await studio.generations.expected_seconds(MODEL) == 10
    (kept,) = (await world.durations.last_of([MODEL])).values()
    job = await world.job()
    took = (job.timings["delivered"] - job.timings["submitted"]).total_seconds()
    assert kept == (10, 10, took)
    world.telegram.blocked = True
    world.provider.statuses = [Succeeded((world.provider.result(),))]
    await world.create(studio, "r2")
    await world.run(studio, seconds=3600)
    world.telegram.blocked = False
    await world.run(studio)
    assert len(world.telegram.media) == 2
    (kept,) = (await world.durations.last_of([MODEL])).values()
    assert kept == (10, 10, took)


async def test_where_a_provider_gives_no_percent_the_time_that_passed_is_told_in_tenths(world: World) -> None:
    await _known(world, 100, 100, 100)
    world.provider.statuses = [Running()]
    studio = world.studio()
    await world.create(studio)
    await world.run(studio, seconds=250)
    told = [job.tenths for job in world.plugins.heard if job.state is JobState.RUNNING]
    assert told == sorted(set(told)), "each step once"
    assert told[0] == 0
    assert told[-1] == 10
    assert len(told) > 5


async def test_one_that_takes_much_longer_is_told_of_once_in_time_and_once_more_by_who_takes_it_over(
    world: World, clock: ManualClock
) -> None:
    await _known(world, 100, 100, 100)
    world.provider.statuses = [Running(10)]
    studio = world.studio()
    await world.create(studio)
    began = clock.monotonic()
    await world.run(studio, seconds=299)
    assert world.plugins.slow == []
    await world.run(studio, seconds=30)
    (slow,) = world.plugins.slow
    assert clock.monotonic() - began < 335
    assert (slow.state, slow.percent) == (JobState.RUNNING, 10)
    await world.run(world.studio(), seconds=600)
    assert len(world.plugins.slow) == 2, "the other worker cannot know whether the first one's word arrived"
    assert len({job.epoch for job in world.plugins.slow}) == 2


async def test_where_nothing_is_known_a_person_hears_of_it_after_a_quarter_of_an_hour(world: World) -> None:
    world.provider.statuses = [Running(10)]
    studio = world.studio()
    await world.create(studio)
    await world.run(studio, seconds=930)
    (slow,) = world.plugins.slow
    assert 900 <= (world.clock.now() - slow.timings["submitted"]).total_seconds() <= 935


@pytest.mark.parametrize(
    ("seconds", "en", "ru"),
    [
        (0.2, "about 5 seconds", "около 5 секунд"),
        (41, "about 40 seconds", "около 40 секунд"),
        (57.4, "about 55 seconds", "около 55 секунд"),
        (58, "about 1 minute", "около 1 минуты"),
        (91, "about 1.5 minutes", "около 1,5 минуты"),
        (120, "about 2 minutes", "около 2 минут"),
        (310, "about 5 minutes", "около 5 минут"),
        (1265, "about 21 minutes", "около 21 минуты"),
        (3600, "about 60 minutes", "около 60 минут"),
    ],
)
async def test_times_are_said_as_people_say_them(world: World, seconds: float, en: str, ru: str) -> None:
    assert about_time(world.i18n.translator("en"), seconds) == en
    assert about_time(world.i18n.translator("ru"), seconds) == ru
