"""For every model of the tree and any options: the price shown is the one held, and the one settled."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from support.generation_world import ScriptedProvider, World
from support.model_files import all_models, model_tables

from core.billing.ledger import Ledger
from core.billing.pricing import MAX_PRICE, PriceOverride, Pricing
from core.errors import UserFacingError
from core.generation.checking import priced_options
from core.generation.model import Model, ModelList
from core.generation.options import MediaInput, Option
from core.generation.prices import Facts, OperatorPrice
from core.generation.provider import Succeeded
from core.generation.quoting import least_facts
from core.generation.registry import Registry
from core.generation.schema import example_files
from core.storage.database import Database
from sandbox.clock import ManualClock

UNBOUNDED = 100_000
LONGEST_PROMPT = 300
LONGEST_FILE = 60
MOST_FILES = 4
SOME = 12
"""How many orders go the whole way through the ledger."""

PEOPLE = itertools.count(1)
"""Each generation is somebody else's."""
MODELS = {
    model.id: model.model_copy(update={"confirmed": True, "provider": "scripted", "valid_until": None})
    for model in all_models().values()
}
BEGINNING = frozenset(
    model.id
    for model in MODELS.values()
    if model.source is None and not any(option.within for option in model.options)
)
"""Those that an order can begin with as it was drawn: it has no earlier result, and any moment is as good."""
TABLES = model_tables()


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody may order: options, files as a job has them, and a prompt."""

    model: Model
    options: dict[str, Any]
    inputs: tuple[Mapping[str, Any], ...]
    prompt: str

    @property
    def facts(self) -> Facts:
        return Facts.of(self.prompt, self.inputs)


def values(option: Option) -> st.SearchStrategy[Any]:
    """What an option may be."""
    if option.choices is not None:
        return st.sampled_from(option.choices)
    least = 0 if option.minimum is None else option.minimum
    most = least + UNBOUNDED if option.maximum is None else option.maximum
    match option.type:
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(math.ceil(least), math.floor(most))
        case "number":
            return st.floats(float(least), float(most), allow_nan=False)
    return st.text(max_size=5)


def options_of(model: Model) -> st.SearchStrategy[dict[str, Any]]:
    """Any choice of the model's options; what may be left out sometimes is."""
    required = {option.field: values(option) for option in model.options if option.required}
    optional = {option.field: values(option) for option in model.options if not option.required}
    return st.fixed_dictionaries(required, optional=optional)


