"""Who may log in, and what a client learns about itself and others."""

from __future__ import annotations

from typing import Any

import pytest
from pyrogram import Client, errors, raw

from sandbox.people.handles import Bot
from sandbox.people.person import Person
from sandbox.server import Sandbox

T, F = raw.types, raw.functions


@pytest.mark.parametrize("token", ["", "nonsense", "5000000000:AAnotATokenOfAnyBot"])
async def test_an_unknown_token_is_refused(sandbox: Sandbox, bot: Bot, log_in: Any, token: str) -> None:
    with pytest.raises(errors.AccessTokenInvalid):
        await log_in(bot, bot_token=token or "x")


async def test_the_api_id_is_checked_where_one_is_set(sandbox: Sandbox, bot: Bot, log_in: Any) -> None:
    sandbox.world.rules.api_credentials = (12345, "a" * 32)
    with pytest.raises(errors.ApiIdInvalid):
        await log_in(bot)
    client = await log_in(bot, api_id=12345, api_hash="a" * 32, session="right")
    assert client.me.id == bot.id


async def test_before_log_in_nothing_else_is_answered(sandbox: Sandbox, bot: Bot, log_in_to: Any) -> None:
    client = log_in_to(sandbox, bot)
    await client.connect()
    try:
        assert (await client.invoke(F.help.GetNearestDc())).this_dc == 2
        with pytest.raises(errors.AuthKeyUnregistered):
            await client.invoke(F.updates.GetState())
    finally:
        await client.disconnect()


async def test_log_out(client: Client) -> None:
    await client.invoke(F.auth.LogOut())
    with pytest.raises(errors.AuthKeyUnregistered):
        await client.invoke(F.updates.GetState())


async def test_an_exported_authorization_is_good_once(client: Client, bot: Bot) -> None:
    ticket = await client.invoke(F.auth.ExportAuthorization(dc_id=2))
    query = F.auth.ImportAuthorization(id=ticket.id, bytes=ticket.bytes)
    assert (await client.invoke(query)).user.id == bot.id
    with pytest.raises(errors.AuthBytesInvalid):
        await client.invoke(query)


async def test_an_unknown_method_is_refused_and_said(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(errors.BadRequest, match="METHOD_NOT_IMPLEMENTED"):
        await client.invoke(F.stories.GetAllStories())
    assert "stories.GetAllStories" in caplog.text


async def test_a_method_for_people_is_refused(client: Client, alice: Person) -> None:
    with pytest.raises(errors.BotMethodInvalid):
        _ = [message async for message in client.get_chat_history(alice.id)]


async def test_people_and_bots_are_looked_up(
    sandbox: Sandbox, client: Client, bot: Bot, alice: Person
) -> None:
    boris = sandbox.add_person("Борис", language="ru", username="boris_b")
    assert alice.id > 2**32
    found = await client.get_users([alice.id])
    assert [(user.first_name, user.username, user.language_code) for user in found] == [
        ("Alice", "alice_a", "en")
    ]
    by_name = await client.get_users("boris_b")
    assert (by_name.id, by_name.first_name, by_name.language_code) == (boris.id, "Борис", "ru")
    stranger = sandbox.add_person("Stranger")
    unhashed = F.users.GetUsers(id=[T.InputUser(user_id=stranger.id, access_hash=0)])
    assert await client.invoke(unhashed) == []
    assert client.me.username == bot.username


async def test_access_hashes_of_one_bot_are_worth_nothing_to_another(
    sandbox: Sandbox, client: Client, alice: Person, log_in: Any
) -> None:
    other_bot = sandbox.add_bot("other_bot", "Other")
    other = await log_in(other_bot, session="other")
    await alice.send("hi", to=other_bot)
    peer = await client.resolve_peer(alice.id)
    with pytest.raises(errors.PeerIdInvalid):
        await other.invoke(F.messages.SendMessage(peer=peer, message="x", random_id=1))


async def test_ids_are_the_same_for_the_same_seed() -> None:
    seen = set()
    for _ in range(2):
        async with await Sandbox.start(seed=7) as sandbox:
            bot = sandbox.add_bot()
            alice = sandbox.add_person("Alice")
            group = sandbox.add_group("Club", [alice, bot])
            seen.add((bot.token, alice.id, group.chat_id))
    assert len(seen) == 1
    async with await Sandbox.start(seed=8) as sandbox:
        assert sandbox.add_bot().token not in {token for token, *_ in seen}
