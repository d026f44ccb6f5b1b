"""Finds the plugin that holds too much memory, and what of it does.

All plugins share one process, so the system says only how much all of them use. Where that has grown by as
much as one plugin may hold, what can be reached from each plugin is added up: from its object, from the
variables of its modules and classes, and from what its own tasks are doing. What belongs to the application
is left out.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import sys
import types
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import structlog

from core.errors import PluginError
from core.plugins.running import RunningPlugin

_log = structlog.stdlib.get_logger(__name__)

_MIB = 1024 * 1024
_OTHERS = frozenset(
    {"core", "starloom", "sandbox", "asyncio", "_asyncio", "logging", "structlog", "threading"}
)
"""Packages whose objects a plugin refers to, and does not hold."""
_NO_DATA = (
    type,
    types.ModuleType,
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.CodeType,
    types.CoroutineType,
    types.FrameType,
    types.GetSetDescriptorType,
    property,
    classmethod,
    staticmethod,
)
_CONTAINERS = (list, tuple, dict, set, frozenset, deque)
_SAMPLE = 500
"""Elements of a larger container that are looked at; the others are taken to be like them."""
_MOST_OBJECTS = 20_000
"""Objects of one place that are looked at."""
_ONE_KIND = 0.5
"""Where fewer of a sample are different objects, the container refers to the same ones again and again."""
_GROWTH = 4
"""Where nobody is found, it is looked again when memory has grown by this part of what one may hold."""


class TooMuchMemory(PluginError):
    """A plugin holds more than it may."""

    def __init__(self, held: int, place: str, most: int) -> None:
        super().__init__(
            f"holds {held // _MIB} MiB, most of it in {place}; at most {most // _MIB} MiB may be held "
            "(limits.plugins.memory_bytes): keep large things in files or a collection, and drop what is done"
        )


@dataclass(frozen=True, slots=True)
class Held:
    """What a plugin holds, in bytes, and where most of it is."""

    size: int
    place: str


class MemoryWatch:
    """Reports plugins that hold more than `most` bytes.

    `resident` says how many bytes the process uses.
    """

    def __init__(
        self,
        running: Callable[[], Collection[RunningPlugin]],
        *,
        most: int,
        resident: Callable[[], int],
        report: Callable[[str, str, TooMuchMemory], None],
    ) -> None:
        self._running = running
        self._most = most
        self._resident = resident
        self._report = report
        self._look_at = 0

    async def look(self) -> None:
        """Look once, and only at the process where that has not grown."""
        used = self._resident()
        if not self._look_at:
            self._look_at = used + self._most
        if used < self._look_at:
            return
        self._look_at = used + self._most // _GROWTH
        found = 0
        for running in self._running():
            # What is reachable is taken down here, in one piece, and added up where it holds up nobody.
            roots = list(_roots(running))
            held = await asyncio.to_thread(added_up, roots)
            if held.size > self._most:
                found += 1
                self._report(running.name, "memory", TooMuchMemory(held.size, held.place, self._most))
        if not found:
            _log.warning("memory has grown, and no plugin holds it", resident_mib=used // _MIB)


def added_up(roots: Iterable[tuple[str, object]]) -> Held:
    """What can be reached from these places; each object counts where it is met first."""
    seen: set[int] = set()
    sizes = [(_size(value, seen), place) for place, value in roots]
    largest = max(sizes, default=(0, ""))
    return Held(sum(size for size, _ in sizes), largest[1])


def _roots(running: RunningPlugin) -> Iterator[tuple[str, object]]:
    instance = running.instance
    kind = type(instance)
    for name, value in vars(instance).items():
        if name != "context":
            yield f"self.{name} of {kind.__name__}", value
    package = package_of(kind.__module__)
    for module_name, module in tuple(sys.modules.items()):
        if module_name == package or module_name.startswith(f"{package}."):
            for name, value in tuple(vars(module).items()):
                if not name.startswith("__"):
                    yield f"{name} of {module_name}", value
                if isinstance(value, type) and value.__module__ == module_name:
                    yield f"the class {value.__name__}", dict(vars(value))
    for coroutine in running.coroutines():
        yield from _locals(coroutine)


def package_of(module: str) -> str:
    """The package that a plugin's class stands in, or the module where it stands alone."""
    is_package = hasattr(sys.modules.get(module), "__path__")
    return module if is_package else module.rpartition(".")[0] or module


def _locals(coroutine: Any) -> Iterator[tuple[str, object]]:
    """The variables of a coroutine that waits, and of those that it waits for."""
    while coroutine is not None:
        frame = getattr(coroutine, "cr_frame", None)
        if frame is not None:
            for name, value in tuple(frame.f_locals.items()):
                yield f"{name} of {coroutine.__qualname__}", value
        coroutine = getattr(coroutine, "cr_await", None)


def _size(root: object, seen: set[int]) -> int:
    total = 0.0
    looked = 0
    waiting: deque[tuple[object, float]] = deque([(root, 1.0)])
    while waiting and looked < _MOST_OBJECTS:
        value, weight = waiting.popleft()
        if id(value) in seen or not _is_data(value):
            continue
        seen.add(id(value))
        looked += 1
        total += sys.getsizeof(value, 0) * weight
        children, share = _children(value)
        waiting.extend((child, weight * share) for child in children)
    return int(total)


def _is_data(value: object) -> bool:
    if value is None or isinstance(value, _NO_DATA):
        return False
    return type(value).__module__.partition(".")[0] not in _OTHERS


def _children(value: object) -> tuple[list[Any], float]:
    """What an object refers to, or a sample of it, and for how many each of them stands."""
    if not isinstance(value, _CONTAINERS) or len(value) <= _SAMPLE:
        return [each for each in gc.get_referents(value) if not isinstance(each, int)], 1.0
    stride = len(value) // _SAMPLE
    try:
        sample = list(itertools.islice(value, 0, None, stride))
    except RuntimeError:
        # It is being changed just now.
        return [], 1.0
    if isinstance(value, dict):
        sample += [value.get(key) for key in sample]
    different = len({id(each) for each in sample})
    return sample, float(stride) if different >= _ONE_KIND * len(sample) else 1.0
