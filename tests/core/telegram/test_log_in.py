"""Logging in: new, again, with a key that is forgotten, with a token that is wrong."""

from __future__ import annotations

import dataclasses

import pytest
from telegram_house import FAST, House

from core.clock import SystemClock
from core.errors import ConfigurationError, TelegramError
from core.storage.database import Database
from core.storage.sessions import SessionStore
from core.telegram import client as client_module
from core.telegram.client import TelegramClient
from core.telegram.endpoint import Endpoint
from sandbox.people.handles import Bot
from sandbox.people.person import Person
from sandbox.server import Sandbox


def make(database: Database, endpoint: Endpoint, token: str) -> TelegramClient:
    return TelegramClient(
        name="test",
        api_id=1,
        api_hash="-",
        bot_token=token,
        endpoint=endpoint,
        session=SessionStore(database, "bot"),
        clock=SystemClock(),
        timing=dataclasses.replace(FAST, connect=4.0),
    )


async def test_the_second_start_needs_no_log_in(database: Database, sandbox: Sandbox, bot: Bot) -> None:
    logins = []
    sandbox.server.on_event(lambda event: logins.append(event.name) if event.kind == "request" else None)
    for _ in range(2):
        client = make(database, sandbox.endpoint, bot.token)
        await client.start()
        assert (client.me.id, client.me.username, client.me.is_bot) == (bot.id, bot.username, True)
        assert client.connected
        await client.stop()
        assert not client.connected
    assert logins.count("auth.ImportBotAuthorization") == 1


async def test_a_key_that_telegram_forgot_is_replaced(database: Database, bot: Bot, sandbox: Sandbox) -> None:
    first = House(sandbox, bot, database)
    await first.start()
    await first.stop()
    async with await Sandbox.start(seed=2) as other:
        same = other.add_bot(token=bot.token)
        house = House(other, same, database)
        await house.start()
        person: Person = other.add_person("Ann")
        await person.start()
        await person.expect("hello")
        await house.stop()


async def test_a_wrong_token_is_said_in_words(database: Database, sandbox: Sandbox, bot: Bot) -> None:
    client = make(database, sandbox.endpoint, f"{bot.id}:wrong")
    with pytest.raises(ConfigurationError, match="BOT_TOKEN"):
        await client.start()
    await client.stop()


async def test_a_server_that_is_not_there_is_an_error_and_not_a_wait(
    database: Database, sandbox: Sandbox, bot: Bot
) -> None:
    endpoint = dataclasses.replace(sandbox.endpoint, port=1)
    client = make(database, endpoint, bot.token)
    with pytest.raises(TelegramError):
        await client.start()
    await client.stop()


async def test_without_fast_crypto_there_is_no_start(
    database: Database, sandbox: Sandbox, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match="tgcrypto"):
        await make(database, sandbox.endpoint, bot.token).start()
