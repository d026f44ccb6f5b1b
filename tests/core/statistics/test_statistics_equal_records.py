"""Statistics equal the records, whatever the history, the order of counting, and the crashes on the way."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from statistics_world import MOSCOW, TODAY, Ended, clear, counted, counter, local_day, put, statistics

from core.clock import Clock
from core.statistics.counter import Counter
from core.statistics.periods import DAYS, Period, Span
from core.statistics.record import Outcome
from core.statistics.statistics import Statistics
from core.statistics.summary import Summary
from core.storage.database import Database
from core.storage.generations import JobStore
from core.storage.rollups import Batch, RollupStore
from sandbox.clock import ManualClock

NOW = datetime(2026, 11, 21, 20, 30, tzinfo=UTC)  # half past eleven in the evening in Moscow

HISTORIES = st.lists(
    st.builds(
        Ended,
        ago=st.integers(0, 70),
        minute=st.integers(0, 1439),
        user=st.integers(1, 4),
        model=st.sampled_from(["alpha", "org/beta-1.5", "г|$x"]),
        provider=st.sampled_from(["demo", "kie"]),
        category=st.sampled_from(["image", "video"]),
        outcome=st.sampled_from(["delivered", "delivered", "failed", "cancelled", "expired"]),
        price=st.integers(0, 400),
        free=st.booleans(),
        usd=st.sampled_from(["0", "0.04", "1.234567891", "12"]),
        tokens=st.integers(0, 900),
        enhanced=st.integers(0, 90),
        duration=st.sampled_from([0.0, 5.0, 7.5]),
        wait=st.integers(0, 4000).map(lambda seconds: seconds * 2),
        made=st.booleans(),
    ).filter(lambda each: each.at <= NOW),
    max_size=25,
)


class Crash(BaseException):
    """The process dies here."""


class CrashingRollups(RollupStore):
    """Dies at the write that `crashes` names next: before it, half way through it, or after it."""

    def __init__(self, database: Database, crashes: Iterator[str]) -> None:
        super().__init__(database)
        self._crashes = crashes

    def _die_at(self, place: str) -> None:
        if next(self._crashes, "") == place:
            raise Crash

    async def begin(self, batch: Batch) -> bool:
        self._die_at("before")
        begun = await super().begin(batch)
        self._die_at("after")
        return begun

    async def apply(self, batch: Batch) -> None:
        self._die_at("before")
        changes = dict(batch.changes or {})
        some = sorted(changes)[: len(changes) // 2]
        await super().apply(Batch(batch.number, changes={row: changes[row] for row in some}))
        self._die_at("half")
        await super().apply(batch)
        self._die_at("after")

    async def finish(self, batch: Batch) -> None:
        self._die_at("before")
        await super().finish(batch)
        self._die_at("after")


@pytest.fixture(scope="module")
def world(database_uri: str) -> Iterator[tuple[asyncio.Runner, Database, ManualClock]]:
    """A database that all histories share, emptied before each."""
    clock = ManualClock(NOW)
    with asyncio.Runner() as runner:

        async def connect() -> Database:
            embedded = "TEST_DATABASE_URL" not in os.environ
            database = await Database.connect(
                database_uri, f"test_{uuid.uuid4().hex}", embedded=embedded, clock=clock
            )
            await database.prepare()
            return database

        async def close() -> None:
            await database.erase()
            await database.close()

        database = runner.run(connect())
        yield runner, database, clock
        runner.run(close())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    history=HISTORIES,
    at_once=st.integers(1, 8),
    crashes=st.lists(st.sampled_from(["", "", "", "before", "half", "after"]), max_size=40),
    two=st.booleans(),
)
def test_statistics_equal_the_records(
    world: tuple[asyncio.Runner, Database, ManualClock],
    history: list[Ended],
    at_once: int,
    crashes: list[str],
    two: bool,
) -> None:
    runner, database, clock = world
    story = Story(database, clock, history, at_once, iter(crashes), two)
    runner.run(story.play())


@dataclass
class Story:
    """A history that is counted in two halves, by one process or by two at once."""

    database: Database
    clock: Clock
    history: list[Ended]
    at_once: int
    crashes: Iterator[str]
    two: bool

    async def play(self) -> None:
        await clear(self.database)
        half = len(self.history) // 2
        await put(self.database, self.history[:half])
        await self._count_through()
        await put(self.database, self.history[half:], first=half)
        await self._count_through()
        assert await counter(self.database, self.clock).count() == 0
        told = statistics(self.database, self.clock)
        assert told.today == TODAY
        for period in Period:
            await self._assert_told(told, period)
        await _assert_months(told, self.history)

    async def _assert_told(self, told: Statistics, period: Period) -> None:
        days = DAYS.get(period)
        since = date.min if days is None else TODAY - timedelta(days=days - 1)
        within = [each for each in self.history if local_day(each) >= since]
        _assert_equal(await told.of_all(period), within, self.history)
        for user in (1, 2):
            own = [each for each in within if each.user == user]
            summary = await told.of_person(user, period)
            assert _sums(summary) == counted(own)
            _assert_points(summary, own)

    async def _count_through(self) -> None:
        """Count until nothing is left; whoever dies is followed by a new process."""
        while True:
            counts = (self._count() for _ in range(1 + self.two))
            answers = await asyncio.gather(*counts, return_exceptions=True)
            for answer in answers:
                if isinstance(answer, BaseException) and not isinstance(answer, Crash):
                    raise answer
            if all(answer == 0 for answer in answers):
                return

    async def _count(self) -> int:
        rollups = CrashingRollups(self.database, self.crashes)
        jobs = JobStore(self.database, self.clock)
        return await Counter(jobs, rollups, self.clock, MOSCOW, at_once=self.at_once).count()


def _sums(summary: Summary) -> dict[Any, dict[str, int]]:
    return {tuple(kind): figures.kept for kind, figures in summary.cells.items()}


def _assert_equal(summary: Summary, within: list[Ended], history: list[Ended]) -> None:
    assert _sums(summary) == counted(within)
    _assert_points(summary, within)
    assert summary.people == len({each.user for each in within})
    first = summary.span.first if summary.span else date.min
    known = {each.user for each in history if local_day(each) < first}
    assert summary.newcomers == len({each.user for each in within} - known)
    waited = sorted(max(1, each.wait) for each in within if each.outcome == "delivered")
    median = summary.wait()
    if not waited:
        assert median is None
        return
    middle = waited[(len(waited) - 1) // 2]
    assert median is not None
    assert middle <= median <= middle * 1.42


def _assert_points(summary: Summary, within: list[Ended]) -> None:
    """What lies in time comes to the same, and nothing lies elsewhere."""
    for outcome in Outcome:
        of_cells, of_points = summary.of(outcome), [point.of(outcome) for point in summary.points]
        assert sum(each.count for each in of_points) == of_cells.count
        assert sum(each.stars for each in of_points) == of_cells.stars
        assert sum(each.nano_usd for each in of_points) == of_cells.nano_usd
    for point in summary.points:
        if len(point.when) == 2:
            own = [each for each in within if each.at.astimezone(MOSCOW).hour == int(point.when)]
        else:
            own = [each for each in within if local_day(each).isoformat().startswith(point.when)]
        assert point.of().count == len(own), point.when


async def _assert_months(told: Statistics, history: list[Ended]) -> None:
    for month in {local_day(each).replace(day=1) for each in history} | {TODAY}:
        own = [each for each in history if local_day(each).replace(day=1) == month.replace(day=1)]
        assert _sums(await told.of_month(month)) == counted(own)
    span = Span(TODAY - timedelta(days=60), TODAY - timedelta(days=5))
    within = [each for each in history if span.first <= local_day(each) <= span.last]
    summary = await told.between(span)
    assert (_sums(summary), summary.people) == (counted(within), None)
