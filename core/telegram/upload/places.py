"""The places of the window, shared so that a small file does not wait behind a large one."""

from __future__ import annotations

import asyncio
from collections import deque

from core.telegram.upload.window import Window

_YOUNG = 20
"""Parts after which an upload is no small file (10 MiB), and counts once."""
_WEIGHT = 4
"""How many places a small file gets for one of a large one."""


class Share:
    """The part of one upload in the whole. Each place that it gets puts it behind those that had fewer."""

    __slots__ = ("taken", "turn")

    def __init__(self) -> None:
        self.taken = 0
        self.turn = 0.0


class Places:
    """As many places as the window has parts; whoever is free to send takes one for each part.

    Those who wait get their turn by stride scheduling: an upload's first ten mebibytes cost a quarter of a
    turn a part, the rest a whole one, and a newcomer starts where the others are.
    """

    def __init__(self, window: Window) -> None:
        self._window = window
        self._now = 0.0
        self._waiting: list[tuple[Share, asyncio.Future[None]]] = []
        self._again: deque[asyncio.Future[None]] = deque()
        self.taken = 0
        """How many are taken, by all."""

    async def take(self, share: Share) -> None:
        """Wait for a place; `give_back` has to follow."""
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        share.turn = max(share.turn, self._now)
        self._waiting.append((share, waiting))
        self._hand_out()
        try:
            if waiting.done():
                # A source that never waits would keep the event loop to itself until all places are taken.
                await asyncio.sleep(0)
            await waiting
        except asyncio.CancelledError:
            self._leave(waiting)
            raise

    async def keep(self) -> None:
        """Go on in a place that was taken: at once, or before all newcomers when the window has shrunk.

        Whoever is cancelled meanwhile still has to `give_back`.
        """
        if self.taken <= self._window.size:
            return
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._again.append(waiting)
        self.give_back()
        try:
            await waiting
        except asyncio.CancelledError:
            if waiting.cancelled():
                self._again.remove(waiting)
                self.taken += 1
            raise

    def give_back(self) -> None:
        """Free a place for the next."""
        self.taken -= 1
        self._hand_out()

    def _leave(self, waiting: asyncio.Future[None]) -> None:
        if waiting.done() and not waiting.cancelled():
            self.give_back()
            return
        self._waiting = [entry for entry in self._waiting if entry[1] is not waiting]

    def _hand_out(self) -> None:
        while self._again and self.taken < self._window.size:
            waiting = self._again.popleft()
            self.taken += 1
            waiting.set_result(None)
        while self._waiting and self.taken < self._window.size:
            entry = min(self._waiting, key=lambda waiting: waiting[0].turn)
            self._waiting.remove(entry)
            share, waiting = entry
            if waiting.done():
                continue
            self._now = max(self._now, share.turn)
            share.turn += 1 / _WEIGHT if share.taken < _YOUNG else 1.0
            share.taken += 1
            self.taken += 1
            waiting.set_result(None)
