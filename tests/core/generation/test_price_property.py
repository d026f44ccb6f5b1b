"""For every model of the tree and any options: the price shown is the one held, and the one settled."""

from __future__ import annotations

import itertools
import math
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.generation_world import ScriptedProvider, World

from core.billing.ledger import Ledger
from core.billing.pricing import MAX_PRICE, PriceOverride, Pricing
from core.errors import UserFacingError
from core.generation.model import Model, ModelList
from core.generation.models_file import read_models
from core.generation.options import Option
from core.generation.provider import Succeeded
from core.generation.registry import Registry
from core.storage.database import Database
from sandbox.clock import ManualClock

ROOT = Path(__file__).parents[3]
UNBOUNDED = 100_000
SOME = 12
"""How many choices of options of one model go the whole way through the ledger."""


def models() -> Iterator[Model]:
    """Every model of every `models.toml` in the tree, with its price confirmed."""
    for path in sorted((ROOT / "providers").rglob("models.toml")):
        for each in read_models(path, provider="scripted").models:
            yield each.model_copy(update={"confirmed": True})


def tables() -> dict[str, dict[str, Any]]:
    """The same as their files have it."""
    return {
        table["id"]: table
        for path in (ROOT / "providers").rglob("models.toml")
        for table in tomllib.loads(path.read_text(encoding="utf-8"))["models"]
    }


PEOPLE = itertools.count(1)
"""Each generation is somebody else's."""
MODELS = {each.id: each for each in models()}
TABLES = tables()


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


numbers = st.decimals("0.001", "1000", places=4)
overrides = st.one_of(
    st.builds(PriceOverride),
    st.builds(PriceOverride, stars=st.integers(1, MAX_PRICE)),
    st.builds(PriceOverride, usd=numbers, markup=st.none() | numbers),
    st.builds(PriceOverride, markup=numbers),
)
fixed = st.none() | st.integers(1, MAX_PRICE)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Model, dict[str, Any], Pricing]:
    model = draw(st.sampled_from(sorted(MODELS.values(), key=lambda each: each.id)))
    pricing = Pricing(
        draw(numbers), draw(numbers), {model.id: draw(overrides)}, regular=draw(fixed), custom=draw(fixed)
    )
    return model, draw(options_of(model)), pricing


def stars_by_hand(model: Model, chosen: dict[str, Any], pricing: Pricing) -> int:
    """The price, computed from the file with fractions and by nothing of the core's."""
    table = TABLES[model.id]
    defaults = {each["field"]: each["default"] for each in table.get("options", ()) if "default" in each}
    full = {**defaults, **chosen}
    override = pricing.overrides[model.id]
    if override.stars is not None:
        return override.stars
    if full == defaults and pricing.regular is not None:
        return pricing.regular
    if full != defaults and pricing.custom is not None:
        return pricing.custom
    usd = Fraction(override.usd) if override.usd is not None else usd_by_hand(table["price"], full)
    return math.ceil(usd * Fraction(override.markup or pricing.markup) / Fraction(pricing.star_usd))


def usd_by_hand(rule: dict[str, Any], full: dict[str, Any]) -> Fraction:
    def seconds(name: str) -> Fraction:
        return Fraction(str(full[name]))

    match rule["rule"]:
        case "flat":
            return Fraction(str(rule["usd"]))
        case "per_second":
            return Fraction(str(rule["usd"])) * seconds(rule.get("field", "duration"))
        case "by_option":
            value = full[rule["field"]]
            usd = Fraction(str(rule["usd"][str(value).lower() if isinstance(value, bool) else str(value)]))
            return usd * seconds(rule["seconds_field"]) if rule.get("seconds_field") else usd
    raise AssertionError(f"no rule {rule['rule']} here yet")


def test_there_are_models() -> None:
    assert MODELS.keys() >= {"demo-video", "demo-image", "demo-audio"}


@given(cases())
@settings(max_examples=300, deadline=None)
def test_a_price_is_what_it_is_by_hand(case: tuple[Model, dict[str, Any], Pricing]) -> None:
    model, chosen, pricing = case
    registry = _offer(model, pricing)
    expected = stars_by_hand(model, chosen, pricing)
    try:
        shown = registry.quote(model.id, chosen).stars
    except UserFacingError:
        assert expected > MAX_PRICE
    else:
        assert shown == expected


def _offer(model: Model, pricing: Pricing) -> Registry:
    """A registry with this model alone."""
    provider = ScriptedProvider()
    provider.offered = ModelList((model,))
    registry = Registry(pricing)
    registry.add(provider)
    return registry


@pytest.mark.parametrize("model_id", sorted(MODELS))
def test_every_model_has_a_price_within_bounds_at_its_defaults(model_id: str) -> None:
    registry = _offer(MODELS[model_id], Pricing(Decimal(2), Decimal("0.013")))
    assert registry.locked == ()
    quote = registry.default_quote(model_id)
    assert quote is None or 1 <= quote.stars <= MAX_PRICE


@given(st.lists(cases(), min_size=SOME, max_size=SOME))
@settings(
    max_examples=2,
    deadline=None,
    # A whole generation is too long a way to be gone again and again for a smaller example.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_shown_is_held_and_settled(
    database: Database,
    clock: ManualClock,
    some: list[tuple[Model, dict[str, Any], Pricing]],
) -> None:
    """The whole way: through the service, the worker and the ledger, on a real database."""
    for model, chosen, pricing in some:
        world = World(database, clock, number=next(PEOPLE))
        world.provider.offered = ModelList((model,))
        world.pricing = pricing
        world.provider.statuses = [Succeeded((world.provider.result(),))]
        studio = world.studio()
        try:
            shown = await studio.generations.quote_for(world.person, model.id, chosen)
        except UserFacingError:
            continue
        await world.pay(shown.stars)
        job = await world.create(studio, quote=shown)
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
