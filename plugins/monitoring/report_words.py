"""Reports, credits and budgets in words, and as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from math import ceil

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_skeleton
from babel.numbers import format_currency

from plugins.monitoring.figures import Credit, Report
from starloom.api import (
    Bars,
    Budget,
    Chart,
    Html,
    Level,
    Outcome,
    ProxyState,
    Rank,
    Ranking,
    Series,
    Tone,
    Translator,
    spaced,
    ticks_to,
)

_BAR = 10
_LABELS = 7
_NAMES = 8
_EXACT_SECONDS = 100
_MARKS = {Level.HEALTHY: "🟢", Level.WARNING: "🟡", Level.CRITICAL: "🔴", Level.STOPPED: "⛔"}


def usd(amount: Decimal, t: Translator) -> str:
    """An amount of dollars."""
    return format_currency(amount, "USD", locale=_locale(t))


def span_of(report: Report, t: Translator) -> str:
    """The days of a report."""
    span = report.span
    if span.first == span.last:
        return format_date(span.last, "long", locale=_locale(t))
    return format_interval(span.first, span.last, "yMMMd", locale=_locale(t))


def report_words(report: Report, t: Translator, *, title: str) -> Html:
    """A report: what was made, in which time and for what money, by whom and where."""
    lines = [t("monitoring-report-head", title=title, span=span_of(report, t))]
    if report.empty:
        lines.append(t("monitoring-report-nothing"))
    lines += _videos(report, t)
    lines += _everybody(report, t)
    for key, pairs in (
        ("monitoring-by-character", report.runs.characters),
        ("monitoring-by-platform", report.runs.platforms),
    ):
        if pairs:
            lines.append(t(key))
            lines += pair_lines(pairs.items(), t)
    return Html("\n".join(lines))


def pair_lines(pairs: Iterable[tuple[str, tuple[int, int]]], t: Translator) -> list[Html]:
    """Names with what went well and what did not."""
    return [t("monitoring-pair", name=name, good=good, bad=bad) for name, (good, bad) in list(pairs)[:_NAMES]]


def progress(done: int, target: int, t: Translator) -> Html:
    """How far a target is reached, drawn with squares."""
    share = min(1.0, done / target) if target else 0.0
    full = int(share * _BAR)
    bar = "▰" * full + "▱" * (_BAR - full)
    return t("monitoring-progress", bar=bar, done=done, target=target, percent=int(share * 100))


def credit_words(credit: Credit, t: Translator) -> Html:
    """What is left at a provider."""
    account = credit.reading.account
    name = credit.reading.provider
    lines = [t("monitoring-credit", name=name, remaining=_amount(account.remaining), unit=account.unit)]
    if account.usd is not None:
        lines.append(t("monitoring-credit-usd", usd=usd(account.usd, t)))
    if credit.level is not None and credit.percent is not None and credit.monthly is not None:
        lines.append(
            t(
                "monitoring-credit-plan",
                plan=credit.plan or name,
                monthly=_amount(credit.monthly),
                bonus=_amount(credit.daily_bonus),
            )
        )
        lines.append(
            t(
                "monitoring-credit-used",
                mark=_MARKS[credit.level],
                used=_amount(credit.used),
                percent=_percent(credit.percent),
                level=t(f"monitoring-level-{credit.level.value}"),
            )
        )
    else:
        lines.append(t("monitoring-credit-no-plan"))
    return Html("\n".join(lines))


def budget_words(budget: Budget, t: Translator) -> Html:
    """How far a limit is used."""
    return t(
        "monitoring-budget",
        mark=_MARKS[budget.level],
        name=budget.provider or t("monitoring-all-providers"),
        period=t(f"monitoring-per-{budget.period}"),
        used=usd(budget.used_usd, t),
        running=usd(budget.running_usd, t),
        limit=usd(budget.limit_usd, t),
        percent=_percent(budget.percent),
        level=t(f"monitoring-level-{budget.level.value}"),
    )


def proxy_lines(proxies: Iterable[ProxyState], t: Translator) -> list[Html]:
    """How the proxies of this process stand, purpose by purpose."""
    lines: list[Html] = []
    purposes: list[str] = []
    for proxy in proxies:
        if proxy.purpose not in purposes:
            purposes.append(proxy.purpose)
            lines.append(t(f"monitoring-proxies-{proxy.purpose}"))
        state = "down" if not proxy.up else "used" if proxy.used else "waits"
        lines.append(t(f"monitoring-proxy-{state}", proxy=proxy.label))
    return lines


def report_chart(report: Report, t: Translator, *, title: str) -> Chart:
    """A report as a picture: bars by day, and who made most."""
    series = (
        Series(t.plain("monitoring-chart-done"), tuple(good for _, good, _ in report.days), Tone.GOOD),
        Series(t.plain("monitoring-chart-failed"), tuple(bad for _, _, bad in report.days), Tone.BAD),
    )
    highest = max((good + bad for _, good, bad in report.days), default=0)
    days = tuple(format_skeleton("Md", day, locale=_locale(t)) for day, _, _ in report.days)
    bars = Bars(
        title=t.plain("monitoring-chart-by-day"),
        labels=spaced(days, _LABELS),
        series=series,
        ticks=ticks_to(highest, lambda number: t.plain("monitoring-number", number=number)),
    )
    panels: tuple[Bars | Ranking, ...] = (bars,)
    if report.runs.characters:
        panels = (bars, ranking("monitoring-by-character", report.runs.characters.items(), t))
    return Chart(title, span_of(report, t), panels, t.plain("monitoring-report-nothing"))


def ranking(key: str, pairs: Iterable[tuple[str, tuple[int, int]]], t: Translator) -> Ranking:
    """Names by what they made."""
    ranks = [
        Rank(name, good, t.plain("monitoring-number", number=good))
        for name, (good, _) in list(pairs)[:_NAMES]
    ]
    return Ranking(t.plain(key), tuple(ranks))


def share_chart(rows: Sequence[tuple[str, Decimal, Level]], t: Translator, *, title: str) -> Chart:
    """Shares of what may be used, as bars one below the other."""
    tones = {Level.HEALTHY: Tone.GOOD, Level.WARNING: Tone.PLAIN}
    ranks = tuple(
        Rank(
            name,
            float(min(percent, Decimal(100))),
            t.plain("monitoring-percent", percent=_percent(percent)),
            tones.get(level, Tone.BAD),
        )
        for name, percent, level in rows
    )
    return Chart(title, "", (Ranking(t.plain("monitoring-chart-used"), ranks),), "")


def _videos(report: Report, t: Translator) -> list[Html]:
    runs = report.runs
    lines = [progress(runs.done, report.target, t)] if report.target else []
    if not (runs.done or runs.failed or runs.skipped or runs.under_way):
        return lines
    lines.append(t("monitoring-videos", done=runs.done, failed=runs.failed))
    if runs.skipped:
        lines.append(t("monitoring-skipped", count=runs.skipped))
    if runs.success_rate is not None:
        lines.append(t("monitoring-success", percent=_share(runs.success_rate)))
    if runs.average_seconds is not None:
        time = _time(runs.average_seconds, t)
        lines.append(t("monitoring-times", average=time, total=_time(runs.seconds, t)))
    lines.append(t("monitoring-cost", usd=usd(runs.cost_usd, t)))
    return lines


def _everybody(report: Report, t: Translator) -> list[Html]:
    summary = report.summary
    if not summary.generations.count:
        return []
    delivered = summary.of(Outcome.DELIVERED).count
    failed = summary.of(Outcome.FAILED, Outcome.EXPIRED).count
    return [
        t("monitoring-everybody", delivered=delivered, failed=failed, stars=t("stars", stars=summary.stars)),
        t("monitoring-everybody-cost", usd=usd(summary.cost_usd, t)),
    ]


def _amount(amount: Decimal) -> Decimal:
    """Without zeros behind the point."""
    return amount.quantize(Decimal("0.01")).normalize() if amount % 1 else amount.quantize(Decimal(1))


def _percent(percent: Decimal) -> float:
    """With one place, and never rounded up into the next level."""
    return float(int(percent * 10)) / 10


def _share(share: float) -> int:
    percent = round(share * 100)
    return 99 if percent == 100 and share < 1 else percent


def _time(seconds: float, t: Translator) -> Html:
    if seconds < _EXACT_SECONDS:
        return t("monitoring-time-seconds", seconds=ceil(seconds))
    whole = timedelta(seconds=ceil(seconds))
    hours, rest = divmod(int(whole.total_seconds()) // 60, 60)
    return (
        t("monitoring-time-hours", hours=hours, minutes=rest)
        if hours
        else t("monitoring-time-minutes", minutes=rest)
    )


def _locale(t: Translator) -> Locale:
    try:
        return Locale.parse(t.language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")
