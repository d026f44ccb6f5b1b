"""What stands in a Fluent file: its keys, the variables of each, and what cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fluent.runtime import FluentResource
from fluent.syntax import ast

_KEPT = 256
"""Files whose entries are kept: all of a house with dozens of plugins."""


@dataclass(frozen=True, slots=True)
class Text:
    """One message or term of a Fluent file; a term's key begins with a hyphen.

    `variables` are those that it is given; `selectors` those among them that choose between forms by
    number, `moments` those that are days or times; `references` keys of other messages that it contains.
    `error` says why it cannot be read.
    """

    key: str
    variables: frozenset[str] = frozenset()
    selectors: frozenset[str] = frozenset()
    moments: frozenset[str] = frozenset()
    references: frozenset[str] = frozenset()
    error: str = ""


def find_resources(directory: Path) -> Iterator[tuple[str, Path]]:
    """The Fluent files below `directory` with their languages: `<language>/*.ftl` and `<language>.ftl`."""
    for path in sorted(directory.glob("*/*.ftl")):
        yield path.parent.name, path
    for path in sorted(directory.glob("*.ftl")):
        yield path.stem, path


def find_entries(path: Path) -> Iterator[ast.Message]:
    """The messages of a file that can be read."""
    for entry, _ in read_texts(path.read_text(encoding="utf-8")):
        if isinstance(entry, ast.Message) and entry.value is not None:
            yield entry


def plural_selections(entry: ast.Message) -> Iterator[frozenset[str]]:
    """The forms of each choice by number in a message."""
    for node in _nodes(entry):
        if isinstance(node, ast.SelectExpression):
            forms = frozenset(each.key.name for each in node.variants if isinstance(each.key, ast.Identifier))
            if forms & _PLURAL_CATEGORIES:
                yield forms


def shortest(entry: ast.Message) -> str:
    """What surely stands in a message whatever its variables are."""
    return _shortest(entry.value)


def _shortest(pattern: ast.Pattern) -> str:
    parts = []
    for element in pattern.elements:
        if isinstance(element, ast.TextElement):
            parts.append(element.value)
        elif isinstance(element.expression, ast.SelectExpression):
            parts.append(min((_shortest(each.value) for each in element.expression.variants), key=len))
        elif isinstance(element.expression, ast.StringLiteral):
            parts.append(element.expression.value)
    return "".join(parts)


@lru_cache(maxsize=_KEPT)
def read_texts(source: str) -> tuple[tuple[ast.EntryType, Text], ...]:
    """Every message and term of a Fluent file, parsed and described; what cannot be read has an error.

    Parsing takes most of the time of a start and of switching a plugin on, so a file that has not changed is
    parsed once a process. Nobody may change the entries.
    """
    entries = FluentResource(source).body
    return tuple(
        (entry, _unreadable(entry) if isinstance(entry, ast.Junk) else _read(entry))
        for entry in entries
        if isinstance(entry, ast.Junk | ast.Message | ast.Term)
    )


def _unreadable(junk: ast.Junk) -> Text:
    first_line = (junk.content or "").strip().splitlines()[0]
    reason = junk.annotations[0].message if junk.annotations else "not Fluent"
    return Text(first_line.partition("=")[0].strip(), error=f"cannot be read: {reason}: mend that line")


_OF_MOMENTS = frozenset({"DAY", "CLOCK", "DATETIME"})
_PLURAL_CATEGORIES = frozenset({"zero", "one", "two", "few", "many"})


def _key_of(entry: ast.Message | ast.Term) -> str:
    """The key of a message, or of a term with its hyphen."""
    return f"-{entry.id.name}" if isinstance(entry, ast.Term) else str(entry.id.name)


def _read(entry: ast.Message | ast.Term) -> Text:
    variables: set[str] = set()
    selectors: set[str] = set()
    moments: set[str] = set()
    references: set[str] = set()
    for node in _nodes(entry):
        if isinstance(node, ast.VariableReference):
            variables.add(node.id.name)
        elif isinstance(node, ast.MessageReference):
            references.add(node.id.name)
        elif isinstance(node, ast.SelectExpression):
            selectors.update(_plural_selector(node))
        elif isinstance(node, ast.FunctionReference) and node.id.name in _OF_MOMENTS:
            given = node.arguments.positional
            moments.update(each.id.name for each in given if isinstance(each, ast.VariableReference))
    return Text(
        _key_of(entry), frozenset(variables), frozenset(selectors), frozenset(moments), frozenset(references)
    )


def _nodes(node: ast.BaseNode) -> Iterator[ast.BaseNode]:
    """`node` and everything below it."""
    yield node
    for value in vars(node).values():
        for child in value if isinstance(value, list) else (value,):
            if isinstance(child, ast.BaseNode):
                yield from _nodes(child)


def _plural_selector(select: ast.SelectExpression) -> Iterator[str]:
    """The variable whose number chooses between the forms of `select`, if it is one."""
    selector = select.selector
    if isinstance(selector, ast.FunctionReference) and selector.arguments.positional:
        selector = selector.arguments.positional[0]
    forms = {variant.key.name for variant in select.variants if isinstance(variant.key, ast.Identifier)}
    if isinstance(selector, ast.VariableReference) and forms & _PLURAL_CATEGORIES:
        yield selector.id.name
