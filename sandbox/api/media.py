"""Media that clients hand in, made into what hangs on a message."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from pyrogram.raw import types as T
from pyrogram.raw.core import TLObject

from sandbox.rpc import RpcError
from sandbox.world.files import FileKind, StoredFile
from sandbox.world.state import Account, Media
from sandbox.world.world import World

Builder = Callable[[World, Account, Any], Awaitable[Media]]

_BUILDERS: dict[type[TLObject], Builder] = {}


def input_media(kind: type[TLObject]) -> Callable[[Builder], Builder]:
    """Make the decorated `async def build(world, account, media) -> Media` take input media of `kind`.

    It raises `RpcError` to refuse.
    """

    def register(builder: Builder) -> Builder:
        _BUILDERS[kind] = builder
        return builder

    return register


async def media_of(world: World, account: Account, media: TLObject) -> Media:
    """The media that an `InputMedia` describes; uploaded files are put together here.

    Raises:
        RpcError: where Telegram would refuse; MEDIA_INVALID for what the sandbox has not.
    """
    builder = _BUILDERS.get(type(media))
    if builder is None:
        raise RpcError(400, "MEDIA_INVALID")
    return await builder(world, account, media)


def photo_media(file: StoredFile, *, spoiler: bool | None = None) -> Media:
    """A photo on a message."""
    return Media(T.MessageMediaPhoto(photo=file.raw, spoiler=spoiler), file.id)


def document_media(file: StoredFile, *, spoiler: bool | None = None) -> Media:
    """A document on a message: a video, a voice message, a sticker and so on by its attributes."""
    return Media(
        T.MessageMediaDocument(
            document=file.raw,
            spoiler=spoiler,
            video=_has(file, lambda attribute: isinstance(attribute, T.DocumentAttributeVideo)) or None,
            round=_has(file, lambda attribute: getattr(attribute, "round_message", None)) or None,
            voice=_has(file, lambda attribute: getattr(attribute, "voice", None)) or None,
        ),
        file.id,
    )


@input_media(T.InputMediaEmpty)
async def _empty(world: World, account: Account, media: Any) -> Media:
    raise RpcError(400, "MEDIA_EMPTY")


@input_media(T.InputMediaUploadedPhoto)
async def _uploaded_photo(world: World, account: Account, media: Any) -> Media:
    return photo_media(await world.files.photo(account.id, media.file), spoiler=media.spoiler)


@input_media(T.InputMediaUploadedDocument)
async def _uploaded_document(world: World, account: Account, media: Any) -> Media:
    # `nosound_video` asks that a silent video stay a video; an animation says so in its attributes.
    file = await world.files.document(account.id, media.file, media.mime_type, media.attributes, media.thumb)
    return document_media(file, spoiler=media.spoiler)


@input_media(T.InputMediaPhoto)
async def _known_photo(world: World, account: Account, media: Any) -> Media:
    if not isinstance(media.id, T.InputPhoto):
        raise RpcError(400, "MEDIA_EMPTY")
    given = media.id
    file = world.files.find(given.id, given.access_hash, given.file_reference, FileKind.PHOTO)
    return photo_media(file, spoiler=media.spoiler)


@input_media(T.InputMediaDocument)
async def _known_document(world: World, account: Account, media: Any) -> Media:
    if not isinstance(media.id, T.InputDocument):
        raise RpcError(400, "MEDIA_EMPTY")
    given = media.id
    file = world.files.find(given.id, given.access_hash, given.file_reference, FileKind.DOCUMENT)
    return document_media(file, spoiler=media.spoiler)


@input_media(T.InputMediaPhotoExternal)
@input_media(T.InputMediaDocumentExternal)
async def _external(world: World, account: Account, media: Any) -> Media:
    """Telegram fetches the address itself; the sandbox fetches nothing, so it answers as for a dead link."""
    if not media.url.startswith(("http://", "https://")):
        raise RpcError(400, "EXTERNAL_URL_INVALID")
    raise RpcError(400, "WEBPAGE_CURL_FAILED")


def _has(file: StoredFile, test: Callable[[TLObject], object]) -> bool:
    return any(test(attribute) for attribute in file.attributes)
