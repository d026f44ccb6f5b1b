"""The figures in words, short enough to stand below a picture."""

from __future__ import annotations

from math import ceil

from plugins.stats.view import View
from starloom.api import Html, Outcome

_MODELS = 3
_EXACT_SECONDS, _EXACT_MINUTES = 100, 120


def words_of(view: View) -> Html:
    """The caption: at most 1024 characters as they are read."""
    t, summary = view.t, view.summary
    lines = [t("stats-head", title=view.title, span=view.span), ""]
    if not summary.generations.count:
        return Html("\n".join((*lines, t("stats-empty-mine" if view.mine else "stats-empty"))))
    lines += [*_ends(view), *_people(view), *_money(view), *_made(view)]
    return Html("\n".join(lines))


def _ends(view: View) -> list[str]:
    t, summary = view.t, view.summary
    delivered = summary.of(Outcome.DELIVERED).count
    failed = summary.of(Outcome.FAILED, Outcome.EXPIRED).count
    stopped = summary.of(Outcome.CANCELLED).count
    lines: list[str] = []
    if summary.success_rate is not None:
        lines.append(t("stats-line-delivered", count=delivered, share=view.share(summary.success_rate)))
    if failed:
        lines.append(t("stats-line-failed", count=failed))
    if stopped:
        lines.append(t("stats-line-stopped", count=stopped))
    best = [t("stats-model", name=name, count=count) for name, count, _ in view.models[:_MODELS]]
    return [*lines, t("stats-line-models", models=Html(", ".join(best)))]


def _people(view: View) -> list[str]:
    summary = view.summary
    if summary.people is None:
        return []
    if summary.span is None:
        return [view.t("stats-line-people-all", count=summary.people)]
    return [view.t("stats-line-people", count=summary.people, newcomers=summary.newcomers or 0)]


def _money(view: View) -> list[str]:
    t, summary = view.t, view.summary
    lines: list[str] = []
    if view.stars:
        lines.append(t("stats-line-stars", stars=t("stars", stars=summary.stars)))
        given = summary.of(Outcome.DELIVERED).given
        if given:
            lines.append(t("stats-line-given", stars=t("stars", stars=given)))
        back = -summary.of(Outcome.REFUNDED).stars
        if back:
            lines.append(t("stats-line-back", stars=t("stars", stars=back)))
    if view.cost:
        lines.append(t("stats-line-cost", usd=view.usd(summary.cost_usd)))
    return lines


def _made(view: View) -> list[str]:
    t, figures = view.t, view.summary.generations
    lines: list[str] = []
    if figures.duration_ms:
        lines.append(t("stats-line-duration", time=_time(view, figures.duration_ms / 1000)))
    wait = view.summary.wait()
    if wait is not None:
        lines.append(t("stats-line-wait", time=_time(view, wait)))
    if figures.tokens:
        lines.append(t("stats-line-tokens", count=figures.tokens))
    return lines


def _time(view: View, seconds: float) -> str:
    """A time as exact as it matters: seconds, minutes, or hours and minutes."""
    if seconds < _EXACT_SECONDS:
        return view.t.plain("stats-time-seconds", seconds=ceil(seconds))
    minutes = ceil(seconds / 60)
    if minutes < _EXACT_MINUTES:
        return view.t.plain("stats-time-minutes", minutes=minutes)
    return view.t.plain("stats-time-hours", hours=minutes // 60, minutes=minutes % 60)
