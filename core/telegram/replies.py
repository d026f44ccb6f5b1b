"""Whether what somebody replies to in a group is the bot's own message."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Protocol

from pyrogram.raw import functions as F
from pyrogram.raw import types as T

from core.errors import TelegramError
from core.telegram.types import MessageRef

_REMEMBERED = 10_000


class Caller(Protocol):
    """What is needed of `core.telegram.client`."""

    async def invoke(self, query: Any) -> Any:
        """Make a call."""
        ...

    async def resolve(self, chat_id: int) -> Any:
        """The input peer of a chat."""
        ...


class OwnMessages:
    """Looks messages up at Telegram, each once: an update names what it replies to by its number only.

    In privacy mode a bot hears hardly any other replies; as a group's admin it hears all.
    """

    def __init__(self, client: Caller) -> None:
        self._client = client
        self._known: OrderedDict[MessageRef, bool] = OrderedDict()

    async def __call__(self, message: MessageRef) -> bool:
        """Whether the bot wrote it; False where Telegram does not tell."""
        known = self._known.get(message)
        if known is not None:
            return known
        try:
            is_own = await self._look_up(message)
        except TelegramError:
            return False
        self._known[message] = is_own
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return is_own

    async def _look_up(self, message: MessageRef) -> bool:
        wanted: list[Any] = [T.InputMessageID(id=message.message_id)]
        peer = await self._client.resolve(message.chat_id)
        if isinstance(peer, T.InputPeerChannel):
            channel = T.InputChannel(channel_id=peer.channel_id, access_hash=peer.access_hash)
            found = await self._client.invoke(F.channels.GetMessages(channel=channel, id=wanted))
        else:
            found = await self._client.invoke(F.messages.GetMessages(id=wanted))
        return any(isinstance(each, T.Message) and bool(each.out) for each in found.messages)
