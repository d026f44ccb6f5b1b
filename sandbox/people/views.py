"""What a person sees of a message: plain values, without Telegram's own objects."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pyrogram.raw import types as T
from pyrogram.raw.core import TLObject

from sandbox.world.files import FileKind, StoredFile
from sandbox.world.state import Media, Peer, PeerKind, StoredMessage
from sandbox.world.world import World

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class EntityView:
    """A stretch of a text that stands out. `offset` and `length` are in UTF-16 units.

    `kind` is Telegram's name in snake case: bold, text_url, bot_command, pre and so on.
    """

    kind: str
    offset: int
    length: int
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """A button of a keyboard.

    `kind` is callback, url, pay, web_app, copy, switch_inline, profile, login or disabled below a message,
    and text (or request_...) in a keyboard that replaces the person's own.
    """

    label: str
    kind: str
    data: bytes | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class MediaView:
    """What hangs on a message. Sizes are in pixels and bytes, `duration` in seconds.

    `kind` is photo, video, animation, audio, voice, video_note, sticker or document.
    """

    kind: str
    mime: str
    size: int
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    file_name: str | None = None
    title: str | None = None
    performer: str | None = None
    streaming: bool = False
    has_thumbnail: bool = False
    spoiler: bool = False
    file_id: int = 0
    """Telegram's number of the file: another one once the message was edited to show another file."""


@dataclass(frozen=True, slots=True)
class InvoiceView:
    """An invoice: `amount` in whole Stars where `currency` is XTR; `paid` for the viewer."""

    title: str
    description: str
    currency: str
    amount: int
    paid: bool


@dataclass(frozen=True, slots=True)
class ServiceView:
    """A service message. `kind` is Telegram's name in snake case: payment_sent, chat_add_user and so on."""

    kind: str
    currency: str | None = None
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message as one person sees it at one moment; `id` is the person's own."""

    id: int
    chat: Peer
    """Where it is: the other account of a private chat, or the group."""
    date: datetime
    out: bool
    sender_id: int
    sender_name: str
    text: str = ""
    """The text, or the caption of a media."""
    entities: tuple[EntityView, ...] = ()
    buttons: tuple[tuple[Button, ...], ...] = ()
    """Rows of buttons, below the message or in place of the keyboard."""
    media: MediaView | None = None
    album_id: int | None = None
    reply_to: int | None = None
    edited: bool = False
    forwarded: bool = False
    via: str = ""
    """The bot through whose inline mode it was written."""
    invoice: InvoiceView | None = None
    service: ServiceView | None = None
    details: dict[str, str | int] = field(default_factory=dict, compare=False, repr=False)
    """What the media's own part of the world remembers with it."""

    @property
    def labels(self) -> list[str]:
        """The labels of all buttons."""
        return [button.label for row in self.buttons for button in row]

    @property
    def kind(self) -> str:
        """`text`, `service`, `invoice` or the kind of the media."""
        if self.service is not None:
            return "service"
        if self.invoice is not None:
            return "invoice"
        return self.media.kind if self.media is not None else "text"


def view(world: World, viewer_id: int, stored: StoredMessage) -> MessageView:
    """A message as an account sees it now."""
    chat = stored.peer_for(viewer_id)
    owner_id = chat.id if chat.kind is PeerKind.CHANNEL else viewer_id
    original = None if stored.reply_to is None else world.messages.get(stored.reply_to)
    action = stored.seen_action(viewer_id)
    raw = None if stored.media is None else stored.media.seen_by(viewer_id)
    return MessageView(
        id=stored.ids[owner_id],
        chat=chat,
        date=datetime.fromtimestamp(stored.date, UTC),
        out=stored.sender.id == viewer_id,
        sender_id=stored.sender.id,
        sender_name=name_of(world, stored.sender),
        text=stored.text,
        entities=tuple(_entity(entity) for entity in stored.entities),
        buttons=_rows(stored.markup),
        media=None if stored.media is None else _media(world, stored.media),
        album_id=stored.album_id,
        reply_to=None if original is None else original.ids.get(owner_id),
        edited=stored.edit_date is not None,
        forwarded=stored.forward is not None,
        via="" if stored.via_bot_id is None else world.accounts[stored.via_bot_id].username or "",
        invoice=_invoice(raw) if isinstance(raw, T.MessageMediaInvoice) else None,
        service=None if action is None else _service(action),
        details={} if stored.media is None else dict(stored.media.details),
    )


