"""Runs checks and conversions of given files, each in a process of its own."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import structlog

from core.apart import WorkFailed, work_apart
from core.media.wants import Note, Prepared, Unfit, Wants

_log = structlog.stdlib.get_logger(__name__)


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
        limits = self._limits
        try:
            output = await work_apart(
                f"core.media.{kind}_bench", order, memory=limits.memory, seconds=limits.seconds
            )
        except TimeoutError:
            _log.warning("given file took too long")
            raise Unfit("media-takes-too-long") from None
        except WorkFailed as failure:
            _log.warning("given file broke its reader", code=failure.code)
            raise Unfit("media-broken") from None
        answer: dict[str, Any] = json.loads(output)
        return answer
