"""Of all models that Kie.ai names, each is offered, or the start says why it is not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from support.model_makers import PRICING

from core.generation.registry import Registry
from providers.kie.catalogue import listed_as
from starloom.api import read_models

FILE = Path(__file__).parents[3] / "providers" / "kie" / "models.toml"
KNOWN: Mapping[str, list[str]] = json.loads(
    Path(__file__).with_name("known_models.json").read_text(encoding="utf-8")
)["models"]
"""What is told of each model: its `price`, its `inputs`."""
SCHEMAS = json.loads(Path(__file__).with_name("schemas.json").read_text(encoding="utf-8"))["jobs"]
NO_PRICE, NO_INPUTS = "no price", "no documented inputs"


@cache
def offered() -> frozenset[str]:
    return frozenset(listed_as(model) for model in read_models(FILE, provider="kie").models)


@cache
def left_out() -> Mapping[str, str]:
    """Why, by model, as the start tells it."""
    names = read_models(FILE, provider="kie").left_out
    found = {each.id: each.reason for each in names}
    assert len(found) == len(names), "none is left out twice"
    return found


@pytest.mark.parametrize("name", KNOWN)
def test_a_model_that_is_named_is_offered_or_told_of(name: str) -> None:
    assert (name in offered()) != (name in left_out())


def test_the_start_names_each_that_has_a_price_and_inputs() -> None:
    """What could be offered is never hidden behind "and so many more"."""
    registry = Registry(PRICING)
    registry.add_list("kie", read_models(FILE, provider="kie"))
    lines = "\n".join(registry.report())
    named = {name for name in left_out() if f"{name}," in lines or f"{name}:" in lines}
    assert {name for name in left_out() if len(KNOWN[name]) == 2} <= named


def test_nothing_else_is_offered_or_told_of() -> None:
    assert (offered() | left_out().keys()) - KNOWN.keys() == set()


def test_what_is_offered_has_a_price_and_inputs() -> None:
    assert [name for name in sorted(offered()) if len(KNOWN[name]) < 2] == []


@pytest.mark.parametrize(("reason", "lacks"), [(NO_PRICE, "price"), (NO_INPUTS, "inputs")])
def test_what_is_said_to_be_lacking_is(reason: str, lacks: str) -> None:
    of_it = {name for name, why in left_out().items() if reason in why}
    assert of_it
    assert {name for name in of_it if lacks in KNOWN[name]} == set()


def test_what_needs_the_id_of_another_task_is_sent_it() -> None:
    for model in read_models(FILE, provider="kie").models:
        # What goes to an address of its own is compared with that one's fields.
        needed = [] if model.endpoint else [_ids_of(shape["fields"]) for shape in SCHEMAS[model.upstream_id]]
        if needed and all(needed):
            assert model.source is not None, model.id
            assert any(fields <= set(model.source.fields) for fields in needed), model.id


def _ids_of(fields: Mapping[str, Mapping[str, object]]) -> set[str]:
    return {name for name in ("task_id", "taskId", "audio_id") if fields.get(name, {}).get("required")}
