"""What is shown to whom, and how its numbers and days are written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_skeleton
from babel.numbers import format_currency

from starloom.api import Outcome, Summary, Translator


@dataclass(frozen=True, slots=True)
class View:
    """A summary for one reader.

    With `mine` the figures are the reader's own; `stars` and `cost` say whether these are shown. `title_of`
    names a model for people.
    """

    summary: Summary
    t: Translator
    title_of: Callable[[str], str]
    mine: bool
    stars: bool
    cost: bool

    @property
    def title(self) -> str:
        """Whose figures they are."""
        return self.t.plain("stats-title-mine" if self.mine else "stats-title")

    @property
    def span(self) -> str:
        """The days, as in `15 – 21 Nov 2026`."""
        span = self.summary.span
        if span is None:
            return self.t.plain("stats-span-all")
        if span.first == span.last:
            return format_date(span.last, "long", locale=self._locale)
        return format_interval(span.first, span.last, "yMMMd", locale=self._locale)

    @property
    def models(self) -> list[tuple[str, int, float | None]]:
        """Models for people with their generations and success rates, the most used first."""
        counts = self.summary.by(lambda kind: kind.model_id)
        good = self.summary.by(lambda kind: kind.model_id, Outcome.DELIVERED)
        stopped = self.summary.by(lambda kind: kind.model_id, Outcome.CANCELLED)
        found = []
        for model_id, figures in counts.items():
            tried = figures.count - (stopped[model_id].count if model_id in stopped else 0)
            delivered = good[model_id].count if model_id in good else 0
            found.append((self.title_of(model_id), figures.count, delivered / tried if tried else None))
        return found

    def number(self, number: int) -> str:
        """A whole number."""
        return self.t.plain("stats-number", number=number)

    def usd(self, amount: Decimal) -> str:
        """An amount of dollars, in cents."""
        return format_currency(amount, "USD", locale=self._locale)

    def share(self, share: float | None) -> str:
        """A share in whole per cent; rounded, but 100 only where nothing is missing."""
        if share is None:
            return self.t.plain("stats-share-none")
        percent = round(share * 100)
        return self.t.plain("stats-share", percent=99 if percent == 100 and share < 1 else percent)

    def moment(self, when: str) -> str:
        """An hour, a day or a month below the axis."""
        match len(when):
            case 2:
                return f"{int(when)}:00"
            case 7:
                return format_date(date.fromisoformat(f"{when}-01"), "LLL yy", locale=self._locale)
        return format_skeleton("Md", date.fromisoformat(when), locale=self._locale)

    @property
    def _locale(self) -> Locale:
        try:
            return Locale.parse(self.t.language, sep="-")
        except (UnknownLocaleError, ValueError):
            return Locale("en")
