"""The moment of a local time, on days on which clocks are changed too."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def moment_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    """When it is `at` on a day, in UTC, once a day whatever clocks do.

    A time that comes twice, as clocks are put back, is the first of the two. One that is skipped, as they are
    put forward, is as much later as they are put.
    """
    return datetime.combine(day, at.replace(tzinfo=None), tzinfo=zone).astimezone(UTC)
