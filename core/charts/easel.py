"""Has charts drawn by a process of its own, which is there only while charts are wanted."""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
import sys
from collections import OrderedDict
from dataclasses import asdict
from pathlib import Path

import structlog

from core.apart import environment_apart
from core.charts.chart import Chart
from core.errors import StarloomError

_log = structlog.stdlib.get_logger(__name__)

_LENGTH = struct.Struct(">I")
_KEPT = 32
_MEMORY = 2 * 1024 * 1024 * 1024
_SECONDS = 25.0
_IDLE_SECONDS = 60.0


class ChartNotDrawn(StarloomError):
    """A chart that could not be drawn; what it would have shown can be said in words."""


class Easel:
    """Draws charts one after the other; one that was drawn lately is not drawn again.

    The process that draws loads its library once and goes when nobody has wanted a chart for a minute of real
    time, and with it the memory that it takes. It has none of the bot's secrets. `directory` is where the
    library keeps what it found out about fonts.
    """

    def __init__(self, directory: Path, *, idle: float = _IDLE_SECONDS, seconds: float = _SECONDS) -> None:
        self._directory = directory
        self._idle = idle
        self._seconds = seconds
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._idling: asyncio.TimerHandle | None = None
        self._leaving: asyncio.Task[None] | None = None
        self._drawn: OrderedDict[str, bytes] = OrderedDict()

    @property
    def at_work(self) -> bool:
        """Whether there is a process that draws."""
        return self._process is not None

    async def draw(self, chart: Chart) -> bytes:
        """The chart as PNG, 1080 pixels wide.

        Raises:
            ChartNotDrawn: it could not be drawn, or not in time.

        """
        order = json.dumps(asdict(chart))
        async with self._turn:
            if order not in self._drawn:
                self._drawn[order] = await self._draw(order)
                if len(self._drawn) > _KEPT:
                    self._drawn.popitem(last=False)
            self._drawn.move_to_end(order)
            return self._drawn[order]

    async def stop(self) -> None:
        """End the process."""
        async with self._turn:
            await self._end()

    async def _draw(self, order: str) -> bytes:
        if self._idling is not None:
            self._idling.cancel()
        try:
            async with asyncio.timeout(self._seconds):
                picture = await self._ask(order)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            await self._end()
            _log.warning("chart not drawn", error=type(error).__name__)
            raise ChartNotDrawn(type(error).__name__) from error
        except BaseException:
            await self._end()
            raise
        self._idling = asyncio.get_running_loop().call_later(self._idle, self._dismiss)
        if not picture:
            raise ChartNotDrawn("the artist could not draw it")
        return picture

    async def _ask(self, order: str) -> bytes:
        process = self._process or await self._begin()
        if process.stdin is None or process.stdout is None:
            raise OSError("the artist cannot be spoken to")
        process.stdin.write(order.encode() + b"\n")
        await process.stdin.drain()
        (length,) = _LENGTH.unpack(await process.stdout.readexactly(_LENGTH.size))
        return await process.stdout.readexactly(length)

    async def _begin(self) -> asyncio.subprocess.Process:
        await asyncio.to_thread(self._directory.mkdir, parents=True, exist_ok=True)
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "core.charts.artist",
            str(_MEMORY),
            env={
                **environment_apart(),
                "MPLCONFIGDIR": str(self._directory),
                "OPENBLAS_NUM_THREADS": "1",
            },
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        return self._process

    def _dismiss(self) -> None:
        """Nobody has wanted a chart for long; whoever does just now gets it before."""
        self._leaving = asyncio.create_task(self.stop(), name="artist leaves")

    async def _end(self) -> None:
        if self._idling is not None:
            self._idling.cancel()
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
