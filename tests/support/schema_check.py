"""What providers' APIs take, as their documentation had it: snapshots beside the tests of each provider."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from support.json_schema import problems

_PROVIDERS = Path(__file__).parent.parent / "providers"
_ADDRESSES = {"uri": ("https://", "http://", "data:"), "link": ("https://", "http://")}
"""How addresses begin, by format; a link is one that everybody can fetch."""


def schemas_of(provider: str) -> dict[str, Any]:
    """Schemas of objects, by what the provider calls the model or the kind of task."""
    schemas: dict[str, Any] = json.loads((_PROVIDERS / provider / "schemas.json").read_text(encoding="utf-8"))
    return schemas


def problems_of(schema: Mapping[str, Any], value: Mapping[str, Any]) -> list[str]:
    """What is wrong with an object: fields that are missing, not known, or not as they should be."""
    whole = {
        "type": "object",
        "additionalProperties": False,
        "required": schema["required"],
        "properties": schema["properties"],
    }
    return [*problems(whole, value), *_no_addresses(whole, value)]


def _no_addresses(schema: Mapping[str, Any], value: Any) -> Iterator[str]:
    """Texts that are no address where the schema's format asks for one, which the schema's check leaves."""
    begins = _ADDRESSES.get(schema.get("format", ""))
    if begins is not None and not str(value).startswith(begins):
        yield f"{value!r} is no {schema['format']}"
    for name, rule in schema.get("properties", {}).items():
        if name in value:
            yield from _no_addresses(rule, value[name])
    for each in value if isinstance(value, list) else ():
        yield from _no_addresses(schema.get("items", {}), each)
