"""Methods that change and delete messages, and those that look them up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pyrogram.raw import functions as F
from pyrogram.raw import types as T
from pyrogram.raw.core import TLObject

from sandbox.api.compose import markup_of, message_in, text_of
from sandbox.api.media import media_of
from sandbox.api.peers import account_of, find_channel, find_peer, require_writable
from sandbox.api.registry import method
from sandbox.api.sending import count_against_flood
from sandbox.api.vectors import objects
from sandbox.rpc import Caller, RpcError
from sandbox.world import audience, feed, render
from sandbox.world.events import ChatAction
from sandbox.world.state import Account, Box, Chat, Media, PeerKind, StoredMessage
from sandbox.world.world import World

_WORD = re.compile(r"(?<!^)(?=[A-Z])")


@method(F.messages.EditMessage)
async def edit_message(world: World, caller: Caller, query: Any) -> TLObject:
    """Change the text, the media or the keyboard of a message of one's own."""
    account = account_of(world, caller)
    peer = find_peer(world, account, query.peer)
    require_writable(world, account, peer)
    stored = message_in(world, account, peer, query.id)
    _require_editable(world, account, stored)
    media = stored.media
    if query.media is not None:
        media = await media_of(world, account, query.media)
        stored = message_in(world, account, peer, query.id)
    text, entities = stored.text, tuple(stored.entities)
    if query.message is not None or query.media is not None:
        text, entities = text_of(
            world, account, query.message or "", query.entities, caption=media is not None
        )
    if not text and media is None:
        raise RpcError(400, "MESSAGE_EMPTY")
    markup = _edited_markup(world, account, stored, query.reply_markup, media)
    if (
        (text, list(entities)) == (stored.text, stored.entities)
        and markup == stored.markup
        and _same_media(media, stored.media)
    ):
        raise RpcError(400, "MESSAGE_NOT_MODIFIED")
    count_against_flood(world, account, peer)
    delta = world.edit(
        stored, answered=account.id, text=text, entities=list(entities), media=media, markup=markup
    )
    return feed.answer(world, account.id, [delta])


@method(F.messages.DeleteMessages)
async def delete_messages(world: World, caller: Caller, query: Any) -> TLObject:
    """Delete messages of private chats and basic groups; unknown ids are passed over."""
    account = account_of(world, caller)
    found = [account.box.messages[i] for i in dict.fromkeys(query.id) if i in account.box.messages]
    for stored in found:
        _require_deletable(world, account, stored)
    owners = None if query.revoke else [account.id]
    return _delete(world, account, account.box, found, owners)


@method(F.channels.DeleteMessages)
async def delete_channel_messages(world: World, caller: Caller, query: Any) -> TLObject:
    """Delete messages of a channel or supergroup; unknown ids are passed over."""
    account = account_of(world, caller)
    place = find_channel(world, account, query.channel)
    found = [place.box.messages[i] for i in dict.fromkeys(query.id) if i in place.box.messages]
    for stored in found:
        _require_deletable(world, account, stored)
    return _delete(world, account, place.box, found, None)


@method(F.messages.GetMessages)
async def get_messages(world: World, caller: Caller, query: Any) -> TLObject:
    """Look up messages of private chats and basic groups."""
    account = account_of(world, caller)
    shown, users, chats = _look_up(world, account, account.box, objects(query.id), None)
    return T.messages.Messages(messages=shown, topics=[], users=users, chats=chats)


@method(F.channels.GetMessages)
async def get_channel_messages(world: World, caller: Caller, query: Any) -> TLObject:
    """Look up messages of a channel or supergroup."""
    account = account_of(world, caller)
    place = find_channel(world, account, query.channel)
    shown, users, chats = _look_up(world, account, place.box, objects(query.id), place)
    return T.messages.ChannelMessages(
        pts=place.box.pts, count=len(shown), messages=shown, topics=[], users=users, chats=chats
    )


