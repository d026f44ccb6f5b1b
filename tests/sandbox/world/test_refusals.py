"""Where Telegram refuses, a plain client gets Telegram's own error."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from pyrogram import Client, enums, errors, raw, types

from sandbox.clock import ManualClock
from sandbox.people.handles import Bot
from sandbox.people.person import Person
from sandbox.server import Sandbox
from sandbox.world.rules import FloodRules

Sending = Callable[[Client, int], Awaitable[Any]]

T, F = raw.types, raw.functions


def keyboard(*buttons: types.InlineKeyboardButton) -> types.InlineKeyboardMarkup:
    return types.InlineKeyboardMarkup([[button] for button in buttons])


def button(**fields: Any) -> types.InlineKeyboardButton:
    return types.InlineKeyboardButton(fields.pop("text", "Go"), **fields)


async def invoke_message(client: Client, chat_id: int, text: str = "hi", **fields: Any) -> Any:
    fields.setdefault("random_id", client.rnd_id())
    return await client.invoke(
        F.messages.SendMessage(peer=await client.resolve_peer(chat_id), message=text, **fields)
    )


async def invoke_markup(client: Client, chat_id: int, *kinds: Any, text: str = "Go") -> Any:
    row = T.KeyboardInlineButtonRow(buttons=[T.KeyboardInlineButton(text=text, type=kind) for kind in kinds])
    return await invoke_message(client, chat_id, reply_markup=T.ReplyInlineMarkup(rows=[row]))


async def send_raw_media(client: Client, chat_id: int, media: Any, text: str = "") -> Any:
    peer = await client.resolve_peer(chat_id)
    query = F.messages.SendMedia(peer=peer, media=media, message=text, random_id=client.rnd_id())
    return await client.invoke(query)


async def send_raw_album(client: Client, chat_id: int, count: int) -> Any:
    """An album of files that were not named by `messages.uploadMedia` before."""
    fresh = T.InputMediaUploadedPhoto(file=T.InputFile(id=1, parts=1, name="a.jpg", md5_checksum=""))
    items = [T.InputSingleMedia(media=fresh, random_id=client.rnd_id(), message="") for _ in range(count)]
    peer = await client.resolve_peer(chat_id)
    return await client.invoke(F.messages.SendMultiMedia(peer=peer, multi_media=items))


def sends(text: str = "x", **options: Any) -> Sending:
    """Send a text in the ordinary way."""
    return lambda client, chat_id: client.send_message(chat_id, text, **options)


def sends_raw(text: str = "hi", **fields: Any) -> Sending:
    """Send a text by the raw method, past the client's own checks."""
    return lambda client, chat_id: invoke_message(client, chat_id, text, **fields)


def sends_button(kind: Any, text: str = "Go") -> Sending:
    return lambda client, chat_id: invoke_markup(client, chat_id, kind, text=text)


def sends_to(peer: Callable[[int], Any]) -> Sending:
    """Send a text to a raw peer."""
    return lambda client, chat_id: client.invoke(
        F.messages.SendMessage(peer=peer(chat_id), message="x", random_id=5)
    )


def sets_command(command: str, description: str = "x", **options: Any) -> Sending:
    return lambda client, _: client.set_bot_commands([types.BotCommand(command, description)], **options)


def invokes(query: Any) -> Sending:
    return lambda client, _: client.invoke(query)


def bold(offset: int, length: int) -> Any:
    return T.MessageEntityBold(offset=offset, length=length)


STRANGER = T.InputUser(user_id=7, access_hash=7)
MENTION = T.InputMessageEntityMentionName(offset=0, length=2, user_id=STRANGER)

