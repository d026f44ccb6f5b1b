"""What a bot gets, live and when it was away: counted by pts, nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pyrogram import Client, errors, filters, raw, types
from pyrogram.handlers import MessageHandler, RawUpdateHandler

from sandbox.people.handles import Bot
from sandbox.people.person import Person
from sandbox.server import Sandbox

T, F = raw.types, raw.functions


async def difference(client: Client, pts: int, **fields: Any) -> Any:
    return await client.invoke(F.updates.GetDifference(pts=pts, date=0, qts=0, **fields))


async def state(client: Client) -> Any:
    return await client.invoke(F.updates.GetState())


class Seen:
    """Every raw update that a client gets, but for the start of the conversation."""

    def __init__(self, client: Client) -> None:
        self.updates: asyncio.Queue[Any] = asyncio.Queue()
        client.add_handler(RawUpdateHandler(self._see))

    async def _see(self, _client: Client, update: Any, _users: Any, _chats: Any) -> None:
        if getattr(getattr(update, "message", None), "message", "") != "/start":
            self.updates.put_nowait(update)

    async def next(self, kind: type[Any]) -> Any:
        async with asyncio.timeout(10):
            while not isinstance(update := await self.updates.get(), kind):
                continue
        return update


async def test_pts_grows_by_each_message_edit_and_deletion(client: Client, alice: Person) -> None:
    seen = Seen(client)
    before = (await state(client)).pts
    message = await alice.send("one")
    assert (await seen.next(T.UpdateNewMessage)).pts == before + 1
    await alice.edit(message, "two")
    edited = await seen.next(T.UpdateEditMessage)
    assert (edited.pts, edited.pts_count, edited.message.message) == (before + 2, 1, "two")
    await alice.delete(message)
    deleted = await seen.next(T.UpdateDeleteMessages)
    assert (deleted.pts, deleted.pts_count, deleted.messages) == (before + 3, 1, [edited.message.id])
    await client.send_message(alice.id, "own")
    assert (await state(client)).pts == before + 4


async def test_each_of_several_deleted_messages_counts(client: Client, alice: Person) -> None:
    sent = [await client.send_message(alice.id, text) for text in ("one", "two", "three")]
    before = (await state(client)).pts
    gone = await client.invoke(F.messages.DeleteMessages(id=[sent[0].id, sent[2].id, 999], revoke=True))
    assert (gone.pts, gone.pts_count) == (before + 2, 2)
    assert (await state(client)).pts == before + 2
    assert alice.last.text == "two"


async def test_ids_of_the_two_sides_are_their_own(sandbox: Sandbox, client: Client, alice: Person) -> None:
    bob = sandbox.add_person("Bob")
    await bob.start()
    first = await client.send_message(bob.id, "to Bob")
    second = await client.send_message(alice.id, "to Alice")
    assert second.id == first.id + 1
    assert alice.last.id == 2
    assert bob.last.id == 2


async def test_the_difference_has_what_was_missed_in_its_latest_form(
    client: Client, alice: Person, bot: Bot
) -> None:
    old = await alice.send("old")
    gone = await alice.send("gone")
    before = (await state(client)).pts
    await alice.edit(old, "old, edited")
    new = await alice.send("new")
    await alice.edit(new, "new, edited")
    await alice.delete(gone)
    await client.send_message(alice.id, "own")
    missed = await difference(client, before)
    assert isinstance(missed, T.updates.Difference)
    assert [message.message for message in missed.new_messages] == ["new, edited", "own"]
    assert [bool(message.out) for message in missed.new_messages] == [False, True]
    by_kind = {type(update): update for update in missed.other_updates}
    assert by_kind[T.UpdateEditMessage].message.message == "old, edited"
    assert len(by_kind[T.UpdateDeleteMessages].messages) == 1
    assert missed.state.pts == (await state(client)).pts
    assert {user.id for user in missed.users} == {alice.id, bot.id}
    assert isinstance(await difference(client, missed.state.pts), T.updates.DifferenceEmpty)


async def test_a_long_difference_comes_in_slices(sandbox: Sandbox, client: Client, alice: Person) -> None:
    sandbox.world.rules.difference_slice = 3
    pts = (await state(client)).pts
    for number in range(7):
        await alice.send(str(number))
    texts: list[str] = []
    kinds = []
    while True:
        missed = await difference(client, pts)
        kinds.append(type(missed))
        texts += [message.message for message in missed.new_messages]
        if isinstance(missed, T.updates.Difference):
            break
        pts = missed.intermediate_state.pts
    assert texts == [str(number) for number in range(7)]
    assert kinds == [T.updates.DifferenceSlice, T.updates.DifferenceSlice, T.updates.Difference]


async def test_a_person_who_stops_the_bot_is_reported_live_and_later(client: Client, alice: Person) -> None:
    seen = Seen(client)
    before = await state(client)
    alice.block()
    alice.block()
    alice.unblock()
    stopped, again = await seen.next(T.UpdateBotStopped), await seen.next(T.UpdateBotStopped)
    assert (stopped.user_id, stopped.stopped, again.stopped) == (alice.id, True, False)
    assert again.qts == stopped.qts + 1
    missed = await client.invoke(F.updates.GetDifference(pts=before.pts, date=before.date, qts=before.qts))
    assert [update.stopped for update in missed.other_updates] == [True, False]
    known = await client.invoke(F.updates.GetDifference(pts=before.pts, date=before.date, qts=again.qts))
    assert isinstance(known, T.updates.DifferenceEmpty)


async def test_a_pressed_button_is_never_told_again(client: Client, alice: Person) -> None:
    markup = types.InlineKeyboardMarkup([[types.InlineKeyboardButton("Go", callback_data="go")]])
    await client.send_message(alice.id, "x", reply_markup=markup)
    before = (await state(client)).pts
    alice.press_nowait("Go")
    assert (await state(client)).pts == before
    assert isinstance(await difference(client, before), T.updates.DifferenceEmpty)


async def test_a_client_that_was_off_catches_up_by_itself(sandbox: Sandbox, bot: Bot, log_in_to: Any) -> None:
    alice, bob = sandbox.add_person("Alice"), sandbox.add_person("Bob")
    options = {"session": "kept", "in_memory": False, "skip_updates": False}
    async with log_in_to(sandbox, bot, **options):
        await alice.start()
    for number in range(3):
        await alice.send(f"a{number}")
        await bob.send(f"b{number}")
    got: asyncio.Queue[str] = asyncio.Queue()

    async def note(_client: Client, message: types.Message) -> None:
        got.put_nowait(message.text)

    client = log_in_to(sandbox, bot, **options, workers=1)
    client.add_handler(MessageHandler(note, filters.incoming & ~filters.command("start")))
    async with client, asyncio.timeout(10):
        assert [await got.get() for _ in range(6)] == ["a0", "b0", "a1", "b1", "a2", "b2"]


async def test_a_channel_has_a_difference_of_its_own(
    sandbox: Sandbox, client: Client, bot: Bot, alice: Person
) -> None:
    group = sandbox.add_group("Club", [alice, bot], supergroup=True)
    group.add(bot, admin=True)
    channel = await client.resolve_peer(group.chat_id)
    own = (await state(client)).pts
    pts = sandbox.world.chats[group.id].box.pts
    message = await alice.send("one", to=group)
    await alice.send("two", to=group)
    await alice.edit(message, "one!")
    query = F.updates.GetChannelDifference(
        channel=T.InputChannel(channel_id=channel.channel_id, access_hash=channel.access_hash),
        filter=T.ChannelMessagesFilterEmpty(),
        pts=pts,
        limit=100,
    )
    missed = await client.invoke(query)
    assert [m.message for m in missed.new_messages] == ["one!", "two"]
    assert (missed.final, missed.pts) == (True, pts + 3)
    assert (await state(client)).pts == own
    query.pts = missed.pts
    assert isinstance(await client.invoke(query), T.updates.ChannelDifferenceEmpty)
    group.remove(bot)
    with pytest.raises(errors.ChannelPrivate):
        await client.invoke(query)


async def test_other_clients_of_the_bot_see_what_one_of_them_sends(
    sandbox: Sandbox, client: Client, bot: Bot, alice: Person, log_in: Any
) -> None:
    reader, own = Seen(client), await log_in(bot, session="worker")
    seen_by_sender = Seen(own)
    await own.send_message(alice.id, "from the worker")
    update = await reader.next(T.UpdateNewMessage)
    assert (update.message.message, update.message.out) == ("from the worker", True)
    assert update.pts == (await state(client)).pts
    await alice.send("to both")
    assert (await reader.next(T.UpdateNewMessage)).message.message == "to both"
    assert (await seen_by_sender.next(T.UpdateNewMessage)).message.message == "to both"
