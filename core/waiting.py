"""Waiting for something to happen, but no longer than the clock says."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from core.clock import Clock


async def happens(event: asyncio.Event, clock: Clock, seconds: float) -> bool:
    """Wait until `event` is set, at most `seconds` of the clock's time; whether it is set."""
    if not event.is_set() and seconds > 0:
        await _first(event.wait(), clock.sleep(seconds))
    return event.is_set()


async def finishes(work: Coroutine[Any, Any, Any], clock: Clock, seconds: float) -> bool:
    """Run `work`, at most `seconds` of the clock's time; whether it came to its end.

    What takes longer is cancelled. What `work` raises is raised here.
    """
    done = await _first(work, clock.sleep(seconds))
    if not done:
        return False
    done[0].result()
    return True


async def _first(work: Coroutine[Any, Any, Any], limit: Coroutine[Any, Any, Any]) -> list[asyncio.Task[Any]]:
    """The task of `work` if it is done before `limit` is; nothing of the two goes on."""
    task, timer = asyncio.ensure_future(work), asyncio.ensure_future(limit)
    try:
        await asyncio.wait((task, timer), return_when=asyncio.FIRST_COMPLETED)
        return [task] if task.done() else []
    finally:
        unfinished = [one for one in (task, timer) if not one.done()]
        for one in unfinished:
            one.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
