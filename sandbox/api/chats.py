"""Methods that look up groups and channels and who is in them."""

from __future__ import annotations

from typing import Any

from pyrogram.raw import functions as F
from pyrogram.raw import types as T
from pyrogram.raw.core import TLObject

from sandbox.api.accounts import bot_info
from sandbox.api.peers import account_of, find_channel, find_group, find_peer
from sandbox.api.registry import method
from sandbox.rpc import Caller, RpcError
from sandbox.world import render
from sandbox.world.state import Account, Chat, ChatKind, Peer, PeerKind
from sandbox.world.world import World

_PARTICIPANTS_AT_ONCE = 200


@method(F.messages.GetChats)
async def get_chats(world: World, caller: Caller, query: Any) -> TLObject:
    """Basic groups by id."""
    account = account_of(world, caller)
    places = [find_group(world, account, chat_id) for chat_id in query.id]
    return T.messages.Chats(chats=[render.chat(world, account.id, place) for place in places])


@method(F.channels.GetChannels)
async def get_channels(world: World, caller: Caller, query: Any) -> TLObject:
    """Channels and supergroups by id."""
    account = account_of(world, caller)
    places = [find_channel(world, account, channel) for channel in query.id]
    return T.messages.Chats(chats=[render.chat(world, account.id, place) for place in places])


@method(F.messages.GetFullChat)
async def get_full_chat(world: World, caller: Caller, query: Any) -> TLObject:
    """All about one basic group."""
    account = account_of(world, caller)
    place = find_group(world, account, query.chat_id)
    participants = [_group_participant(place, member) for member in place.members]
    full = T.ChatFull(
        id=place.id,
        about="",
        participants=T.ChatParticipants(chat_id=place.id, participants=participants, version=1),
        notify_settings=T.PeerNotifySettings(),
        bot_info=_bots_in(world, account, place),
    )
    users, chats = render.parties(world, account.id, [place.peer, *_members(place)])
    return T.messages.ChatFull(full_chat=full, chats=chats, users=users)


@method(F.channels.GetFullChannel)
async def get_full_channel(world: World, caller: Caller, query: Any) -> TLObject:
    """All about one channel or supergroup."""
    account = account_of(world, caller)
    place = find_channel(world, account, query.channel)
    full = T.ChannelFull(
        id=place.id,
        about="",
        read_inbox_max_id=place.box.last_id,
        read_outbox_max_id=place.box.last_id,
        unread_count=0,
        chat_photo=T.PhotoEmpty(id=0),
        notify_settings=T.PeerNotifySettings(),
        bot_info=_bots_in(world, account, place),
        pts=place.box.pts,
        can_view_participants=place.kind is ChatKind.SUPERGROUP or account.id in place.admins,
        participants_count=len(place.members),
        admins_count=len(place.admins),
    )
    users, chats = render.parties(world, account.id, [place.peer])
    return T.messages.ChatFull(full_chat=full, chats=chats, users=users)


@method(F.channels.GetParticipant)
async def get_participant(world: World, caller: Caller, query: Any) -> TLObject:
    """One member of a channel or supergroup."""
    account = account_of(world, caller)
    place = find_channel(world, account, query.channel)
    peer = find_peer(world, account, query.participant)
    if peer.kind is not PeerKind.USER or (peer.id not in place.members and peer.id not in place.banned):
        raise RpcError(400, "USER_NOT_PARTICIPANT")
    participant = _participant(world, account, place, peer.id)
    users, chats = render.parties(world, account.id, [place.peer, peer, _creator(place)])
    return T.channels.ChannelParticipant(participant=participant, users=users, chats=chats)


@method(F.channels.GetParticipants)
async def get_participants(world: World, caller: Caller, query: Any) -> TLObject:
    """Members of a channel or supergroup: all, the admins, the bots, or those found by name."""
    account = account_of(world, caller)
    place = find_channel(world, account, query.channel)
    if place.kind is ChatKind.CHANNEL and account.id not in place.admins:
        raise RpcError(400, "CHAT_ADMIN_REQUIRED")
    wanted = [member for member in place.members if _matches(world, place, member, query.filter)]
    page = wanted[query.offset : query.offset + min(query.limit, _PARTICIPANTS_AT_ONCE)]
    peers = [place.peer, _creator(place), *(Peer(PeerKind.USER, member) for member in page)]
    users, chats = render.parties(world, account.id, peers)
    return T.channels.ChannelParticipants(
        count=len(wanted),
        participants=[_participant(world, account, place, member) for member in page],
        users=users,
        chats=chats,
    )


def _creator(place: Chat) -> Peer:
    """Who named the admins; goes with every list of them."""
    return Peer(PeerKind.USER, place.creator_id)


def _members(place: Chat) -> list[Peer]:
    return [Peer(PeerKind.USER, member) for member in place.members]


def _bots_in(world: World, viewer: Account, place: Chat) -> list[TLObject]:
    infos = (bot_info(world.accounts[member], viewer) for member in place.members)
    return [info for info in infos if info is not None]


def _group_participant(place: Chat, member: int) -> TLObject:
    if member == place.creator_id:
        return T.ChatParticipantCreator(user_id=member)
    kind = T.ChatParticipantAdmin if member in place.admins else T.ChatParticipant
    return kind(user_id=member, inviter_id=place.creator_id, date=place.members[member])


def _participant(world: World, viewer: Account, place: Chat, member: int) -> TLObject:
    if member in place.banned:
        return T.ChannelParticipantBanned(
            peer=T.PeerUser(user_id=member),
            kicked_by=place.creator_id,
            date=place.date,
            banned_rights=T.ChatBannedRights(until_date=0, view_messages=True),
            left=True,
        )
    if member == place.creator_id:
        return T.ChannelParticipantCreator(user_id=member, admin_rights=render.admin_rights())
    if member in place.admins:
        return T.ChannelParticipantAdmin(
            user_id=member,
            promoted_by=place.creator_id,
            date=place.members[member],
            admin_rights=render.admin_rights(),
            is_self=member == viewer.id,
            inviter_id=place.creator_id if member == viewer.id else None,
        )
    if member == viewer.id:
        return T.ChannelParticipantSelf(
            user_id=member, inviter_id=place.creator_id, date=place.members[member]
        )
    return T.ChannelParticipant(user_id=member, date=place.members[member])


def _matches(world: World, place: Chat, member: int, wanted: TLObject) -> bool:
    if isinstance(wanted, T.ChannelParticipantsAdmins):
        return member in place.admins
    if isinstance(wanted, T.ChannelParticipantsBots):
        return world.accounts[member].is_bot
    name = world.accounts[member].first_name.lower()
    return getattr(wanted, "q", "").lower() in name
