"""Every text of the core, the built-in plugins and providers: in every language, whole, and used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor
from structlog.testing import capture_logs

from core.fluent_texts import find_resources
from core.i18n import CORE, I18n, LocaleProblem

ROOT = Path(__file__).parents[1]
LANGUAGES = ("en", "ru")
FORMS = {"en": {"one", "other"}, "ru": {"one", "few", "many", "other"}}
SAME_FORM = {"en": ((1,), (2, 5, 11, 21, 22, 25, 1.5)), "ru": ((1, 21), (2, 22), (5, 11, 25), (1.5,))}
SPEAKING = {"say", "t", "plain", "Refusal", "Alert", "UserFacingError", "_tell_admins", "has"}
"""What is called with a text's key first; `raise` of an error with a key of its own is found by its class."""
KEY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class Owned:
    """All bundles, and everything wrong with them."""

    def __init__(self) -> None:
        self.i18n = I18n()
        self.problems: list[LocaleProblem] = list(self.i18n.add(CORE, ROOT / "locales"))
        for folder in owners():
            self.problems += self.i18n.add(folder.name, folder / "locales")


def owners() -> list[Path]:
    return sorted(
        path.parent for kind in ("plugins", "providers") for path in (ROOT / kind).glob("*/locales")
    )


@cache
def owned() -> Owned:
    return Owned()


def test_every_key_is_in_every_language_with_equal_variables() -> None:
    assert owned().i18n.languages() == LANGUAGES
    assert [str(problem) for problem in (*owned().problems, *owned().i18n.compare())] == []


def all_texts() -> Iterator[tuple[str, str]]:
    for language in LANGUAGES:
        for key in owned().i18n.keys(language):
            yield language, key


@pytest.mark.parametrize(("language", "key"), list(all_texts()))
def test_every_text_can_be_said(language: str, key: str) -> None:
    text = owned().i18n.keys(language)[key]
    variables = {**dict.fromkeys(text.variables, "x"), **dict.fromkeys(text.selectors, 7)}
    with capture_logs() as logs:
        said = owned().i18n.translator(language)(key, **variables)
    assert logs == []
    assert said.strip()
    assert "{" not in said


class Selects(Visitor):
    """The plural selections of a text."""

    def __init__(self) -> None:
        self.found: list[set[str]] = []
        self.exact = False

    def visit_SelectExpression(self, node: ftl.SelectExpression) -> None:
        names = {variant.key.name for variant in node.variants if isinstance(variant.key, ftl.Identifier)}
        self.exact |= any(isinstance(variant.key, ftl.NumberLiteral) for variant in node.variants)
        if names & {"one", "few", "many"}:
            self.found.append(names)
        self.generic_visit(node)


@cache
def selects() -> dict[tuple[str, str], Selects]:
    found = {}
    for folder in (ROOT / "locales", *(owner / "locales" for owner in owners())):
        for language, path in find_resources(folder):
            for entry in FluentParser().parse(path.read_text(encoding="utf-8")).body:
                if isinstance(entry, ftl.Message):
                    visitor = Selects()
                    visitor.visit(entry)
                    if visitor.found:
                        found[language, entry.id.name] = visitor
    return found


def test_there_are_plurals() -> None:
    assert {language for language, _ in selects()} == set(LANGUAGES)


@pytest.mark.parametrize(("language", "key"), sorted(selects()))
def test_plurals_have_all_forms_and_numbers_find_theirs(language: str, key: str) -> None:
    for forms in selects()[language, key].found:
        assert forms == FORMS[language]
    if selects()[language, key].exact:
        return
    text = owned().i18n.keys(language)[key]
    t = owned().i18n.translator(language)
    for numbers in SAME_FORM[language]:
        said = {
            t(key, **{**dict.fromkeys(text.variables, "x"), **dict.fromkeys(text.selectors, number)}).replace(
                str(number).replace(".", "," if language == "ru" else "."), "#"
            )
            for number in numbers
        }
        assert len(said) == 1, said


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for folder in ("core", "plugins", "providers", "starloom"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_every_key_used_in_code_has_a_text() -> None:
    known = owned().i18n.keys("en")
    missing = [
        f"{path.relative_to(ROOT)}:{line} {key}"
        for path, tree in sources()
        for line, key in keys_said(tree)
        if key not in known
    ]
    assert missing == []


def keys_said(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The keys that stand first in calls that speak, and the descriptions of commands."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        spoken = [node.args[0]] if name in SPEAKING and node.args else []
        spoken += [word.value for word in node.keywords if name == "command" and word.arg == "description"]
        for argument in spoken:
            yield from ((node.lineno, key) for key in constants(argument))


def constants(node: ast.expr) -> Iterator[str]:
    """The strings that an expression may be: itself, or either branch of a condition."""
    if isinstance(node, ast.IfExp):
        yield from constants(node.body)
        yield from constants(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and KEY.fullmatch(node.value):
        yield node.value


def test_every_text_is_used() -> None:
    mentioned: set[str] = set()
    patterns: list[re.Pattern[str]] = []
    for _, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                mentioned.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
                if isinstance(parts[0], str) and KEY.fullmatch(parts[0].rstrip("-")):
                    patterns.append(
                        re.compile("".join(".+" if part is None else re.escape(str(part)) for part in parts))
                    )
    i18n = owned().i18n
    texts = i18n.keys("en")
    mentioned |= {reference for text in texts.values() for reference in text.references}
    unused = [
        key
        for key in texts
        if key not in mentioned and not any(pattern.fullmatch(key) for pattern in patterns)
    ]
    assert unused == []
