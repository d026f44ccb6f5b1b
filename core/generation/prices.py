"""Price rules: what a generation costs at its provider, in USD, from its options and what was given to it."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import product
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from core.billing.pricing import exact_product
from core.generation.options import Option, OptionValue

MEDIA = "media:"
"""How a name in `by` begins that means: whether this media input is given (`true` or `false`)."""
SEPARATOR = "/"
"""Stands between the values in a key of a price table."""
_THOUSANDTH = Decimal("0.001")
_MILLIONTH = Decimal("0.000001")


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Facts(_Data):
    """What is known of a generation beside its options, as far as a price can depend on it.

    `characters` is the length of the prompt. By media field: `seconds` of what was given, each file rounded
    up to a whole second, and `counts` of the files.
    """

    characters: int = Field(default=0, ge=0)
    seconds: dict[str, int] = {}
    counts: dict[str, int] = {}

    @classmethod
    def of(cls, prompt: str, inputs: Iterable[Mapping[str, Any]] = ()) -> Self:
        """The facts of a checked prompt and of given files, each with its `field` and `seconds`."""
        seconds: dict[str, int] = {}
        counts: dict[str, int] = {}
        for given in inputs:
            name = given["field"]
            counts[name] = counts.get(name, 0) + 1
            length = math.ceil(Decimal(str(given.get("seconds") or 0)))
            if length:
                seconds[name] = seconds.get(name, 0) + length
        return cls(characters=len(prompt), seconds=seconds, counts=counts)

    def gives(self, field: str) -> bool:
        """Whether any file is given in this media input."""
        return self.counts.get(field, 0) > 0 or self.seconds.get(field, 0) > 0


NO_FACTS = Facts()


class Surcharge(_Data):
    """What each file in the media input `field` beyond the first `beyond` costs more, in USD."""

    field: str
    beyond: int = Field(default=0, ge=0)
    usd: Decimal = Field(gt=0)


class Rule(_Data, ABC):
    """What all rules have in common: the price of a unit, times seconds and pieces, and what comes on top.

    `input_seconds` are media inputs whose seconds are paid for like seconds of output. `times` are options
    that say how many pieces are made.
    """

    input_seconds: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    surcharge: Surcharge | None = None

    @property
    def output_seconds(self) -> str:
        """The option that holds the seconds of output; empty if they do not count."""
        return ""

    @property
    def needs_prompt(self) -> bool:
        """Whether the price depends on the prompt."""
        return False

    @property
    def needs_media(self) -> frozenset[str]:
        """The media inputs that the price depends on."""
        return frozenset({*self.input_seconds, *([self.surcharge.field] if self.surcharge else [])})

    @property
    def needs_facts(self) -> bool:
        """Whether the options alone do not tell the price."""
        return self.needs_prompt or bool(self.needs_media)

    @property
    def needs_options(self) -> frozenset[str]:
        """The options that the price depends on."""
        return frozenset(filter(None, (self.output_seconds, *self.times)))

    def unpriced(self, options: Mapping[str, Option]) -> Iterator[dict[str, OptionValue]]:
        """The values, by option and by media input, of every combination that has no price."""
        yield from ()

    def facts_that_count(self, facts: Facts) -> Facts:
        """What the price depends on of these facts."""
        return Facts(
            characters=facts.characters if self.needs_prompt else 0,
            seconds={name: facts.seconds[name] for name in self.input_seconds if facts.seconds.get(name)},
            counts={name: facts.counts[name] for name in sorted(self.needs_media) if facts.counts.get(name)},
        )

    @abstractmethod
    def unit(self, options: Mapping[str, Any], facts: Facts) -> Decimal:
        """The price of one unit in USD."""

    def usd_for(self, options: Mapping[str, Any], facts: Facts = NO_FACTS) -> Decimal:
        """The price in USD with these options and facts, with all its digits."""
        usd = self.unit(options, facts)
        if self.output_seconds or self.input_seconds:
            made = Decimal(str(options[self.output_seconds])) if self.output_seconds else Decimal(0)
            given = sum(facts.seconds.get(name, 0) for name in self.input_seconds)
            usd = exact_product(usd, made + given)
        for name in self.times:
            usd = exact_product(usd, Decimal(str(options[name])))
        if self.surcharge is not None:
            more = max(0, facts.counts.get(self.surcharge.field, 0) - self.surcharge.beyond)
            usd += exact_product(self.surcharge.usd, Decimal(more))
        return usd

    def problems(self, options: Mapping[str, Option], media: frozenset[str] = frozenset()) -> list[str]:
        """Why the rule cannot price every choice of these options and media inputs."""
        found = [
            f"the price depends on an unknown media input {name}" for name in sorted(self.needs_media - media)
        ]
        for name in filter(None, (self.output_seconds, *self.times)):
            found += _problems_of_number(name, options)
        return found


class FlatPrice(Rule):
    """The same price for every generation, or for every piece of it."""

    rule: Literal["flat"]
    usd: Decimal = Field(gt=0)

    def unit(self, options: Mapping[str, Any], facts: Facts) -> Decimal:
        """The price of one piece in USD."""
        return self.usd


class PerSecondPrice(Rule):
    """A price for each second: of output, of what was given (`input_seconds`), or of both together."""

    rule: Literal["per_second"]
    usd: Decimal = Field(gt=0)
    field: str = "duration"
    """The option that holds the seconds of output; empty: those do not count."""

    @property
    def output_seconds(self) -> str:
        """The option that holds the seconds of output; empty if they do not count."""
        return self.field

    def unit(self, options: Mapping[str, Any], facts: Facts) -> Decimal:
        """The price of one second in USD."""
        return self.usd

    def problems(self, options: Mapping[str, Option], media: frozenset[str] = frozenset()) -> list[str]:
        """Why the rule cannot price every choice of these options and media inputs."""
        found = super().problems(options, media)
        return found if self.field or self.input_seconds else [*found, "the price depends on no seconds"]


class TablePrice(Rule):
    """A price for each combination of the values of some options (a resolution and the sound, say).

    `by` names the options; `media:FIELD` among them means whether that media input is given. The keys of
    `usd` are their values in this order with `/` between them, booleans as `true` and `false`. It is a price
    for each second where `seconds_field` or `input_seconds` says so.
    """

    rule: Literal["table"]
    by: tuple[str, ...] = Field(min_length=1)
    usd: dict[str, Annotated[Decimal, Field(gt=0)]]
    seconds_field: str = ""

    @property
    def output_seconds(self) -> str:
        """The option that holds the seconds of output; empty if they do not count."""
        return self.seconds_field

    @property
    def needs_media(self) -> frozenset[str]:
        """The media inputs that the price depends on."""
        return super().needs_media | {name.removeprefix(MEDIA) for name in self.by if name.startswith(MEDIA)}

    @property
    def needs_options(self) -> frozenset[str]:
        """The options that the price depends on."""
        return super().needs_options | {name for name in self.by if not name.startswith(MEDIA)}

    def unit(self, options: Mapping[str, Any], facts: Facts) -> Decimal:
        """The price of these values in USD."""
        return self.usd[SEPARATOR.join(self._value(name, options, facts) for name in self.by)]

    def problems(self, options: Mapping[str, Option], media: frozenset[str] = frozenset()) -> list[str]:
        """Why the rule cannot price every choice; the rows that are missing are those of `unpriced`."""
        chosen = [name for name in self.by if not name.startswith(MEDIA)]
        own = [problem for name in chosen for problem in _problems_of_choice(name, options)]
        return [*super().problems(options, media), *own]

    def unpriced(self, options: Mapping[str, Option]) -> Iterator[dict[str, OptionValue]]:
        """The values, by option and by media input, of every combination that has no price."""
        names = [name.removeprefix(MEDIA) for name in self.by]
        columns = [
            (False, True) if name.startswith(MEDIA) else tuple(_choices(options.get(name)))
            for name in self.by
        ]
        for row in product(*columns):
            if SEPARATOR.join(map(price_key, row)) not in self.usd:
                yield dict(zip(names, row, strict=True))

    def _value(self, name: str, options: Mapping[str, Any], facts: Facts) -> str:
        if name.startswith(MEDIA):
            return price_key(facts.gives(name.removeprefix(MEDIA)))
        return price_key(options[name])


class ByOptionPrice(Rule):
    """A price for each value of one option (a resolution, say), flat or for each second of another."""

    rule: Literal["by_option"]
    field: str
    usd: dict[str, Annotated[Decimal, Field(gt=0)]]
    seconds_field: str = ""

    @property
    def output_seconds(self) -> str:
        """The option that holds the seconds of output; empty if they do not count."""
        return self.seconds_field

    @property
    def needs_options(self) -> frozenset[str]:
        """The options that the price depends on."""
        return super().needs_options | {self.field}

    def unit(self, options: Mapping[str, Any], facts: Facts) -> Decimal:
        """The price of this value in USD."""
        return self.usd[price_key(options[self.field])]

    def problems(self, options: Mapping[str, Option], media: frozenset[str] = frozenset()) -> list[str]:
        """Why the rule cannot price every choice of these options and media inputs."""
        found = super().problems(options, media) + _problems_of_choice(self.field, options)
        keys = (price_key(choice) for choice in _choices(options.get(self.field)))
        return [*found, *(f"no price for {self.field} = {key}" for key in keys if key not in self.usd)]


class PerMegapixelPrice(Rule):
    """A price for each million pixels; `width` and `height` are the options that hold them."""

    rule: Literal["per_megapixel"]
    usd: Decimal = Field(gt=0)
    width: str = "width"
    height: str = "height"

    @property
    def needs_options(self) -> frozenset[str]:
        """The options that the price depends on."""
        return super().needs_options | {self.width, self.height}

    def unit(self, options: Mapping[str, Any], facts: Facts) -> Decimal:
        """The price of one picture of this size in USD."""
        pixels = exact_product(Decimal(str(options[self.width])), Decimal(str(options[self.height])))
        return exact_product(exact_product(self.usd, pixels), _MILLIONTH)

    def problems(self, options: Mapping[str, Option], media: frozenset[str] = frozenset()) -> list[str]:
        """Why the rule cannot price every choice of these options and media inputs."""
        sides = (*_problems_of_number(self.width, options), *_problems_of_number(self.height, options))
        return [*super().problems(options, media), *sides]


class PerThousandCharactersPrice(Rule):
    """A price for each 1,000 characters of the prompt, in proportion."""

    rule: Literal["per_1000_characters"]
    usd: Decimal = Field(gt=0)

    @property
    def needs_prompt(self) -> bool:
        """Whether the price depends on the prompt."""
        return True

    def unit(self, options: Mapping[str, Any], facts: Facts) -> Decimal:
        """The price of this prompt in USD."""
        return exact_product(exact_product(self.usd, Decimal(facts.characters)), _THOUSANDTH)


class OperatorPrice(Rule):
    """No price, as nobody publishes what it costs: the operator's own `usd` in `[prices]` is the only one."""

    rule: Literal["operator"]

    def unit(self, options: Mapping[str, Any], facts: Facts) -> Decimal:
        """Nothing is known: zero, which is no price."""
        return Decimal(0)


