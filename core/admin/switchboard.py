"""Plugins as operators see and switch them: with what depends on them, and once when two act at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from core.admin.plugin_settings import SettingLine, SettingRefused, settings_of, value_for
from core.errors import PluginError, UserFacingError
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
        """The settings of a plugin, unchecked where it failed over them; None: it was never imported."""
        ...

    def chosen_of(self, name: str) -> Mapping[str, Any]:
        """The settings of a plugin that were changed while it ran."""
        ...

    async def configure(self, name: str, changes: Mapping[str, Any]) -> None:
        """Change settings of a plugin."""
        ...

    async def enable(self, name: str) -> None:
        """Switch a plugin on."""
        ...

    async def disable(self, name: str) -> None:
        """Switch a plugin off."""
        ...


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
        return settings_of(config, self._plugins.chosen_of(name))

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

    async def configure(self, name: str, setting: str, written: str | None, *, seen: int, by: int) -> Claim:
        """Change a setting to what somebody wrote, live and in all instances; None undoes such a change.

        `seen` is the `serial` that the plugin was shown with: where it is another one by now nothing changes,
        and whoever was first is told.

        Raises:
            SettingRefused: the setting does not take it.
            UserFacingError: there is no such setting.

        """
        status, config = self.get(name), self._plugins.config_of(name)
        before = next((line for line in self.settings(name) if line.name == setting), None)
        if status is None or config is None or before is None:
            raise UserFacingError("button-expired")
        about = f"plugin-setting:{name}:{seen}"
        if seen != status.serial:
            return await self._claims.take(about, setting, by=by, stale=True)
        value = None if written is None else value_for(config, setting, written)
        try:
            await self._plugins.configure(name, {setting: value})
        except PluginError as error:
            raise SettingRefused(str(error)) from error
        after = next((line.value for line in self.settings(name) if line.name == setting), None)
        await self._audit.write(
            f"user:{by}",
            "plugins.set",
            before={"plugin": name, "setting": setting, "value": before.value},
            after={"plugin": name, "setting": setting, "value": after},
        )
        # Only now: a value that is refused keeps nobody else from theirs.
        return await self._claims.take(about, setting, by=by)
