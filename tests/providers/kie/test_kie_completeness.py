"""Of all models that Kie.ai names, each is offered, or the data says why it is not."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from providers.kie.catalogue import listed_as
from starloom.api import read_models

FILE = Path(__file__).parents[3] / "providers" / "kie" / "models.toml"
KNOWN: Mapping[str, list[str]] = json.loads(
    Path(__file__).with_name("known_models.json").read_text(encoding="utf-8")
)["models"]
"""What is told of each model: its `price`, its `inputs`."""
SCHEMAS = json.loads(Path(__file__).with_name("schemas.json").read_text(encoding="utf-8"))["jobs"]
NO_PRICE, NO_INPUTS, ANOTHER_TASK = "no price", "no documented inputs", "another task"


@cache
def offered() -> frozenset[str]:
    return frozenset(listed_as(model) for model in read_models(FILE, provider="kie").models)


@cache
def left_out() -> Mapping[str, str]:
    """Why, by model: the reasons that stand at the end of the data."""
    comment = re.search(r"^# LEFT OUT.*\n((?:#.*\n)+)", FILE.read_text(encoding="utf-8"), re.MULTILINE)
    assert comment is not None
    reasons = re.sub(r"\n#\s+", " ", comment[1].replace("\n# - ", "\n\n- ")).strip().split("\n")
    found: dict[str, str] = {}
    for reason in filter(None, reasons):
        why, _, names = reason.partition(": ")
        for name in re.findall(r"[A-Za-z0-9-]+(?:[/.][A-Za-z0-9.-]*[A-Za-z0-9])?", names.partition(" (")[0]):
            assert name not in found, f"{name} is left out twice"
            found[name] = why
    return found


@pytest.mark.parametrize("name", KNOWN)
def test_a_model_that_is_named_is_offered_or_told_of(name: str) -> None:
    assert (name in offered()) != (name in left_out())


def test_nothing_else_is_offered_or_told_of() -> None:
    assert (offered() | left_out().keys()) - KNOWN.keys() == set()


def test_what_is_offered_has_a_price_and_inputs() -> None:
    assert [name for name in sorted(offered()) if len(KNOWN[name]) < 2] == []


@pytest.mark.parametrize(("reason", "lacks"), [(NO_PRICE, "price"), (NO_INPUTS, "inputs")])
def test_what_is_said_to_be_lacking_is(reason: str, lacks: str) -> None:
    of_it = {name for name, why in left_out().items() if reason in why}
    assert of_it
    assert {name for name in of_it if lacks in KNOWN[name]} == set()


def test_what_goes_on_from_another_task_cannot_be_had_without_its_id() -> None:
    of_it = {name for name, why in left_out().items() if ANOTHER_TASK in why} & SCHEMAS.keys()
    assert of_it
    for name in of_it:
        for shape in SCHEMAS[name]:
            fields = shape["fields"]
            wanted = next(fields[each] for each in ("task_id", "taskId") if each in fields)
            assert wanted.get("required"), name
