"""Runs code that is not ours: in a task of its own, with a time limit, and without a way to end the process.

Every task is named `plugin NAME: what`, so that whoever looks at the running task from outside the event
loop can tell whose code it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from core.errors import PluginError
from core.limits import PluginLimits, TimeLimit

_ResultT = TypeVar("_ResultT")

TASK_PREFIX = "plugin "

_strays: set[asyncio.Task[Any]] = set()
"""Cancelled tasks that go on all the same; referred to here, or they would vanish in the middle."""

_granted: WeakKeyDictionary[asyncio.Task[Any], float] = WeakKeyDictionary()
"""Seconds that running tasks may take beyond their limits."""


class TimeLimitPassed(PluginError):
    """Code ran longer than it may; `limit` says where operators allow it more."""

    def __init__(self, seconds: float, limit: TimeLimit) -> None:
        super().__init__(
            f"took longer than {seconds:g} s: its author has to make it quicker, "
            f"or allow it more (limits.plugins.{limit})"
        )
        self.seconds = seconds


class Interrupted(PluginError):
    """Code was cancelled because its plugin was switched off."""


class ExitAttempted(PluginError):
    """Code tried to end the process."""


def start_task(coroutine: Coroutine[Any, Any, _ResultT], plugin: str, what: str) -> asyncio.Task[_ResultT]:
    """Run `coroutine` in a named task, from which nothing but errors comes out."""
    return asyncio.create_task(_contained(coroutine), name=f"{TASK_PREFIX}{plugin}: {what}")


async def within(task: asyncio.Task[_ResultT], limits: PluginLimits, limit: TimeLimit) -> _ResultT:
    """The result of `task`; it is cancelled when it takes longer than `limit` allows.

    Raises:
        TimeLimitPassed: it took too long.
        Interrupted: somebody else cancelled it.

    """
    left = seconds = limits.seconds(limit)
    try:
        done, _ = await asyncio.wait({task}, timeout=left)
        while not done and (left := _granted.pop(task, 0.0)):
            done, _ = await asyncio.wait({task}, timeout=left)
    except asyncio.CancelledError:
        await end((task,), limits.cancel_seconds)
        raise
    if not done:
        await end((task,), limits.cancel_seconds)
        raise TimeLimitPassed(seconds, limit)
    if task.cancelled():
        raise Interrupted("was switched off")
    return task.result()


def grant_time(seconds: float) -> None:
    """Let the code that runs now take this much longer: for work of the core's own that is slow by nature."""
    task = asyncio.current_task()
    if task is not None:
        _granted[task] = _granted.get(task, 0.0) + seconds


async def end(tasks: tuple[asyncio.Task[Any], ...], seconds: float) -> tuple[asyncio.Task[Any], ...]:
    """Cancel `tasks` and wait up to `seconds`; answers those that go on all the same."""
    for task in tasks:
        task.cancel()
    if not tasks:
        return ()
    done, going_on = await asyncio.wait(tasks, timeout=seconds)
    for task in done:
        _look_at(task)
    for task in going_on:
        _strays.add(task)
        task.add_done_callback(_forget)
    return tuple(going_on)


async def _contained(coroutine: Coroutine[Any, Any, _ResultT]) -> _ResultT:
    try:
        return await coroutine
    except (Exception, asyncio.CancelledError, KeyboardInterrupt):
        raise
    except BaseException as error:
        # asyncio lets SystemExit out of the event loop, and with it the whole bot would end.
        raise ExitAttempted(f"tried to end the process ({type(error).__name__})") from error


def _forget(task: asyncio.Task[Any]) -> None:
    _strays.discard(task)
    _look_at(task)


def _look_at(task: asyncio.Task[Any]) -> None:
    """Fetch the exception, or asyncio complains that nobody did."""
    if not task.cancelled():
        task.exception()
