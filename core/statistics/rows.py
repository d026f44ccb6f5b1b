"""The rows that statistics are kept in, and what a generation adds to each of them.

There is a row for each day and each month, one for all time, and for each person one for all time and one for
each day on which something of theirs ended. A row holds `cells`, figures by category, provider, model and
outcome; a day has them by hour as well, all time by month. Days and all time know how many people there were.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from math import floor, log2
from typing import Any, NamedTuple
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

from core.statistics.figures import Figures
from core.statistics.record import Correction, GenerationRecord, Outcome

ALL = "all"
LONGEST_GAP = 31
"""People who come back after this many days or more are counted alike; no window of days is longer."""
NEWCOMER = 0
"""In the place of a gap: the person was never there before."""
_POINT_FIGURES = ("count", "stars", "nano_usd")
_BUCKETS_PER_DOUBLING = 2


class Kind(NamedTuple):
    """What a cell's figures are of."""

    category: str
    provider: str
    model_id: str
    outcome: Outcome


@dataclass(slots=True)
class Change:
    """What is added to one row. `days` are days, as ordinals, on which a person was there."""

    added: Counter[str] = field(default_factory=Counter)
    days: set[int] = field(default_factory=set)


Changes = dict[str, Change]
"""What is added to rows, by their ids."""


def day_row(day: date) -> str:
    """The id of a day's row."""
    return f"d:{day.isoformat()}"


def month_row(day: date) -> str:
    """The id of the row of a day's month."""
    return f"m:{day:%Y-%m}"


def person_row(user_id: int) -> str:
    """The id of a person's row for all time."""
    return f"p:{user_id}"


def person_day_row(user_id: int, day: date) -> str:
    """The id of the row of a person's day."""
    return f"p:{user_id}:{day.isoformat()}"


def added_by(
    records: Iterable[GenerationRecord],
    corrections: Iterable[Correction],
    *,
    known_days: Mapping[int, Iterable[int]],
    zone: ZoneInfo,
) -> Changes:
    """What generations and corrections add. `known_days` are the days of each of their people until now."""
    changes: Changes = defaultdict(Change)
    days: dict[int, set[int]] = defaultdict(set)
    for record in records:
        kind = Kind(record.category, record.provider, record.model_id, record.outcome)
        local = record.ended_at.astimezone(zone)
        _add(changes, kind, Figures.of(record), local, record.user_id)
        days[record.user_id].add(local.toordinal())
        if record.outcome is Outcome.DELIVERED:
            for row in (day_row(local.date()), month_row(local), ALL):
                changes[row].added[f"waits.{_quoted(record.category)}.{_bucket(record.waited)}"] += 1
    for each in corrections:
        kind = Kind(each.category, each.provider, each.model_id, Outcome.REFUNDED)
        _add(changes, kind, Figures.of_correction(each), each.at.astimezone(zone), each.user_id)
    for user_id, new in days.items():
        _add_days(changes, user_id, set(known_days.get(user_id, ())), new)
    return dict(changes)


def _add(changes: Changes, kind: Kind, figures: Figures, local: datetime, user_id: int) -> None:
    path = f"cells.{_cell(kind)}"
    day, person = day_row(local.date()), person_row(user_id)
    persons_day = person_day_row(user_id, local.date())
    for row in (day, month_row(local), ALL, person, persons_day):
        for name, value in figures.kept.items():
            changes[row].added[f"{path}.{name}"] += value
    hour, month = f"hours.{local:%H}.{kind.outcome}", f"months.{local:%Y-%m}.{kind.outcome}"
    for row, point in ((day, hour), (persons_day, hour), (ALL, month), (person, month)):
        for name in _POINT_FIGURES:
            if value := getattr(figures, name):
                changes[row].added[f"{point}.{name}"] += value


def _add_days(changes: Changes, user_id: int, before: set[int], new: set[int]) -> None:
    """Count a person on each day once, by how long before they were there last.

    From that the number of different people in any window can be told: those whose last time was before it.
    A day that comes late changes the gap of the day after it.
    """
    fresh = new - before
    if not fresh:
        return
    changes[person_row(user_id)].days |= fresh
    if not before:
        changes[ALL].added["people"] += 1
    was, now = _gaps(before), _gaps(before | fresh)
    for day, gap in now.items():
        if was.get(day) == gap:
            continue
        added = changes[day_row(date.fromordinal(day))].added
        added[f"gaps.{gap}"] += 1
        if day in was:
            added[f"gaps.{was[day]}"] -= 1


def _gaps(days: set[int]) -> dict[int, int]:
    ordered = sorted(days)
    between = [min(day - last, LONGEST_GAP) for last, day in pairwise(ordered)]
    return dict(zip(ordered, [NEWCOMER, *between], strict=False))


def cells_of(row: Mapping[str, Any]) -> dict[Kind, Figures]:
    """The figures of a row."""
    return {_kind(cell): Figures.from_kept(kept) for cell, kept in row.get("cells", {}).items()}


def points_of(row: Mapping[str, Any], what: str) -> dict[str, dict[Outcome, Figures]]:
    """The figures of a row by its `hours` or `months`, and by outcome."""
    return {
        when: {Outcome(outcome): Figures.from_kept(kept) for outcome, kept in outcomes.items()}
        for when, outcomes in row.get(what, {}).items()
    }


def waits_of(row: Mapping[str, Any]) -> dict[str, Counter[float]]:
    """How many people waited so many seconds (at most) for what was delivered, by category."""
    return {
        _unquoted(category): Counter({_seconds(int(bucket)): count for bucket, count in buckets.items()})
        for category, buckets in row.get("waits", {}).items()
    }


def people_in(rows: Mapping[int, Mapping[str, Any]], first: int, last: int) -> tuple[int, int]:
    """How many different people there were from one day to another, and how many of them were new.

    `rows` are the rows of days by their ordinals; the window has at most `LONGEST_GAP` days.
    """
    people = new = 0
    for day in range(first, last + 1):
        for gap, count in rows.get(day, {}).get("gaps", {}).items():
            if int(gap) == NEWCOMER:
                new += count
            if int(gap) == NEWCOMER or int(gap) > day - first:
                people += count
    return people, new


def _cell(kind: Kind) -> str:
    return "|".join(_quoted(part) for part in kind)


def _kind(cell: str) -> Kind:
    category, provider, model_id, outcome = (_unquoted(part) for part in cell.split("|"))
    return Kind(category, provider, model_id, Outcome(outcome))


def _quoted(part: str) -> str:
    """A name as a part of a field's name: no dot, no dollar, no bar; never empty."""
    return quote(part, safe="").replace(".", "%2E") or "%20"


def _unquoted(part: str) -> str:
    return unquote(part).strip()


def _bucket(seconds: float) -> int:
    return max(0, floor(log2(max(seconds, 1.0)) * _BUCKETS_PER_DOUBLING) + 1)


def _seconds(bucket: int) -> float:
    """The longest wait that falls into a bucket."""
    return float(2 ** (bucket / _BUCKETS_PER_DOUBLING))
