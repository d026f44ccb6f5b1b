"""Sees from outside the event loop whose code holds it up, and where.

Everything runs on one event loop, so code that computes or sleeps without `await` delays everybody. Nothing
on the loop can see that while it lasts. A thread can: it looks whether the loop still beats, and where not,
at the running task, whose name says whose it is, and at the line it stands in.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import structlog

from core.errors import PluginError
from core.plugins.guard import TASK_PREFIX

_log = structlog.stdlib.get_logger(__name__)

_BEATS = 4
"""Beats of the loop, and looks of the thread, within the time that code may hold it up."""
_LATE = 2.0
"""A thread that wakes this many times later than it should is on a machine that is busy: nobody is blamed."""
_OURS = ("core", "starloom")
"""Packages in which nobody's fault is looked for."""


class LoopBlocked(PluginError):
    """Code held up the event loop, and everybody with it."""

    def __init__(self, seconds: float, place: str) -> None:
        super().__init__(
            f"held everything up for {seconds:.1f} s at {place}; "
            "await what waits, and hand what computes to asyncio.to_thread"
        )
        self.seconds = seconds
        self.place = place


@dataclass(slots=True)
class _Held:
    """A stretch in which the loop does not beat: since when, whose it is, and in which line."""

    since: float
    task: asyncio.Task[object] | None
    place: str
    sure: bool = False


class Watchdog:
    """Watches the running event loop from `start` to `stop`.

    `report` is called on the loop with the plugin, what of it ran, and the error, once for each stretch of
    more than `seconds` (of real time: it is our own speed that is measured).
    """

    def __init__(self, seconds: float, report: Callable[[str, str, LoopBlocked], None]) -> None:
        self._seconds = seconds
        self._report = report
        self._beat = 0.0
        self._held: _Held | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._beating: asyncio.TimerHandle | None = None
        self._stopped = threading.Event()
        self._loop_thread = 0

    def start(self) -> None:
        """Begin; to be called on the loop."""
        self._loop = asyncio.get_running_loop()
        self._loop_thread = threading.get_ident()
        self._stopped.clear()
        self._on_beat()
        threading.Thread(target=self._look, name="watchdog", daemon=True).start()

    def stop(self) -> None:
        """End; the thread goes by itself."""
        self._stopped.set()
        if self._beating is not None:
            self._beating.cancel()

    def _on_beat(self) -> None:
        held, self._held = self._held, None
        now = time.perf_counter()
        self._beat = now
        if self._loop is not None:
            self._beating = self._loop.call_later(self._seconds / _BEATS, self._on_beat)
        if held is not None and held.sure:
            self._tell(held, now - held.since)

    def _tell(self, held: _Held, seconds: float) -> None:
        name = held.task.get_name() if held.task is not None else ""
        error = LoopBlocked(seconds, held.place)
        if name.startswith(TASK_PREFIX):
            plugin, _, what = name.removeprefix(TASK_PREFIX).partition(": ")
            self._report(plugin, what, error)
        else:
            _log.warning("event loop held up", seconds=round(seconds, 3), place=held.place, task=name)

    def _look(self) -> None:
        """The thread: look, again and again."""
        pause = self._seconds / _BEATS
        looked = time.perf_counter()
        while not self._stopped.wait(pause):
            now = time.perf_counter()
            punctual, looked = now - looked < _LATE * pause, now
            beat = self._beat
            if now - beat > self._seconds and punctual:
                self._see(beat)

    def _see(self, beat: float) -> None:
        """Note who holds the loop up; who is seen twice in the same stretch does."""
        frame = sys._current_frames().get(self._loop_thread)
        if self._loop is None or frame is None:
            return
        task = asyncio.current_task(self._loop)
        held = self._held
        if held is None or held.since != beat or held.task is not task:
            self._held = _Held(beat, task, place_of(frame))
        elif not held.sure:
            held.sure = True
            name = task.get_name() if task is not None else ""
            # Said at once: code that never comes back would otherwise never be named.
            _log.error("event loop is held up", task=name, place=held.place)


def place_of(frame: FrameType) -> str:
    """The innermost line that is the author's own, neither the standard library's nor ours."""
    inside = frame
    found: FrameType | None = frame
    while found is not None:
        module = str(found.f_globals.get("__name__", "")).partition(".")[0]
        if module not in sys.stdlib_module_names and module not in _OURS and not module.startswith("_"):
            inside = found
            break
        found = found.f_back
    path = Path(inside.f_code.co_filename)
    return f"{'/'.join(path.parts[-2:])}:{inside.f_lineno} {inside.f_code.co_name}"
