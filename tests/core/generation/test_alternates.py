"""Models of one product stand in for each other, at the price that was shown and at no loss."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from support.model_makers import clip, made, picture, registry_of

from core.generation.alternates import Alternate
from core.generation.model import Model
from core.generation.prices import Facts

STARS = 10
"""They bring $0.13."""


def alternate(model_id: str = "other", usd: str = "0.1", **changes: Any) -> Model:
    table = {"product": "flux", "provider": "there", "price": {"rule": "flat", "usd": usd}}
    return made(model_id, **{**table, **changes})


def found(
    own: Model, *others: Model, options: dict[str, Any] | None = None, facts: Facts | None = None
) -> tuple[Alternate, ...]:
    registry = registry_of(own, *others)
    return registry.alternates_for("one", options or {}, facts or Facts(characters=20), stars=STARS)


def test_the_same_product_elsewhere_is_an_alternate_and_the_cheapest_comes_first() -> None:
    own = made(product="flux")
    others = (
        alternate("b", "0.12"),
        alternate("a", "0.12"),
        alternate("c", "0.05"),
        alternate("d", product="other"),
        alternate("e", product=""),
    )
    assert [each.model.id for each in found(own, *others)] == ["c", "a", "b"]
    assert found(made(), *others) == ()
    registry = registry_of(own, *others)
    assert {model.id for model in registry.alternates("one")} == {"a", "b", "c"}
    assert registry.alternates("nothing") == ()


@pytest.mark.parametrize(("usd", "taken"), [("0.1299", True), ("0.13", False), ("0.2", False)])
def test_it_has_to_cost_less_than_the_price_brings(usd: str, taken: bool) -> None:
    assert bool(found(made(product="flux"), alternate(usd=usd))) == taken


def test_one_that_is_switched_off_or_locked_is_none() -> None:
    registry = registry_of(made(product="flux"), alternate(), alternate("locked", confirmed=False))
    assert [each.id for each in registry.alternates("one")] == ["other"]
    registry.switch_off("other", "test")
    assert registry.alternates("one") == ()


def test_it_is_found_for_a_model_that_is_switched_off_itself() -> None:
    registry = registry_of(made(product="flux"), alternate())
    registry.switch_off("one", "down")
    assert registry.alternates_for("one", {}, Facts(characters=20), stars=STARS)


OWN_OPTIONS = [
    {"field": "shape", "type": "string", "choices": ["1:1", "21:9"], "default": "1:1"},
    {"field": "seed", "type": "integer"},
]
ITS_OPTIONS = [
    {"field": "shape", "type": "string", "choices": ["1:1", "16:9"], "default": "16:9"},
    {"field": "format", "type": "string", "choices": ["webp", "png"], "default": "webp"},
]


@pytest.mark.parametrize(("shape", "becomes"), [("1:1", "1:1"), ("21:9", "16:9")])
def test_options_are_taken_over_by_name_where_they_are_allowed(shape: str, becomes: str) -> None:
    own = made(product="flux", options=OWN_OPTIONS)
    (each,) = found(own, alternate(options=ITS_OPTIONS), options={"shape": shape, "seed": 7})
    assert each.options == {"shape": becomes, "format": "webp"}


def test_one_with_an_option_that_nobody_chose_is_none() -> None:
    needed = [{"field": "voice", "type": "string", "choices": ["a"], "required": True}]
    assert found(made(product="flux"), alternate(options=needed)) == ()


@pytest.mark.parametrize(("characters", "taken"), [(20, True), (9, False), (31, False)])
def test_it_has_to_take_the_prompt(characters: int, taken: bool) -> None:
    limited = alternate(prompt_min=10, prompt_max=30)
    facts = Facts(characters=characters)
    assert bool(found(made(product="flux"), limited, facts=facts)) == taken


def test_files_go_to_the_field_of_the_same_name_or_purpose() -> None:
    own = made(product="flux", media=[picture("image_url", "first_frame"), picture("refs", "reference")])
    other = alternate(media=[picture("refs", "reference"), picture("first", "first_frame")])
    facts = Facts(characters=20, counts={"image_url": 1, "refs": 1})
    (each,) = found(own, other, facts=facts)
    assert each.fields == {"image_url": "first", "refs": "refs"}


@pytest.mark.parametrize(
    "media",
    [
        [],
        [clip("image_url")],
        [picture("first", "mask")],
        [picture("image_url", most=1)],
    ],
)
def test_one_that_does_not_take_the_files_is_none(media: list[dict[str, Any]]) -> None:
    own = made(product="flux", media=[picture("image_url", many=True, most=2)])
    facts = Facts(characters=20, counts={"image_url": 2})
    assert found(own, alternate(media=media), facts=facts) == ()


def test_one_that_needs_a_file_which_was_not_given_is_none() -> None:
    assert found(made(product="flux"), alternate(media=[picture("image_url", least=1)])) == ()


def test_its_cost_comes_from_the_files_as_well() -> None:
    own = made(product="flux", media=[clip("clip")])
    per_second = {"rule": "per_second", "usd": "0.01", "field": "", "input_seconds": ["video_url"]}
    other = alternate(media=[clip("video_url", least=1)], price=per_second)
    for seconds, usd in ((12, Decimal("0.12")), (13, None)):
        facts = Facts(characters=20, counts={"clip": 1}, seconds={"clip": seconds})
        assert [each.usd for each in found(own, other, facts=facts)] == ([usd] if usd else [])
