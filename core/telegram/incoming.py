"""What comes in from Telegram and waits to be read, in the order of arrival."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Reconnected:
    """The main session is connected again; updates may have been missed."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a call of our own that moved the counters, as sends and edits do.

    `channel_id` is the raw id of the channel that a plain count (`messages.affectedMessages`) is about.
    """

    answer: Any
    channel_id: int | None = None


class RawUpdates:
    """A queue that never refuses and never waits: what is not read is not lost while the process lives."""

    def __init__(self) -> None:
        self._items: deque[Any] = deque()
        self.arrived = asyncio.Event()
        """Set while something waits."""
        self.peek: Callable[[Any], None] | None = None
        """Told of each item as it arrives, before it is read; for what cannot wait its turn."""

    def put(self, item: Any) -> None:
        """Add an item."""
        self._items.append(item)
        self.arrived.set()
        if self.peek is not None:
            self.peek(item)

    def drain(self) -> list[Any]:
        """Take everything that waits."""
        items = list(self._items)
        self._items.clear()
        self.arrived.clear()
        return items

    def items(self) -> tuple[Any, ...]:
        """What waits, left where it is."""
        return tuple(self._items)

    async def wait(self) -> None:
        """Return when something waits."""
        await self.arrived.wait()
