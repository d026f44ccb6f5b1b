"""Functions that texts may call beside Fluent's own NUMBER and DATETIME: days and times by the language.

`DAY($at)` gives "November 5", `DAY($at, form: "short")` "Nov 5", `DAY($at, form: "year")` "November 5, 2026",
and `CLOCK($at)` "2:05 PM". The order, the names and the marks come from the Unicode CLDR by way of Babel, so
another language needs no code. Moments are told by the clock of whoever reads.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time

_SKELETONS = {"long": "MMMMd", "short": "MMMd"}
_YEAR = "year"


def functions_for(language: str) -> dict[str, Callable[..., str]]:
    """The functions by their names in the texts of a language."""
    locale = _locale(language)

    def day(at: object, form: object = "long") -> str:
        if not isinstance(at, date):
            raise TypeError("DAY takes a day")
        if str(form) == _YEAR:
            return format_date(at, "long", locale=locale)
        return format_skeleton(_SKELETONS[str(form)], at, locale=locale)

    def clock(at: object) -> str:
        if not isinstance(at, datetime):
            raise TypeError("CLOCK takes a moment")
        return format_time(at, "short", locale=locale)

    return {"DAY": day, "CLOCK": clock}


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")
