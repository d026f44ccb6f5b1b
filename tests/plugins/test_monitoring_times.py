"""Times of monitoring: reports once at their local hours, quiet hours, and the hours that clocks change."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.notifications.queue import NotificationQueue
from core.production.series import VideoSeries
from core.statistics.periods import Span
from core.storage.database import Database
from core.storage.notifications import NotificationStore
from core.timetable.cron import Cron
from plugins.monitoring.config import MonitoringConfig
from plugins.monitoring.hours import quiet_until
from plugins.monitoring.reports import Reports
from sandbox.clock import ManualClock

BERLIN = ZoneInfo("Europe/Berlin")
FORWARD, BACK = date(2026, 3, 29), date(2026, 10, 25)
"""On these days the hour from 2 to 3 is skipped, and comes twice; both are Sundays."""


class Kept:
    """What a plugin keeps, and what it queues, under its keys."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.queued: dict[str, str] = {}

    async def get(self, key: str, default: Any = None) -> Any:
        return self.values.get(key, default)

    async def set(self, key: str, value: Any) -> None:
        self.values[key] = value

    async def queue_notification(self, kind: str, *, details: Any, key: str, **_: Any) -> bool:
        assert key not in self.queued, "nothing is left to the queue to find out"
        self.queued[key] = details.get("day", "")
        return True


class Shared(Kept):
    """What two instances share, each as it was before either looked; the queue is the real one."""

    def __init__(self, queue: NotificationQueue, looks: asyncio.Barrier) -> None:
        super().__init__()
        self.queue, self.looks = queue, looks

    async def get(self, key: str, default: Any = None) -> Any:
        found = await super().get(key, default)
        await self.looks.wait()
        return found

    async def queue_notification(self, kind: str, *, details: Any, key: str, **_: Any) -> bool:
        made = self.queue.made(kind, details=details, source="plugin:monitoring", key=key)
        return await self.queue.put([made]) == 1


def reports_of(kept: Kept, clock: ManualClock, series: VideoSeries | None = None, **settings: Any) -> Reports:
    context: Any = SimpleNamespace(
        config=MonitoringConfig(**{"timezone": "Europe/Berlin", **settings}),
        clock=clock,
        store=kept,
        notifications=kept,
        operations=SimpleNamespace(admins=lambda: (1,), production=SimpleNamespace(series=series)),
    )
    return Reports(context)


async def follow(day: date, hours: int, **settings: Any) -> dict[str, str]:
    """What is queued from the midnight with which a day begins, with a look every ten minutes."""
    kept = Kept()
    clock = ManualClock(datetime.combine(day, time(0), BERLIN).astimezone(UTC))
    reports = reports_of(kept, clock, **settings)
    for _ in range(hours * 6):
        await reports.look_at_clock()
        await clock.advance(600)
    return kept.queued


@pytest.mark.parametrize("day", [FORWARD, BACK])
async def test_a_report_in_the_hour_that_clocks_change_comes_once(day: date) -> None:
    queued = await follow(day, 25, daily_summary_time="02:30", weekly_test=False)
    following = day + timedelta(days=1)
    assert list(queued) == [f"daily:{day}"]
    assert queued[f"daily:{day}"] == str(day - timedelta(days=1))
    assert f"daily:{following}" not in queued


@pytest.mark.parametrize(("at", "reported"), [("00:00", -1), ("11:59", -1), ("12:00", 0), ("23:50", 0)])
async def test_the_day_that_is_reported(at: str, reported: int) -> None:
    day = date(2026, 12, 31)
    queued = await follow(day - timedelta(days=1), 30, daily_summary_time=at, weekly_report_enabled=False)
    first = day - timedelta(days=1) if at != "00:00" else day
    assert queued[f"daily:{first}"] == str(first + timedelta(days=reported))


async def test_a_report_whose_hour_is_skipped_at_midnight_comes_on_the_next_day() -> None:
    """In Nuuk clocks are put forward from eleven in the evening to midnight."""
    kept, day = Kept(), date(2026, 3, 28)
    clock = ManualClock(datetime(2026, 3, 29, 1, 10, tzinfo=UTC))
    reports = reports_of(kept, clock, timezone="America/Nuuk", daily_summary_time="23:30", weekly_test=False)
    for _ in range(6):
        await reports.look_at_clock()
        await clock.advance(600)
    assert kept.queued == {f"daily:{day}": str(day)}


