"""The figures as a chart: how generations ended over time, and which models made them."""

from __future__ import annotations

from plugins.stats.view import View
from starloom.api import Bars, Chart, Outcome, Rank, Ranking, Series, Tone, spaced, ticks_to

_MODELS = 6
"""How many models have a bar of their own; the others share one."""
_LABELS = 6
_HOUR, _HOURS = 2, 6
"""An hour is written with two digits; every so many of them have a label."""
_SERIES = (
    ("stats-delivered", Tone.GOOD, (Outcome.DELIVERED,)),
    ("stats-failed", Tone.BAD, (Outcome.FAILED, Outcome.EXPIRED)),
    ("stats-stopped", Tone.DULL, (Outcome.CANCELLED,)),
)
_BY = {2: "stats-by-hour", 7: "stats-by-month", 10: "stats-by-day"}


def picture_of(view: View) -> Chart:
    """What the picture shows."""
    panels = (_over_time(view), _by_model(view)) if view.summary.generations.count else (_over_time(view),)
    return Chart(
        title=view.title,
        subtitle=view.span,
        panels=panels,
        empty=view.t.plain("stats-empty"),
    )


def _over_time(view: View) -> Bars:
    points = view.summary.points
    series = tuple(
        Series(view.t.plain(name), tuple(point.of(*outcomes).count for point in points), tone)
        for name, tone, outcomes in _SERIES
    )
    ends = [outcome for _, _, outcomes in _SERIES for outcome in outcomes]
    highest = max((point.of(*ends).count for point in points), default=0)
    return Bars(
        title=view.t.plain(_BY[len(points[0].when)] if points else "stats-by-day"),
        labels=_labels(view),
        series=series,
        ticks=ticks_to(highest, view.number),
    )


def _labels(view: View) -> tuple[str, ...]:
    whens = [point.when for point in view.summary.points]
    if whens and len(whens[0]) == _HOUR:
        return tuple("" if int(hour) % _HOURS else view.moment(hour) for hour in whens)
    return spaced(tuple(map(view.moment, whens)), _LABELS)


def _by_model(view: View) -> Ranking:
    models = view.models
    shown, others = (models, []) if len(models) <= _MODELS + 1 else (models[:_MODELS], models[_MODELS:])
    ranks = [
        Rank(name, count, view.t.plain("stats-rank", count=view.number(count), share=view.share(share)))
        for name, count, share in shown
    ]
    if others:
        count = sum(count for _, count, _ in others)
        name = view.t.plain("stats-other-models", count=len(others))
        ranks.append(Rank(name, count, view.number(count), Tone.DULL))
    return Ranking(view.t.plain("stats-by-model"), tuple(ranks))
