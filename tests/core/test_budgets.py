"""Levels at their borders, and budgets that are never passed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from support.sample_jobs import sample_job

from core.budgets.budgets import Budgets
from core.budgets.levels import Level, level_of
from core.budgets.settings import BudgetSettings
from core.errors import UserFacingError
from core.generation.job import JobState
from core.notifications.queue import NotificationQueue
from core.statistics.figures import Figures
from core.statistics.record import Outcome
from core.statistics.rows import Kind
from core.statistics.summary import Summary
from core.storage.database import Database
from core.storage.generations import JobStore
from core.storage.notifications import NotificationStore
from sandbox.clock import ManualClock


@pytest.mark.parametrize(
    ("used", "level"),
    [
        ("0", Level.HEALTHY),
        ("79.9", Level.HEALTHY),
        ("80", Level.WARNING),
        ("94.9", Level.WARNING),
        ("94.999999", Level.WARNING),
        ("95", Level.CRITICAL),
        ("99.9", Level.CRITICAL),
        ("100", Level.STOPPED),
        ("130", Level.STOPPED),
    ],
)
def test_levels(used: str, level: Level) -> None:
    assert level_of(Decimal(used), Decimal(100)) is level
    assert level_of(Decimal(used) * 7, Decimal(700)) is level


class World:
    """What was spent, and what is being made."""

    def __init__(self) -> None:
        self.today = date(2026, 11, 30)
        self.spent: dict[date, dict[str, Decimal]] = {}
        self.running: dict[str, Decimal] = {}

    async def between(self, span: Any) -> Summary:
        await asyncio.sleep(0)
        return _summary(self.spent.get(span.first, {}))

    async def of_month(self, day: date) -> Summary:
        added: dict[str, Decimal] = {}
        for at, costs in self.spent.items():
            if (at.year, at.month) == (day.year, day.month):
                for name, cost in costs.items():
                    added[name] = added.get(name, Decimal(0)) + cost
        return _summary(added)

    async def running_costs(self) -> Mapping[str, Decimal]:
        return self.running


def _summary(costs: Mapping[str, Decimal]) -> Summary:
    cells = {
        Kind("video", name, "model", Outcome.DELIVERED): Figures(count=1, nano_usd=int(cost * 10**9))
        for name, cost in costs.items()
    }
    return Summary(None, cells)


@pytest.fixture
def world() -> World:
    return World()


def budgets_of(world: Any, database: Database, clock: ManualClock, **settings: Any) -> Budgets:
    queue = NotificationQueue(NotificationStore(database, clock), clock)
    return Budgets(
        BudgetSettings.model_validate(settings), statistics=world, jobs=world, queue=queue, clock=clock
    )


async def order(budgets: Budgets, provider: str, usd: str) -> None:
    """Take room for an order and write it down."""
    async with budgets.room(provider, Decimal(usd)) as room:
        room.taken = True


async def told(database: Database, clock: ManualClock) -> list[tuple[Any, ...]]:
    rows = await NotificationStore(database, clock).waiting(100)
    return [(row.details["scope"], row.details["period"], row.details["state"]) for row in rows]


async def test_what_fits_passes_and_what_does_not_never_does(
    world: World, database: Database, clock: ManualClock
) -> None:
    budgets = budgets_of(world, database, clock, day_usd=10, providers={"kie": {"day_usd": 4}})
    world.spent[world.today] = {"kie": Decimal("2.5")}
    world.running = {"kie": Decimal(1)}
    await order(budgets, "kie", "0.5")
    with pytest.raises(UserFacingError, match="budget-reached-day"):
        await order(budgets, "kie", "0.01")
    for _ in range(6):
        await order(budgets, "veo", "1")
    with pytest.raises(UserFacingError, match="budget-reached-day"):
        await order(budgets, "veo", "0.01")
    assert sorted(await told(database, clock)) == [
        ("all_providers", "day", "budget_stopped"),
        ("kie", "day", "budget_stopped"),
    ]


async def test_orders_at_the_same_time_pass_no_limit(
    world: World, database: Database, clock: ManualClock
) -> None:
    """Each counts once: from the moment in which it passes, and until it is over."""
    budgets = budgets_of(world, database, clock, day_usd=5)

    async def ordered(count: int) -> int:
        async def one() -> None:
            async with budgets.room("kie", Decimal(1)) as room:
                await asyncio.sleep(0)
                world.running["kie"] = world.running.get("kie", Decimal(0)) + 1
                room.taken = True

        answers = await asyncio.gather(*(one() for _ in range(count)), return_exceptions=True)
        assert all(answer is None or isinstance(answer, UserFacingError) for answer in answers)
        return answers.count(None)

    assert await ordered(2) == 2
    for seconds, count, taken in ((4, 1, 1), (1, 20, 2), (1, 1, 0), (10, 1, 0)):
        await clock.advance(seconds)
        assert await ordered(count) == taken, "whether the figures are read anew or not"
    assert world.running == {"kie": Decimal(5)}


async def test_figures_are_read_while_no_order_is_half_written(
    world: World, database: Database, clock: ManualClock
) -> None:
    """One that is given up is free at once, and one that is written meanwhile is waited for."""
    budgets = budgets_of(world, database, clock, day_usd=2)
    with pytest.raises(ZeroDivisionError):
        async with budgets.room("kie", Decimal(2)):
            _ = 1 / 0
    async with budgets.room("kie", Decimal(1)):
        pass
    async with budgets.room("kie", Decimal(1)) as room:
        await clock.advance(6)
        second = asyncio.create_task(order(budgets, "kie", "1.5"))
        for _ in range(20):
            await asyncio.sleep(0)
        assert not second.done(), "the figures are as old as this order"
        world.running = {"kie": Decimal(1)}
        room.taken = True
    with pytest.raises(UserFacingError, match="budget-reached-day"):
        await second
    await order(budgets, "kie", "1")


async def test_what_is_over_counts_until_it_is_in_the_statistics(
    database: Database, clock: ManualClock
) -> None:
    jobs = JobStore(database, clock)
    ready = {JobState.READY.value: clock.now()}
    over = {
        "running": sample_job("running", state=JobState.RUNNING),
        "made": sample_job("made", state=JobState.DELIVERED, timings=ready),
        "lost": sample_job("lost", state=JobState.RELEASED),
    }
    for job in over.values():
        assert await jobs.insert(replace(job, cost_usd=Decimal("0.5")))
    await jobs.mark_ended()
    assert await jobs.running_costs() == {over["made"].provider: Decimal(1)}
    await jobs.counted(["made", "lost"])
    assert await jobs.running_costs() == {over["made"].provider: Decimal("0.5")}


async def test_days_and_months_begin_anew(world: World, database: Database, clock: ManualClock) -> None:
    budgets = budgets_of(world, database, clock, day_usd=10, month_usd=15)
    world.spent[world.today] = {"kie": Decimal(10)}
    with pytest.raises(UserFacingError, match="day"):
        await order(budgets, "kie", "1")
    await clock.advance(10)
    world.today = date(2026, 12, 1)
    await order(budgets, "kie", "9")
    await clock.advance(10)
    world.spent[date(2026, 12, 1)] = {"kie": Decimal(9)}
    world.spent[date(2026, 12, 2)] = {"kie": Decimal(5)}
    world.today = date(2026, 12, 2)
    with pytest.raises(UserFacingError, match="month"):
        await order(budgets, "kie", "2")
    of_one = budgets_of(world, database, clock, providers={"veo": {"month_usd": 3}})
    await order(of_one, "veo", "3")
    await order(of_one, "kie", "100")
    with pytest.raises(UserFacingError, match="month"):
        await order(of_one, "veo", "0.01")
    levels = {(each.period, each.level) for each in await budgets.standing()}
    assert levels == {("day", Level.HEALTHY), ("month", Level.WARNING)}


async def test_operators_are_warned_once_a_day(world: World, database: Database, clock: ManualClock) -> None:
    budgets = budgets_of(world, database, clock, day_usd=100, warning_percent=50, stop_percent=90)
    world.spent[world.today] = {"kie": Decimal(50)}
    for _ in range(2):
        for budget in await budgets.standing():
            await budgets._tell(budget, budget.level)
    assert await told(database, clock) == [("all_providers", "day", "budget_warning")]


@pytest.mark.parametrize(
    ("spent", "percents", "level"),
    [
        ("9.49", (80, 100), Level.WARNING),
        ("9.5", (80, 100), Level.CRITICAL),
        ("10", (80, 100), Level.STOPPED),
        ("7.9", (50, 90), Level.WARNING),
        ("8", (50, 90), Level.CRITICAL),
        ("9", (50, 90), Level.STOPPED),
    ],
)
async def test_between_the_warning_and_the_stop_there_is_one_more(
    database: Database, clock: ManualClock, spent: str, percents: tuple[int, int], level: Level
) -> None:
    world, (warning, stop) = World(), percents
    budgets = budgets_of(world, database, clock, day_usd=10, warning_percent=warning, stop_percent=stop)
    world.spent[world.today] = {"kie": Decimal(spent)}
    (budget,) = await budgets.standing()
    assert budget.level is level


async def test_without_limits_nothing_is_asked(database: Database, clock: ManualClock) -> None:
    budgets = budgets_of(None, database, clock)
    await order(budgets, "kie", "1000000000")
    assert await budgets.standing() == ()
