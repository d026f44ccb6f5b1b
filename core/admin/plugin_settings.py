"""The settings of a plugin as operators see and change them: what each takes, and what was written for it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import Enum, StrEnum
from typing import Any

from pydantic import SecretBytes, SecretStr

from core.errors import StarloomError
from core.plugin import PluginConfig

_MOST_CHOICES = 12
"""More than this are written and not pressed."""
_EMPTY = "-"
"""What stands for an empty list."""


class SettingKind(StrEnum):
    """How a setting is changed from a chat."""

    SWITCH = "switch"
    """On or off."""
    CHOICE = "choice"
    """One of a few words."""
    WHOLE = "whole"
    """A whole number."""
    NUMBER = "number"
    TEXT = "text"
    LIST = "list"
    """Words or numbers: with commas between them, one a line, or as `plugins.toml` has them."""
    FIXED = "fixed"
    """It cannot be: it is a secret, or made of parts."""


_KINDS = {
    "boolean": SettingKind.SWITCH,
    "integer": SettingKind.WHOLE,
    "number": SettingKind.NUMBER,
    "string": SettingKind.TEXT,
}
"""How a value of a type of JSON Schema is changed."""


@dataclass(frozen=True, slots=True)
class SettingLine:
    """A setting as its plugin's schema has it. Values are as in `plugins.toml`; a secret is hidden.

    `kind` is its type in the words of JSON Schema, with its bounds; `changed_by` says how it is changed, and
    `choices`, `least` and `most` what may be chosen there. `is_chosen` tells one that was changed from a chat
    or the command line: that wins over `plugins.toml`.
    """

    name: str
    kind: str
    value: str
    is_default: bool
    about: str
    default: str = ""
    changed_by: SettingKind = SettingKind.FIXED
    choices: tuple[str, ...] = ()
    least: str = ""
    most: str = ""
    is_chosen: bool = False


class SettingRefused(StarloomError):
    """A value does not fit a setting. `reason` is the plugin's own sentence, where its schema was kept to."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason or "does not fit")
        self.reason = reason


def settings_of(config: PluginConfig, chosen: Mapping[str, Any]) -> tuple[SettingLine, ...]:
    """What a plugin can be set to and is; `chosen` is what was changed while it ran."""
    schema = type(config).model_json_schema()
    properties, known = schema.get("properties", {}), schema.get("$defs", {})
    lines = []
    for field, info in type(config).model_fields.items():
        # One that must be given, and is not, is not there.
        value = getattr(config, field, "")
        default = info.get_default(call_default_factory=True)
        found = _resolved(properties.get(field, {}), known)
        secret = bool(found.get("writeOnly"))
        lines.append(
            SettingLine(
                name=field,
                kind=_kind(found, known),
                value=_hidden(value) if secret else _written(value),
                is_default=value == default,
                about=info.description or "",
                default="" if info.is_required() else _written(default),
                changed_by=SettingKind.FIXED if secret else _changed_by(found, known),
                choices=_choices(found),
                least=_bound(found, "minimum", "exclusiveMinimum"),
                most=_bound(found, "maximum", "exclusiveMaximum"),
                is_chosen=field in chosen,
            )
        )
    return tuple(lines)


def value_for(config: PluginConfig, name: str, written: str) -> Any:
    """What somebody wrote for a setting, as `plugins.toml` would have it.

    Raises:
        SettingRefused: it is not what the setting takes.

    """
    schema = type(config).model_json_schema()
    known = schema.get("$defs", {})
    found = _resolved(schema.get("properties", {}).get(name, {}), known)
    line = next(each for each in settings_of(config, {}) if each.name == name)
    text = written.strip()
    match line.changed_by:
        case SettingKind.FIXED:
            raise SettingRefused
        case SettingKind.LIST:
            items = _resolved(found.get("items", {}), known)
            return [_plain_value(items, part) for part in _parts(text)]
        case _:
            return _plain_value(found, text)


