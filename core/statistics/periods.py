"""The periods that statistics are asked for, in days of the operator's time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Period(StrEnum):
    """How far back statistics go, today included."""

    TODAY = "today"
    WEEK = "week"
    MONTH = "month"
    ALL = "all"


DAYS = {Period.TODAY: 1, Period.WEEK: 7, Period.MONTH: 30}
"""How many days a period has; that of all time is not known."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    @classmethod
    def until(cls, last: date, days: int) -> Span:
        """So many days, of which `last` is the last."""
        return cls(last - timedelta(days=days - 1), last)

    @property
    def days(self) -> tuple[date, ...]:
        """All of them."""
        return tuple(map(date.fromordinal, range(self.first.toordinal(), self.last.toordinal() + 1)))
