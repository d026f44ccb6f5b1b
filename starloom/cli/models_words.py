"""Models, prices and refusals in the words of the command line; operators read English."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from core.errors import UserFacingError
from core.generation.combinations import told
from core.generation.model import Model, Quote
from core.generation.options import MediaInput, Option, SourceInput
from core.generation.prices import (
    MEDIA,
    ByOptionPrice,
    OperatorPrice,
    PerMegapixelPrice,
    PerThousandCharactersPrice,
    Price,
    TablePrice,
    price_key,
)

_STARS_OF_A_CREDIT = Decimal(100)
_REFUSALS = {
    "option-unknown": "{option}: the model has no such option; it has {options}",
    "option-missing": "{option}: must be given",
    "option-not-allowed": "{option}: {value} is not possible; possible: {possible}",
    "options-forbidden": "these do not go together: {options}",
    "input-unknown": "{field}: the model takes no such files",
    "input-missing": "{role}: files needed: {least}, given: {count}",
    "input-too-many": "{role}: files possible: {most}, given: {count}",
    "inputs-one-of": "at least one of these is needed: {fields}",
    "inputs-exclusive": "these exclude each other: {fields}",
    "price-out-of-range": "there is no price for that: what it depends on is missing, or it is beyond bounds",
}


def refusal(error: UserFacingError, model: Model) -> str:
    """Why an order of this model is refused."""
    variables: dict[str, Any] = dict(error.variables)
    if error.key == "option-unknown":
        variables["options"] = ", ".join(option.field for option in model.options) or "none"
    if error.key == "option-not-allowed":
        option = model.option(str(variables["option"]))
        variables["possible"] = possible_values(option) if option else ""
    return _REFUSALS.get(error.key, error.key).format_map(variables)


def price_of(quote: Quote) -> tuple[str, str]:
    """What a quote comes to: in USD, and in Stars."""
    least = "from " if quote.least else ""
    return f"{least}${plain(quote.usd)}", f"{least}{quote.stars}"


def credits_of(quote: Quote) -> str:
    """The Stars of a quote in credits."""
    return plain(quote.stars / _STARS_OF_A_CREDIT)


def plain(number: Decimal) -> str:
    """The number without zeros at its end and without an exponent."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def option_line(option: Option) -> str:
    """All that an option says."""
    marks = [
        option.type,
        possible_values(option),
        f"default {price_key(option.default)}" if option.default is not None else "",
        "required" if option.required else "",
        "advanced" if option.advanced else "",
    ]
    return f"{option.field}: {'; '.join(filter(None, marks))}"


def possible_values(option: Option) -> str:
    """What an option may be."""
    if option.choices is not None:
        return " | ".join(map(price_key, option.choices))
    if option.type == "boolean":
        return "true | false"
    if option.longest is not None:
        return f"at most {option.longest} characters"
    if option.minimum is None and option.maximum is None:
        return "any"
    least = "" if option.minimum is None else f"from {plain(option.minimum)}"
    most = "" if option.maximum is None else f"to {plain(option.maximum)}"
    return f"{least} {most}".strip()


def media_line(given: MediaInput) -> str:
    """All that a media input says."""
    files = f"{given.least} to {given.most}" if given.least != given.most else str(given.least)
    marks = [
        f"{given.kind}, {given.role}",
        f"files: {files}",
        f"at most {given.max_megabytes} MB each",
        "/".join(given.formats),
        _seconds(given),
    ]
    return f"{given.field}: {'; '.join(filter(None, marks))}"


def source_line(source: SourceInput) -> str:
    """Whose results a model goes on from, made how, and for how long."""
    made = [f"{name} {' or '.join(map(price_key, values))}" for name, values in source.options.items()]
    return "; ".join([f"results of {', '.join(source.models)}", *made, f"for {source.days} days"])


def _seconds(given: MediaInput) -> str:
    least = "" if given.seconds_min is None else f"from {given.seconds_min}"
    most = "" if given.seconds_max is None else f"to {given.seconds_max}"
    return f"{least} {most} seconds".strip() if least or most else ""


def prompt_line(model: Model) -> str:
    """What the model says of its prompt."""
    if not model.takes_prompt:
        return "none"
    need = "required" if model.prompt_required else "optional"
    return f"{model.prompt_field}: {need}; {model.prompt_min} to {model.prompt_max} characters"


def rule_lines(model: Model) -> Iterator[str]:
    """What has to go together, and what cannot."""
    yield from (f"needed: at least one of {', '.join(group)}" for group in model.one_of)
    yield from (f"only one of {', '.join(group)}" for group in model.exclusive)
    for combination in model.forbidden:
        parts = [
            f"{name} = {' or '.join(price_key(value) for value in values)}"
            for name, values in combination.items()
        ]
        yield f"not together: {', '.join(parts)}"
    if model.fixed:
        yield f"always sent: {told({name: str(value) for name, value in model.fixed.items()})}"


def price_lines(price: Price) -> Iterator[str]:
    """The price rule, a line a price."""
    per = _per(price)
    match price:
        case TablePrice():
            names = ", ".join(
                f"{name.removeprefix(MEDIA)} given" if name.startswith(MEDIA) else name for name in price.by
            )
            yield f"by {names}:"
            yield from (f"  {key}: ${plain(usd)}{per}" for key, usd in price.usd.items())
        case ByOptionPrice():
            yield f"by {price.field}:"
            yield from (f"  {key}: ${plain(usd)}{per}" for key, usd in price.usd.items())
        case OperatorPrice():
            yield "what the operator says in [prices] of plugins.toml"
        case _:
            yield f"${plain(price.usd)}{per}"
    if price.surcharge is not None:
        more = price.surcharge
        yield f"and ${plain(more.usd)} for each file in {more.field} beyond {more.beyond}"


def _per(price: Price) -> str:
    units = []
    match price:
        case PerMegapixelPrice():
            units.append(f"for each megapixel ({price.width} x {price.height})")
        case PerThousandCharactersPrice():
            units.append("for each 1,000 characters of the prompt, in proportion")
    seconds = [*([price.output_seconds] if price.output_seconds else []), *price.input_seconds]
    if seconds:
        units.append(f"for each second of {' and '.join(seconds)}")
    units += [f"times {name}" for name in price.times]
    return f" {', '.join(units)}" if units else ""


def example_of(value: Mapping[str, Any]) -> str:
    """Options as they are typed behind `models quote ID`."""
    return " ".join(f"{name}={price_key(each)}" for name, each in value.items())
