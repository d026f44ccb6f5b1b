"""Models of one product stand in for each other, at the price that was shown and at no loss."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.billing.pricing import Pricing, exact_product
from core.errors import UserFacingError
from core.generation.model import Model
from core.generation.prices import Facts
from core.generation.quoting import exact_quote, least_facts, least_quote


@dataclass(frozen=True, slots=True)
class Order:
    """What was ordered: `stars` is the price that was shown, `facts` all that is known of its inputs."""

    model: Model
    options: Mapping[str, Any]
    facts: Facts
    stars: int


@dataclass(frozen=True, slots=True)
class Alternate:
    """A model that can make an order, and how it is asked to.

    `usd` is what it takes; `fields` the media input that takes the files of each of the order's.
    """

    model: Model
    options: Mapping[str, Any]
    fields: Mapping[str, str]
    usd: Decimal


def alternates_for(pricing: Pricing, order: Order, candidates: Iterable[Model]) -> tuple[Alternate, ...]:
    """The candidates that can make the order for less than its price in Stars brings, in the order given."""
    found = (_alternate(pricing, order, model) for model in candidates)
    return tuple(filter(None, found))


def default_order(pricing: Pricing, model: Model) -> Order | None:
    """What is ordered by who chooses nothing, at its least price; None where something has to be chosen."""
    try:
        options = model.check_options({})
        stars = least_quote(pricing, model, options).stars
    except UserFacingError:
        return None
    facts = next(least_facts(model, options), Facts())
    characters = max(1, facts.characters, model.prompt_min)
    return Order(model, options, facts.model_copy(update={"characters": characters}), stars)


def _alternate(pricing: Pricing, order: Order, model: Model) -> Alternate | None:
    fields, taken_over = _fields(order, model), _taken_over(order, model)
    if fields is None or taken_over is None:
        return None
    if not model.prompt_min <= order.facts.characters <= model.prompt_max:
        return None
    facts = _renamed(order.facts, fields)
    try:
        options = model.check_options(taken_over)
        model.check_inputs(facts.counts, options)
        usd = exact_quote(pricing, model, options, facts).usd
    except UserFacingError:
        return None
    if usd >= exact_product(Decimal(order.stars), pricing.star_usd):
        return None
    return Alternate(model, options, fields, usd)


def _taken_over(order: Order, model: Model) -> dict[str, Any] | None:
    """The order's options as the model takes them; None where it cannot take one with its very value.

    An option that the model does not have, or not with this value, is something the person was promised: a
    resolution, a length, a shape, what is not to be seen. Nobody was asked whether less would do.
    """
    options: dict[str, Any] = {}
    for field, value in order.options.items():
        option = model.option(field)
        if option is not None and option.allows(value):
            options[field] = value
        elif not _says_nothing(order.model, field, value) and not _is_fixed(model, field, value):
            return None
    return options


def _says_nothing(model: Model, field: str, value: object) -> bool:
    """Whether the value is that of a text which was left empty."""
    option = model.option(field)
    return value == "" and option is not None and option.takes_words


def _is_fixed(model: Model, field: str, value: object) -> bool:
    """Whether the model has this value always; true is not 1."""
    fixed = model.fixed.get(field)
    return fixed == value and isinstance(fixed, bool) == isinstance(value, bool)


def _fields(order: Order, model: Model) -> dict[str, str] | None:
    """Where the order's files go: to the field of the same name, else to one for the same purpose."""
    fields: dict[str, str] = {}
    for field in order.facts.counts:
        given = order.model.media_input(field)
        same = model.media_input(field)
        if given is None:
            return None
        if same is None or same.kind != given.kind:
            same = next((each for each in model.media if each.role == given.role), None)
        if same is None or same.field in fields.values():
            return None
        fields[field] = same.field
    return fields


def _renamed(facts: Facts, fields: Mapping[str, str]) -> Facts:
    return Facts(
        characters=facts.characters,
        seconds={fields[field]: seconds for field, seconds in facts.seconds.items() if field in fields},
        counts={fields[field]: count for field, count in facts.counts.items()},
    )
