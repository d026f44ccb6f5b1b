"""What a model is: its inputs as a schema, its price as a rule, both read from a data file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.billing.pricing import exact_product
from core.errors import UserFacingError

REQUIRED_LANGUAGES = ("en", "ru")
"""The languages in which every model has a title."""

OptionValue = str | int | float | bool
"""A value of an option, as JSON has it."""


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

    field: str = Field(min_length=1)
    type: Literal["string", "integer", "number", "boolean"]
    choices: tuple[OptionValue, ...] | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    default: OptionValue | None = None
    required: bool = False
    title: str = ""
    """A message key; empty: the field's own common key `option-<field>`."""

    @property
    def title_key(self) -> str:
        """The message key of the option's name."""
        return self.title or f"option-{self.field.replace('_', '-')}"

    def allows(self, value: object) -> bool:
        """Whether `value` has the option's type and is among its choices or within its range."""
        if not self._has_type(value):
            return False
        if self.choices is not None and value not in self.choices:
            return False
        if isinstance(value, int | float) and not isinstance(value, bool):
            number = Decimal(str(value))
            if self.minimum is not None and number < self.minimum:
                return False
            if self.maximum is not None and number > self.maximum:
                return False
        return True

    def _has_type(self, value: object) -> bool:
        match self.type:
            case "string":
                return isinstance(value, str)
            case "boolean":
                return isinstance(value, bool)
            case "integer":
                return isinstance(value, int) and not isinstance(value, bool)
            case "number":
                return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.choices is not None and not self.choices:
            raise ValueError(f"option {self.field}: the list of choices is empty")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(f"option {self.field}: minimum is above maximum")
        for choice in self.choices or ():
            if not self._has_type(choice):
                raise ValueError(f"option {self.field}: choice {choice!r} is no {self.type}")
        if self.default is not None and not self.allows(self.default):
            raise ValueError(f"option {self.field}: default {self.default!r} is not allowed")
        return self


class FlatPrice(_Data):
    """The same price for every generation."""

    rule: Literal["flat"]
    usd: Decimal = Field(gt=0)

    def usd_for(self, options: Mapping[str, Any]) -> Decimal:
        """The price in USD with these options."""
        return self.usd

    def problems(self, options: Mapping[str, Option]) -> list[str]:
        """Why the rule cannot price every choice of these options."""
        return []


class PerSecondPrice(_Data):
    """A price for each second of output; `field` is the option that holds the seconds."""

    rule: Literal["per_second"]
    usd: Decimal = Field(gt=0)
    field: str = "duration"

    def usd_for(self, options: Mapping[str, Any]) -> Decimal:
        """The price in USD with these options."""
        return exact_product(self.usd, Decimal(str(options[self.field])))

    def problems(self, options: Mapping[str, Option]) -> list[str]:
        """Why the rule cannot price every choice of these options."""
        return _problems_of_seconds(self.field, options)


class ByOptionPrice(_Data):
    """A price for each value of one option (a resolution, say), flat or for each second of another."""

    rule: Literal["by_option"]
    field: str
    usd: dict[str, Annotated[Decimal, Field(gt=0)]]
    seconds_field: str = ""

    def usd_for(self, options: Mapping[str, Any]) -> Decimal:
        """The price in USD with these options."""
        usd = self.usd[_price_key(options[self.field])]
        return exact_product(usd, Decimal(str(options[self.seconds_field]))) if self.seconds_field else usd

    def problems(self, options: Mapping[str, Option]) -> list[str]:
        """Why the rule cannot price every choice of these options."""
        found = _problems_of_seconds(self.seconds_field, options) if self.seconds_field else []
        option = options.get(self.field)
        if option is None:
            return [*found, f"the price depends on an unknown option {self.field}"]
        if not _always_given(option):
            found.append(f"the price depends on {self.field}, which may be missing")
        choices = option.choices or ((True, False) if option.type == "boolean" else ())
        if not choices:
            found.append(f"the price depends on {self.field}, which has no list of choices")
        found += [
            f"no price for {self.field} = {_price_key(choice)}"
            for choice in choices
            if _price_key(choice) not in self.usd
        ]
        return found


