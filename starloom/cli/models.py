"""`models`: list them, show one, price an order, and check them all, without starting the bot."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.billing.free import FreeTier
from core.errors import ConfigurationError, UserFacingError
from core.generation.checking import HasText, problems_of
from core.generation.model import Category, Model, Quote
from core.generation.options import Option
from core.generation.prices import Facts
from starloom.cli.models_reading import ModelCatalogue, read_catalogue, read_with_stored
from starloom.cli.models_words import (
    credits_of,
    media_line,
    option_line,
    price_lines,
    price_of,
    prompt_line,
    refusal,
    rule_lines,
    source_line,
)
from starloom.cli.options import Options
from starloom.cli.speaking import FAILED, aligned, complain, say

_GIVEN = re.compile(r"(?:(?P<seconds>\d+)s|(?P<count>\d+))")
"""What files are given as: `8s` is one of eight seconds, `2` is two."""


def list_models(
    options: Options, *, category: Category | None, provider: str, locked: bool, retired: bool
) -> int:
    """Print the models on offer with their prices, or those that are locked or retired; the exit status."""

    def tell(catalogue: ModelCatalogue) -> int:
        registry = catalogue.registry
        if provider and provider not in catalogue.lists:
            complain(f"There is no provider {provider}; there are: {', '.join(catalogue.lists) or 'none'}.")
            return FAILED
        if retired:
            _say_rows(("id", "takes its place"), [(each.id, each.instead) for each in registry.retired])
            return 0
        if locked:
            _say_rows(("id", "why"), [(each.id, each.reason) for each in registry.locked])
            return 0
        models = [model for model in registry.models(category) if provider in ("", model.provider)]
        rows = [_row(model, registry.least_quote(model.id)) for model in models]
        _say_rows(("id", "category", "provider", "USD", "Stars", "title"), rows)
        more = len(registry.locked)
        say(f"{len(rows)} models" + (f"; {more} more are locked: --locked tells why" if more else ""))
        for note in catalogue.notes:
            say(note)
        return 0

    return _with_catalogue(options, tell)


def show(options: Options, name: str) -> int:
    """Print all that is known of a model; the exit status."""

    def tell(catalogue: ModelCatalogue) -> int:
        model = catalogue.find(name)
        if model is None:
            complain(_not_there(catalogue, name))
            return FAILED
        for line in _lines_about(catalogue, model):
            say(line)
        return 0

    return _with_catalogue(options, tell)


def quote(options: Options, name: str, given: Sequence[str], prompt_length: int | None) -> int:
    """Print what an order costs; the exit status.

    `given` are `option=value`, and `field=2` or `field=8s` for two files or one of eight seconds.
    """

    def tell(catalogue: ModelCatalogue) -> int:
        registry = catalogue.registry
        model = registry.known(name)
        if model is None or not registry.offers(model.id):
            complain(_not_there(catalogue, name))
            return FAILED
        try:
            order = _read_order(model, given)
            facts = _facts(model, order, prompt_length)
            if facts is not None:
                model.check_inputs(facts.counts, model.check_options(order.options))
            found = registry.quote(model.id, order.options, facts)
        except UserFacingError as error:
            complain(f"{model.id}: {refusal(error, model)}")
            return FAILED
        usd, stars = price_of(found)
        say(f"{model.id}: {usd}, {stars} Stars, {credits_of(found)} credits")
        if found.least:
            say("The least it can be: the price depends on what is not known yet.")
        return 0

    return _with_catalogue(options, tell)


def check(options: Options) -> int:
    """Print what is wrong with models, a sentence each; the exit status is 1 if anything is."""

    def tell(catalogue: ModelCatalogue) -> int:
        found = list(_wrong(catalogue))
        for sentence in found:
            complain(sentence)
        for line in (*catalogue.registry.report(), *catalogue.notes):
            say(line)
        return FAILED if found else 0

    return _with_catalogue(options, tell, read_catalogue)


def _wrong(catalogue: ModelCatalogue) -> Iterator[str]:
    registry, has_text = catalogue.registry, _has_text(catalogue)
    yield from catalogue.faults
    yield from registry.collisions
    for name, offered in catalogue.lists.items():
        yield from (f"{name}: {each.id}: {each.reason}" for each in offered.locked)
        for model in offered.models:
            yield from (f"{model.id}: {what}" for what in problems_of(model, offered.api, has_text))
        for retired in offered.retired:
            if retired.instead and catalogue.find(retired.instead) is None:
                yield f"{retired.id}: {retired.instead}, which takes its place, is no model"
    try:
        FreeTier.of(registry, model_ids=catalogue.settings.free_tier_model_ids)
    except ConfigurationError as error:
        yield str(error)


def _has_text(catalogue: ModelCatalogue) -> HasText:
    i18n = catalogue.texts()
    keys = {language: i18n.keys(language).keys() for language in i18n.languages()}
    return lambda language, key: key in keys.get(language, ())


def _lines_about(catalogue: ModelCatalogue, model: Model) -> Iterator[str]:
    locked = catalogue.why_locked(model.id)
    titles = ", ".join(f"{title} ({language})" for language, title in sorted(model.title.items()))
    yield f"{model.id}: {titles}"
    yield f"  state: {f'locked: {locked}' if locked else 'on offer'}"
    yield f"  provider: {model.provider}; category: {model.category.value}"
    yield from _named("aliases", ", ".join(model.aliases))
    yield from _named("same product", _same_product(catalogue, model))
    yield f"  called there: {model.upstream_id}"
    yield from _named("asked at", _address(catalogue, model))
    yield f"  prompt: {prompt_line(model)}"
    if model.source:
        yield f"  goes on from: {source_line(model.source)}"
    yield from (f"  files: {media_line(given)}" for given in model.media)
    yield from (f"  option: {option_line(option)}" for option in model.options)
    yield from (f"  {line}" for line in rule_lines(model))
    first, *others = price_lines(model.price)
    yield f"  price: {first}"
    yield from (f"    {line}" for line in others)
    if not locked:
        usd, stars = price_of(catalogue.registry.least_quote(model.id))
        yield f"  with default options: {usd}, {stars} Stars"
    until = f", holds until {model.valid_until.isoformat()}" if model.valid_until else ""
    word = "" if model.confirmed else ", not confirmed"
    yield f"  price read: {model.price_date.isoformat()} at {model.price_source}{until}{word}"


def _named(name: str, text: str) -> Iterator[str]:
    if text:
        yield f"  {name}: {text}"


def _same_product(catalogue: ModelCatalogue, model: Model) -> str:
    return ", ".join(each.id for each in catalogue.registry.alternates(model.id))


def _address(catalogue: ModelCatalogue, model: Model) -> str:
    api = catalogue.lists[model.provider].api
    endpoint = api.endpoint_of(model) if api else None
    if api is None or endpoint is None:
        return ""
    return f"{endpoint.method} {api.base_url_of(model)}{endpoint.path.replace('{model}', model.upstream_id)}"


def _row(model: Model, least: Quote) -> tuple[str, ...]:
    return (model.id, model.category.value, model.provider, *price_of(least), model.title_in("en"))


def _say_rows(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    for line in aligned([titles, *rows]):
        say(line)


def _not_there(catalogue: ModelCatalogue, name: str) -> str:
    registry = catalogue.registry
    model = catalogue.find(name)
    if model is not None:
        return f"{model.id} is locked: {catalogue.why_locked(model.id)}"
    instead, nearest = registry.instead_of(name), registry.nearest(name)
    if instead is not None:
        return f"{name} is retired; {instead.id} takes its place."
    if name in (each.id for each in registry.retired):
        return f"{name} is retired, and nothing takes its place."
    meant = f" Did you mean {nearest.id}?" if nearest else ""
    return f"There is no model {name}.{meant} `python run.py models list` tells all."


@dataclass(slots=True)
class _OrderRead:
    """What was typed behind the model's id."""

    options: dict[str, Any] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, int] = field(default_factory=dict)


