"""Names of `starloom.api` that are going: each warns for a minor version, and names what to take instead."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from packaging.version import Version


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


def mistakes(
    names: Collection[str], version: str, known: Mapping[str, Deprecation] = DEPRECATED
) -> list[str]:
    """What is wrong with names that are going, by the `names` and the `version` of the API as it is.

    A name may go with the next major version at the earliest, after it has warned in a minor one, and what
    takes its place must be there.
    """
    now, found = Version(version), []
    for name, going in known.items():
        since, goes = Version(going.since), Version(going.goes)
        if since > now:
            found.append(f"{name} warns since {since}, which is not there yet")
        if goes.major <= since.major or goes != Version(f"{goes.major}.0"):
            found.append(f"{name} may go with {since.major + 1}.0 at the earliest, not with {goes}")
        if now >= goes:
            found.append(f"{name} was to be gone with {goes}: delete it")
        if going.instead.partition(".")[0] not in names or name in names:
            found.append(f"{name} is to be replaced by a name that is there, not by {going.instead}")
    return found


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
