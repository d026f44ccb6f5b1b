"""Texts: Fluent bundles of the core, of each plugin, and the operator's overrides.

A key belongs to one owner. Every language holds every key with the same variables; `compare` says where
that is not so. A text that is missing in a language is shown in the fallback language.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from pathlib import Path

import structlog
from fluent.runtime import FluentBundle, FluentResource
from fluent.runtime.types import FluentType, fluent_number
from fluent.syntax import ast

from core.fluent_functions import functions_for
from core.fluent_texts import Text, find_resources, read_texts
from core.locale_problems import LocaleProblem, advice, differences

_log = structlog.stdlib.get_logger(__name__)

CORE = "core"
"""The owner of the texts in `locales/`."""
OVERRIDES = "overrides"
"""The owner of the operator's own words; they win over everybody's."""
LANGUAGE_NAME = "language-name"
"""The key under which each language tells its own name."""

_LONGEST_PART = 2000
"""Fluent refuses a variable of more than 2,500 characters; longer ones are put in afterwards."""
_PLACE = "\ue000{}\ue001"
_PLACED = re.compile("\ue000(\\d+)\ue001")


class Html(str):
    """Text that is HTML already: as a variable of another text it is not escaped again."""

    __slots__ = ()


def core_locales() -> Path:
    """The folder of the core's texts: beside the code in a checkout, inside the package when installed."""
    package = Path(__file__).parent
    packaged = package / "_locales"
    return packaged if packaged.is_dir() else package.parent / "locales"


def with_places(value: Decimal, places: int) -> object:
    """`value` as a variable that every language writes with so many decimal places."""
    return fluent_number(value, minimumFractionDigits=places, maximumFractionDigits=places)


class Translator:
    """Speaks one language. Call it with a key and the message's variables.

    Strings among the variables are escaped for HTML, numbers and days are written as the language writes
    them, moments are told by a clock that is `time_zone` ahead of UTC. A key that nobody has is answered with
    the key itself, and logged.
    """

    __slots__ = ("_i18n", "_zone", "language")

    def __init__(self, i18n: I18n, language: str, time_zone: timedelta = timedelta(0)) -> None:
        self._i18n = i18n
        self._zone = timezone(time_zone)
        self.language = language

    def __call__(self, key: str, /, **variables: object) -> Html:
        """The text of `key` as HTML."""
        return Html(self._i18n.format(self.language, key, self._here(variables), escape=True))

    def plain(self, key: str, /, **variables: object) -> str:
        """The text of `key` for places without HTML: buttons, toasts, menus, invoices."""
        return self._i18n.format(self.language, key, self._here(variables), escape=False)

    def local(self, at: datetime) -> datetime:
        """A moment by the clock of whoever reads."""
        return at.astimezone(self._zone)

    def _here(self, variables: Mapping[str, object]) -> Mapping[str, object]:
        if not any(isinstance(value, datetime) for value in variables.values()):
            return variables
        return {
            name: self.local(value) if isinstance(value, datetime) else value
            for name, value in variables.items()
        }

    def has(self, key: str) -> bool:
        """Whether `key` has a text in this language or in the fallback language."""
        return self._i18n.has(self.language, key)


class _Language:
    """All texts of one language, compiled, whoever they belong to."""

    __slots__ = ("_bundle", "_static")

    def __init__(self, language: str, resources: Iterable[FluentResource]) -> None:
        self._bundle = FluentBundle([language], functions=functions_for(language), use_isolating=False)
        self._static: dict[str, str] = {}
        for resource in resources:
            self._bundle.add_resource(resource, allow_overrides=True)

    def has(self, key: str) -> bool:
        if not self._bundle.has_message(key):
            return False
        return self._bundle.get_message(key).value is not None

    def format(self, key: str, variables: Mapping[str, object], *, escape: bool) -> str:
        known = self._static.get(key)
        if known is not None:
            return known
        pattern = self._bundle.get_message(key).value
        long: list[str] = []
        arguments = {name: _argument(value, long, escape=escape) for name, value in variables.items()}
        text, errors = self._bundle.format_pattern(pattern, arguments)
        if errors:
            _log.warning("text has errors", key=key, errors=[str(error) for error in errors])
        elif isinstance(pattern, ast.TextElement):
            self._static[key] = str(text)
        return _PLACED.sub(lambda place: long[int(place[1])], str(text)) if long else str(text)


