"""Command menus by scope and language, and what else a bot says of itself."""

from __future__ import annotations

import pytest
from pyrogram import Client, raw, types

from sandbox.people.handles import Bot
from sandbox.people.person import Person
from sandbox.server import Sandbox


def menu(name: str) -> list[types.BotCommand]:
    return [types.BotCommand(name, f"the {name} menu")]


async def test_the_narrowest_scope_wins_and_the_own_language_before_all(
    sandbox: Sandbox, client: Client, alice: Person
) -> None:
    boris = sandbox.add_person("Boris", language="ru")
    assert alice.commands() == []
    await client.set_bot_commands(menu("everybody"))
    await client.set_bot_commands(menu("russian"), language_code="ru")
    assert alice.commands() == [("everybody", "the everybody menu")]
    assert boris.commands() == [("russian", "the russian menu")]
    await client.set_bot_commands(menu("private"), types.BotCommandScopeAllPrivateChats())
    assert [person.commands()[0][0] for person in (alice, boris)] == ["private", "private"]
    await client.set_bot_commands(menu("alice"), types.BotCommandScopeChat(alice.id))
    assert [person.commands()[0][0] for person in (alice, boris)] == ["alice", "private"]
    await client.delete_bot_commands(types.BotCommandScopeChat(alice.id))
    await client.delete_bot_commands(types.BotCommandScopeAllPrivateChats())
    assert [person.commands()[0][0] for person in (alice, boris)] == ["everybody", "russian"]


async def test_groups_and_their_admins_have_menus_of_their_own(
    sandbox: Sandbox, client: Client, bot: Bot, alice: Person
) -> None:
    bob = sandbox.add_person("Bob")
    group = sandbox.add_group("Club", [alice, bob, bot])
    await bob.start()
    expected = {"everybody": "everybody", "groups": "groups", "admins": "groups", "club": "club"}
    scopes = {
        "everybody": types.BotCommandScopeDefault(),
        "groups": types.BotCommandScopeAllGroupChats(),
        "admins": types.BotCommandScopeAllChatAdministrators(),
        "club": types.BotCommandScopeChat(group.chat_id),
    }
    for name, scope in scopes.items():
        await client.set_bot_commands(menu(name), scope)
        assert bob.commands(group)[0][0] == expected[name]
    await client.set_bot_commands(menu("clubadmins"), types.BotCommandScopeChatAdministrators(group.chat_id))
    await client.set_bot_commands(menu("bob"), types.BotCommandScopeChatMember(group.chat_id, bob.id))
    assert alice.commands(group)[0][0] == "clubadmins"
    assert bob.commands(group)[0][0] == "bob"
    assert alice.commands()[0][0] == "everybody"


async def test_a_menu_is_read_back_of_exactly_its_scope(client: Client) -> None:
    await client.set_bot_commands(menu("everybody"))
    assert [command.command for command in await client.get_bot_commands()] == ["everybody"]
    assert await client.get_bot_commands(types.BotCommandScopeAllPrivateChats()) == []
    assert await client.get_bot_commands(language_code="ru") == []


async def test_what_a_bot_says_of_itself(client: Client, bot: Bot) -> None:
    await client.set_bot_info_description("Makes films")
    await client.set_bot_info_description("Делает фильмы", language_code="ru")
    await client.set_bot_info_short_description("Films")
    await client.set_bot_name("Star")
    assert await client.get_bot_info_description() == "Makes films"
    assert await client.get_bot_info_description(language_code="ru") == "Делает фильмы"
    assert await client.get_bot_info_description(language_code="de") == "Makes films"
    assert await client.get_bot_info_short_description() == "Films"
    assert await client.get_bot_name() == "Star"
    assert bot.name == "Star"


@pytest.mark.parametrize("owned", [True, False])
async def test_the_menu_button(client: Client, alice: Person, owned: bool) -> None:
    button = raw.types.BotMenuButtonCommands()
    user = raw.types.InputUserEmpty()
    if owned:
        peer = await client.resolve_peer(alice.id)
        user = raw.types.InputUser(user_id=peer.user_id, access_hash=peer.access_hash)
    get = raw.functions.bots.GetBotMenuButton(user_id=user)
    assert await client.invoke(get) == raw.types.BotMenuButtonDefault()
    assert await client.invoke(raw.functions.bots.SetBotMenuButton(user_id=user, button=button))
    assert await client.invoke(get) == button
