"""The database's answers get lost, again and again, while people make things."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from durability.books import assert_served, assert_sound, nothing_runs
from durability.customers import Customer, live_through
from durability.lost_answers import LosesAnswers
from durability.processes import BotHand, Nursery, StartStudio

from sandbox.studio import Studio

_PEOPLE = 3


@pytest.fixture
def plugins(plugins: dict[str, Any]) -> dict[str, Any]:
    plugins["providers"]["demo"]["seconds"] = 0.3
    plugins["limits"] = {"updates": {"same_button_seconds": 2}}
    return plugins


@pytest.fixture
async def studio(start_studio: StartStudio) -> Studio:
    return await start_studio(running=False, settings={"WELCOME_BALANCE_RUB": "20000"})


@pytest.fixture
async def bot(studio: Studio, nursery: Nursery, tmp_path: Path, plugins: dict[str, Any]) -> BotHand:
    return BotHand(studio, nursery, tmp_path, plugins)


async def live_with_lost_answers(bot: BotHand, lost: int, way: LosesAnswers) -> None:
    """Let people make things until so many answers were lost; what they have of it must be right."""
    bot.environment["MONGODB_URI"] = f"mongodb://127.0.0.1:{way.port}/?retryWrites=false"
    await bot.start()
    await bot.on_duty()
    async with bot.database() as database:
        customers = [
            Customer(bot.studio.person(f"Customer {number}"), bot, database, random.Random(number))
            for number in range(_PEOPLE)
        ]
        try:
            await live_through(customers, way.lose(lost))
            await bot.studio.until(lambda: nothing_runs(database))
            assert await bot.stop() == 0
            await assert_sound(database)
            for customer in customers:
                await assert_served(database, customer)
        except BaseException as error:
            error.add_note(bot.story())
            raise


@pytest.mark.parametrize(
    ("lost", "every", "seed"),
    [(12, 20, 1), *(pytest.param(150, 15, seed, marks=pytest.mark.soak) for seed in range(10))],
)
async def test_lost_answers_cost_nobody_anything(
    bot: BotHand, database_uri: str, lost: int, every: int, seed: int
) -> None:
    """What was asked of the database has happened each time, and the bot does not know it."""
    port = urlsplit(database_uri).port
    assert port is not None
    async with LosesAnswers(port, every=every, chance=random.Random(seed)).open() as way:
        await live_with_lost_answers(bot, lost, way)
