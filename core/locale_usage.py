"""Which texts code speaks of, read from the code without running it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.fluent_texts import Text

_SPEAKING = frozenset({"say", "t", "plain", "Refusal", "Alert", "UserFacingError", "_tell_admins", "has"})
"""What is called with a text's key first."""
_BUTTON = "Button"
_KEY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_VALUES = ("option-", "value-", "media-role-", "unknown-command-", "help-of-")
"""How keys begin that are made from what stands in data: options, their values, commands, plugins."""


@dataclass(slots=True)
class Usage:
    """What the code of somebody mentions: strings that may be keys, and patterns of keys made at run time."""

    said: list[tuple[str, str]] = field(default_factory=list)
    """Keys that are surely said, each with the file and the line where."""
    mentioned: set[str] = field(default_factory=set)
    patterns: list[re.Pattern[str]] = field(default_factory=list)
    buttons: set[str] = field(default_factory=set)
    """Keys that are surely the labels of buttons."""

    def unused(self, texts: Mapping[str, Text]) -> list[str]:
        """The keys that nothing here speaks of."""
        mentioned = self.mentioned | {name for text in texts.values() for name in text.references}
        return [key for key in texts if key not in mentioned and not self._may_be_made(key)]

    def _may_be_made(self, key: str) -> bool:
        return key.startswith(_VALUES) or any(pattern.fullmatch(key) for pattern in self.patterns)


def read_usage(folders: Iterable[Path]) -> Usage:
    """Read all Python files below the folders, those of tests left out."""
    usage = Usage()
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            if not path.name.startswith("test_"):
                _read(usage, path, folder)
    return usage


def _read(usage: Usage, path: Path, folder: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            usage.mentioned.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            usage.patterns.extend(_pattern(node))
        elif isinstance(node, ast.Call):
            where = f"{folder.name}/{path.relative_to(folder)}:{node.lineno}"
            usage.said.extend((key, where) for key in _said(node))
            if _name(node) == _BUTTON and node.args:
                label = node.args[0]
                usage.buttons.update(key for call in ast.walk(label) for key in _said(call))


def _name(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _said(node: ast.AST) -> Iterator[str]:
    """The key that stands first in a call that speaks, and the description of a command."""
    if not isinstance(node, ast.Call):
        return
    name = _name(node)
    spoken = [node.args[0]] if name in _SPEAKING and node.args else []
    spoken += [word.value for word in node.keywords if name == "command" and word.arg == "description"]
    for argument in spoken:
        yield from _constants(argument)


def _constants(node: ast.expr) -> Iterator[str]:
    """The strings that an expression may be: itself, or either branch of a condition."""
    if isinstance(node, ast.IfExp):
        yield from _constants(node.body)
        yield from _constants(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _KEY.fullmatch(node.value):
        yield node.value


def _pattern(node: ast.JoinedStr) -> Iterator[re.Pattern[str]]:
    """The keys that a string made at run time may be, if it looks like one."""
    parts = [str(part.value) if isinstance(part, ast.Constant) else None for part in node.values]
    if parts and parts[0] is not None and _KEY.fullmatch(parts[0].rstrip("-")):
        yield re.compile("".join(".+" if part is None else re.escape(part) for part in parts))