def _read_order(model: Model, given: Sequence[str]) -> _OrderRead:
    order = _OrderRead()
    for pair in given:
        name, _, value = pair.partition("=")
        if model.media_input(name) is not None:
            _read_files(order, name, value)
            continue
        option = model.option(name)
        if option is None:
            raise UserFacingError("option-unknown", option=name)
        order.options[name] = _read_value(option, value)
    return order


def _read_files(order: _OrderRead, name: str, value: str) -> None:
    files = _GIVEN.fullmatch(value)
    if files is None:
        raise UserFacingError("input-unknown", field=f"{name}={value}")
    seconds = files["seconds"]
    order.counts[name] = order.counts.get(name, 0) + (1 if seconds else int(value))
    if seconds:
        order.seconds[name] = order.seconds.get(name, 0) + int(seconds)


def _read_value(option: Option, text: str) -> Any:
    """The value as JSON has it; what is none of the option's type stays a text, which is then refused."""
    words: Mapping[str, bool] = {"true": True, "yes": True, "false": False, "no": False}
    try:
        match option.type:
            case "integer":
                return int(text)
            case "number":
                return float(text)
            case "boolean":
                return words[text.lower()]
            case "string":
                return text
    except (ValueError, KeyError):
        return text


def _facts(model: Model, order: _OrderRead, prompt_length: int | None) -> Facts | None:
    """What was said beside the options; None where that was nothing."""
    if prompt_length is None and not order.counts:
        return None
    length = model.prompt_min if prompt_length is None else prompt_length
    return Facts(characters=length, counts=order.counts, seconds=order.seconds)


def _with_catalogue(
    options: Options,
    tell: Callable[[ModelCatalogue], int],
    read: Callable[[Options], ModelCatalogue] = read_with_stored,
) -> int:
    try:
        return tell(read(options))
    except ConfigurationError as error:
        complain(str(error))
        return FAILED
