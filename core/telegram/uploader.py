"""Files to Telegram while they are still arriving, and files from Telegram."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from pyrogram.errors import RPCError
from pyrogram.file_id import FileId
from pyrogram.raw import functions as F
from pyrogram.raw import types as T

from core.errors import FloodWaited, TelegramError
from core.telegram.client import TelegramClient
from core.telegram.media import stored_media
from core.telegram.media_lines import MediaLines
from core.telegram.refusals import NO_ANSWER, telegram_error
from core.telegram.types import IncomingMedia, MediaDetails, MediaKind, OutgoingMedia

PART = 512 * 1024
"""Bytes of a part; Telegram takes no larger ones."""
MOST_PARTS = 4_000
BIG = 10 * 1024 * 1024
"""Files above this many bytes go another way, without a checksum."""
_UNKNOWN = -1

Progress = Callable[[int], None]
"""Told how many bytes Telegram has acknowledged."""


class UploadRefused(TelegramError):
    """A file that cannot be uploaded: it is empty (`FILE_EMPTY`) or too large (`FILE_TOO_LARGE`)."""

    def __init__(self, name: str) -> None:
        super().__init__(400, name)


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """`connections` media sessions, `in_flight` parts of one file on their way at once."""

    connections: int = 4
    in_flight: int = 16


class Uploader:
    """Uploads and downloads through media sessions of its own; memory does not grow with the file."""

    def __init__(self, client: TelegramClient, limits: UploadLimits | None = None) -> None:
        self._client = client
        self._limits = limits or UploadLimits()
        self._lines = MediaLines(client, self._limits.connections)

    async def stop(self) -> None:
        """Close the connections."""
        await self._lines.stop()

    async def upload(
        self,
        chat_id: int,
        source: AsyncIterator[bytes],
        details: MediaDetails,
        *,
        progress: Progress | None = None,
    ) -> OutgoingMedia:
        """Upload what `source` gives, of known or unknown length, and name it on Telegram's servers.

        Raises:
            UploadRefused: nothing came, or more than Telegram takes (2,000 MiB).
            TelegramError: Telegram refused a part or the file.

        """
        if details.size is not None and details.size > PART * MOST_PARTS:
            raise UploadRefused("FILE_TOO_LARGE")
        file = await _alone(self._file(source, details.file_name, details.size, progress))
        thumb = None
        if details.thumbnail is not None and details.kind is not MediaKind.PHOTO:
            picture = self._file(_once(details.thumbnail), "thumbnail.jpg", len(details.thumbnail), None)
            thumb = await _alone(picture)
        query = F.messages.UploadMedia(
            peer=await self._client.resolve(chat_id), media=_uploaded(file, thumb, details)
        )
        while True:
            try:
                return stored_media(details.kind, await self._client.invoke(query))
            except FloodWaited as error:
                await self._client.clock.sleep(error.seconds)

    async def download(self, media: IncomingMedia) -> AsyncIterator[bytes]:
        """The bytes of a file that a person sent, as they arrive.

        Raises:
            TelegramError: Telegram refused; `FILE_REFERENCE_EXPIRED` for a file that was sent long ago.

        """
        try:
            async for chunk in self._client.raw.get_file(FileId.decode(media.file_id), media.size):
                yield chunk
        except RPCError as error:
            raise telegram_error(error) from error
        except OSError as error:
            raise TelegramError(503, NO_ANSWER) from error

    async def _file(
        self, source: AsyncIterator[bytes], name: str, size: int | None, progress: Progress | None
    ) -> Any:
        upload = _Upload(self._lines, secrets.randbits(62) + 1, self._limits.in_flight, progress)
        parts = _parts(source)
        head: list[bytes] = []
        small = size is not None and size <= BIG
        # Whether a file is big decides how its first part goes, so that much of an unknown one is held.
        async for part in parts:
            head.append(part)
            if not small and (size is not None or sum(map(len, head)) > BIG):
                return await upload.big(head, parts, name, size)
        return await upload.small(head, name)


class _Upload:
    """One file on its way."""

    def __init__(self, lines: MediaLines, file_id: int, in_flight: int, progress: Progress | None) -> None:
        self._lines = lines
        self._id = file_id
        self._places = asyncio.Semaphore(in_flight)
        self._progress = progress
        self._acknowledged = 0

    async def small(self, parts: list[bytes], name: str) -> Any:
        """A file up to 10 MiB."""
        if not any(parts):
            raise UploadRefused("FILE_EMPTY")
        checksum = hashlib.md5(usedforsecurity=False)
        async with asyncio.TaskGroup() as group:
            for number, part in enumerate(parts):
                checksum.update(part)
                query = F.upload.SaveFilePart(file_id=self._id, file_part=number, bytes=part)
                await self._places.acquire()
                group.create_task(self._send(query, len(part)))
        return T.InputFile(id=self._id, parts=len(parts), name=name, md5_checksum=checksum.hexdigest())

    async def big(self, head: list[bytes], rest: AsyncIterator[bytes], name: str, size: int | None) -> Any:
        """A larger file; its number of parts is told with the last one where it is not known before."""
        total = _UNKNOWN if size is None else -(-size // PART)
        count = 0
        async with asyncio.TaskGroup() as group:
            async for number, part, last in _numbered(head, rest):
                if number >= MOST_PARTS:
                    raise UploadRefused("FILE_TOO_LARGE")
                count = number + 1
                query = F.upload.SaveBigFilePart(
                    file_id=self._id,
                    file_part=number,
                    file_total_parts=count if last else total,
                    bytes=part,
                )
                await self._places.acquire()
                group.create_task(self._send(query, len(part)))
        return T.InputFileBig(id=self._id, parts=count, name=name)

    async def _send(self, query: Any, size: int) -> None:
        try:
            if not await self._lines.call(query):
                raise TelegramError(400, "FILE_PART_LOST")
        finally:
            self._places.release()
        self._acknowledged += size
        if self._progress is not None:
            self._progress(self._acknowledged)


async def _alone(work: Coroutine[Any, Any, Any]) -> Any:
    """The outcome of `work`, with the first error by itself instead of in a group."""
    try:
        return await work
    except BaseExceptionGroup as group:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        raise error from None


async def _parts(source: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The source in parts of 512 KiB, the last one shorter."""
    buffer = bytearray()
    async for chunk in source:
        buffer += chunk
        while len(buffer) >= PART:
            yield bytes(buffer[:PART])
            del buffer[:PART]
    if buffer:
        yield bytes(buffer)


