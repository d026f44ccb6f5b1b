"""What plugins see of Telegram: frozen values of our own, without a client and so without the token."""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class ChatKind(StrEnum):
    """Where a message stands."""

    PRIVATE = "private"
    GROUP = "group"
    CHANNEL = "channel"


class MediaKind(StrEnum):
    """The forms in which Telegram shows a file."""

    PHOTO = "photo"
    VIDEO = "video"
    ANIMATION = "animation"
    AUDIO = "audio"
    VOICE = "voice"
    DOCUMENT = "document"
    STICKER = "sticker"


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as Telegram describes them. `language_code` is Telegram's own setting, or None."""

    id: int
    first_name: str = ""
    last_name: str = ""
    username: str | None = None
    language_code: str | None = None
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat. `id` is Bot-API-like: a person's id, `-id` for a group, `-100…` for a channel."""

    id: int
    kind: ChatKind
    title: str = ""


@dataclass(frozen=True, slots=True)
class MessageRef:
    """The address of one message."""

    chat_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class IncomingMedia:
    """A file that a person sent. `size` is bytes, `duration` seconds; `file_id` fetches it."""

    kind: MediaKind
    file_id: str
    mime_type: str = ""
    size: int = 0
    width: int = 0
    height: int = 0
    duration: float = 0.0
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment that Telegram reports (`successful_payment`), or its refund. `amount` is Stars."""

    charge_id: str
    currency: str
    amount: int
    payload: bytes
    is_recurring: bool = False
    is_first_recurring: bool = False
    subscription_until: datetime | None = None


class SubscriptionChange(StrEnum):
    """What Telegram tells of a monthly subscription between its payments."""

    CANCELED = "canceled"
    RESTORED = "restored"
    PAYMENT_FAILED = "payment_failed"


@dataclass(frozen=True, slots=True)
class Message:
    """A message that somebody sent to the bot. `text` is the text or the caption.

    `formatted` is the same as HTML where somebody has formatted it, else empty.
    """

    id: int
    chat: Chat
    sender: Profile | None
    date: datetime
    text: str = ""
    media: IncomingMedia | None = None
    album_id: int | None = None
    reply_to_id: int | None = None
    payment: Payment | None = None
    refund: Payment | None = None
    edited: bool = False
    formatted: str = ""

    @property
    def html(self) -> str:
        """The text as HTML, with whatever formatting it has."""
        return self.formatted or html.escape(self.text, quote=False)

    @property
    def ref(self) -> MessageRef:
        """The message's address."""
        return MessageRef(self.chat.id, self.id)


@dataclass(frozen=True, slots=True)
class Button:
    """A button below a message: an action of a plugin, a link, or the pay button of an invoice.

    For an action, `plugin`, `action` and `arguments` name the handler declared with `@callback`; the
    keyboard is signed and packed into Telegram's 64 bytes when it is sent. In a group only `owner` may press
    it, where that is somebody's id; below an answer to an update it is the person who is answered.
    """

    text: str
    action: str = ""
    arguments: tuple[str, ...] = ()
    plugin: str = ""
    url: str = ""
    pay: bool = False
    owner: int = 0


Keyboard = tuple[tuple[Button, ...], ...]
"""Buttons below a message, row by row."""


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice in Stars. `payload` is at most 128 bytes; `amount` is Stars."""

    title: str
    description: str
    payload: bytes
    amount: int
    start_param: str = ""
    subscription_period: int | None = None


@dataclass(frozen=True, slots=True)
class OutgoingMedia:
    """A file on Telegram's servers, ready to be sent: the result of an upload.

    `file` is what `core.telegram` stored to send it again without an upload; opaque and JSON-like.
    """

    kind: MediaKind
    file: dict[str, Any]


@dataclass(frozen=True, slots=True)
class InlineFile:
    """A file that a person may pick in any chat: one that is on Telegram's servers already.

    `id` is at most 64 bytes and names it among the results. `title` and `description` are plain text for the
    list, where Telegram shows one; `caption`, as HTML, goes into the chat with the file.
    """

    id: str
    media: OutgoingMedia
    title: str
    description: str = ""
    caption: str = ""


@dataclass(frozen=True, slots=True)
class InlineText:
    """A text that a person may pick in any chat. `text` is HTML; `title` and `description` are plain."""

    id: str
    title: str
    text: str
    description: str = ""


InlineResult = InlineFile | InlineText
"""What people may pick of what a plugin offers in other chats."""


@dataclass(frozen=True, slots=True)
class InlineButton:
    """The button above the results. It leads to the bot, as a link with this `/start` parameter does."""

    text: str
    parameter: str


@dataclass(frozen=True, slots=True)
class InlineAnswer:
    """What is answered to an inline query. An app may show it again for `cache_seconds`."""

    results: tuple[InlineResult, ...] = ()
    button: InlineButton | None = None
    next_offset: str = ""
    cache_seconds: int = 0


@dataclass(frozen=True, slots=True)
class MediaDetails:
    """What Telegram shows of a file. `duration` is seconds, `size` bytes, `thumbnail` a JPEG.

    `codec` is what a video's pictures are encoded with, as `core.generation.probe` names it.
    """

    kind: MediaKind
    mime_type: str
    file_name: str
    size: int | None = None
    width: int = 0
    height: int = 0
    duration: float = 0.0
    title: str = ""
    performer: str = ""
    codec: str = ""
    thumbnail: bytes | None = None
