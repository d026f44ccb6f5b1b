"""The parts of a message as a client hands them in, checked and made ready to be stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pyrogram.raw import types as T
from pyrogram.raw.core import TLObject

from sandbox.api.peers import find_user
from sandbox.rpc import RpcError
from sandbox.world.state import Account, ChatKind, Peer, PeerKind, StoredMessage
from sandbox.world.text import found_entities, stripped, utf16_length
from sandbox.world.world import World

_COPY_TEXT_LENGTH = 256
_URL = re.compile(
    r"(?:(?:https?|tg|ton)://)?[^\s/?#:@.][^\s/?#@]*\.[^\s/?#@.]{2,}(?:[/?#]\S*)?|tg://\S+|https?://localhost\S*"
)
_KEYBOARD_ROWS = 300


def text_of(
    world: World, account: Account, text: str, entities: Sequence[TLObject] | None, *, caption: bool = False
) -> tuple[str, tuple[TLObject, ...]]:
    """A text and its entities as they are stored.

    Raises:
        RpcError: MESSAGE_TOO_LONG, MEDIA_CAPTION_TOO_LONG, ENTITIES_TOO_LONG, ENTITY_BOUNDS_INVALID,
            ENTITY_MENTION_USER_INVALID.
    """
    given = list(entities or ())
    if len(given) > world.rules.entities:
        raise RpcError(400, "ENTITIES_TOO_LONG")
    length = utf16_length(text)
    for entity in given:
        if entity.offset < 0 or entity.length <= 0 or entity.offset + entity.length > length:
            raise RpcError(400, "ENTITY_BOUNDS_INVALID")
    text, given = stripped(text, given)
    limit = world.rules.caption_length if caption else world.rules.message_length
    if utf16_length(text) > limit:
        raise RpcError(400, "MEDIA_CAPTION_TOO_LONG" if caption else "MESSAGE_TOO_LONG")
    return text, found_entities(text, [_entity(world, account, entity) for entity in given])


def markup_of(
    world: World, account: Account, peer: Peer, markup: TLObject | None, *, invoice: bool = False
) -> TLObject | None:
    """A keyboard as it is stored; None where there is none.

    Raises:
        RpcError: REPLY_MARKUP_INVALID, REPLY_MARKUP_TOO_LONG, REPLY_MARKUP_BUY_EMPTY, BUTTON_....
    """
    if markup is None:
        return None
    if isinstance(markup, T.ReplyInlineMarkup):
        return _inline(world, account, peer, markup, invoice=invoice)
    if peer.kind is PeerKind.CHANNEL and world.chats[peer.id].kind is ChatKind.CHANNEL:
        raise RpcError(400, "REPLY_MARKUP_INVALID")
    if isinstance(markup, T.ReplyKeyboardMarkup):
        if not 0 < len(markup.rows) <= _KEYBOARD_ROWS or not all(row.buttons for row in markup.rows):
            raise RpcError(400, "REPLY_MARKUP_INVALID")
        if any(not button.text for row in markup.rows for button in row.buttons):
            raise RpcError(400, "BUTTON_TEXT_INVALID")
    return markup


def reply_of(world: World, account: Account, peer: Peer, reply: TLObject | None) -> int | None:
    """The `key` of the message that is answered; None for no answer.

    Raises:
        RpcError: REPLY_MESSAGE_ID_INVALID for one that is not in this chat.
    """
    if not isinstance(reply, T.InputReplyToMessage) or not reply.reply_to_msg_id:
        return None
    stored = world.box_for(account.id, peer).messages.get(reply.reply_to_msg_id)
    if stored is None or stored.peer_for(account.id) != peer:
        raise RpcError(400, "REPLY_MESSAGE_ID_INVALID")
    return stored.key


def message_in(world: World, account: Account, peer: Peer, message_id: int) -> StoredMessage:
    """A message of a chat by the id that the account knows.

    Raises:
        RpcError: MESSAGE_ID_INVALID if there is none.
    """
    stored = world.box_for(account.id, peer).messages.get(message_id)
    if stored is None or stored.peer_for(account.id) != peer:
        raise RpcError(400, "MESSAGE_ID_INVALID")
    return stored


def _entity(world: World, account: Account, entity: TLObject) -> TLObject:
    if not isinstance(entity, T.InputMessageEntityMentionName):
        return entity
    try:
        user = find_user(world, account, entity.user_id)
    except RpcError as error:
        raise RpcError(400, "ENTITY_MENTION_USER_INVALID") from error
    return T.MessageEntityMentionName(offset=entity.offset, length=entity.length, user_id=user.id)


def _inline(
    world: World, account: Account, peer: Peer, markup: TLObject, *, invoice: bool
) -> TLObject | None:
    buttons = [button for row in markup.rows for button in row.buttons]
    if not buttons:
        return None
    if len(buttons) > world.rules.keyboard_buttons:
        raise RpcError(400, "REPLY_MARKUP_TOO_LONG")
    if invoice and not isinstance(buttons[0].type, T.InlineButtonTypeBuy):
        raise RpcError(400, "REPLY_MARKUP_BUY_EMPTY")
    for place, button in enumerate(buttons):
        if not button.text:
            raise RpcError(400, "BUTTON_TEXT_INVALID")
        if isinstance(button.type, T.InlineButtonTypeBuy):
            if not invoice:
                raise RpcError(400, "BUTTON_TYPE_INVALID")
            if place:
                raise RpcError(400, "BUTTON_POS_INVALID")
        button.type = _button_type(world, account, peer, button.type)
    markup.rows = [row for row in markup.rows if row.buttons]
    return markup


def _button_type(world: World, account: Account, peer: Peer, kind: TLObject) -> TLObject:
    """The type of a button as it is stored."""
    if isinstance(kind, T.InputInlineButtonTypeUserProfile):
        try:
            return T.InlineButtonTypeUserProfile(user_id=find_user(world, account, kind.user_id).id)
        except RpcError as error:
            raise RpcError(400, "BUTTON_USER_INVALID") from error
    if isinstance(kind, T.InputInlineButtonTypeUrlAuth):
        _require_url(kind)
        return T.InlineButtonTypeUrlAuth(url=kind.url, button_id=world.ids.button(), fwd_text=kind.fwd_text)
    if isinstance(kind, T.InlineButtonTypeWebView) and peer.kind is not PeerKind.USER:
        raise RpcError(400, "BUTTON_TYPE_INVALID")
    check = _CHECKS.get(type(kind))
    if check is None:
        raise RpcError(400, "BUTTON_TYPE_INVALID")
    check(world, kind)
    return kind


def _require_data(world: World, kind: TLObject) -> None:
    if not 0 < len(kind.data) <= world.rules.callback_data_size:
        raise RpcError(400, "BUTTON_DATA_INVALID")


def _require_url(kind: TLObject) -> None:
    if not _URL.fullmatch(kind.url):
        raise RpcError(400, "BUTTON_URL_INVALID")


def _require_https(kind: TLObject) -> None:
    if not kind.url.startswith("https://"):
        raise RpcError(400, "BUTTON_URL_INVALID")


def _require_copy_text(kind: TLObject) -> None:
    if not 0 < len(kind.copy_text) <= _COPY_TEXT_LENGTH:
        raise RpcError(400, "BUTTON_COPY_TEXT_INVALID")


_CHECKS: dict[type[TLObject], Callable[[World, TLObject], None]] = {
    T.InlineButtonTypeCallback: _require_data,
    T.InlineButtonTypeUrl: lambda _, kind: _require_url(kind),
    T.InlineButtonTypeWebView: lambda _, kind: _require_https(kind),
    T.InlineButtonTypeCopy: lambda _, kind: _require_copy_text(kind),
    T.InlineButtonTypeBuy: lambda *_: None,
    T.InlineButtonTypeSwitchInline: lambda *_: None,
    T.InlineButtonTypeDisabled: lambda *_: None,
}
