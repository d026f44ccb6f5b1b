"""A provider's result on its way into a chat: in which form, and whether all of it came."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import mimetypes
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from core.errors import ProviderError
from core.generation.completion import FILMS, completed
from core.generation.film import ENOUGH
from core.generation.provider import Result
from core.telegram.types import MediaDetails, MediaKind, OutgoingMedia

PHOTO_MAX_BYTES = 10 * 1024 * 1024
PHOTO_MAX_SIDES = 10_000
"""Telegram takes larger pictures (width plus height, pixels) as documents only.

Source: https://core.telegram.org/bots/api#sendphoto
"""

_PHOTO_TYPES = ("image/jpeg", "image/png", "image/webp")
_VIDEO_TYPES = ("video/mp4",)


def kind_of(result: Result) -> MediaKind:
    """The form in which Telegram shows this result."""
    if result.mime_type in _PHOTO_TYPES:
        small = result.size is not None and result.size <= PHOTO_MAX_BYTES
        small = small and result.width + result.height <= PHOTO_MAX_SIDES
        return MediaKind.PHOTO if small else MediaKind.DOCUMENT
    if result.mime_type in _VIDEO_TYPES:
        return MediaKind.VIDEO
    if result.mime_type == "image/gif":
        return MediaKind.ANIMATION
    if result.mime_type.startswith("audio/"):
        return MediaKind.AUDIO
    return MediaKind.DOCUMENT


def details_of(result: Result, *, name: str, title: str) -> MediaDetails:
    """What Telegram is told of a result. `name` is for files without one of their own, `title` for audio."""
    kind = kind_of(result)
    mime_type = result.mime_type or "application/octet-stream"
    extension = mimetypes.guess_extension(mime_type, strict=False) or ""
    return MediaDetails(
        kind=kind,
        mime_type=mime_type,
        file_name=result.file_name or f"{name}{extension}",
        size=result.size,
        width=result.width,
        height=result.height,
        duration=result.duration,
        title=title if kind is MediaKind.AUDIO else "",
    )


class Download:
    """The bytes of a result as they arrive, watched.

    Iterating raises ProviderError when nothing comes, when it stops short, stands still for `seconds`, or is
    not what the provider announced. `failure` keeps what was raised, for callers who get it wrapped.
    """

    def __init__(self, source: AsyncIterator[bytes], result: Result, *, seconds: float) -> None:
        self._source = source
        self._result = result
        self._seconds = seconds
        self._ahead: list[bytes] = []
        self.failure: ProviderError | None = None

    async def described(self) -> Result:
        """The result with what the provider did not say of it; for that its first bytes are awaited.

        Of a picture of unknown size as much is read ahead as Telegram takes of one.

        Raises:
            ProviderError: as iterating does.

        """
        try:
            with self._noting_failure():
                await self._describe()
        except ProviderError:
            await self._close()
            raise
        return self._result

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield what comes, and check the whole at its end."""
        try:
            with self._noting_failure():
                async for chunk in self._watched():
                    yield chunk
        finally:
            await self._close()

    async def _describe(self) -> None:
        first = await self._next()
        self._ahead = [first] if first else []
        head = getattr(self._source, "head", None)
        self._result = completed(self._result, head, first)
        if self._result.mime_type in FILMS and not (self._result.width and self._result.duration):
            await self._read_ahead(ENOUGH)
            self._result = completed(self._result, head, b"".join(self._ahead))
        if self._result.size is None and self._result.mime_type in _PHOTO_TYPES:
            await self._measure()

    async def _watched(self) -> AsyncIterator[bytes]:
        size = 0
        digest = hashlib.sha256() if self._result.sha256 else None
        while chunk := self._ahead.pop(0) if self._ahead else await self._next():
            size += len(chunk)
            if digest is not None:
                digest.update(chunk)
            yield chunk
        if size == 0:
            raise ProviderError("download: empty file")
        if self._result.size is not None and size != self._result.size:
            raise ProviderError(f"download: {size} bytes of {self._result.size}")
        if digest is not None and digest.hexdigest() != self._result.sha256:
            raise ProviderError("download: other bytes than announced")

    async def _next(self) -> bytes:
        """The next bytes, or none at the end."""
        try:
            async with asyncio.timeout(self._seconds):
                while not (chunk := await anext(self._source)):
                    pass
                return chunk
        except StopAsyncIteration:
            return b""

    async def _measure(self) -> None:
        """Read ahead until the size is known, or is known to be too large for a picture."""
        size = await self._read_ahead(PHOTO_MAX_BYTES + 1)
        if size <= PHOTO_MAX_BYTES:
            self._result = replace(self._result, size=size)

    async def _read_ahead(self, least: int) -> int:
        """Have so many bytes in hand, or all there are; how many those are."""
        size = sum(map(len, self._ahead))
        while size < least and (chunk := await self._next()):
            self._ahead.append(chunk)
            size += len(chunk)
        return size

    @contextlib.contextmanager
    def _noting_failure(self) -> Iterator[None]:
        try:
            yield
        except ProviderError as error:
            self.failure = error
            raise
        except Exception as error:
            self.failure = ProviderError(f"download: {type(error).__name__}")
            raise self.failure from error

    async def _close(self) -> None:
        """Give up the connection of a download that nobody reads on."""
        close = getattr(self._source, "aclose", None)
        if close is not None:
            await close()


def result_fields(result: Result) -> dict[str, Any]:
    """A result as the job keeps it."""
    return asdict(result)


def result_from(fields: Mapping[str, Any]) -> Result:
    """A result as the job kept it."""
    return Result(**fields)


def without_source(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a result once it is delivered: its form, not where it was."""
    return result_fields(replace(result_from(fields), url=""))


def media_fields(media: OutgoingMedia) -> dict[str, Any]:
    """An uploaded file as the job keeps it."""
    return {"kind": media.kind.value, "file": media.file}


def media_from(fields: Mapping[str, Any]) -> OutgoingMedia:
    """An uploaded file as the job kept it."""
    return OutgoingMedia(kind=MediaKind(fields["kind"]), file=dict(fields["file"]))
