"""Memory between downloads and uploads: bounded for each of them, and for all together."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from core.generation.probe.lending import KeptBytes

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class AheadLimits:
    """Bytes: one download is at most `each` ahead of its upload, all of them together `total`.

    `kept` is what all together keep of what has passed, to draw the first pictures of videos from. One chunk
    of every download is always taken, so that none waits for the others' uploads.
    """

    each: int = 4 * _MIB
    total: int = 48 * _MIB
    kept: int = 32 * _MIB


class ReadAhead:
    """What all downloads of a process hold in memory."""

    def __init__(self, limits: AheadLimits | None = None) -> None:
        self.limits = limits or AheadLimits()
        self.held = 0
        """Bytes, of all downloads."""
        self.kept = KeptBytes(self.limits.kept)
        self._full: set[asyncio.Event] = set()

    def buffer(self) -> ChunkBuffer:
        """Room for one more download."""
        return ChunkBuffer(self)

    def add(self, size: int) -> None:
        """Count bytes that came, or below zero, that were taken; whoever waits for room looks again."""
        self.held += size
        if size < 0:
            for waiting in self._full:
                waiting.set()

    async def room(self) -> None:
        """Wait until something was taken."""
        taken = asyncio.Event()
        self._full.add(taken)
        try:
            await taken.wait()
        finally:
            self._full.discard(taken)


class ChunkBuffer:
    """The chunks of one download, which has an end or fails."""

    def __init__(self, shared: ReadAhead) -> None:
        self._shared = shared
        self._chunks: deque[bytes] = deque()
        self._held = 0
        self._filled = asyncio.Event()
        self._ended = False
        self._failure: BaseException | None = None

    async def put(self, chunk: bytes) -> None:
        """Add a chunk, as soon as there is room."""
        while not self._has_room(len(chunk)):
            await self._shared.room()
        self._chunks.append(chunk)
        self._count(len(chunk))
        self._filled.set()

    def end(self, failure: BaseException | None = None) -> None:
        """Say that nothing more comes, and why, if that is not as it should be."""
        self._ended, self._failure = True, failure
        self._filled.set()

    async def take(self) -> bytes:
        """The next chunk, or none at the end.

        What comes before a failure is still given out; then it raises the failure.
        """
        while not self._chunks:
            if self._failure is not None:
                raise self._failure
            if self._ended:
                return b""
            self._filled.clear()
            await self._filled.wait()
        chunk = self._chunks.popleft()
        self._count(-len(chunk))
        return chunk

    def drop(self) -> None:
        """Forget what was not taken."""
        self._chunks.clear()
        self._count(-self._held)

    def _has_room(self, size: int) -> bool:
        limits = self._shared.limits
        return not self._chunks or (
            self._held + size <= limits.each and self._shared.held + size <= limits.total
        )

    def _count(self, size: int) -> None:
        self._held += size
        self._shared.add(size)
