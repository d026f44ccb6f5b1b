"""The files on the local Telegram's disk: photos and documents, kept, found again, read and saved."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import os
import random
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any

from pyrogram.raw import types as T
from pyrogram.raw.core import TLObject

from core.clock import Clock
from sandbox.rpc import RpcError
from sandbox.world.photos import Rendition, picture_size, render_photo, render_thumbnail
from sandbox.world.uploads import Content, UploadKey, Uploads, sha256_of

DC_ID = 2
HASH_SPAN = 128 * 1024
"""Bytes under one hash of `upload.getFileHashes`."""

_PICTURES = frozenset({"image/jpeg", "image/png", "image/webp"})
_LARGEST_PICTURE = 10 << 20
_PIECE = 1 << 20
_INDEX = "files.json"


class FileKind(StrEnum):
    """What a file is to Telegram."""

    PHOTO = "photo"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Variant:
    """A photo in one of its sizes, or the thumbnail of a document."""

    letter: str
    width: int
    height: int
    size: int
    sha256: str

    def raw(self) -> TLObject:
        """The same as Telegram's own `PhotoSize`."""
        return T.PhotoSize(type=self.letter, w=self.width, h=self.height, size=self.size)


@dataclass(slots=True, eq=False)
class StoredFile:
    """A file on the server. `sha256` and `size` are of what is downloaded: for a photo, of its best JPEG.

    `raw` is the file as Telegram's own `Photo` or `Document`, one object for all messages that show the file,
    so that a renewed file reference is seen in each of them.
    """

    id: int
    access_hash: int
    dc_id: int
    kind: FileKind
    sha256: str
    size: int
    mime_type: str
    name: str
    date: int
    variants: tuple[Variant, ...] = ()
    attributes: tuple[TLObject, ...] = ()
    epoch: int = 1
    raw: TLObject = field(init=False)

    def __post_init__(self) -> None:
        common = {
            "id": self.id,
            "access_hash": self.access_hash,
            "file_reference": self.file_reference,
            "date": self.date,
            "dc_id": self.dc_id,
        }
        pictures = [variant.raw() for variant in self.variants]
        if self.kind is FileKind.PHOTO:
            self.raw = T.Photo(**common, sizes=pictures)
        else:
            self.raw = T.Document(
                **common,
                mime_type=self.mime_type,
                size=self.size,
                attributes=list(self.attributes),
                thumbs=pictures or None,
            )

    @property
    def file_reference(self) -> bytes:
        """What opens the file to a client until the reference expires."""
        return b"\x01" + self.epoch.to_bytes(4, "big") + self.id.to_bytes(8, "big")

    def expire(self) -> None:
        """Make every reference given out so far invalid."""
        self.epoch += 1
        self.raw.file_reference = self.file_reference

    def content(self, letter: str) -> Content:
        """The bytes of one size (`letter`), or of the file itself (no letter; for a photo its best size).

        Raises:
            RpcError: LOCATION_INVALID for a size that there is not.
        """
        if not letter:
            return Content(self.sha256, self.size)
        for variant in self.variants:
            if variant.letter == letter:
                return Content(variant.sha256, variant.size)
        raise RpcError(400, "LOCATION_INVALID")


