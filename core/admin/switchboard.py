"""Plugins as operators see and switch them: with what depends on them, and once when two act at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import SecretBytes, SecretStr

from core.errors import UserFacingError
from core.plugin import PluginConfig
from core.plugins.status import PluginState, PluginStatus
from core.storage.audit import AuditLog
from core.storage.claims import Claim, Claims


class Plugins(Protocol):
    """What is needed of the plugin manager."""

    def states(self) -> tuple[PluginStatus, ...]:
        """All plugins."""
        ...

    def config_of(self, name: str) -> PluginConfig | None:
        """The checked settings of a plugin; None where it was never imported."""
        ...

    async def enable(self, name: str) -> None:
        """Switch a plugin on."""
        ...

    async def disable(self, name: str) -> None:
        """Switch a plugin off."""
        ...


@dataclass(frozen=True, slots=True)
class SettingLine:
    """A setting as its plugin's schema has it. `value` is as in `plugins.toml`; a secret is hidden."""

    name: str
    kind: str
    value: str
    is_default: bool
    about: str


class Switchboard:
    """Looks at plugins and switches them, and those that depend on them in the right order."""

    def __init__(self, plugins: Plugins, claims: Claims, audit: AuditLog) -> None:
        self._plugins = plugins
        self._claims = claims
        self._audit = audit

    def all(self) -> tuple[PluginStatus, ...]:
        """All plugins, in the order of `plugins.toml`."""
        return self._plugins.states()

    def get(self, name: str) -> PluginStatus | None:
        """One of them."""
        return next((status for status in self.all() if status.name == name), None)

    def settings(self, name: str) -> tuple[SettingLine, ...]:
        """What a plugin can be set to and is; empty where it was never imported."""
        config = self._plugins.config_of(name)
        if config is None:
            return ()
        lines = []
        properties = type(config).model_json_schema().get("properties", {})
        for field, info in type(config).model_fields.items():
            value, schema = getattr(config, field), properties.get(field, {})
            lines.append(
                SettingLine(
                    name=field,
                    kind=_kind(schema),
                    value=_written(value),
                    is_default=value == info.get_default(call_default_factory=True),
                    about=info.description or "",
                )
            )
        return tuple(lines)

    def affected(self, name: str, *, on: bool) -> tuple[str, ...]:
        """Which other plugins have to be switched with it, in the order in which that is done."""
        known = {status.name: status for status in self.all()}
        found: list[str] = []

        def visit(each: str) -> None:
            status = known.get(each)
            for other in () if status is None else status.requires if on else status.required_by:
                if other in found or other not in known:
                    continue
                is_on = known[other].state in (PluginState.ON, PluginState.SUSPENDED)
                visit(other)
                if is_on is not on:
                    found.append(other)

        visit(name)
        return tuple(found)

    async def switch(self, name: str, *, on: bool, seen: int, by: int) -> Claim:
        """Switch a plugin with all that has to be switched with it; `seen` is the `serial` it was shown with.

        Raises:
            PluginError: one of them cannot be switched; those before it were.
            UserFacingError: there is no such plugin.

        """
        status = self.get(name)
        if status is None:
            raise UserFacingError("button-expired")
        stale, word = seen != status.serial, "on" if on else "off"
        claim = await self._claims.take(f"plugin:{name}:{seen}", word, by=by, stale=stale)
        if not claim.first:
            return claim
        others = self.affected(name, on=on)
        for each in (*others, name):
            await (self._plugins.enable if on else self._plugins.disable)(each)
        after = self.get(name)
        await self._audit.write(
            f"user:{by}",
            "plugins.switch",
            before={"plugin": name, "state": status.state},
            after={"plugin": name, "state": after.state if after else None, "with": others},
        )
        return claim


def _kind(schema: dict[str, Any]) -> str:
    """The type of a setting in the words of JSON Schema, with its bounds."""
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    kind = str(schema.get("type", "")) or " | ".join(_kind(each) for each in schema.get("anyOf", ()))
    bounds = [
        f"{sign} {schema[name]}" for name, sign in (("minimum", "≥"), ("maximum", "≤")) if name in schema
    ]
    return " ".join([kind or "object", *bounds])


def _written(value: object) -> str:
    if isinstance(value, SecretStr | SecretBytes):
        return "••••" if value.get_secret_value() else '""'
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Sequence):
        return f"[{', '.join(map(_written, value))}]"
    return str(value)
