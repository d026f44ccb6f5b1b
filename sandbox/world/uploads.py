"""The parts of files that are being uploaded, with every check that Telegram makes on them."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from core.clock import Clock
from sandbox.rpc import RpcError

KIB = 1024
MAX_PART_SIZE = 512 * KIB
MAX_PARTS = 4_000
MAX_SMALL_FILE = 10 * KIB * KIB
STALE_AFTER = 24 * 3600.0
"""Seconds after its last part for which an upload is kept."""

_HASH_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class UploadKey:
    """What tells one upload from another: who uploads, the client's own file id, and by which method."""

    uploader: int
    file_id: int
    big: bool


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a finished upload, on disk under their own hash."""

    sha256: str
    size: int


class ContentStore(Protocol):
    """Where finished uploads go."""

    def adopt(self, path: Path, sha256: str) -> None:
        """Take the file at `path` over as the content with this hash; the path is gone afterwards."""
        ...

    def put(self, data: bytes) -> Content:
        """Keep `data` under its hash."""
        ...


@dataclass(slots=True)
class _Upload:
    """One file on its way: which parts have come, and where their bytes are."""

    key: UploadKey
    path: Path
    last_part_at: float
    sizes: dict[int, int] = field(default_factory=dict)
    stored: set[int] = field(default_factory=set)
    """The parts whose bytes are in their place."""
    highest: int = -1
    part_size: int | None = None
    """The size of every part but the last, once a part is known not to be the last."""
    total_parts: int | None = None
    in_memory: dict[int, bytes] = field(default_factory=dict)
    content: Content | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def accept(self, part: int, size: int, total_parts: int | None = None) -> None:
        """Hold a part's size against the others' and remember it; what is refused leaves no trace.

        Only the last part may be smaller. Nothing names the last part of a small upload, so there the highest
        part so far passes for it until a higher one comes.
        """
        if self.sizes.get(part, size) != size:
            raise RpcError(400, "FILE_PART_SIZE_CHANGED")
        total = self._agreed_total(total_parts)
        last = self._last(part, total)
        full = self.part_size
        if self.highest not in (-1, last, part):
            full = _settled(full, self.sizes[self.highest])
        if part != last:
            full = _settled(full, size)
        biggest_last = size if part == last else self.sizes.get(last, 0)
        if full is not None and biggest_last > full:
            raise RpcError(400, "FILE_PART_SIZE_CHANGED" if part == last else "FILE_PART_LENGTH_INVALID")
        self.sizes[part] = size
        self.highest = max(self.highest, part)
        self.part_size, self.total_parts = full, total

    def _agreed_total(self, total_parts: int | None) -> int | None:
        if total_parts is None:
            return self.total_parts
        if self.total_parts not in (None, total_parts) or self.highest >= total_parts:
            raise RpcError(400, "FILE_PARTS_INVALID")
        return total_parts

    def _last(self, part: int, total_parts: int | None) -> int:
        """The index of the part that may be smaller; -1 while a big upload has not said how many it has."""
        if self.key.big:
            return -1 if total_parts is None else total_parts - 1
        return max(self.highest, part)

    def check_complete(self, parts: int) -> None:
        """Refuse to be put together while parts are missing or more than said."""
        for index in range(parts):
            if index not in self.stored:
                raise RpcError(400, f"FILE_PART_{index}_MISSING")
        if len(self.sizes) > parts or self.total_parts not in (None, parts):
            raise RpcError(400, "FILE_PARTS_INVALID")


class Uploads:
    """`upload.saveFilePart` and `upload.saveBigFilePart`, and the putting together of what they brought.

    Small files (at most 10 MiB) wait in memory, big ones on disk in a sparse file into which each part is
    written at its place, so that memory does not grow with the file. A finished upload may be used again
    until it is stale, as on Telegram, so a call that is repeated after a lost reply succeeds.

    Sources: https://core.telegram.org/api/files, https://core.telegram.org/method/upload.saveFilePart,
    https://core.telegram.org/method/upload.saveBigFilePart.
    """

    def __init__(self, directory: Path, contents: ContentStore, clock: Clock) -> None:
        self._directory = directory
        self._contents = contents
        self._clock = clock
        self._uploads: dict[UploadKey, _Upload] = {}
        # What an earlier process left is unreachable: which parts had come was known to that process only.
        shutil.rmtree(directory, ignore_errors=True)

    def save_part(self, uploader: int, file_id: int, part: int, data: bytes) -> None:
        """Take a part of a small file.

        Raises:
            RpcError: where Telegram would refuse the part.
        """
        _check_part(part, data)
        upload = self._upload(UploadKey(uploader, file_id, big=False))
        others = sum(size for index, size in upload.sizes.items() if index != part)
        if others + len(data) > MAX_SMALL_FILE:
            raise RpcError(400, "FILE_PARTS_INVALID")
        upload.accept(part, len(data))
        if upload.content is None:
            upload.in_memory[part] = data
            upload.stored.add(part)

    async def save_big_part(
        self, uploader: int, file_id: int, part: int, total_parts: int, data: bytes
    ) -> None:
        """Take a part of a big file; `total_parts` is -1 while the uploader does not know it.

        Raises:
            RpcError: where Telegram would refuse the part.
        """
        _check_part(part, data)
        if total_parts != -1 and not (1 <= total_parts <= MAX_PARTS and part < total_parts):
            raise RpcError(400, "FILE_PARTS_INVALID")
        upload = self._upload(UploadKey(uploader, file_id, big=True))
        upload.accept(part, len(data), None if total_parts == -1 else total_parts)
        if upload.content is not None:
            return
        if part and upload.part_size is None:
            # The last part came first: its place is known when another part tells the size.
            upload.in_memory[part] = data
            return
        waiting, upload.in_memory = upload.in_memory, {}
        for index, held in ({part: data} | waiting).items():
            await asyncio.to_thread(_write_at, upload.path, index * (upload.part_size or 0), held)
            upload.stored.add(index)

    async def finish(self, key: UploadKey, parts: int, md5: str = "") -> Content:
        """Put the parts together; `md5` (hex) is compared when it is given.

        Raises:
            RpcError: FILE_PARTS_INVALID, FILE_PART_n_MISSING or MD5_CHECKSUM_INVALID.
        """
        if not 1 <= parts <= MAX_PARTS:
            raise RpcError(400, "FILE_PARTS_INVALID")
        upload = self._uploads.get(key)
        if upload is None:
            raise RpcError(400, "FILE_PART_0_MISSING")
        async with upload.lock:
            upload.check_complete(parts)
            if upload.content is None:
                upload.content = await self._put_together(upload, parts, md5)
            return upload.content

    def clean(self, older_than: float = STALE_AFTER) -> int:
        """Forget uploads whose last part came more than `older_than` seconds ago; says how many."""
        now = self._clock.monotonic()
        stale = [upload for upload in self._uploads.values() if now - upload.last_part_at > older_than]
        for upload in stale:
            del self._uploads[upload.key]
            upload.path.unlink(missing_ok=True)
        return len(stale)

    def __len__(self) -> int:
        return len(self._uploads)

    def _upload(self, key: UploadKey) -> _Upload:
        self.clean()
        upload = self._uploads.get(key)
        if upload is not None:
            upload.last_part_at = self._clock.monotonic()
        else:
            name = f"{key.uploader}_{key.file_id & 0xFFFF_FFFF_FFFF_FFFF:016x}"
            upload = _Upload(key, self._directory / name, self._clock.monotonic())
            self._uploads[key] = upload
        return upload

    async def _put_together(self, upload: _Upload, parts: int, md5: str) -> Content:
        if not upload.key.big:
            data = b"".join(upload.in_memory[index] for index in range(parts))
            if md5 and hashlib.md5(data, usedforsecurity=False).hexdigest() != md5.lower():
                raise RpcError(400, "MD5_CHECKSUM_INVALID")
            content = await asyncio.to_thread(self._contents.put, data)
            upload.in_memory.clear()
            return content
        return await asyncio.to_thread(self._adopt, upload.path, sum(upload.sizes.values()))

    def _adopt(self, path: Path, size: int) -> Content:
        sha256 = sha256_of(path)
        self._contents.adopt(path, sha256)
        return Content(sha256, size)


def sha256_of(path: Path) -> str:
    """The hex SHA-256 of the file at `path`, read block by block."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_HASH_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _check_part(part: int, data: bytes) -> None:
    if not data:
        raise RpcError(400, "FILE_PART_EMPTY")
    if len(data) > MAX_PART_SIZE:
        raise RpcError(400, "FILE_PART_TOO_BIG")
    if not 0 <= part < MAX_PARTS:
        raise RpcError(400, "FILE_PART_INVALID")


def _is_full(size: int) -> bool:
    """Whether a part of `size` bytes may be followed by another."""
    return size % KIB == 0 and MAX_PART_SIZE % size == 0


def _settled(full: int | None, size: int) -> int:
    """The size of all parts but the last, now that a part of `size` is known not to be the last."""
    if full is not None and size != full:
        raise RpcError(400, "FILE_PART_SIZE_CHANGED")
    if not _is_full(size):
        raise RpcError(400, "FILE_PART_SIZE_INVALID")
    return size


def _write_at(path: Path, offset: int, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        view = memoryview(data)
        while view:
            written = os.pwrite(descriptor, view, offset)
            view, offset = view[written:], offset + written
    finally:
        os.close(descriptor)
