"""A price is exact once all is known, and before that the least that it can turn out to be."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from support.model_makers import PRICING, clip, made, picture, registry_of

from core.billing.pricing import PriceOutOfRange
from core.generation.prices import Facts

SPEECH = {"price": {"rule": "per_1000_characters", "usd": "0.06"}, "prompt_min": 10}
DUBBING = {
    "price": {"rule": "per_second", "usd": "0.05", "field": "", "input_seconds": ["clip"]},
    "media": [clip("clip", least=1, seconds_min=3)],
}
EDIT = {
    "price": {"rule": "flat", "usd": "0.05", "surcharge": {"field": "refs", "beyond": 1, "usd": "0.01"}},
    "media": [picture("refs", "reference", many=True, most=4)],
}
LENGTHENING = {
    "price": {"rule": "per_second", "usd": "0.05", "field": "duration", "input_seconds": ["clip"]},
    "media": [clip("clip", least=1)],
    "options": [{"field": "duration", "type": "integer", "minimum": 4, "maximum": 15, "default": 5}],
}
SEEDANCE = {
    "price": {
        "rule": "table",
        "by": ["resolution", "media:clip"],
        "usd": {"480p/false": "0.1", "480p/true": "0.06", "720p/false": "0.2", "720p/true": "0.12"},
        "seconds_field": "duration",
        "input_seconds": ["clip"],
    },
    "media": [clip("clip")],
    "options": [
        {"field": "resolution", "type": "string", "choices": ["480p", "720p"], "default": "720p"},
        {"field": "duration", "type": "integer", "minimum": 4, "maximum": 15, "default": 5},
    ],
}


@pytest.mark.parametrize(
    ("table", "options", "facts", "usd"),
    [
        (SPEECH, {}, Facts(characters=2500), "0.15"),
        (DUBBING, {}, Facts(counts={"clip": 1}, seconds={"clip": 8}), "0.4"),
        (EDIT, {}, Facts(), "0.05"),
        (EDIT, {}, Facts(counts={"refs": 1}), "0.05"),
        (EDIT, {}, Facts(counts={"refs": 4}), "0.08"),
        (SEEDANCE, {}, Facts(), "1.0"),
        (SEEDANCE, {"resolution": "480p"}, Facts(), "0.5"),
        (SEEDANCE, {}, Facts(counts={"clip": 1}, seconds={"clip": 10}), "1.8"),
        (SEEDANCE, {"duration": 4}, Facts(seconds={"clip": 6}), "1.2"),
    ],
)
def test_a_price_comes_from_options_prompt_and_files(
    table: dict[str, Any], options: dict[str, Any], facts: Facts, usd: str
) -> None:
    quote = registry_of(made(**table)).quote("one", options, facts)
    assert (quote.usd, quote.least) == (Decimal(usd), False)
    assert quote.stars == math.ceil(Decimal(usd) * 2 / Decimal("0.013"))


@pytest.mark.parametrize(
    ("table", "usd"),
    [
        # Ten characters, three seconds, no reference, and a clip of one second beside five of output.
        (SPEECH, "0.0006"),
        (DUBBING, "0.15"),
        (EDIT, "0.05"),
        (SEEDANCE, "0.72"),
    ],
)
def test_before_anything_is_given_the_price_is_the_least_and_says_so(table: dict[str, Any], usd: str) -> None:
    registry = registry_of(made(**table))
    quote = registry.least_quote("one")
    assert (quote.usd, quote.least) == (Decimal(usd), True)
    assert registry.quote("one") == quote
    assert registry.default_quote("one") is None


@pytest.mark.parametrize(
    ("table", "facts"),
    [
        (SPEECH, Facts()),
        (DUBBING, Facts()),
        (DUBBING, Facts(counts={"clip": 1})),
        (LENGTHENING, Facts()),
        (SEEDANCE, Facts(counts={"clip": 1})),
    ],
)
def test_a_price_is_never_told_from_half_of_what_it_depends_on(table: dict[str, Any], facts: Facts) -> None:
    with pytest.raises(PriceOutOfRange):
        registry_of(made(**table)).quote("one", {}, facts)


def test_a_combination_that_has_no_price_is_none() -> None:
    table = {"rule": "table", "by": ["media:a", "media:b"], "usd": {"true/false": "1", "false/true": "2"}}
    model = made(price=table, media=[picture("a"), picture("b")], one_of=[["a", "b"]], exclusive=[["a", "b"]])
    registry = registry_of(model)
    assert registry.least_quote("one").usd == 1
    for counts in ({}, {"a": 1, "b": 1}):
        with pytest.raises(PriceOutOfRange):
            registry.quote("one", {}, Facts(counts=counts))


def test_a_quote_keeps_only_the_facts_that_its_price_comes_from() -> None:
    facts = Facts(characters=99, counts={"clip": 1, "refs": 2}, seconds={"clip": 8, "song": 9})
    kept = registry_of(made(**DUBBING)).quote("one", {}, facts).facts
    assert kept == Facts(counts={"clip": 1}, seconds={"clip": 8})
    assert registry_of(made()).quote("one", {}, facts).facts == Facts()


def test_what_depends_on_options_alone_has_one_price_whatever_is_given() -> None:
    registry = registry_of(made())
    assert (
        registry.default_quote("one")
        == registry.quote("one")
        == registry.quote("one", {}, Facts(characters=5))
    )


def test_facts_count_files_and_round_each_up_to_a_second() -> None:
    inputs = [
        {"field": "clip", "seconds": 2.04},
        {"field": "clip", "seconds": 3.0},
        {"field": "ref", "seconds": 0.0},
        {"field": "ref"},
    ]
    assert Facts.of("héllo", inputs) == Facts(characters=5, counts={"clip": 2, "ref": 2}, seconds={"clip": 6})


CHOICE = {"field": "size", "type": "string", "choices": ["large", "small"], "required": True}


def test_a_choice_without_default_that_sets_the_price_is_told_by_its_cheapest() -> None:
    model = made(
        options=[CHOICE],
        price={"rule": "by_option", "field": "size", "usd": {"large": "0.2", "small": "0.1"}},
    )
    registry = registry_of(model)
    quote = registry.least_quote("one")
    assert (quote.usd, quote.least, quote.options) == (Decimal("0.1"), True, {"size": "small"})
    assert registry.default_quote("one") is None


def test_a_choice_without_default_makes_every_order_one_with_own_options() -> None:
    pricing = replace(PRICING, regular=3, custom=7)
    registry = registry_of(made(options=[CHOICE]), made("two"), pricing=pricing)
    assert (registry.least_quote("one").stars, registry.quote("one", {"size": "large"}).stars) == (7, 7)
    assert registry.least_quote("two").stars == 3


def test_a_model_of_which_nothing_can_be_ordered_is_locked() -> None:
    model = made(
        media=[picture("a", least=1), picture("b", least=1)],
        exclusive=[["a", "b"]],
        **{"price": EDIT["price"] | {"surcharge": {"field": "a", "usd": "1"}}},
    )
    assert "not between 1 and" in registry_of(model).locked[0].reason
