"""What the environment and `.env` give by the names that settings have there, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, Field
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, DotEnvSettingsSource

from core.validation import unknown_key

AUTHORS_PREFIX = "PROVIDER_"
"""How the names begin that authors of providers may give their own secrets."""
_OTHERS_PREFIXES = (AUTHORS_PREFIX, "PLUGIN_", "COMPOSE_")
"""How names in `.env` begin that are not Starloom's own: authors' of providers and plugins, Docker's."""
_REPLACED = {
    "BOT_MODE": "is not needed: Starloom speaks MTProto and needs neither webhooks nor polling modes",
    "WEBHOOK_ALLOW_HEADER_FALLBACK": "is not needed: provider callbacks are checked by their signatures",
    "PAYMENT_PROVIDER_TOKEN": "is not needed: people pay in Telegram Stars, which take no provider token",
}
_REPLACED_PREFIXES = {
    "TELEGRAM_WEBHOOK_": "is not needed: updates come over MTProto; WEBHOOK_URL is for provider callbacks",
}


def named(name: str, *aliases: str, default: Any = None, **rules: Any) -> Any:
    """A setting that the environment gives by any of these names; the first is the one that is told."""
    return Field(default=default, validation_alias=AliasChoices(name, *aliases), **rules)


def names_of(field: FieldInfo) -> tuple[str, ...]:
    """The names that a setting has in the environment."""
    alias = field.validation_alias
    return tuple(str(choice) for choice in alias.choices) if isinstance(alias, AliasChoices) else ()


@dataclass(frozen=True, slots=True)
class Given:
    """What was given: by name all of it, and what the settings are made of."""

    values: Mapping[str, str]
    chosen: Mapping[str, str]
    """By the one name for each setting that it was given by."""
    problems: tuple[str, ...]
    """Names that nobody knows, and settings that were given twice and differ."""
    notices: tuple[str, ...]
    """One line for each name that is not needed, saying what takes its place."""


def gather(settings: type[BaseSettings], environment: Mapping[str, str], env_file: Path | None) -> Given:
    """What the environment and, behind it, a file say; what is empty counts as not given."""
    stored = _stored(settings, env_file)
    overruled = _names_given(settings, environment)
    behind = {name: value for name, value in stored.items() if name not in overruled}
    values = {name: value for name, value in {**behind, **environment}.items() if value}
    known = _all_names(settings)
    unknown = [f".env: {name}: {unknown_key(name, known)}" for name in stored if not _is_known(name, known)]
    names, doubled = _choose(settings, values)
    return Given(
        values=values,
        chosen={name: values[name] for name in names},
        problems=(*unknown, *doubled),
        notices=tuple(f"{name} {_replacement(name)}" for name in sorted(values) if _replacement(name)),
    )


def _stored(settings: type[BaseSettings], path: Path | None) -> dict[str, str]:
    if path is None or not path.is_file():
        return {}
    source = DotEnvSettingsSource(settings, env_file=path, env_file_encoding="utf-8", case_sensitive=True)
    return {name: value or "" for name, value in source.env_vars.items()}


def _names_given(settings: type[BaseSettings], environment: Mapping[str, str]) -> frozenset[str]:
    """All names of the settings that the environment gives by any of them."""
    each = (names_of(field) for field in settings.model_fields.values())
    return frozenset(name for names in each if any(map(environment.get, names)) for name in names)


def _choose(settings: type[BaseSettings], values: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """For each setting the name that it was given by; and where two names say different things."""
    chosen: list[str] = []
    problems: list[str] = []
    for info in settings.model_fields.values():
        names = [name for name in names_of(info) if name in values]
        chosen += names[:1]
        if len({values[name] for name in names}) > 1:
            problems.append(f"{' and '.join(names)}: say different things for one setting; keep one of them")
    return chosen, problems


def _all_names(settings: type[BaseSettings]) -> frozenset[str]:
    return frozenset(name for field in settings.model_fields.values() for name in names_of(field))


def _is_known(name: str, known: frozenset[str]) -> bool:
    return name in known or bool(_replacement(name)) or name.startswith(_OTHERS_PREFIXES)


def _replacement(name: str) -> str:
    for prefix, what in _REPLACED_PREFIXES.items():
        if name.startswith(prefix):
            return what
    return _REPLACED.get(name, "")
