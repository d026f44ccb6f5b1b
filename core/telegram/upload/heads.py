"""The beginnings of files of unknown size, held until it is known whether the files are big."""

from __future__ import annotations

import asyncio
import tempfile
from collections import deque
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import IO

import structlog

_log = structlog.stdlib.get_logger(__name__)

_MEMORY = 48 * 1024 * 1024  # bytes


class Heads:
    """Room for the beginnings of files: in memory as long as there is any, and beyond that on disk.

    A download that stands still keeps what has come of it, so nobody is made to wait for what others hold.
    """

    def __init__(self, memory: int = _MEMORY) -> None:
        self._memory = memory
        self.held = 0
        """Bytes in memory, of all uploads."""

    def head(self) -> Head:
        """Room for one more."""
        return Head(self)

    def take(self, size: int) -> bool:
        """Take so many bytes of memory, if they are there; below zero they are given back."""
        if size > 0 and self.held + size > self._memory:
            return False
        self.held += size
        return True


class Head:
    """The beginning of one file; it has to be dropped in the end."""

    def __init__(self, heads: Heads) -> None:
        self._heads = heads
        self._parts: deque[bytes] = deque()
        self._spool: IO[bytes] | None = None
        self._closing = ExitStack()
        self._spooled: deque[int] = deque()
        """How long each part in the spool is."""
        self.size = 0
        """Bytes that were put in."""

    async def put(self, part: bytes) -> None:
        """Add a part."""
        self.size += len(part)
        # What has a part on disk has all further ones there, so that they stay in their order.
        if self._spool is None and self._heads.take(len(part)):
            self._parts.append(part)
            return
        await asyncio.to_thread(self._open_spool().write, part)
        self._spooled.append(len(part))

    async def parts(self) -> AsyncIterator[bytes]:
        """What was put in, each part forgotten as it is given out."""
        while self._parts:
            part = self._parts.popleft()
            self._heads.take(-len(part))
            yield part
        if self._spool is not None:
            self._spool.seek(0)
            while self._spooled:
                yield await asyncio.to_thread(self._spool.read, self._spooled.popleft())
        self.drop()

    def drop(self) -> None:
        """Forget everything."""
        self._heads.take(-sum(map(len, self._parts)))
        self._parts.clear()
        self._spool = None
        self._closing.close()

    def _open_spool(self) -> IO[bytes]:
        if self._spool is None:
            _log.info("upload_head_on_disk")
            with ExitStack() as opening:
                # Without a name from the start where the system can do that: no crash leaves it behind.
                self._spool = opening.enter_context(tempfile.TemporaryFile())
                self._closing = opening.pop_all()
        return self._spool
