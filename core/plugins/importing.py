"""Imports code that is not ours, so that whatever it does the application goes on.

The import runs in a thread and has a time limit. Python cannot end a thread from outside: one that passes
its limit is left behind, after an exception was put into it, which ends loops written in Python but not a
call that blocks in C.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import importlib
import importlib.util
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

from core.clock import Clock
from core.errors import PluginError
from core.observability.tracebacks import frames

ENTRY_POINT_GROUPS = {"plugins": "starloom.plugins", "providers": "starloom.providers"}
"""The entry-point groups of installed distributions, by the table in `plugins.toml`."""


_MACHINERY = ("<frozen importlib", "importlib/", "plugins/importing.py")
"""Frames of the import system itself and of this module, which tell an operator nothing."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A module that was imported. `directory` is where it stands, `seconds` how long it took.

    `attribute` is what an entry point names within the module, or empty.
    """

    module: ModuleType
    directory: Path
    seconds: float
    attribute: str = ""


class _Abandoned(BaseException):
    """Put into the thread of an import that took too long."""


async def import_guarded(
    kind: str, name: str, module: str, *, base: Path, seconds: float, clock: Clock
) -> Imported:
    """Import the module of a plugin or provider; `kind` is its table, `base` where relative folders begin.

    `module` is an importable name, a folder, or empty for an installed distribution.

    Raises:
        PluginError: it is not there, it raised whatever it raised, or it took longer than `seconds`.

    """
    attribute = ""
    if not module:
        point = _entry_point(kind, name)
        module, attribute = point.module, point.attr
    began = clock.monotonic()
    if _is_folder(module):
        imported = await _in_thread(lambda: _import_folder(kind, name, base / module), module, seconds)
    else:
        imported = await _in_thread(lambda: importlib.import_module(module), module, seconds)
    directory = Path(imported.__file__).parent if imported.__file__ else base
    return Imported(imported, directory, clock.monotonic() - began, attribute)


def locate(kind: str, name: str, module: str, *, base: Path) -> Path:
    """The folder in which the module of a plugin or provider stands; nothing of it is run.

    Raises:
        PluginError: it is not there.

    """
    if not module:
        module = _entry_point(kind, name).module
    if _is_folder(module):
        return base / module
    first, *rest = module.split(".")
    found = importlib.util.find_spec(first)
    if found is not None and not rest and found.origin is not None:
        return Path(found.origin).parent
    roots = list(found.submodule_search_locations or ()) if found else []
    for root in roots:
        folder = Path(root, *rest)
        if folder.is_dir():
            return folder
        if folder.with_suffix(".py").is_file():
            return folder.parent
    raise PluginError(f"{module} is not there: correct `module` in its table of plugins.toml, or install it")


def distribution_of(kind: str, name: str) -> Distribution | None:
    """The installed distribution that offers a plugin or provider; nothing of it is run.

    Raises:
        PluginError: none does, or several do.

    """
    return _entry_point(kind, name).dist


def _entry_point(kind: str, name: str) -> EntryPoint:
    found = tuple(entry_points(group=ENTRY_POINT_GROUPS[kind], name=name))
    if not found:
        raise PluginError(
            f"{kind}.{name} has no `module`, and no installed distribution offers it "
            f"in the group {ENTRY_POINT_GROUPS[kind]}: install one that does, or say in `module` where it is"
        )
    if len(found) > 1:
        offered = ", ".join(sorted(point.dist.name if point.dist else point.value for point in found))
        raise PluginError(f"several installed distributions offer it: {offered}; uninstall all but one")
    return found[0]


def _is_folder(module: str) -> bool:
    return "/" in module or module.startswith(".")


def _import_folder(kind: str, name: str, folder: Path) -> ModuleType:
    path = folder / "__init__.py"
    if not path.is_file():
        raise PluginError(
            f"{folder.name} is no folder with an __init__.py: correct `module` in its table of plugins.toml"
        )
    module_name = f"starloom_{kind}_{name}"
    loaded = sys.modules.get(module_name)
    if loaded is not None and loaded.__file__ == str(path):
        return loaded
    spec = importlib.util.spec_from_file_location(module_name, path, submodule_search_locations=[str(folder)])
    if spec is None or spec.loader is None:
        raise PluginError(f"{path.name} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(module_name, None)
        raise
    return module


async def _in_thread(work: Callable[[], ModuleType], module: str, seconds: float) -> ModuleType:
    loop = asyncio.get_running_loop()
    result: asyncio.Future[ModuleType] = loop.create_future()

    def run() -> None:
        outcome: ModuleType | PluginError
        try:
            outcome = work()
        except _Abandoned:
            return
        except PluginError as error:
            outcome = error
        except BaseException as error:
            # Nothing but our own error may reach the event loop: a SystemExit there would end it.
            outcome = PluginError(f"importing {module} failed: {_cause(error)}: {_remedy(error)}")
        # The application may have stopped meanwhile; then nobody waits for the module any more.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_tell, result, outcome)

    thread = threading.Thread(target=run, name=f"import {module}", daemon=True)
    thread.start()
    try:
        async with asyncio.timeout(seconds):
            return await result
    except TimeoutError:
        _abandon(thread)
        raise PluginError(
            f"importing {module} took longer than {seconds:g} s: its author has to move the work from the "
            "module into start(), or allow it more (limits.plugins.import_seconds)"
        ) from None


def _tell(result: asyncio.Future[ModuleType], outcome: ModuleType | PluginError) -> None:
    if result.done():
        return
    if isinstance(outcome, ModuleType):
        result.set_result(outcome)
    else:
        result.set_exception(outcome)


def _abandon(thread: threading.Thread) -> None:
    if thread.ident is not None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(_Abandoned))


def _remedy(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError):
        return "install what it needs where the bot runs, then start it again"
    if isinstance(error, SystemExit | KeyboardInterrupt):
        return "a plugin must not end the bot; mend that line, or tell its author"
    return "mend that, or tell its author, then start it again"


def _cause(error: BaseException) -> str:
    """An import meets nothing that people wrote, so the error's own text may be told."""
    own = [place for place in frames(error) if not place.startswith(_MACHINERY)]
    words = f"{type(error).__name__}: {error}".strip().rstrip(":")
    return f"{words} ({own[-1]})" if own else words
