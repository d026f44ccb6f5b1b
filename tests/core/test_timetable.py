"""Local times as moments: cron's fields, and the hours that clocks skip and repeat."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.timetable.cron import Cron
from core.timetable.moments import moment_of

BERLIN = ZoneInfo("Europe/Berlin")
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
FORWARD, BACK = date(2026, 3, 29), date(2026, 10, 25)
"""On these days the hour from 2 to 3 is skipped, and comes twice."""


@pytest.mark.parametrize(
    ("day", "at", "moment"),
    [
        (FORWARD, time(1, 30), "00:30"),
        (FORWARD, time(2, 30), "01:30"),
        (FORWARD, time(3, 30), "01:30"),
        (BACK, time(1, 30), "23:30"),
        (BACK, time(2, 30), "00:30"),
        (BACK, time(3, 30), "02:30"),
    ],
)
def test_the_hours_that_clocks_change(day: date, at: time, moment: str) -> None:
    assert f"{moment_of(day, at, BERLIN):%H:%M}" == moment


@pytest.mark.parametrize(
    ("text", "count", "first"),
    [
        ("09:30", 1, time(9, 30)),
        ("30 9 * * *", 1, time(9, 30)),
        ("*/20 8-9 * * *", 6, time(8)),
        ("0 0 29 2 *", 0, None),
        ("0 6,18 * * mon-fri", 0, None),
        ("0 6,18 * * sun", 2, time(6)),
        ("0 6 29 * mon", 1, time(6)),
        ("5/30 0 * mar *", 2, time(0, 5)),
        ("0 12 * * 7", 1, time(12)),
    ],
)
def test_the_times_of_a_sunday(text: str, count: int, first: time | None) -> None:
    times = list(Cron.parse(text).on(FORWARD))
    assert (len(times), next(iter(times), None)) == (count, first)


@pytest.mark.parametrize(
    "text", ["", "25:00", "* * * *", "60 * * * *", "* * 0 * *", "a * * * *", "*/0 * * * *", "5-1 * * * *"]
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Cron.parse(text)


def test_a_time_each_hour_on_the_days_that_clocks_change() -> None:
    hourly = Cron.parse("30 * * * *")
    for day, hours in ((FORWARD, 23), (BACK, 24)):
        begin = datetime.combine(day, time(0), BERLIN)
        end = datetime.combine(day + timedelta(days=1), time(0), BERLIN)
        assert len(list(hourly.between(begin.astimezone(UTC), end.astimezone(UTC), BERLIN))) == hours


@given(
    start=st.integers(0, 2 * 366 * 24 * 60).map(lambda minutes: BEGIN + timedelta(minutes=minutes)),
    cuts=st.lists(st.integers(1, 60 * 48), min_size=1, max_size=6),
    text=st.sampled_from(["30 2 * * *", "*/15 1-3 * * *", "0 0 1 * *", "0 9 * * mon"]),
)
def test_looking_often_or_seldom_finds_the_same(start: datetime, cuts: list[int], text: str) -> None:
    cron, found, at = Cron.parse(text), [], start
    for minutes in cuts:
        found += cron.between(at, at + timedelta(minutes=minutes), BERLIN)
        at += timedelta(minutes=minutes)
    assert found == list(cron.between(start, at, BERLIN))
    assert found == sorted(set(found))


def test_the_next_one() -> None:
    now = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert Cron.parse("30 2 * * *").following(now, BERLIN) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert Cron.parse("0 0 29 2 *").following(now, BERLIN) == datetime(2028, 2, 28, 23, tzinfo=UTC)
    assert Cron.parse("0 0 31 2 *").following(now, BERLIN) is None
