"""Draws small pixel creatures of words, without a server: the same words make the same creature."""

import asyncio
import hashlib
import re
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

from pydantic import Field

from starloom.api import (
    Account,
    Failed,
    FailureReason,
    ModelList,
    PluginConfig,
    ProviderContext,
    ProviderError,
    ProviderTask,
    Result,
    Status,
    Succeeded,
    read_models,
)

_TASK = re.compile(r"[^.]+\.([0-9a-f]{64})")
_CELLS = 8
_PNG = b"\x89PNG\r\n\x1a\n"


class Config(PluginConfig):
    """How large a creature is."""

    pixels: int = Field(default=512, ge=64, le=2048)
    """The sides of the picture."""


class PixelArtProvider:
    """Needs no memory: a task's id says what is to be drawn, so a task is ready as soon as it is ordered."""

    name = "pixel_art"

    def __init__(self, context: ProviderContext[Config]) -> None:
        self._cell = context.config.pixels // _CELLS
        self._models = read_models(Path(__file__).with_name("models.toml"), provider=self.name)

    async def start(self) -> None:
        """Nothing is kept open."""

    async def stop(self) -> None:
        """Nothing is kept open."""

    def models(self) -> ModelList:
        """What `models.toml` says."""
        return self._models

    async def submit(self, task: ProviderTask) -> str:
        """The task's id is the job's with a digest of the words, so that it names no word of them."""
        words = f"{task.prompt}\n{task.options['mood']}"
        return f"{task.job_id}.{hashlib.sha256(words.encode()).hexdigest()}"

    async def find(self, job_id: str) -> str | None:
        """Nothing is lost on the way to ourselves."""
        return None

    async def poll(self, task_id: str) -> Status:
        """Ready, if it is an id of ours."""
        if not _TASK.fullmatch(task_id):
            return Failed(FailureReason.EXPIRED, "no such creature")
        side = self._cell * _CELLS
        return Succeeded((Result(url=f"pixels:{task_id}", mime_type="image/png", width=side, height=side),))

    async def cancel(self, task_id: str) -> bool:
        """There is nothing to stop."""
        return False

    async def open(self, result: Result) -> AsyncIterator[bytes]:
        """The picture. It is computed beside the event loop, which everybody shares."""
        found = _TASK.fullmatch(result.url.removeprefix("pixels:"))
        if found is None:
            raise ProviderError("this is no creature of ours")
        yield await asyncio.to_thread(picture, bytes.fromhex(found[1]), self._cell)

    async def account(self) -> Account | None:
        """It costs nothing."""
        return None


def picture(digest: bytes, cell: int) -> bytes:
    """A creature as PNG: the left half of the cells is the digest's, the right one its mirror."""
    colour, ground = digest[:3], bytes((245, 242, 235))
    bits = int.from_bytes(digest[3:7], "big")
    rows = []
    for row in range(_CELLS):
        half = [bool(bits >> (row * _CELLS // 2 + column) & 1) for column in range(_CELLS // 2)]
        line = b"".join((colour if filled else ground) * cell for filled in (*half, *reversed(half)))
        rows.append((b"\x00" + line) * cell)
    side = cell * _CELLS
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        _PNG + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(b"".join(rows))) + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def create(context: ProviderContext[Config]) -> PixelArtProvider:
    """What Starloom calls."""
    return PixelArtProvider(context)
