"""What a model takes: options, files and prompts that go together, and refusals in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from support.model_makers import clip, made, picture, registry_of

from core.errors import UserFacingError
from core.i18n import CORE, I18n

MEDIA = [
    picture("first", "first_frame"),
    picture("last", "last_frame"),
    picture("refs", "reference", many=True, least=0, most=3),
    clip("clip"),
]
RULES: dict[str, Any] = {
    "media": MEDIA,
    "options": [
        {"field": "resolution", "type": "string", "choices": ["720p", "1080p"], "default": "720p"},
        {"field": "duration", "type": "integer", "choices": [5, 10], "default": 5},
    ],
    "one_of": [["first", "refs", "clip"]],
    "exclusive": [["first", "refs"], ["last", "refs"]],
    "forbidden": [
        {"resolution": ["1080p"], "duration": [10]},
        {"last": [True], "first": [False]},
        {"clip": [True], "duration": [10]},
    ],
}


@pytest.mark.parametrize(
    "counts",
    [{"first": 1}, {"first": 1, "last": 1}, {"refs": 3}, {"clip": 1}, {"clip": 1, "refs": 1}],
)
def test_files_that_go_together_are_taken(counts: dict[str, int]) -> None:
    model = made(**RULES)
    model.check_inputs(counts, model.check_options({}))


@pytest.mark.parametrize(
    ("counts", "options", "key"),
    [
        ({}, {}, "inputs-one-of"),
        ({"first": 0}, {}, "inputs-one-of"),
        ({"sound": 1}, {}, "input-unknown"),
        ({"refs": 4}, {}, "input-too-many"),
        ({"first": 2}, {}, "input-too-many"),
        ({"first": 1, "refs": 1}, {}, "inputs-exclusive"),
        ({"last": 1, "refs": 1}, {}, "inputs-exclusive"),
        ({"last": 1, "clip": 1}, {}, "options-forbidden"),
        ({"clip": 1}, {"duration": 10}, "options-forbidden"),
    ],
)
def test_files_that_do_not_are_refused(counts: dict[str, int], options: dict[str, Any], key: str) -> None:
    model = made(**RULES)
    with pytest.raises(UserFacingError) as caught:
        model.check_inputs(counts, model.check_options(options))
    assert caught.value.key == key
    for language in ("en", "ru"):
        assert "{" not in _said(caught.value, language)


def _said(error: UserFacingError, language: str) -> str:
    i18n = I18n()
    i18n.add(CORE, Path(__file__).parents[3] / "locales")
    return i18n.translator(language)(error.key, **error.variables)


@pytest.mark.parametrize(
    ("count", "key"), [(0, "input-missing"), (1, "input-missing"), (4, "input-too-many")]
)
def test_a_refusal_names_what_the_files_are_for_and_how_many(count: int, key: str) -> None:
    model = made(media=[picture("frames", "first_frame", many=True, least=2, most=3)])
    with pytest.raises(UserFacingError) as caught:
        model.check_inputs({"frames": count}, {})
    assert caught.value.key == key
    assert "First frame" in _said(caught.value, "en")
    assert f"given: {count}." in _said(caught.value, "en")
    assert "Первый кадр" in _said(caught.value, "ru")


def test_options_that_do_not_go_together_are_refused_before_there_are_files() -> None:
    model = made(**RULES)
    assert model.check_options({"resolution": "1080p"}) == {"resolution": "1080p", "duration": 5}
    with pytest.raises(UserFacingError) as caught:
        model.check_options({"resolution": "1080p", "duration": 10})
    assert caught.value.variables == {"options": "resolution = 1080p, duration = 10"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"one_of": [["first", "nothing"]]}, "unknown media input nothing"),
        ({"exclusive": [["first"]]}, "a group needs two"),
        ({"forbidden": [{"size": ["big"]}]}, "unknown input size"),
        ({"forbidden": [{"duration": [7]}]}, "duration = 7, which is never given"),
        ({"forbidden": [{"first": ["yes"]}]}, "first = yes, which is never given"),
        ({"forbidden": [{}]}, "empty combination"),
        ({"forbidden": [{"resolution": ["720p"], "duration": [5]}]}, "the defaults are forbidden"),
        ({"prompt_min": 10, "prompt_max": 5}, "prompt_min is above prompt_max"),
        ({"aliases": ["one"]}, "its alias is its id"),
        ({"aliases": ["Not a name"]}, "pattern"),
        ({"prompt_field": "duration"}, "two inputs have one field"),
        ({"fixed": {"duration": 5}}, "two inputs have one field"),
        ({"price": {"rule": "per_second", "usd": "1", "field": ""}}, "depends on no seconds"),
        (
            {"price": {"rule": "per_second", "usd": "1", "field": "", "input_seconds": ["clip"]}},
            "depends on clip, which may be missing",
        ),
        (
            {"price": {"rule": "per_1000_characters", "usd": "1"}, "prompt_required": False},
            "depends on the prompt, which may be missing",
        ),
        (
            {"price": {"rule": "flat", "usd": "1", "surcharge": {"field": "masks", "usd": "1"}}},
            "unknown media input masks",
        ),
        (
            {
                "price": {
                    "rule": "table",
                    "by": ["resolution", "duration"],
                    "usd": {"720p/5": "1", "720p/10": "2"},
                }
            },
            "no price for resolution = 1080p, duration = 5",
        ),
        (
            {"price": {"rule": "table", "by": ["resolution", "media:clip"], "usd": {"720p/false": "1"}}},
            "no price for resolution = 720p, clip = true",
        ),
    ],
)
def test_rules_that_make_no_sense_keep_a_model_from_being_one(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        made(**{**RULES, **changes})


def test_what_cannot_be_ordered_needs_no_price() -> None:
    table = {"rule": "table", "by": ["resolution", "duration"]}
    made(**RULES, price={**table, "usd": {"720p/5": "1", "720p/10": "2", "1080p/5": "2"}})
    by_files = {"rule": "table", "by": ["media:first", "media:refs"]}
    # Not both, as they exclude each other; neither is fine, as a clip can be given instead.
    made(**RULES, price={**by_files, "usd": {"true/false": "1", "false/true": "2", "false/false": "1"}})
    needed = made(
        media=[clip("clip", least=1)], price={"rule": "table", "by": ["media:clip"], "usd": {"true": "1"}}
    )
    assert registry_of(needed).least_quote("one").usd == 1


def test_a_model_without_a_prompt_is_asked_for_none() -> None:
    registry = registry_of(made(prompt_field="", media=[clip("clip", least=1)]))
    model = registry.model("one")
    assert not model.takes_prompt
    assert not model.needs_prompt
    assert registry.check_prompt("one", "what somebody said all the same") == ""


@pytest.mark.parametrize(
    ("text", "required", "key"),
    [
        ("ab", True, "prompt-too-short"),
        ("ab", False, "prompt-too-short"),
        ("", True, "prompt-empty"),
        ("abcdef", True, "prompt-too-long"),
    ],
)
def test_a_prompt_has_the_models_own_bounds(text: str, required: bool, key: str) -> None:
    registry = registry_of(made(prompt_min=3, prompt_max=5, prompt_required=required))
    with pytest.raises(UserFacingError) as caught:
        registry.check_prompt("one", text)
    assert caught.value.key == key
    assert "{" not in _said(caught.value, "ru")


def test_a_prompt_within_bounds_and_one_that_may_be_missing_are_fine() -> None:
    registry = registry_of(made(prompt_min=3, prompt_max=5, prompt_required=False))
    assert registry.check_prompt("one", " abc ") == "abc"
    assert registry.check_prompt("one", " ") == ""
