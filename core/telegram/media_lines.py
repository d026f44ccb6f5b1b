"""Connections for files: opened as the window grows, shared by all uploads, closed when nobody uploads."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any

from pyrogram.errors import RPCError

from core.errors import FloodWaited, TelegramError
from core.telegram.client import TelegramClient
from core.telegram.line import Line
from core.telegram.refusals import NO_ANSWER, telegram_error
from core.telegram.upload.places import Places, Share
from core.telegram.upload.window import Window
from core.telegram.upload.wire import FilePart, crypto_threads

_PASSING_CODES = frozenset({500, 502, 503})
_LONGEST_PAUSE = 8.0
_MOST_PATIENCE = 4
"""How many times as long as any other call a part may take, where the line proves to be slow."""
_PARTS_OF_A_LINE = 4
"""How many parts under way make one more connection worth while."""


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """Bounds for all uploads of a process together.

    `connections` media sessions and `in_flight` parts under way are the most, `start` is how many parts are
    under way before anything is known of the line. A part is given up after failing `attempts` times in a
    row, flood waits not counted. `idle` is how many seconds of the clock unused connections stay open.
    """

    connections: int = 8
    in_flight: int = 64
    start: int = 8
    attempts: int = 8
    idle: float = 60.0


@dataclass(slots=True, eq=False)
class _Carrier:
    """A connection, and when the parts that it carries just now are given up, in the order they were sent.

    It brings one after the other: as long as those before it arrive, a part is not late.
    """

    line: Line
    limits: list[asyncio.Timeout] = field(default_factory=list)

    @property
    def ready(self) -> bool:
        return self.line.is_started.is_set() and not self.line.key_lost.is_set()

    async def send(self, part: FilePart, patience: float) -> Any:
        """Send a part; the answer.

        Raises:
            OSError: none came within `patience` seconds of real time after that to the part before it.

        """
        async with asyncio.timeout(patience) as limit:
            self.limits.append(limit)
            try:
                taken = await self.line.send(part, timeout=None)
                self._put_off(limit, patience)
            finally:
                self.limits.remove(limit)
        return taken

    def _put_off(self, arrived: asyncio.Timeout, patience: float) -> None:
        when = asyncio.get_running_loop().time() + patience
        for limit in self.limits[self.limits.index(arrived) + 1 :]:
            if not limit.expired():
                limit.reschedule(max(when, limit.when() or when))


class MediaLines:
    """Brings parts to Telegram, each until it is acknowledged, over as many media sessions as pay.

    A part that fails or is not answered in time is sent again by itself, on whichever session is free, as
    soon as the window, which that made smaller, has a place for it; one that met a flood wait holds everybody
    back for exactly as long as Telegram asked.
    """

    def __init__(self, client: TelegramClient, limits: UploadLimits) -> None:
        self._client = client
        self._limits = limits
        self._window = Window(limits.start, limits.in_flight)
        self._places = Places(self._window)
        self._carriers: list[_Carrier] = []
        self._opening: set[asyncio.Task[None]] = set()
        self._closing: set[asyncio.Task[None]] = set()
        self._refused: TelegramError | None = None
        self._flood_until = 0.0
        self._patience = client.timing.call
        self._users = 0
        self._resting: asyncio.Task[None] | None = None
        # Now, and not in the middle of the first upload.
        crypto_threads()

    @property
    def window(self) -> int:
        """How many parts may be under way just now."""
        return self._window.size

    @property
    def connections(self) -> int:
        """How many sessions there are."""
        return len(self._carriers)

    def join(self) -> Share:
        """Begin an upload: the connections stay open until as many `leave`."""
        self._users += 1
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None
        return Share()

    def leave(self) -> None:
        """End an upload. After some time without any, the connections are closed."""
        self._users -= 1
        if not self._users:
            self._resting = asyncio.create_task(self._rest(), name="media lines at rest")

    async def place(self, share: Share) -> None:
        """Wait until a part may go; `carry` has to follow, or `give_back` where there is none."""
        await self._places.take(share)

    def give_back(self) -> None:
        """Leave a place unused."""
        self._places.give_back()

    async def carry(self, part: FilePart) -> None:
        """Bring a part to Telegram, in a place that was waited for; it is free afterwards.

        Raises:
            TelegramError: Telegram refused it, or could not be reached however often it was tried.

        """
        try:
            number, began = await self._brought(part)
            now = self._client.clock.monotonic()
            self._window.acknowledged(number, len(part.data), self._places.taken, now - began, now)
            self._patience = self._bounded(_MOST_PATIENCE * (now - began))
        finally:
            self._places.give_back()

    async def stop(self) -> None:
        """Close all sessions; the next part makes new ones."""
        if self._resting is not None:
            self._resting.cancel()
            await asyncio.gather(self._resting, return_exceptions=True)
            self._resting = None
        await self._let_go()
        while self._closing:
            await asyncio.wait(self._closing)

    async def _brought(self, part: FilePart) -> tuple[int, float]:
        """Send a part until it is acknowledged; the number of the attempt that was, and when it began."""
        timing, failures = self._client.timing, 0
        pause = timing.pause
        while True:
            await self._wait_for_flood()
            await self._places.keep()
            if self._flooded():
                continue
            number, began = self._window.sent(), self._client.clock.monotonic()
            try:
                await self._attempt(part, max(self._patience, self._bounded(timing.call * 2**failures)))
            except RPCError as error:
                refusal = telegram_error(error)
                if isinstance(refusal, FloodWaited):
                    self._obey(refusal.seconds, number)
                    continue
                if abs(refusal.code) not in _PASSING_CODES:
                    raise refusal from error
                failed: TelegramError = refusal
            except OSError:
                # Another connection may be at hand, so the first time nobody waits.
                failed = TelegramError(503, NO_ANSWER)
            else:
                return number, began
            self._window.struck(number)
            failures += 1
            if failures >= self._limits.attempts:
                raise failed
            if failures > 1 or failed.name != NO_ANSWER:
                await self._client.clock.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    async def _attempt(self, part: FilePart, patience: float) -> None:
        carrier = await self._free()
        taken = await carrier.send(part, patience)
        if taken is not True:
            raise TelegramError(400, "FILE_PART_LOST")

    def _bounded(self, patience: float) -> float:
        usual = self._client.timing.call
        return max(usual, min(patience, _MOST_PATIENCE * usual))

    def _flooded(self) -> bool:
        return self._flood_until > self._client.clock.monotonic()

    async def _wait_for_flood(self) -> None:
        while (left := self._flood_until - self._client.clock.monotonic()) > 0:
            await self._client.clock.sleep(left)

    def _obey(self, seconds: int, number: int) -> None:
        now = self._client.clock.monotonic()
        self._flood_until = max(self._flood_until, now + seconds)
        self._window.flooded(number, now)

    async def _free(self) -> _Carrier:
        """The connected session that carries least.

        Raises:
            OSError: none came up in time, or none can be opened.

        """
        async with asyncio.timeout(self._client.timing.connect):
            while True:
                self._open_more()
                ready = [carrier for carrier in self._carriers if carrier.ready]
                if ready:
                    return min(ready, key=lambda carrier: len(carrier.limits))
                await self._until_any_is_ready()

    def _open_more(self) -> None:
        """Begin to open the sessions that the parts under way are worth, one at least."""
        lost = [carrier for carrier in self._carriers if carrier.line.key_lost.is_set()]
        for carrier in lost:
            self._carriers.remove(carrier)
            _begin(carrier.line.stop(), self._closing)
        wanted = min(self._limits.connections, 1 + (self._places.taken - 1) // _PARTS_OF_A_LINE)
        for _ in range(len(self._carriers) + len(self._opening), wanted):
            _begin(self._open(), self._opening)

    async def _open(self) -> None:
        self._refused = None
        try:
            line = await self._client.media_session()
        except TelegramError as error:
            self._refused = error
            return
        self._carriers.append(_Carrier(line))

    async def _until_any_is_ready(self) -> None:
        starting = [asyncio.create_task(each.line.is_started.wait()) for each in self._carriers]
        try:
            await asyncio.wait((*starting, *self._opening), return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _cancelled(starting)
        if self._refused is not None and not self._carriers:
            raise ConnectionError("no session could be opened") from self._refused

    async def _rest(self) -> None:
        await self._client.clock.sleep(self._limits.idle)
        await self._let_go()

    async def _let_go(self) -> None:
        """Begin to close all sessions: whoever needs one meanwhile gets a new one, and stops nothing."""
        while self._opening:
            await asyncio.wait(self._opening)
        carriers, self._carriers = self._carriers, []
        self._window.reset()
        self._patience = self._client.timing.call
        for carrier in carriers:
            _begin(carrier.line.stop(), self._closing)


def _begin(work: Coroutine[Any, Any, None], among: set[asyncio.Task[None]]) -> None:
    task = asyncio.create_task(work, name="media line")
    among.add(task)
    task.add_done_callback(among.discard)


async def _cancelled(tasks: Iterable[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
