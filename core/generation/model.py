"""What a model is: its inputs as a schema, its price as a rule, both read from a data file."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Category(StrEnum):
    """What a model makes."""

    VIDEO = "video"
    IMAGE = "image"
    AUDIO = "audio"


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Option(_Data):
    """One input of a model beside the prompt, offered as buttons or typed in.

    `type` is the JSON type of the field. `choices` is an enum; `minimum`/`maximum` a range.
    """

    field: str
    type: Literal["string", "integer", "number", "boolean"]
    choices: tuple[str | int | float, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    default: str | int | float | bool | None = None
    required: bool = False
    title: str = ""
    """A message key; empty: the field's own common key `option-<field>`."""


class FlatPrice(_Data):
    """The same price for every generation."""

    rule: Literal["flat"]
    usd: Decimal = Field(gt=0)


class PerSecondPrice(_Data):
    """A price for each second of output; `field` is the option that holds the seconds."""

    rule: Literal["per_second"]
    usd: Decimal = Field(gt=0)
    field: str = "duration"


class ByOptionPrice(_Data):
    """A price for each value of one option (a resolution, say), flat or for each second of another."""

    rule: Literal["by_option"]
    field: str
    usd: dict[str, Decimal]
    seconds_field: str = ""


Price = Annotated[FlatPrice | PerSecondPrice | ByOptionPrice, Field(discriminator="rule")]


class Model(_Data):
    """One model of one provider, as `models.toml` describes it."""

    id: str
    provider: str = ""
    category: Category
    title: dict[str, str]
    """The name people see, by language; `en` and `ru` are required."""
    price: Price
    price_source: str
    price_date: date
    confirmed: bool = True
    prompt_required: bool = True
    prompt_max: int = 3000
    """The longest prompt, in characters."""
    images_min: int = 0
    images_max: int = 0
    options: tuple[Option, ...] = ()

    def defaults(self) -> dict[str, Any]:
        """The options' defaults by field; fields without one are left out."""
        return {option.field: option.default for option in self.options if option.default is not None}


class Quote(_Data):
    """What one generation costs: shown, held and settled as one number.

    `stars` is whole Stars; `usd` what the provider takes; `options` the checked options it is for.
    """

    model_id: str
    options: dict[str, Any]
    usd: Decimal
    stars: int = Field(gt=0)


def stars_for(usd: Decimal, *, markup: Decimal, star_usd: Decimal) -> int:
    """Whole Stars for a price in USD: `ceil(usd * markup / star_usd)`, at least 1."""
    return max(1, int((usd * markup / star_usd).to_integral_value(ROUND_CEILING)))
