"""What is wrong with texts, told before anybody reads them: `python run.py locales check` and the tests.

A text may be missing in a language, hold other variables there, lack the forms that the language counts in,
be too long for a button, or be of no use to anybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from babel import Locale, UnknownLocaleError
from fluent.syntax import ast, serialize

from core.fluent_texts import find_entries, find_resources, plural_selections, shortest
from core.i18n import CORE, I18n
from core.locale_problems import LocaleProblem
from core.locale_usage import Usage, read_usage

BUTTON_LENGTH = 40
"""Characters of a button that a phone shows."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose texts are checked: the core's, a plugin's, a provider's. `code` are the folders that say them."""

    name: str
    locales: Path
    code: tuple[Path, ...] = ()


class LocaleCheck:
    """All texts of some owners, the core's first, and what can be told about them."""

    def __init__(self, owners: Sequence[Owner], *, fallback: str = "en") -> None:
        self._owners = owners
        self.i18n = I18n(fallback)
        self._problems = [problem for owner in owners for problem in self.i18n.add(owner.name, owner.locales)]
        self.usage: Usage = read_usage(folder for owner in owners for folder in owner.code)

    def problems(self) -> list[LocaleProblem]:
        """Everything that is wrong, each thing once."""
        found = [*self._problems, *self.i18n.compare()]
        for owner in self._owners:
            found += self._of_entries(owner)
        return list(dict.fromkeys([*found, *self._of_code()]))

    def missing(self, language: str) -> Mapping[str, str]:
        """What somebody who translates into `language` has to write: Fluent source by owner.

        The texts are those of the fallback language, to be put in the place of.
        """
        found: dict[str, str] = {}
        for owner in self._owners:
            there = {entry.id.name for entry in _entries(owner, language)}
            lacking = [entry for entry in _entries(owner, self.i18n.fallback) if entry.id.name not in there]
            if lacking:
                found[owner.name] = serialize(ast.Resource(body=lacking))
        return found

    def _of_entries(self, owner: Owner) -> Iterator[LocaleProblem]:
        for language, path in find_resources(owner.locales):
            forms = plural_forms(language)
            for entry in find_entries(path):
                key = entry.id.name
                for selected in plural_selections(entry):
                    what = _forms_problem(selected, forms)
                    if what:
                        yield LocaleProblem(owner.name, language, key, what)
                if key in self.usage.buttons and (length := len(shortest(entry))) > BUTTON_LENGTH:
                    what = f"a button has {BUTTON_LENGTH} characters, this has at least {length}"
                    yield LocaleProblem(owner.name, language, key, what)

    def _of_code(self) -> Iterator[LocaleProblem]:
        fallback = self.i18n.fallback
        texts = self.i18n.keys(fallback)
        for key, where in self.usage.said:
            if key not in texts:
                yield LocaleProblem(CORE, fallback, key, f"{where} says it, and there is no such text")
        for key in self.usage.unused(texts):
            yield LocaleProblem(self.i18n.owner_of(key) or CORE, fallback, key, "nothing in the code says it")


def plural_forms(language: str) -> frozenset[str]:
    """The forms in which a language counts, such as `one`, `few`, `many` and `other`; empty if unknown."""
    try:
        locale = Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return frozenset()
    return frozenset({*locale.plural_form.tags, "other"})


def _forms_problem(there: frozenset[str], wanted: frozenset[str]) -> str:
    if not wanted or there == wanted:
        return ""
    lacking, strange = ", ".join(sorted(wanted - there)), ", ".join(sorted(there - wanted))
    parts = [
        f"forms are missing: {lacking}" if lacking else "",
        f"no such forms: {strange}" if strange else "",
    ]
    return "; ".join(part for part in parts if part)


def _entries(owner: Owner, language: str) -> Iterator[ast.Message]:
    for found, path in find_resources(owner.locales):
        if found == language:
            yield from find_entries(path)
