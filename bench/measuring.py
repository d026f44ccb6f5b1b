"""What all benchmarks share: percentiles, medians over rounds, paired ratios, printing."""

from __future__ import annotations

import json
import math
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from importlib.metadata import version
from typing import Any

Round = Mapping[str, float]
"""What one round of one contender came to, by the name of the figure."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over all rounds: its median, and how far the machine's noise drove it."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The spread of some values. Raises ValueError where there are none."""
        if not values:
            raise ValueError("a spread needs a value")
        return cls(statistics.median(values), min(values), max(values))

    def __str__(self) -> str:
        return f"{_short(self.median)} ({_short(self.least)}..{_short(self.most)})"


@dataclass(frozen=True, slots=True)
class Report:
    """What a benchmark found. `notes` are sentences for people."""

    benchmark: str
    settings: Mapping[str, Any]
    server: Mapping[str, Any]
    figures: Mapping[str, Any]
    ratios: Mapping[str, Mapping[str, Spread]]
    notes: Sequence[str] = field(default=())

    def as_json(self) -> str:
        """The whole report as one line."""
        content = {
            "benchmark": self.benchmark,
            "settings": self.settings,
            "server": self.server,
            "figures": self.figures,
            "ratios": self.ratios,
            "notes": self.notes,
        }
        return json.dumps(_plain(content))


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of the values that is not below `percent` per cent of them (nearest rank).

    Raises:
        ValueError: there are no values, or `percent` is not above 0 and at most 100.
    """
    if not values or not 0 < percent <= 100:
        raise ValueError("a percentile needs values and a rank above 0, at most 100")
    return sorted(values)[math.ceil(len(values) * percent / 100) - 1]


def spreads(rounds: Sequence[Round]) -> dict[str, Spread]:
    """The spread of every figure over the rounds of one contender."""
    return {name: Spread.of([each[name] for each in rounds]) for name in rounds[0]} if rounds else {}


def paired_ratios(ours: Sequence[Round], theirs: Sequence[Round]) -> dict[str, Spread]:
    """Ours to theirs, round by round, so that what slows the machine for a while strikes out.

    Figures that only one side has are left out.

    Raises:
        ValueError: there are not as many rounds on both sides.
    """
    pairs = list(zip(ours, theirs, strict=True))
    shared = [name for name in pairs[0][0] if name in pairs[0][1]] if pairs else []
    return {
        name: Spread.of([our[name] / their[name] for our, their in pairs])
        for name in shared
        if all(their[name] for _, their in pairs)
    }


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "cpus": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "kurigram": version("kurigram"),
        "motor": version("motor"),
    }


def table(title: str, columns: Mapping[str, Mapping[str, Spread]]) -> str:
    """Figures as rows, contenders as columns; median and (least..most)."""
    names = list(dict.fromkeys(name for column in columns.values() for name in column))
    rows = [["", *columns]]
    for name in names:
        cells = [str(column[name]) if name in column else "-" for column in columns.values()]
        rows.append([name, *cells])
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join([title, *(f"  {line.rstrip()}" for line in lines)])


def _short(number: float) -> str:
    return f"{number:.0f}" if abs(number) >= 100 else f"{number:.3g}"


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return round(value, 4) if isinstance(value, float) else value
