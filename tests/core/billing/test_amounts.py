"""Amounts as people read them, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from core.billing.amounts import Amounts, Currency
from core.billing.rates import RubleRate
from core.i18n import CORE, I18n, Translator

LOCALES = Path(__file__).parents[3] / "locales"
OFFICIAL = RubleRate(Decimal("80.1234"), date(2026, 11, 21), official=True)
OWN = RubleRate(Decimal("90"), date(2026, 11, 21))


class FixedRates:
    """One rate, known already."""

    def __init__(self, rate: RubleRate) -> None:
        self.rate = rate

    def current(self) -> RubleRate:
        return self.rate

    async def learned(self) -> RubleRate:
        return self.rate


def amounts(rate: RubleRate = OFFICIAL, currency: Currency = "USD") -> Amounts:
    return Amounts(FixedRates(rate), star_usd=Decimal("0.013"), currency=currency)


@pytest.fixture(scope="module")
def speak() -> Callable[[str], Translator]:
    i18n = I18n()
    i18n.add(CORE, LOCALES)
    return i18n.translator


def said(text: str) -> str:
    """A text with plain spaces."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("stars", "english", "russian"),
    [
        (0, "0 Stars", "0 звёзд"),
        (1, "1 Star (0.01 credits, ≈ $0.01)", "1 звезда (0,01 кредита, ≈ 0,01 $)"),
        (100, "100 Stars (1 credit, ≈ $1.30)", "100 звёзд (1 кредит, ≈ 1,30 $)"),
        (150, "150 Stars (1.5 credits, ≈ $1.95)", "150 звёзд (1,5 кредита, ≈ 1,95 $)"),
        (200, "200 Stars (2 credits, ≈ $2.60)", "200 звёзд (2 кредита, ≈ 2,60 $)"),
        (500, "500 Stars (5 credits, ≈ $6.50)", "500 звёзд (5 кредитов, ≈ 6,50 $)"),
        (2100, "2,100 Stars (21 credits, ≈ $27.30)", "2 100 звёзд (21 кредит, ≈ 27,30 $)"),
        (
            10**9,
            "1,000,000,000 Stars (10,000,000 credits, ≈ $13,000,000.00)",
            "1 000 000 000 звёзд (10 000 000 кредитов, ≈ 13 000 000,00 $)",
        ),
    ],
)
def test_stars_credits_and_dollars_in_words(
    speak: Callable[[str], Translator], stars: int, english: str, russian: str
) -> None:
    assert said(amounts().words(speak("en"), stars)) == english
    assert said(amounts().words(speak("ru"), stars)) == russian


def test_roubles_say_whose_rate_it_is(speak: Callable[[str], Translator]) -> None:
    official, own = amounts(OFFICIAL, "RUB"), amounts(OWN, "RUB")
    assert said(official.approx(speak("en"), 10)) == "≈ 10.42 ₽"
    assert said(official.approx(speak("ru"), 10)) == "≈ 10,42 ₽"
    assert said(official.words(speak("en"), 10)) == (
        "10 Stars (0.1 credits, ≈ 10.42 ₽ at the Bank of Russia’s rate of Nov 21, 2026)"
    )
    assert said(official.money(speak("ru"), 10)) == "≈ 10,42 ₽ по курсу Банка России на 21 нояб. 2026 г."
    assert said(own.money(speak("en"), 10)) == "≈ 11.70 ₽ at our own rate"
    assert said(own.money(speak("ru"), 10)) == "≈ 11,70 ₽ по нашему курсу"


@pytest.mark.parametrize(("stars", "shown"), [(1, "≈ $0.01"), (5, "≈ $0.07"), (1538, "≈ $19.99")])
def test_money_is_rounded_to_the_nearest_cent(
    speak: Callable[[str], Translator], stars: int, shown: str
) -> None:
    assert amounts().approx(speak("en"), stars) == shown


async def test_roubles_in_stars_keep_the_rate_and_its_day() -> None:
    worth = await amounts(OFFICIAL).rub_to_stars(Decimal(500))
    assert (worth.stars, worth.rate, worth.day, worth.official) == (
        480,
        OFFICIAL.usd_rub,
        OFFICIAL.day,
        True,
    )
    assert worth.reference(Decimal(500)) == "RUB 500 at USD/RUB 80.1234 of 2026-11-21"