async def _numbered(head: list[bytes], rest: AsyncIterator[bytes]) -> AsyncIterator[tuple[int, bytes, bool]]:
    """Parts with their numbers, and whether each is the last."""
    number = 0
    held: bytes | None = None
    for part in head:
        if held is not None:
            yield number, held, False
            number += 1
        held = part
    head.clear()
    async for part in rest:
        if held is not None:
            yield number, held, False
            number += 1
        held = part
    if held is not None:
        yield number, held, True


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


def _uploaded(file: Any, thumb: Any, details: MediaDetails) -> Any:
    if details.kind is MediaKind.PHOTO:
        return T.InputMediaUploadedPhoto(file=file)
    return T.InputMediaUploadedDocument(
        file=file,
        mime_type=details.mime_type,
        attributes=_attributes(details),
        thumb=thumb,
        force_file=True if details.kind is MediaKind.DOCUMENT else None,
    )


def _attributes(details: MediaDetails) -> list[Any]:
    attributes: list[Any] = [T.DocumentAttributeFilename(file_name=details.file_name)]
    if details.kind in (MediaKind.VIDEO, MediaKind.ANIMATION):
        attributes.append(
            T.DocumentAttributeVideo(
                duration=details.duration, w=details.width, h=details.height, supports_streaming=True
            )
        )
    if details.kind is MediaKind.ANIMATION:
        attributes.append(T.DocumentAttributeAnimated())
    if details.kind in (MediaKind.AUDIO, MediaKind.VOICE):
        attributes.append(
            T.DocumentAttributeAudio(
                duration=round(details.duration),
                voice=True if details.kind is MediaKind.VOICE else None,
                title=details.title or None,
                performer=details.performer or None,
            )
        )
    return attributes
