"""Files that are made here (charts, tables, exports) on their way into a chat."""

from __future__ import annotations

from core.storage.sent import SentStore
from core.telegram.outbox import Outbox
from core.telegram.random_ids import random_id
from core.telegram.send_gate import Priority
from core.telegram.types import Keyboard, MediaDetails, MediaKind, MessageRef, OutgoingMedia
from core.telegram.upload.cutting import once
from core.telegram.uploader import Uploader

_PICTURE = MediaDetails(MediaKind.PHOTO, "image/png", "picture.png")


def document(file_name: str, mime_type: str) -> MediaDetails:
    """What Telegram is told of a file that people open in another program."""
    return MediaDetails(MediaKind.DOCUMENT, mime_type, file_name)


class FileOutbox:
    """Sends bytes, and puts pictures in the place of others.

    A file is uploaded first; its message goes through the outbox and so within the limits on sending. Whoever
    sends again uploads again, and makes no second message.

    All methods raise what `Outbox` and `Uploader` raise.
    """

    def __init__(self, outbox: Outbox, uploader: Uploader, sent: SentStore) -> None:
        self._outbox = outbox
        self._uploader = uploader
        self._sent = sent

    async def send(
        self,
        chat_id: int,
        data: bytes,
        details: MediaDetails = _PICTURE,
        *,
        caption: str = "",
        keyboard: Keyboard = (),
        reply_to: int | None = None,
        random_id: int,
        priority: Priority = Priority.ANSWER,
    ) -> MessageRef:
        """Send a file: a picture, where nothing else is said."""
        media = await self._upload(chat_id, data, details)
        return await self._outbox.send_media(
            chat_id,
            media,
            caption,
            keyboard=keyboard,
            reply_to=reply_to,
            random_id=random_id,
            priority=priority,
        )

    async def send_durable(
        self,
        key: str,
        chat_id: int,
        data: bytes,
        details: MediaDetails = _PICTURE,
        *,
        caption: str = "",
        keyboard: Keyboard = (),
    ) -> MessageRef:
        """Send a file that must arrive once, whatever crashes between: its `random_id` is stored first."""
        record = await self._sent.reserve(key, random_id(key), chat_id)
        if record.message_id is not None:
            return MessageRef(record.chat_id, record.message_id)
        ref = await self.send(
            record.chat_id,
            data,
            details,
            caption=caption,
            keyboard=keyboard,
            random_id=record.random_id,
            priority=Priority.NOTICE,
        )
        await self._sent.sent(key, ref.message_id)
        return ref

    async def show(self, ref: MessageRef, data: bytes, *, caption: str = "", keyboard: Keyboard = ()) -> bool:
        """Put a picture in the place of what a message shows; False if the message is gone."""
        media = await self._upload(ref.chat_id, data, _PICTURE)
        return await self._outbox.edit_media(ref, media, caption, keyboard)

    async def _upload(self, chat_id: int, data: bytes, details: MediaDetails) -> OutgoingMedia:
        file = await self._uploader.file(once(data), name=details.file_name, size=len(data))
        return await self._uploader.register(chat_id, file, None, details)
