"""Figures that are added up: whole numbers only, so that adding is exact in whatever order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal

from core.statistics.record import Correction, GenerationRecord, Outcome

NANO = Decimal(10) ** 9
"""A dollar in the unit in which costs are added up: a cent of a provider has four more places."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums over generations.

    `stars` is earned, `given` what free ones would have cost. `nano_usd` is billionths of a dollar that
    providers took. Times are milliseconds, as in `GenerationRecord`.
    """

    count: int = 0
    stars: int = 0
    given: int = 0
    nano_usd: int = 0
    prompt_tokens: int = 0
    enhanced_tokens: int = 0
    duration_ms: int = 0
    produced_ms: int = 0
    waited_ms: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, name) + getattr(other, name) for name in NAMES))

    @property
    def cost_usd(self) -> Decimal:
        """What providers took."""
        return self.nano_usd / NANO

    @property
    def tokens(self) -> int:
        """Tokens of prompts, those that providers made of them included."""
        return self.prompt_tokens + self.enhanced_tokens

    @property
    def kept(self) -> dict[str, int]:
        """Those that are not 0, by name."""
        return {name: value for name in NAMES if (value := getattr(self, name))}

    @classmethod
    def of(cls, record: GenerationRecord) -> Figures:
        """The figures of one generation."""
        delivered = record.outcome is Outcome.DELIVERED
        return cls(
            count=1,
            stars=record.stars,
            given=record.price if record.free and delivered else 0,
            nano_usd=int((record.cost_usd * NANO).to_integral_value()),
            prompt_tokens=record.prompt_tokens,
            enhanced_tokens=record.enhanced_prompt_tokens,
            duration_ms=_ms(record.duration) if delivered else 0,
            produced_ms=_ms(record.produced),
            waited_ms=_ms(record.waited),
        )

    @classmethod
    def of_correction(cls, correction: Correction) -> Figures:
        """What a correction takes away."""
        return cls(count=1, stars=-correction.stars)

    @classmethod
    def from_kept(cls, kept: Mapping[str, int]) -> Figures:
        """What `kept` was made of."""
        return cls(**{name: kept[name] for name in NAMES if name in kept})


NAMES = tuple(field.name for field in fields(Figures))


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