REFUSED: list[tuple[type[Exception], Sending]] = [
    (errors.MessageTooLong, sends("x" * 4097)),
    (errors.MessageTooLong, sends("😀" * 2049)),
    (errors.MessageEmpty, sends_raw("")),
    (errors.MessageEmpty, sends_raw(" \n ")),
    (errors.ButtonDataInvalid, sends(reply_markup=keyboard(button(callback_data="d" * 65)))),
    (errors.ButtonDataInvalid, sends_button(T.InlineButtonTypeCallback(data=b""))),
    (errors.ButtonUrlInvalid, sends(reply_markup=keyboard(button(url="not a link")))),
    (errors.ButtonUrlInvalid, sends_button(T.InlineButtonTypeWebView(url="http://example.com"))),
    (errors.ButtonTextInvalid, sends_button(T.InlineButtonTypeCallback(data=b"d"), text="")),
    (errors.ButtonTypeInvalid, sends_button(T.InlineButtonTypeBuy())),
    (errors.ButtonTypeInvalid, sends_button(T.InlineButtonTypeGame())),
    (errors.ButtonUserInvalid, sends_button(T.InputInlineButtonTypeUserProfile(user_id=STRANGER))),
    (errors.ButtonCopyTextInvalid, sends_button(T.InlineButtonTypeCopy(copy_text="x" * 257))),
    (errors.ReplyMarkupTooLong, sends(reply_markup=keyboard(*[button(callback_data="d")] * 101))),
    (errors.ReplyMarkupInvalid, sends_raw(reply_markup=T.ReplyKeyboardMarkup(rows=[]))),
    (errors.EntityBoundsInvalid, sends_raw(entities=[bold(1, 2)])),
    (errors.EntityBoundsInvalid, sends_raw(entities=[bold(-1, 2)])),
    (errors.EntitiesTooLong, sends_raw("x" * 101, entities=[bold(place, 1) for place in range(101)])),
    (errors.EntityMentionUserInvalid, sends_raw(entities=[MENTION])),
    (errors.ReplyMessageIdInvalid, sends_raw(reply_to=T.InputReplyToMessage(reply_to_msg_id=999))),
    (errors.ScheduleBotNotAllowed, sends_raw(schedule_date=2**31 - 1)),
    (errors.MessageIdInvalid, lambda c, i: c.edit_message_text(i, 999, "x")),
    (errors.MessageIdInvalid, lambda c, i: c.forward_messages(i, i, 999)),
    (errors.MessageAuthorRequired, lambda c, i: c.edit_message_text(i, 1, "x")),
    (errors.PeerIdInvalid, lambda c, _: c.send_message(6_999_999_999, "x")),
    (errors.PeerIdInvalid, sends_to(lambda i: T.InputPeerUser(user_id=i, access_hash=1))),
    (errors.PeerIdInvalid, sends_to(lambda _: T.InputPeerEmpty())),
    (errors.PeerIdInvalid, sends_to(lambda _: T.InputPeerChat(chat_id=5))),
    (errors.ChannelInvalid, sends_to(lambda _: T.InputPeerChannel(channel_id=5, access_hash=0))),
    (errors.UserIsBot, lambda c, _: c.send_message("me", "x")),
    (errors.UsernameNotOccupied, lambda c, _: c.send_message("nobody_here", "x")),
    (errors.UsernameInvalid, lambda c, _: c.send_message("a", "x")),
    (errors.QueryIdInvalid, lambda c, _: c.answer_callback_query("12345", "x")),
    (errors.QueryIdInvalid, lambda c, _: c.answer_inline_query("12345", [])),
    (errors.MessageTooLong, lambda c, _: c.answer_callback_query("12345", "x" * 201)),
    (errors.UrlInvalid, lambda c, _: c.answer_callback_query("12345", url="https://example.com")),
    (errors.BotCommandInvalid, sets_command("Start")),
    (errors.BotCommandInvalid, sets_command("a" * 33)),
    (errors.BotCommandDescriptionInvalid, sets_command("start", "x" * 257)),
    (errors.LangCodeInvalid, sets_command("start", language_code="english")),
    (errors.MediaEmpty, lambda c, i: send_raw_media(c, i, T.InputMediaEmpty())),
    (errors.MediaInvalid, lambda c, i: send_raw_media(c, i, T.InputMediaDice(emoticon="🎲"))),
    (errors.MediaCaptionTooLong, lambda c, i: send_raw_media(c, i, T.InputMediaEmpty(), "x" * 1025)),
    (errors.WebpageCurlFailed, lambda c, i: c.send_photo(i, "https://example.com/photo.jpg")),
    (errors.MultiMediaTooLong, lambda c, i: send_raw_album(c, i, 11)),
    (errors.MediaInvalid, lambda c, i: send_raw_album(c, i, 2)),
    (errors.MediaEmpty, lambda c, i: send_raw_album(c, i, 0)),
    (errors.PersistentTimestampEmpty, invokes(F.updates.GetDifference(pts=0, date=0, qts=0))),
    (errors.PersistentTimestampInvalid, invokes(F.updates.GetDifference(pts=9999, date=0, qts=0))),
    (errors.ChatIdInvalid, invokes(F.messages.GetChats(id=[5]))),
    (errors.DcIdInvalid, invokes(F.auth.ExportAuthorization(dc_id=4))),
    (errors.AuthBytesInvalid, invokes(F.auth.ImportAuthorization(id=5, bytes=b"x"))),
]


