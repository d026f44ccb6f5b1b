"""What is counted, when, and at which cost."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from statistics_world import TODAY, Ended, counted, counter, put, put_counted, statistics

from core.clock import SystemClock
from core.generation.job import JobState
from core.statistics.periods import Period, Span
from core.statistics.record import Outcome, record_of
from core.statistics.statistics import Statistics
from core.statistics.summary import Summary
from core.storage.database import Database
from core.storage.generations import JobStore
from sandbox.clock import ManualClock

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def told(database: Database, clock: ManualClock) -> Statistics:
    return statistics(database, clock)


async def test_a_generation_is_counted_when_it_has_ended(
    database: Database, clock: ManualClock, told: Statistics
) -> None:
    jobs, counts = JobStore(database, clock), counter(database, clock)
    job = Ended().job(1)
    assert await jobs.insert(job.__class__(**{**_fields(job), "state": JobState.DELIVERING}))
    assert await counts.count() == 0
    await jobs.advance(job.id, expected=(JobState.DELIVERING,), to=JobState.DELIVERED)
    assert await counts.count() == 1
    assert await counts.count() == 0
    summary = await told.of_all(Period.TODAY)
    assert (summary.generations.count, summary.stars, summary.people) == (1, 3, 1)


def _fields(job: Any) -> dict[str, Any]:
    return {name: getattr(job, name) for name in job.__dataclass_fields__}


async def test_what_ended_before_there_were_statistics_is_counted_once(
    database: Database, clock: ManualClock, told: Statistics
) -> None:
    await put(database, [Ended(), Ended(outcome="failed")])
    rows = database.collection("generations")
    await rows.update_many({}, {"$unset": {"uncounted": ""}})
    for _ in range(2):
        # The second time as after a crash before the first batch was begun.
        await database.collection("statistics").delete_one({"_id": "counter"})
        await counter(database, clock).count()
    assert (await told.of_all(Period.ALL)).generations.count == 2


async def test_orders_that_were_never_paid_are_no_generations() -> None:
    job = Ended(outcome="failed").job(1)
    timings = {state: at for state, at in job.timings.items() if state != "held"}
    assert record_of(job) is not None
    assert record_of(job.__class__(**{**_fields(job), "timings": timings})) is None


async def test_stars_given_back_later_are_taken_off_on_that_day_and_once(
    database: Database, clock: ManualClock, told: Statistics
) -> None:
    sold = Ended(ago=3, price=10)
    await put(database, [sold])
    counts = counter(database, clock)
    await counts.count()
    job = await JobStore(database, clock).get("job0")
    assert job is not None
    for _ in range(2):
        await told.correct(job, key="refund:job0", stars=4)
        await counts.count()
    assert (await told.of_all(Period.WEEK)).stars == 6
    today = await told.of_all(Period.TODAY)
    assert (today.stars, today.generations.count, today.people) == (-4, 0, 0)
    assert (await told.of_person(sold.user, Period.ALL)).of(Outcome.REFUNDED).stars == -4
    with pytest.raises(ValueError, match="as much"):
        await told.correct(job, key="refund:more", stars=11)


async def test_a_person_can_be_forgotten_without_changing_the_sums(
    database: Database, clock: ManualClock, told: Statistics
) -> None:
    await put(database, [Ended(user=1), Ended(user=2, ago=1)])
    await counter(database, clock).count()
    await told.forget(1)
    assert (await told.of_person(1, Period.ALL)).generations.count == 0
    assert (await told.of_person(2, Period.ALL)).generations.count == 1
    assert (await told.of_all(Period.WEEK)).people == 2


async def test_the_counter_looks_by_itself_and_when_it_is_woken(
    database: Database, clock: ManualClock, told: Statistics
) -> None:
    counts = counter(database, clock)
    running = asyncio.create_task(counts.run())
    await clock.until_asleep()
    await put(database, [Ended()])
    counts.wake()
    await until(lambda: told.of_all(Period.TODAY))
    await put(database, [Ended()], first=1)
    # The counter may still be at the end of what it was woken for.
    await clock.until_asleep()
    await clock.advance(2)
    await until(lambda: told.of_all(Period.TODAY), count=2)
    running.cancel()


async def until(look: Callable[[], Awaitable[Summary]], *, count: int = 1) -> None:
    async with asyncio.timeout(10):
        while (await look()).generations.count < count:
            await SystemClock().sleep(0.01)


async def test_a_span_has_at_most_a_year(told: Statistics) -> None:
    with pytest.raises(ValueError, match="366"):
        await told.between(Span(date(2025, 1, 1), TODAY))


@pytest.mark.parametrize(
    "generations", [400, pytest.param(100_000, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])]
)
async def test_every_view_reads_a_bounded_number_of_rows_by_their_ids(
    database: Database, clock: ManualClock, told: Statistics, generations: int
) -> None:
    chance = random.Random(1)
    history = [
        Ended(
            ago=chance.randrange(365),
            minute=chance.randrange(720),
            user=chance.randrange(1, 2000),
            model=f"model-{min(int(chance.expovariate(0.05)), 150)}",
        )
        for _ in range(generations)
    ]
    fresh = history[-100:]
    await put_counted(database, history[:-100])
    await put(database, fresh, first=generations - 100)
    counts = counter(database, clock, at_once=200)
    before = database.round_trips
    while await counts.count():
        pass
    assert database.round_trips - before <= 20, "what is new is counted, however much was counted before"
    for period in Period:
        before = database.round_trips
        summary = await told.of_all(period)
        await told.of_person(history[0].user, period)
        assert database.round_trips - before <= 4
    assert (await told.of_all(Period.ALL)).generations.count == generations
    within = [each for each in history if each.ago < 30]
    month = await told.of_all(Period.MONTH)
    assert {tuple(kind): figures.kept for kind, figures in month.cells.items()} == counted(within)
    assert summary.people == len({each.user for each in history})
    days = [f"d:{TODAY - timedelta(days=ago)}" for ago in range(30)]
    for collection, question, most in (
        ("statistics", {"_id": {"$in": days}}, 30),
        ("generations", {"uncounted": True}, 0),
        ("corrections", {"pending": True}, 0),
    ):
        plan = await _explained(database, collection, question)
        assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])
        assert plan["executionStats"]["totalDocsExamined"] <= most


async def _explained(database: Database, name: str, filter: dict[str, Any]) -> dict[str, Any]:
    command = {"explain": {"find": name, "filter": filter}, "verbosity": "executionStats"}
    plan: dict[str, Any] = await database._database.command(command)
    return plan
