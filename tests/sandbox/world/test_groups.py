"""Groups, supergroups and channels: who is in them, who sees what."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pyrogram import Client, enums, errors, filters, types
from pyrogram.handlers import MessageHandler

from sandbox.people.handles import Bot
from sandbox.people.person import Person
from sandbox.people.reading import PersonError
from sandbox.server import Sandbox

supergroup_or_not = pytest.mark.parametrize("supergroup", [False, True])


@supergroup_or_not
async def test_everybody_in_a_group_sees_its_messages(
    sandbox: Sandbox, client: Client, bot: Bot, alice: Person, supergroup: bool
) -> None:
    bob = sandbox.add_person("Bob")
    group = sandbox.add_group("Club", [alice, bob, bot], supergroup=supergroup)
    await client.send_message(group.chat_id, "hello all")
    assert (await alice.expect("hello all", chat=group)).sender_id == bot.id
    await bob.expect("hello all", chat=group)
    reply = await bob.send("indeed", to=group)
    assert (await alice.expect("indeed", chat=group)).sender_name == "Bob"
    await bob.delete(reply)
    assert [message.text for message in alice.messages(group) if message.text] == ["hello all"]


@supergroup_or_not
async def test_a_bot_in_privacy_mode_gets_only_what_is_meant_for_it(
    sandbox: Sandbox, client: Client, bot: Bot, alice: Person, supergroup: bool
) -> None:
    group = sandbox.add_group("Club", [alice, bot], supergroup=supergroup)
    got: list[str] = []
    done = asyncio.Event()

    async def note(_client: Client, message: types.Message) -> None:
        got.append(message.text)
        if message.text == "/last":
            done.set()

    own = await client.send_message(group.chat_id, "own")
    client.add_handler(MessageHandler(note, filters.group & filters.text & filters.incoming))
    for text in ("chatter", "/cmd", "/cmd@other_bot", "/cmd@starloom_bot", "ask @Starloom_Bot"):
        await alice.send(text, to=group)
    shown = await alice.expect("own", chat=group)
    await alice.send("a reply", to=group, reply_to=shown)
    bot.set_privacy(on=False)
    await alice.send("open chatter", to=group)
    await alice.send("/last", to=group)
    async with asyncio.timeout(10):
        await done.wait()
    assert sorted(got) == sorted(
        ["/cmd", "/cmd@starloom_bot", "ask @Starloom_Bot", "a reply", "open chatter", "/last"]
    )
    assert own.chat.id == group.chat_id


@supergroup_or_not
async def test_bots_do_not_see_each_other(
    sandbox: Sandbox, client: Client, bot: Bot, alice: Person, *, log_in: Any, supergroup: bool
) -> None:
    other_bot = sandbox.add_bot("other_bot", "Other")
    other = await log_in(other_bot, session="other")
    other_bot.set_privacy(on=False)
    group = sandbox.add_group("Club", [alice, bot, other_bot], supergroup=supergroup)
    heard: asyncio.Queue[str] = asyncio.Queue()

    async def note(_client: Client, message: types.Message) -> None:
        heard.put_nowait(message.text)

    other.add_handler(MessageHandler(note, filters.group & filters.text))
    await client.send_message(group.chat_id, "from a bot")
    await alice.send("from a person", to=group)
    async with asyncio.timeout(10):
        assert await heard.get() == "from a person"


async def test_a_group_is_looked_up(sandbox: Sandbox, client: Client, bot: Bot, alice: Person) -> None:
    group = sandbox.add_group("Club", [alice, bot])
    chat = await client.get_chat(group.chat_id)
    assert (chat.title, chat.type, chat.members_count) == ("Club", enums.ChatType.GROUP, 2)
    members = [member async for member in client.get_chat_members(group.chat_id)]
    assert {(member.user.id, member.status) for member in members} == {
        (alice.id, enums.ChatMemberStatus.OWNER),
        (bot.id, enums.ChatMemberStatus.MEMBER),
    }


async def test_a_supergroup_is_looked_up(sandbox: Sandbox, client: Client, bot: Bot, alice: Person) -> None:
    group = sandbox.add_group("Club", [alice, bot], supergroup=True)
    chat = await client.get_chat(group.chat_id)
    assert (chat.title, chat.type, chat.members_count) == ("Club", enums.ChatType.SUPERGROUP, 2)
    members = [member async for member in client.get_chat_members(group.chat_id)]
    assert {member.user.id for member in members} == {alice.id, bot.id}
    assert (await client.get_chat_member(group.chat_id, alice.id)).status == enums.ChatMemberStatus.OWNER
    group.add(bot, admin=True)
    me = await client.get_chat_member(group.chat_id, "me")
    assert me.status == enums.ChatMemberStatus.ADMINISTRATOR
    admins = client.get_chat_members(group.chat_id, filter=enums.ChatMembersFilter.ADMINISTRATORS)
    assert {member.user.id async for member in admins} == {alice.id, bot.id}
    group.remove(alice)
    banned = await client.get_chat_member(group.chat_id, alice.id)
    assert banned.status == enums.ChatMemberStatus.BANNED
    stranger = sandbox.add_person("Stranger", username="stranger_s")
    with pytest.raises(errors.UserNotParticipant):
        await client.get_chat_member(group.chat_id, stranger.username)


async def test_a_channel_speaks_for_itself(sandbox: Sandbox, client: Client, bot: Bot, alice: Person) -> None:
    channel = sandbox.add_channel("News", [bot], [alice])
    post = await client.send_message(channel.chat_id, "first")
    assert post.chat.type == enums.ChatType.CHANNEL
    shown = await alice.expect("first", chat=channel)
    assert (shown.sender_name, shown.id) == ("News", post.id)
    await post.edit_text("first, corrected")
    assert (await alice.expect(kind="edit", chat=channel)).text == "first, corrected"
    assert (await client.get_messages(channel.chat_id, post.id)).text == "first, corrected"
    await post.delete()
    assert [message.text for message in alice.messages(channel) if message.text] == []
    assert (await client.get_messages(channel.chat_id, post.id)).empty
    with pytest.raises(PersonError):
        await alice.send("may I?", to=channel)


async def test_joining_is_told(sandbox: Sandbox, client: Client, bot: Bot, alice: Person) -> None:
    bob = sandbox.add_person("Bob")
    group = sandbox.add_group("Club", [alice, bob])
    await alice.expect(kind="service", chat=group)
    group.add(bot)
    joined = await alice.expect(kind="service", chat=group)
    assert joined.service is not None
    assert joined.service.kind == "chat_add_user"
    await client.send_message(group.chat_id, "thanks")
    await bob.expect("thanks", chat=group)


async def test_messages_are_forwarded_with_where_they_came_from(
    sandbox: Sandbox, client: Client, bot: Bot, alice: Person
) -> None:
    group = sandbox.add_group("Club", [alice, bot])
    written = alice.stored(await alice.send("quote me")).ids[bot.id]
    protected = await client.send_message(alice.id, "protected", protect_content=True)
    forwarded = await client.forward_messages(group.chat_id, alice.id, written)
    assert forwarded.forward_origin.sender_user.id == alice.id
    shown = await alice.expect("quote me", chat=group)
    assert shown.forwarded
    with pytest.raises(errors.ChatForwardsRestricted):
        await client.forward_messages(group.chat_id, alice.id, protected.id)
    anonymous = await client.copy_message(group.chat_id, alice.id, written)
    assert (anonymous.text, anonymous.forward_origin) == ("quote me", None)
