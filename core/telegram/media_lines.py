"""Connections for files: made when first needed, shared, closed together."""

from __future__ import annotations

import asyncio
import contextlib
from itertools import cycle
from typing import Any

from pyrogram.errors import RPCError

from core.errors import FloodWaited, TelegramError
from core.telegram.client import TelegramClient
from core.telegram.line import Line
from core.telegram.refusals import NO_ANSWER, telegram_error


class MediaLines:
    """Makes calls over up to `connections` media sessions in turn; a flood wait is obeyed to the second."""

    def __init__(self, client: TelegramClient, connections: int) -> None:
        self._client = client
        self._places = cycle(range(connections))
        self._lines: list[Line | None] = [None] * connections
        self._opening = asyncio.Lock()

    async def call(self, query: Any) -> Any:
        """Make a call on the next session.

        Raises:
            TelegramError: Telegram refused, or could not be reached however often it was tried.

        """
        line = await self._line(next(self._places))
        while True:
            try:
                return await self._client.call(line, query)
            except RPCError as error:
                refusal = telegram_error(error)
                if not isinstance(refusal, FloodWaited):
                    raise refusal from error
                await self._client.clock.sleep(refusal.seconds)
            except OSError as error:
                raise TelegramError(503, NO_ANSWER) from error

    async def stop(self) -> None:
        """Close all sessions; the next call makes new ones."""
        async with self._opening:
            lines = [line for line in self._lines if line is not None]
            self._lines = [None] * len(self._lines)
            for line in lines:
                await line.stop()

    async def _line(self, place: int) -> Line:
        async with self._opening:
            line = self._lines[place]
            if line is None:
                line = self._lines[place] = await self._opened(place)
            return line

    async def _opened(self, place: int) -> Line:
        """A new session. Whoever is cancelled meanwhile leaves it to others: half made it never closes."""
        opening = asyncio.ensure_future(self._client.media_session())
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            with contextlib.suppress(TelegramError):
                self._lines[place] = await opening
            raise
