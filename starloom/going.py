"""Finds all that is going from the API: names, members of classes, arguments, hooks and what they take."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from core.deprecation import Going, going_arguments, going_of
from core.hooks import KINDS, HookSpecifications
from starloom.deprecations import DEPRECATED, Deprecation


def goings(
    names: Mapping[str, Any],
    known: Mapping[str, Deprecation] = DEPRECATED,
    specifications: type = HookSpecifications,
) -> dict[Going, Collection[str]]:
    """All that is going, each with the names of what may take its place.

    `names` are the API's, and what is reached through them, with their values.

    Raises:
        ValueError: something is marked with words that do not say what they must.

    """
    members = {
        f"{name}.{member}"
        for name, value in names.items()
        for member in (*_public(value), *getattr(value, "__annotations__", ()))
    }
    there = {*names, *members}
    # While the API has the name itself, nobody who asks for it is warned.
    found: dict[Going, Collection[str]] = {
        going.going(name): () if name in names else there for name, going in known.items()
    }
    for name, value in names.items():
        for _, member in [(name, value), *_public(value).items()]:
            found |= _marked(member, there)
    for hook in KINDS.keys() & vars(specifications).keys():
        marked = _marked(getattr(specifications, hook), KINDS.keys())
        found |= {replace(going, what=told(hook, going)): places for going, places in marked.items()}
    return found


def told(hook: str, going: Going) -> str:
    """How a hook, or what it takes, is called."""
    return f"hook {hook}{going.what[going.what.index('(') :] if '(' in going.what else ''}"


def _marked(value: Any, there: Collection[str]) -> dict[Going, Collection[str]]:
    whole = going_of(value)
    found: dict[Going, Collection[str]] = {} if whole is None else {whole: there}
    for going in going_arguments(value).values():
        found[going] = {*there, *inspect.signature(getattr(value, "__func__", value)).parameters}
    return found


def _public(value: Any) -> dict[str, Any]:
    """What a class itself has for everybody, and how it is made."""
    return dict(_members(value)) if isinstance(value, type) else {}


def _members(value: type) -> Iterator[tuple[str, Any]]:
    for name, member in vars(value).items():
        if not name.startswith("_") or name == "__init__":
            yield name, member
