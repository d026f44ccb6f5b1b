"""What goes on beside the calls of plugins, and nobody waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from core.plugins.guard import end


class Tasks:
    """Tasks that run until they end, or are ended."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def start(self, coroutine: Coroutine[Any, Any, None], name: str) -> None:
        """Run a coroutine."""
        task = asyncio.create_task(coroutine, name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def end(self, seconds: float) -> None:
        """Cancel what runs still, and wait up to so many seconds."""
        await end(tuple(self._running), seconds)
