"""Messages looked up again by their addresses."""

from __future__ import annotations

from typing import Any

from pyrogram.raw import functions as F
from pyrogram.raw import types as T

from core.telegram.client import TelegramClient
from core.telegram.types import MessageRef


async def message_at(client: TelegramClient, ref: MessageRef) -> Any:
    """A message as it stands in its chat now, raw; None if it is gone.

    The file in it has a fresh reference. Source: https://core.telegram.org/api/file_reference

    Raises:
        PersonUnreachable: Telegram knows no such chat, or not from us.
        TelegramError: Telegram refused.

    """
    peer = await client.resolve(ref.chat_id)
    wanted: list[Any] = [T.InputMessageID(id=ref.message_id)]
    channel = channel_of(peer)
    if channel is not None:
        found = await client.invoke(F.channels.GetMessages(channel=channel, id=wanted))
    else:
        found = await client.invoke(F.messages.GetMessages(id=wanted))
    return next((each for each in found.messages if isinstance(each, T.Message)), None)


def channel_of(peer: Any) -> Any:
    """A peer as methods for channels and supergroups want it; None for a peer of another kind."""
    if not isinstance(peer, T.InputPeerChannel):
        return None
    return T.InputChannel(channel_id=peer.channel_id, access_hash=peer.access_hash)
