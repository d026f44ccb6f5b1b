"""Statistics of a span of days, as they are shown and reported: sums, and how they lie in time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from core.statistics.figures import Figures
from core.statistics.periods import Span
from core.statistics.record import ENDS, Outcome
from core.statistics.rows import Kind

_KeyT = TypeVar("_KeyT", bound=Hashable)

ATTEMPTS = (Outcome.DELIVERED, Outcome.FAILED, Outcome.EXPIRED)
"""What tells how well it goes: what people stopped themselves says nothing of that."""


@dataclass(frozen=True, slots=True)
class Point:
    """The figures of an hour (`14`), a day (`2026-11-21`) or a month (`2026-11`), by outcome.

    There are `count`, `stars` and `nano_usd`, and nothing else.
    """

    when: str
    figures: Mapping[Outcome, Figures]

    def of(self, *outcomes: Outcome) -> Figures:
        """The sum over these outcomes, over all of them if none is named."""
        return total(self.figures.get(outcome, Figures()) for outcome in outcomes or tuple(Outcome))


@dataclass(frozen=True, slots=True)
class Summary:
    """What happened in a span of days; `span` is None for all time.

    `people` are those of whom something ended, each counted once, and `newcomers` those among them who were
    never there before; both are None where that is not known. `waits` says by category how many waited so
    many seconds (at most) for what they got.
    """

    span: Span | None
    cells: Mapping[Kind, Figures]
    points: tuple[Point, ...] = ()
    people: int | None = None
    newcomers: int | None = None
    waits: Mapping[str, Mapping[float, int]] = field(default_factory=dict)

    @property
    def generations(self) -> Figures:
        """All that ended, however it did."""
        return self.of(*ENDS)

    @property
    def stars(self) -> int:
        """Stars that were earned, what was given back taken off."""
        return self.of(Outcome.DELIVERED, Outcome.REFUNDED).stars

    @property
    def cost_usd(self) -> Decimal:
        """What providers took."""
        return self.generations.cost_usd

    @property
    def success_rate(self) -> float | None:
        """The share of what was delivered in what was not stopped by its person; None without any."""
        attempts = self.of(*ATTEMPTS).count
        return self.of(Outcome.DELIVERED).count / attempts if attempts else None

    def of(self, *outcomes: Outcome) -> Figures:
        """The sum over these outcomes."""
        return total(figures for kind, figures in self.cells.items() if kind.outcome in outcomes)

    def by(self, key: Callable[[Kind], _KeyT], *outcomes: Outcome) -> dict[_KeyT, Figures]:
        """Sums by model, provider or category, the largest count first; over all ends if none is named."""
        sums: dict[_KeyT, Figures] = {}
        for kind, figures in self.cells.items():
            if kind.outcome in (outcomes or ENDS):
                sums[key(kind)] = sums.get(key(kind), Figures()) + figures
        return dict(sorted(sums.items(), key=lambda item: (-item[1].count, str(item[0]))))

    def wait(self, share: float = 0.5, category: str = "") -> float | None:
        """Within how many seconds this share of people had what they ordered; None where nobody had."""
        counts: Counter[float] = Counter()
        for name, waited in self.waits.items():
            if not category or name == category:
                counts.update(waited)
        left = share * counts.total()
        for seconds in sorted(counts):
            left -= counts[seconds]
            if left <= 0:
                return seconds
        return None


def total(figures: Iterable[Figures]) -> Figures:
    """The sum of several figures."""
    added = Figures()
    for each in figures:
        added = added + each
    return added
