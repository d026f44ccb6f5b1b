"""Times as the five fields of cron say them: minute, hour, day of the month, month, day of the week."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.timetable.moments import moment_of

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = dict(zip(_MONTH_NAMES, range(1, 13), strict=True))
_DAYS = dict(zip(["sun", "mon", "tue", "wed", "thu", "fri", "sat"], range(7), strict=True))
_FAR = 366 * 5
"""Days that are looked through for the next time: 29 February comes within them."""


@dataclass(frozen=True, slots=True)
class Cron:
    """A set of local times. Where both days are given, either of them is enough, as cron has it."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    any_weekday: bool

    @classmethod
    def parse(cls, text: str) -> Cron:
        """Read five fields, or a plain time such as `09:30` for every day.

        Raises:
            ValueError: in words, where they cannot be read.

        """
        parts = text.split()
        if len(parts) == 1 and ":" in text:
            at = time.fromisoformat(text.strip())
            parts = [str(at.minute), str(at.hour), "*", "*", "*"]
        if len(parts) != len(_FIELDS):
            raise ValueError(f"{text!r}: a time is 09:30, or five fields as in 30 9 * * 1-5")
        minutes, hours, days, months, weekdays = (
            _numbers(part.lower(), *field) for part, field in zip(parts, _FIELDS, strict=True)
        )
        sunday = frozenset(day % 7 for day in weekdays)
        return cls(minutes, hours, days, months, sunday, parts[2] == "*", parts[4] == "*")

    def on(self, day: date) -> Iterator[time]:
        """The times of a day, in their order."""
        if self._is_on(day):
            for hour in sorted(self.hours):
                for minute in sorted(self.minutes):
                    yield time(hour, minute)

    def between(self, after: datetime, until: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """The moments after `after` up to and with `until`, in UTC and in their order, each of them once.

        An hour that comes twice counts once; what would be in an hour that is skipped comes after it.
        """
        day, last = after.astimezone(zone).date() - timedelta(days=1), until.astimezone(zone).date()
        newest = after
        while day <= last:
            for moment in sorted({moment_of(day, at, zone) for at in self.on(day)}):
                if newest < moment <= until:
                    newest = moment
                    yield moment
            day += timedelta(days=1)

    def following(self, after: datetime, zone: ZoneInfo) -> datetime | None:
        """The next moment; None where there is none in years, as with 31 February."""
        day = after.astimezone(zone).date() - timedelta(days=1)
        for _ in range(_FAR):
            for moment in sorted(moment_of(day, at, zone) for at in self.on(day)):
                if moment > after:
                    return moment
            day += timedelta(days=1)
        return None

    def _is_on(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        by_date, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        if self.any_day or self.any_weekday:
            return by_date and by_weekday
        return by_date or by_weekday


def _numbers(text: str, name: str, least: int, most: int) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        if step and not (step.isdecimal() and int(step)):
            raise ValueError(f"{name} {text!r}: behind / stands a number from 1")
        if span == "*":
            first, last = least, most
        else:
            begin, dash, end = span.partition("-")
            first = _number(begin, name)
            last = _number(end, name) if dash else (most if step else first)
        if not least <= first <= last <= most:
            raise ValueError(f"{name} {text!r}: from {least} to {most}")
        found.update(range(first, last + 1, int(step or 1)))
    return frozenset(found)


def _number(text: str, name: str) -> int:
    names = {"month": _MONTHS, "weekday": _DAYS}.get(name, {})
    if text in names:
        return names[text]
    if not text.isdecimal():
        raise ValueError(f"{name} {text!r}: not a number")
    return int(text)
