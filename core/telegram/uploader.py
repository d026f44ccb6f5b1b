"""Files to Telegram while they are still arriving, and files from Telegram."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any

from pyrogram.errors import RPCError
from pyrogram.file_id import FileId
from pyrogram.raw import functions as F
from pyrogram.raw import types as T

from core.errors import FloodWaited, TelegramError
from core.telegram.client import TelegramClient
from core.telegram.lookup import message_at
from core.telegram.media import stored_media
from core.telegram.media_lines import MediaLines, UploadLimits
from core.telegram.refusals import NO_ANSWER, telegram_error
from core.telegram.types import IncomingMedia, MediaDetails, MediaKind, MessageRef, OutgoingMedia
from core.telegram.upload.cutting import joined, once, parts_of
from core.telegram.upload.file import MOST_PARTS, FileUpload, Progress, UploadedFile, UploadRefused
from core.telegram.upload.heads import Head, Heads
from core.telegram.upload.wire import PART

__all__ = [
    "BIG",
    "MOST_BYTES",
    "PART",
    "Progress",
    "UploadLimits",
    "UploadRefused",
    "UploadedFile",
    "Uploader",
]

BIG = 10 * 1024 * 1024
"""Files above this many bytes go another way, without a checksum."""
_VIDEO_CODECS = {"h264": "h264", "hevc": "h265", "av1": "av1"}
"""Telegram's names. Source: https://core.telegram.org/constructor/documentAttributeVideo."""
MOST_BYTES = PART * MOST_PARTS
"""The largest file that Telegram takes of a bot: 2,000 MiB."""


class Uploader:
    """Uploads and downloads through media sessions of its own; memory does not grow with the file."""

    most_bytes = MOST_BYTES

    def __init__(
        self,
        client: TelegramClient,
        limits: UploadLimits | None = None,
        *,
        observe: Callable[[int], None] = lambda _: None,
    ) -> None:
        """`observe` is told of bytes that Telegram has acknowledged, whatever file they are of."""
        self._observe = observe
        self._client = client
        self._lines = MediaLines(client, limits or UploadLimits())
        self._heads = Heads()

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
            UploadRefused: nothing came, more than Telegram takes (2,000 MiB), or not as much as was said.
            TelegramError: Telegram refused a part or the file.

        """
        file = await self.file(source, name=details.file_name, size=details.size, progress=progress)
        return await self.register(chat_id, file, details.thumbnail, details)

    async def file(
        self,
        source: AsyncIterator[bytes],
        *,
        name: str,
        size: int | None = None,
        progress: Progress | None = None,
    ) -> UploadedFile:
        """Bring the bytes of `source` to Telegram's servers; what they are may be told later.

        `size` is how many bytes there will be, if that is known. `progress` is told how many Telegram has
        acknowledged. A part that fails is sent again alone; whoever is cancelled sends no further part.

        Raises:
            UploadRefused: nothing came, more than Telegram takes (2,000 MiB), or not as much as was said;
                too much is refused before the first byte where `size` is given.
            TelegramError: Telegram refused a part, or could not be reached.

        """
        if size == 0:
            raise UploadRefused("FILE_EMPTY")
        if size is not None and size > MOST_BYTES:
            raise UploadRefused("FILE_TOO_LARGE")
        upload = FileUpload(self._lines, secrets.randbits(62) + 1, self._observed(progress))
        parts = parts_of(source)
        if size is not None:
            return await (upload.small if size <= BIG else upload.big)(parts, name, size)
        # Whether a file is big decides how its first part goes, so that much of an unknown one is held.
        head = self._heads.head()
        try:
            big = await _fill(head, parts)
            return await (upload.big if big else upload.small)(joined(head.parts(), parts), name, None)
        finally:
            head.drop()

    def _observed(self, progress: Progress | None) -> Progress:
        """Tells of progress, and `observe` of what came since the last time."""
        known = 0

        def tell(done: int) -> None:
            nonlocal known
            self._observe(max(0, done - known))
            known = max(known, done)
            if progress is not None:
                progress(done)

        return tell

    async def register(
        self, chat_id: int, file: UploadedFile, thumbnail: bytes | None, details: MediaDetails
    ) -> OutgoingMedia:
        """Make media of an uploaded file, ready to be sent to `chat_id`. `thumbnail` is a JPEG.

        Raises:
            TelegramError: Telegram refused the file or its thumbnail.

        """
        thumb = None
        if thumbnail is not None and details.kind is not MediaKind.PHOTO:
            thumb = await self.file(once(thumbnail), name="thumbnail.jpg", size=len(thumbnail))
        query = F.messages.UploadMedia(
            peer=await self._client.resolve(chat_id), media=_uploaded(file, thumb, details)
        )
        while True:
            try:
                return stored_media(details.kind, await self._client.invoke(query))
            except FloodWaited as error:
                await self._client.clock.sleep(error.seconds)

    async def refreshed(self, media: OutgoingMedia, message: MessageRef) -> OutgoingMedia | None:
        """The same file with a fresh reference from a message that shows it; None if that is gone.

        Raises:
            PersonUnreachable: the chat is not known to us.
            TelegramError: Telegram refused.

        """
        found = await message_at(self._client, message)
        try:
            return stored_media(media.kind, getattr(found, "media", None))
        except ValueError:
            return None

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


async def _fill(head: Head, parts: AsyncIterator[bytes]) -> bool:
    """Read as much of a file as tells whether it is big; whether it is."""
    async for part in parts:
        await head.put(part)
        if head.size > BIG:
            return True
    return False


def _uploaded(file: UploadedFile, thumb: UploadedFile | None, details: MediaDetails) -> Any:
    if details.kind is MediaKind.PHOTO:
        return T.InputMediaUploadedPhoto(file=_input(file))
    return T.InputMediaUploadedDocument(
        file=_input(file),
        mime_type=details.mime_type,
        attributes=_attributes(details),
        thumb=None if thumb is None else _input(thumb),
        force_file=True if details.kind is MediaKind.DOCUMENT else None,
        # Without this a video that has no sound becomes an animation.
        nosound_video=True if details.kind is MediaKind.VIDEO else None,
    )


def _input(file: UploadedFile) -> Any:
    if file.md5 is None:
        return T.InputFileBig(id=file.file_id, parts=file.parts, name=file.name)
    return T.InputFile(id=file.file_id, parts=file.parts, name=file.name, md5_checksum=file.md5)


def _attributes(details: MediaDetails) -> list[Any]:
    attributes: list[Any] = [T.DocumentAttributeFilename(file_name=details.file_name)]
    if details.kind in (MediaKind.VIDEO, MediaKind.ANIMATION):
        attributes.append(
            T.DocumentAttributeVideo(
                duration=details.duration,
                w=details.width,
                h=details.height,
                supports_streaming=True,
                video_codec=_VIDEO_CODECS.get(details.codec),
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
