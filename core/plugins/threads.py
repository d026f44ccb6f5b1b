"""Names plugins whose own threads compute without end.

Such a thread holds up nobody for long, and everybody a little: it takes turns with the event loop again and
again. Nothing can end it but a restart, so it is told once. Work that was handed to `asyncio.to_thread` is
left alone, for that is where such work belongs.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Collection, Mapping
from types import FrameType

import psutil

from core.errors import PluginError
from core.plugins.memory import package_of
from core.plugins.running import RunningPlugin
from core.plugins.watchdog import place_of

_BUSY = 0.9
"""Who computes for this part of the time between two looks computes all the time."""
_LEAST_SECONDS = 5.0
"""Looks that are nearer to each other tell nothing."""
_HANDED_OVER = ("asyncio_", "import ")
"""How the names of threads begin that are not a plugin's own."""


class ThreadComputes(PluginError):
    """A thread of a plugin's own takes a whole processor."""

    def __init__(self, place: str) -> None:
        super().__init__(
            f"computes all the time, at {place}, which makes everything slower: its author has to end it or "
            "let it wait; until then switch the plugin off and restart the bot, "
            "for nothing else ends a thread"
        )


def used_by_threads() -> Mapping[int, float]:
    """The seconds that each thread of this process has computed, by its native id."""
    return {each.id: each.user_time + each.system_time for each in psutil.Process().threads()}


class ThreadWatch:
    """Reports each thread that belongs to a plugin and computes from one look to the next, once.

    `used` says for how many seconds each thread has computed, `now` the seconds of real time.
    """

    def __init__(
        self,
        running: Callable[[], Collection[RunningPlugin]],
        report: Callable[[str, str, ThreadComputes], None],
        *,
        used: Callable[[], Mapping[int, float]] = used_by_threads,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._running = running
        self._report = report
        self._used = used
        self._now = now
        self._looked = now()
        self._before: Mapping[int, float] = {}
        self._told: set[int] = set()

    async def look(self) -> None:
        """Look once."""
        now = self._now()
        passed, before = now - self._looked, self._before
        if passed < _LEAST_SECONDS:
            return
        used = self._used()
        self._looked, self._before = now, used
        self._told &= used.keys()
        busy = {
            thread for thread, spent in used.items() if spent - before.get(thread, spent) >= _BUSY * passed
        }
        if busy - self._told:
            frames = sys._current_frames()
            for thread in threading.enumerate():
                if thread.native_id in busy - self._told and thread.ident in frames:
                    self._name(thread, frames[thread.ident])

    def _name(self, thread: threading.Thread, frame: FrameType) -> None:
        if thread.native_id is None or thread.name.startswith(_HANDED_OVER):
            return
        modules = _modules_of(frame)
        for running in self._running():
            package = package_of(type(running.instance).__module__)
            if any(f"{module}.".startswith(f"{package}.") for module in modules):
                self._told.add(thread.native_id)
                error = ThreadComputes(place_of(frame))
                self._report(running.name, f"thread {thread.name}", error)
                return


def _modules_of(frame: FrameType) -> set[str]:
    """The modules whose code a thread is in the middle of."""
    found: set[str] = set()
    inner: FrameType | None = frame
    while inner is not None:
        found.add(str(inner.f_globals.get("__name__", "")))
        inner = inner.f_back
    return found
