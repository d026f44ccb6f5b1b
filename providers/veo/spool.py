"""Keeps videos that came inside a reply on disk until they are delivered."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Generator
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from providers.veo.sieve import VideoSieve
from starloom.api import Clock, ProviderError, Result

SPOOLED = "spool:"
"""How the address of a video begins that came inside a reply: its number and its task follow."""
_CHUNK = 256 * 1024
_WHOLE = ".mp4"
_PART = ".part"
_MIME_TYPE = "video/mp4"


def address_of(task_id: str, number: int) -> str:
    """The address of a video that came inside a reply."""
    return f"{SPOOLED}{number}:{task_id}"


def read_address(address: str) -> tuple[int, str]:
    """The number and the task of such an address.

    Raises:
        ProviderError: it is none.

    """
    number, _, task_id = address.removeprefix(SPOOLED).partition(":")
    if not (number.isascii() and number.isdigit() and task_id):
        raise ProviderError("no address of a video")
    return int(number), task_id


class Spool:
    """A folder of videos, by task and number: copies only, and what is gone is asked for again.

    What is older than `keep` is removed, as a process that was killed leaves it.
    """

    def __init__(self, directory: Path, clock: Clock, *, keep: timedelta) -> None:
        self._directory = directory
        self._clock = clock
        self._keep = keep
        self._own: set[Path] = set()

    def receive(self, task_id: str) -> Receiving:
        """Make ready for the videos of a reply about a task."""
        self._directory.mkdir(parents=True, exist_ok=True)
        self._sweep(_WHOLE)
        return Receiving(self, task_id)

    def create(self) -> tuple[BinaryIO, Path]:
        """Open a file for a video that is about to come."""
        handle, name = tempfile.mkstemp(suffix=_PART, dir=self._directory)
        return os.fdopen(handle, "wb"), Path(name)

    def take(self, part: Path, task_id: str, number: int) -> None:
        """Take a file as a video that is here from its first byte to its last."""
        now = self._clock.now().timestamp()
        os.utime(part, (now, now))
        path = self._path(task_id, number)
        part.replace(path)
        self._own.add(path)

    def size(self, task_id: str, number: int) -> int | None:
        """How many bytes a video has, or None if it is not here."""
        try:
            return self._path(task_id, number).stat().st_size
        except FileNotFoundError:
            return None

    def read(self, task_id: str, number: int) -> Generator[bytes, None, None]:
        """The bytes of a video; it is removed once they were all taken.

        Raises:
            FileNotFoundError: it is not here.

        """
        path = self._path(task_id, number)
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
        self._remove(path)

    def open(self) -> None:
        """Remove what others left."""
        self._sweep(_WHOLE)
        self._sweep(_PART)

    def close(self) -> None:
        """Remove what this process has put here."""
        for path in tuple(self._own):
            self._remove(path)

    def _remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._own.discard(path)

    def _sweep(self, suffix: str) -> None:
        oldest = self._clock.now() - self._keep
        for path in self._directory.glob(f"*{suffix}"):
            # Another process may be faster.
            with contextlib.suppress(FileNotFoundError):
                if datetime.fromtimestamp(path.stat().st_mtime, tz=oldest.tzinfo) < oldest:
                    self._remove(path)

    def _path(self, task_id: str, number: int) -> Path:
        stem = hashlib.blake2b(task_id.encode(), digest_size=16).hexdigest()
        return self._directory / f"{stem}-{number}{_WHOLE}"


class Receiving:
    """One reply that may carry videos. `sieve` makes what it goes through, for each attempt anew."""

    def __init__(self, spool: Spool, task_id: str) -> None:
        self._spool = spool
        self._task_id = task_id
        self._sieve: VideoSieve | None = None
        self._parts: list[Path] = []

    def __enter__(self) -> Receiving:
        return self

    def __exit__(self, *_: object) -> None:
        self._drop()

    def sieve(self) -> VideoSieve:
        """What takes the videos out of a reply; what an attempt before has taken is dropped."""
        self._drop()
        self._sieve = VideoSieve(self._create)
        return self._sieve

    def result(self, placeholder: object, mime_type: object) -> Result | None:
        """Keep the video that stood in the reply where the placeholder is; None if there is none."""
        if not isinstance(placeholder, str) or not placeholder.isdigit():
            return None
        number = int(placeholder)
        if number >= len(self._parts) or not (size := self._parts[number].stat().st_size):
            return None
        self._spool.take(self._parts[number], self._task_id, number)
        return video(address_of(self._task_id, number), mime_type, size)

    def _create(self, number: int) -> BinaryIO:
        file, path = self._spool.create()
        self._parts.append(path)
        return file

    def _drop(self) -> None:
        if self._sieve is not None:
            self._sieve.close()
        for path in self._parts:
            path.unlink(missing_ok=True)
        self._parts.clear()


def video(url: str, mime_type: object, size: int | None = None) -> Result:
    """A video of a type that Google may have told."""
    told = mime_type if isinstance(mime_type, str) and mime_type.startswith("video/") else _MIME_TYPE
    return Result(url, told, file_name="video.mp4", size=size)
