"""What a client means by a peer, checked: does it exist, does the caller know it, may it write there."""

from __future__ import annotations

from pyrogram.raw import types as T
from pyrogram.raw.core import TLObject

from sandbox.rpc import Caller, RpcError
from sandbox.world.state import Account, Chat, ChatKind, Peer, PeerKind
from sandbox.world.world import World


def account_of(world: World, caller: Caller) -> Account:
    """The account that calls.

    Raises:
        RpcError: AUTH_KEY_UNREGISTERED before log-in.
    """
    account = world.accounts.get(caller.user_id or 0)
    if account is None:
        raise RpcError(401, "AUTH_KEY_UNREGISTERED")
    return account


def find_peer(world: World, account: Account, peer: TLObject) -> Peer:
    """The address behind an `InputPeer`.

    Raises:
        RpcError: PEER_ID_INVALID for what the account cannot know; CHANNEL_INVALID, CHANNEL_PRIVATE.
    """
    if isinstance(peer, T.InputPeerSelf):
        return account.peer
    if isinstance(peer, T.InputPeerUser):
        return _known_user(world, account, peer.user_id, peer.access_hash, "PEER_ID_INVALID").peer
    if isinstance(peer, T.InputPeerChat):
        return find_group(world, account, peer.chat_id, error="PEER_ID_INVALID").peer
    if isinstance(peer, T.InputPeerChannel):
        return find_channel(world, account, peer).peer
    raise RpcError(400, "PEER_ID_INVALID")


def find_user(world: World, account: Account, user: TLObject) -> Account:
    """The account behind an `InputUser`.

    Raises:
        RpcError: USER_ID_INVALID for one that the account cannot know.
    """
    if isinstance(user, T.InputUserSelf | T.InputPeerSelf):
        return account
    if isinstance(user, T.InputUser | T.InputPeerUser):
        return _known_user(world, account, user.user_id, user.access_hash, "USER_ID_INVALID")
    raise RpcError(400, "USER_ID_INVALID")


def find_group(world: World, account: Account, chat_id: int, *, error: str = "CHAT_ID_INVALID") -> Chat:
    """The basic group with this id, if the account is or was in it.

    Raises:
        RpcError: `error`.
    """
    place = world.chats.get(chat_id)
    if place is None or place.kind is not ChatKind.GROUP or not _has_been_in(place, account):
        raise RpcError(400, error)
    return place


def find_channel(world: World, account: Account, channel: TLObject) -> Chat:
    """The channel or supergroup behind an `InputChannel`, if the account may read it.

    Raises:
        RpcError: CHANNEL_INVALID, or CHANNEL_PRIVATE for one that the account is not in.
    """
    if not isinstance(channel, T.InputChannel | T.InputPeerChannel):
        raise RpcError(400, "CHANNEL_INVALID")
    place = world.chats.get(channel.channel_id)
    if place is None or place.kind is ChatKind.GROUP:
        raise RpcError(400, "CHANNEL_INVALID")
    unhashed = channel.access_hash == 0 and account.is_bot and _has_been_in(place, account)
    if not unhashed and channel.access_hash != world.ids.access_hash(account.id, place.id):
        raise RpcError(400, "CHANNEL_INVALID")
    if account.id not in place.members and (place.username is None or account.id in place.banned):
        raise RpcError(400, "CHANNEL_PRIVATE")
    return place


def require_writable(world: World, account: Account, peer: Peer) -> None:
    """Refuse where the account may not send.

    Raises:
        RpcError: USER_IS_BLOCKED, USER_IS_BOT, INPUT_USER_DEACTIVATED, PEER_ID_INVALID for a person who never
            wrote to the bot, CHAT_WRITE_FORBIDDEN, CHANNEL_PRIVATE.
    """
    if peer.kind is PeerKind.USER:
        _require_reachable(world, account, world.accounts[peer.id])
        return
    place = world.chats[peer.id]
    if account.id in place.banned and place.kind is not ChatKind.GROUP:
        raise RpcError(400, "CHANNEL_PRIVATE")
    if not place.may_write(account.id):
        raise RpcError(403, "CHAT_WRITE_FORBIDDEN")


def _require_reachable(world: World, account: Account, other: Account) -> None:
    if other.deleted:
        raise RpcError(400, "INPUT_USER_DEACTIVATED")
    if account.is_bot and other.is_bot:
        raise RpcError(400, "USER_IS_BOT")
    if account.id in other.blocked:
        raise RpcError(world.rules.blocked_code, "USER_IS_BLOCKED")
    if account.is_bot and other.id not in account.dialogs:
        raise RpcError(400, "PEER_ID_INVALID")


def _known_user(world: World, account: Account, user_id: int, access_hash: int, error: str) -> Account:
    other = world.accounts.get(user_id)
    if other is None:
        raise RpcError(400, error)
    if other is account or access_hash == world.ids.access_hash(account.id, user_id):
        return other
    if access_hash == 0 and account.is_bot and _has_met(world, account, other):
        return other
    raise RpcError(400, error)


def _has_met(world: World, account: Account, other: Account) -> bool:
    """Whether a bot may name a person without an access hash."""
    if other.id in account.dialogs:
        return True
    return any(account.id in place.members and other.id in place.members for place in world.chats.values())


def _has_been_in(place: Chat, account: Account) -> bool:
    return account.id in place.members or account.id in place.banned
