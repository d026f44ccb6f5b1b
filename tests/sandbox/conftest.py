"""A sandbox for each test, and plain unmodified clients that are logged in to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from pyrogram import Client

from sandbox.people.handles import Bot
from sandbox.people.person import Person
from sandbox.server import Sandbox

Log = Callable[..., Awaitable[Client]]


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with await Sandbox.start(seed=1) as running:
        yield running


@pytest.fixture
def bot(sandbox: Sandbox) -> Bot:
    return sandbox.add_bot()


@pytest.fixture
async def log_in(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Log]:
    """Log a plain client in: `client = await log_in(bot)`; every client is stopped at the end."""
    async with AsyncExitStack() as clients:

        async def enter(bot: Bot, **options: Any) -> Client:
            client = plain_client(sandbox, bot, tmp_path, **options)
            await client.start()

            async def leave() -> None:
                if client.is_connected:
                    await client.stop()

            clients.push_async_callback(leave)
            return client

        yield enter


@pytest.fixture
async def client(log_in: Log, bot: Bot) -> Client:
    """The bot's client."""
    return await log_in(bot)


@pytest.fixture
async def alice(sandbox: Sandbox, client: Client) -> Person:
    """A person who has started the bot."""
    person = sandbox.add_person("Alice", username="alice_a")
    await person.start()
    return person


@pytest.fixture
def log_in_to(tmp_path: Path) -> Callable[..., Client]:
    """A plain client for a sandbox of the test's own: `async with log_in_to(sandbox, bot) as client`."""

    def make(sandbox: Sandbox, bot: Bot, **options: Any) -> Client:
        return plain_client(sandbox, bot, tmp_path, **options)

    return make


def plain_client(sandbox: Sandbox, bot: Bot, workdir: Path, **options: Any) -> Client:
    sandbox.endpoint.trust()
    defaults: dict[str, Any] = {
        "api_id": 1,
        "api_hash": "0" * 32,
        "bot_token": bot.token,
        "in_memory": True,
        "sleep_threshold": 0,
        "workdir": str(workdir),
        "connection_factory": sandbox.endpoint.connection_factory(),
        "loop": asyncio.get_running_loop(),
    }
    return Client(options.pop("session", "bot"), **defaults | options)
