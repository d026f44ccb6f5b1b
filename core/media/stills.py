"""Thumbnails of videos, from as much of them as their first picture needs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from core.apart import WorkFailed, work_apart

_log = structlog.stdlib.get_logger(__name__)

THUMBNAIL_SIDE = 320
"""Pixels. Source: https://core.telegram.org/bots/api#sendvideo, `thumbnail`."""
THUMBNAIL_BYTES = 200 * 1000
_NOTHING = b"-"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a file; `offset` is where in the file it begins."""

    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Still:
    """As much of a video as its first picture can be decoded from; `container` names the reader."""

    container: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class StillLimits:
    """`at_once` pictures are decoded at the same time, each within `seconds` and `memory` bytes."""

    at_once: int = 2
    seconds: float = 20.0
    memory: int = 2 * 1024 * 1024 * 1024


class Stills:
    """Makes thumbnails, each in a process of its own."""

    def __init__(self, limits: StillLimits | None = None) -> None:
        self._limits = limits or StillLimits()
        self._places = asyncio.Semaphore(self._limits.at_once)

    async def thumbnail(self, still: Still) -> bytes | None:
        """A JPEG of the first picture, at most 320 pixels wide and high; None where none can be decoded."""
        limits = self._limits
        try:
            async with self._places:
                # Only now: whoever waits for a place would hold all of it twice.
                order = encoded(still.container, still.pieces)
                output = await work_apart(
                    "core.media.still_bench", order, memory=limits.memory, seconds=limits.seconds
                )
        except TimeoutError:
            _log.warning("no thumbnail", reason="it took too long")
            return None
        except (WorkFailed, OSError) as error:
            _log.warning("no thumbnail", reason=str(error))
            return None
        return None if output == _NOTHING else output


def encoded(container: str, pieces: Sequence[Piece]) -> bytes:
    """An order, as the process reads it: a line of JSON, and the pieces one after another."""
    head = {"container": container, "pieces": [[piece.offset, len(piece.data)] for piece in pieces]}
    return b"\n".join((json.dumps(head).encode(), b"".join(piece.data for piece in pieces)))


def decoded(order: bytes) -> Still:
    """An order, read."""
    line, _, data = order.partition(b"\n")
    head = json.loads(line)
    pieces, place = [], 0
    for offset, length in head["pieces"]:
        pieces.append(Piece(offset, data[place : place + length]))
        place += length
    return Still(head["container"], tuple(pieces))


def answer(picture: bytes | None) -> bytes:
    """What the process says."""
    return picture or _NOTHING
