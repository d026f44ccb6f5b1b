"""Local times: moments of days, and the hours in which nothing but the critical is told."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from starloom.api import moment_of

_DAY = timedelta(days=1)


def quiet_until(now: datetime, begin: time | None, end: time | None, zone: ZoneInfo) -> datetime | None:
    """When the quiet hours end in which `now` is; None outside of them. They may lie over midnight."""
    if begin is None or end is None or begin == end:
        return None
    here = now.astimezone(zone)
    for first in (here.date() - _DAY, here.date()):
        last: date = first if begin < end else first + _DAY
        if moment_of(first, begin, zone) <= now < moment_of(last, end, zone):
            return moment_of(last, end, zone)
    return None
