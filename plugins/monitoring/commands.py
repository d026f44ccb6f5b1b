"""What operators ask: /status, /credits, /daily, /weekly, /character, /platform, /budget."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from plugins.monitoring.figures import Credit, Gathering, Report
from plugins.monitoring.report_words import (
    budget_words,
    credit_words,
    pair_lines,
    progress,
    proxy_lines,
    ranking,
    report_chart,
    report_words,
    share_chart,
    usd,
)
from starloom.api import (
    AdminRole,
    Chart,
    ChartNotDrawn,
    Event,
    Html,
    Level,
    MessageEvent,
    Span,
    Translator,
    command,
)

_CAPTION = 1000
"""Characters that may stand below a picture; Telegram takes 1024."""
_WEEK = timedelta(days=6)


class Commands(Gathering):
    """The commands that tell figures."""

    @command("status", description="monitoring-status-command", role=AdminRole.VIEWER)
    async def status(self, event: MessageEvent) -> None:
        """Show how the production stands today."""
        t, production = self.speak(event), self.context.operations.production
        today = self.context.statistics.today
        report, switch = await self.report(today, today), await production.switched()
        state = "none" if production.series is None else "paused" if switch.paused else "running"
        lines = [t("monitoring-status-head", day=today), t(f"monitoring-status-{state}", name=switch.by)]
        target = self.target(Span(today, today))
        if target:
            lines.append(progress(report.runs.done, target, t))
        elif report.summary.generations.count:
            lines.append(t("monitoring-status-made", count=report.summary.generations.count))
        rate = report.success_rate
        if rate is None:
            lines.append(t("monitoring-no-success"))
        else:
            lines.append(t("monitoring-success", percent=int(rate * 100)))
        lines += [Html(f"\n{credit_words(credit, t)}") for credit in self.credits()]
        lines += proxy_lines(self.context.operations.proxies(), t)
        await event.reply(Html("\n".join(lines)))

    @command("credits", description="monitoring-credits-command", role=AdminRole.VIEWER)
    async def show_credits(self, event: MessageEvent) -> None:
        """Show what is left at the providers."""
        t, credits = self.speak(event), self.credits()
        if not credits:
            await event.say("monitoring-no-credits")
            return
        text = Html("\n\n".join((t("monitoring-credits-head"), *(credit_words(each, t) for each in credits))))
        await self._show(event, text, _credits_chart(credits, t))

    @command("daily", description="monitoring-daily-command", role=AdminRole.VIEWER)
    async def daily(self, event: MessageEvent) -> None:
        """Show the day."""
        today = self.context.statistics.today
        await self._report(event, await self.report(today, today), "monitoring-type-daily_summary")

    @command("weekly", description="monitoring-weekly-command", role=AdminRole.VIEWER)
    async def weekly(self, event: MessageEvent) -> None:
        """Show the last seven days."""
        today = self.context.statistics.today
        await self._report(event, await self.report(today - _WEEK, today), "monitoring-type-weekly_report")

    @command("character", description="monitoring-character-command", role=AdminRole.VIEWER)
    async def character(self, event: MessageEvent) -> None:
        """Show the characters' last seven days, or those of one."""
        series = self.context.operations.production.series
        names = [each.name for each in series.characters] if series else []
        week = await self._week()
        await self._pairs(event, "monitoring-by-character", names, dict(week.runs.characters), week)

    @command("platform", description="monitoring-platform-command", role=AdminRole.VIEWER)
    async def platform(self, event: MessageEvent) -> None:
        """Show the platforms' last seven days, or those of one."""
        series = self.context.operations.production.series
        names = [each.name for each in series.platforms] if series else []
        week = await self._week()
        await self._pairs(event, "monitoring-by-platform", names, dict(week.runs.platforms), week)

    @command("budget", description="monitoring-budget-command", role=AdminRole.VIEWER)
    async def budget(self, event: MessageEvent) -> None:
        """Show how far the limits are used."""
        t, production = self.speak(event), self.context.operations.production
        budgets = await self.context.operations.budgets.standing()
        lines = [budget_words(budget, t) for budget in budgets]
        if production.series is not None:
            today = self.context.statistics.today
            month = await production.spent_since(today.replace(day=1))
            balance = await production.balance()
            held = t("stars", stars=balance.held)
            lines.append(t("monitoring-budget-series", usd=usd(month, t), held=held))
        if not lines:
            await event.say("monitoring-no-budget")
            return
        text = Html("\n".join((t("monitoring-budget-head"), *lines)))
        rows = [
            (
                f"{each.provider or t.plain('monitoring-all-providers')}, "
                f"{t.plain(f'monitoring-per-{each.period}')}",
                each.percent,
                each.level,
            )
            for each in budgets
        ]
        title = t.plain("monitoring-type-budget_warning")
        await self._show(event, text, share_chart(rows, t, title=title) if rows else None)

    async def _report(self, event: Event, report: Report, title: str) -> None:
        t = self.speak(event)
        text = report_words(report, t, title=t.plain(title))
        # One bar says no more than its number does.
        drawn = report.runs.characters or (len(report.days) > 1 and not report.empty)
        await self._show(event, text, report_chart(report, t, title=t.plain(title)) if drawn else None)

    async def _week(self) -> Report:
        today = self.context.statistics.today
        return await self.report(today - _WEEK, today)

    async def _pairs(
        self, event: MessageEvent, key: str, names: list[str], pairs: dict[str, tuple[int, int]], week: Report
    ) -> None:
        t, wanted = self.speak(event), event.argument.strip().lower()
        known = {name: pairs.get(name, (0, 0)) for name in (*names, *pairs)}
        shown = {name: pair for name, pair in known.items() if wanted in ("", name.lower())}
        if not known:
            await event.say("monitoring-no-series")
        elif not shown:
            await event.reply(t("monitoring-unknown-name", name=event.argument, names=", ".join(known)))
        else:
            lines = (t(key), t("monitoring-last-week"), *pair_lines(shown.items(), t))
            panel = ranking(key, shown.items(), t)
            chart = Chart(t.plain(key), "", (panel,), t.plain("monitoring-report-nothing"))
            await self._show(event, Html("\n".join(lines)), chart if any(map(sum, shown.values())) else None)

    async def _show(self, event: Event, text: Html, chart: Chart | None) -> None:
        """A picture with the text below it; the text alone where there is nothing to draw, or no room."""
        if chart is None or len(text) > _CAPTION:
            await event.reply(text)
            return
        try:
            picture = await self.context.charts.draw(chart)
        except ChartNotDrawn:
            await event.reply(text)
        else:
            await event.reply_photo(picture, caption=text)


def _credits_chart(credits: list[Credit], t: Translator) -> Chart | None:
    rows: list[tuple[str, Decimal, Level]] = [
        (each.reading.provider, each.percent, each.level)
        for each in credits
        if each.percent is not None and each.level is not None
    ]
    return share_chart(rows, t, title=t.plain("monitoring-chart-credits")) if rows else None