Price = Annotated[
    FlatPrice
    | PerSecondPrice
    | ByOptionPrice
    | TablePrice
    | PerMegapixelPrice
    | PerThousandCharactersPrice
    | OperatorPrice,
    Field(discriminator="rule"),
]
"""What a generation costs, by one of the rules that `models.toml` may name."""


def price_key(value: OptionValue) -> str:
    """A value as a key of a price table; booleans as TOML writes them."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _choices(option: Option | None) -> Iterator[OptionValue]:
    if option is not None:
        yield from option.choices or ((True, False) if option.type == "boolean" else ())


def _always_given(option: Option) -> bool:
    return option.required or option.default is not None


def _problems_of_choice(name: str, options: Mapping[str, Option]) -> list[str]:
    option = options.get(name)
    if option is None:
        return [f"the price depends on an unknown option {name}"]
    found = [] if _always_given(option) else [f"the price depends on {name}, which may be missing"]
    return (
        found
        if list(_choices(option))
        else [*found, f"the price depends on {name}, which has no list of choices"]
    )


def _problems_of_number(name: str, options: Mapping[str, Option]) -> list[str]:
    """Why an option is no number above zero that is always there; texts of digits count as numbers."""
    option = options.get(name)
    if option is None:
        return [f"the price depends on an unknown option {name}"]
    if not _is_number(option):
        return [f"the price depends on {name}, which is no number"]
    if not _always_given(option):
        return [f"the price depends on {name}, which may be missing"]
    positive = (
        all(float(choice) > 0 for choice in option.choices)
        if option.choices
        else option.minimum is not None and option.minimum > 0
    )
    return [] if positive else [f"the price depends on {name}, which may be zero"]


def _is_number(option: Option) -> bool:
    if option.type == "string":
        return bool(option.choices) and all(str(choice).isdecimal() for choice in option.choices or ())
    return option.type in ("integer", "number")
