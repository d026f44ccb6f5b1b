"""A measured bot as the benchmark sees it: started, asked for its counts, ended by its own process id."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from bench.bots.orders import Orders

_START_SECONDS = 60.0
_ANSWER_SECONDS = 20.0
_STOP_SECONDS = 20.0
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Usage:
    """What a bot used until now: CPU seconds, round trips to the database, and these by command."""

    cpu: float
    round_trips: int
    commands: Mapping[str, int] = field(default_factory=dict)


class BotProcess:
    """A bot in a process of its own. It ends by itself when this process is gone."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self._log = log

    @classmethod
    async def start(cls, kind: str, orders: Orders) -> Self:
        """Start a bot of a kind (`whole`, `bare`, `memory`) and wait until it takes updates.

        Raises:
            RuntimeError: it ended, or is not ready within a minute; with what it said last.
        """
        orders.directory.mkdir(parents=True, exist_ok=True)
        log = orders.directory / "log"
        with log.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "bench.bots", kind),
                env={**os.environ, "PYTHONPATH": str(_ROOT)},
                cwd=orders.directory,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=out,
                # Ctrl-C reaches the benchmark, which ends the bots in order.
                start_new_session=True,
            )
        bot = cls(process, log)
        try:
            await bot._ask(orders.packed(), _START_SECONDS)
        except BaseException:
            await bot.stop()
            raise
        return bot

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    async def usage(self) -> Usage:
        """What it used until now."""
        return Usage(**await self._ask({"usage": True}, _ANSWER_SECONDS))

    async def stop(self) -> None:
        """Let it end, and end it where it does not."""
        stdin = self._process.stdin
        if stdin is not None:
            stdin.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), _STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def _ask(self, question: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the bot's process has no pipes")
        line = b""
        with contextlib.suppress(TimeoutError, ConnectionError):
            stdin.write(json.dumps(question).encode() + b"\n")
            line = await asyncio.wait_for(stdout.readline(), seconds)
        if not line:
            said = self._log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"a bot does not answer; it said:\n{said}")
        answer: dict[str, Any] = json.loads(line)
        return answer
