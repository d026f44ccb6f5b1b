"""Stops that are asked for, and a database that dies, in the middle of generations."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from durability.books import assert_served, assert_sound, nothing_runs
from durability.customers import Customer, Wish, live_through
from durability.moments import Moment, at, stop_at
from durability.processes import BotHand, Nursery, StartStudio

from sandbox.studio import Studio

STOPS = (
    "state held",
    "state running",
    "request upload.SaveFilePart",
    "request messages.SendMedia",
    "answer messages.SendMedia",
    "update",
)
DEATHS = ("state held", "state running", "request messages.UploadMedia", "answer messages.SendMedia")


@pytest.fixture
def plugins(plugins: dict[str, Any]) -> dict[str, Any]:
    plugins["providers"]["demo"]["seconds"] = 0.3
    plugins["limits"] = {"updates": {"same_button_seconds": 2}}
    return plugins


@pytest.fixture
async def studio(start_studio: StartStudio) -> Studio:
    return await start_studio(running=False, settings={"WELCOME_BALANCE_RUB": "20000"})


@pytest.mark.soak
async def test_stopped_in_the_middle_of_generations(
    studio: Studio, nursery: Nursery, tmp_path: Path, plugins: dict[str, Any]
) -> None:
    bot = BotHand(studio, nursery, tmp_path, plugins)
    chance = random.Random(3)

    async def stop_again_and_again() -> None:
        for stage in STOPS:
            assert await stop_at(bot, Moment(stage, chance.randrange(2))) == 0
            await bot.start()

    await bot.start()
    await bot.on_duty()
    async with studio.database() as database:
        customers = [
            Customer(studio.person(f"Customer {number}"), bot, database, random.Random(number))
            for number in range(3)
        ]
        await live_through(customers, stop_again_and_again())
        await studio.until(lambda: nothing_runs(database))
        assert await bot.stop() == 0
        await assert_sound(database)
        for customer in customers:
            await assert_served(database, customer)


async def test_the_command_stopped_in_the_middle_of_a_generation(
    studio: Studio, nursery: Nursery, tmp_path: Path, plugins: dict[str, Any]
) -> None:
    """The same with the command line itself, from the interpreter's start on."""
    bot = BotHand(studio, nursery, tmp_path, plugins)
    async with studio.database() as database:
        customer = Customer(studio.person("Alex"), bot, database)
        await bot.start_command()
        await bot.on_duty()
        await customer.arrive()
        making = asyncio.create_task(customer.generate(Wish.RESULT))
        assert await stop_at(bot, Moment("state running")) == 0
        await bot.start()
        await making
        await studio.until(lambda: nothing_runs(database))
        assert await bot.stop() == 0
        await assert_sound(database)
        await assert_served(database, customer)


async def test_the_embedded_database_killed_in_the_middle_of_generations(
    studio: Studio, nursery: Nursery, tmp_path: Path, plugins: dict[str, Any]
) -> None:
    bot = BotHand(studio, nursery, tmp_path, plugins, own_database=True)
    await bot.start()
    await bot.on_duty()
    try:
        async with bot.database() as database:
            customers = [Customer(studio.person(name), bot, database) for name in ("Alex", "Bo")]
            await live_through(customers, kill_database_again_and_again(bot))
            await studio.until(lambda: nothing_runs(database))
            await assert_sound(database)
            for customer in customers:
                await assert_served(database, customer)
        server, _ = bot.server()
        assert await bot.stop() == 0
        assert not server.alive()
    finally:
        with suppress(FileNotFoundError):
            bot.server()[0].kill()


async def kill_database_again_and_again(bot: BotHand) -> None:
    for stage in DEATHS:
        server, _ = bot.server()
        await at(bot, Moment(stage), server.kill)

        async def revived(pid: int = server.pid) -> bool:
            now, port = bot.server()
            return now.pid != pid and port != 0

        await bot.studio.until(revived)
