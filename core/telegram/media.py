"""Files on Telegram's servers: what is kept of them, and what sends them again."""

from __future__ import annotations

from typing import Any

from pyrogram.raw import types as T

from core.telegram.types import MediaKind, OutgoingMedia

_PHOTO, _DOCUMENT = "photo", "document"


def stored_media(kind: MediaKind, media: Any) -> OutgoingMedia:
    """What `messages.uploadMedia` answered, as values that JSON can hold.

    Raises:
        ValueError: it holds no file.

    """
    if isinstance(media, T.MessageMediaPhoto) and isinstance(media.photo, T.Photo):
        return OutgoingMedia(kind, _values(_PHOTO, media.photo))
    if isinstance(media, T.MessageMediaDocument) and isinstance(media.document, T.Document):
        return OutgoingMedia(kind, _values(_DOCUMENT, media.document))
    raise ValueError("Telegram answered an upload without a file")


def input_media(media: OutgoingMedia) -> Any:
    """What sends a stored file again, without an upload."""
    file = media.file
    where = {
        "id": int(file["id"]),
        "access_hash": int(file["access_hash"]),
        "file_reference": bytes.fromhex(file["reference"]),
    }
    if file["type"] == _PHOTO:
        return T.InputMediaPhoto(id=T.InputPhoto(**where))
    return T.InputMediaDocument(id=T.InputDocument(**where))


def album_item(media: OutgoingMedia, random_id: int) -> Any:
    """A stored file as a part of an album, without a caption."""
    return T.InputSingleMedia(media=input_media(media), random_id=random_id, message="")


def sent_id(answer: Any, random_id: int | None = None) -> int:
    """The id of the message that a send made: the first, or the one with this `random_id`; 0 if unsaid."""
    if isinstance(answer, T.UpdateShortSentMessage):
        return int(answer.id)
    named = [update for update in answer.updates if isinstance(update, T.UpdateMessageID)]
    ids = [update.id for update in named if random_id is None or update.random_id == random_id]
    return int(ids[0]) if ids else 0


def _values(kind: str, file: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "id": file.id,
        "access_hash": file.access_hash,
        "reference": file.file_reference.hex(),
    }
