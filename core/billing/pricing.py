"""Prices: what a provider takes, in USD, becomes the whole Stars that a person pays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal, DecimalException, DivisionByZero, Inexact, InvalidOperation, Overflow
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.errors import ConfigurationError, UserFacingError

MAX_PRICE = 10**9
"""Stars; a higher price is no price but a mistake."""

_EXACT = Context(prec=400, traps=[DivisionByZero, Inexact, InvalidOperation, Overflow])
"""Arithmetic that would rather fail than round."""


class PriceOutOfRange(UserFacingError):
    """A price is not between 1 and `MAX_PRICE` Stars, or has more digits than can be counted with."""

    def __init__(self) -> None:
        super().__init__("price-out-of-range")


class PriceOverride(BaseModel):
    """The operator's own price of one model: its `[prices."model-id"]` table in `plugins.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stars: int | None = Field(default=None, strict=True, ge=1, le=MAX_PRICE)
    """A fixed price in Stars, whatever the options."""
    usd: Decimal | None = Field(default=None, gt=0)
    """What one generation costs at the provider in USD, whatever the options; the markup is put on it."""
    markup: Decimal | None = Field(default=None, gt=0)
    """Instead of PRICING_MARKUP."""
    confirmed: bool = False
    """The operator's word that a price which is not confirmed is right."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.stars is not None and self.markup is not None:
            raise ValueError("stars is the price itself, so markup has nothing to multiply; keep one of them")
        return self


@dataclass(frozen=True, slots=True)
class Price:
    """What one generation costs: `usd` to the operator, `stars` to the person."""

    usd: Decimal
    stars: int


@dataclass(frozen=True, slots=True)
class Pricing:
    """How a provider's price in USD becomes Stars: `ceil(usd * markup / star_usd)`.

    Before that come the operator's own words: first `overrides` by model, then the fixed prices in Stars,
    `regular` for a generation with default options and `custom` for one with others.

    Raises:
        ConfigurationError: a number is not above zero.

    """

    markup: Decimal
    star_usd: Decimal
    overrides: Mapping[str, PriceOverride] = field(default_factory=dict)
    regular: int | None = None
    custom: int | None = None

    def __post_init__(self) -> None:
        if not (_positive(self.markup) and _positive(self.star_usd)):
            raise ConfigurationError("PRICING_MARKUP and STAR_USD must be above zero.")
        for name, stars in (
            ("COST_PER_REGULAR_GENERATION", self.regular),
            ("COST_PER_CUSTOM_GENERATION", self.custom),
        ):
            if stars is not None and not 1 <= stars <= MAX_PRICE:
                raise ConfigurationError(f"{name} must be from 1 to {MAX_PRICE} Stars.")

    def confirmed(self, model_id: str) -> bool:
        """Whether the operator has accepted a model's price that is not confirmed."""
        override = self.overrides.get(model_id)
        return override is not None and override.confirmed

    def costs(self, model_id: str) -> Decimal | None:
        """What the operator says that one generation with a model costs at its provider, in USD."""
        return self.overrides.get(model_id, _NO_OVERRIDE).usd

    def decided(self, model_id: str) -> bool:
        """Whether the operator has set a model's price, so that the model's own does not matter."""
        override = self.overrides.get(model_id, _NO_OVERRIDE)
        return override.stars is not None or override.usd is not None

    def price(self, model_id: str, usd: Decimal, *, custom: bool) -> Price:
        """The price of a generation for which the model's own rule says `usd`.

        `custom` tells that its options are not the model's defaults.

        Raises:
            PriceOutOfRange: it is beyond what can be a price.

        """
        override = self.overrides.get(model_id, _NO_OVERRIDE)
        usd = usd if override.usd is None else override.usd
        fixed = override.stars or (self.custom if custom else self.regular)
        if fixed is not None:
            return Price(usd, fixed)
        return Price(usd, self._stars(usd, override.markup or self.markup))

    def _stars(self, usd: Decimal, markup: Decimal) -> int:
        if not _positive(usd):
            raise PriceOutOfRange
        try:
            whole, rest = _EXACT.divmod(_EXACT.multiply(usd, markup), self.star_usd)
        except DecimalException:
            raise PriceOutOfRange from None
        if whole > MAX_PRICE or (whole == MAX_PRICE and rest):
            raise PriceOutOfRange
        return int(whole) + (1 if rest else 0)


def exact_product(first: Decimal, second: Decimal) -> Decimal:
    """The product with all its digits."""
    return _EXACT.multiply(first, second)


def exact_floor(amount: Decimal, unit: Decimal) -> int:
    """How many whole units an amount has in it."""
    return int(_EXACT.divmod(amount, unit)[0])


_NO_OVERRIDE = PriceOverride()


def _positive(number: Decimal) -> bool:
    return number.is_finite() and number > 0
