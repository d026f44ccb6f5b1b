"""Models are offered only with a price that was not guessed; prices and options are exact."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from support.generation_world import ScriptedProvider, model

from core.billing.pricing import PriceOverride, Pricing
from core.errors import ConfigurationError, UserFacingError
from core.generation.model import ModelList
from core.generation.models_file import read_models
from core.generation.prices import OperatorPrice
from core.generation.registry import Registry

PRICING = Pricing(markup=Decimal(2), star_usd=Decimal("0.013"))

GOOD = """
[[models]]
id = "good"
category = "video"
title = { en = "Good", ru = "Хорошая" }
price = { rule="by_option", field="resolution", seconds_field = "seconds", usd={480p = "0.01", 720p = "0.02"}}
price_source = "list"
price_date = 2026-01-01
options = [
  { field = "resolution", type = "string", choices = ["480p", "720p"], default = "480p" },
  { field = "seconds", type = "integer", minimum = 2, maximum = 10, default = 5 },
  { field = "sound", type = "boolean", default = true },
  { field = "seed", type = "integer" },
]
"""


def _read(tmp_path: Path, text: str) -> ModelList:
    path = tmp_path / "models.toml"
    path.write_text(text, encoding="utf-8")
    return read_models(path, provider="scripted")


def _registry(offered: ModelList, pricing: Pricing = PRICING, **changes: Any) -> Registry:
    provider = ScriptedProvider()
    provider.offered = offered
    registry = Registry(pricing, **changes)
    registry.add(provider)
    return registry


def test_a_price_is_that_of_the_chosen_options(tmp_path: Path) -> None:
    registry = _registry(_read(tmp_path, GOOD))
    assert registry.quote("good").usd == Decimal("0.05")
    quote = registry.quote("good", {"resolution": "720p", "seconds": 7})
    assert quote.usd == Decimal("0.14")
    assert quote.stars == 22
    assert quote.options == {"resolution": "720p", "seconds": 7, "sound": True}


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"colour": "red"}, "option-unknown"),
        ({"resolution": "1080p"}, "option-not-allowed"),
        ({"seconds": 1}, "option-not-allowed"),
        ({"seconds": 11}, "option-not-allowed"),
        ({"seconds": "5"}, "option-not-allowed"),
        ({"seconds": 5.5}, "option-not-allowed"),
        ({"seconds": True}, "option-not-allowed"),
        ({"sound": 1}, "option-not-allowed"),
        ({"sound": "yes"}, "option-not-allowed"),
    ],
)
def test_options_are_checked_by_the_schema(tmp_path: Path, options: dict[str, object], key: str) -> None:
    with pytest.raises(UserFacingError) as caught:
        _registry(_read(tmp_path, GOOD)).quote("good", options)
    assert caught.value.key == key


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("price = ", "cost = "), "no price"),
        (('ru = "Хорошая"', 'de = "Gut"'), "no title in ru"),
        (('480p = "0.01"', '480p = "0"'), "greater than 0"),
        (('480p = "0.01"', '480p = "-1"'), "greater than 0"),
        (("720p = ", "360p = "), "no price for resolution = 720p"),
        (('seconds_field = "seconds"', 'seconds_field = "length"'), "unknown option length"),
        (('default = "480p"', 'default = "360p"'), "default '360p' is not allowed"),
        (("minimum = 2, maximum = 10", "minimum = 10, maximum = 2"), "minimum is above maximum"),
        (("minimum = 2", "minimum = 0"), "may be zero"),
        (("maximum = 10, default = 5", "maximum = 10"), "may be missing"),
        (('choices = ["480p", "720p"]', "choices = []"), "choices is empty"),
        (('choices = ["480p", "720p"]', "choices = [480, 720]"), "is no string"),
        (('id = "good"', 'id = "Good One"'), "id"),
        (('category = "video"', 'category = "smell"'), "category"),
        (('price_source = "list"', 'price_sauce = "list"'), "price_sou"),
        (('field = "seed"', 'field = "sound"'), "two options have one field"),
    ],
)
def test_a_model_with_a_fault_is_locked_and_the_others_are_offered(
    tmp_path: Path, change: tuple[str, str], reason: str
) -> None:
    assert change[0] in GOOD
    other = GOOD.replace('"good"', '"other"')
    registry = _registry(_read(tmp_path, GOOD.replace(*change) + other))
    assert [found.id for found in registry.models()] == ["other"]
    (locked,) = registry.locked
    assert reason in locked.reason
    assert registry.report() == ("1 model ready, 1 locked:", f"{locked.id}: {locked.reason}")


def test_one_id_is_one_model(tmp_path: Path) -> None:
    registry = _registry(_read(tmp_path, GOOD + GOOD))
    assert len(registry.models()) == 1
    assert registry.locked[0].reason == "another model has this id"

    second = ScriptedProvider("second")
    second.offered = ModelList((model("good", provider="second"),))
    registry.add(second)
    assert registry.model("good").provider == "scripted"
    assert "good: provider scripted has a model of this id" in registry.report()


def test_two_providers_of_one_name_are_refused() -> None:
    registry = _registry(ModelList(()))
    with pytest.raises(ConfigurationError, match="scripted"):
        registry.add(ScriptedProvider())


def test_an_unconfirmed_price_needs_the_operators_word() -> None:
    unconfirmed = model().model_copy(update={"confirmed": False})
    assert "not confirmed" in _registry(ModelList((unconfirmed,))).locked[0].reason
    accepted = replace(PRICING, overrides={"scripted-one": PriceOverride(confirmed=True)})
    assert _registry(ModelList((unconfirmed,)), accepted).models() == (unconfirmed,)


def test_a_model_whose_cost_nobody_publishes_needs_the_operators_own() -> None:
    unknown = model().model_copy(update={"confirmed": False, "price": OperatorPrice(rule="operator")})
    for override in (PriceOverride(), PriceOverride(confirmed=True), PriceOverride(stars=5, confirmed=True)):
        pricing = replace(PRICING, overrides={"scripted-one": override}, regular=7)
        assert "nobody publishes" in _registry(ModelList((unknown,)), pricing).locked[0].reason
    unchecked = replace(PRICING, overrides={"scripted-one": PriceOverride(usd=Decimal("0.5"))})
    assert "not confirmed" in _registry(ModelList((unknown,)), unchecked).locked[0].reason
    told = replace(PRICING, overrides={"scripted-one": PriceOverride(usd=Decimal("0.5"), confirmed=True)})
    assert _registry(ModelList((unknown,)), told).quote("scripted-one").usd == Decimal("0.5")


def test_a_file_that_is_no_list_of_models_is_an_error_in_words(tmp_path: Path) -> None:
    for text in ("models = 3", "[[models]", "\udcff"):
        path = tmp_path / "models.toml"
        path.write_text(text, encoding="utf-8", errors="surrogateescape")
        with pytest.raises(ConfigurationError, match="provider scripted"):
            read_models(path, provider="scripted")
    with pytest.raises(ConfigurationError, match="provider scripted"):
        read_models(tmp_path / "nowhere.toml", provider="scripted")


def test_a_table_that_is_none_is_named_by_its_number(tmp_path: Path) -> None:
    offered = _read(tmp_path, "models = [3, {}]")
    assert [locked.id for locked in offered.locked] == ["number 1", "number 2"]


def test_a_missing_stand_in_is_reported() -> None:
    report = _registry(ModelList(()), stand_ins={"kie": "demo"}).report()
    assert any("demo is not loaded" in line for line in report)


def test_tokens_fit_buttons_and_lead_back() -> None:
    registry = _registry(ModelList((model(),)))
    token = registry.token("scripted-one")
    assert len(token) == 8
    assert registry.by_token(token) == registry.model("scripted-one")
    assert registry.by_token("nonsense") is None


def test_an_override_of_a_model_that_is_not_here_is_told_and_breaks_nothing() -> None:
    stray = replace(PRICING, overrides={"gone-1.1": PriceOverride(stars=5)})
    report = _registry(ModelList((model(),)), stray).report()
    assert '[prices."gone-1.1"] is the price of no model that is here; its provider may be off' in report
    assert not any("scripted-one" in line for line in report)


def test_a_price_beyond_all_bounds_locks_the_model() -> None:
    registry = _registry(ModelList((model(usd="10000000"),)))
    assert "not between 1 and 1000000000" in registry.locked[0].reason