@pytest.mark.parametrize(
    ("error", "send"), [pytest.param(*case, id=f"{case[0].__name__}-{n}") for n, case in enumerate(REFUSED)]
)
async def test_a_client_is_refused(
    client: Client, alice: Person, error: type[Exception], send: Sending
) -> None:
    with pytest.raises(error):
        await send(client, alice.id)
    assert [message.text for message in alice.messages()] == ["/start"]


async def test_too_many_commands(client: Client) -> None:
    commands = [types.BotCommand(f"c{n}", "x") for n in range(101)]
    with pytest.raises(errors.BadRequest, match="BOT_COMMANDS_TOO_MUCH"):
        await client.set_bot_commands(commands)


async def test_a_text_of_exactly_the_limit_goes_through(client: Client, alice: Person) -> None:
    await client.send_message(alice.id, "😀" * 2048)
    assert (await alice.expect()).text == "😀" * 2048


async def test_spaces_around_a_text_are_taken_off_and_its_entities_move(
    client: Client, alice: Person
) -> None:
    bold = T.MessageEntityBold(offset=2, length=3)
    await invoke_message(client, alice.id, "  abc  ", entities=[bold])
    message = await alice.expect()
    assert message.text == "abc"
    assert [(e.kind, e.offset, e.length) for e in message.entities] == [("bold", 0, 3)]


async def test_an_edit_that_changes_nothing(client: Client, alice: Person) -> None:
    markup = keyboard(button(callback_data="a"))
    message = await client.send_message(alice.id, "**x**", reply_markup=markup)
    with pytest.raises(errors.MessageNotModified):
        await message.edit_text("**x**", reply_markup=markup)
    with pytest.raises(errors.MessageNotModified):
        await message.edit_reply_markup(markup)
    await message.edit_text("x", reply_markup=markup)
    await message.edit_text("x", reply_markup=keyboard(button(callback_data="b")))
    await message.edit_text("x")
    assert alice.last.buttons == ()


async def test_an_edit_to_nothing(client: Client, alice: Person) -> None:
    message = await client.send_message(alice.id, "x")
    peer = await client.resolve_peer(alice.id)
    with pytest.raises(errors.MessageEmpty):
        await client.invoke(F.messages.EditMessage(peer=peer, id=message.id, message=""))


async def test_a_message_with_a_keyboard_of_its_own_cannot_be_edited(client: Client, alice: Person) -> None:
    rows = types.ReplyKeyboardMarkup([[types.KeyboardButton("Yes")]])
    message = await client.send_message(alice.id, "x", reply_markup=rows)
    with pytest.raises(errors.MessageIdInvalid):
        await message.edit_text("y")


async def test_an_edit_takes_inline_keyboards_only(client: Client, alice: Person) -> None:
    message = await client.send_message(alice.id, "x")
    rows = T.ReplyKeyboardMarkup(
        rows=[T.KeyboardButtonRow(buttons=[T.KeyboardButton(text="a", type=T.ButtonTypeDefault())])]
    )
    peer = await client.resolve_peer(alice.id)
    with pytest.raises(errors.ReplyMarkupInvalid):
        await client.invoke(F.messages.EditMessage(peer=peer, id=message.id, message="y", reply_markup=rows))


