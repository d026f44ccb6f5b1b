"""Who gets a message: both sides of a private chat, the members of a group, and which of the bots."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sandbox.world.state import Account, Box, Chat, PeerKind, StoredMessage

if TYPE_CHECKING:
    from sandbox.world.world import World

_COMMAND = re.compile(r"/\w+(?:@(\w+))?")


def boxes(world: World, stored: StoredMessage) -> Iterable[Box]:
    """The boxes into which a new message goes."""
    peer = stored.peer
    if peer.kind is PeerKind.CHANNEL:
        return (world.chats[peer.id].box,)
    if peer.kind is PeerKind.CHAT:
        place = world.chats[peer.id]
        members = [world.accounts[member] for member in place.members]
        return [account.box for account in members if sees(world, place, account, stored)]
    own, other = world.accounts[stored.sender.id], world.accounts[peer.id]
    if own is other:
        return (own.box,)
    return (own.box, other.box)


def viewers(world: World, stored: StoredMessage) -> Iterable[int]:
    """The accounts that are told of a message."""
    if stored.peer.kind is PeerKind.CHANNEL:
        place = world.chats[stored.peer.id]
        return [member for member in place.members if sees(world, place, world.accounts[member], stored)]
    return list(stored.ids)


def sees(world: World, place: Chat, account: Account, stored: StoredMessage) -> bool:
    """Whether a member of a group gets a message.

    A bot gets no other bot's messages, and in privacy mode (unless it is an admin) only commands that are not
    for another bot, mentions of it, replies to it, and service messages.
    """
    if account.bot is None or stored.sender.id == account.id:
        return True
    sender = world.accounts.get(stored.sender.id)
    if sender is not None and sender.is_bot:
        return False
    if not account.bot.privacy or account.id in place.admins or stored.action is not None:
        return True
    return _is_meant_for(world, account, stored)


def _is_meant_for(world: World, account: Account, stored: StoredMessage) -> bool:
    original = None if stored.reply_to is None else world.messages.get(stored.reply_to)
    if original is not None and original.sender.id == account.id:
        return True
    name = (account.username or "").lower()
    if f"@{name}" in stored.text.lower():
        return True
    command = _COMMAND.match(stored.text)
    return command is not None and command[1] is None
