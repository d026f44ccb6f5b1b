"""Runs checks and conversions in a process of its own, bounded in memory and time.

Files of strangers are read by decoders in C: what makes one of them fall, or fill the memory, must not take
the bot with it. The process has none of the bot's secrets.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import structlog

from core.media.wants import Note, Prepared, Unfit, Wants

_log = structlog.stdlib.get_logger(__name__)

_PASSED_ON = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class WorkshopLimits:
    """`at_once` files are prepared at the same time, each within `seconds` and `memory` bytes."""

    at_once: int = 2
    seconds: float = 60.0
    memory: int = 3 * 1024 * 1024 * 1024


class Workshop:
    """Makes of given files what models take."""

    def __init__(self, limits: WorkshopLimits | None = None) -> None:
        self._limits = limits or WorkshopLimits()
        self._places = asyncio.Semaphore(self._limits.at_once)

    async def prepare(self, source: Path, target: Path, wants: Wants) -> Prepared:
        """Write to `target` what the model takes of `source`.

        Raises:
            Unfit: the model cannot take it, in words.

        """
        order = {"source": str(source), "target": str(target), "wants": asdict(wants)}
        async with self._places:
            answer = await self._run("image" if wants.kind == "image" else "clip", json.dumps(order).encode())
        if "unfit" in answer:
            raise Unfit(answer["unfit"], **answer["variables"])
        prepared = answer["prepared"]
        return Prepared(**{**prepared, "notes": tuple(Note(**note) for note in prepared["notes"])})

    async def _run(self, kind: str, order: bytes) -> dict[str, Any]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            f"core.media.{kind}_bench",
            str(self._limits.memory),
            str(int(self._limits.seconds)),
            env=_environment(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(self._limits.seconds):
                output, _ = await process.communicate(order)
        except TimeoutError:
            _log.warning("given file took too long")
            raise Unfit("media-takes-too-long") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode or not output:
            _log.warning("given file broke its reader", code=process.returncode)
            raise Unfit("media-broken")
        answer: dict[str, Any] = json.loads(output)
        return answer


def _environment() -> dict[str, str]:
    """What the process needs to find Python's modules, and nothing more: no token, no key."""
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**passed, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
