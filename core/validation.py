"""Turns what pydantic finds wrong into sentences that name the key and what is allowed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

_OWN_WORDS = "Value error, "
_DICT_KEY = "[key]"
"""What pydantic adds to the location of a dictionary's key that is wrong itself."""


def problems_of(error: ValidationError, model: type[BaseModel], prefix: str = "") -> list[str]:
    """One sentence for each thing that is wrong, with the key behind `prefix`; never with a value."""
    return [
        f"{prefix}{_key(detail['loc'])}: {_what(detail['type'], detail['msg'], detail['loc'], model)}"
        for detail in error.errors(include_url=False, include_input=False, include_context=False)
    ]


def unknown_key(key: str, allowed: Iterable[str]) -> str:
    """Says that `key` is unknown, what it was perhaps meant to be, and which keys there are."""
    known = sorted(allowed)
    close = difflib.get_close_matches(key, known, n=1)
    hint = f", perhaps you meant {close[0]}" if close else ""
    listed = ", ".join(known) if known else "none"
    return f"unknown key{hint}; allowed: {listed}"


def _key(location: Sequence[int | str]) -> str:
    return ".".join(str(part) for part in location if part != _DICT_KEY)


def _what(kind: str, message: str, location: Sequence[int | str], model: type[BaseModel]) -> str:
    if kind == "extra_forbidden":
        return unknown_key(str(location[-1]), _fields_at(model, location[:-1]))
    if kind == "missing":
        return "must be given"
    text = message.removeprefix(_OWN_WORDS)
    return text.replace("Input should be", "must be").replace("String should", "must")


def _fields_at(model: type[BaseModel], location: Sequence[int | str]) -> tuple[str, ...]:
    here: type[BaseModel] | None = model
    for part in location:
        if here is None:
            break
        field = here.model_fields.get(str(part))
        here = _model_in(field.annotation) if field is not None else here
    return tuple(here.model_fields) if here is not None else ()


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that an annotation such as `tuple[Model, ...]` or `Model | None` is about."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        found = _model_in(argument)
        if found is not None:
            return found
    return None
