"""Fills JSON that has `{names}` in it: requests that are not just the inputs by their names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_NAME = re.compile(r"\{([A-Za-z0-9_]+)\}")
_MISSING = object()


def fill(template: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The template with `values` in place of their names.

    A text that is just one `{name}` becomes the value as it is, with its JSON type. What names something that
    has no value is left out, and so is what is empty because of that.
    """
    filled = _filled(template, values)
    return filled if isinstance(filled, dict) else {}


def names_in(template: Any) -> frozenset[str]:
    """The names that stand in a template."""
    if isinstance(template, str):
        return frozenset(_NAME.findall(template))
    if not isinstance(template, Mapping | list):
        return frozenset()
    parts = template.values() if isinstance(template, Mapping) else template
    return frozenset().union(*map(names_in, parts))


def _filled(template: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(template, str):
        return _filled_text(template, values)
    if isinstance(template, Mapping):
        pairs = {name: _filled(each, values) for name, each in template.items()}
        return {name: each for name, each in pairs.items() if each is not _MISSING} or _MISSING
    if isinstance(template, list):
        parts = (_filled(part, values) for part in template)
        return [each for each in parts if each is not _MISSING] or _MISSING
    return template


def _filled_text(text: str, values: Mapping[str, Any]) -> Any:
    names = _NAME.findall(text)
    if any(name not in values for name in names):
        return _MISSING
    whole = _NAME.fullmatch(text)
    return values[whole[1]] if whole else _NAME.sub(lambda found: str(values[found[1]]), text)
