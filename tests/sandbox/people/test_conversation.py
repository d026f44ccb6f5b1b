"""A plain client and a person talk: the whole way there and back."""

from __future__ import annotations

from pyrogram import Client, filters, types
from pyrogram.handlers import CallbackQueryHandler, MessageHandler

from sandbox.people.handles import Bot
from sandbox.server import Sandbox


async def test_a_bot_answers_with_buttons_and_edits_when_one_is_pressed(
    sandbox: Sandbox, bot: Bot, client: Client
) -> None:
    async def greet(_client: Client, message: types.Message) -> None:
        rows = [
            [
                types.InlineKeyboardButton("Red", callback_data="r"),
                types.InlineKeyboardButton("Blue", url="https://example.com"),
            ]
        ]
        await message.reply(
            f"Hello {message.from_user.first_name}", reply_markup=types.InlineKeyboardMarkup(rows)
        )

    async def paint(_client: Client, query: types.CallbackQuery) -> None:
        assert query.data == "r"
        await query.message.edit_text("Painted")
        await query.answer("Red it is", show_alert=True)

    client.add_handler(MessageHandler(greet, filters.command("start")))
    client.add_handler(CallbackQueryHandler(paint))
    alice = sandbox.add_person("Alice", language="ru")

    await alice.start("ref_5")
    greeting = await alice.expect("Hello")
    assert greeting.labels == ["Red", "Blue"]
    answer = await alice.press("red")
    assert (answer.text, answer.alert) == ("Red it is", True)
    edited = await alice.expect(kind="edit")
    assert edited.text == "Painted"
    assert edited.id == greeting.id
    assert edited.labels == []
    assert alice.transcript() == "Alice: /start ref_5\nStarloom: Painted (edited)"
