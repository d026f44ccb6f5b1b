"""Keeps spending within its limits: tells operators in time, and takes no order that would go beyond.

What is spent is what providers took for generations that have ended (the statistics have it) and what those
cost that are being made. An order that would bring this above a limit's stop is refused before any money is
held; what was ordered before is made to its end. Each order counts once: figures are read while none is
being written down here, and what is over is looked for among generations before it is looked for in the
statistics, so that one on its way from there to here is counted twice for some seconds rather than not at
all. Several instances that take orders at once know of each other's within seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

import structlog

from core.budgets.levels import Level, level_of, percent_of
from core.budgets.settings import BudgetSettings, Limits
from core.clock import Clock
from core.errors import DatabaseAway, UserFacingError
from core.notifications.notification import NotificationType
from core.notifications.queue import NotificationQueue
from core.observability.metrics import Metrics
from core.statistics.periods import Span
from core.statistics.statistics import Statistics

_log = structlog.stdlib.get_logger(__name__)

ALL_PROVIDERS = ""
DAY, MONTH = "day", "month"
_FRESH_SECONDS = 5.0
_LOOK_SECONDS = 60.0


class RunningCosts(Protocol):
    """The part of the job store that knows what is being made."""

    async def running_costs(self) -> Mapping[str, Decimal]:
        """What generations cost that are being made, or in no statistics yet, in USD, by provider."""
        ...


@dataclass(frozen=True, slots=True)
class Budget:
    """One limit and how far it is used. `provider` is empty for all of them, `period` is day or month."""

    provider: str
    period: str
    first: date
    limit_usd: Decimal
    spent_usd: Decimal
    running_usd: Decimal
    level: Level

    @property
    def used_usd(self) -> Decimal:
        """What is spent, and what is going to be."""
        return self.spent_usd + self.running_usd

    @property
    def percent(self) -> Decimal:
        """The share of the limit that is used."""
        return percent_of(self.used_usd, self.limit_usd)


@dataclass(slots=True, eq=False)
class Room:
    """What was set aside for an order that passed. Unless it is `taken` in the end, it is free again."""

    provider: str
    cost_usd: Decimal
    taken: bool = False


class Budgets:
    """All limits."""

    def __init__(
        self,
        settings: BudgetSettings,
        *,
        statistics: Statistics,
        jobs: RunningCosts,
        queue: NotificationQueue,
        clock: Clock,
        metrics: Metrics | None = None,
    ) -> None:
        self.settings = settings
        self._metrics = metrics
        self._statistics = statistics
        self._jobs = jobs
        self._queue = queue
        self._clock = clock
        self._read_at: float | None = None
        self._known: tuple[Budget, ...] = ()
        self._passed: list[Room] = []
        """What was ordered here and is not in the figures that are known."""
        self._checking = asyncio.Lock()
        self._writing = 0
        """How many orders that passed are being written down."""
        self._written = asyncio.Condition()

    async def standing(self) -> tuple[Budget, ...]:
        """All limits as they stand now."""
        settings = self.settings
        if not settings.any:
            return ()
        today = self._statistics.today
        # In this order: what is counted in between is in both, and in the other order it would be in neither.
        running = await self._jobs.running_costs()
        spent = {DAY: await self._spent(today), MONTH: await self._spent_in_month(today)}
        first = {DAY: today, MONTH: today.replace(day=1)}
        tables: dict[str, Limits] = {ALL_PROVIDERS: settings, **settings.providers}
        found = []
        for provider, table in tables.items():
            for period, limit in ((DAY, table.day_usd), (MONTH, table.month_usd)):
                if limit is not None:
                    used, more = _share(spent[period], provider), _share(running, provider)
                    level = self._level(used + more, limit)
                    found.append(Budget(provider, period, first[period], limit, used, more, level))
        return tuple(found)

    @asynccontextmanager
    async def room(self, provider: str, cost_usd: Decimal) -> AsyncIterator[Room]:
        """Set aside what an order costs that fits into all limits, while it is written down.

        Raises:
            UserFacingError: it does not fit; nothing of it may begin.

        """
        room = Room(provider, cost_usd)
        if not self.settings.any:
            yield room
            return
        # One after another: whoever comes while the figures are read counts on top of those before.
        async with self._checking:
            reached = await self._reached_by(provider, cost_usd)
            if reached is None:
                self._passed.append(room)
                self._writing += 1
        if reached is not None:
            await self._tell(reached, Level.STOPPED)
            raise UserFacingError(f"budget-reached-{reached.period}")
        try:
            yield room
        finally:
            if not room.taken:
                self._passed.remove(room)
            async with self._written:
                self._writing -= 1
                self._written.notify_all()

    async def run(self) -> None:
        """Warn operators in time, until cancelled."""
        while self.settings.any:
            try:
                for budget in await self.standing():
                    await self._tell(budget, budget.level)
                    self._show(budget)
            except DatabaseAway as error:
                _log.warning("budgets are not looked at: database away", error=str(error))
            await self._clock.sleep(_LOOK_SECONDS)

    async def _reached_by(self, provider: str, cost_usd: Decimal) -> Budget | None:
        """The limit that an order would go beyond; None if it fits into all of them."""
        now = self._clock.monotonic()
        if self._read_at is None or now - self._read_at >= _FRESH_SECONDS:
            # None begins meanwhile, and so all that have passed are among what is read.
            async with self._written:
                await self._written.wait_for(lambda: not self._writing)
            self._known, self._read_at = await self.standing(), now
            self._passed.clear()
        ordered: dict[str, Decimal] = {}
        for each in self._passed:
            ordered[each.provider] = ordered.get(each.provider, Decimal(0)) + each.cost_usd
        for budget in self._known:
            if budget.provider in (ALL_PROVIDERS, provider):
                used = budget.used_usd + _share(ordered, budget.provider) + cost_usd
                if percent_of(used, budget.limit_usd) > self.settings.stop_percent:
                    return budget
        return None

    def _show(self, budget: Budget) -> None:
        if self._metrics is not None:
            scope = budget.provider or "all"
            self._metrics.budget_used.labels(scope, budget.period).set(float(budget.percent) / 100)

    async def _tell(self, budget: Budget, level: Level) -> None:
        """Tell operators of a level, once in its day or month."""
        if level is Level.HEALTHY:
            return
        scope = budget.provider or "all"
        details = {
            "scope": budget.provider or "all_providers",
            "period": budget.period,
            "state": f"budget_{level.value}",
            "usd": float(round(budget.used_usd, 2)),
            "limit": float(round(budget.limit_usd, 2)),
            "usage_percent": float(round(budget.percent, 1)),
        }
        key = f"{scope}:{budget.period}:{budget.first}:{level.value}"
        made = self._queue.made(NotificationType.BUDGET_WARNING, details=details, source="budget", key=key)
        await self._queue.put([made])

    def _level(self, used: Decimal, limit: Decimal) -> Level:
        settings = self.settings
        # Between the warning and the stop there is one more, as 95 per cent is between 80 and 100.
        critical = settings.warning_percent + (settings.stop_percent - settings.warning_percent) * 3 / 4
        return level_of(
            used, limit, warning=settings.warning_percent, critical=critical, stop=settings.stop_percent
        )

    async def _spent(self, day: date) -> dict[str, Decimal]:
        summary = await self._statistics.between(Span(day, day))
        return {name: figures.cost_usd for name, figures in summary.by(lambda kind: kind.provider).items()}

    async def _spent_in_month(self, day: date) -> dict[str, Decimal]:
        summary = await self._statistics.of_month(day)
        return {name: figures.cost_usd for name, figures in summary.by(lambda kind: kind.provider).items()}


def _share(costs: Mapping[str, Decimal], provider: str) -> Decimal:
    if provider == ALL_PROVIDERS:
        return sum(costs.values(), Decimal(0))
    return costs.get(provider, Decimal(0))
