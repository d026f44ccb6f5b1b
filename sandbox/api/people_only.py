"""Methods that Telegram answers to people only; a bot that calls them is told so."""

from __future__ import annotations

from typing import Any, NoReturn

from pyrogram.raw import functions as F

from sandbox.api.registry import method
from sandbox.rpc import Caller, RpcError
from sandbox.world.world import World

_METHODS = (
    F.account.GetPassword,
    F.channels.JoinChannel,
    F.contacts.GetContacts,
    F.contacts.Search,
    F.messages.GetBotCallbackAnswer,
    F.messages.GetDialogs,
    F.messages.GetHistory,
    F.messages.GetPeerDialogs,
    F.messages.ImportChatInvite,
    F.messages.ReadHistory,
    F.messages.Search,
    F.messages.StartBot,
    F.payments.GetPaymentForm,
    F.payments.SendStarsForm,
)


async def refuse(world: World, caller: Caller, query: Any) -> NoReturn:
    """Refuse what is for people."""
    raise RpcError(400, "BOT_METHOD_INVALID")


for _query in _METHODS:
    method(_query)(refuse)
