"""Dialogues that are written down: what an author reads where one does not fit."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from pyrogram import Client, types
from pyrogram.handlers import CallbackQueryHandler

from sandbox.people.person import Person
from starloom.testing import Golden


async def test_a_dialogue_that_was_not_written_down_yet(tmp_path: Path, alice: Person) -> None:
    with pytest.raises(AssertionError, match=r"joke\.en\.txt is not there yet; RENEW_GOLDEN=1 pytest writes"):
        Golden(alice, tmp_path).same_as("joke")


async def test_a_button_that_leads_elsewhere_is_named_with_what_to_say(
    client: Client, alice: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_client: Client, query: types.CallbackQuery) -> None:
        await query.answer("That was the last one", show_alert=True)

    client.add_handler(CallbackQueryHandler(refuse))
    button = types.InlineKeyboardButton("Another", callback_data="x")
    await client.send_message(alice.id, "One.", reply_markup=types.InlineKeyboardMarkup([[button]]))
    talk = Golden(alice, tmp_path)
    monkeypatch.setattr(alice, "expect", partial(alice.expect, within=0.05))
    with pytest.raises(AssertionError) as raised:
        await talk.tap("Another")
    told = str(raised.value)
    assert told.startswith('[Another] led to no edit: where it leads to another message say shows="new"')
    assert "Alice saw no 'edit' that fits in" in told
    await talk.tap("Another", shows=None)
