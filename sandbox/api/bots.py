"""Methods by which a bot describes itself: command menus, texts about it, the menu button."""

from __future__ import annotations

import re
from typing import Any

from pyrogram.raw import functions as F
from pyrogram.raw import types as T
from pyrogram.raw.core import TLObject

from sandbox.api.peers import account_of, find_peer, find_user
from sandbox.api.registry import method
from sandbox.rpc import Caller, RpcError
from sandbox.world import menus
from sandbox.world.state import Account, BotProfile, PeerKind
from sandbox.world.world import World

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_DESCRIPTION_LENGTH = 256
_LANGUAGE = re.compile(r"(?:[a-z]{2})?")
_NAME_LENGTH = 64
_ABOUT_LENGTH = 120
_BOT_DESCRIPTION_LENGTH = 512


@method(F.bots.SetBotCommands)
async def set_bot_commands(world: World, caller: Caller, query: Any) -> bool:
    """Set the menu of a scope and language."""
    account, bot = _bot(world, caller)
    scope = _scope(world, account, query.scope)
    _require_language(query.lang_code)
    if len(query.commands) > world.rules.commands:
        raise RpcError(400, "BOT_COMMANDS_TOO_MUCH")
    commands = []
    for item in query.commands:
        if not _COMMAND.fullmatch(item.command):
            raise RpcError(400, "BOT_COMMAND_INVALID")
        if not 0 < len(item.description) <= _DESCRIPTION_LENGTH:
            raise RpcError(400, "BOT_COMMAND_DESCRIPTION_INVALID")
        commands.append((item.command, item.description))
    bot.commands[scope, query.lang_code] = commands
    return True


@method(F.bots.ResetBotCommands)
async def reset_bot_commands(world: World, caller: Caller, query: Any) -> bool:
    """Remove the menu of a scope and language, so that a wider one shows."""
    account, bot = _bot(world, caller)
    scope = _scope(world, account, query.scope)
    _require_language(query.lang_code)
    bot.commands.pop((scope, query.lang_code), None)
    return True


@method(F.bots.GetBotCommands)
async def get_bot_commands(world: World, caller: Caller, query: Any) -> list[TLObject]:
    """The menu of exactly this scope and language."""
    account, bot = _bot(world, caller)
    scope = _scope(world, account, query.scope)
    return command_list(bot.commands.get((scope, query.lang_code), []))


@method(F.bots.SetBotInfo)
async def set_bot_info(world: World, caller: Caller, query: Any) -> bool:
    """Set name, short description ("about") or description in a language; None leaves one as it is."""
    account, bot = _bot(world, caller)
    _require_language(query.lang_code)
    for text, limit, texts in (
        (query.name, _NAME_LENGTH, bot.name),
        (query.about, _ABOUT_LENGTH, bot.about),
        (query.description, _BOT_DESCRIPTION_LENGTH, bot.description),
    ):
        if text is None:
            continue
        if len(text) > limit:
            raise RpcError(400, "ABOUT_TOO_LONG")
        texts[query.lang_code] = text
    if query.name and not query.lang_code:
        account.first_name = query.name
    return True


@method(F.bots.GetBotInfo)
async def get_bot_info(world: World, caller: Caller, query: Any) -> TLObject:
    """Name, short description and description as people with a language see them."""
    account, bot = _bot(world, caller)
    language = query.lang_code
    return T.bots.BotInfo(
        name=_in_language(bot.name, language) or account.first_name,
        about=_in_language(bot.about, language),
        description=_in_language(bot.description, language),
    )


@method(F.bots.SetBotMenuButton)
async def set_bot_menu_button(world: World, caller: Caller, query: Any) -> bool:
    """Set what stands beside the input field: for a person, or (an empty user) for all."""
    account, bot = _bot(world, caller)
    if isinstance(query.button, T.BotMenuButton) and not query.button.url.startswith("https://"):
        raise RpcError(400, "BUTTON_URL_INVALID")
    bot.menu_buttons[_button_owner(world, account, query.user_id)] = query.button
    return True


@method(F.bots.GetBotMenuButton)
async def get_bot_menu_button(world: World, caller: Caller, query: Any) -> TLObject:
    """What stands beside the input field of a person, or of all."""
    account, bot = _bot(world, caller)
    owner = _button_owner(world, account, query.user_id)
    return bot.menu_buttons.get(owner) or T.BotMenuButtonDefault()


def command_list(commands: list[tuple[str, str]]) -> list[TLObject]:
    """Commands as Telegram's own objects."""
    return [T.BotCommand(command=command, description=description) for command, description in commands]


def _bot(world: World, caller: Caller) -> tuple[Account, BotProfile]:
    account = account_of(world, caller)
    if account.bot is None:
        raise RpcError(400, "USER_BOT_REQUIRED")
    return account, account.bot


def _scope(world: World, account: Account, scope: TLObject) -> str:
    fixed = _FIXED_SCOPES.get(type(scope))
    if fixed is not None:
        return fixed
    peer = find_peer(world, account, scope.peer)
    if isinstance(scope, T.BotCommandScopePeer):
        return menus.chat_scope(peer.id)
    if peer.kind is PeerKind.USER:
        raise RpcError(400, "PEER_ID_INVALID")
    if isinstance(scope, T.BotCommandScopePeerAdmins):
        return menus.admins_scope(peer.id)
    return menus.member_scope(peer.id, find_user(world, account, scope.user_id).id)


def _require_language(code: str) -> None:
    if not _LANGUAGE.fullmatch(code):
        raise RpcError(400, "LANG_CODE_INVALID")


def _in_language(texts: dict[str, str], language: str) -> str:
    return texts.get(language) or texts.get("", "")


def _button_owner(world: World, account: Account, user: TLObject) -> int:
    if isinstance(user, T.InputUserEmpty):
        return 0
    return find_user(world, account, user).id


_FIXED_SCOPES: dict[type[TLObject], str] = {
    T.BotCommandScopeDefault: menus.DEFAULT,
    T.BotCommandScopeUsers: menus.PRIVATE_CHATS,
    T.BotCommandScopeChats: menus.GROUPS,
    T.BotCommandScopeChatAdmins: menus.GROUP_ADMINS,
}
