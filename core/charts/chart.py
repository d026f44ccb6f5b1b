"""What a chart shows, in words and numbers; how it looks is the artist's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

_STEPS = (1, 2, 5)


class Tone(StrEnum):
    """What a colour says."""

    GOOD = "good"
    BAD = "bad"
    DULL = "dull"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Series:
    """One number for each place on the axis; what it is called stands in the legend."""

    name: str
    values: tuple[float, ...]
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Tick:
    """A number beside the axis, as people write it."""

    value: float
    label: str


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars over time, the series one on the other. `labels` stand below the axis, empty ones left out."""

    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    ticks: tuple[Tick, ...] = ()


@dataclass(frozen=True, slots=True)
class Rank:
    """A bar with its name before it and its number, in words, behind it."""

    name: str
    value: float
    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Ranking:
    """Bars one below the other, as many as are wanted."""

    title: str
    ranks: tuple[Rank, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture for a phone: a title, a line below it, and panels one below the other.

    All texts are plain and in the reader's language; numbers stand in them as that language writes them. A
    panel without bars shows `empty` instead.
    """

    title: str
    subtitle: str
    panels: tuple[Bars | Ranking, ...]
    empty: str


def ticks_to(top: float, write: Callable[[int], str]) -> tuple[Tick, ...]:
    """Two to six round numbers from 0 to about `top`; whole ones, as things are counted."""
    step = size = 1
    while top / step > 5:
        step = next((size * each for each in _STEPS if size * each > step), size * 10)
        size = size * 10 if step == size * 10 else size
    last = max(1, int(top // step))
    return tuple(Tick(number * step, write(number * step)) for number in range(last + 1))


def spaced(labels: tuple[str, ...], most: int) -> tuple[str, ...]:
    """At most `most` of the labels, at equal distances, the last among them; the others empty."""
    every = -(-len(labels) // most) if labels else 1
    last = len(labels) - 1
    return tuple(label if (last - place) % every == 0 else "" for place, label in enumerate(labels))
