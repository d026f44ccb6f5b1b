"""Names of `starloom.api` that are going: each warns for a minor version, and names what to take instead."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Deprecation:
    """A name that is going. `target` is what it still stands for, as `module:name`.

    `since` is the minor version of the API that first warned of it, `goes` the major one that has it no more.
    """

    target: str
    instead: str
    since: str
    goes: str


DEPRECATED: dict[str, Deprecation] = {}
"""By name. None is going at present."""


def deprecated(name: str, known: Mapping[str, Deprecation] = DEPRECATED) -> Any:
    """What a name that is going stands for, with a warning to whoever still asks for it.

    Raises:
        AttributeError: there is no such name.

    """
    if name not in known:
        raise AttributeError(f"starloom.api has no {name}; its names stand in docs/api.md")
    going = known[name]
    warnings.warn(
        f"starloom.api.{name} is deprecated since API {going.since} and goes with {going.goes}: "
        f"use {going.instead}",
        DeprecationWarning,
        stacklevel=3,
    )
    module, _, attribute = going.target.partition(":")
    return getattr(importlib.import_module(module), attribute)
