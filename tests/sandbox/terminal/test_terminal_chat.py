"""The terminal client: typed lines reach the bot, and the screen shows what it says."""

from __future__ import annotations

import asyncio
import io
import queue
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pyrogram import Client, filters, types
from pyrogram.handlers import CallbackQueryHandler, MessageHandler, PreCheckoutQueryHandler

from sandbox.http import HttpFace, make_app
from sandbox.people.handles import Bot
from sandbox.server import Sandbox
from sandbox.terminal import Pace, chat

QUICK = Pace(patience=5.0, quiet=0.15)


class Keyboard:
    """A terminal's input: a line is there when it is typed."""

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def type(self, line: str) -> None:
        self._lines.put(f"{line}\n")

    def end(self) -> None:
        self._lines.put("")

    def readline(self) -> str:
        return self._lines.get()

    def isatty(self) -> bool:
        return True


class Screen(io.StringIO):
    """A screen that one can wait for."""

    def __init__(self) -> None:
        super().__init__()
        self._changed = asyncio.Event()

    def write(self, text: str) -> int:
        self._changed.set()
        return super().write(text)

    async def shows(self, text: str) -> None:
        while text not in self.getvalue():
            self._changed.clear()
            await self._changed.wait()


@pytest.fixture
async def face(sandbox: Sandbox) -> AsyncIterator[HttpFace]:
    async with HttpFace(make_app(sandbox)) as running:
        yield running


@pytest.fixture
def shop(client: Client) -> Client:
    """A bot with a button that edits, an invoice, and an eye for files."""

    async def start(_client: Client, message: types.Message) -> None:
        buttons = [types.InlineKeyboardButton(label, callback_data=label) for label in ("Red", "Blue")]
        link = types.InlineKeyboardButton("Site", url="https://example.com")
        markup = types.InlineKeyboardMarkup([buttons, [link]])
        await message.reply(f"Pick one, {message.from_user.language_code}", reply_markup=markup)

    async def pick(_client: Client, query: types.CallbackQuery) -> None:
        back = types.InlineKeyboardMarkup([[types.InlineKeyboardButton("Back", callback_data="Back")]])
        await query.message.edit_text(f"{query.data} it is", reply_markup=back)
        await query.answer("Picked", show_alert=True)

    async def sell(client: Client, message: types.Message) -> None:
        price = [types.LabeledPrice(label="x", amount=30)]
        await client.send_invoice(message.chat.id, "Pack", "Thirty", "p", "XTR", price)

    async def agree(_client: Client, query: types.PreCheckoutQuery) -> None:
        await query.answer(ok=True)

    async def see(_client: Client, message: types.Message) -> None:
        await message.reply(f"Got {message.media.value} {message.caption}" if message.media else "Thanks")

    for handler, wanted in ((start, filters.command("start")), (sell, filters.command("buy"))):
        client.add_handler(MessageHandler(handler, wanted))
    client.add_handler(MessageHandler(see, filters.incoming & ~filters.command(["start", "buy"])))
    client.add_handler(CallbackQueryHandler(pick))
    client.add_handler(PreCheckoutQueryHandler(agree))
    return client


async def piped(face: HttpFace, *lines: str) -> tuple[int, str]:
    screen = io.StringIO()
    typed = io.StringIO("".join(f"{line}\n" for line in lines))
    code = await chat(face.url, "alice", "ru", typed, screen, pace=QUICK)
    return code, screen.getvalue()


@pytest.mark.usefixtures("shop")
async def test_a_piped_conversation_waits_for_each_answer(sandbox: Sandbox, bot: Bot, face: HttpFace) -> None:
    code, shown = await piped(face, "/start", "[2]", "[1]", "hello")
    assert code == 0
    assert "!! Picked\n" in shown
    # The answer to the button and the edit come over two connections, in either order.
    assert shown.replace("!! Picked\n", "") == (
        f"-- alice (ru), 0 ⭐ -> @{bot.username} --\n"
        "alice: /start\n"
        "Starloom: Pick one, ru\n"
        "    [1] Red  [2] Blue\n"
        "    [3] Site <https://example.com>\n"
        "Starloom *: Blue it is\n"
        "    [4] Back\n"
        "! there is no button 1\n"
        "alice: hello\n"
        "Starloom: Thanks\n"
    )
    assert sandbox.person("alice").language == "ru"


