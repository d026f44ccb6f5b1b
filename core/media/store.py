"""Where files are kept: under names that nobody can guess, and not for long."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import shutil
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from core.clock import Clock
from core.errors import ConfigurationError, StarloomError

CHUNK = 256 * 1024
"""Bytes that are read and written at once."""
_ROOM_LEFT = 1024 * 1024 * 1024
_CHECK_ROOM_EVERY = 64 * 1024 * 1024
"""Bytes: what is left free of the disk, and how often that is looked at."""
EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "video/x-matroska": "mkv",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/mp4": "m4a",
    "audio/aac": "aac",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
}
"""The kinds of files that are kept, and how their names end."""
_OTHERS = "bin"
_ANY_TYPE = "application/octet-stream"
_MIME_TYPES = {_OTHERS: _ANY_TYPE, **{extension: mime_type for mime_type, extension in EXTENSIONS.items()}}
_REF = re.compile(r"[0-9a-f]{40}\.([a-z0-9]{3,4})")


class StoreAway(StarloomError):
    """The store does not answer, or does not take a file, just now."""


class InputGone(StarloomError):
    """The file is not in the store any more."""


class InputStore(Protocol):
    """Keeps files. A `ref` names one of them; whoever has it can read the file."""

    async def check(self) -> None:
        """Prove that files can be kept.

        Raises:
            ConfigurationError: they cannot; the sentence names the setting.

        """
        ...

    async def put(self, source: AsyncIterator[bytes], mime_type: str) -> str:
        """Keep what `source` gives; answers its ref. Of what breaks off nothing stays.

        Raises:
            StoreAway: it could not be kept.

        """
        ...

    def open(self, ref: str) -> AsyncIterator[bytes]:
        """Read a file from its beginning.

        Raises:
            InputGone: it is not there (any more).
            StoreAway: it cannot be read just now.

        """
        ...

    async def kept_since(self, ref: str) -> datetime | None:
        """When a file was put in, or None if it is not there (any more).

        Raises:
            StoreAway: the store cannot say just now.

        """
        ...

    async def delete(self, refs: Iterable[str]) -> None:
        """Forget files; what is gone already is no error.

        Raises:
            StoreAway: they could not all be deleted.

        """
        ...

    async def sweep(self, before: datetime) -> int:
        """Forget what was put in before a moment; how many files those were.

        Raises:
            StoreAway: not all of it could be deleted.

        """
        ...

    def address(self, ref: str) -> str:
        """Where the internet can fetch a file for some hours; empty where it cannot."""
        ...


def new_ref(mime_type: str, *, token: Callable[[int], str] = secrets.token_hex) -> str:
    """A ref that nobody can guess: 160 random bits, and an ending that tells a known type."""
    return f"{token(20)}.{EXTENSIONS.get(mime_type, _OTHERS)}"


def saving_header(name: str, ref: str) -> str:
    """The `Content-Disposition` that lets a browser save a file as `name`, told from others by its ref."""
    number, _, ending = ref.partition(".")
    return f'attachment; filename="{name}-{number[:6]}.{ending}"'


def mime_type_of(ref: str) -> str:
    """The type of the file that `ref` names; empty if it is no ref."""
    found = _REF.fullmatch(ref)
    return _MIME_TYPES.get(found.group(1), "") if found else ""


class LocalStore:
    """Keeps files in a folder of this machine. `addresses` says where the internet finds them."""

    def __init__(
        self, directory: Path, clock: Clock, *, addresses: Callable[[str], str] = lambda _ref: ""
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._addresses = addresses

    async def check(self) -> None:
        """Make the folder.

        Raises:
            ConfigurationError: it cannot be made or written to.

        """
        try:
            await asyncio.to_thread(self._prepare)
        except OSError as error:
            raise ConfigurationError(
                f"DATA_DIR: {self._directory} cannot be written to: {error.strerror}"
            ) from error

    async def put(self, source: AsyncIterator[bytes], mime_type: str) -> str:
        """Keep what `source` gives; answers its ref. Of what breaks off nothing stays.

        Raises:
            StoreAway: the disk does not take it.

        """
        ref = new_ref(mime_type)
        part = self._directory / f"{ref}.part"
        try:
            file = await asyncio.to_thread(_create, part)
            try:
                unchecked = _CHECK_ROOM_EVERY
                async for chunk in source:
                    unchecked += len(chunk)
                    if unchecked >= _CHECK_ROOM_EVERY:
                        await asyncio.to_thread(self._require_room)
                        unchecked = 0
                    await asyncio.to_thread(file.write, chunk)
            finally:
                await asyncio.to_thread(file.close)
            await asyncio.to_thread(self._finish, part, ref)
        except OSError as error:
            raise StoreAway(f"not kept: {error.strerror}") from error
        finally:
            part.unlink(missing_ok=True)
        return ref

    async def open(self, ref: str) -> AsyncIterator[bytes]:
        """Read a file from its beginning.

        Raises:
            InputGone: it is not there (any more).
            StoreAway: the disk does not give it.

        """
        path = self.path(ref)
        if path is None:
            raise InputGone("no such file")
        try:
            file = await asyncio.to_thread(path.open, "rb")
            try:
                while chunk := await asyncio.to_thread(file.read, CHUNK):
                    yield chunk
            finally:
                await asyncio.to_thread(file.close)
        except FileNotFoundError:
            raise InputGone("no such file") from None
        except OSError as error:
            raise StoreAway(f"not read: {error.strerror}") from error

    async def kept_since(self, ref: str) -> datetime | None:
        """When a file was put in, or None if it is not there (any more)."""
        path = self.path(ref)
        return None if path is None else await asyncio.to_thread(self._written, path)

    async def delete(self, refs: Iterable[str]) -> None:
        """Forget files; what is gone already is no error."""
        paths = [path for ref in refs if (path := self.path(ref)) is not None]
        await asyncio.to_thread(_unlink, paths)

    async def sweep(self, before: datetime) -> int:
        """Forget what was put in before a moment, also what a crash left half written; how many files."""
        return await asyncio.to_thread(self._sweep, before)

    def address(self, ref: str) -> str:
        """Where the internet can fetch a file for some hours; empty where it cannot."""
        return self._addresses(ref)

    def path(self, ref: str) -> Path | None:
        """Where a file stands; None for what is no ref, whatever else it may be."""
        return self._directory / ref if mime_type_of(ref) else None

    def _require_room(self) -> None:
        """Leave something of the disk to everybody else on it, such as the embedded database."""
        if shutil.disk_usage(self._directory).free < _ROOM_LEFT:
            raise StoreAway("not kept: the disk is nearly full")

    def _prepare(self) -> None:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        proof = self._directory / new_ref("image/png")
        _create(proof).close()
        proof.unlink()

    def _finish(self, part: Path, ref: str) -> None:
        # The clock's time instead of the disk's: what is old is decided by the same clock.
        now = self._clock.now().timestamp()
        os.utime(part, (now, now))
        part.replace(self._directory / ref)

    def _written(self, path: Path) -> datetime | None:
        try:
            return datetime.fromtimestamp(path.stat().st_mtime, self._clock.now().tzinfo)
        except FileNotFoundError:
            return None

    def _sweep(self, before: datetime) -> int:
        old = [
            path
            for path in self._directory.iterdir()
            if path.is_file() and path.stat().st_mtime < before.timestamp()
        ]
        _unlink(old)
        return len(old)


def _create(path: Path) -> BinaryIO:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(descriptor, "wb")


def _unlink(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