@pytest.mark.parametrize(("code", "error"), [(400, errors.UserIsBlocked), (403, errors.UserIsBlocked403)])
async def test_a_person_who_stopped_the_bot(
    sandbox: Sandbox, client: Client, alice: Person, code: int, error: type[Exception]
) -> None:
    sandbox.world.rules.blocked_code = code
    message = await client.send_message(alice.id, "x")
    alice.block()
    with pytest.raises(error):
        await client.send_message(alice.id, "y")
    with pytest.raises(error):
        await message.edit_text("y")
    with pytest.raises(error):
        await client.send_chat_action(alice.id, enums.ChatAction.TYPING)
    alice.unblock()
    await client.send_message(alice.id, "z")


async def test_a_person_who_is_gone(client: Client, alice: Person) -> None:
    alice.leave()
    with pytest.raises(errors.InputUserDeactivated):
        await client.send_message(alice.id, "x")


async def test_a_bot_cannot_begin_a_conversation(sandbox: Sandbox, client: Client, bot: Bot) -> None:
    bob = sandbox.add_person("Bob", username="bob_b")
    with pytest.raises(errors.PeerIdInvalid):
        await client.send_message("bob_b", "x")
    with pytest.raises(errors.PeerIdInvalid):
        await client.send_message(bob.id, "x")
    await bob.start()
    await client.send_message(bob.id, "x")
    assert bob.last.text == "x"


async def test_a_bot_cannot_write_to_a_bot(sandbox: Sandbox, client: Client) -> None:
    sandbox.add_bot("other_bot", "Other")
    with pytest.raises(errors.UserIsBot):
        await client.send_message("other_bot", "x")


async def test_a_group_in_which_the_bot_is_muted_or_from_which_it_is_gone(
    sandbox: Sandbox, client: Client, bot: Bot, alice: Person
) -> None:
    for supergroup in (False, True):
        group = sandbox.add_group("Club", [alice, bot], supergroup=supergroup)
        await client.send_message(group.chat_id, "x")
        group.mute(bot)
        with pytest.raises(errors.ChatWriteForbidden403):
            await client.send_message(group.chat_id, "y")
        group.unmute(bot)
        group.remove(bot)
        gone: type[Exception] = errors.ChannelPrivate if supergroup else errors.ChatWriteForbidden403
        with pytest.raises(gone):
            await client.send_message(group.chat_id, "z")
        assert [message.text for message in alice.messages(group) if message.text] == ["x"]


async def test_a_channel_in_which_the_bot_is_no_admin(
    sandbox: Sandbox, client: Client, bot: Bot, alice: Person
) -> None:
    channel = sandbox.add_channel("News", [alice], [bot])
    with pytest.raises(errors.ChatWriteForbidden403):
        await client.send_message(channel.chat_id, "x")
    with pytest.raises(errors.ChatAdminRequired):
        _ = [member async for member in client.get_chat_members(channel.chat_id)]
    channel.add(bot, admin=True)
    await client.send_message(channel.chat_id, "x")
    post = await alice.expect("x", chat=channel)
    assert post.sender_name == "News"


async def test_messages_that_a_bot_may_not_delete(
    sandbox: Sandbox, client: Client, bot: Bot, alice: Person
) -> None:
    for supergroup in (False, True):
        group = sandbox.add_group("Club", [alice, bot], supergroup=supergroup)
        theirs = await alice.send("/keep", to=group)
        own = await client.send_message(group.chat_id, "own")
        with pytest.raises(errors.MessageDeleteForbidden):
            await client.delete_messages(group.chat_id, own.id - 1)
        assert await client.delete_messages(group.chat_id, own.id) == 1
        assert alice.messages(group)[-1].id == theirs.id
        group.add(bot, admin=True)
        assert await client.delete_messages(group.chat_id, own.id - 1) == 1