Price = Annotated[FlatPrice | PerSecondPrice | ByOptionPrice, Field(discriminator="rule")]


class Model(_Data):
    """One model of one provider, as `models.toml` describes it."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._/-]{0,79}$")
    provider: str = ""
    category: Category
    title: dict[str, str]
    """The name people see, by language; `en` and `ru` are required."""
    price: Price
    price_source: str = Field(min_length=1)
    price_date: date
    confirmed: bool = True
    """False: the price needs the operator's word before the model is offered."""
    prompt_required: bool = True
    prompt_max: int = Field(default=3000, gt=0)
    """The longest prompt, in characters."""
    images_min: int = Field(default=0, ge=0)
    images_max: int = Field(default=0, ge=0)
    options: tuple[Option, ...] = ()

    def title_in(self, language: str) -> str:
        """The name in `language`, or in English."""
        return self.title.get(language) or self.title["en"]

    def option(self, name: str) -> Option | None:
        """The option of this field."""
        return next((option for option in self.options if option.field == name), None)

    def defaults(self) -> dict[str, Any]:
        """The options' defaults by field; fields without one are left out."""
        return {option.field: option.default for option in self.options if option.default is not None}

    def check_options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """`options` with the defaults filled in, in the order of the schema.

        Raises:
            UserFacingError: an option is unknown, missing or not allowed.

        """
        known = {option.field for option in self.options}
        for name in options:
            if name not in known:
                raise UserFacingError("option-unknown", option=name)
        checked: dict[str, Any] = {}
        for option in self.options:
            value = options.get(option.field, option.default)
            if value is None:
                if option.required:
                    raise UserFacingError("option-missing", option=option.field)
                continue
            if not option.allows(value):
                raise UserFacingError("option-not-allowed", option=option.field, value=str(value))
            checked[option.field] = value
        return checked

    @model_validator(mode="after")
    def _check(self) -> Self:
        by_field = {option.field: option for option in self.options}
        problems = [
            f"no title in {language}" for language in REQUIRED_LANGUAGES if not self.title.get(language)
        ]
        if len(by_field) != len(self.options):
            problems.append("two options have one field")
        if self.images_min > self.images_max:
            problems.append("images_min is above images_max")
        problems += self.price.problems(by_field)
        if problems:
            raise ValueError("; ".join(problems))
        return self


class Quote(_Data):
    """What one generation costs: shown, held and settled as one number.

    `stars` is whole Stars; `usd` what the provider takes; `options` the checked options it is for. One that
    is free for the person it is for says why in `free`, and in `free_left` how many more there are, itself
    included; its `stars` are then paid for them.
    """

    model_id: str
    options: dict[str, Any]
    usd: Decimal
    stars: int = Field(gt=0)
    free: Literal["", "newcomer", "daily"] = ""
    free_left: int = 0

    @property
    def to_pay(self) -> int:
        """What the person pays, in Stars: 0 where it is free."""
        return 0 if self.free else self.stars


@dataclass(frozen=True, slots=True)
class LockedModel:
    """A model that is not offered, and why, for the operator."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ModelList:
    """What a provider offers, and what it knows of but cannot offer."""

    models: tuple[Model, ...]
    locked: tuple[LockedModel, ...] = ()


def _price_key(value: OptionValue) -> str:
    """A value as a key of a price table; booleans as TOML writes them."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _always_given(option: Option) -> bool:
    return option.required or option.default is not None


def _problems_of_seconds(name: str, options: Mapping[str, Option]) -> list[str]:
    option = options.get(name)
    if option is None:
        return [f"the price depends on an unknown option {name}"]
    if option.type not in ("integer", "number"):
        return [f"the price depends on {name}, which is no number"]
    if not _always_given(option):
        return [f"the price depends on {name}, which may be missing"]
    positive = all(float(choice) > 0 for choice in option.choices) if option.choices else bool(option.minimum)
    return [] if positive else [f"the price depends on {name}, which may be zero"]
