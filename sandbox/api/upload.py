"""Methods that carry files: parts up, pieces down."""

from __future__ import annotations

from typing import Any

from pyrogram.raw import functions as F
from pyrogram.raw import types as T
from pyrogram.raw.core import TLObject

from sandbox.api.peers import account_of
from sandbox.api.registry import method
from sandbox.rpc import Caller, RpcError
from sandbox.world.files import FileKind
from sandbox.world.uploads import Content
from sandbox.world.world import World

_MIB = 1 << 20
_TYPES: dict[str, type[TLObject]] = {
    "image/jpeg": T.storage.FileJpeg,
    "image/png": T.storage.FilePng,
    "image/gif": T.storage.FileGif,
    "image/webp": T.storage.FileWebp,
    "video/mp4": T.storage.FileMp4,
    "video/quicktime": T.storage.FileMov,
    "audio/mpeg": T.storage.FileMp3,
    "application/pdf": T.storage.FilePdf,
}


@method(F.upload.SaveFilePart)
async def save_file_part(world: World, caller: Caller, query: Any) -> bool:
    """Take a part of a file of at most 10 MiB."""
    account = account_of(world, caller)
    world.files.uploads.save_part(account.id, query.file_id, query.file_part, query.bytes)
    return True


@method(F.upload.SaveBigFilePart)
async def save_big_file_part(world: World, caller: Caller, query: Any) -> bool:
    """Take a part of a bigger file."""
    account = account_of(world, caller)
    await world.files.uploads.save_big_part(
        account.id, query.file_id, query.file_part, query.file_total_parts, query.bytes
    )
    return True


@method(F.upload.GetFile)
async def get_file(world: World, caller: Caller, query: Any) -> TLObject:
    """Read a piece of a file; what it asks for has to lie within one mebibyte of the file."""
    _check_range(query.offset, query.limit, grain=1024 if query.precise else 4096, precise=query.precise)
    content, mime_type, date = _located(world, query.location)
    data = await world.files.read(content, query.offset, query.limit)
    kind = _TYPES.get(mime_type, T.storage.FileUnknown)
    return T.upload.File(type=kind(), mtime=date, bytes=data)


@method(F.upload.GetFileHashes)
async def get_file_hashes(world: World, caller: Caller, query: Any) -> list[TLObject]:
    """The SHA-256 of each piece of the mebibyte that begins at the offset."""
    if query.offset < 0 or query.offset % _MIB:
        raise RpcError(400, "OFFSET_INVALID")
    content, _, _ = _located(world, query.location)
    hashes = await world.files.hashes(content, query.offset)
    return [T.FileHash(offset=offset, limit=length, hash=digest) for offset, length, digest in hashes]


def _check_range(offset: int, limit: int, *, grain: int, precise: bool) -> None:
    """Telegram's rules for pieces: https://core.telegram.org/api/files#downloading-files."""
    if offset < 0 or offset % grain:
        raise RpcError(400, "OFFSET_INVALID")
    if not 0 < limit <= _MIB or limit % grain or (not precise and _MIB % limit):
        raise RpcError(400, "LIMIT_INVALID")
    if offset // _MIB != (offset + limit - 1) // _MIB:
        raise RpcError(400, "LIMIT_INVALID")


def _located(world: World, location: Any) -> tuple[Content, str, int]:
    """Content, MIME type and date of what a location names."""
    if isinstance(location, T.InputPhotoFileLocation):
        kind = FileKind.PHOTO
    elif isinstance(location, T.InputDocumentFileLocation):
        kind = FileKind.DOCUMENT
    else:
        raise RpcError(400, "LOCATION_INVALID")
    file = world.files.find(location.id, location.access_hash, location.file_reference, kind)
    thumbnail = kind is FileKind.DOCUMENT and location.thumb_size
    mime_type = "image/jpeg" if thumbnail else file.mime_type
    return file.content(location.thumb_size), mime_type, file.date
