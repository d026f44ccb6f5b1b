"""As much of JSON Schema as the schemas of models use; a keyword that is not known fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}
_TOLD = {"$schema", "format", "default"}


def problems(schema: Mapping[str, Any], value: Any, at: str = "") -> Iterator[str]:
    """Everything in which `value` is not what the schema says."""
    for keyword, rule in schema.items():
        if keyword not in _TOLD:
            for problem in _CHECKS[keyword](rule, value, schema):
                yield f"{at}: {problem}"
    if isinstance(value, dict):
        for name, each in schema.get("properties", {}).items():
            if name in value:
                yield from problems(each, value[name], f"{at}/{name}")
    if isinstance(value, list) and "items" in schema:
        for number, each in enumerate(value):
            yield from problems(schema["items"], each, f"{at}/{number}")


def fits(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether there are none."""
    return not any(problems(schema, value))


def _type(rule: str, value: Any, _: Mapping[str, Any]) -> Iterator[str]:
    wrong_bool = isinstance(value, bool) and rule != "boolean"
    if wrong_bool or not isinstance(value, _TYPES[rule]):
        yield f"{value!r} is no {rule}"


def _same(first: Any, second: Any) -> bool:
    return first == second and isinstance(first, bool) == isinstance(second, bool)


def _enum(rule: list[Any], value: Any, _: Mapping[str, Any]) -> Iterator[str]:
    if not any(_same(each, value) for each in rule):
        yield f"{value!r} is none of {rule}"


def _const(rule: Any, value: Any, schema: Mapping[str, Any]) -> Iterator[str]:
    yield from _enum([rule], value, schema)


def _minimum(rule: float, value: Any, _: Mapping[str, Any]) -> Iterator[str]:
    if value < rule:
        yield f"{value} is below {rule}"


def _maximum(rule: float, value: Any, _: Mapping[str, Any]) -> Iterator[str]:
    if value > rule:
        yield f"{value} is above {rule}"


def _least(rule: int, value: Any, _: Mapping[str, Any]) -> Iterator[str]:
    if len(value) < rule:
        yield f"shorter than {rule}"


def _most(rule: int, value: Any, _: Mapping[str, Any]) -> Iterator[str]:
    if len(value) > rule:
        yield f"longer than {rule}"


def _required(rule: list[str], value: Any, _: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{name} is missing" for name in rule if name not in value)


def _additional(rule: bool, value: Any, schema: Mapping[str, Any]) -> Iterator[str]:
    assert rule is False
    yield from (f"{name} is not known" for name in value if name not in schema["properties"])


def _all(rule: list[Any], value: Any, _: Mapping[str, Any]) -> Iterator[str]:
    for each in rule:
        yield from problems(each, value)


def _any(rule: list[Any], value: Any, _: Mapping[str, Any]) -> Iterator[str]:
    if not any(fits(each, value) for each in rule):
        yield f"none of {rule}"


def _not(rule: Any, value: Any, _: Mapping[str, Any]) -> Iterator[str]:
    if fits(rule, value):
        yield f"is {rule}"


def _nothing(*_: Any) -> Iterator[str]:
    yield from ()


_CHECKS: Mapping[str, Any] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "minimum": _minimum,
    "maximum": _maximum,
    "minLength": _least,
    "maxLength": _most,
    "minItems": _least,
    "maxItems": _most,
    "required": _required,
    "additionalProperties": _additional,
    "allOf": _all,
    "anyOf": _any,
    "not": _not,
    "properties": _nothing,
    "items": _nothing,
}