def _parts(text: str) -> list[str]:
    """The values that somebody wrote for a list; those that have commas stand on lines of their own."""
    if text == _EMPTY:
        return []
    if text.startswith("["):
        try:
            listed = tomllib.loads(f"listed = {text}")["listed"]
        except tomllib.TOMLDecodeError as error:
            raise SettingRefused from error
        return [str(part).lower() if isinstance(part, bool) else str(part) for part in listed]
    lines = [line.strip() for line in text.splitlines()]
    parts = lines if len(lines) > 1 else [part.strip() for part in text.split(",")]
    return [part for part in parts if part]


def _plain_value(schema: Mapping[str, Any], text: str) -> bool | int | float | str:
    """What a text means where one value of this schema is wanted."""
    choices = _choices(schema)
    if choices and text not in choices:
        raise SettingRefused
    match _type(schema):
        case "boolean":
            if text not in ("true", "false"):
                raise SettingRefused
            return text == "true"
        case "integer":
            return int(_number(schema, text, whole=True))
        case "number":
            return float(_number(schema, text, whole=False))
    return text


def _number(schema: Mapping[str, Any], text: str, *, whole: bool) -> Decimal:
    try:
        number = Decimal(text.replace(",", ".").replace("\u2212", "-"))
    except InvalidOperation:
        raise SettingRefused from None
    if not number.is_finite() or (whole and number != number.to_integral_value()):
        raise SettingRefused
    least, most = _bound(schema, "minimum", "exclusiveMinimum"), _bound(schema, "maximum", "exclusiveMaximum")
    if (least and number < Decimal(least)) or (most and number > Decimal(most)):
        raise SettingRefused
    return number


def _resolved(schema: Mapping[str, Any], known: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema itself where another place is named; of a choice with null, the other."""
    if "$ref" in schema:
        return _resolved(known.get(str(schema["$ref"]).rpartition("/")[2], {}), known)
    options: list[Mapping[str, Any]] = [
        each for each in schema.get("anyOf", ()) if each.get("type") != "null"
    ]
    numbers = [each for each in options if each.get("type") in ("integer", "number")]
    if numbers and all(each.get("type") in ("integer", "number", "string") for each in options):
        # A number that may be written as a text as well, to lose none of its digits.
        return numbers[0]
    return _resolved(options[0], known) if len(options) == 1 else schema


def _type(schema: Mapping[str, Any]) -> str:
    return str(schema.get("type", ""))


def _choices(schema: Mapping[str, Any]) -> tuple[str, ...]:
    found = schema.get("enum", (schema["const"],) if "const" in schema else ())
    return tuple(map(str, found))


def _bound(schema: Mapping[str, Any], *names: str) -> str:
    return next((str(schema[name]) for name in names if name in schema), "")


def _changed_by(schema: Mapping[str, Any], known: Mapping[str, Any]) -> SettingKind:
    if 0 < len(_choices(schema)) <= _MOST_CHOICES:
        return SettingKind.CHOICE
    items = _type(_resolved(schema.get("items", {}), known))
    if _type(schema) == "array" and items in _KINDS and items != "boolean":
        return SettingKind.LIST
    return _KINDS.get(_type(schema), SettingKind.FIXED)


def _kind(schema: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    """The type of a setting in the words of JSON Schema, with its bounds."""
    if choices := _choices(schema):
        return " | ".join(choices)
    kind = _type(schema) or " | ".join(
        _kind(_resolved(each, known), known) for each in schema.get("anyOf", ())
    )
    if kind == "array" and "items" in schema:
        kind = f"array of {_kind(_resolved(schema['items'], known), known)}"
    bounds = [
        f"{sign} {schema[name]}"
        for name, sign in (
            ("minimum", "≥"),
            ("maximum", "≤"),
            ("exclusiveMinimum", ">"),
            ("exclusiveMaximum", "<"),
        )
        if name in schema
    ]
    return " ".join([kind or "object", *bounds])


def _hidden(value: object) -> str:
    given = value.get_secret_value() if isinstance(value, SecretStr | SecretBytes) else value
    return "••••" if given else '""'


def _written(value: object) -> str:
    if isinstance(value, SecretStr | SecretBytes):
        return _hidden(value)
    if isinstance(value, Enum):
        return _written(value.value)
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Sequence):
        return f"[{', '.join(map(_written, value))}]"
    return str(value)
