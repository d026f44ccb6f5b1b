"""One file on its way to Telegram's servers."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from core.errors import TelegramError
from core.telegram.media_lines import MediaLines
from core.telegram.upload.cutting import held_back
from core.telegram.upload.places import Share
from core.telegram.upload.wire import PART, BigFilePart, FilePart

MOST_PARTS = 4_000
_UNKNOWN = -1

Progress = Callable[[int], None]
"""Told how many bytes Telegram has acknowledged."""


class UploadRefused(TelegramError):
    """A file that cannot be uploaded.

    It is empty (`FILE_EMPTY`), too large (`FILE_TOO_LARGE`), or not as long as was said
    (`FILE_LENGTH_WRONG`).
    """

    def __init__(self, name: str) -> None:
        super().__init__(400, name)


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """The parts of a file that lie on Telegram's servers; `Uploader.register` makes media of them.

    `size` is bytes. `md5` is the hexadecimal checksum of a file of at most 10 MiB, None for a bigger one.
    Telegram keeps parts for hours, not for days.
    """

    file_id: int
    parts: int
    name: str
    size: int
    md5: str | None


class FileUpload:
    """Sends the parts of one file, several at a time; the first that is lost ends it."""

    def __init__(self, lines: MediaLines, file_id: int, progress: Progress | None) -> None:
        self._lines = lines
        self._id = file_id
        self._progress = progress
        self._acknowledged = 0

    async def small(self, parts: AsyncIterator[bytes], name: str, size: int | None) -> UploadedFile:
        """A file up to 10 MiB, with a checksum."""
        checksum = hashlib.md5(usedforsecurity=False)

        def made(number: int, data: bytes, last: bool) -> FilePart:
            checksum.update(data)
            return FilePart(self._id, number, data)

        count = await self._all(parts, made, size)
        return UploadedFile(self._id, count, name, self._acknowledged, checksum.hexdigest())

    async def big(self, parts: AsyncIterator[bytes], name: str, size: int | None) -> UploadedFile:
        """A larger file; its number of parts is told with the last one where it is not known before."""
        total = _UNKNOWN if size is None else -(-size // PART)

        def made(number: int, data: bytes, last: bool) -> FilePart:
            return BigFilePart(self._id, number, data, number + 1 if last else total)

        count = await self._all(parts, made, size)
        return UploadedFile(self._id, count, name, self._acknowledged, None)

    async def _all(
        self, parts: AsyncIterator[bytes], made: Callable[[int, bytes, bool], FilePart], size: int | None
    ) -> int:
        share = self._lines.join()
        try:
            return await _alone(self._send_all(share, parts, made, size))
        finally:
            self._lines.leave()

    async def _send_all(
        self,
        share: Share,
        parts: AsyncIterator[bytes],
        made: Callable[[int, bytes, bool], FilePart],
        size: int | None,
    ) -> int:
        count = read = 0
        async with asyncio.TaskGroup() as group:
            async for data, last in held_back(parts):
                read += len(data)
                if count >= MOST_PARTS:
                    raise UploadRefused("FILE_TOO_LARGE")
                if size is not None and (read > size or (last and read < size)):
                    raise UploadRefused("FILE_LENGTH_WRONG")
                await self._lines.place(share)
                group.create_task(self._send(made(count, data, last)))
                count += 1
        if not count:
            raise UploadRefused("FILE_EMPTY" if not size else "FILE_LENGTH_WRONG")
        if self._acknowledged != read:
            raise TelegramError(400, "FILE_PART_LOST")
        return count

    async def _send(self, part: FilePart) -> None:
        await self._lines.carry(part)
        self._acknowledged += len(part.data)
        if self._progress is not None:
            self._progress(self._acknowledged)


async def _alone(work: Coroutine[Any, Any, int]) -> int:
    """The outcome of `work`, with the first error by itself instead of in a group."""
    try:
        return await work
    except BaseExceptionGroup as group:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        raise error from None
