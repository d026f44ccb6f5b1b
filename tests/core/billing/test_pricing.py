"""Prices are exact, and what the operator says comes first."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.billing.pricing import MAX_PRICE, Price, PriceOutOfRange, PriceOverride, Pricing
from core.config import Settings
from core.errors import ConfigurationError
from core.plugins_file import PluginsFile

USD = Decimal("0.065")
PRICING = Pricing(Decimal(2), Decimal("0.013"))


def price(pricing: Pricing, usd: str | Decimal = USD, *, custom: bool = False) -> int:
    return pricing.price("one", Decimal(usd), custom=custom).stars


@pytest.mark.parametrize(
    ("usd", "stars"),
    [("0.0065", 1), ("0.00650001", 2), ("0.0000001", 1), ("0.065", 10), ("6.5", 1000), ("0.0195", 3)],
)
def test_stars_are_rounded_up_from_exact_decimals(usd: str, stars: int) -> None:
    assert price(PRICING, usd) == stars


amounts_of_money = st.decimals("0.000001", "10000", allow_nan=False, allow_infinity=False).filter(bool)


@given(amounts_of_money, amounts_of_money, amounts_of_money)
def test_the_formula_is_that_of_fractions(usd: Decimal, markup: Decimal, star_usd: Decimal) -> None:
    expected = math.ceil(Fraction(usd) * Fraction(markup) / Fraction(star_usd))
    pricing = Pricing(markup, star_usd)
    if expected > MAX_PRICE:
        with pytest.raises(PriceOutOfRange):
            price(pricing, usd)
    else:
        assert price(pricing, usd) == expected


def test_a_product_of_many_digits_is_not_rounded() -> None:
    """With the 28 digits of ordinary decimals this would be 2 Stars, or 1 too few."""
    tiny = Decimal("1.0000000000000000000000000001")
    assert price(Pricing(tiny, Decimal(1)), tiny) == 2
    assert price(Pricing(Decimal(1), Decimal(3)), "3.00000000000000000000000000000000001") == 2


@pytest.mark.parametrize(("usd", "stars"), [("6500000", MAX_PRICE), ("6499999.999", MAX_PRICE)])
def test_the_highest_price_there_is(usd: str, stars: int) -> None:
    assert price(PRICING, usd) == stars


@pytest.mark.parametrize("usd", ["6500000.001", "1e30", "1e500", "Infinity", "NaN", "0", "-1"])
def test_what_is_beyond_a_price_is_refused(usd: str) -> None:
    with pytest.raises(PriceOutOfRange):
        price(PRICING, usd)


@pytest.mark.parametrize(
    ("override", "regular", "custom", "prices"),
    [
        ({}, None, None, (10, 10)),
        ({}, 7, None, (7, 10)),
        ({}, None, 8, (10, 8)),
        ({}, 7, 8, (7, 8)),
        ({"stars": 3}, 7, 8, (3, 3)),
        ({"usd": "0.13"}, None, None, (20, 20)),
        ({"usd": "0.13"}, 7, None, (7, 20)),
        ({"markup": "1"}, None, None, (5, 5)),
        ({"usd": "0.13", "markup": "3"}, None, None, (30, 30)),
        ({"usd": "0.13", "stars": 1}, None, None, (1, 1)),
    ],
)
def test_the_operators_word_comes_before_the_formula(
    override: dict[str, Any], regular: int | None, custom: int | None, prices: tuple[int, int]
) -> None:
    pricing = Pricing(
        Decimal(2), Decimal("0.013"), {"one": PriceOverride(**override)}, regular=regular, custom=custom
    )
    assert (price(pricing), price(pricing, custom=True)) == prices
    assert pricing.price("one", USD, custom=False).usd == Decimal(override.get("usd", USD))
    plain = Pricing(Decimal(2), Decimal("0.013"), regular=regular, custom=custom)
    assert pricing.price("other", USD, custom=False) == plain.price("one", USD, custom=False)


def test_a_price_tells_what_the_provider_takes() -> None:
    assert PRICING.price("one", USD, custom=False) == Price(USD, 10)


@pytest.mark.parametrize(
    ("markup", "star"), [("0", "1"), ("1", "0"), ("-1", "1"), ("NaN", "1"), ("1", "Infinity")]
)
def test_prices_cannot_be_multiplied_away(markup: str, star: str) -> None:
    with pytest.raises(ConfigurationError):
        Pricing(Decimal(markup), Decimal(star))


@pytest.mark.parametrize("stars", [0, -1, MAX_PRICE + 1])
def test_fixed_prices_are_within_bounds(stars: int) -> None:
    with pytest.raises(ConfigurationError, match="COST_PER_REGULAR_GENERATION"):
        Pricing(Decimal(2), Decimal(1), regular=stars)
    with pytest.raises(ConfigurationError, match="COST_PER_CUSTOM_GENERATION"):
        Pricing(Decimal(2), Decimal(1), custom=stars)
    for name in ("COST_PER_REGULAR_GENERATION", "COST_PER_CUSTOM_GENERATION"):
        with pytest.raises(ConfigurationError, match=name):
            Settings.load(env={name: str(stars)})


def test_prices_come_from_the_settings_and_the_file() -> None:
    settings = Settings.load(
        env={"PRICING_MARKUP": "3", "STAR_USD": "0.02", "COST_PER_CUSTOM_GENERATION": "9"}
    )
    data = {"prices": {"flux-1.1-pro": {"usd": 0.04, "confirmed": True}, "cheap": {"stars": 1}}}
    pricing = settings.pricing(PluginsFile.of(data, directory=Path()).prices)
    assert pricing.price("flux-1.1-pro", Decimal(7), custom=False) == Price(Decimal("0.04"), 6)
    assert price(pricing, "0.02", custom=True) == 9
    assert pricing.confirmed("flux-1.1-pro")
    assert not pricing.confirmed("cheap")


@pytest.mark.parametrize(
    ("table", "names"),
    [
        ({"stars": 0}, ["prices.one.stars"]),
        ({"stars": -3}, ["prices.one.stars"]),
        ({"stars": 1.5}, ["prices.one.stars"]),
        ({"stars": "ten"}, ["prices.one.stars"]),
        ({"stars": True}, ["prices.one.stars"]),
        ({"stars": MAX_PRICE + 1}, ["prices.one.stars"]),
        ({"usd": 0}, ["prices.one.usd"]),
        ({"usd": True}, ["prices.one.usd"]),
        ({"usd": "cheap"}, ["prices.one.usd"]),
        ({"usd": float("inf")}, ["prices.one.usd"]),
        ({"markup": -1}, ["prices.one.markup"]),
        ({"confirmed": "perhaps"}, ["prices.one.confirmed"]),
        ({"start": 3}, ["prices.one.start", "perhaps you meant stars", "confirmed"]),
        ({"stars": 3, "markup": 2}, ["prices.one", "stars", "markup"]),
    ],
)
def test_a_wrong_price_is_an_error_that_names_the_key(table: dict[str, Any], names: list[str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        PluginsFile.of({"prices": {"one": table}}, directory=Path())
    for name in names:
        assert name in str(caught.value)
