"""Writes what a plugins.toml says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def as_toml(table: Mapping[str, Any], path: tuple[str, ...] = ()) -> str:
    """A table of tables and plain values as TOML."""
    plain = {name: value for name, value in table.items() if not isinstance(value, Mapping)}
    # A string, a number or a list of them is written in JSON as it is in TOML.
    lines = [f"[{'.'.join(path)}]"] if path else []
    lines += [f"{name} = {json.dumps(value)}" for name, value in plain.items()]
    tables = [as_toml(value, (*path, name)) for name, value in table.items() if name not in plain]
    return "\n".join([*lines, "", *tables])
