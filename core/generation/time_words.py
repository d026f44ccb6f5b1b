"""Times in words, as exact as one can wait for: a person's clock has no tenths."""

from __future__ import annotations

from core.i18n import Html, Translator

_MINUTE = 60.0
_COARSE = 10
"""From so many minutes on, half a minute matters to nobody."""


def about_time(t: Translator, seconds: float) -> Html:
    """A time as people say it: "about 40 seconds", "about 1.5 minutes", "about 12 minutes"."""
    fives = 5 * max(1, round(seconds / 5))
    if fives < _MINUTE:
        return t("about-seconds", seconds=fives)
    halves = round(2 * seconds / _MINUTE) / 2
    minutes = halves if halves < _COARSE else round(seconds / _MINUTE)
    return t("about-minutes", minutes=int(minutes) if minutes == int(minutes) else minutes)
