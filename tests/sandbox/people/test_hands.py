"""What a person can do and see, and how clearly it is said when something is amiss."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pyrogram import Client, enums, filters, raw, types
from pyrogram.handlers import (
    CallbackQueryHandler,
    ChosenInlineResultHandler,
    EditedMessageHandler,
    InlineQueryHandler,
    MessageHandler,
)

from sandbox.people.handles import Bot
from sandbox.people.person import Person
from sandbox.people.reading import PersonError
from sandbox.people.views import EntityView
from sandbox.server import Sandbox

Button = types.InlineKeyboardButton


def rows(*labels: str) -> types.InlineKeyboardMarkup:
    return types.InlineKeyboardMarkup([[Button(label, callback_data=label) for label in labels]])


def answer_everything(client: Client, text: str, **options: Any) -> None:
    async def answer(_client: Client, query: types.CallbackQuery) -> None:
        await query.answer(f"{text} {query.data}", **options)

    client.add_handler(CallbackQueryHandler(answer))


async def test_expect_takes_each_message_once_and_in_order(client: Client, alice: Person) -> None:
    for text in ("one", "two", "three"):
        await client.send_message(alice.id, text)
    assert (await alice.expect(re.compile("^t"))).text == "two"
    assert (await alice.expect()).text == "one"
    assert [message.text for message in alice.unexpected] == ["three"]
    assert (await alice.expect(lambda message: len(message.text) == 5)).text == "three"
    assert alice.unexpected == ()


async def test_expect_says_what_it_missed(client: Client, alice: Person) -> None:
    await client.send_message(alice.id, "something else")
    with pytest.raises(AssertionError, match=r"(?s)Alice saw no 'hello'.*Starloom: something else"):
        await alice.expect("hello", within=0.01)


async def test_expect_sees_an_edit_as_it_was_at_that_moment(client: Client, alice: Person) -> None:
    message = await client.send_message(alice.id, "10 %")
    for text in ("50 %", "done"):
        await message.edit_text(text)
    assert (await alice.expect(kind="new")).text == "10 %"
    assert [(await alice.expect(kind="edit")).text for _ in range(2)] == ["50 %", "done"]
    assert [shown.text for shown in alice.messages()] == ["/start", "done"]


async def test_press_finds_the_newest_button_and_names_what_there_is(client: Client, alice: Person) -> None:
    answer_everything(client, "pressed")
    await client.send_message(alice.id, "old", reply_markup=rows("Yes, old", "No"))
    await client.send_message(alice.id, "new", reply_markup=rows("Yes, new"))
    assert (await alice.press("yes")).text == "pressed Yes, new"
    shown = next(message for message in alice.messages() if message.text == "old")
    assert (await alice.press("yes", shown)).text == "pressed Yes, old"
    with pytest.raises(PersonError, match=r"no button 'Maybe'; there are \['Yes, new', 'Yes, old', 'No'\]"):
        await alice.press("Maybe")


async def test_an_answer_that_does_not_come(client: Client, alice: Person) -> None:
    await client.send_message(alice.id, "x", reply_markup=rows("Go"))
    with pytest.raises(AssertionError, match=r"(?s)did not answer.*\[Go\]"):
        await alice.press("Go", within=0.01)


async def test_forged_data_reaches_the_bot(client: Client, alice: Person) -> None:
    answer_everything(client, "got")
    await client.send_message(alice.id, "x")
    pressed = alice.press_data(b"forged", alice.last)
    assert (await pressed.answer()).text == "got forged"


async def test_an_answer_may_be_kept_by_the_app(client: Client, alice: Person) -> None:
    asked: list[str] = []

    async def answer(_client: Client, query: types.CallbackQuery) -> None:
        asked.append(query.data)
        await query.answer(f"answer {len(asked)}", cache_time=60)

    client.add_handler(CallbackQueryHandler(answer))
    await client.send_message(alice.id, "x", reply_markup=rows("Go", "Stay"))
    assert [(await alice.press("Go")).text for _ in range(2)] == ["answer 1", "answer 1"]
    assert (await alice.press("Stay")).text == "answer 2"


async def test_links_and_keyboards_of_words(client: Client, alice: Person) -> None:
    link = types.InlineKeyboardMarkup([[Button("Site", url="https://example.com/x")]])
    await client.send_message(alice.id, "x", reply_markup=link)
    assert (await alice.press("Site")).url == "https://example.com/x"
    words = types.ReplyKeyboardMarkup([[types.KeyboardButton("Red"), types.KeyboardButton("Blue")]])
    await client.send_message(alice.id, "colour?", reply_markup=words)
    await alice.press("Blue")
    assert (alice.last.text, alice.last.out) == ("Blue", True)
    with pytest.raises(PersonError, match="kind url"):
        alice.press_nowait("Site")


async def test_what_a_person_writes_has_the_entities_of_an_app(client: Client, alice: Person) -> None:
    sent = await alice.send("😀 /help @starloom_bot see https://x.org/a?b=1. #tag mail@x.org")
    assert sent.entities == (
        EntityView("bot_command", 3, 5),
        EntityView("mention", 9, 13),
        EntityView("url", 27, 19),
        EntityView("hashtag", 48, 4),
        EntityView("email", 53, 10),
    )


async def test_a_long_text_goes_in_pieces(client: Client, alice: Person) -> None:
    await alice.send("😀" * 2500)
    assert [len(message.text) for message in alice.messages()[1:]] == [2048, 452]


@pytest.mark.parametrize("text", ["", "  \n"])
async def test_an_app_sends_nothing_empty(alice: Person, text: str) -> None:
    with pytest.raises(PersonError):
        await alice.send(text)


async def test_edits_and_deletions_of_a_person_reach_the_bot(client: Client, alice: Person) -> None:
    async def echo(_client: Client, message: types.Message) -> None:
        reply = types.ReplyParameters(message_id=message.id)
        await client.send_message(message.chat.id, f"edited to {message.text}", reply_parameters=reply)

    client.add_handler(EditedMessageHandler(echo, filters.private))
    message = await alice.send("teh")
    await alice.edit(message, "the")
    answer = await alice.expect("edited to the")
    assert answer.reply_to == message.id
    await alice.delete(answer)
    assert [shown.text for shown in alice.messages()] == ["/start", "the"]
    with pytest.raises(PersonError):
        alice.refresh(answer)
    await client.send_message(alice.id, "mine")
    with pytest.raises(PersonError):
        await alice.edit(alice.last, "not mine")


async def test_a_payload_comes_with_start(client: Client, sandbox: Sandbox) -> None:
    async def greet(_client: Client, message: types.Message) -> None:
        await message.reply(f"payload {message.command[1:]}")

    client.add_handler(MessageHandler(greet, filters.command("start")))
    bob = sandbox.add_person("Bob")
    await bob.start("gift_42")
    await bob.expect("payload ['gift_42']")
    bob.block()
    with pytest.raises(PersonError):
        await bob.send("hello?")
    await bob.start()
    await bob.expect("payload []")


async def test_chat_actions_are_seen(client: Client, alice: Person) -> None:
    await client.send_chat_action(alice.id, enums.ChatAction.TYPING)
    await client.send_chat_action(alice.id, enums.ChatAction.UPLOAD_VIDEO)
    await client.send_chat_action(alice.id, enums.ChatAction.CANCEL)
    assert [action.name for action in alice.actions] == ["typing", "upload_video", "cancel"]


async def test_a_person_with_two_bots(sandbox: Sandbox, client: Client, alice: Person, log_in: Any) -> None:
    other_bot = sandbox.add_bot("other_bot", "Other")
    other = await log_in(other_bot, session="other")
    await alice.send("hi", to=other_bot)
    await other.send_message(alice.id, "from Other")
    await client.send_message(alice.id, "from Starloom")
    assert (await alice.expect(chat=other_bot)).text == "from Other"
    assert alice.transcript(other_bot) == "Alice: hi\nOther: from Other"
    assert [message.text for message in alice.messages()] == ["/start", "from Starloom"]


async def test_inline_queries(client: Client, bot: Bot, alice: Person) -> None:
    chosen: list[str] = []

    async def find(_client: Client, query: types.InlineQuery) -> None:
        content = types.InputTextMessageContent(f"**{query.query}**")
        await query.answer(
            [types.InlineQueryResultArticle("Article", content, id="a1", reply_markup=rows("More"))]
        )

    async def note(_client: Client, result: types.ChosenInlineResult) -> None:
        chosen.append(result.result_id)
        await client.send_message(result.from_user.id, "noted")

    client.add_handler(InlineQueryHandler(find))
    client.add_handler(ChosenInlineResultHandler(note))
    with pytest.raises(PersonError, match="no inline mode"):
        await alice.inline_query("cats")
    bot.allow_inline("search")
    (result,) = (await alice.inline_query("cats")).results
    assert (result.kind, result.title, result.text) == ("article", "Article", "cats")
    sent = alice.choose(result)
    assert (sent.text, sent.out, sent.labels, sent.via) == ("cats", True, ["More"], bot.username)
    assert alice.transcript().endswith(f"Alice: [via @{bot.username}] cats\n    [More]")
    await alice.expect("noted")
    assert chosen == ["a1"]


async def test_reply_and_entities_of_a_bot_are_shown(client: Client, alice: Person) -> None:
    asked = alice.stored(alice.last).ids
    bot_side = next(number for owner, number in asked.items() if owner != alice.id)
    reply = types.ReplyParameters(message_id=bot_side)
    await client.send_message(alice.id, "**bold** [link](https://x.org)", reply_parameters=reply)
    shown = await alice.expect("bold")
    assert shown.reply_to == 1
    assert shown.entities == (EntityView("bold", 0, 4), EntityView("text_url", 5, 4, "https://x.org"))


async def test_a_spoken_of_account_that_is_deleted(client: Client, alice: Person) -> None:
    peer = await client.resolve_peer(alice.id)
    alice.leave()
    user = raw.types.InputUser(user_id=peer.user_id, access_hash=peer.access_hash)
    (shown,) = await client.invoke(raw.functions.users.GetUsers(id=[user]))
    assert (shown.deleted, shown.first_name) == (True, None)
    with pytest.raises(PersonError):
        await alice.send("anyone?")
