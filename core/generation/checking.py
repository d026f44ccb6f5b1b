"""What is wrong with a model beside what keeps it from being offered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import islice, product
from typing import Any

from core.errors import UserFacingError
from core.generation.model import REQUIRED_LANGUAGES, Api, Model
from core.generation.options import Option, OptionValue
from core.generation.prices import OperatorPrice
from core.generation.quoting import least_facts
from core.generation.schema import example_options

MOST_COMBINATIONS = 20_000
"""How many combinations of options are priced at most."""

HasText = Callable[[str, str], bool]
"""Whether a language has a text of a key."""


def priced_values(option: Option) -> tuple[OptionValue, ...]:
    """Every value that can matter to a price: all choices, or both ends of a range and the default."""
    if option.choices is not None:
        return option.choices
    if option.type == "boolean":
        return (False, True)
    kind = int if option.type == "integer" else float
    ends = [kind(end) for end in (option.minimum, option.maximum) if end is not None]
    return tuple(dict.fromkeys([*ends, *([] if option.default is None else [option.default])]))


def priced_options(model: Model) -> Iterator[dict[str, Any]]:
    """Every combination of the options that the price depends on, as far as it can be ordered."""
    priced = [option for option in model.options if option.field in model.price.needs_options]
    rows = product(*map(priced_values, priced))
    for row in islice(rows, MOST_COMBINATIONS):
        chosen = {option.field: value for option, value in zip(priced, row, strict=True)}
        try:
            yield model.check_options({**example_options(model), **chosen})
        except UserFacingError:
            continue


def problems_of(model: Model, api: Api | None, has_text: HasText) -> Iterator[str]:
    """Each thing that is wrong, as a sentence without the model's name."""
    yield from _problems_of_price(model)
    for language in REQUIRED_LANGUAGES:
        keys = [*(option.title_key for option in model.options), *(given.title_key for given in model.media)]
        if model.source:
            keys += [model.source.title_key, *([model.source.question_key] if model.takes_prompt else [])]
        yield from (f"no text {key} in {language}" for key in keys if not has_text(language, key))
    if api is not None and api.endpoint_of(model) is None:
        yield f"the [api] table has no endpoint {model.endpoint or 'default'}"


def _problems_of_price(model: Model) -> Iterator[str]:
    if isinstance(model.price, OperatorPrice):
        return
    ordered = False
    for options in priced_options(model):
        for facts in least_facts(model, options):
            ordered = True
            usd = model.price.usd_for(options, facts)
            if not usd > Decimal(0):
                yield f"its price is {usd} USD with {options}"
    if not ordered:
        yield "no combination of its options can be ordered"