async def test_messages_that_do_not_exist_are_passed_over(client: Client, alice: Person) -> None:
    assert await client.delete_messages(alice.id, [900, 901]) == 0


@pytest.fixture
async def timed() -> AsyncIterator[tuple[Sandbox, ManualClock]]:
    clock = ManualClock()
    async with await Sandbox.start(seed=1, clock=clock) as running:
        yield running, clock


async def test_what_is_too_old_is_refused(timed: tuple[Sandbox, ManualClock], log_in_to: Any) -> None:
    sandbox, clock = timed
    bot = sandbox.add_bot()
    alice = sandbox.add_person("Alice")
    await alice.start()
    world = sandbox.world
    async with log_in_to(sandbox, bot) as client:
        row = T.KeyboardInlineButtonRow(
            buttons=[T.KeyboardInlineButton(text="Go", type=T.InlineButtonTypeCallback(data=b"d"))]
        )
        sent = await invoke_message(client, alice.id, reply_markup=T.ReplyInlineMarkup(rows=[row]))
        in_time = alice.press_nowait("Go")
        late = alice.press_nowait("Go")
        await client.answer_callback_query(str(in_time.query.id), "ok")
        with pytest.raises(errors.QueryIdInvalid):
            await client.answer_callback_query(str(in_time.query.id), "twice")
        await clock.advance(world.rules.callback_answer_seconds + 1)
        with pytest.raises(errors.QueryIdInvalid):
            await client.answer_callback_query(str(late.query.id), "late")
        assert (await in_time.answer()).text == "ok"
        await clock.advance(world.rules.delete_hours * 3600)
        with pytest.raises(errors.MessageDeleteForbidden):
            await client.delete_messages(alice.id, sent.updates[0].id)


async def test_another_bots_query_cannot_be_answered(
    sandbox: Sandbox, client: Client, alice: Person, log_in: Any
) -> None:
    other = await log_in(sandbox.add_bot("other_bot", "Other"), session="other")
    await client.send_message(alice.id, "x", reply_markup=keyboard(button(callback_data="a")))
    pressed = alice.press_nowait("Go")
    with pytest.raises(errors.QueryIdInvalid):
        await other.answer_callback_query(str(pressed.query.id))
    await client.answer_callback_query(str(pressed.query.id))


@pytest.mark.parametrize(
    ("rules", "seconds"),
    [
        (FloodRules(overall=(2, 10)), 10),
        (FloodRules(per_chat=(2, 1)), 1),
        (FloodRules(per_group=(1, 60)), None),
    ],
)
async def test_the_rate_of_a_private_chat(
    timed: tuple[Sandbox, ManualClock], log_in_to: Any, rules: FloodRules, seconds: int | None
) -> None:
    sandbox, clock = timed
    bot = sandbox.add_bot()
    alice = sandbox.add_person("Alice")
    await alice.start()
    sandbox.world.rules.flood = rules
    async with log_in_to(sandbox, bot) as client:
        await client.send_message(alice.id, "1")
        await client.send_message(alice.id, "2")
        if seconds is None:
            await client.send_message(alice.id, "3")
            return
        with pytest.raises(errors.FloodWait) as refused:
            await client.send_message(alice.id, "3")
        assert refused.value.value == seconds
        await clock.advance(seconds)
        await client.send_message(alice.id, "3")
    assert [message.text for message in alice.messages()][1:] == ["1", "2", "3"]


async def test_the_rate_of_a_group_counts_apart_from_private_chats(
    sandbox: Sandbox, client: Client, bot: Bot, alice: Person
) -> None:
    group = sandbox.add_group("Club", [alice, bot])
    sandbox.world.rules.flood = FloodRules(per_group=(1, 60))
    await client.send_message(group.chat_id, "1")
    await client.send_message(alice.id, "private")
    with pytest.raises(errors.FloodWait):
        await client.send_message(group.chat_id, "2")


async def test_without_rates_nothing_waits(client: Client, alice: Person) -> None:
    for number in range(40):
        await client.send_message(alice.id, str(number))
    assert alice.last.text == "39"
