"""`plugins set`: a setting of a plugin in the database, which running bots follow within seconds."""

from __future__ import annotations

import asyncio
import tomllib
from typing import Any

from core.clock import SystemClock
from core.errors import PluginError, StarloomError
from core.plugins.definition import define
from core.plugins.importing import import_guarded
from core.plugins.switches import Switches
from core.storage.settings import SettingsStore
from starloom.cli.data import open_database
from starloom.cli.options import Options
from starloom.cli.speaking import FAILED, complain, say


def change_setting(options: Options, name: str, key: str, value: str) -> int:
    """Store a setting, or without a value forget it; the exit status."""
    try:
        asyncio.run(_change(options, name, key, _read(value)))
    except StarloomError as error:
        complain(str(error))
        return FAILED
    return 0


def _read(value: str) -> Any:
    """A value as TOML has it; words need no quotes here."""
    if not value:
        return None
    try:
        return tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return value


async def _change(options: Options, name: str, key: str, value: Any) -> None:
    file = options.plugins()
    entry = file.plugins.get(name)
    if entry is None:
        raise PluginError(f"There is no plugin {name} in plugins.toml; there are {', '.join(file.plugins)}.")
    seconds = file.limits.plugins.import_seconds
    imported = await import_guarded(
        "plugins", name, entry.module, base=file.directory, seconds=seconds, clock=SystemClock()
    )
    async with open_database(options) as database:
        switches = Switches(SettingsStore(database))
        chosen = {**(await switches.settings()).get(name, {}), key: value}
        given = {each: kept for each, kept in chosen.items() if kept is not None}
        define(name, imported, {**entry.settings, **given})
        await switches.set(name, key, value)
        await switches.tell(name)
    told = f"is {value!r}" if value is not None else "is as plugins.toml has it"
    say(f"{name}.{key} {told}; running bots follow within seconds.")
