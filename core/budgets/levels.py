"""How far something is used up: healthy, a warning, critical, or all of it."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

WARNING_PERCENT, CRITICAL_PERCENT = 80, 95


class Level(StrEnum):
    """How far something is used up, the least first."""

    HEALTHY = "healthy"
    WARNING = "warning"
    CRITICAL = "critical"
    STOPPED = "stopped"
    """All of it is used, or as much as may be."""

    @property
    def rank(self) -> int:
        """The higher the worse."""
        return tuple(Level).index(self)


def percent_of(used: Decimal, limit: Decimal) -> Decimal:
    """The share that is used, in per cent; 100 of nothing."""
    return used * 100 / limit if limit > 0 else Decimal(100)


def level_of(
    used: Decimal,
    limit: Decimal,
    *,
    warning: Decimal | int = WARNING_PERCENT,
    critical: Decimal | int = CRITICAL_PERCENT,
    stop: Decimal | int = 100,
) -> Level:
    """The level, each from its per cent on; compared exactly, never as it is rounded for people."""
    percent = percent_of(used, limit)
    if percent >= stop:
        return Level.STOPPED
    if percent >= critical:
        return Level.CRITICAL
    return Level.WARNING if percent >= warning else Level.HEALTHY
