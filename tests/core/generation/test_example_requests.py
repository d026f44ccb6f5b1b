"""Requests in the shape that an API wants."""

from __future__ import annotations

from typing import Any

import pytest
from support.model_makers import clip, made

from core.generation.filling import fill, names_in
from core.generation.model import ApiEndpoint
from core.generation.schema import example_body


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ({"a": "{number}", "b": "{number} s", "c": "plain"}, {"a": 5, "b": "5 s", "c": "plain"}),
        ({"a": ["{flag}", "{nothing}"], "b": ["{nothing}"]}, {"a": [True]}),
        ({"a": {"b": "{nothing}"}, "c": {"d": "{list}", "e": "{nothing}"}}, {"c": {"d": [1, 2]}}),
        ({"a": True, "b": 1.5}, {"a": True, "b": 1.5}),
        ({"a": "{nothing} s"}, {}),
    ],
)
def test_names_become_values_and_what_has_none_is_left_out(
    template: dict[str, Any], filled: dict[str, Any]
) -> None:
    assert fill(template, {"number": 5, "flag": True, "list": [1, 2]}) == filled


def test_names_are_found_wherever_they_stand() -> None:
    assert names_in({"a": ["{b}", {"c": "{d} and {e}"}], "f": 1}) == {"b", "d", "e"}


VOICE = [{"field": "voice", "type": "string", "choices": ["Anna"], "default": "Anna"}]


def body(endpoint: dict[str, Any], **table: Any) -> dict[str, Any]:
    model = made("one", upstream="maker/one", category="audio", **table)
    return example_body(model, ApiEndpoint(path="/run", **endpoint))


def test_inputs_stand_in_their_field_or_are_the_request() -> None:
    wrapped = body({"model_field": "model", "input_field": "input"}, options=VOICE, fixed={"safe": True})
    assert wrapped["model"] == "maker/one"
    assert wrapped["input"].keys() == {"prompt", "voice", "safe"}
    assert body({}, options=VOICE).keys() == {"prompt", "voice"}
    assert body({}, prompt_field="", media=[clip("clip", least=1)]).keys() == {"clip"}


def test_a_models_shape_takes_the_place_of_what_it_is_made_of() -> None:
    shape = {"shape": {"dialogue": [{"text": "{prompt}", "voice": "{voice}"}]}}
    made_of = body({}, options=VOICE, prompt_field="words", details=shape)
    assert made_of.keys() == {"dialogue"}
    assert made_of["dialogue"][0]["voice"] == "Anna"
    assert made_of["dialogue"][0]["text"].startswith("Good evening")


def test_an_endpoint_has_a_shape_of_its_own() -> None:
    template = {"id": "{model}", "instances": [{"text": "{prompt}", "seed": "{seed}"}]}
    made_of = body({"body": template}, options=VOICE)
    assert made_of["id"] == "maker/one"
    assert made_of["instances"][0].keys() == {"text"}
