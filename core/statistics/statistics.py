"""Statistics as plugins ask for them: a bounded number of rows by their ids, never a scan of generations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.clock import Clock
from core.generation.job import Job
from core.statistics.figures import Figures
from core.statistics.periods import DAYS, Period, Span
from core.statistics.record import Correction, Outcome
from core.statistics.rows import (
    ALL,
    LONGEST_GAP,
    Kind,
    cells_of,
    day_row,
    month_row,
    people_in,
    person_day_row,
    person_row,
    points_of,
    waits_of,
)
from core.statistics.sections import Section
from core.statistics.summary import Point, Summary
from core.storage.rollups import RollupStore
from core.users import User

LONGEST_SPAN = 366
"""The most days that can be asked for at once."""

Row = Mapping[str, Any]


Collect = Callable[[User, Period], Awaitable[tuple[Section, ...]]]
"""Asks all plugins for their sections."""


class Statistics:
    """What happened, by days of the operator's time zone.

    What has just ended is counted within seconds. Every method is one round trip or two.
    """

    def __init__(self, rollups: RollupStore, clock: Clock, zone: ZoneInfo, collect: Collect) -> None:
        self._rollups = rollups
        self._clock = clock
        self._collect = collect
        self.zone = zone

    @property
    def today(self) -> date:
        """The day that it is where the operator is."""
        return self._clock.now().astimezone(self.zone).date()

    def midnight(self, day: date) -> datetime:
        """When a day begins where the operator is."""
        return datetime.combine(day, time(), self.zone)

    async def of_all(self, period: Period) -> Summary:
        """Everybody's generations."""
        if period is Period.ALL:
            row = await self._rollups.row(ALL)
            people = row.get("people", 0)
            return await self._since_ever(row, day_row, people=people, newcomers=people)
        return await self.between(Span.until(self.today, DAYS[period]))

    async def of_person(self, user_id: int, period: Period) -> Summary:
        """One person's generations."""
        if period is Period.ALL:
            row = await self._rollups.row(person_row(user_id))
            return await self._since_ever(row, lambda day: person_day_row(user_id, day))
        span = Span.until(self.today, DAYS[period])
        return _summed(span, await self._days(span, lambda day: person_day_row(user_id, day)))

    async def between(self, span: Span) -> Summary:
        """Everybody's generations from one day to another; of people it tells in at most 31 days.

        Raises:
            ValueError: that is more than a year.

        """
        if not 1 <= len(span.days) <= LONGEST_SPAN:
            raise ValueError(f"statistics are told of 1 to {LONGEST_SPAN} days")
        rows = await self._days(span, day_row)
        if len(span.days) > LONGEST_GAP:
            return _summed(span, rows)
        by_ordinal = {day.toordinal(): row for day, row in rows.items()}
        people, newcomers = people_in(by_ordinal, span.first.toordinal(), span.last.toordinal())
        return _summed(span, rows, people=people, newcomers=newcomers)

    async def of_month(self, day: date) -> Summary:
        """Everybody's generations of the month of this day, without its days."""
        row = await self._rollups.row(month_row(day))
        first = day.replace(day=1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return Summary(Span(first, last), cells_of(row), waits=waits_of(row))

    async def sections(self, viewer: User, period: Period) -> tuple[Section, ...]:
        """What plugins have to add for this viewer."""
        return await self._collect(viewer, period)

    async def _days(self, span: Span, row_of: Callable[[date], str]) -> dict[date, Row]:
        found = await self._rollups.rows(row_of(day) for day in span.days)
        return {day: found.get(row_of(day), {}) for day in span.days}

    async def _since_ever(
        self,
        row: Row,
        row_of: Callable[[date], str],
        *,
        people: int | None = None,
        newcomers: int | None = None,
    ) -> Summary:
        """All time, month by month; day by day while that is not two months yet."""
        months = points_of(row, "months")
        points = tuple(Point(month, months[month]) for month in sorted(months))
        if points:
            span = Span(date.fromisoformat(f"{points[0].when}-01"), self.today)
            if len(span.days) <= 2 * LONGEST_GAP:
                days = _summed(span, await self._days(span, row_of)).points
                begun = next((number for number, point in enumerate(days) if point.of().count), 0)
                points = days[begun:]
        return Summary(None, cells_of(row), points, people, newcomers, waits_of(row))


class StatisticsBook(Statistics):
    """The same with what changes it, which is the core's own."""

    def to_read(self) -> Statistics:
        """The same without what changes it."""
        return Statistics(self._rollups, self._clock, self.zone, self._collect)

    async def correct(self, job: Job, *, key: str, stars: int) -> bool:
        """Take off Stars that were given back after a delivery, today; once for each `key`.

        Call it when the ledger has them, with the ledger's key: after a crash both are done again, and
        neither twice. False when it was known.

        Raises:
            ValueError: more than the generation brought, or nothing.

        """
        if not 0 < stars <= job.price:
            raise ValueError("as much can be given back as was earned")
        return await self._rollups.correct(
            Correction(
                key=key,
                at=self._clock.now(),
                user_id=job.user_id,
                category=job.category,
                model_id=job.model_id,
                provider=job.provider,
                stars=stars,
            )
        )

    async def forget(self, user_id: int) -> None:
        """Delete a person's statistics; what they did stays in the sums of all, without them."""
        await self._rollups.forget(user_id)


def _summed(
    span: Span, rows: Mapping[date, Row], *, people: int | None = None, newcomers: int | None = None
) -> Summary:
    cells: dict[Kind, Figures] = {}
    waits: dict[str, Counter[float]] = {}
    for row in rows.values():
        for kind, figures in cells_of(row).items():
            cells[kind] = cells.get(kind, Figures()) + figures
        for category, waited in waits_of(row).items():
            waits.setdefault(category, Counter()).update(waited)
    points = _hours(rows[span.first]) if span.first == span.last else _by_day(rows)
    return Summary(span, cells, points, people, newcomers, waits)


def _by_day(rows: Mapping[date, Row]) -> tuple[Point, ...]:
    points = []
    for day, row in rows.items():
        figures: dict[Outcome, Figures] = {}
        for kind, added in cells_of(row).items():
            point = Figures(count=added.count, stars=added.stars, nano_usd=added.nano_usd)
            figures[kind.outcome] = figures.get(kind.outcome, Figures()) + point
        points.append(Point(day.isoformat(), figures))
    return tuple(points)


def _hours(row: Row) -> tuple[Point, ...]:
    hours = points_of(row, "hours")
    return tuple(Point(f"{hour:02}", hours.get(f"{hour:02}", {})) for hour in range(24))
