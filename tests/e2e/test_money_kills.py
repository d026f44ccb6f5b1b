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
from durability.purchases import (
    RICH,
    Buying,
    ChargingBack,
    Losing,
    PayingForOne,
    Refunding,
    RefundingInVain,
    RefundingSpent,
)
from durability.steps import Campaign, Flow, kinds

from core.generation.job import JobState
from core.storage.database import Database
from sandbox.people.views import MessageView
from sandbox.studio import Studio

Strike = Callable[..., Awaitable[Campaign]]
_NEVER = 3600
"""Seconds; longer than any test."""
_WHO_HEARS_OF_THE_STOP = frozenset({"generations.update_one(failed)", "generations.update_one(cancelled)"})
"""Whoever asks the provider first hears that it has stopped, or stops it."""

pytestmark = pytest.mark.timeout(600)


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
    """Whether nothing is under way, payments and refunds included."""
    payments = database.collection("payments")
    under_way = await payments.find({"unserved": True}) or await payments.find({"refunding": True})
    return not under_way and await nothing_runs(database) and await quiet(database)


@pytest.fixture
async def studio(start_studio: StartStudio) -> Studio:
    return await start_studio(running=False, admins=1, settings={"AMOUNT_OF_FREE_IMAGES": "0"})


@pytest.fixture
async def poor_studio(start_studio: StartStudio) -> Studio:
    """One in which nobody is given anything for nothing."""
    settings = {"AMOUNT_OF_FREE_IMAGES": "0", "WELCOME_BALANCE_RUB": "0"}
    return await start_studio(running=False, admins=1, settings=settings)


@pytest.fixture
def strike(nursery: Nursery, tmp_path: Path, plugins: dict[str, Any]) -> Strike:
    """Runs a campaign against a bot of its own."""

    async def run(studio: Studio, flow: Callable[[Customer], Flow], **options: Any) -> Campaign:
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

            def flow_of(number: int) -> Flow:
                person = studio.person(f"Customer {number}", stars=RICH)
                return flow(Customer(person, bot, database))

            await campaign.run(flow_of)
            assert await bot.stop() == 0
        return campaign

    return run


def refund_by(studio: Studio, flow: Callable[..., Flow]) -> Callable[[Customer], Flow]:
    """The flow with the studio's operator in it."""
    return lambda customer: flow(customer, admin=studio.sandbox.people[0])


@pytest.mark.soak
async def test_paying_for_one_generation(poor_studio: Studio, strike: Strike) -> None:
    """From the tap on "pay" to the last entry: purchase, hold, delivery and settlement."""
    campaign = await strike(poor_studio, PayingForOne)
    assert kinds(campaign.struck) >= {
        "messages.SetBotPrecheckoutResults",
        "inbox.insert_many",
        "accounts.insert_one",
        "payments.insert_one",
        "accounts.update_one(hold)",
        "messages.SendMedia",
        "accounts.update_one(settle)",
    }


async def test_a_purchase_of_stars(poor_studio: Studio, strike: Strike) -> None:
    """What is another than in paying for one generation: what follows from the credit."""
    # The entries are copied before the payment is written down, or after it.
    races = frozenset({"copier: entries.insert_many", "copier: accounts.update_each"})
    campaign = await strike(poor_studio, Buying, since="payments.insert_one", races=races)
    assert kinds(campaign.struck) >= {"messages.SendMessage", "payments.update_one"}


@pytest.mark.soak
async def test_a_refund_of_what_was_spent(poor_studio: Studio, strike: Strike) -> None:
    campaign = await strike(poor_studio, refund_by(poor_studio, RefundingSpent))
    assert kinds(campaign.struck) >= {"accounts.update_one(refund)", "payments.RefundStarsCharge"}


@pytest.mark.soak
async def test_a_refund_that_telegram_refuses(poor_studio: Studio, strike: Strike) -> None:
    campaign = await strike(
        poor_studio, refund_by(poor_studio, RefundingInVain), since="payments.RefundStarsCharge"
    )
    assert kinds(campaign.struck) >= {"accounts.update_one(refund)"}


@pytest.mark.soak
async def test_a_generation_that_fails(studio: Studio, strike: Strike) -> None:
    campaign = await strike(
        studio, lambda customer: Generating(customer, Wish.FAILURE), since="generations.update_one(running)"
    )
    assert kinds(campaign.struck) >= {"accounts.update_one(release)", "messages.SendMessage"}


@pytest.mark.soak
async def test_a_generation_that_is_stopped(studio: Studio, strike: Strike, plugins: dict[str, Any]) -> None:
    plugins["providers"]["demo"]["seconds"] = _NEVER
    campaign = await strike(
        studio, lambda customer: Stopping(customer, Wish.STOPPED), races=_WHO_HEARS_OF_THE_STOP
    )
    assert kinds(campaign.struck) >= {"accounts.update_one(release)", "messages.SendMessage"}


_BOTH = pytest.mark.parametrize("before", [False, True], ids=["after", "before"])


@pytest.mark.soak
@_BOTH
@pytest.mark.parametrize("flow", [Buying, PayingForOne])
async def test_whole_purchases(
    poor_studio: Studio, strike: Strike, flow: Callable[[Customer], Flow], before: bool
) -> None:
    await strike(poor_studio, flow, before=before)


@pytest.mark.soak
@_BOTH
@pytest.mark.parametrize("flow", [Refunding, RefundingSpent, RefundingInVain, ChargingBack, Losing])
async def test_whole_refunds(
    poor_studio: Studio, strike: Strike, flow: Callable[..., Flow], before: bool
) -> None:
    await strike(poor_studio, refund_by(poor_studio, flow), before=before)


@pytest.mark.soak
@_BOTH
@pytest.mark.parametrize("wish", [Wish.RESULT, Wish.FAILURE, Wish.REFUSAL])
async def test_whole_generations(studio: Studio, strike: Strike, wish: Wish, before: bool) -> None:
    await strike(studio, lambda customer: Generating(customer, wish), before=before)


@pytest.mark.soak
async def test_whole_stops(studio: Studio, strike: Strike, plugins: dict[str, Any]) -> None:
    plugins["providers"]["demo"]["seconds"] = _NEVER
    await strike(
        studio,
        lambda customer: Stopping(customer, Wish.STOPPED),
        before=True,
        races=_WHO_HEARS_OF_THE_STOP,
    )