async def test_the_week_before_its_day_and_a_test_with_it() -> None:
    queued = await follow(date(2027, 1, 4), 10, daily_summary_enabled=False)
    assert queued == {"weekly:2027-01-04": "2027-01-03", "test:weekly:2027-01-04": ""}
    assert await follow(date(2027, 1, 5), 10, daily_summary_enabled=False) == {}


async def test_two_instances_that_look_at_once_report_once(database: Database) -> None:
    clock = ManualClock(datetime(2030, 1, 7, 7, 59, 50, tzinfo=UTC))
    queue = NotificationQueue(NotificationStore(database, clock), clock)
    kept = Shared(queue, asyncio.Barrier(2))
    instances = [reports_of(kept, clock) for _ in range(2)]
    for _ in range(3):
        await asyncio.gather(*(each.look_at_clock() for each in instances))
        await clock.advance(20)
    waiting = [each.id.removeprefix("plugin:monitoring:") for each in await queue.store.waiting(100)]
    assert sorted(waiting) == ["daily:2030-01-07", "test:weekly:2030-01-07", "weekly:2030-01-07"]


@pytest.mark.parametrize(("away", "told"), [(11, True), (13, False)])
async def test_what_became_due_while_nothing_ran(away: int, told: bool) -> None:
    kept, clock = Kept(), ManualClock(datetime(2026, 12, 31, 7, 59, tzinfo=UTC))
    reports = reports_of(kept, clock, weekly_report_enabled=False)
    await reports.look_at_clock()
    await clock.advance(away * 3600)
    await reports_of(kept, clock, weekly_report_enabled=False).look_at_clock()
    assert ("daily:2026-12-31" in kept.queued) is told


@pytest.mark.parametrize(
    ("now", "begin", "end", "until"),
    [
        ("2026-12-31 21:59", "22:00", "07:00", None),
        ("2026-12-31 22:00", "22:00", "07:00", "2027-01-01 07:00"),
        ("2027-01-01 06:59", "22:00", "07:00", "2027-01-01 07:00"),
        ("2027-01-01 07:00", "22:00", "07:00", None),
        ("2026-12-31 13:30", "13:00", "14:00", "2026-12-31 14:00"),
        ("2026-12-31 14:30", "13:00", "14:00", None),
        ("2026-12-31 13:30", "13:00", "13:00", None),
        # Clocks are put forward at two: the quiet hours end at half past three, and an hour sooner.
        ("2026-03-29 01:59", "22:00", "02:30", "2026-03-29 03:30"),
        ("2026-03-29 03:29", "22:00", "02:30", "2026-03-29 03:30"),
        # They are put back at three: the first half past two ends them.
        ("2026-10-25 02:29", "22:00", "02:30", "2026-10-25 02:30"),
        ("2026-10-25 02:30", "22:00", "02:30", None),
    ],
)
def test_quiet_hours(now: str, begin: str, end: str, until: str | None) -> None:
    here = datetime.fromisoformat(now).replace(tzinfo=BERLIN)
    found = quiet_until(here.astimezone(UTC), time.fromisoformat(begin), time.fromisoformat(end), BERLIN)
    assert (f"{found.astimezone(BERLIN):%Y-%m-%d %H:%M}" if found else None) == until
    assert quiet_until(here, None, None, BERLIN) is None


@pytest.mark.parametrize(
    ("times", "most", "target"),
    [
        (("09:00", "18:00"), 0, 14),
        (("09:00", "18:00"), 1, 7),
        (("09:00", "18:00"), 5, 14),
        (("09:00", "0 9 * * *"), 0, 7),
        (("0 9 * * mon-fri",), 0, 5),
        (("0 0 31 2 *",), 3, 0),
    ],
)
def test_how_many_there_are_to_be_in_a_week(
    times: tuple[str, ...], most: int, target: int, clock: ManualClock
) -> None:
    week = Span(date(2026, 11, 16), date(2026, 11, 22))
    series = VideoSeries((), tuple(map(Cron.parse, times)), daily_target=most)
    assert reports_of(Kept(), clock, series).target(week) == target
    assert reports_of(Kept(), clock).target(week) == 0
