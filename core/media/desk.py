"""Takes what people send: fetches it, has it checked and converted, and keeps it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from core.errors import ConfigurationError, TelegramError, UserFacingError
from core.generation.model import Model
from core.generation.options import MediaInput
from core.media.files import InputFiles
from core.media.given import GivenFile
from core.media.store import CHUNK, EXTENSIONS, InputStore, StoreAway
from core.media.wants import MEGABYTE, Kind, Note, Prepared, Unfit, Wants, too_large, wrong_kind
from core.media.workshop import Workshop
from core.plugins.guard import grant_time
from core.telegram.types import IncomingMedia, MediaKind, MessageRef

_log = structlog.stdlib.get_logger(__name__)

Fetch = Callable[[IncomingMedia], AsyncIterator[bytes]]
"""The bytes of a file that a person sent, as they arrive."""

Look = Callable[[MessageRef], Awaitable[IncomingMedia | None]]
"""The file in a message."""

TAKE_SECONDS = 240.0
"""The longest that taking one file may last, its download included."""
_STANDSTILL = 30.0
_CONVERTED: dict[Kind, int] = {"image": 25 * MEGABYTE, "video": 0, "audio": 60 * MEGABYTE}
"""What may come in though the model takes less, as it can be made smaller."""
KINDS_TAKEN: dict[MediaKind, frozenset[Kind]] = {
    MediaKind.PHOTO: frozenset({"image"}),
    MediaKind.STICKER: frozenset({"image"}),
    MediaKind.VIDEO: frozenset({"video", "audio"}),
    MediaKind.ANIMATION: frozenset({"video"}),
    MediaKind.AUDIO: frozenset({"audio"}),
    MediaKind.VOICE: frozenset({"audio"}),
    MediaKind.DOCUMENT: frozenset({"image", "video", "audio"}),
}
"""What each form of Telegram's may be taken as; a document is looked into."""

_SAYS_NOTHING = ("", "application/octet-stream", "application/ogg")
"""Announced types of documents behind which anything may be."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that was taken, and what its person should know of it."""

    file: GivenFile
    notes: tuple[Note, ...] = ()


class MediaDesk:
    """Takes files for the media inputs of models. `directory` is for files on their way."""

    def __init__(
        self,
        *,
        store: InputStore,
        files: InputFiles,
        fetch: Fetch,
        look: Look,
        workshop: Workshop,
        directory: Path,
    ) -> None:
        self._store = store
        self._files = files
        self._fetch = fetch
        self._look = look
        self._workshop = workshop
        self._directory = directory

    async def start(self) -> None:
        """Make the folder for files on their way, and drop what a crash left in it.

        Raises:
            ConfigurationError: the folder cannot be made.

        """
        try:
            await asyncio.to_thread(_empty, self._directory)
        except OSError as error:
            raise ConfigurationError(
                f"DATA_DIR: {self._directory} cannot be written to: {error.strerror}"
            ) from error

    def takes(self, media: IncomingMedia, given: MediaInput) -> bool:
        """Whether a file may be of the kind that an input takes, as far as Telegram says."""
        if given.kind not in KINDS_TAKEN[media.kind]:
            return False
        announced = media.mime_type.partition("/")[0]
        if media.kind is not MediaKind.DOCUMENT or media.mime_type in _SAYS_NOTHING:
            return True
        return announced == given.kind or (announced, given.kind) == ("video", "audio")

    async def in_message(self, message: MessageRef) -> IncomingMedia | None:
        """The file in a message, to be taken as if it had just been sent; None where there is none."""
        try:
            return await self._look(message)
        except TelegramError as error:
            _log.warning("message not looked up", error=error.name)
            return None

    async def take(self, media: IncomingMedia, model: Model, field: str) -> Taken:
        """Fetch a file that a person sent, check it, make of it what the model takes, and keep it.

        Nothing is fetched that is surely too large, too long or of another kind.

        Raises:
            UserFacingError: it cannot be taken, in words with numbers.

        """
        given = model.media_input(field)
        if given is None:
            raise UserFacingError("input-unknown", field=field)
        wants = Wants.of(given)
        limit = self._check(media, given, wants)
        grant_time(TAKE_SECONDS)
        try:
            async with asyncio.timeout(TAKE_SECONDS), self._paths() as (source, target):
                await self._download(media, source, limit)
                prepared = await self._workshop.prepare(source, target, wants)
                ref = await self._store.put(_chunks(target), prepared.mime_type)
        except TimeoutError:
            raise UserFacingError("media-takes-too-long") from None
        except StoreAway as error:
            _log.error("given file not kept", error=str(error))
            raise UserFacingError("media-not-kept") from error
        return Taken(_given(field, ref, prepared), prepared.notes)

    async def discard(self, files: Iterable[GivenFile]) -> None:
        """Forget files that were taken and are not wanted any more."""
        await self._files.discard([file.kept() for file in files])

    def _check(self, media: IncomingMedia, given: MediaInput, wants: Wants) -> int:
        """Refuse what needs no look; answers the most bytes that may come in."""
        if not self.takes(media, given):
            raise wrong_kind(wants)
        limit = max(wants.max_bytes, _CONVERTED[wants.kind])
        if media.size > limit:
            raise too_large(media.size, wants.max_bytes if wants.kind == "video" else limit)
        if wants.seconds_max is not None and media.duration > wants.seconds_max + 1:
            raise Unfit("media-too-long", seconds=round(media.duration, 1), limit=wants.seconds_max)
        return limit

    async def _download(self, media: IncomingMedia, target: Path, limit: int) -> None:
        size = 0
        file = await asyncio.to_thread(target.open, "wb")
        try:
            async for chunk in self._arriving(media):
                size += len(chunk)
                if size > limit:
                    raise too_large(size, limit)
                await asyncio.to_thread(file.write, chunk)
        except (TelegramError, TimeoutError, OSError) as error:
            _log.warning("given file not fetched", error=str(error))
            raise UserFacingError("media-not-fetched") from error
        finally:
            await asyncio.to_thread(file.close)
        if size < media.size or not size:
            raise UserFacingError("media-not-fetched")

    async def _arriving(self, media: IncomingMedia) -> AsyncIterator[bytes]:
        source = self._fetch(media)
        while True:
            try:
                async with asyncio.timeout(_STANDSTILL):
                    chunk = await anext(source)
            except StopAsyncIteration:
                return
            yield chunk

    @asynccontextmanager
    async def _paths(self) -> AsyncIterator[tuple[Path, Path]]:
        """Two names for files that are gone afterwards."""
        name = secrets.token_hex(12)
        paths = self._directory / f"{name}.in", self._directory / f"{name}.out"
        try:
            yield paths
        finally:
            for path in paths:
                path.unlink(missing_ok=True)


def _given(field: str, ref: str, prepared: Prepared) -> GivenFile:
    # Not the person's own name for it, which may tell more than its picture.
    return GivenFile(
        field=field,
        ref=ref,
        name=f"input.{EXTENSIONS[prepared.mime_type]}",
        mime_type=prepared.mime_type,
        size=prepared.size,
        seconds=prepared.seconds,
        width=prepared.width,
        height=prepared.height,
    )


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    file = await asyncio.to_thread(path.open, "rb")
    try:
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            yield chunk
    finally:
        await asyncio.to_thread(file.close)


def _empty(directory: Path) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in directory.iterdir():
        path.unlink(missing_ok=True)
