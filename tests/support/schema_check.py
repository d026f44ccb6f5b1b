"""Checks JSON against the few words of JSON Schema that providers' documentation comes down to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_PROVIDERS = Path(__file__).parent.parent / "providers"

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
}

_ADDRESSES = {"uri": ("https://", "http://", "data:"), "link": ("https://", "http://")}
"""How addresses begin, by format; a link is one that everybody can fetch."""


def schemas_of(provider: str) -> dict[str, Any]:
    """What a provider's API takes, by what it calls the model, as its documentation had it."""
    schemas: dict[str, Any] = json.loads((_PROVIDERS / provider / "schemas.json").read_text(encoding="utf-8"))
    return schemas


def problems_of(schema: Mapping[str, Any], value: Mapping[str, Any]) -> list[str]:
    """What is wrong with an object: fields that are missing, not known, or not as they should be."""
    properties = schema["properties"]
    found = [f"{name} is required" for name in schema["required"] if name not in value]
    found += [f"{name} is not known" for name in value if name not in properties]
    for name, given in value.items():
        found += [f"{name} {wrong}" for wrong in _wrong(properties.get(name, {}), given)]
    return found


def _wrong(rule: Mapping[str, Any], value: Any) -> list[str]:
    kind = rule.get("type")
    if kind and (not isinstance(value, _TYPES[kind]) or (kind != "boolean" and isinstance(value, bool))):
        return [f"is no {kind}"]
    found = []
    if "enum" in rule and value not in rule["enum"]:
        found.append("is not among its values")
    if not rule.get("minimum", value) <= value <= rule.get("maximum", value):
        found.append("is out of range")
    if isinstance(value, str) and len(value) > rule.get("maxLength", len(value)):
        found.append("is too long")
    if "format" in rule and not value.startswith(_ADDRESSES[rule["format"]]):
        found.append("is no address")
    if isinstance(value, list) and len(value) > rule.get("maxItems", len(value)):
        found.append("is too long")
    for item in value if isinstance(value, list) else ():
        found += _wrong(rule.get("items", {}), item)
    return found
