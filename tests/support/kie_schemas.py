"""Checks request bodies against the schemas that Kie.ai documents, which stand beside its tests."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parents[1] / "providers" / "kie" / "schemas.json"
_PATHS = {
    "veo": "/api/v1/veo/generate",
    "veo-extend": "/api/v1/veo/extend",
    "flux-kontext": "/api/v1/flux/kontext/generate",
}
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


@cache
def _schemas() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return read


def problems(api: str, model: str, body: Mapping[str, Any]) -> list[str]:
    """What is wrong with the body of a new task; of several shapes it has to fit one."""
    if api != "jobs":
        return _misfit(_schemas()["paths"][_PATHS[api]], body)
    shapes = _schemas()["jobs"].get(model)
    if shapes is None:
        return [f"The model name you specified is not supported: {model}"]
    found = [f"{name} is not known" for name in body.keys() - {"model", "input", "callBackUrl"}]
    if not isinstance(body.get("input"), dict):
        return [*found, "input is required"]
    return found + _misfit(shapes, body["input"])


def _misfit(shapes: list[dict[str, Any]], given: Mapping[str, Any]) -> list[str]:
    found = [list(_of_object(shape["fields"], given)) for shape in shapes]
    return min(found, key=len)


def _of_object(fields: Mapping[str, Any], given: Mapping[str, Any], place: str = "") -> Iterator[str]:
    for name in given.keys() - fields.keys():
        yield f"{place}{name} is not known"
    for name, field in fields.items():
        if name in given:
            yield from _of_value(field, given[name], place + name)
        elif field.get("required"):
            yield f"{place}{name}: This field is required"


def _of_value(field: Mapping[str, Any], value: Any, place: str) -> Iterator[str]:
    kind = field["type"]
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        yield f"{place} is no {kind}"
        return
    if value in field.get("also", ()):
        return
    if "enum" in field and value not in field["enum"]:
        yield f"{place} is none of its values"
    size = value if kind in ("integer", "number") else len(value) if kind in ("string", "array") else 0
    for least, most in (("minimum", "maximum"), ("min_length", "max_length"), ("min_items", "max_items")):
        if not field.get(least, size) <= size <= field.get(most, size):
            yield f"{place} is not within its range"
    if kind == "array" and "items" in field:
        for number, item in enumerate(value):
            yield from _of_value(field["items"], item, f"{place}.{number}")
    if kind == "object" and isinstance(field.get("fields"), dict):
        yield from _of_object(field["fields"], value, f"{place}.")
