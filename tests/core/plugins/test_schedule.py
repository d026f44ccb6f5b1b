"""Work by the clock: once for all instances, at its moments, until the plugin goes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.errors import PluginError
from core.limits import PluginLimits
from core.plugins.running import RunningPlugin
from core.plugins.schedule import Schedule
from core.storage.database import Database
from core.storage.turns import TurnStore
from sandbox.clock import START, ManualClock

MOSCOW = ZoneInfo("Europe/Moscow")


class Worker:
    """One instance's running plugin with its schedule, and when its work was done."""

    def __init__(self, clock: ManualClock, database: Database) -> None:
        self.clock = clock
        self.news = asyncio.Event()
        self.done: list[datetime] = []
        self.errors: list[str] = []
        self.fails = False
        limits = PluginLimits(drain_seconds=0.1, cancel_seconds=0.1)
        self.running = RunningPlugin("club", limits, self.report)
        self.schedule = Schedule(
            self.running, turns=TurnStore(database), clock=clock, limits=limits, report=self.report
        )

    def report(self, place: str, error: BaseException) -> None:
        self.errors.append(f"{place}: {error}")

    async def work(self) -> None:
        self.done.append(self.clock.now())
        self.news.set()
        if self.fails:
            raise RuntimeError("no ink")


async def pass_time(clock: ManualClock, *workers: Worker, seconds: float, until: int) -> None:
    """Let time pass until the works were done so often, all together."""
    await clock.until_asleep(len(workers))
    await clock.advance(seconds)
    async with asyncio.timeout(10):
        while sum(len(worker.done) for worker in workers) < until:
            waits = [asyncio.ensure_future(worker.news.wait()) for worker in workers]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for worker, wait in zip(workers, waits, strict=True):
                worker.news.clear()
                wait.cancel()
    await clock.until_asleep(len(workers))


async def test_of_all_instances_one_does_it(clock: ManualClock, database: Database) -> None:
    workers = [Worker(clock, database) for _ in range(3)]
    for worker in workers:
        worker.schedule.every(60, worker.work)
    for turn in range(1, 4):
        await pass_time(clock, *workers, seconds=60, until=turn)
    assert sorted(moment for worker in workers for moment in worker.done) == [
        datetime(2030, 1, 1, 12, minute, tzinfo=UTC) for minute in (1, 2, 3)
    ]
    for worker in workers:
        await worker.running.end_tasks()
    assert clock.sleepers == 0


async def test_a_daily_work_keeps_to_the_clock_on_the_wall(clock: ManualClock, database: Database) -> None:
    worker = Worker(clock, database)
    worker.schedule.daily(time(9), worker.work, zone=MOSCOW)
    await pass_time(clock, worker, seconds=18 * 3600 - 1, until=0)
    assert worker.done == []
    await pass_time(clock, worker, seconds=1, until=1)
    assert worker.done == [datetime(2030, 1, 2, 6, tzinfo=UTC)]
    assert worker.done[0].astimezone(MOSCOW).hour == 9
    await worker.running.end_tasks()


async def test_what_was_missed_a_moment_ago_is_done_late_and_once(
    clock: ManualClock, database: Database
) -> None:
    worker = Worker(clock, database)
    at = (clock.now() - timedelta(minutes=30)).time()
    worker.schedule.daily(at, worker.work)
    await pass_time(clock, worker, seconds=0, until=1)
    after = Worker(clock, database)
    after.schedule.daily(at, after.work)
    await pass_time(clock, after, worker, seconds=1, until=1)
    assert (len(worker.done), after.done) == (1, [])
    for each in (worker, after):
        await each.running.end_tasks()


async def test_a_run_that_fails_is_counted_and_the_next_one_comes(
    clock: ManualClock, database: Database
) -> None:
    worker = Worker(clock, database)
    worker.fails = True
    worker.schedule.every(10, worker.work, name="ink")
    await pass_time(clock, worker, seconds=10, until=1)
    await pass_time(clock, worker, seconds=10, until=2)
    assert worker.errors == ["work ink: no ink"] * 2
    with pytest.raises(PluginError, match="there is work called ink already"):
        worker.schedule.every(10, worker.work, name="ink")
    with pytest.raises(PluginError, match="too often"):
        worker.schedule.every(0.1, worker.work)
    await worker.running.end_tasks()


class HastyClock(ManualClock):
    """Its waits end early, as those do that are longer than what the clock on the wall is corrected by."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(0.9 * seconds if seconds > 1 else seconds)


async def test_no_work_begins_before_its_moment(database: Database) -> None:
    clock = HastyClock()
    worker = Worker(clock, database)
    worker.schedule.daily(time(13), worker.work)
    assert await asyncio.wait_for(_due(clock, worker), 5) == START + timedelta(hours=1)
    await pass_time(clock, worker, seconds=3600, until=1)
    await pass_time(clock, worker, seconds=24 * 3600, until=2)
    assert worker.done == [START + timedelta(hours=1), START + timedelta(hours=25)]
    assert worker.running.due == {"work": START + timedelta(hours=49)}
    await worker.running.drain()
    await worker.running.end_tasks()


async def _due(clock: ManualClock, worker: Worker) -> datetime | None:
    await clock.until_asleep()
    return min(worker.running.due.values(), default=None)
