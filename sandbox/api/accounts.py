"""Methods that look up people and bots."""

from __future__ import annotations

from typing import Any

from pyrogram.raw import functions as F
from pyrogram.raw import types as T
from pyrogram.raw.core import TLObject

from sandbox.api.bots import command_list
from sandbox.api.peers import account_of, find_user
from sandbox.api.registry import method
from sandbox.api.vectors import objects
from sandbox.rpc import Caller, RpcError
from sandbox.world import menus, render
from sandbox.world.state import Account
from sandbox.world.world import World


@method(F.users.GetUsers)
async def get_users(world: World, caller: Caller, query: Any) -> list[TLObject]:
    """Accounts by id; those that the caller cannot know are left out."""
    account = account_of(world, caller)
    found = []
    for wanted in objects(query.id):
        try:
            found.append(render.user(world, account.id, find_user(world, account, wanted)))
        except RpcError:
            continue
    return found


@method(F.users.GetFullUser)
async def get_full_user(world: World, caller: Caller, query: Any) -> TLObject:
    """All about one account."""
    account = account_of(world, caller)
    other = find_user(world, account, query.id)
    full = T.UserFull(
        id=other.id,
        settings=T.PeerSettings(),
        notify_settings=T.PeerNotifySettings(),
        common_chats_count=_common_chats(world, account, other),
        about=other.bot.about.get("") if other.bot else None,
        bot_info=bot_info(other, account),
    )
    return T.users.UserFull(full_user=full, chats=[], users=[render.user(world, account.id, other)])


@method(F.contacts.ResolveUsername)
async def resolve_username(world: World, caller: Caller, query: Any) -> TLObject:
    """The account or public chat with a name."""
    account = account_of(world, caller)
    name = query.username.removeprefix("@").lower()
    peer = world.usernames.get(name)
    if peer is None:
        raise RpcError(400, "USERNAME_NOT_OCCUPIED" if _is_name(name) else "USERNAME_INVALID")
    users, chats = render.parties(world, account.id, [peer])
    return T.contacts.ResolvedPeer(peer=peer.raw(), users=users, chats=chats)


def bot_info(account: Account, viewer: Account) -> TLObject | None:
    """What a bot says of itself; None for a person."""
    bot = account.bot
    if bot is None:
        return None
    commands = menus.visible_commands(bot, viewer)
    return T.BotInfo(
        user_id=account.id,
        description=bot.description.get(viewer.language) or bot.description.get("", ""),
        commands=command_list(commands),
        menu_button=bot.menu_buttons.get(viewer.id) or bot.menu_buttons.get(0),
    )


def _common_chats(world: World, one: Account, other: Account) -> int:
    if one is other:
        return 0
    return sum(1 for place in world.chats.values() if one.id in place.members and other.id in place.members)


def _is_name(name: str) -> bool:
    return 4 <= len(name) <= 32 and name.isascii() and name.isidentifier() and name[0] != "_"
