"""A bot on the local Telegram with a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from telegram_house import Build, House

from core.storage.database import Database
from sandbox.people.handles import Bot
from sandbox.people.person import Person
from sandbox.server import Sandbox


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with await Sandbox.start(seed=1) as running:
        yield running


@pytest.fixture
def bot(sandbox: Sandbox) -> Bot:
    return sandbox.add_bot()


@pytest.fixture
async def build(sandbox: Sandbox, bot: Bot, database: Database) -> AsyncIterator[Build]:
    """Start a bot: `house = await build(...)`; all are stopped at the end."""
    async with AsyncExitStack() as houses:

        async def enter(**options: Any) -> House:
            house = House(sandbox, bot, database, **options)
            await house.start()
            houses.push_async_callback(house.stop)
            return house

        yield enter


@pytest.fixture
async def house(build: Build) -> House:
    return await build()


@pytest.fixture
def alice(sandbox: Sandbox, bot: Bot) -> Person:
    return sandbox.add_person("Alice", language="en", username="alice_a", stars=100)


@pytest.fixture
def boris(sandbox: Sandbox, bot: Bot) -> Person:
    return sandbox.add_person("Борис", language="ru")
