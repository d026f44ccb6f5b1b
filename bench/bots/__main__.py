"""One measured bot: `python -m bench.bots KIND`, spoken to in lines of JSON; it ends with its input."""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
import time
from typing import Any

from bench.bots.orders import Counts, Orders
from core.observability.logging import configure_logging


async def _lines() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    return reader


def _say(**content: Any) -> None:
    sys.stdout.write(json.dumps(content) + "\n")
    sys.stdout.flush()


async def _run(kind: str) -> None:
    reader = await _lines()
    orders = Orders.unpacked(json.loads(await reader.readline()))
    async with _kind(kind)(orders) as counts:
        _say(ready=True)
        while await reader.readline():
            _answer(counts)


def _kind(kind: str) -> Any:
    """How to run a bot of this kind; what the others need is not loaded."""
    return importlib.import_module(f"bench.bots.{kind}").running


def _answer(counts: Counts) -> None:
    round_trips, commands = counts()
    _say(cpu=time.process_time(), round_trips=round_trips, commands=commands)


if __name__ == "__main__":
    configure_logging(level="WARNING", stream=sys.stderr)
    asyncio.run(_run(sys.argv[1]))
