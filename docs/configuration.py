"""Writes the README's tables of settings from the classes that read them: `python -m docs.configuration`."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import AliasChoices, BaseModel, SecretStr
from pydantic.fields import FieldInfo

from core.config import Settings
from core.plugins_file import PluginsFile

README = Path(__file__).parents[1] / "README.md"
_BEGIN, _END = "<!-- settings: written by `python -m docs.configuration` -->", "<!-- end of settings -->"
_NAME = re.compile(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+(=\w+)?\b")


def main() -> None:
    """Bring the README up to date."""
    README.write_text(updated(README.read_text(encoding="utf-8")), encoding="utf-8")


def updated(text: str) -> str:
    """A text with the tables between its markers as they are now.

    Raises:
        ValueError: a marker is missing, or a setting has no words.
    """
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError("the README has lost its markers of the settings")
    return f"{before}{begin}\n\n{tables()}\n\n{end}{after}"


def tables() -> str:
    """The settings of the environment, and below them those of `plugins.toml`."""
    own = "\n".join(_row(*each) for each in _of_environment())
    shared = "\n".join(_row(*each) for each in _of_plugins_file())
    return (
        f"In the environment or in `.env`:\n\n| name | default | what it is |\n|---|---|---|\n{own}\n\n"
        f"In `plugins.toml`, beside the tables of plugins, providers and prices:\n\n"
        f"| table and key | default | what it is |\n|---|---|---|\n{shared}"
    )


def _row(name: str, default: str, words: str) -> str:
    return f"| {name} | {default} | {words.replace('|', '&#124;')} |"


def _of_environment() -> Iterator[tuple[str, str, str]]:
    for field, info in Settings.model_fields.items():
        names = info.validation_alias
        shown = [str(each) for each in names.choices] if isinstance(names, AliasChoices) else [field]
        first, *others = (f"`{name}`" for name in shown)
        also = f" Also called {', '.join(others)}." if others else ""
        yield first, _default(info), f"{words_of(Settings, field)}{also}"


def _of_plugins_file() -> Iterator[tuple[str, str, str]]:
    for name, table in get_type_hints(PluginsFile).items():
        if isinstance(table, type) and issubclass(table, BaseModel):
            yield from _of_table(name, table)


def _of_table(name: str, table: type[BaseModel]) -> Iterator[tuple[str, str, str]]:
    for field, info in table.model_fields.items():
        inner = info.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _of_table(f"{name}.{field}", inner)
        else:
            yield f"`[{name}]` `{field}`", _default(info), words_of(table, field)


def _default(info: FieldInfo) -> str:
    value: Any = info.get_default(call_default_factory=True)
    if value is None or value in ((), {}, ""):
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, SecretStr):
        raise ValueError("a secret has no default")
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, float | Decimal):
        return f"{value:f}".rstrip("0").rstrip(".") if value % 1 else str(int(value))
    return str(value) if isinstance(value, int) else f"`{value}`"


def words_of(table: type[BaseModel], field: str) -> str:
    """What the code says of a setting, in one line.

    Raises:
        ValueError: it says nothing.
    """
    for each in table.__mro__:
        words = _docstrings(each).get(field) if field in getattr(each, "__annotations__", {}) else None
        if words:
            # Every second part stands in quotes already.
            parts = words.split("`")
            return "`".join(part if place % 2 else _marked(part) for place, part in enumerate(parts))
    raise ValueError(f"{table.__name__}.{field} has no docstring, which is what the README says of it")


def _marked(words: str) -> str:
    """Names of settings as code."""
    return _NAME.sub(r"`\g<0>`", words)


@lru_cache
def _docstrings(table: type) -> dict[str, str]:
    """The strings that stand below the fields of a class."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(table))).body
    found: dict[str, str] = {}
    lines = definition.body if isinstance(definition, ast.ClassDef) else []
    for field, below in pairwise(lines):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
        ):
            value = ast.literal_eval(below.value)
            found[field.target.id] = " ".join(str(value).split())
    return found


if __name__ == "__main__":
    main()
