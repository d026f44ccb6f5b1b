"""The schema of a model's inputs refuses what the model refuses."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from support import json_schema
from support.model_makers import clip, made, picture

from core.errors import UserFacingError
from core.generation.schema import example_files, example_input, input_schema

MODEL = made(
    prompt_min=3,
    prompt_max=20,
    options=[
        {"field": "resolution", "type": "string", "choices": ["720p", "1080p"], "default": "720p"},
        {"field": "seconds", "type": "integer", "minimum": 2, "maximum": 10, "required": True, "default": 5},
        {"field": "sound", "type": "boolean"},
        {"field": "strength", "type": "number", "minimum": 0, "maximum": "0.5"},
        {"field": "style", "type": "string", "longest": 4},
    ],
    media=[
        picture("first", "first_frame"),
        picture("last", "last_frame"),
        picture("refs", "reference", many=True, most=2, item="url", item_fixed={"type": "subject"}),
        clip("clip"),
    ],
    one_of=[["first", "refs", "clip"]],
    exclusive=[["first", "refs"]],
    forbidden=[{"resolution": ["1080p"], "seconds": [10]}, {"last": [True], "first": [False]}],
    fixed={"watermark": False},
)
PLAIN = {"prompt": "a prompt", "seconds": 5, "first": "https://example.com/a.png"}


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({}, True),
        ({"watermark": False}, True),
        ({"watermark": True}, False),
        ({"prompt": "ab"}, False),
        ({"prompt": "x" * 21}, False),
        ({"prompt": None}, False),
        ({"seconds": 1}, False),
        ({"seconds": 11}, False),
        ({"seconds": "5"}, False),
        ({"seconds": 5.5}, False),
        ({"sound": True, "strength": 0.5, "style": "loud", "resolution": "1080p"}, True),
        ({"sound": 1}, False),
        ({"strength": 0.6}, False),
        ({"style": "louder"}, False),
        ({"resolution": "480p"}, False),
        ({"resolution": "1080p", "seconds": 10}, False),
        ({"colour": "red"}, False),
        ({"first": ["https://example.com/a.png"]}, False),
    ],
)
def test_values_are_those_of_the_model(changes: dict[str, Any], fits: bool) -> None:
    assert json_schema.fits(input_schema(MODEL), {**PLAIN, **changes}) == fits


@pytest.mark.parametrize("name", ["prompt", "seconds"])
def test_what_is_needed_is_required(name: str) -> None:
    rest = {key: value for key, value in PLAIN.items() if key != name}
    assert not json_schema.fits(input_schema(MODEL), rest)


def test_files_go_together_as_the_model_says() -> None:
    """For every set of files the schema and the model agree."""
    reference = {"url": "https://example.com/r.png", "type": "subject"}
    files = {
        "first": "https://example.com/a.png",
        "last": "https://example.com/b.png",
        "refs": [reference],
        "clip": "https://example.com/c.mp4",
    }
    outcomes = set()
    for row in product((False, True), repeat=len(files)):
        given = {name for name, here in zip(files, row, strict=True) if here}
        order = {"prompt": "a prompt", "seconds": 5, **{name: files[name] for name in given}}
        try:
            MODEL.check_inputs(dict.fromkeys(given, 1), MODEL.check_options({"seconds": 5}))
            taken = True
        except UserFacingError:
            taken = False
        assert json_schema.fits(input_schema(MODEL), order) == taken, given
        outcomes.add(taken)
    assert outcomes == {True, False}


@pytest.mark.parametrize("count", [0, 3])
def test_a_list_has_as_many_files_as_the_model_takes(count: int) -> None:
    reference = {"url": "https://example.com/r.png", "type": "subject"}
    order = {"prompt": "a prompt", "seconds": 5, "refs": [reference] * count}
    assert not json_schema.fits(input_schema(MODEL), order)


def test_an_example_has_what_is_needed_and_no_more() -> None:
    example = example_input(MODEL)
    assert json_schema.fits(input_schema(MODEL), example)
    assert example_files(MODEL) == {"first": 1}
    assert example["first"] == "https://example.com/first-frame-1.png"
    assert (example["resolution"], example["seconds"], example["watermark"]) == ("720p", 5, False)
    assert "style" not in example


def test_a_model_without_a_prompt_has_none_in_its_schema() -> None:
    wordless = made(prompt_field="", media=[clip("clip", least=1)])
    assert input_schema(wordless)["required"] == ["clip"]
    assert example_input(wordless) == {"clip": "https://example.com/video-1.mp4"}
