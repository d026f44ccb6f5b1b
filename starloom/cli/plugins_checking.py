"""`plugins info|check`: what plugins say of themselves, and what is wrong; nothing is started."""

from __future__ import annotations

import asyncio
import importlib
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.clock import SystemClock
from core.deprecation import is_warning
from core.errors import ConfigurationError, PluginError
from core.plugins.definition import define
from core.plugins.importing import import_guarded
from core.plugins.manifest import Manifest, read_manifest
from core.plugins.order import start_order, told_circle, told_missing
from core.plugins_file import PluginsFile
from starloom.cli.options import Options
from starloom.cli.speaking import FAILED, complain, say


@dataclass(frozen=True, slots=True)
class Look:
    """What the import of a plugin showed: what keeps it from starting; else its version and the seconds."""

    problem: str = ""
    version: str = ""
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()


def show(options: Options, name: str) -> int:
    """Print what a plugin says of itself; the exit status."""
    try:
        file = options.plugins()
        manifest = manifest_of(file, name)
    except (ConfigurationError, PluginError) as error:
        complain(str(error))
        return FAILED
    entry = file.plugins[name]
    facts = {
        "version": manifest.version or "not said",
        "made for API": manifest.api or ">=1,<2",
        "requires": ", ".join(manifest.requires) or "no other plugin",
        "libraries": ", ".join(manifest.libraries) or "none",
        "granted": ", ".join(entry.grants) or "nothing beyond the ordinary",
        "module": entry.module or f"installed with {manifest.distribution}",
        "folder": str(manifest.directory),
    }
    say(name)
    for word, fact in facts.items():
        say(f"  {word:<13} {fact}")
    for problem in manifest.problems():
        complain(f"  {problem}")
    return FAILED if manifest.problems() else 0


def check(options: Options, names: Sequence[str]) -> int:
    """Import plugins and print what is wrong, a line each; the exit status is 1 where something is."""
    try:
        file = options.plugins()
        wanted = [_known(file, name) for name in names] or list(file.plugins)
    except (ConfigurationError, PluginError) as error:
        complain(str(error))
        return FAILED
    looks = asyncio.run(look_at(file, wanted))
    for name, look in looks.items():
        if not look.problem:
            say(f"ok    {name} {look.version}  {1000 * look.seconds:.0f} ms to import")
            for warning in look.warnings:
                say(f"      {warning}")
    bad = {name: look.problem for name, look in looks.items() if look.problem}
    for name, problem in bad.items():
        complain(f"FAIL  {name}: {problem}")
    say(f"{len(wanted)} plugins: {f'{len(bad)} cannot start' if bad else 'all can start'}")
    return FAILED if bad else 0


async def look_at(file: PluginsFile, names: Iterable[str]) -> dict[str, Look]:
    """Import plugins of the file, and see whether they can start; nothing is started."""
    importlib.import_module("starloom.api")
    circles = _circles(file)
    return {
        name: Look(told_circle(circles[name])) if name in circles else await _look(file, name)
        for name in names
    }


def manifest_of(file: PluginsFile, name: str) -> Manifest:
    """What the plugin says of itself. Raises PluginError: it is not allowed, or not there."""
    entry = file.plugins[_known(file, name)]
    return read_manifest(name, entry.module, base=file.directory)


def _known(file: PluginsFile, name: str) -> str:
    if name not in file.plugins:
        raise PluginError(f"There is no plugin {name} in plugins.toml; there are {', '.join(file.plugins)}.")
    return name


def _circles(file: PluginsFile) -> dict[str, tuple[str, ...]]:
    requires: dict[str, tuple[str, ...]] = {}
    for name in file.plugins:
        try:
            requires[name] = manifest_of(file, name).requires
        except PluginError:
            continue
    return start_order(requires)[1]


async def _look(file: PluginsFile, name: str) -> Look:
    entry = file.plugins[name]
    try:
        manifest = manifest_of(file, name)
        problems = list(manifest.problems())
        problems += [
            f"it requires {told_missing(each)}" for each in manifest.requires if each not in file.plugins
        ]
        if problems:
            return Look("; ".join(problems))
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always", DeprecationWarning)
            imported = await import_guarded(
                "plugins",
                name,
                entry.module,
                base=file.directory,
                seconds=file.limits.plugins.import_seconds,
                clock=SystemClock(),
            )
        definition = define(name, imported, entry.settings)
    except PluginError as error:
        return Look(str(error))
    said = (str(warning.message) for warning in warned)
    return Look(
        version=definition.plugin_class.version,
        seconds=imported.seconds,
        warnings=(
            *manifest.warnings(),
            *definition.warnings,
            *(each for each in dict.fromkeys(said) if is_warning(each)),
        ),
    )
