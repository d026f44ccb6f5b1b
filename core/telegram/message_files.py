"""The file in a message of the bot's own, looked up anew: its reference is fresh."""

from __future__ import annotations

from typing import Any

from pyrogram.raw import functions as F
from pyrogram.raw import types as T

from core.telegram.client import TelegramClient
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
        peer = await self._client.resolve(ref.chat_id)
        wanted: list[Any] = [T.InputMessageID(id=ref.message_id)]
        if isinstance(peer, T.InputPeerChannel):
            channel = T.InputChannel(channel_id=peer.channel_id, access_hash=peer.access_hash)
            found = await self._client.invoke(F.channels.GetMessages(channel=channel, id=wanted))
        else:
            found = await self._client.invoke(F.messages.GetMessages(id=wanted))
        message = next((each for each in found.messages if isinstance(each, T.Message)), None)
        return media_of(message.media) if message is not None else None
