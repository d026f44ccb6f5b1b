"""`plugins` and `maintenance`: switches in the database, which running bots follow within seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from core.clock import SystemClock
from core.errors import ConfigurationError, PluginError, StarloomError
from core.maintenance import Maintenance
from core.plugins.manifest import read_manifest
from core.plugins.switches import Switch, Switches
from core.plugins_file import PluginsFile
from core.storage.settings import SettingsStore
from starloom.cli.data import open_database
from starloom.cli.options import Options
from starloom.cli.speaking import FAILED, complain, say

_Work = Callable[[PluginsFile, SettingsStore], Awaitable[None]]


def list_plugins(options: Options) -> int:
    """Print each allowed plugin and whether it is on; the exit status."""
    return _with_settings(options, _list)


def switch_plugin(options: Options, name: str, *, enabled: bool) -> int:
    """Switch a plugin; the exit status."""

    async def switch(file: PluginsFile, settings: SettingsStore) -> None:
        if name not in file.plugins:
            raise ConfigurationError(
                f"There is no plugin {name} in plugins.toml; there are {', '.join(file.plugins)}."
            )
        await Switches(settings).put(name, enabled=enabled)
        say(f"{name} is switched {'on' if enabled else 'off'}; running bots follow within seconds.")

    return _with_settings(options, switch)


def switch_maintenance(options: Options, *, on: bool) -> int:
    """Switch maintenance; the exit status."""

    async def switch(_: PluginsFile, settings: SettingsStore) -> None:
        await Maintenance(settings, SystemClock(), follow_seconds=1).switch(on=on)
        say(f"Maintenance is {'on: only admins are served' if on else 'off'}.")

    return _with_settings(options, switch)


async def _list(file: PluginsFile, settings: SettingsStore) -> None:
    switches = await Switches(settings).all()
    for name, entry in file.plugins.items():
        enabled = switches.get(name, Switch(None, 0)).is_on(entry.enabled)
        say(f"{'on ' if enabled else 'off'}  {name}  {origin_of(file, name)}")


def origin_of(file: PluginsFile, name: str) -> str:
    """Where a plugin comes from, its version, what it is granted, and what keeps it from working here."""
    entry = file.plugins[name]
    origin = entry.module or "installed distribution"
    granted = f"  granted: {', '.join(entry.grants)}" if entry.grants else ""
    try:
        manifest = read_manifest(name, entry.module, base=file.directory)
    except PluginError as error:
        return f"{origin}{granted}  ({error})"
    wrong = "; ".join(manifest.problems())
    version = f"  {manifest.version}" if manifest.version else ""
    return f"{origin}{version}{granted}{f'  ({wrong})' if wrong else ''}"


def _with_settings(options: Options, work: _Work) -> int:
    try:
        asyncio.run(_run(options, work))
    except StarloomError as error:
        complain(str(error))
        return FAILED
    return 0


async def _run(options: Options, work: _Work) -> None:
    file = options.plugins()
    async with open_database(options) as database:
        await work(file, SettingsStore(database))
