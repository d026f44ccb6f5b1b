"""Telegram's raw objects read into our own; nothing behind this knows Pyrogram."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pyrogram.file_id import FileId, FileType, ThumbnailSource
from pyrogram.raw import types as T
from pyrogram.utils import get_channel_id

from core.telegram.markup import html_of
from core.telegram.types import (
    Chat,
    ChatKind,
    IncomingMedia,
    MediaKind,
    Message,
    Payment,
    Profile,
    SubscriptionChange,
)


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """A message, new or edited, on its way to a handler. `key` is the same however often it arrives."""

    key: str
    message: Message


@dataclass(frozen=True, slots=True)
class IncomingCallback:
    """A pressed button."""

    key: str
    query_id: int
    sender: Profile
    chat: Chat
    message_id: int
    data: bytes


@dataclass(frozen=True, slots=True)
class IncomingPreCheckout:
    """Somebody is about to pay. `sender` holds the id alone where Telegram does not describe the person."""

    key: str
    query_id: int
    sender: Profile
    currency: str
    amount: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class IncomingBlock:
    """A person blocked the bot, or lifted the block."""

    key: str
    user_id: int
    blocked: bool


@dataclass(frozen=True, slots=True)
class IncomingSubscription:
    """A person cancelled a subscription or took it up again, or could not pay for its next month.

    `payload` is that of the invoice by which it was bought.
    """

    key: str
    user_id: int
    payload: bytes
    change: SubscriptionChange


@dataclass(frozen=True, slots=True)
class IncomingInline:
    """Somebody types `@bot text` in any chat. `offset` is empty, or what an answer said comes next."""

    key: str
    query_id: int
    sender: Profile
    text: str
    offset: str


Incoming = (
    IncomingMessage
    | IncomingCallback
    | IncomingPreCheckout
    | IncomingBlock
    | IncomingSubscription
    | IncomingInline
)

_NEW = (T.UpdateNewMessage, T.UpdateNewChannelMessage)
_EDITED = (T.UpdateEditMessage, T.UpdateEditChannelMessage)


def incoming_of(update: Any, users: Mapping[int, Any], chats: Mapping[int, Any]) -> Incoming | None:
    """What an update says, or None if nobody here would want to know.

    Messages without a person behind them are left out: the bot's own, other bots', and what nobody signs,
    unless it may be a command.
    """
    if isinstance(update, _NEW + _EDITED):
        message = message_of(update.message, users, chats, edited=isinstance(update, _EDITED))
        return None if message is None else IncomingMessage(_message_key(update, message), message)
    if isinstance(update, T.UpdateBotCallbackQuery | T.UpdateBotInlineQuery | T.UpdateBotPrecheckoutQuery):
        return _query(update, users, chats)
    if isinstance(update, T.UpdateBotStopped):
        key = f"b:{update.user_id}:{update.date}:{int(update.stopped)}"
        return IncomingBlock(key, update.user_id, bool(update.stopped))
    if isinstance(update, T.UpdateBotStarsSubscription):
        return _subscription(update)
    return None


def message_of(
    raw: Any, users: Mapping[int, Any], chats: Mapping[int, Any], *, edited: bool = False
) -> Message | None:
    """A message that a person sent, or that tells of a payment; None for all others.

    A command that nobody signs, in a channel or by an admin of a group who hides, has no sender.
    """
    if not isinstance(raw, T.Message | T.MessageService):
        return None
    payment, refund = _money(raw)
    if raw.out and refund is None:
        return None
    sender = _person_behind(raw, users)
    if sender is None and not _is_unsigned_command(raw):
        return None
    if isinstance(raw, T.MessageService) and payment is None and refund is None:
        return None
    is_text = isinstance(raw, T.Message)
    return Message(
        id=raw.id,
        chat=chat_of(raw.peer_id, users, chats),
        sender=sender,
        date=_time(raw.date),
        text=raw.message if is_text else "",
        media=media_of(raw.media) if is_text else None,
        album_id=raw.grouped_id if is_text else None,
        reply_to_id=getattr(raw.reply_to, "reply_to_msg_id", None),
        payment=payment,
        refund=refund,
        edited=edited,
        formatted=html_of(raw.message, raw.entities) if is_text else "",
    )


def profile_of(user: Any) -> Profile:
    """A person as Telegram describes them."""
    usernames = [name.username for name in user.usernames or () if name.active]
    return Profile(
        id=user.id,
        first_name=user.first_name or "",
        last_name=user.last_name or "",
        username=user.username or (usernames[0] if usernames else None),
        language_code=user.lang_code,
        is_bot=bool(user.bot),
    )


def chat_of(peer: Any, users: Mapping[int, Any], chats: Mapping[int, Any]) -> Chat:
    """The chat that a peer stands for."""
    if isinstance(peer, T.PeerUser):
        return Chat(peer.user_id, ChatKind.PRIVATE)
    if isinstance(peer, T.PeerChat):
        return Chat(-peer.chat_id, ChatKind.GROUP, _title(chats.get(peer.chat_id)))
    chat = chats.get(peer.channel_id)
    kind = ChatKind.CHANNEL if getattr(chat, "broadcast", False) else ChatKind.GROUP
    return Chat(get_channel_id(peer.channel_id), kind, _title(chat))


def media_of(media: Any) -> IncomingMedia | None:
    """A file in a message; None for everything that is no file."""
    if isinstance(media, T.MessageMediaPhoto) and isinstance(media.photo, T.Photo):
        return _photo(media.photo)
    if isinstance(media, T.MessageMediaDocument) and isinstance(media.document, T.Document):
        return _document(media.document)
    return None


def parties(users: Any, chats: Any) -> tuple[dict[int, Any], dict[int, Any]]:
    """Users and chats by id."""
    return {user.id: user for user in users}, {chat.id: chat for chat in chats}


def _query(update: Any, users: Mapping[int, Any], chats: Mapping[int, Any]) -> Incoming | None:
    """What somebody asks and waits for."""
    sender = _sender(update.user_id, users)
    if isinstance(update, T.UpdateBotInlineQuery):
        return IncomingInline(f"i:{update.query_id}", update.query_id, sender, update.query, update.offset)
    if isinstance(update, T.UpdateBotPrecheckoutQuery):
        return IncomingPreCheckout(
            key=f"p:{update.query_id}",
            query_id=update.query_id,
            sender=sender,
            currency=update.currency,
            amount=update.total_amount,
            payload=bytes(update.payload),
        )
    if update.data is None:
        return None
    return IncomingCallback(
        key=f"c:{update.query_id}",
        query_id=update.query_id,
        sender=sender,
        chat=chat_of(update.peer, users, chats),
        message_id=update.msg_id,
        data=bytes(update.data),
    )


def _message_key(update: Any, message: Message) -> str:
    # The date is part of it, so that the ids of another (or begun anew) local Telegram never collide.
    date = int(message.date.timestamp())
    if not message.edited:
        return f"m:{message.chat.id}:{message.id}:{date}"
    return f"e:{message.chat.id}:{message.id}:{update.message.edit_date or date}"


def _person_behind(raw: Any, users: Mapping[int, Any]) -> Profile | None:
    if raw.from_id is None:
        peer = raw.peer_id
    elif raw.out:
        # A refund's service message is the bot's own; it is about the person of the chat.
        peer = raw.peer_id
    else:
        peer = raw.from_id
    if not isinstance(peer, T.PeerUser):
        return None
    sender = _sender(peer.user_id, users)
    return None if sender.is_bot else sender


def _is_unsigned_command(raw: Any) -> bool:
    """Whether somebody writes a command in the name of the channel or group itself.

    Source: https://core.telegram.org/api/channel, "anonymous admins"; a post of a channel names no author.
    """
    if not isinstance(raw, T.Message) or not isinstance(raw.peer_id, T.PeerChannel) or raw.fwd_from:
        return False
    return bool(raw.message.startswith("/") and (raw.post or raw.from_id == raw.peer_id))


def _subscription(update: Any) -> IncomingSubscription | None:
    changes = [change for change in SubscriptionChange if getattr(update, change.value)]
    if not changes:
        return None
    payload = bytes(update.payload)
    # The payload is part of the key, so that the counter of a local Telegram begun anew never collides.
    key = f"s:{update.user_id}:{update.qts}:{hashlib.sha256(payload).hexdigest()[:16]}"
    return IncomingSubscription(key, update.user_id, payload, changes[0])


def _sender(user_id: int, users: Mapping[int, Any]) -> Profile:
    user = users.get(user_id)
    return profile_of(user) if isinstance(user, T.User) else Profile(user_id)


def _money(raw: Any) -> tuple[Payment | None, Payment | None]:
    action = getattr(raw, "action", None)
    if isinstance(action, T.MessageActionPaymentSentMe):
        until = action.subscription_until_date
        payment = Payment(
            charge_id=action.charge.id,
            currency=action.currency,
            amount=action.total_amount,
            payload=bytes(action.payload),
            is_recurring=bool(action.recurring_used),
            is_first_recurring=bool(action.recurring_init),
            subscription_until=None if until is None else _time(until),
        )
        return payment, None
    if isinstance(action, T.MessageActionPaymentRefunded):
        refund = Payment(
            charge_id=action.charge.id,
            currency=action.currency,
            amount=action.total_amount,
            payload=bytes(action.payload or b""),
        )
        return None, refund
    return None, None


def _photo(photo: Any) -> IncomingMedia:
    sizes = [size for size in photo.sizes if isinstance(size, T.PhotoSize | T.PhotoSizeProgressive)]
    largest = max(sizes, key=lambda size: size.w * size.h, default=None)
    if largest is None:
        return IncomingMedia(MediaKind.PHOTO, "", "image/jpeg")
    size = max(largest.sizes) if isinstance(largest, T.PhotoSizeProgressive) else largest.size
    file_id = FileId(
        file_type=FileType.PHOTO,
        dc_id=photo.dc_id,
        media_id=photo.id,
        access_hash=photo.access_hash,
        file_reference=photo.file_reference,
        thumbnail_size=largest.type,
        volume_id=0,
        local_id=0,
        thumbnail_source=ThumbnailSource.THUMBNAIL,
        thumbnail_file_type=FileType.PHOTO,
    ).encode()
    return IncomingMedia(MediaKind.PHOTO, file_id, "image/jpeg", size, largest.w, largest.h)


def _document(document: Any) -> IncomingMedia:
    kind, width, height, duration, name = MediaKind.DOCUMENT, 0, 0, 0.0, ""
    for attribute in document.attributes:
        if isinstance(attribute, T.DocumentAttributeFilename):
            name = attribute.file_name
        elif isinstance(attribute, T.DocumentAttributeImageSize):
            width, height = attribute.w, attribute.h
        elif isinstance(attribute, T.DocumentAttributeVideo):
            width, height, duration = attribute.w, attribute.h, float(attribute.duration)
            kind = MediaKind.VIDEO if kind is MediaKind.DOCUMENT else kind
        elif isinstance(attribute, T.DocumentAttributeAudio):
            kind = MediaKind.VOICE if attribute.voice else MediaKind.AUDIO
            duration = float(attribute.duration)
        elif isinstance(attribute, T.DocumentAttributeAnimated):
            kind = MediaKind.ANIMATION if kind is not MediaKind.STICKER else kind
        elif isinstance(attribute, T.DocumentAttributeSticker):
            kind = MediaKind.STICKER
    file_id = FileId(
        file_type=_FILE_TYPES[kind],
        dc_id=document.dc_id,
        media_id=document.id,
        access_hash=document.access_hash,
        file_reference=document.file_reference,
    ).encode()
    return IncomingMedia(kind, file_id, document.mime_type, document.size, width, height, duration, name)


_FILE_TYPES = {
    MediaKind.VIDEO: FileType.VIDEO,
    MediaKind.ANIMATION: FileType.ANIMATION,
    MediaKind.AUDIO: FileType.AUDIO,
    MediaKind.VOICE: FileType.VOICE,
    MediaKind.DOCUMENT: FileType.DOCUMENT,
    MediaKind.STICKER: FileType.STICKER,
}


def _title(chat: Any) -> str:
    return str(getattr(chat, "title", "") or "")


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
