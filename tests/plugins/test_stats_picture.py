"""What the picture of the figures says, in the language of whoever reads it."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.charts.chart import Bars, Chart, Ranking
from core.i18n import I18n
from core.statistics.figures import Figures
from core.statistics.periods import Span
from core.statistics.record import Outcome
from core.statistics.rows import Kind
from core.statistics.summary import Point, Summary
from plugins.stats.picture import picture_of
from plugins.stats.view import View

TITLES = {
    "en": {"fox": "Demo image", "film": "Demo video"},
    "ru": {"fox": "Демо-картинка", "film": "Демо-видео"},
}


def chart_of(language: str, *models: str, whens: tuple[str, ...] = (), mine: bool = False) -> Chart:
    i18n = I18n()
    i18n.add("stats", Path(__file__).parents[2] / "plugins" / "stats" / "locales")
    cells = {Kind("image", "demo", each, Outcome.DELIVERED): Figures(count=3) for each in models}
    cells |= {Kind("image", "demo", each, Outcome.FAILED): Figures(count=1) for each in models[:1]}
    ends = {Outcome.DELIVERED: Figures(1200), Outcome.EXPIRED: Figures(2), Outcome.CANCELLED: Figures(1)}
    points = tuple(Point(when, ends) for when in whens)
    summary = Summary(Span(date(2026, 11, 15), date(2026, 11, 21)), cells, points)
    titles = TITLES[language]
    view = View(
        summary, i18n.translator(language), lambda each: titles.get(each, each), mine, stars=True, cost=False
    )
    return picture_of(view)


TOLD: dict[str, tuple[Any, Any]] = {
    "title": ("Statistics", "Статистика"),
    "subtitle": ("Nov 15 – 21, 2026", "15–21 нояб. 2026 г."),
    "bars": ("By day", "По дням"),
    "labels": (("11/20", "11/21"), ("20.11", "21.11")),
    "series": (("delivered", "failed", "stopped"), ("готово", "не вышло", "отменено")),
    "ranking": ("By model", "По моделям"),
    "ranks": (
        (("Demo image", "4 · 75%"), ("Demo video", "3 · 100%")),
        (("Демо-картинка", "4 · 75 %"), ("Демо-видео", "3 · 100 %")),
    ),
    "tick": ("1,000", "1 000"),
}
"""What the picture says in English, and in Russian."""


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_label_is_in_the_language_of_the_reader(language: str) -> None:
    told = {name: words[language == "ru"] for name, words in TOLD.items()}
    chart = chart_of(language, "fox", "film", whens=("2026-11-20", "2026-11-21"))
    bars, ranking = chart.panels
    assert isinstance(bars, Bars)
    assert isinstance(ranking, Ranking)
    assert (chart.title, plain(chart.subtitle)) == (told["title"], told["subtitle"])
    assert (bars.title, bars.labels) == (told["bars"], told["labels"])
    assert tuple(series.name for series in bars.series) == told["series"]
    assert [series.values for series in bars.series] == [(1200, 1200), (2, 2), (1, 1)]
    assert told["tick"] in {plain(tick.label) for tick in bars.ticks}
    assert ranking.title == told["ranking"]
    assert tuple((rank.name, plain(rank.text)) for rank in ranking.ranks) == told["ranks"]
    if language == "ru":
        assert not re.search("[A-Za-z]", " ".join(texts_in(asdict(chart))))


@pytest.mark.parametrize(
    ("language", "when", "title", "label"),
    [
        ("en", "14", "By hour", ""),
        ("ru", "12", "По часам", "12:00"),
        ("en", "2026-11", "By month", "Nov 26"),
        ("ru", "2026-11", "По месяцам", "нояб. 26"),
    ],
)
def test_hours_and_months_are_told_as_such(language: str, when: str, title: str, label: str) -> None:
    (bars,) = chart_of(language, whens=(when,)).panels
    assert isinstance(bars, Bars)
    assert (bars.title, bars.labels) == (title, (label,))


def test_of_many_models_the_last_share_a_bar_and_nothing_is_told_in_words() -> None:
    _, ranking = chart_of("ru", *(f"модель {number}" for number in range(9)), whens=("2026-11-20",)).panels
    assert isinstance(ranking, Ranking)
    assert len(ranking.ranks) == 7
    assert (ranking.ranks[-1].name, ranking.ranks[-1].text) == ("Ещё 3 модели", "9")
    empty = chart_of("ru", mine=True)
    assert (empty.title, empty.empty) == ("Ваша статистика", "За это время ничего не создано.")


def plain(text: str) -> str:
    """With spaces of one kind: which ones stand there is a matter of print."""
    return re.sub(r"[\u2009\u202f\u00a0]", " ", text)


def texts_in(value: Any) -> list[str]:
    """All texts of a chart; tones are no texts."""
    if isinstance(value, dict):
        return [text for name, each in value.items() if name != "tone" for text in texts_in(each)]
    if isinstance(value, list | tuple):
        return [text for each in value for text in texts_in(each)]
    return [value] if isinstance(value, str) else []