def _argument(value: object, long: list[str], *, escape: bool) -> object:
    """`value` as Fluent takes it; a string too long for Fluent is kept aside in `long`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, FluentType):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, int | float | date | datetime):
        return value
    if isinstance(value, Enum):
        value = value.value
    text = "" if value is None else str(value)
    if escape and not isinstance(value, Html):
        text = html.escape(text, quote=False)
    if len(text) <= _LONGEST_PART and _PLACE[0] not in text:
        return text
    long.append(text)
    return _PLACE.format(len(long) - 1)


class I18n:
    """Every text there is, by language.

    `fallback` is the language whose text is shown where a language has none.
    """

    def __init__(self, fallback: str = "en") -> None:
        self.fallback = fallback
        self._resources: dict[str, dict[str, list[FluentResource]]] = {}
        self._texts: dict[str, dict[str, dict[str, Text]]] = {}
        self._folders: dict[str, Path] = {}
        self._languages: dict[str, _Language] = {}
        self._translators: dict[tuple[str, timedelta], Translator] = {}
        self._missing: set[tuple[str, str]] = set()

    def add(self, owner: str, directory: Path) -> tuple[LocaleProblem, ...]:
        """Add the bundles below `directory`: `<language>/*.ftl` and `<language>.ftl`.

        A folder that is not there adds nothing. Answers what is wrong: texts that cannot be read, keys that
        another owner has (those texts are left out), keys that one language has and another has not, and
        variables that differ between languages. A plugin and a provider of one folder share its texts.
        """
        problems = self._read(owner, directory)
        if owner != OVERRIDES:
            self.check_overrides()
        return problems

    def _read(self, owner: str, directory: Path) -> tuple[LocaleProblem, ...]:
        self._folders[owner] = directory
        problems: list[LocaleProblem] = []
        resources: dict[str, list[FluentResource]] = {}
        texts: dict[str, dict[str, Text]] = {}
        for language, path in find_resources(directory):
            mine = texts.setdefault(language, {})
            kept: list[ast.EntryType] = []
            try:
                entries = read_texts(path.read_text(encoding="utf-8"))
            except UnicodeDecodeError:
                what = f"{path.name}: is not UTF-8: save it as UTF-8"
                problems.append(LocaleProblem(owner, language, "", what, True))
                continue
            for entry, text in entries:
                what = self._objection(owner, language, text, mine)
                if what:
                    problems.append(LocaleProblem(owner, language, text.key, f"{path.name}: {what}", True))
                else:
                    mine[text.key] = text
                    kept.append(entry)
            resource = FluentResource("")
            resource.body = kept
            resources.setdefault(language, []).append(resource)
        if owner != OVERRIDES:
            problems.extend(differences(owner, texts, self.fallback))
        self._resources[owner] = resources
        self._texts[owner] = texts
        self._forget_compiled()
        return tuple(problems)

    def add_overrides(self, directory: Path) -> tuple[LocaleProblem, ...]:
        """Add the operator's own words, which win over everybody's, also over those that are added later.

        Answers keys that nobody has so far.
        """
        return self.add(OVERRIDES, directory)

    def check_overrides(self) -> tuple[LocaleProblem, ...]:
        """What is wrong with the operator's own words, by all texts that are there now."""
        folder = self._folders.get(OVERRIDES)
        return self._read(OVERRIDES, folder) if folder is not None else ()

    def remove(self, owner: str) -> None:
        """Forget the texts of `owner`."""
        self._resources.pop(owner, None)
        self._texts.pop(owner, None)
        self._folders.pop(owner, None)
        self._forget_compiled()
        self.check_overrides()

    def owner_of(self, key: str) -> str | None:
        """Whose key it is, or None."""
        for owner, texts in self._texts.items():
            if owner != OVERRIDES and any(key in known for known in texts.values()):
                return owner
        return None

    def languages(self) -> tuple[str, ...]:
        """The codes of the core's languages (of all, if the core's bundles are not added); fallback first."""
        texts = self._texts.get(CORE) or {
            language: known for owned in self._texts.values() for language, known in owned.items()
        }
        return tuple(sorted(texts, key=lambda language: (language != self.fallback, language)))

    def language_names(self) -> dict[str, str]:
        """Language codes with the languages' own names."""
        return {
            language: self.translator(language).plain(LANGUAGE_NAME)
            if self._compiled(language).has(LANGUAGE_NAME)
            else language
            for language in self.languages()
        }

    def choose_language(self, chosen: str | None, telegram: str | None) -> str:
        """The language to speak to somebody: the one they chose, else Telegram's, else the fallback.

        `ru-RU` counts as `ru` where only that is there.
        """
        return self._nearest((chosen, telegram), self.languages())

    def translator(self, language: str | None, time_zone: timedelta = timedelta(0)) -> Translator:
        """A translator into `language`, or into the fallback language if nobody has texts in it.

        In a language that only some plugins have, the other texts come in the fallback language. `time_zone`
        is how far ahead of UTC the clock is by which moments are told.
        """
        wanted = language or self.fallback
        translator = self._translators.get((wanted, time_zone))
        if translator is None:
            spoken = {code for owned in self._texts.values() for code, texts in owned.items() if texts}
            translator = Translator(self, self._nearest((wanted,), spoken), time_zone)
            self._translators[wanted, time_zone] = translator
        return translator

    def has(self, language: str, key: str) -> bool:
        """Whether `key` has a text in `language` or in the fallback language."""
        return self._compiled(language).has(key) or self._compiled(self.fallback).has(key)

    def format(self, language: str, key: str, variables: Mapping[str, object], *, escape: bool) -> str:
        """The text of `key`; see `Translator`."""
        texts = self._compiled(language)
        if not texts.has(key):
            if (language, key) not in self._missing:
                self._missing.add((language, key))
                _log.error("text is missing", key=key, language=language)
            texts = self._compiled(self.fallback)
            if not texts.has(key):
                return key
        return texts.format(key, variables, escape=escape)

    def keys(self, language: str) -> dict[str, Text]:
        """Every key of a language with its text, the operator's overrides left out."""
        return {
            key: text
            for owner, texts in self._texts.items()
            if owner != OVERRIDES
            for key, text in texts.get(language, {}).items()
            if not key.startswith("-")
        }

    def compare(self) -> tuple[LocaleProblem, ...]:
        """Where a key is missing in one of the core's languages, or has other variables there."""
        languages = self.languages()
        return tuple(
            problem
            for owner, texts in self._texts.items()
            if owner != OVERRIDES
            for problem in differences(
                owner, {language: texts.get(language, {}) for language in languages}, self.fallback
            )
        )

    def _nearest(self, wishes: Iterable[str | None], known: Collection[str]) -> str:
        for wish in wishes:
            for code in _codes(wish):
                if code in known:
                    return code
        return self.fallback

    def _objection(self, owner: str, language: str, text: Text, mine: Mapping[str, Text]) -> str:
        if text.error:
            return text.error
        if text.key in mine:
            return "the key stands there twice"
        other = self.owner_of(text.key)
        if owner == OVERRIDES:
            if other is None:
                return "nobody has this key"
            original = self._texts[other].get(language, {}).get(text.key)
            strange = text.variables - original.variables if original else frozenset()
            return f"unknown variables: {', '.join(sorted(strange))}" if strange else ""
        if other in (None, owner) or self._folders[other] == self._folders[owner]:
            return ""
        return f"the key belongs to {other}: {advice(owner, text.key)}"

    def _compiled(self, language: str) -> _Language:
        compiled = self._languages.get(language)
        if compiled is None:
            owners = sorted(self._resources, key=lambda owner: owner == OVERRIDES)
            resources = [
                resource for owner in owners for resource in self._resources[owner].get(language, ())
            ]
            compiled = self._languages[language] = _Language(language, resources)
        return compiled

    def _forget_compiled(self) -> None:
        self._languages.clear()
        self._translators.clear()
        self._missing.clear()


def _codes(wish: str | None) -> tuple[str, ...]:
    if not wish:
        return ()
    whole = wish.replace("_", "-").lower()
    return (whole, whole.partition("-")[0])
