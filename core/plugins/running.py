"""A plugin that is on: its calls in flight, its own tasks, the notifications that wait for it."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from core.errors import PluginError
from core.limits import PluginLimits, TimeLimit
from core.plugin import Plugin
from core.plugins.guard import Interrupted, end, start_task, within

_ResultT = TypeVar("_ResultT")

ReportError = Callable[[str, BaseException], None]
"""Counts an error of a plugin: where it happened, and the error."""


@dataclass(frozen=True, slots=True)
class _Notification:
    hook: str
    implementation: Callable[..., Coroutine[Any, Any, None]]
    arguments: Mapping[str, Any]


class RunningPlugin:
    """What of a plugin lives while it is on. `instance` is set once its context is made."""

    instance: Plugin[Any]

    def __init__(self, name: str, limits: PluginLimits, report: ReportError) -> None:
        self.name = name
        self.accepting = False
        self._limits = limits
        self._report = report
        self._places = asyncio.Semaphore(limits.concurrent)
        self._in_flight: set[asyncio.Task[Any]] = set()
        self._own: set[asyncio.Task[None]] = set()
        self._mailbox: deque[_Notification] = deque()
        self._postman: asyncio.Task[None] | None = None
        self._closed = False
        self.due: dict[str, datetime] = {}
        """The moment at which each of its works by the clock comes next."""
        self.belongings = contextlib.ExitStack()
        """What is taken away with the plugin, once nothing of it runs any more."""

    async def run(self, coroutine: Coroutine[Any, Any, _ResultT], what: str, limit: TimeLimit) -> _ResultT:
        """Run a call into the plugin; raises what it raises, or that it took too long."""
        task = start_task(coroutine, self.name, what)
        self._in_flight.add(task)
        task.add_done_callback(self._in_flight.discard)
        return await within(task, self._limits, limit)

    @contextlib.asynccontextmanager
    async def place(self) -> AsyncIterator[bool]:
        """One of the places for handlers; False where none becomes free in time."""
        if self._places.locked():
            try:
                async with asyncio.timeout(self._limits.busy_seconds):
                    await self._places.acquire()
            except TimeoutError:
                yield False
                return
        else:
            await self._places.acquire()
        try:
            yield True
        finally:
            self._places.release()

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run a task of the plugin's own until it ends or the plugin goes.

        Raises:
            PluginError: the plugin is going already.

        """
        if self._closed:
            coroutine.close()
            raise PluginError(f"plugin {self.name} is off; it can start no task")
        task = start_task(coroutine, self.name, f"task {getattr(coroutine, '__qualname__', '')}")
        self._own.add(task)
        task.add_done_callback(self._own_ended)

    def coroutines(self) -> list[Any]:
        """What runs in it just now: its own tasks, and calls into it."""
        return [task.get_coro() for task in (*self._own, *self._in_flight)]

    def post(self, hook: str, implementation: Callable[..., Any], arguments: Mapping[str, Any]) -> None:
        """Queue a notification; the plugin gets its notifications one after another."""
        if not self.accepting:
            return
        if len(self._mailbox) >= self._limits.waiting_notifications:
            self._report(f"hook {hook}", PluginError("too many notifications wait; one was dropped"))
            return
        self._mailbox.append(_Notification(hook, implementation, arguments))
        if self._postman is None:
            self._postman = asyncio.create_task(self._deliver(), name=f"notifications of {self.name}")

    async def idle(self) -> None:
        """Wait until no notification waits."""
        while self._postman is not None:
            await asyncio.wait({self._postman})

    async def drain(self) -> None:
        """Take nothing new; let what runs end, up to the limit, and cancel what is left.

        The call that asked for it, if it is one of this plugin's own, is left alone.
        """
        self.accepting = False
        self._closed = True
        running = self._others()
        if running:
            await asyncio.wait(running, timeout=self._limits.drain_seconds)
        self._mailbox.clear()
        await self._end(self._others())

    async def end_tasks(self) -> None:
        """Cancel the plugin's own tasks."""
        self._closed = True
        await self._end(set(self._own) - {asyncio.current_task()})

    def _others(self) -> set[asyncio.Task[Any]]:
        current = asyncio.current_task()
        others = {task for task in self._in_flight if task is not current}
        if self._postman is not None and current not in self._in_flight:
            others.add(self._postman)
        return others

    async def _end(self, tasks: set[Any]) -> None:
        going_on = await end(tuple(tasks), self._limits.cancel_seconds)
        for task in going_on:
            words = f"{task.get_name()} goes on although it was cancelled"
            remedy = "its author has to let CancelledError out"
            self._report("stop", PluginError(f"{words}: {remedy}"))

    def _own_ended(self, task: asyncio.Task[None]) -> None:
        self._own.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._report("task", error)

    async def _deliver(self) -> None:
        try:
            while self._mailbox:
                await self._deliver_one(self._mailbox.popleft())
        except Interrupted:
            return
        finally:
            self._postman = None

    async def _deliver_one(self, notification: _Notification) -> None:
        what = f"hook {notification.hook}"
        coroutine = notification.implementation(**notification.arguments)
        try:
            await self.run(coroutine, what, "hook_seconds")
        except Interrupted:
            raise
        except Exception as error:
            self._report(what, error)
