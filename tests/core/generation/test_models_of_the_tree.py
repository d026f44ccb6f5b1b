"""Every model of every provider of the tree: named, priced and described so that it can be offered."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from support import json_schema
from support.model_files import ROOT, all_models, model_lists

from core.billing.free import FREE_MODELS, FreeTier
from core.billing.pricing import MAX_PRICE, PriceOverride, Pricing
from core.errors import UserFacingError
from core.generation.checking import priced_options, problems_of
from core.generation.labels import value_label
from core.generation.model import Category, ModelList
from core.generation.option_menu import OptionMenu, option_title
from core.generation.prices import OperatorPrice
from core.generation.quoting import exact_quote, least_facts, least_quote
from core.generation.registry import Registry
from core.generation.schema import example_files, example_input, example_options, input_schema
from core.i18n import CORE, I18n

MODELS = all_models()
PRICED = sorted(model.id for model in MODELS.values() if not isinstance(model.price, OperatorPrice))
LONGEST_PROMPT = 400_000
WORD = re.compile(r"[A-Za-z]{2,}|[A-Za-z]+(_[A-Za-z0-9]+)+")
FORMATS = {"jpeg", "jpg", "mov", "mp4", "png", "webp"}
MINOR_KEYS = {f"{note}m" for note in "ABCDEFG"}
"""Written alike wherever music is."""
PRICING = Pricing(Decimal(2), Decimal("0.013"))
SAID = {model_id: PriceOverride(usd=Decimal(1), confirmed=True) for model_id in MODELS.keys() - set(PRICED)}


def full_registry(*, confirmed: bool = False) -> Registry:
    """All providers' models, those without a published price at one dollar."""
    registry = Registry(Pricing(Decimal(2), Decimal("0.013"), SAID))
    for name, offered in model_lists().items():
        models = tuple(each.model_copy(update={"confirmed": True}) for each in offered.models)
        listed = ModelList(models if confirmed else offered.models, retired=offered.retired, api=offered.api)
        registry.add_list(name, listed)
    return registry


def test_there_are_well_over_a_hundred_of_all_kinds() -> None:
    counts = Counter(model.category for model in MODELS.values())
    assert sum(counts.values()) > 120
    assert set(counts) == set(Category)


def test_no_table_is_left_out() -> None:
    assert {name: offered.locked for name, offered in model_lists().items() if offered.locked} == {}


def test_every_name_means_one_model() -> None:
    registry = full_registry(confirmed=True)
    assert registry.locked == ()
    assert registry.collisions == ()
    assert len(registry.models()) == len(MODELS)
    assert sum(len(offered.models) for offered in model_lists().values()) == len(MODELS)


def test_what_takes_a_retired_models_place_is_offered() -> None:
    registry = full_registry()
    for retired in registry.retired:
        assert not retired.instead or registry.instead_of(retired.id) is not None, retired


@pytest.mark.parametrize("name", ["sora-2", "luma"])
def test_retired_names_stay_known(name: str) -> None:
    registry = full_registry()
    with pytest.raises(UserFacingError) as caught:
        registry.model(name)
    assert caught.value.key == "model-retired"
    assert registry.model(str(caught.value.variables["instead"])).category is Category.VIDEO


@pytest.mark.parametrize(
    ("name", "model_id"),
    [
        ("veo-3.1", "veo-3.1-quality"),
        ("Kling 2.1", "kling/v2-1-master-text-to-video"),
        ("nano-banana", "google/nano-banana"),
        ("flux-1.1-pro", "flux-1.1-pro"),
    ],
)
def test_short_names_lead_to_models(name: str, model_id: str) -> None:
    assert full_registry().model(name).id == model_id


@pytest.fixture(scope="module")
def texts() -> dict[tuple[str, str], I18n]:
    """The texts that a provider's models can use: the core's and its own."""
    found = {}
    for name in model_lists():
        i18n = I18n()
        i18n.add(CORE, ROOT / "locales")
        i18n.add(name, Path(ROOT / "providers" / name / "locales"))
        found.update({(name, language): i18n for language in i18n.languages()})
    return found