@method(F.messages.SetTyping)
async def set_typing(world: World, caller: Caller, query: Any) -> bool:
    """Show people what the caller is doing."""
    account = account_of(world, caller)
    peer = find_peer(world, account, query.peer)
    require_writable(world, account, peer)
    name = _action_name(query.action)
    progress = getattr(query.action, "progress", 0)
    if peer.kind is PeerKind.USER:
        world.notify(peer.id, ChatAction(account.peer, account.peer, name, progress))
    else:
        for member in world.chats[peer.id].members:
            world.notify(member, ChatAction(peer, account.peer, name, progress))
    return True


def _require_editable(world: World, account: Account, stored: StoredMessage) -> None:
    if stored.sender.kind is PeerKind.CHANNEL:
        own = account.id in world.chats[stored.sender.id].admins
    else:
        own = stored.sender.id == account.id
    if not own:
        raise RpcError(403, "MESSAGE_AUTHOR_REQUIRED")
    inline = stored.markup is None or isinstance(stored.markup, T.ReplyInlineMarkup)
    if stored.action is not None or stored.forward is not None or not inline:
        raise RpcError(400, "MESSAGE_ID_INVALID")


def _edited_markup(
    world: World, account: Account, stored: StoredMessage, markup: TLObject | None, media: Media | None
) -> TLObject | None:
    if markup is not None and not isinstance(markup, T.ReplyInlineMarkup):
        raise RpcError(400, "REPLY_MARKUP_INVALID")
    invoice = media is not None and isinstance(media.raw, T.MessageMediaInvoice)
    return markup_of(world, account, stored.peer, markup, invoice=invoice)


def _same_media(new: Media | None, old: Media | None) -> bool:
    return new is old or (new is not None and old is not None and new.file_id == old.file_id is not None)


def _require_deletable(world: World, account: Account, stored: StoredMessage) -> None:
    own = stored.sender.id == account.id
    age = world.now() - stored.date
    if stored.peer.kind is PeerKind.USER:
        allowed = age <= world.rules.delete_hours * 3600
    else:
        allowed = account.id in world.chats[stored.peer.id].admins or (
            own and age <= world.rules.delete_hours * 3600
        )
    if not allowed:
        raise RpcError(403, "MESSAGE_DELETE_FORBIDDEN")


def _delete(
    world: World, account: Account, box: Box, found: Sequence[StoredMessage], owners: Sequence[int] | None
) -> TLObject:
    if not found:
        return T.messages.AffectedMessages(pts=box.pts, pts_count=0)
    change = world.delete(found, owners=owners, answered=account.id)[box.owner_id]
    return T.messages.AffectedMessages(pts=change.pts, pts_count=change.pts_count)


def _look_up(
    world: World, account: Account, box: Box, wanted: Sequence[TLObject], place: Chat | None
) -> tuple[list[TLObject], list[TLObject], list[TLObject]]:
    shown = []
    peers = [] if place is None else [place.peer]
    for item in wanted:
        stored = _wanted(world, box, item)
        if stored is None or (place is not None and not audience.sees(world, place, account, stored)):
            shown.append(T.MessageEmpty(id=getattr(item, "id", 0)))
            continue
        peers += render.peers_of(stored)
        shown.append(render.message(world, account.id, stored))
    users, chats = render.parties(world, account.id, peers)
    return shown, users, chats


def _wanted(world: World, box: Box, item: TLObject) -> StoredMessage | None:
    stored = box.messages.get(getattr(item, "id", 0))
    if not isinstance(item, T.InputMessageReplyTo):
        return stored
    original = None if stored is None or stored.reply_to is None else world.messages.get(stored.reply_to)
    return original if original is not None and box.owner_id in original.ids else None


def _action_name(action: TLObject) -> str:
    name = type(action).__name__.removeprefix("SendMessage").removesuffix("Action")
    return _WORD.sub("_", name).lower()