class FileStore:
    """All files of the world, below `directory`.

    Contents lie under their SHA-256, so the same bytes are kept once however often they are sent; each
    sending of an upload is a file of its own with its own id and access hash.
    """

    def __init__(self, directory: Path, clock: Clock, numbers: random.Random) -> None:
        self._directory = directory
        self._contents = directory / "contents"
        self._clock = clock
        self._numbers = numbers
        self._files: dict[int, StoredFile] = {}
        self.uploads = Uploads(directory / "uploads", self, clock)
        self._load()

    # What comes in

    async def photo(self, uploader: int, upload: TLObject) -> StoredFile:
        """Make a photo of an upload (`InputFile` or `InputFileBig`).

        Raises:
            RpcError: for a wrong upload, or one that is no photo (see `render_photo`).
        """
        content = await self._finish(uploader, upload)
        return await self._photo_of(content, upload.name)

    async def document(
        self,
        uploader: int,
        upload: TLObject,
        mime_type: str,
        attributes: Iterable[TLObject] = (),
        thumb: TLObject | None = None,
    ) -> StoredFile:
        """Make a document of an upload, with the thumbnail uploaded beside it, or one made from a picture.

        Raises:
            RpcError: for a wrong upload.
        """
        content = await self._finish(uploader, upload)
        thumbnail = None if thumb is None else await self._finish(uploader, thumb)
        return await self._document_of(content, upload.name, mime_type, list(attributes), thumbnail)

    async def add_photo(self, data: bytes, name: str = "photo.jpg") -> StoredFile:
        """Make a photo of bytes, as a person's app would send it.

        Raises:
            RpcError: if it is no photo (see `render_photo`).
        """
        content = await asyncio.to_thread(self.put, data)
        return await self._photo_of(content, name)

    async def add_document(
        self, source: bytes | Path, name: str, mime_type: str, attributes: Iterable[TLObject] = ()
    ) -> StoredFile:
        """Make a document of bytes or of a file on disk (which is copied), as a person's app would."""
        content = await asyncio.to_thread(self._put_source, source)
        return await self._document_of(content, name, mime_type, list(attributes), None)

    # What is there

    def get(self, file_id: int) -> StoredFile:
        """The file with this id.

        Raises:
            KeyError: if there is none.
        """
        return self._files[file_id]

    def find(self, file_id: int, access_hash: int, file_reference: bytes, kind: FileKind) -> StoredFile:
        """The file that a client means.

        Raises:
            RpcError: FILE_ID_INVALID, FILE_REFERENCE_EMPTY, FILE_REFERENCE_INVALID or FILE_REFERENCE_EXPIRED.
        """
        file = self._files.get(file_id)
        if file is None or file.access_hash != access_hash or file.kind is not kind:
            raise RpcError(400, "FILE_ID_INVALID")
        if not file_reference:
            raise RpcError(400, "FILE_REFERENCE_EMPTY")
        if len(file_reference) != len(file.file_reference) or file_reference[5:] != file.file_reference[5:]:
            raise RpcError(400, "FILE_REFERENCE_INVALID")
        if file_reference != file.file_reference:
            raise RpcError(400, "FILE_REFERENCE_EXPIRED")
        return file

    def expire_references(self, file_id: int | None = None) -> None:
        """Let the file references given out so far expire: of one file, or of all."""
        for file in [self._files[file_id]] if file_id is not None else self._files.values():
            file.expire()

    async def read(self, content: Content, offset: int, limit: int) -> bytes:
        """At most `limit` bytes from `offset`; empty behind the end."""
        return await asyncio.to_thread(_read_at, self._path(content.sha256), offset, limit)

    def path(self, file: StoredFile) -> Path:
        """Where the bytes of a file lie; the file there must not be changed."""
        return self._path(file.sha256)

    def data(self, file: StoredFile) -> bytes:
        """All bytes of a file; for tests and small files."""
        return self._path(file.sha256).read_bytes()

    async def hashes(self, content: Content, offset: int) -> list[tuple[int, int, bytes]]:
        """Offset, length and SHA-256 of the pieces from `offset` to the end of its mebibyte."""
        data = await self.read(content, offset, _PIECE - offset % _PIECE)
        pieces = (data[start : start + HASH_SPAN] for start in range(0, len(data), HASH_SPAN))
        return [
            (offset + number * HASH_SPAN, len(piece), hashlib.sha256(piece).digest())
            for number, piece in enumerate(pieces)
        ]

    # Contents on disk

    def adopt(self, path: Path, sha256: str) -> None:
        """Take the file at `path` over as the content with this hash; the path is gone afterwards."""
        target = self._path(sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)

    def put(self, data: bytes) -> Content:
        """Keep `data` under its hash."""
        content = Content(hashlib.sha256(data).hexdigest(), len(data))
        target = self._path(content.sha256)
        if not target.exists():
            partial = self._scratch()
            partial.write_bytes(data)
            self.adopt(partial, content.sha256)
        return content

    # Saving

    def save(self) -> None:
        """Write the list of files beside their contents."""
        self._directory.mkdir(parents=True, exist_ok=True)
        rows = [_to_json(file) for file in self._files.values()]
        partial = self._directory / f"{_INDEX}.new"
        partial.write_text(json.dumps(rows))
        partial.replace(self._directory / _INDEX)

    def _load(self) -> None:
        index = self._directory / _INDEX
        if index.exists():
            for row in json.loads(index.read_text()):
                file = _from_json(row)
                self._files[file.id] = file

    # Making files

    async def _finish(self, uploader: int, upload: TLObject) -> Content:
        if not isinstance(upload, T.InputFile | T.InputFileBig):
            raise RpcError(400, "INPUT_FILE_INVALID")
        big = isinstance(upload, T.InputFileBig)
        md5 = "" if big else upload.md5_checksum
        return await self.uploads.finish(UploadKey(uploader, upload.id, big), upload.parts, md5)

    async def _photo_of(self, content: Content, name: str) -> StoredFile:
        # One byte more than allowed is enough to be refused; the rest need not be read.
        data = await self.read(content, 0, _LARGEST_PICTURE + 1)
        renditions = await asyncio.to_thread(render_photo, data, name)
        variants = [await self._keep(rendition) for rendition in renditions]
        best = variants[-1]
        return self._add(
            FileKind.PHOTO, Content(best.sha256, best.size), name, "image/jpeg", variants=tuple(variants)
        )

    async def _document_of(
        self,
        content: Content,
        name: str,
        mime_type: str,
        attributes: list[TLObject],
        thumbnail: Content | None,
    ) -> StoredFile:
        if not any(isinstance(attribute, T.DocumentAttributeFilename) for attribute in attributes) and name:
            attributes.append(T.DocumentAttributeFilename(file_name=PurePosixPath(name).name))
        pictured = mime_type in _PICTURES and content.size <= _LARGEST_PICTURE
        if pictured and not any(isinstance(a, T.DocumentAttributeImageSize) for a in attributes):
            size = await asyncio.to_thread(picture_size, await self.read(content, 0, content.size))
            if size is not None:
                attributes.append(T.DocumentAttributeImageSize(w=size[0], h=size[1]))
        source = thumbnail if thumbnail is not None else content if pictured else None
        variants: tuple[Variant, ...] = ()
        if source is not None:
            rendition = await asyncio.to_thread(
                render_thumbnail, await self.read(source, 0, _LARGEST_PICTURE)
            )
            variants = () if rendition is None else (await self._keep(rendition),)
        return self._add(
            FileKind.DOCUMENT, content, name, mime_type, variants=variants, attributes=tuple(attributes)
        )

    async def _keep(self, rendition: Rendition) -> Variant:
        content = await asyncio.to_thread(self.put, rendition.data)
        return Variant(rendition.letter, rendition.width, rendition.height, content.size, content.sha256)

    def _add(
        self,
        kind: FileKind,
        content: Content,
        name: str,
        mime_type: str,
        *,
        variants: tuple[Variant, ...] = (),
        attributes: tuple[TLObject, ...] = (),
    ) -> StoredFile:
        file = StoredFile(
            id=self._number(),
            access_hash=self._number(),
            dc_id=DC_ID,
            kind=kind,
            sha256=content.sha256,
            size=content.size,
            mime_type=mime_type or "application/octet-stream",
            name=PurePosixPath(name).name,
            date=int(self._clock.now().timestamp()),
            variants=variants,
            attributes=attributes,
        )
        self._files[file.id] = file
        return file

    def _number(self) -> int:
        return self._numbers.getrandbits(62) | 1 << 62

    def _path(self, sha256: str) -> Path:
        return self._contents / sha256[:2] / sha256

    def _scratch(self) -> Path:
        """A new empty file on the disk of the contents."""
        self._contents.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self._contents)
        os.close(descriptor)
        return Path(name)

    def _put_source(self, source: bytes | Path) -> Content:
        if isinstance(source, bytes):
            return self.put(source)
        sha256 = sha256_of(source)
        copy = self._scratch()
        shutil.copyfile(source, copy)
        self.adopt(copy, sha256)
        return Content(sha256, source.stat().st_size)


def _read_at(path: Path, offset: int, limit: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(limit)


def _to_json(file: StoredFile) -> dict[str, Any]:
    row = {
        name: getattr(file, name)
        for name in (
            "id", "access_hash", "dc_id", "kind", "sha256", "size", "mime_type", "name", "date", "epoch",
        )
    }  # fmt: skip
    row["variants"] = [asdict(variant) for variant in file.variants]
    row["attributes"] = [base64.b64encode(attribute.write()).decode() for attribute in file.attributes]
    return row


def _from_json(row: dict[str, Any]) -> StoredFile:
    attributes = (TLObject.read(io.BytesIO(base64.b64decode(text))) for text in row["attributes"])
    known = row | {
        "kind": FileKind(row["kind"]),
        "variants": tuple(Variant(**variant) for variant in row["variants"]),
        "attributes": tuple(attributes),
    }
    return StoredFile(**known)