def name_of(world: World, peer: Peer) -> str:
    """What an account or chat is called."""
    if peer.kind is PeerKind.USER:
        return world.accounts[peer.id].first_name
    return world.chats[peer.id].title


def _entity(entity: TLObject) -> EntityView:
    kind = _snake(type(entity).__name__.removeprefix("MessageEntity"))
    return EntityView(kind, entity.offset, entity.length, getattr(entity, "url", None))


def _rows(markup: TLObject | None) -> tuple[tuple[Button, ...], ...]:
    rows: Iterable[TLObject] = getattr(markup, "rows", None) or ()
    return tuple(tuple(_button(button) for button in row.buttons) for row in rows)


def _button(button: TLObject) -> Button:
    kind = type(button.type)
    known = _BUTTON_KINDS.get(kind)
    name = known if known is not None else _snake(kind.__name__.removeprefix("ButtonType"))
    return Button(button.text, name, getattr(button.type, "data", None), getattr(button.type, "url", None))


def _media(world: World, media: Media) -> MediaView | None:
    if media.file_id is None:
        return None
    file = world.files.get(media.file_id)
    spoiler = bool(getattr(media.raw, "spoiler", None))
    if file.kind is FileKind.PHOTO:
        best = file.variants[-1]
        return MediaView(
            "photo",
            file.mime_type,
            file.size,
            best.width,
            best.height,
            has_thumbnail=True,
            spoiler=spoiler,
            file_id=file.id,
        )
    return _document(file, spoiler=spoiler)


def _document(file: StoredFile, *, spoiler: bool) -> MediaView:
    by_kind = {type(attribute): attribute for attribute in file.attributes}
    video, audio = by_kind.get(T.DocumentAttributeVideo), by_kind.get(T.DocumentAttributeAudio)
    timed = video or audio
    picture = video or by_kind.get(T.DocumentAttributeImageSize)
    name = by_kind.get(T.DocumentAttributeFilename)
    return MediaView(
        kind=_document_kind(by_kind),
        mime=file.mime_type,
        size=file.size,
        width=picture.w if picture else None,
        height=picture.h if picture else None,
        duration=float(timed.duration) if timed else None,
        file_name=name.file_name if name else None,
        title=audio.title if audio else None,
        performer=audio.performer if audio else None,
        streaming=bool(video and video.supports_streaming),
        has_thumbnail=bool(file.variants),
        spoiler=spoiler,
        file_id=file.id,
    )


def _document_kind(by_kind: dict[type[TLObject], TLObject]) -> str:
    if T.DocumentAttributeSticker in by_kind:
        return "sticker"
    if T.DocumentAttributeAnimated in by_kind:
        return "animation"
    if T.DocumentAttributeVideo in by_kind:
        return "video_note" if by_kind[T.DocumentAttributeVideo].round_message else "video"
    if T.DocumentAttributeAudio in by_kind:
        return "voice" if by_kind[T.DocumentAttributeAudio].voice else "audio"
    return "document"


def _invoice(raw: TLObject) -> InvoiceView:
    paid = raw.receipt_msg_id is not None
    return InvoiceView(raw.title, raw.description, raw.currency, raw.total_amount, paid)


def _service(action: TLObject) -> ServiceView:
    return ServiceView(
        _snake(type(action).__name__.removeprefix("MessageAction")),
        getattr(action, "currency", None),
        getattr(action, "total_amount", None),
    )


def _snake(name: str) -> str:
    return _CAPITAL.sub("_", name).lower()


_BUTTON_KINDS: dict[type[TLObject], str] = {
    T.InlineButtonTypeCallback: "callback",
    T.InlineButtonTypeUrl: "url",
    T.InlineButtonTypeBuy: "pay",
    T.InlineButtonTypeWebView: "web_app",
    T.InlineButtonTypeCopy: "copy",
    T.InlineButtonTypeSwitchInline: "switch_inline",
    T.InlineButtonTypeUserProfile: "profile",
    T.InlineButtonTypeUrlAuth: "login",
    T.InlineButtonTypeDisabled: "disabled",
    T.ButtonTypeDefault: "text",
}
