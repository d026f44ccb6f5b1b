"""The processes beside the benchmark of uploads: sinks, and uploads whose memory is measured."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[1]
_STARTS = 60.0
_ENDS = 20.0


KEY_BYTES = 256
"""The length of an auth key."""


class SinkProcess:
    """A sink that runs."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self._process = process
        self.port = port

    async def stop(self) -> dict[str, Any]:
        """End it; what came: the number of different parts of each file, and of all parts sent."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        said = await _said(self._process, _ENDS)
        await asyncio.wait_for(self._process.wait(), _ENDS)
        return said


@asynccontextmanager
async def sink(auth_key: bytes, round_trip: float, rate: float = 0.0) -> AsyncIterator[SinkProcess]:
    """A sink that answers after `round_trip` seconds, at the end of a line of `rate` bytes a second.

    It is ended at the latest at the end.

    Raises:
        RuntimeError: it does not start.
    """
    process = await _started("bench.upload_sink")
    try:
        said = await _ordered(process, {"auth_key": auth_key.hex(), "round_trip": round_trip, "rate": rate})
        yield SinkProcess(process, said["port"])
    finally:
        await _ended(process)


@asynccontextmanager
async def file_source(round_trip: float, rate: float) -> AsyncIterator[str]:
    """A web server that gives out files of any length, `/BYTES`; its address.

    Raises:
        RuntimeError: it does not start.
    """
    process = await _started("bench.relay_source")
    try:
        said = await _ordered(process, {"round_trip": round_trip, "rate": rate})
        yield f"http://127.0.0.1:{said['port']}"
    finally:
        await _ended(process)


async def peak_memory(auth_key: bytes, port: int, size: int, *, source: str) -> float:
    """The most memory in bytes that a process held while it uploaded `size` bytes to a sink.

    With a `source` it relays them from there.

    Raises:
        RuntimeError: the upload failed.
    """
    process = await _started("bench.upload_memory")
    orders = {"auth_key": auth_key.hex(), "port": port, "size": size, "source": source}
    try:
        said = await _ordered(process, orders, limit=None)
    finally:
        await _ended(process)
    return float(said["peak"])


async def _started(module: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", module),
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        # Ctrl-C reaches the benchmark, which ends them in order.
        start_new_session=True,
    )


async def _ordered(
    process: asyncio.subprocess.Process, orders: dict[str, Any], limit: float | None = _STARTS
) -> dict[str, Any]:
    assert process.stdin is not None
    process.stdin.write(json.dumps(orders).encode() + b"\n")
    return await _said(process, limit)


async def _said(process: asyncio.subprocess.Process, limit: float | None) -> dict[str, Any]:
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), limit)
    if not line:
        raise RuntimeError("a process of the benchmark ended early")
    said: dict[str, Any] = json.loads(line)
    return said


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.wait()