def files_of(given: MediaInput, count: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    """So many files of a media input, each as long as it may be."""
    least, most = max(1, given.seconds_min or 1), given.seconds_max or LONGEST_FILE
    seconds = st.just(0.0) if given.kind == "image" else st.floats(least, most, allow_nan=False)
    file = st.builds(_file, st.just(given.field), seconds)
    return st.lists(file, min_size=count, max_size=count)


def _file(field: str, seconds: float) -> dict[str, Any]:
    return {"field": field, "seconds": seconds, "ref": "ref", "name": "file", "mime_type": "x/y", "size": 1}


@st.composite
def orders(draw: st.DrawFn, model: Model) -> Order:
    """Any order that the model takes; what cannot be combined is left to the least that it takes."""
    chosen = draw(options_of(model))
    counts = {
        given.field: draw(st.integers(given.least, max(given.least, min(given.most, MOST_FILES))))
        for given in model.media
    }
    try:
        checked = model.check_options(chosen)
    except UserFacingError:
        assume(False)
    try:
        model.check_inputs(counts, checked)
    except UserFacingError:
        counts = example_files(model)
    try:
        model.check_inputs(counts, checked)
    except UserFacingError:
        assume(False)
    inputs = [file for given in model.media for file in draw(files_of(given, counts.get(given.field, 0)))]
    length = draw(st.integers(max(1, model.prompt_min), min(model.prompt_max, LONGEST_PROMPT)))
    return Order(model, chosen, tuple(inputs), "x" * length if model.takes_prompt else "")


numbers = st.decimals("0.001", "1000", places=4)
own_cost = st.builds(PriceOverride, usd=numbers, markup=st.none() | numbers)
overrides = st.one_of(
    st.builds(PriceOverride),
    st.builds(PriceOverride, stars=st.integers(1, MAX_PRICE)),
    own_cost,
    st.builds(PriceOverride, markup=numbers),
)
fixed = st.none() | st.integers(1, MAX_PRICE)


@st.composite
def cases(draw: st.DrawFn, of: Collection[str] = frozenset(MODELS)) -> tuple[Order, Pricing]:
    model = MODELS[draw(st.sampled_from(sorted(of)))]
    override = draw(own_cost if isinstance(model.price, OperatorPrice) else overrides)
    pricing = Pricing(
        draw(numbers), draw(numbers), {model.id: override}, regular=draw(fixed), custom=draw(fixed)
    )
    return draw(orders(model)), pricing


def stars_by_hand(order: Order, pricing: Pricing) -> int:
    """The price, computed from the file with fractions and by nothing of the core's."""
    table = TABLES[order.model.id]
    defaults = {each["field"]: each["default"] for each in table.get("options", ()) if "default" in each}
    full = {**defaults, **order.options}
    override = pricing.overrides[order.model.id]
    if override.stars is not None:
        return override.stars
    if full == defaults and pricing.regular is not None:
        return pricing.regular
    if full != defaults and pricing.custom is not None:
        return pricing.custom
    usd = Fraction(override.usd) if override.usd is not None else usd_by_hand(table["price"], full, order)
    return math.ceil(usd * Fraction(override.markup or pricing.markup) / Fraction(pricing.star_usd))


def usd_by_hand(rule: dict[str, Any], full: dict[str, Any], order: Order) -> Fraction:
    """The provider's price of an order: a unit, times seconds, times pieces, and what comes on top."""

    def number(value: Any) -> Fraction:
        return Fraction(str(value))

    def key(value: Any) -> str:
        return str(value).lower() if isinstance(value, bool) else str(value)

    def files(field: str) -> list[Mapping[str, Any]]:
        return [file for file in order.inputs if file["field"] == field]

    output = rule.get("seconds_field", "")
    match rule["rule"]:
        case "flat":
            usd = number(rule["usd"])
        case "per_second":
            usd = number(rule["usd"])
            output = rule.get("field", "duration")
        case "by_option":
            usd = number(rule["usd"][key(full[rule["field"]])])
        case "table":
            row = [
                key(bool(files(name[6:])) if name.startswith("media:") else full[name]) for name in rule["by"]
            ]
            usd = number(rule["usd"]["/".join(row)])
        case "per_1000_characters":
            usd = number(rule["usd"]) * len(order.prompt) / 1000
        case "per_megapixel":
            sides = (rule.get("width", "width"), rule.get("height", "height"))
            usd = number(rule["usd"]) * number(full[sides[0]]) * number(full[sides[1]]) / 1_000_000
        case other:
            raise AssertionError(f"no rule {other} here yet")
    given = rule.get("input_seconds", ())
    if output or given:
        lengths = [math.ceil(file["seconds"]) for field in given for file in files(field)]
        usd *= sum(lengths, number(full[output]) if output else Fraction(0))
    for name in rule.get("times", ()):
        usd *= number(full[name])
    if "surcharge" in rule:
        more = rule["surcharge"]
        usd += number(more["usd"]) * max(0, len(files(more["field"])) - more.get("beyond", 0))
    return usd


def test_there_are_models() -> None:
    assert MODELS.keys() >= {"demo-video", "demo-image", "demo-audio"}


@given(cases())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_a_price_is_what_it_is_by_hand(case: tuple[Order, Pricing]) -> None:
    order, pricing = case
    expected = stars_by_hand(order, pricing)
    try:
        registry = _offer(order.model, pricing)
        shown = registry.quote(order.model.id, order.options, order.facts)
    except UserFacingError:
        assert expected > MAX_PRICE
        return
    assert shown.stars == expected
    assert not shown.least
    # The same facts as the quote has kept come to the same price.
    assert registry.quote(order.model.id, shown.options, shown.facts) == shown


@pytest.mark.parametrize("model_id", sorted(MODELS))
def test_every_combination_that_matters_costs_what_the_file_says(model_id: str) -> None:
    """Each choice of options that the price depends on, with the fewest files in each way to give them."""
    model = MODELS[model_id]
    if isinstance(model.price, OperatorPrice):
        return
    pricing = Pricing(Decimal(2), Decimal("0.013"))
    registry = _offer(model, pricing)
    for options in priced_options(model):
        for facts in least_facts(model, options):
            order = Order(model, options, _inputs_of(facts), "x" * facts.characters)
            expected = usd_by_hand(TABLES[model_id]["price"], options, order)
            quote = registry.quote(model_id, options, facts)
            assert Fraction(quote.usd) == expected
            assert quote.stars == math.ceil(expected * 2 / Fraction("0.013"))


def _inputs_of(facts: Facts) -> tuple[Mapping[str, Any], ...]:
    return tuple(
        _file(field, facts.seconds.get(field, 0) / count)
        for field, count in facts.counts.items()
        for _ in range(count)
    )


@given(cases())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_no_order_costs_less_than_was_told_before_it_was_known(case: tuple[Order, Pricing]) -> None:
    order, pricing = case
    registry = _offer(order.model, pricing)
    try:
        exact = registry.quote(order.model.id, order.options, order.facts)
    except UserFacingError:
        return
    before = registry.quote(order.model.id, order.options)
    assert before.stars <= exact.stars
    assert before.least == order.model.price.needs_facts
    if not before.least:
        assert before == exact


def _offer(model: Model, pricing: Pricing) -> Registry:
    """A registry with this model alone."""
    provider = ScriptedProvider()
    provider.offered = ModelList((model,))
    registry = Registry(pricing)
    registry.add(provider)
    return registry


@given(st.lists(cases(BEGINNING), min_size=SOME, max_size=SOME))
@settings(
    max_examples=2,
    deadline=None,
    # A whole generation is too long a way to be gone again and again for a smaller example.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.filter_too_much,
        HealthCheck.data_too_large,
    ],
)
async def test_shown_is_held_and_settled(
    database: Database, clock: ManualClock, some: list[tuple[Order, Pricing]]
) -> None:
    """The whole way: through the service, the worker and the ledger, on a real database."""
    for order, pricing in some:
        world = World(database, clock, number=next(PEOPLE))
        world.provider.offered = ModelList((order.model,))
        world.pricing = pricing
        world.inputs.files["ref"] = b"a file"
        world.provider.statuses = [Succeeded((world.provider.result(),))]
        studio = world.studio()
        try:
            shown = await studio.generations.quote_for(
                world.person, order.model.id, order.options, order.facts
            )
        except UserFacingError:
            continue
        await world.pay(shown.stars)
        job = await world.create(studio, quote=shown, prompt=order.prompt, inputs=order.inputs)
        balance = await world.ledger.balance(world.person.id)
        assert (balance.available, balance.held) == (0, shown.stars)
        await world.run(studio)
        settled = [
            entry for entry in await world.ledger.statement(world.person.id) if entry.credit == "revenue"
        ]
        assert [(entry.amount, entry.reference) for entry in settled] == [(shown.stars, job.id)]
        (delivered,) = world.telegram.media
        assert f"{shown.stars:,} Star" in delivered.text
        assert (await world.job()).cost_usd == shown.usd
    report = await Ledger(database, clock).check()
    assert (report.total, report.problems) == (0, ())
