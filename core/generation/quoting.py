"""What a generation costs: exactly, or the least it can turn out to be while not all is known."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, DecimalException
from itertools import product
from typing import Any

from core.billing.pricing import PriceOutOfRange, Pricing
from core.errors import UserFacingError
from core.generation.model import Model, Quote
from core.generation.options import Option, OptionValue
from core.generation.prices import Facts


def exact_quote(pricing: Pricing, model: Model, options: Mapping[str, Any], facts: Facts) -> Quote:
    """The price with these checked options and facts.

    Raises:
        PriceOutOfRange: the facts that the price needs are not there, or there is no such price.

    """
    if model.price.needs_facts and not _tell_enough(model, facts):
        raise PriceOutOfRange
    usd = _usd(model, options, facts)
    price = pricing.price(model.id, usd, custom=options != model.defaults())
    return Quote(
        model_id=model.id,
        options=dict(options),
        facts=model.price.facts_that_count(facts),
        usd=price.usd,
        stars=price.stars,
    )


def least_quote(pricing: Pricing, model: Model, options: Mapping[str, Any]) -> Quote:
    """The lowest price that a generation with these options can have.

    Where the price depends on what is not among `options` and has no default, every choice of it is looked
    at; where it depends on the prompt or on files, the shortest prompt and the fewest and shortest files.

    Raises:
        PriceOutOfRange: nothing can be made with these options, or there is no such price.

    """
    missing = [option for option in model.options if option.required and option.field not in options]
    if not missing and not model.price.needs_facts:
        return exact_quote(pricing, model, options, Facts())
    quotes = []
    for chosen in _completed(model, options, missing):
        for facts in least_facts(model, chosen):
            usd = _usd(model, chosen, facts)
            price = pricing.price(model.id, usd, custom=bool(missing) or chosen != model.defaults())
            quotes.append(
                Quote(model_id=model.id, options=chosen, usd=price.usd, stars=price.stars, least=True)
            )
    if not quotes:
        raise PriceOutOfRange
    return min(quotes, key=lambda quote: (quote.stars, quote.usd))


def least_facts(model: Model, options: Mapping[str, Any]) -> Iterator[Facts]:
    """The facts with the shortest prompt and the fewest files, for each way in which files can be given."""
    characters = max(1, model.prompt_min) if model.price.needs_prompt else 0
    free = [given.field for given in model.media if given.field in model.price.needs_media]
    for chosen in product((False, True), repeat=len(free)):
        wanted = {field for field, here in zip(free, chosen, strict=True) if here}
        counts = _fewest(model, wanted, frozenset(free))
        try:
            model.check_inputs(counts, options)
        except UserFacingError:
            continue
        seconds = {
            given.field: counts[given.field] * max(1, given.seconds_min or 0)
            for given in model.media
            if given.field in model.price.input_seconds and given.field in counts
        }
        yield Facts(characters=characters, counts=counts, seconds=seconds)


def _fewest(model: Model, wanted: Iterable[str], priced: frozenset[str]) -> dict[str, int]:
    """How many files in each media input: those that are wanted, and no more than the model insists on."""
    counts = {
        given.field: max(1, given.least)
        for given in model.media
        if given.field in wanted or (given.required and given.field not in priced)
    }
    for group in model.one_of:
        others = [field for field in group if field not in priced]
        if others and not any(field in counts for field in group):
            counts[others[0]] = 1
    return counts


def _completed(
    model: Model, options: Mapping[str, Any], missing: Iterable[Option]
) -> Iterator[dict[str, Any]]:
    """`options` with every choice of the missing ones that the price depends on."""
    priced = [option for option in missing if option.field in model.price.needs_options]
    for values in product(*map(_cheapest_values, priced)):
        chosen = {option.field: value for option, value in zip(priced, values, strict=True)}
        yield {**options, **chosen}


def _cheapest_values(option: Option) -> tuple[OptionValue, ...]:
    """The values among which the cheapest is: all choices, or the least number."""
    if option.choices is not None:
        return option.choices
    if option.type == "boolean":
        return (False, True)
    least = option.minimum or Decimal(1)
    return (math.ceil(least) if option.type == "integer" else float(least),)


def _tell_enough(model: Model, facts: Facts) -> bool:
    """Whether these facts can be those of a whole order: what the price counts is there."""
    price = model.price
    if price.needs_prompt and not facts.characters:
        return False
    for given in model.media:
        if given.field not in price.needs_media:
            continue
        here = facts.gives(given.field)
        unmeasured = given.field in price.input_seconds and here and not facts.seconds.get(given.field)
        if unmeasured or (given.required and not here):
            return False
    return True


def _usd(model: Model, options: Mapping[str, Any], facts: Facts) -> Decimal:
    try:
        return model.price.usd_for(options, facts)
    except (DecimalException, KeyError):
        # A combination that cannot be ordered may have no price.
        raise PriceOutOfRange from None
