"""Every text of the core, the built-in plugins and providers: in every language, whole, and used."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor
from structlog.testing import capture_logs

from core.fluent_texts import Text, find_resources, read_texts
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


EITHER = pytest.mark.parametrize("language", LANGUAGES)


@EITHER
def test_every_text_can_be_said(language: str) -> None:
    t = owned().i18n.translator(language)
    for key, text in owned().i18n.keys(language).items():
        variables = {
            **dict.fromkeys(text.variables, "x"),
            **dict.fromkeys(text.selectors, 7),
            **dict.fromkeys(text.moments, datetime(2026, 11, 21, 12, 30, tzinfo=UTC)),
        }
        with capture_logs() as logs:
            said = t(key, **variables)
        assert logs == [], key
        assert said.strip(), key
        assert "{" not in said, key


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


def plurals(language: str) -> Iterator[Text]:
    """Texts with plural forms and no others: one that names a number itself says what it likes of it."""
    for folder in (ROOT / "locales", *(owner / "locales" for owner in owners())):
        for spoken, path in find_resources(folder):
            for entry, text in read_texts(path.read_text(encoding="utf-8")):
                if spoken == language and isinstance(entry, ftl.Message) and text.selectors:
                    visitor = Selects()
                    visitor.visit(entry)
                    if visitor.found and not visitor.exact:
                        yield text


@EITHER
def test_numbers_find_their_forms(language: str) -> None:
    t = owned().i18n.translator(language)
    found = list(plurals(language))
    assert len(found) > 20
    for text, numbers in itertools.product(found, SAME_FORM[language]):
        said = {
            t(
                text.key, **{**dict.fromkeys(text.variables, "x"), **dict.fromkeys(text.selectors, number)}
            ).replace(str(number).replace(".", "," if language == "ru" else "."), "#")
            for number in numbers
        }
        assert len(said) == 1, said
