"""Gathers what reports and commands tell: videos, credits, budgets, and what people had made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from plugins.monitoring.part import Part
from starloom.api import (
    AccountReading,
    Level,
    NotificationType,
    Outcome,
    RunFigures,
    Span,
    Summary,
    figures_of,
    level_of,
    percent_of,
)

_LEVELS = "credit_levels"
_KINDS = {Level.WARNING: NotificationType.CREDITS_LOW}


@dataclass(frozen=True, slots=True)
class Credit:
    """What is left at a provider; the level and what is used only where a plan says how much there was."""

    reading: AccountReading
    plan: str = ""
    monthly: Decimal | None = None
    daily_bonus: Decimal = Decimal(0)
    used: Decimal = Decimal(0)
    percent: Decimal | None = None
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Some days: what the series made, and what all made. `target` is how many videos there were to be."""

    span: Span
    runs: RunFigures
    summary: Summary
    target: int
    days: tuple[tuple[date, int, int], ...]
    """Each day with what was made and what failed: of the series, of all where there is none."""

    @property
    def success_rate(self) -> float | None:
        """Of the series, or of all where it made nothing; None where nothing has ended."""
        own = self.runs.success_rate
        return own if own is not None else self.summary.success_rate

    @property
    def empty(self) -> bool:
        """Whether nothing happened."""
        runs = self.runs
        return not (runs.done or runs.failed or runs.skipped or self.summary.generations.count)


class Gathering(Part):
    """The figures."""

    def credits(self) -> list[Credit]:
        """What is left at each provider that tells."""
        return [self._credit(reading) for reading in self.context.accounts.readings()]

    async def report(self, first: date, last: date) -> Report:
        """What happened from one day to another."""
        production = self.context.operations.production
        span = Span(first, last)
        runs = await production.runs.between(first, last)
        summary = await self.context.statistics.between(span)
        by_day = {day: figures_of(run for run in runs if run.day == day.isoformat()) for day in span.days}
        if production.series is None and not runs:
            days = tuple((day, *_ends_of(summary, day)) for day in span.days)
        else:
            days = tuple((day, by_day[day].done, by_day[day].failed) for day in span.days)
        return Report(span, figures_of(runs), summary, self.target(span), days)

    def target(self, span: Span) -> int:
        """How many videos there are to be in these days; 0 where no series is declared."""
        series = self.context.operations.production.series
        if series is None:
            return 0
        planned = [len({at for cron in series.times for at in cron.on(day)}) for day in span.days]
        return sum(min(count, series.daily_target or count) for count in planned)

    async def watch_credits(self) -> None:
        """Tell of credits that have become low, once each time they do."""
        known: dict[str, str] = await self.context.store.get(_LEVELS, {})
        told: dict[str, str] = {}
        for credit in self.credits():
            if credit.level is None or credit.percent is None:
                continue
            provider = credit.reading.provider
            before = Level(known.get(provider, Level.HEALTHY.value))
            if credit.level.rank > before.rank:
                kind = _KINDS.get(credit.level, NotificationType.CREDITS_CRITICAL)
                await self.context.notifications.queue_notification(
                    kind,
                    details={
                        "provider": provider,
                        "plan": credit.plan,
                        "remaining": f"{credit.reading.account.remaining:f} {credit.reading.account.unit}",
                        "usage_percent": float(round(credit.percent, 1)),
                    },
                    key=f"credits:{provider}:{credit.level.value}:{self.context.statistics.today}",
                )
            told[provider] = credit.level.value
        if known | told != known:
            await self.context.store.update(_LEVELS, lambda before: {**before, **told}, {})

    def _credit(self, reading: AccountReading) -> Credit:
        plan = self.config.plans.get(reading.provider)
        if plan is None:
            return Credit(reading)
        allowance = plan.monthly + plan.daily_bonus
        used = max(Decimal(0), allowance - reading.account.remaining)
        return Credit(
            reading,
            plan=plan.name,
            monthly=plan.monthly,
            daily_bonus=plan.daily_bonus,
            used=used,
            percent=percent_of(used, allowance),
            level=level_of(used, allowance),
        )

    def day_before(self) -> date:
        """Yesterday, where the operator is."""
        return self.context.statistics.today - timedelta(days=1)


def _ends_of(summary: Summary, day: date) -> tuple[int, int]:
    if summary.span is not None and summary.span.first == summary.span.last:
        return summary.of(Outcome.DELIVERED).count, summary.of(Outcome.FAILED, Outcome.EXPIRED).count
    point = next((point for point in summary.points if point.when == day.isoformat()), None)
    if point is None:
        return 0, 0
    return point.of(Outcome.DELIVERED).count, point.of(Outcome.FAILED, Outcome.EXPIRED).count
