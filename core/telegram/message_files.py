"""The file in a message of the bot's own, looked up anew: its reference is fresh."""

from __future__ import annotations

from core.telegram.client import TelegramClient
from core.telegram.lookup import message_at
from core.telegram.parse import media_of
from core.telegram.types import IncomingMedia, MessageRef


class MessageFiles:
    """Looks messages up."""

    def __init__(self, client: TelegramClient) -> None:
        self._client = client

    async def media_in(self, ref: MessageRef) -> IncomingMedia | None:
        """The file in a message, or None where there is none (any more).

        Raises:
            PersonUnreachable: the chat is not known to us.
            TelegramError: Telegram refused.

        """
        message = await message_at(self._client, ref)
        return media_of(message.media) if message is not None else None