@pytest.mark.usefixtures("shop")
async def test_paying(sandbox: Sandbox, face: HttpFace) -> None:
    code, shown = await piped(face, "/start", "/buy", "/pay", "/stars 100", "/pay")
    assert code == 0
    assert "Starloom: [Pack: Thirty, 30 ⭐]\n    ⭐️ 30 /pay\n! " in shown
    assert "-- 100 ⭐ --\n" in shown
    assert "-- payment_sent 30 XTR --" in shown
    assert "; 70 ⭐ --" in shown
    assert sandbox.person("alice").stars == 70


@pytest.mark.usefixtures("shop")
async def test_files_are_sent(sandbox: Sandbox, face: HttpFace, tmp_path: Path) -> None:
    source = tmp_path / "notes and more.txt"
    source.write_text("notes")
    code, shown = await piped(face, "/start", f"/file '{source}' my notes", "/file /nowhere", "/file")
    assert code == 0
    assert "Got document my notes" in shown
    assert shown.count("\n! ") == 2
    person = sandbox.person("alice")
    sent = next(message for message in person.messages() if message.media)
    assert await person.download(sent) == b"notes"

    kept = tmp_path / "kept.txt"
    code, shown = await piped(face, f"/save {kept}", "/save /nowhere/at/all", "/save")
    assert (code, kept.read_bytes(), shown.count("\n! ")) == (0, b"notes", 2)
    assert "[document notes and more.txt 5 B /api/" in shown


@pytest.mark.usefixtures("shop")
async def test_what_cannot_be_done_is_said_and_the_talk_goes_on(face: HttpFace) -> None:
    code, shown = await piped(
        face, "/start", "/press 9", "/press", "/pay", "/stars x", "/edit", "", "[3]", "/?", "hi"
    )
    assert code == 0
    assert shown.count("\n! ") == 5
    assert "-- https://example.com\n" in shown
    assert "/quit" in shown
    assert shown.endswith("alice: hi\nStarloom: Thanks\n")


@pytest.mark.usefixtures("shop")
async def test_own_messages_are_changed_and_deleted(sandbox: Sandbox, face: HttpFace) -> None:
    await piped(face, "/start", "frist", "/edit first", "second", "/delete")
    own = [message.text for message in sandbox.person("alice").messages() if message.out]
    assert own == ["/start", "first"]


@pytest.mark.usefixtures("shop")
async def test_the_chat_is_shown_again_to_who_comes_back(bot: Bot, face: HttpFace) -> None:
    await piped(face, "/start")
    code, shown = await piped(face, "[1]", "/block", "hello", "/unblock", "/quit", "never sent")
    assert code == 0
    assert "alice: /start\nStarloom: Pick one, ru\n    [1] Red  [2] Blue\n" in shown
    assert "Starloom *: Red it is" in shown
    assert "\n! " in shown
    assert "never sent" not in shown


@pytest.mark.usefixtures("shop")
async def test_at_a_terminal_one_types_and_reads_at_once(
    client: Client, sandbox: Sandbox, face: HttpFace
) -> None:
    keyboard, screen = Keyboard(), Screen()
    talk = asyncio.create_task(chat(face.url, "bob", "en", keyboard, screen))
    keyboard.type("/start")
    await screen.shows("Pick one, en")
    assert "bob: /start" not in screen.getvalue()
    sent = await client.send_message(sandbox.person("bob").id, "By the way")
    assert sent is not None
    await screen.shows("Starloom: By the way")
    await sent.delete()
    await screen.shows("-- deleted: 1 --")
    keyboard.type("[1]")
    await screen.shows("!! Picked")
    keyboard.type("/quit")
    assert await talk == 0


@pytest.mark.usefixtures("shop")
async def test_the_talk_ends_with_the_sandbox(face: HttpFace) -> None:
    keyboard, screen = Keyboard(), Screen()
    talk = asyncio.create_task(chat(face.url, "bob", "en", keyboard, screen))
    keyboard.type("/start")
    await screen.shows("Pick one, en")
    await face.stop()
    assert await talk == 1
    assert screen.getvalue().splitlines()[-1].startswith("! ")
    keyboard.end()


async def test_without_a_bot_or_a_sandbox_it_says_so(sandbox: Sandbox, face: HttpFace) -> None:
    code, shown = await piped(face, "/start")
    assert (code, shown) == (1, "! there is no bot\n")
    await face.stop()
    code, shown = await piped(face, "/start")
    assert code == 1
    assert shown.startswith("! ")
