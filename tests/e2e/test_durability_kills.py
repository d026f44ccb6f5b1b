"""The bot is killed in the middle of generations, again and again, and nobody but the operator notices."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest
from durability.books import assert_served, assert_sound, nothing_runs
from durability.customers import Customer, live_through
from durability.moments import ESSENTIAL, kill_at, moments
from durability.processes import BotHand, Nursery, StartStudio
from durability.uploads import Uploads

from sandbox.studio import Studio

_PEOPLE = 3
_KILLS = 30
_SEEDS = range(5 if os.environ.get("STARLOOM_SOAK") else 1)


async def campaign(
    studio: Studio, nursery: Nursery, directory: Path, plugins: dict[str, Any], *, seed: int, kills: int
) -> None:
    chance = random.Random(seed)
    bot = BotHand(studio, nursery, directory, plugins)
    uploads = Uploads(studio.sandbox)
    await bot.start()
    await bot.on_duty()
    async with studio.database() as database:

        async def kill_again_and_again() -> None:
            for moment in moments(chance, kills):
                await kill_at(bot, moment)
                await uploads.look(database)
                await bot.start()

        customers = [
            Customer(studio.person(f"Customer {number}"), bot, database, random.Random(chance.random()))
            for number in range(_PEOPLE)
        ]
        await live_through(customers, kill_again_and_again())
        await studio.until(lambda: nothing_runs(database))
        assert await bot.stop() == 0
        assert "heap_settled" in bot.log.read_text()
        await assert_sound(database)
        for customer in customers:
            await assert_served(database, customer)
        await uploads.assert_none_twice(database)


@pytest.fixture
async def studio(start_studio: StartStudio, plugins: dict[str, Any]) -> Studio:
    plugins["providers"]["demo"]["seconds"] = 0.3
    # A press that waited for the bot's return is pressed again: the two act once, as they would for anybody.
    plugins["limits"] = {"updates": {"same_button_seconds": 2}}
    return await start_studio(running=False, settings={"WELCOME_BALANCE_RUB": "20000"})


async def test_killed_at_the_stages_of_a_generation(
    studio: Studio, nursery: Nursery, tmp_path: Path, plugins: dict[str, Any]
) -> None:
    await campaign(studio, nursery, tmp_path, plugins, seed=1, kills=len(ESSENTIAL))


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", _SEEDS)
async def test_killed_at_random_moments(
    studio: Studio, nursery: Nursery, tmp_path: Path, plugins: dict[str, Any], seed: int
) -> None:
    await campaign(studio, nursery, tmp_path, plugins, seed=seed, kills=_KILLS)
