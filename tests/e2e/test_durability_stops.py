"""Stops that are asked for, a database that dies, and one that is not heard, in the middle of generations."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from durability.books import assert_served, assert_sound, nothing_runs
from durability.customers import Customer, Wish, live_through
from durability.lost_answers import LosesAnswers
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
_PEOPLE = 3
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
