"""A saved world goes on where it was, for people, bots and clients."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pyrogram import Client, filters, types
from pyrogram.handlers import CallbackQueryHandler, MessageHandler

from sandbox.server import Sandbox
from sandbox.world.saving import SavedWorldUnreadableError


async def test_a_world_goes_on(tmp_path: Path, log_in_to: Any) -> None:
    directory = tmp_path / "world"
    options = {"session": "kept", "in_memory": False, "skip_updates": False}
    async with await Sandbox.start(seed=1, directory=directory) as sandbox:
        bot = sandbox.add_bot()
        alice = sandbox.add_person("Alice", language="ru", username="alice_a", stars=50)
        group = sandbox.add_group("Club", [alice, bot], supergroup=True)
        await alice.start()
        photo = io.BytesIO()
        Image.new("RGB", (40, 30)).save(photo, "PNG")
        async with log_in_to(sandbox, bot, **options) as client:
            rows = types.InlineKeyboardMarkup([[types.InlineKeyboardButton("Go", callback_data="go")]])
            await client.send_message(alice.id, "**bold**", reply_markup=rows)
            photo.name = "p.png"
            photo.seek(0)
            await client.send_photo(alice.id, photo, caption="see")
            await client.send_message(group.chat_id, "to all")
            await client.set_bot_commands([types.BotCommand("start", "Begin")])
            known_peer = await client.resolve_peer(alice.id)
        await alice.send("while the bot is off")
        alice.block()
        alice.unblock()
        pts = sandbox.world.accounts[bot.id].box.pts
        before = alice.messages()
        random_state = sandbox.world.random.getstate()

    # What was saved wins over another seed.
    async with await Sandbox.start(seed=2, directory=directory) as sandbox:
        again, bot_again = sandbox.person("Alice"), sandbox.add_bot()
        assert sandbox.add_person("Alice", username="alice_a") is again
        assert (again.id, again.language, again.stars) == (alice.id, "ru", 50)
        assert bot_again.token == bot.token
        assert again.messages() == before
        assert [place.title for place in sandbox.places] == ["Club"]
        assert again.messages(sandbox.places[0])[-1].text == "to all"
        assert again.commands() == [("start", "Begin")]
        assert sandbox.world.accounts[bot.id].box.pts == pts
        assert sandbox.world.random.getstate() == random_state
        photo_shown = next(message for message in again.messages() if message.kind == "photo")
        assert len(await again.download(photo_shown)) == photo_shown.media.size
        assert sandbox.world.ids.access_hash(bot.id, alice.id) == known_peer.access_hash
        await _goes_on(sandbox, log_in_to, options)


async def _goes_on(sandbox: Sandbox, log_in_to: Any, options: dict[str, Any]) -> None:
    """The client's own session is still good, and it gets what came while it was off."""
    alice = sandbox.person("Alice")

    async def answer(_client: Client, query: types.CallbackQuery) -> None:
        await query.answer("went")

    async def echo(client: Client, message: types.Message) -> None:
        await client.send_message(message.chat.id, f"echo {message.text}")

    client = log_in_to(sandbox, sandbox.add_bot(), **options, bot_token=None)
    client.add_handler(CallbackQueryHandler(answer))
    client.add_handler(MessageHandler(echo, filters.incoming & filters.private))
    async with client:
        await alice.expect("echo while the bot is off")
        assert (await alice.press("Go")).text == "went"
        assert alice.last.id == len(alice.messages()) == 5


async def test_a_world_of_another_layer_is_not_read(tmp_path: Path) -> None:
    async with await Sandbox.start(directory=tmp_path) as sandbox:
        sandbox.add_bot()
    path = tmp_path / "world.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"layer": 1}))
    with pytest.raises(SavedWorldUnreadableError, match="layer 1"):
        await Sandbox.start(directory=tmp_path)


async def test_without_a_directory_nothing_is_left() -> None:
    async with await Sandbox.start() as sandbox:
        directory = sandbox._directory
        assert directory.exists()
    assert not directory.exists()
