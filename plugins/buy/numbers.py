"""Numbers as people write them: with spaces, in any script's digits, with a word behind them."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from enum import StrEnum

from starloom.api import MAX_PAYMENT, Html, Translator

_HUGE = Decimal(10) ** 12
"""What any larger number is read as: nobody means it, and it is too much in any case."""
_LONGEST = 64
"""Characters; no amount of money is longer."""
_DIGITS_READ = 12

_MINUS = "-−–—﹣－"
_SPACES = re.compile(r"[\s\u00a0\u2009\u202f'’_٬]+")
STARS = re.compile(r"⭐️?|★|☆|🌟|✨|stars?|xtr|зв[её]зд\w*", re.IGNORECASE)
"""How people name Stars beside a number."""
ROUBLES = re.compile(r"₽|rub(?:les?)?|rou?bles?|rur|руб(?:\.|л\w*)?|р(?:\.|$)", re.IGNORECASE)
"""How people name roubles beside a number."""
_THOUSANDS = re.compile(r"(.*\d)\s*(?:k|к|тыс(?:\.|яч\w*)?|thousand)\.?", re.IGNORECASE)
_GROUPED = re.compile(
    r"\d{1,3}(?: \d{3})+(?:[.,]\d{1,2})?|\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?"
)
_PLAIN = re.compile(r"\d+(?:[.,]\d*)?|[.,]\d+")
_POWER = re.compile(r"(\d+)\s*(?:\^|\*\*)\s*(\d+)|(\d+)e\+?(\d+)", re.IGNORECASE)
_SUPERSCRIPTS = re.compile(r"(?<=\d)[⁰¹²³⁴⁵⁶⁷⁸⁹]+")


class Unclear(StrEnum):
    """Why what was written is no amount of Stars."""

    NO_NUMBER = "no-number"
    FRACTION = "fraction"
    TOO_LITTLE = "too-little"
    TOO_MUCH = "too-much"


def read_number(text: str, unit: re.Pattern[str]) -> Decimal | None:
    """The one number that stands in `text`; None where there is none, more than one, or another unit's."""
    if len(text) > _LONGEST:
        return _HUGE if text.strip().isdigit() else None
    written = _in_ascii(text)
    sign = -1 if written[:1] == "-" else 1
    bare = unit.sub(" ", written.removeprefix("-").removeprefix("+")).strip()
    thousands = _THOUSANDS.fullmatch(bare)
    value = _value(thousands[1] if thousands else bare)
    if value is None:
        return None
    return min(sign * value * (1000 if thousands else 1), _HUGE)


def read_stars(text: str, *, most: int = MAX_PAYMENT) -> int | Unclear:
    """The whole number of Stars from 1 to `most` that stands in `text`, or why there is none."""
    number = read_number(text, STARS)
    if number is None:
        return Unclear.NO_NUMBER
    if number > most:
        return Unclear.TOO_MUCH
    if number <= 0:
        return Unclear.TOO_LITTLE
    return int(number) if number == int(number) else Unclear.FRACTION


def explain(t: Translator, unclear: Unclear, *, most: int = MAX_PAYMENT) -> Html:
    """What to tell somebody whose amount of Stars could not be taken."""
    return t(f"buy-amount-{unclear.value}", most=most)


def _in_ascii(text: str) -> str:
    """The text with ordinary digits, signs and spaces, whatever it was written with."""
    raised = _SUPERSCRIPTS.sub(lambda found: f"^{unicodedata.normalize('NFKC', found[0])}", text)
    folded = "".join(_ascii(character) for character in raised)
    return _SPACES.sub(" ", folded).strip()


def _ascii(character: str) -> str:
    if character in _MINUS:
        return "-"
    if character == "٫":
        return "."
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)


def _value(written: str) -> Decimal | None:
    power = _POWER.fullmatch(written)
    if power:
        return _power(power)
    if _GROUPED.fullmatch(written):
        return _decimal(written)
    if not _PLAIN.fullmatch(written):
        return None
    whole, separator, rest = written.replace(",", ".").partition(".")
    return _bounded(whole, f"{separator}{rest}" if rest else "")


def _decimal(grouped: str) -> Decimal:
    """A number with its thousands set apart; one or two digits at its end are hundredths."""
    tail = re.search(r"[.,](\d{1,2})$", grouped)
    whole = re.sub(r"\D", "", grouped[: tail.start()] if tail else grouped)
    return _bounded(whole, f".{tail[1]}" if tail else "")


def _bounded(whole: str, rest: str) -> Decimal:
    digits = whole.lstrip("0") or "0"
    return _HUGE if len(digits) > _DIGITS_READ else Decimal(f"{digits}{rest}")


def _power(found: re.Match[str]) -> Decimal:
    raised, by, mantissa, exponent = found.groups()
    base = _bounded(raised, "") if raised else Decimal(10)
    times = _bounded(by or exponent, "")
    factor = _bounded(mantissa, "") if mantissa else Decimal(1)
    if base <= 1 or factor == 0:
        return (base if times else Decimal(1)) * factor
    return _HUGE if times > _DIGITS_READ or base > _HUGE else min(factor * base ** int(times), _HUGE)
