"""The place of one allowed plugin, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.plugin import PluginConfig
from core.plugins.definition import Definition
from core.plugins.health import Health
from core.plugins.manifest import Manifest
from core.plugins.running import RunningPlugin
from core.plugins.status import PluginState, PluginStatus, Unhealthy
from core.plugins_file import Entry


@dataclass(slots=True)
class Slot:
    """One allowed plugin. `definition` is there once it was imported, `running` while it lives.

    `serial` is that of the newest stored switch that was followed. `waiting` marks a failure for want of
    another plugin; it ends by itself when that one comes. `overrides` are the settings that admins chose;
    `retry_at` is when a suspended one tries again by itself, and `suspensions` how often it came to that.
    `config_class` says what its settings may be, where they do not fit and it was left out for that.
    `unhealthy` is what its last health check found, and `bad_checks` how many in a row found something.
    """

    name: str
    entry: Entry
    health: Health
    state: PluginState = PluginState.OFF
    reason: str = ""
    serial: int = 0
    overrides: Mapping[str, Any] = field(default_factory=dict)
    suspensions: int = 0
    retry_at: float | None = None
    waiting: bool = False
    manifest: Manifest | None = None
    definition: Definition | None = None
    config_class: type[PluginConfig] | None = None
    running: RunningPlugin | None = None
    warnings: tuple[str, ...] = ()
    unhealthy: Unhealthy | None = None
    bad_checks: int = 0

    @property
    def requires(self) -> tuple[str, ...]:
        """The plugins it needs; unknown before it was looked at."""
        if self.definition is not None:
            return self.definition.requires
        return self.manifest.requires if self.manifest is not None else ()

    @property
    def settings(self) -> dict[str, Any]:
        """The plugin's settings, not checked yet: those of the file, and over them what admins chose."""
        return {**self.entry.settings, **self.overrides}

    @property
    def config(self) -> PluginConfig | None:
        """Its settings, checked where they fit; None where nothing is known of them."""
        if self.definition is not None:
            return self.definition.config
        return self.config_class.model_construct(**self.settings) if self.config_class is not None else None

    @property
    def version(self) -> str:
        """The plugin's version; unknown before it was looked at."""
        if self.definition is not None:
            return self.definition.plugin_class.version
        return (self.manifest.version or "") if self.manifest is not None else ""

    def status(self, *, required_by: tuple[str, ...], answers: tuple[str, ...]) -> PluginStatus:
        """The plugin as the operator sees it."""
        definition = self.definition
        return PluginStatus(
            name=self.name,
            state=self.state,
            reason=self.reason,
            module=self.entry.module,
            version=self.version,
            on_by_default=self.entry.enabled,
            requires=self.requires,
            required_by=required_by,
            hooks=definition.hooks if definition else (),
            answers=answers,
            errors=self.health.errors,
            last_error=self.health.last_error,
            import_seconds=definition.import_seconds if definition else 0.0,
            warnings=self.warnings,
            grants=self.entry.grants,
            unhealthy=self.unhealthy,
            works=dict(self.running.due) if self.running else {},
            serial=self.serial,
        )
