"""Every text of the core, the built-in plugins and providers: in every language, whole, and used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor
from structlog.testing import capture_logs

from core.fluent_texts import find_resources
from core.i18n import CORE
from core.locale_check import LocaleCheck, Owner

ROOT = Path(__file__).parents[1]
LANGUAGES = ("en", "ru")
SAME_FORM = {"en": ((1,), (2, 5, 11, 21, 22, 25, 1.5)), "ru": ((1, 21), (2, 22), (5, 11, 25), (1.5,))}


def owners() -> list[Path]:
    return sorted(path.parent for kind in ("plugins", "providers") for path in (ROOT / kind).glob("*/*.py"))


@cache
def owned() -> LocaleCheck:
    """All bundles, and the code that speaks them, as `locales check` reads them."""
    folders = dict.fromkeys(owners())
    core = Owner(CORE, ROOT / "locales", (ROOT / "core", ROOT / "starloom"))
    return LocaleCheck([core, *(Owner(each.name, each / "locales", (each,)) for each in folders)])


def test_nothing_is_wrong_with_any_text() -> None:
    assert owned().i18n.languages() == LANGUAGES
    assert [str(problem) for problem in owned().problems()] == []


def all_texts() -> Iterator[tuple[str, str]]:
    for language in LANGUAGES:
        for key in owned().i18n.keys(language):
            yield language, key


@pytest.mark.parametrize(("language", "key"), list(all_texts()))
def test_every_text_can_be_said(language: str, key: str) -> None:
    text = owned().i18n.keys(language)[key]
    variables = {
        **dict.fromkeys(text.variables, "x"),
        **dict.fromkeys(text.selectors, 7),
        **dict.fromkeys(text.moments, datetime(2026, 11, 21, 12, 30, tzinfo=UTC)),
    }
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
def test_numbers_find_their_forms(language: str, key: str) -> None:
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
