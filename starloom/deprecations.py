"""Names of `starloom.api` that are going: each warns for a minor version, and names what to take instead.

What is going of classes, functions and hooks is marked where it stands (`core.deprecation`).
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from packaging.version import Version

from core.deprecation import Going


@dataclass(frozen=True, slots=True)
class Deprecation:
    """A name that is going. `target` is what it still stands for, as `module:name`; see `Going`."""

    target: str
    instead: str
    since: str
    goes: str

    def going(self, name: str) -> Going:
        """What is told of it."""
        return Going(f"starloom.api.{name}", self.instead, self.since, self.goes)


DEPRECATED: dict[str, Deprecation] = {}
"""By name. None is going at present."""


def mistakes(version: str, goings: Mapping[Going, Collection[str]]) -> list[str]:
    """What is wrong with all that is going, by the `version` of the API as it is.

    It may go with the next major version at the earliest, after it has warned in a minor one. What takes its
    place must be there, among what `goings` has for it.
    """
    now, found = Version(version), []
    for going, places in goings.items():
        since, goes = Version(going.since), Version(going.goes)
        if since > now:
            found.append(f"{going.what} warns since {since}, which is not there yet")
        if goes.major <= since.major or goes != Version(f"{goes.major}.0"):
            found.append(f"{going.what} may go with {since.major + 1}.0 at the earliest, not with {goes}")
        if now >= goes:
            found.append(f"{going.what} was to be gone with {goes}: delete it")
        if going.instead not in places:
            found.append(f"{going.what} is to be replaced by what is there, not by {going.instead}")
    return found


def deprecated(name: str, known: Mapping[str, Deprecation] = DEPRECATED) -> Any:
    """What a name that is going stands for, with a warning to whoever still asks for it.

    Raises:
        AttributeError: there is no such name.

    """
    if name not in known:
        raise AttributeError(f"starloom.api has no {name}; its names stand in docs/api.md")
    warnings.warn(str(known[name].going(name)), DeprecationWarning, stacklevel=3)
    module, _, attribute = known[name].target.partition(":")
    return getattr(importlib.import_module(module), attribute)
