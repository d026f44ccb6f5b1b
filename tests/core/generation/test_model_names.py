"""Models are found by every name they have, and switched off and repriced while the bot runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from support.model_makers import PRICING, made, registry_of

from core.billing.pricing import PriceOverride
from core.errors import ConfigurationError, UserFacingError
from core.generation.model import ModelList, RetiredModel
from core.generation.prices import FlatPrice, PerSecondPrice
from core.generation.registry import Registry
from core.generation.registry_report import MOST_NAMES, MOST_REASONS
from sandbox.clock import ManualClock

DAY = 24 * 3600


def _refused(registry: Registry, name: str) -> tuple[str, dict[str, object]]:
    with pytest.raises(UserFacingError) as caught:
        registry.model(name)
    return caught.value.key, caught.value.variables


def veo() -> Registry:
    return registry_of(
        made("google/veo-3.1", aliases=["veo-3.1", "veo"]),
        made("kling/v3"),
        retired=[
            RetiredModel(id="sora-2", instead="veo"),
            RetiredModel(id="sora", instead="sora-2"),
            RetiredModel(id="luma"),
            RetiredModel(id="round", instead="about"),
            RetiredModel(id="about", instead="round"),
        ],
    )


@pytest.mark.parametrize("name", ["google/veo-3.1", "veo-3.1", "veo", "VEO-3.1", " Veo 3.1 "])
def test_ids_and_aliases_lead_to_one_model(name: str) -> None:
    registry = veo()
    assert registry.model(name).id == "google/veo-3.1"
    assert registry.quote(name).model_id == "google/veo-3.1"


@pytest.mark.parametrize("name", ["sora-2", "Sora 2", "sora"])
def test_a_retired_name_answers_what_takes_its_place_over_as_many_steps_as_it_takes(name: str) -> None:
    assert _refused(veo(), name) == ("model-retired", {"model": name, "instead": "google/veo-3.1"})


@pytest.mark.parametrize("name", ["luma", "round"])
def test_a_retired_name_without_a_successor_is_known_still(name: str) -> None:
    assert _refused(veo(), name) == ("model-no-more", {"model": name})


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("google/veo-3", "google/veo-3.1"), ("klingv3", "kling/v3"), ("sora2", "google/veo-3.1")],
)
def test_a_near_miss_proposes_the_nearest_model_on_offer(name: str, nearest: str) -> None:
    assert _refused(veo(), name) == ("model-misspelt", {"model": name, "nearest": nearest})
    registry = veo()
    registry.switch_off(nearest, "test")
    assert nearest not in _refused(registry, name)[1].values()


def test_what_is_like_nothing_is_gone() -> None:
    assert _refused(veo(), "zzzzzzzzz") == ("model-gone", {"model": "zzzzzzzzz"})


def test_names_that_mean_two_things_are_told_and_ids_win() -> None:
    registry = registry_of(
        made("one", aliases=["two", "short"]),
        made("two", aliases=["short"], provider="there"),
        retired=[
            RetiredModel(id="one", instead="two"),
            RetiredModel(id="x"),
            RetiredModel(id="x", instead="one"),
        ],
    )
    assert (registry.model("two").id, registry.model("short").id) == ("two", "one")
    told = registry.report()
    assert told[0] == "2 models ready"
    assert "alias two of one is left out: it is a model's id" in told
    assert "alias short of two is left out: it is one of one" in told
    assert "retired name one is left out: it is a name of one" in told
    assert "retired name x is there twice; the first one counts" in told


def test_two_providers_models_of_one_id_are_told_with_a_reason() -> None:
    registry = registry_of(made("one"), made("one", provider="there"))
    assert registry.model("one").provider == "here"
    assert registry.report() == ("1 model ready, 1 locked:", "one: provider here has a model of this id")


def test_many_locked_models_are_told_in_few_lines() -> None:
    alike = [made(f"alike-{number}", confirmed=False) for number in range(100)]
    told = registry_of(made(), *alike).report()
    assert told[0] == "1 model ready, 100 locked:"
    assert len(told) == 2
    assert told[1].count("alike-") == MOST_NAMES
    assert told[1].endswith(f"and {100 - MOST_NAMES} more: its price of 2026-01-01 is not confirmed")
    different = [made(f"m{number}", provider=f"p{number}") for number in range(100)]
    registry = registry_of(made())
    registry.add_list("other", ModelList(tuple(different)))
    told = registry.report()
    assert len(told) == 1 + MOST_REASONS + 1
    assert told[-1] == "70 more reasons: `python run.py models list --locked` tells all"


def test_a_model_that_is_switched_off_is_offered_nowhere_and_still_known() -> None:
    registry = veo()
    token = registry.token("google/veo-3.1")
    registry.switch_off("google/veo-3.1", "gone upstream", by="sync")
    assert _refused(registry, "veo") == ("model-off", {"model": "google/veo-3.1"})
    assert [model.id for model in registry.models()] == ["kling/v3"]
    assert registry.by_token(token) is None
    assert registry.instead_of("sora-2") is None
    assert registry.title("google/veo-3.1", "ru") == "Одна"
    assert registry.known("veo") is not None
    assert [(each.id, each.reason) for each in registry.locked] == [("google/veo-3.1", "gone upstream")]


def test_each_part_takes_back_only_what_it_switched_off_itself() -> None:
    registry = registry_of(made())
    registry.switch_off("one", "gone upstream", by="sync")
    registry.switch_off("one", "out of credit", by="credit")
    registry.switch_on("one", by="credit")
    assert not registry.offers("one")
    registry.switch_on("one", by="sync")
    assert registry.offers("one")
    registry.switch_on("one", by="sync")


def test_a_model_may_be_switched_off_before_it_is_known() -> None:
    registry = Registry(PRICING)
    registry.switch_off("one", "gone upstream")
    registry.add_list("here", ModelList((made(),)))
    assert registry.models() == ()
    assert registry.locked[0].reason == "gone upstream"


async def test_a_price_that_holds_until_a_day_is_not_asked_after_it() -> None:
    clock = ManualClock(datetime(2026, 10, 7, 23, 59, tzinfo=UTC))
    model = made(valid_until="2026-10-07")
    registry = registry_of(model, clock=clock)
    own = replace(PRICING, overrides={"one": PriceOverride(usd=3)})
    decided = registry_of(model, clock=clock, pricing=own)
    marked_up = registry_of(
        model, clock=clock, pricing=replace(PRICING, overrides={"one": PriceOverride(markup=3)})
    )
    assert registry.quote("one").stars == 10
    await clock.advance(60)
    assert _refused(registry, "one") == ("model-off", {"model": "one"})
    assert registry.locked[0].reason == "its price held until 2026-10-07"
    assert not marked_up.offers("one")
    assert decided.offers("one")


async def test_a_new_price_is_asked_at_once_and_holds_without_end() -> None:
    clock = ManualClock(datetime(2026, 10, 9, tzinfo=UTC))
    registry = registry_of(made(valid_until="2026-10-07"), clock=clock)
    registry.reprice("one", FlatPrice(rule="flat", usd="0.13"), source="the provider's list")
    assert registry.quote("one").stars == 20
    model = registry.model("one")
    assert (model.price_date.isoformat(), model.price_source) == ("2026-10-09", "the provider's list")
    assert model.valid_until is None


def test_a_price_that_does_not_fit_is_refused_and_changes_nothing() -> None:
    registry = registry_of(made())
    for price in (
        PerSecondPrice(rule="per_second", usd="1", field="duration"),
        FlatPrice(rule="flat", usd="99999999999"),
    ):
        with pytest.raises(ConfigurationError, match="one cannot have this price"):
            registry.reprice("one", price)
    with pytest.raises(ConfigurationError, match="no model two"):
        registry.reprice("two", FlatPrice(rule="flat", usd="1"))
    assert registry.quote("one").stars == 10
