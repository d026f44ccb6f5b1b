"""Routes that carry files: a person's up to Telegram, everybody's down to the person."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import IO

from aiohttp import BodyPartReader, MultipartReader, web

from sandbox.http.errors import ApiError, not_found
from sandbox.http.finding import chat_of, person_of
from sandbox.http.shapes import message_shape
from sandbox.people.person import Person
from sandbox.people.reading import Address
from sandbox.people.views import MessageView

_CHAT = "/api/people/{person}/chats/{chat}"
_MAX_FIELD = 4096
_MAX_FILE = 2000 << 20
_BLOCK = 1 << 20
_ALBUM_LEAST, _ALBUM_MOST = 2, 10

routes = web.RouteTableDef()


@routes.post(f"{_CHAT}/files")
async def send_file(request: web.Request) -> web.Response:
    """Send a file: the fields `kind` and `caption` come before `file`."""
    person, chat = person_of(request), chat_of(request)
    if not request.content_type.startswith("multipart/"):
        raise ApiError(400, "invalid_request", "the body has to be multipart/form-data")
    fields: dict[str, str] = {}
    parts: MultipartReader = await request.multipart()
    async for part in parts:
        if not isinstance(part, BodyPartReader) or part.name is None:
            break
        if part.name == "file":
            message = await _send_part(person, chat, part, fields)
            return web.json_response(message_shape(person, message), status=201)
        if part.name not in ("kind", "caption"):
            raise ApiError(400, "invalid_request", f"{part.name}: there is no such field")
        fields[part.name] = (await part.read_chunk(_MAX_FIELD)).decode(errors="replace")
    raise ApiError(400, "invalid_request", "file: missing")


@routes.post(f"{_CHAT}/album")
async def send_album(request: web.Request) -> web.Response:
    """Send several pictures as one album: the field `caption`, then each `file`."""
    person, chat = person_of(request), chat_of(request)
    if not request.content_type.startswith("multipart/"):
        raise ApiError(400, "invalid_request", "the body has to be multipart/form-data")
    caption, photos = "", list[bytes]()
    parts: MultipartReader = await request.multipart()
    async for part in parts:
        if not isinstance(part, BodyPartReader) or part.name not in ("caption", "file"):
            raise ApiError(400, "invalid_request", "give caption and file only")
        if part.name == "caption":
            caption = (await part.read_chunk(_MAX_FIELD)).decode(errors="replace")
            continue
        with tempfile.TemporaryFile() as file:
            await _receive(part, file)
            file.seek(0)
            photos.append(await asyncio.to_thread(file.read))
    if not _ALBUM_LEAST <= len(photos) <= _ALBUM_MOST:
        raise ApiError(400, "invalid_request", f"file: an album has {_ALBUM_LEAST} to {_ALBUM_MOST} pictures")
    message = await person.send_album(photos, caption, to=chat)
    return web.json_response(message_shape(person, message), status=201)


@routes.get(f"{_CHAT}/messages/{{message:[0-9]+}}/file")
async def read_file(request: web.Request) -> web.StreamResponse:
    """The bytes of the file on a message, in ranges too; with `thumbnail` its small picture."""
    person, world = person_of(request), person_of(request).world
    media = person.stored(int(request.match_info["message"]), chat_of(request)).media
    if media is None or media.file_id is None:
        raise not_found("file on this message")
    file = world.files.get(media.file_id)
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
    if request.query.get("thumbnail"):
        if not file.variants:
            raise not_found("thumbnail of this file")
        content = file.content(file.variants[0].letter)
        data = await world.files.read(content, 0, content.size)
        return web.Response(body=data, content_type="image/jpeg", headers=headers)
    return web.FileResponse(world.files.path(file), headers=headers | {"Content-Type": file.mime_type})


async def _send_part(
    person: Person, chat: Address, part: BodyPartReader, fields: dict[str, str]
) -> MessageView:
    kind, caption = fields.get("kind", "document"), fields.get("caption", "")
    name = Path(part.filename or "file.bin").name
    mime = part.headers.get("Content-Type", "application/octet-stream")
    with tempfile.NamedTemporaryFile() as file:
        await _receive(part, file)
        path = Path(file.name)
        sends: dict[str, Callable[[], Awaitable[MessageView]]] = {
            "document": lambda: person.send_document(path, name, mime, caption, to=chat),
            "photo": lambda: _send_photo(person, path, caption, chat),
            "video": lambda: person.send_video(path, caption, name=name, to=chat),
            "audio": lambda: person.send_audio(path, caption, name=name, to=chat),
            "voice": lambda: person.send_voice(path, to=chat),
            "sticker": lambda: person.send_sticker(path, to=chat),
        }
        if kind not in sends:
            raise ApiError(400, "invalid_request", f"kind: give one of {', '.join(sends)}")
        return await sends[kind]()


async def _send_photo(person: Person, path: Path, caption: str, chat: Address) -> MessageView:
    return await person.send_photo(await asyncio.to_thread(path.read_bytes), caption, to=chat)


async def _receive(part: BodyPartReader, file: IO[bytes]) -> None:
    size = 0
    while block := await part.read_chunk(_BLOCK):
        size += len(block)
        if size > _MAX_FILE:
            raise ApiError(413, "too_large", "Telegram takes files up to 2000 MiB")
        await asyncio.to_thread(file.write, block)
    if not size:
        raise ApiError(400, "invalid_request", "file: empty")
    await asyncio.to_thread(file.flush)
