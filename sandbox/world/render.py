"""How accounts, chats and messages look to one account: Telegram's own objects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pyrogram.raw import types as T
from pyrogram.raw.core import TLObject

from sandbox.world.state import Account, Chat, ChatKind, Peer, PeerKind, StoredMessage

if TYPE_CHECKING:
    from sandbox.world.world import World


def user(world: World, viewer_id: int, account: Account) -> TLObject:
    """An account as the viewer sees it."""
    bot = account.bot
    return T.User(
        id=account.id,
        access_hash=world.ids.access_hash(viewer_id, account.id),
        is_self=account.id == viewer_id,
        deleted=account.deleted,
        bot=bot is not None,
        bot_chat_history=bot is not None and not bot.privacy,
        bot_info_version=1 if bot else None,
        bot_inline_placeholder=bot.inline_placeholder if bot else None,
        first_name=None if account.deleted else account.first_name,
        username=account.username,
        lang_code=None if bot else account.language,
        status=None if bot else T.UserStatusRecently(),
    )


def chat(world: World, viewer_id: int, place: Chat) -> TLObject:
    """A group or channel as the viewer sees it; forbidden to whom it has thrown out."""
    if place.kind is ChatKind.GROUP:
        if viewer_id in place.banned:
            return T.ChatForbidden(id=place.id, title=place.title)
        return T.Chat(
            id=place.id,
            title=place.title,
            photo=T.ChatPhotoEmpty(),
            participants_count=len(place.members),
            date=place.date,
            version=1,
            creator=place.creator_id == viewer_id,
            left=viewer_id not in place.members,
            deactivated=place.deactivated,
            admin_rights=admin_rights() if viewer_id in place.admins else None,
            default_banned_rights=_banned_rights(send=False),
        )
    access_hash = world.ids.access_hash(viewer_id, place.id)
    broadcast = place.kind is ChatKind.CHANNEL
    if viewer_id in place.banned:
        return T.ChannelForbidden(
            id=place.id,
            access_hash=access_hash,
            title=place.title,
            broadcast=broadcast,
            megagroup=not broadcast,
        )
    return T.Channel(
        id=place.id,
        access_hash=access_hash,
        title=place.title,
        photo=T.ChatPhotoEmpty(),
        date=place.members.get(viewer_id, place.date),
        creator=place.creator_id == viewer_id,
        left=viewer_id not in place.members,
        broadcast=broadcast,
        megagroup=not broadcast,
        username=place.username,
        admin_rights=admin_rights() if viewer_id in place.admins else None,
        banned_rights=_banned_rights(send=True) if viewer_id in place.muted else None,
        default_banned_rights=None if broadcast else _banned_rights(send=False),
        participants_count=len(place.members),
    )


def message(world: World, viewer_id: int, stored: StoredMessage) -> TLObject:
    """A message as the viewer sees it: with the viewer's own id of it, its own side of the chat."""
    owner_id = stored.peer.id if stored.peer.kind is PeerKind.CHANNEL else viewer_id
    author = _author(world, stored)
    post = author is None
    common = {
        "id": stored.ids[owner_id],
        "peer_id": stored.peer_for(viewer_id).raw(),
        "from_id": None if author is None else author.raw(),
        "date": stored.date,
        "out": stored.sender.id == viewer_id,
        "post": post,
        "silent": stored.silent,
        "reply_to": _reply_header(world, owner_id, stored),
    }
    action = stored.seen_action(viewer_id)
    if action is not None:
        return T.MessageService(**common, action=action)
    return T.Message(
        **common,
        message=stored.text,
        entities=stored.entities or None,
        media=stored.media.seen_by(viewer_id) if stored.media else None,
        reply_markup=stored.markup,
        grouped_id=stored.album_id,
        fwd_from=stored.forward,
        via_bot_id=stored.via_bot_id,
        edit_date=stored.edit_date,
        noforwards=stored.noforwards,
        views=1 if post else None,
        forwards=0 if post else None,
    )


def parties(world: World, viewer_id: int, peers: Iterable[Peer]) -> tuple[list[TLObject], list[TLObject]]:
    """The users and the chats behind addresses, each once, as the viewer sees them."""
    users: dict[int, TLObject] = {}
    chats: dict[int, TLObject] = {}
    for peer in peers:
        if peer.kind is PeerKind.USER:
            if peer.id not in users and peer.id in world.accounts:
                users[peer.id] = user(world, viewer_id, world.accounts[peer.id])
        elif peer.id not in chats:
            chats[peer.id] = chat(world, viewer_id, world.chats[peer.id])
    return list(users.values()), list(chats.values())


def _author(world: World, stored: StoredMessage) -> Peer | None:
    """Whom a message is from, as everybody sees it: the group for an admin who hides, nobody in a channel."""
    if stored.peer.kind is not PeerKind.CHANNEL:
        return stored.sender
    place = world.chats[stored.peer.id]
    if place.kind is ChatKind.CHANNEL:
        return None
    return place.peer if stored.sender.id in place.anonymous else stored.sender


def peers_of(stored: StoredMessage) -> list[Peer]:
    """Everybody whom a message names, for the users and chats that go with it."""
    peers = [stored.sender, stored.peer]
    if stored.via_bot_id is not None:
        peers.append(Peer(PeerKind.USER, stored.via_bot_id))
    origin = stored.forward.from_id if stored.forward else None
    if isinstance(origin, T.PeerUser):
        peers.append(Peer(PeerKind.USER, origin.user_id))
    elif isinstance(origin, T.PeerChannel):
        peers.append(Peer(PeerKind.CHANNEL, origin.channel_id))
    for entity in stored.entities:
        if isinstance(entity, T.MessageEntityMentionName):
            peers.append(Peer(PeerKind.USER, entity.user_id))
    peers += [Peer(PeerKind.USER, user_id) for user_id in getattr(stored.action, "users", None) or ()]
    return peers


def admin_rights() -> TLObject:
    """What every admin may do here."""
    return T.ChatAdminRights(
        change_info=True,
        post_messages=True,
        edit_messages=True,
        delete_messages=True,
        ban_users=True,
        invite_users=True,
        pin_messages=True,
        manage_call=True,
        other=True,
    )


def _reply_header(world: World, owner_id: int, stored: StoredMessage) -> TLObject | None:
    original = None if stored.reply_to is None else world.messages.get(stored.reply_to)
    if original is None or owner_id not in original.ids:
        return None
    return T.MessageReplyHeader(reply_to_msg_id=original.ids[owner_id])


def _banned_rights(*, send: bool) -> TLObject:
    return T.ChatBannedRights(until_date=0, send_messages=send, send_media=send)
