"""Which models are free: the five cheapest, or the five that the operator names."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from support.generation_world import ScriptedProvider, model
from support.model_makers import made

from core.billing.free import Allowance, FreeTier
from core.billing.pricing import PriceOverride, Pricing
from core.errors import ConfigurationError
from core.generation.model import Category, Model, ModelList
from core.generation.options import MediaInput, Option
from core.generation.registry import Registry

PRICING = Pricing(Decimal(2), Decimal("0.013"))
DAY = date(2030, 1, 1)


def registry(*models: Model, pricing: Pricing = PRICING) -> Registry:
    """The models of one provider, or of several by the models' own words."""
    registry = Registry(pricing)
    for name in dict.fromkeys(each.provider for each in models):
        provider = ScriptedProvider()
        provider.name = name
        provider.offered = ModelList(tuple(each for each in models if each.provider == name))
        registry.add(provider)
    return registry


def several(count: int, **changes: object) -> list[Model]:
    """Models `m1`, `m2` …, each a cent dearer than the one before."""
    return [
        model(f"m{number}", usd=f"0.0{number}").model_copy(update=changes) for number in range(1, count + 1)
    ]


def picture(*, least: int) -> MediaInput:
    return MediaInput(field="image_url", kind="image", role="image", least=least, formats=("png",))


def test_the_five_cheapest_are_free_in_the_order_of_price_and_id() -> None:
    models = [*several(4), model("b", usd="0.05"), model("a", usd="0.05"), model("z", usd="0.001")]
    assert FreeTier.of(registry(*reversed(models)), per_day=3).daily == ("z", "m1", "m2", "m3", "m4")
    assert FreeTier.of(registry(*models[1:]), per_day=3).daily == ("z", "m2", "m3", "m4", "a")


def test_less_than_five_are_all_free() -> None:
    assert FreeTier.of(registry(*several(3))).daily == ("m1", "m2", "m3")
    assert FreeTier.of(Registry(PRICING)).daily == ()


def test_only_what_makes_media_from_a_prompt_alone_is_free() -> None:
    wants_seed = Option(field="seed", type="integer", required=True)
    unfit = [
        model("image-to-video", usd="0.001").model_copy(update={"media": (picture(least=1),)}),
        model("wordless", usd="0.001").model_copy(update={"prompt_required": False}),
        model("asks", usd="0.001").model_copy(update={"options": (wants_seed,)}),
        model("demo-like", usd="0.001", provider="demo"),
    ]
    optional = model("image-optional", usd="0.002").model_copy(update={"media": (picture(least=0),)})
    assert FreeTier.of(registry(*unfit, optional, *several(1))).daily == ("image-optional", "m1")


def test_what_counts_is_what_the_operator_pays_for_it() -> None:
    pricing = replace(
        PRICING,
        overrides={"m1": PriceOverride(stars=500), "m2": PriceOverride(usd=Decimal(3))},
        regular=7,
    )
    assert FreeTier.of(registry(*several(6), pricing=pricing)).daily == ("m1", "m3", "m4", "m5", "m6")


def test_the_operator_may_name_five_even_of_the_demo_provider() -> None:
    here = registry(*several(6), model("demo-one", provider="demo", usd="1"))
    names = ("m6", "m5", "m4", "m3", "demo-one")
    assert FreeTier.of(here, model_ids=names).daily == names


@pytest.mark.parametrize(
    "names",
    [
        ("m1",),
        ("m1", "m2", "m3", "m4"),
        tuple(f"m{n}" for n in range(1, 7)),
        ("m1",) * 5,
        ("m1", "m2", "m3", "m4", "x"),
    ],
)
def test_anything_but_five_that_exist_is_an_error_that_says_what_there_is(names: tuple[str, ...]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        FreeTier.of(registry(*several(6)), model_ids=names)
    told = str(caught.value)
    assert told.startswith("FREE_TIER_MODEL_IDS must name exactly 5")
    assert f"given: {', '.join(names)};" in told
    assert told.endswith("existing: m1, m2, m3, m4, m5, m6")
    assert ("not on offer: x" in told) == ("x" in names)


def test_a_model_that_has_no_price_before_it_is_ordered_cannot_be_named_or_computed_to_be_free() -> None:
    speech = made("speech", price={"rule": "per_1000_characters", "usd": "0.0001"}, provider="scripted")
    here = registry(speech, *several(5))
    assert "speech" not in FreeTier.of(here).daily
    with pytest.raises(ConfigurationError, match="speech has no price before it is ordered"):
        FreeTier.of(here, model_ids=("speech", "m1", "m2", "m3", "m4"))


def test_the_operator_may_name_models_by_alias_and_is_told_what_a_slip_means() -> None:
    here = registry(made("maker/cheap", aliases=["cheap"], provider="scripted"), *several(5))
    names = ("cheap", "m1", "m2", "m3", "m4")
    assert FreeTier.of(here, model_ids=names).daily == ("maker/cheap", "m1", "m2", "m3", "m4")
    with pytest.raises(ConfigurationError, match=r"not on offer: cheep \(did you mean maker/cheap\?\)"):
        FreeTier.of(here, model_ids=("cheep", *names[1:]))
    with pytest.raises(ConfigurationError, match="different ones given: 4"):
        FreeTier.of(here, model_ids=("cheap", "maker/cheap", "m1", "m2", "m3"))


def test_a_free_model_that_is_switched_off_keeps_nobody_from_starting() -> None:
    here = registry(*several(5))
    here.switch_off("m1", "out of credit")
    assert "m1" in FreeTier.of(here, model_ids=("m1", "m2", "m3", "m4", "m5")).daily


def test_many_existing_models_do_not_flood_the_error() -> None:
    here = registry(*(model(f"model-{number}") for number in range(30)))
    with pytest.raises(ConfigurationError, match=r"`python run.py models list` tells which exist$"):
        FreeTier.of(here, model_ids=("x",))


def test_an_allowance_is_used_slot_by_slot_and_the_day_comes_first() -> None:
    image, video = (
        model(name).model_copy(update={"category": category})
        for name, category in (("image", Category.IMAGE), ("video", Category.VIDEO))
    )
    tier = FreeTier(("image", "video"), per_day=2, newcomer=1)
    fresh = Allowance(tier, 7, DAY)
    assert (fresh.kind_for(image), fresh.kind_for(video), fresh.kind_for(model("m"))) == (
        "daily",
        "daily",
        "",
    )
    assert fresh.open_slots("daily") == ("daily:7:2030-01-01:0", "daily:7:2030-01-01:1")
    used = replace(fresh, taken={"daily:7:2030-01-01:0", "daily:7:2030-01-01:1"})
    assert (used.kind_for(image), used.kind_for(video)) == ("newcomer", "")
    assert replace(used, day=date(2030, 1, 2)).kind_for(video) == "daily"
    gone = replace(used, taken={*used.taken, "newcomer:7:0"})
    assert gone.kind_for(image) == ""


def test_nothing_is_free_where_nothing_is_given() -> None:
    tier = FreeTier.of(registry(*several(6)), per_day=0, newcomer=0)
    assert tier.kinds(model("m1")) == ()
    assert tier.slots("", 7, DAY) == ()
