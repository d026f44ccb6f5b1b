"""A broadcast's word on its way to one person: its text as it was formatted, and the file with it."""

from __future__ import annotations

from typing import Protocol

from core.errors import FileReferenceExpired
from core.storage.broadcasts import Broadcast, BroadcastStore
from core.telegram.outbox import Outbox
from core.telegram.send_gate import Priority
from core.telegram.types import MessageRef, OutgoingMedia


class Files(Protocol):
    """What is needed of the uploader."""

    async def refreshed(self, media: OutgoingMedia, message: MessageRef) -> OutgoingMedia | None:
        """The same file with a fresh reference from a message that shows it; None if that is gone."""
        ...


class Letters:
    """Sends them. A file's reference that has expired is mended through the message it was written with."""

    def __init__(self, store: BroadcastStore, outbox: Outbox, files: Files) -> None:
        self._store = store
        self._outbox = outbox
        self._files = files

    async def send(self, broadcast: Broadcast, user_id: int, *, key: str, priority: Priority) -> None:
        """Send it, once for each `key`.

        Raises:
            FileReferenceExpired: the file is gone with the message it was written with.
            TelegramError: Telegram refused.

        """
        try:
            await self._send(broadcast, user_id, key, priority, broadcast.media)
        except FileReferenceExpired:
            if broadcast.media is None:
                raise
            fresh = await self._files.refreshed(broadcast.media, broadcast.source)
            if fresh is None:
                raise
            await self._store.keep_media(broadcast.id, fresh)
            await self._send(broadcast, user_id, key, priority, fresh)

    async def _send(
        self, broadcast: Broadcast, user_id: int, key: str, priority: Priority, media: OutgoingMedia | None
    ) -> None:
        await self._outbox.send_durable(key, user_id, broadcast.html, priority=priority, media=media)
