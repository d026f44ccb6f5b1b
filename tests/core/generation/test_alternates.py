"""Models of one product stand in for each other, at the price that was shown and at no loss."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

import pytest
from support.model_files import model_lists
from support.model_makers import PRICING, clip, made, picture, registry_of

from core.errors import UserFacingError
from core.generation.alternates import Alternate
from core.generation.model import Model
from core.generation.prices import Facts
from core.generation.registry import Registry

STARS = 10
"""They bring $0.13."""
WORDS = Facts(characters=20)


def alternate(model_id: str = "other", usd: str = "0.1", **changes: Any) -> Model:
    table = {"product": "flux", "provider": "there", "price": {"rule": "flat", "usd": usd}}
    return made(model_id, **{**table, **changes})


def found(
    own: Model, *others: Model, options: dict[str, Any] | None = None, facts: Facts | None = None
) -> tuple[Alternate, ...]:
    registry = registry_of(own, *others)
    return registry.alternates_for("one", options or {}, facts or Facts(characters=20), stars=STARS)


def test_the_same_product_elsewhere_is_an_alternate_in_the_order_of_the_lists() -> None:
    own = made(product="flux")
    others = (
        alternate("b", "0.12"),
        alternate("a", "0.12"),
        alternate("c", "0.05"),
        alternate("d", product="other"),
        alternate("e", product=""),
    )
    assert [each.model.id for each in found(own, *others)] == ["b", "a", "c"], "neither by cost nor by name"
    assert found(made(), *others) == ()
    registry = registry_of(own, *others)
    assert [model.id for model in registry.alternates("one")] == ["b", "a", "c"]
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


def test_what_others_may_make_is_on_offer_as_far_as_they_do() -> None:
    def offered(*others: Model, chosen: str = "1:1") -> list[bool]:
        """Whether it is on offer, and with `chosen`, while its own provider is not asked."""
        shapes = {"field": "shape", "type": "string", "choices": ["1:1", "21:9"], "default": "1:1"}
        registry = registry_of(made(product="flux", options=[shapes]), *others)
        registry.switch_off("one", "rests", by="resting", others_may=True)
        try:
            registry.quote("one", {"shape": chosen}, WORDS)
        except UserFacingError:
            return [registry.offers("one"), False]
        return [registry.offers("one"), True]

    square = {"field": "shape", "type": "string", "choices": ["1:1"], "default": "1:1"}
    other = alternate(options=[square])
    assert offered(other) == [True, True]
    assert offered(other, chosen="21:9") == [True, False], "it is refused before money"
    assert offered() == [False, False]
    assert offered(alternate()) == [False, False], "it has no shapes"
    assert offered(alternate(usd="0.13", options=[square])) == [False, False]
    assert offered(alternate(options=[square], provider="here")) == [False, False]
    assert offered(alternate(options=[square], confirmed=False)) == [False, False]


def test_two_that_rest_do_not_make_up_for_each_other_nor_for_an_operator() -> None:
    registry = registry_of(made(product="flux"), alternate())
    registry.switch_off("one", "rests", by="resting", others_may=True)
    assert [each.id for each in registry.models()] == ["one", "other"]
    registry.switch_off("other", "down", by="breaker", others_may=True)
    assert registry.models() == ()
    registry.switch_on("other", by="breaker")
    registry.switch_off("one", "an operator has switched it off", by="operators")
    assert [each.id for each in registry.models()] == ["other"]
    assert [each.reason for each in registry.locked] == ["an operator has switched it off"]


OWN_OPTIONS = [
    {"field": "shape", "type": "string", "choices": ["1:1", "21:9", "Auto"], "default": "1:1"},
    {"field": "seed", "type": "integer"},
    {"field": "without", "type": "string", "longest": 100},
    {"field": "clean", "type": "boolean", "default": True},
]
ITS_OPTIONS = [
    {"field": "shape", "type": "string", "choices": ["1:1", "16:9"], "default": "16:9"},
    {"field": "format", "type": "string", "choices": ["webp", "png"], "default": "webp"},
]


@pytest.mark.parametrize(
    ("ordered", "taken"),
    [
        ({"shape": "1:1"}, True),
        ({"shape": "1:1", "without": ""}, True),
        ({"shape": "21:9"}, False),
        ({"shape": "Auto"}, False),
        ({"shape": "1:1", "seed": 7}, False),
        ({"shape": "1:1", "without": "cats"}, False),
        ({"shape": "1:1", "clean": False}, False),
    ],
)
def test_it_takes_every_option_with_its_very_value_or_is_none(ordered: dict[str, Any], taken: bool) -> None:
    own = made(product="flux", options=OWN_OPTIONS)
    other = alternate(options=ITS_OPTIONS, fixed={"clean": True})
    options = own.check_options(ordered)
    assert [each.options for each in found(own, other, options=options)] == (
        [{"shape": "1:1", "format": "webp"}] if taken else []
    )
    assert found(own, alternate(options=ITS_OPTIONS, fixed={"clean": 1}), options=options) == ()


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


PAIRS = {
    "veo-3.1-quality": "veo-3.1-generate-001",
    "veo-3.1-fast": "veo-3.1-fast-generate-001",
    "veo-3.1-lite": "veo-3.1-lite-generate-001",
}
VALUES: dict[str, list[Any]] = {
    "aspect_ratio": ["16:9", "9:16", "Auto"],
    "resolution": ["720p", "1080p", "4k"],
    "duration": [4, 6, 8],
    "seed": [None, 7],
    "negative_prompt": [None, "cats"],
}
"""What an order of either can have: `None` is an option that nobody chose."""
SECONDS_MADE_ELSEWHERE = {
    "veo-3.1-quality": {"720p": (4, 6), "1080p": (4, 6), "4k": (4, 6)},
    "veo-3.1-fast": {"720p": (4, 6), "1080p": (4,), "4k": (4, 6)},
    "veo-3.1-lite": {"720p": (4, 6), "1080p": (4,)},
    "veo-3.1-generate-001": {"720p": (4, 6, 8), "1080p": (4, 6, 8), "4k": (4, 6, 8)},
    "veo-3.1-fast-generate-001": {"720p": (4, 6, 8), "1080p": (4, 6, 8), "4k": (4, 6, 8)},
    "veo-3.1-lite-generate-001": {"720p": (4, 6, 8), "1080p": (4, 6, 8)},
}
"""Computed by hand from both lists of prices: one asks by the second, the other by the piece."""


@pytest.fixture(scope="module")
def tree() -> Registry:
    registry = Registry(PRICING)
    for provider, offered in model_lists().items():
        registry.add_list(provider, offered)
    return registry


@pytest.mark.parametrize("ordered", SECONDS_MADE_ELSEWHERE)
def test_of_the_pairs_that_there_are_each_makes_just_what_was_ordered_and_at_no_loss(
    tree: Registry, ordered: str
) -> None:
    other = {**PAIRS, **{google: kie for kie, google in PAIRS.items()}}[ordered]
    elsewhere: dict[str, set[int]] = {}
    for values in itertools.product(*VALUES.values()):
        chosen = {name: value for name, value in zip(VALUES, values, strict=True) if value is not None}
        try:
            quote = tree.quote(ordered, chosen, WORDS)
        except UserFacingError:
            continue
        for each in tree.alternates_for(ordered, quote.options, WORDS, stars=quote.stars):
            assert (each.model.id, each.options) == (other, chosen)
            assert each.usd < quote.stars * PRICING.star_usd
            elsewhere.setdefault(chosen["resolution"], set()).add(chosen["duration"])
    assert elsewhere == {size: set(seconds) for size, seconds in SECONDS_MADE_ELSEWHERE[ordered].items()}


def test_what_only_one_of_a_pair_makes_is_not_made_smaller_by_the_other(tree: Registry) -> None:
    """The largest picture is the dearest: who pays for it and gets another one has lost Stars."""
    quote = tree.quote("veo-3.1-lite", {"resolution": "4k", "duration": 4}, WORDS)
    assert quote.stars == 116
    assert tree.alternates_for("veo-3.1-lite", quote.options, WORDS, stars=116) == ()
