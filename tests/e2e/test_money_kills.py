"""The bot is killed after every single step that money takes: people are served or refunded, once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from durability.books import assert_served, assert_sound, jobs_of, nothing_runs
from durability.customers import Customer, Wish
from durability.processes import BotHand, Nursery, StartStudio
from durability.steps import Campaign, Flow, kinds

from core.generation.job import JobState
from core.storage.database import Database
from sandbox.people.views import MessageView
from sandbox.studio import Studio

Strike = Callable[..., Awaitable[Campaign]]
_NEVER = 3600
"""Seconds; longer than any test."""


@dataclass(slots=True)
class Generating:
    """Somebody who can pay for it has something made, and it comes to what they wish."""

    customer: Customer
    wish: Wish
    offer: list[MessageView] = field(default_factory=list)

    async def prepare(self) -> None:
        await self.customer.arrive()
        self.offer.append(await self.customer.propose(self.wish))

    async def act(self) -> None:
        await self.customer.confirm(self.offer[0])

    async def check(self) -> None:
        await assert_sound(self.customer.database)
        await assert_served(self.customer.database, self.customer)


@dataclass(slots=True)
class Stopping(Generating):
    """Somebody stops what is being made; steps count from there."""

    async def prepare(self) -> None:
        await Generating.prepare(self)
        await self.customer.begin(self.offer[0])
        await self.customer.bot.studio.until(self._runs)

    async def act(self) -> None:
        await self.customer.stop(self.offer[0])

    async def _runs(self) -> bool:
        jobs = await jobs_of(self.customer.database, self.customer.person)
        return [job.state for job in jobs] == [JobState.RUNNING]


async def quiet(database: Database) -> bool:
    """Whether all that was said is answered, and the ledger's last entry is copied."""
    dirty = await database.collection("accounts").find({"dirty": True}, fields=["_id"])
    return not dirty and not await database.collection("inbox").find({"pending": True}, fields=["_id"])


async def at_rest(database: Database) -> bool:
    """Whether nothing is under way."""
    return await nothing_runs(database) and await quiet(database)


@pytest.fixture
async def studio(start_studio: StartStudio) -> Studio:
    return await start_studio(running=False, settings={"AMOUNT_OF_FREE_IMAGES": "0"})


@pytest.fixture
def strike(studio: Studio, nursery: Nursery, tmp_path: Path, plugins: dict[str, Any]) -> Strike:
    """Runs a campaign against a bot of its own."""

    async def run(flow: Callable[[Customer], Flow], **options: Any) -> Campaign:
        bot = BotHand(studio, nursery, tmp_path, plugins)
        async with studio.database() as database:
            campaign = Campaign.prepare(
                bot,
                tmp_path,
                quiet=lambda: quiet(database),
                at_rest=lambda: at_rest(database),
                **options,
            )
            await bot.start()
            await bot.on_duty()
            await campaign.run(
                lambda number: flow(Customer(studio.person(f"Customer {number}"), bot, database))
            )
            assert await bot.stop() == 0
        return campaign

    return run


async def test_a_generation_that_comes_to_a_result(strike: Strike) -> None:
    campaign = await strike(lambda customer: Generating(customer, Wish.RESULT))
    assert kinds(campaign.struck) >= {
        "accounts.update_one(hold)",
        "messages.SendMedia",
        "accounts.update_one(settle)",
    }


async def test_a_generation_that_fails(strike: Strike) -> None:
    campaign = await strike(
        lambda customer: Generating(customer, Wish.FAILURE), since="generations.update_one(running)"
    )
    assert kinds(campaign.struck) >= {"accounts.update_one(release)", "messages.SendMessage"}


async def test_a_generation_that_is_stopped(strike: Strike, plugins: dict[str, Any]) -> None:
    plugins["providers"]["demo"]["seconds"] = _NEVER
    # Whoever asks the provider first hears that it has stopped, or stops it.
    races = frozenset({"generations.update_one(failed)", "generations.update_one(cancelled)"})
    campaign = await strike(lambda customer: Stopping(customer, Wish.STOPPED), races=races)
    assert kinds(campaign.struck) >= {"accounts.update_one(release)", "messages.SendMessage"}
