"""The last 30 days as a picture: what was earned, and how generations ended."""

from __future__ import annotations

from datetime import date

from starloom.api import Bars, Chart, Outcome, Series, Summary, Tone, Translator, spaced, ticks_to

_LABELS = 6


def picture_of(t: Translator, summary: Summary) -> Chart:
    """Stars over generations, by day."""
    points = summary.points
    labels = spaced(
        tuple(t.plain("admin-chart-day", day=date.fromisoformat(each.when)) for each in points), _LABELS
    )
    earned = tuple(max(0, each.of(Outcome.DELIVERED, Outcome.REFUNDED).stars) for each in points)
    good = tuple(each.of(Outcome.DELIVERED).count for each in points)
    bad = tuple(each.of(Outcome.FAILED, Outcome.EXPIRED).count for each in points)
    highest = max((sum(pair) for pair in zip(good, bad, strict=True)), default=0)

    def number(value: int) -> str:
        return t.plain("admin-number", value=value)

    return Chart(
        title=t.plain("admin-chart-title"),
        subtitle=t.plain("admin-chart-span"),
        panels=(
            Bars(
                t.plain("admin-chart-stars"),
                labels,
                (Series(t.plain("admin-chart-stars"), earned),),
                ticks_to(max(earned, default=0), number),
            ),
            Bars(
                t.plain("admin-chart-ends"),
                labels,
                (
                    Series(t.plain("admin-chart-good"), good, Tone.GOOD),
                    Series(t.plain("admin-chart-bad"), bad, Tone.BAD),
                ),
                ticks_to(highest, number),
            ),
        ),
        empty=t.plain("admin-chart-empty"),
    )
