"""Updates as bytes: enough to handle them again after a crash."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import structlog
from pyrogram.raw import types as T
from pyrogram.raw.core import TLObject

from core.telegram.boxes import Arrival, arrivals_of
from core.telegram.parse import Incoming, IncomingBlock, IncomingMessage, IncomingSubscription, incoming_of

_log = structlog.stdlib.get_logger(__name__)


def payload_of(arrival: Arrival, incoming: Incoming) -> bytes:
    """The update, its sender and its chat, as raw TL."""
    user_ids: set[int] = set()
    if isinstance(incoming, IncomingMessage) and incoming.message.sender is not None:
        user_ids.add(incoming.message.sender.id)
    elif isinstance(incoming, IncomingBlock | IncomingSubscription):
        user_ids.add(incoming.user_id)
    peer = getattr(getattr(arrival.update, "message", None), "peer_id", None)
    chat_id: int = getattr(peer, "chat_id", 0) or getattr(peer, "channel_id", 0)
    packed: bytes = T.Updates(
        updates=[arrival.update],
        users=[arrival.users[number] for number in user_ids if number in arrival.users],
        chats=[arrival.chats[chat_id]] if chat_id in arrival.chats else [],
        date=0,
        seq=0,
    ).write()
    return packed


def incoming_from(payload: bytes) -> tuple[Any, Incoming] | None:
    """The raw updates object and what it says; None for one that this version cannot read any more."""
    try:
        updates = TLObject.read(BytesIO(payload))
        (arrival,) = arrivals_of(updates, {})
    except (KeyError, ValueError, OSError, TypeError):
        _log.exception("inbox_payload_unreadable")
        return None
    incoming = incoming_of(arrival.update, arrival.users, arrival.chats)
    return None if incoming is None else (updates, incoming)
