"""Tasks that run until they are told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

_AGAIN_SECONDS = 1.0


async def end_all(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks until all have ended; what they raise is let go.

    Once is not enough for a task that runs for ever: before Python 3.12 `asyncio.wait_for`, which Pyrogram
    waits with, swallows a cancellation that comes just as what it waits for is done
    (https://github.com/python/cpython/issues/86296), and the task goes on with its next round.
    """
    every = tuple(tasks)
    left = set(every)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_AGAIN_SECONDS)
    await asyncio.gather(*every, return_exceptions=True)