@pytest.mark.parametrize("model_id", sorted(MODELS))
def test_nothing_is_wrong_with_it(model_id: str, texts: dict[tuple[str, str], I18n]) -> None:
    model = MODELS[model_id]

    def has_text(language: str, key: str) -> bool:
        i18n = texts.get((model.provider, language))
        return i18n is not None and key in i18n.keys(language)

    assert list(problems_of(model, model_lists()[model.provider].api, has_text)) == []
    assert model.prompt_max <= LONGEST_PROMPT
    assert model.title["ru"].strip()
    assert model.title["en"].strip()


@pytest.mark.parametrize("model_id", PRICED)
def test_every_order_has_a_price_of_at_least_a_star(model_id: str) -> None:
    model = MODELS[model_id]
    prices = [
        exact_quote(PRICING, model, options, facts)
        for options in priced_options(model)
        for facts in least_facts(model, options)
    ]
    assert prices
    assert all(quote.usd > 0 and 1 <= quote.stars <= MAX_PRICE for quote in prices)
    least = least_quote(PRICING, model, model.defaults())
    assert least.stars >= min(quote.stars for quote in prices)


@pytest.mark.parametrize("model_id", sorted(MODELS))
def test_its_schema_takes_the_example_and_the_model_does(model_id: str) -> None:
    model = MODELS[model_id]
    schema, example = input_schema(model), example_input(model)
    assert list(json_schema.problems(schema, example)) == []
    options = model.check_options(example_options(model))
    model.check_inputs(example_files(model), options)
    for option in model.options:
        for choice in option.choices or ():
            assert json_schema.fits(schema["properties"][option.field], choice)
    assert not json_schema.fits(schema, {**example, "no-such-input": 1})
    for name in schema["required"]:
        assert not json_schema.fits(schema, {key: value for key, value in example.items() if key != name})


def test_the_five_cheapest_are_computed_over_all_models_and_cost_the_least_of_what_can_be_free() -> None:
    registry = full_registry()
    free = FreeTier.of(registry, per_day=1).daily
    assert len(set(free)) == FREE_MODELS
    dearest = max(_usd(registry, model_id) for model_id in free)
    for model in registry.models():
        quote = registry.default_quote(model.id)
        from_words = (
            model.needs_prompt and not model.one_of and not any(each.required for each in model.media)
        )
        if quote is not None and from_words and model.provider != "demo" and model.id not in free:
            assert quote.usd >= dearest
    for model_id in free:
        assert not registry.model(model_id).price.needs_facts
        assert not any(given.required for given in registry.model(model_id).media)


def _usd(registry: Registry, model_id: str) -> Decimal:
    quote = registry.default_quote(model_id)
    assert quote is not None
    return quote.usd


def test_no_screen_of_options_has_two_buttons_that_read_the_same(
    texts: dict[tuple[str, str], I18n],
) -> None:
    alike = set()
    for (provider, language), i18n in texts.items():
        t = i18n.translator(language)
        for model in model_lists()[provider].models:
            menu = OptionMenu(t, model, "token", {})
            screens = [[option_title(t, option) for option in model.options]]
            screens += [
                [button.text for row in menu.choices(option) for button in row]
                for option in model.options
                if option.choices is not None or option.type == "boolean"
            ]
            for labels in screens:
                counts = Counter(label.removeprefix("• ") for label in labels)
                alike |= {(model.id, language, label) for label, count in counts.items() if count > 1}
    assert alike == set()


def test_values_that_are_words_are_told_in_the_persons_language() -> None:
    """What looks like code in a button puzzles people: `portrait_16_9`, `TURBO`, `std`, and `true`."""
    i18n = I18n()
    i18n.add(CORE, ROOT / "locales")
    t = i18n.translator("ru")
    raw = {
        f"{option.field} = {choice}"
        for model in MODELS.values()
        for option in model.options
        for choice in option.choices or ()
        if isinstance(choice, str) and WORD.fullmatch(choice) and choice not in FORMATS | MINOR_KEYS
        if value_label(t, option, choice) == choice
    }
    assert raw == set()
