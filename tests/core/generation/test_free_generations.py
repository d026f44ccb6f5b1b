"""Free generations: exact under any number of taps, held and settled from the promo account, told truly."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from support.generation_world import PRICE, Killed, Killer, World, model

from core.billing.free import FreeTier
from core.errors import InsufficientStars
from core.generation.job import JobState
from core.generation.model import Category, ModelList
from core.generation.options import Option
from core.generation.prices import ByOptionPrice
from core.generation.provider import Failed, FailureReason, Running, Succeeded
from core.generation.refused import FreeNow, NotFreeAnyMore, PriceChanged
from core.generation.settings import GenerationSettings
from core.storage.database import Database
from sandbox.clock import ManualClock

MODEL = "scripted-one"
DAY = 24 * 3600
FAILED = Failed(FailureReason.PROVIDER_FAULT)
CHOSEN = Option(field="size", type="string", choices=("small", "same", "large"), default="small")


def _world(database: Database, clock: ManualClock, *, number: int = 1, **tier: int) -> World:
    world = World(database, clock, number=number)
    world.free = FreeTier((MODEL,), **tier)
    return world


@pytest.fixture
def world(database: Database, clock: ManualClock) -> World:
    """A person without a single Star, who has two a day."""
    return _world(database, clock, per_day=2)


async def _free(world: World, request: str = "r1", **changes: Any) -> Any:
    studio = world.studio()
    quote = await studio.generations.quote_for(world.person, MODEL)
    return await world.create(studio, request, quote=quote, **changes)


async def _left(world: World) -> int:
    return (await world.studio().generations.quote_for(world.person, MODEL)).free_left


async def _sums(world: World) -> dict[str, int]:
    """What the accounts outside the person's have given and got."""
    await world.ledger.copy()
    sums: dict[str, int] = {}
    for entry in await world.ledger.statement(world.person.id, 100):
        sums[entry.debit] = sums.get(entry.debit, 0) - entry.amount
        sums[entry.credit] = sums.get(entry.credit, 0) + entry.amount
    return {name: amount for name, amount in sums.items() if amount}


async def test_a_free_generation_costs_nothing_and_is_settled_like_any_other(world: World) -> None:
    quote = await world.studio().generations.quote_for(world.person, MODEL)
    assert (quote.free, quote.free_left, quote.stars, quote.to_pay) == ("daily", 2, PRICE, 0)
    job = await _free(world)
    assert (job.free, job.price) == ("daily", PRICE)
    balance = await world.ledger.balance(world.person.id)
    assert (balance.available, balance.held) == (0, PRICE)
    await world.run(world.studio())
    (delivered,) = world.telegram.media
    assert "Free today" in delivered.text
    assert "10" not in delivered.text
    assert await _sums(world) == {"promo": -PRICE, "revenue": PRICE}
    assert await _left(world) == 1
    await world.assert_sound(paid=0)


@pytest.mark.parametrize("end", ["failed", "cancelled", "expired"])
@pytest.mark.parametrize("language", ["en", "ru"])
async def test_one_that_fails_is_not_used_up_and_the_notice_says_so(
    database: Database, clock: ManualClock, end: str, language: str
) -> None:
    world = _world(database, clock, per_day=1)
    world.provider.statuses = [FAILED if end == "failed" else Running(1)]
    job = await _free(world, user=type(world.person)(id=world.person.id, language=language))
    if end == "cancelled":
        assert await world.studio().generations.cancel(world.person.id, job.id)
    await world.run(world.studio())
    (notice,) = world.telegram.notices
    assert ("nothing was charged" if language == "en" else "ничего не списано") in notice.text
    assert "10" not in notice.text.replace(job.id, "")
    assert await _sums(world) == {}
    assert await _left(world) == 1
    await world.assert_sound(paid=0)


async def test_the_allowance_is_exact_and_comes_back_with_the_utc_day(
    world: World, clock: ManualClock
) -> None:
    for request in ("r1", "r2"):
        await _free(world, request)
        await world.run(world.studio())
    quote = await world.studio().generations.quote_for(world.person, MODEL)
    assert (quote.free, quote.to_pay) == ("", PRICE)
    with pytest.raises(InsufficientStars):
        await _free(world, "r3")
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    await clock.advance(DAY - (clock.now() - midnight).total_seconds() - 1)
    assert await _left(world) == 0
    await clock.advance(1)
    assert await _left(world) == 2


async def test_ten_at_once_get_exactly_as_many_as_there_are(database: Database, clock: ManualClock) -> None:
    world = _world(database, clock, per_day=3)
    world.settings = GenerationSettings(max_active=10)
    quote = await world.studio().generations.quote_for(world.person, MODEL)
    outcomes = await asyncio.gather(
        *(world.create(world.studio(), f"r{number}", quote=quote) for number in range(10)),
        return_exceptions=True,
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, NotFreeAnyMore)]
    assert len(refused) == 7, outcomes
    assert len(await world.all_jobs()) == 3
    assert len({job.free_slot for job in await world.all_jobs()}) == 3
    world.provider.statuses = world.provider.statuses[-1:]
    await world.run(world.studio())
    assert await _sums(world) == {"promo": -3 * PRICE, "revenue": 3 * PRICE}
    await world.assert_sound(paid=0)


async def test_ten_taps_on_the_last_free_one_make_one_job(database: Database, clock: ManualClock) -> None:
    world = _world(database, clock, per_day=1)
    quote = await world.studio().generations.quote_for(world.person, MODEL)
    jobs = await asyncio.gather(*(world.create(world.studio(), quote=quote) for _ in range(10)))
    assert len({job.id for job in jobs}) == 1
    await world.run(world.studio())
    await world.assert_sound(paid=0)


async def test_used_up_between_showing_and_pressing_is_told_and_nothing_is_charged(
    database: Database, clock: ManualClock
) -> None:
    world = _world(database, clock, per_day=1)
    await world.pay(100)
    shown = await world.studio().generations.quote_for(world.person, MODEL)
    await _free(world)
    await world.run(world.studio())
    with pytest.raises(NotFreeAnyMore) as caught:
        await world.create(world.studio(), "r2", quote=shown)
    assert isinstance(caught.value, PriceChanged)
    assert (caught.value.quote.free, caught.value.quote.to_pay) == ("", PRICE)
    text = world.i18n.translator("en")(caught.value.key, **caught.value.variables)
    assert "10 ⭐" in text
    assert (await world.ledger.balance(world.person.id)).available == 100
    assert len(await world.all_jobs()) == 1


async def test_free_since_it_was_shown_is_told_as_well(database: Database, clock: ManualClock) -> None:
    world = _world(database, clock, per_day=1)
    await world.pay(100)
    world.provider.statuses = [FAILED]
    await _free(world)
    shown = await world.studio().generations.quote_for(world.person, MODEL)
    assert shown.to_pay == PRICE
    await world.run(world.studio())
    with pytest.raises(FreeNow) as caught:
        await world.create(world.studio(), "r2", quote=shown)
    assert (caught.value.quote.free, caught.value.quote.to_pay) == ("daily", 0)
    assert "10 ⭐" in world.i18n.translator("en")(caught.value.key, **caught.value.variables)
    assert (await world.ledger.balance(world.person.id)).available == 100


async def test_a_newcomers_images_are_counted_by_delivery(database: Database, clock: ManualClock) -> None:
    world = _world(database, clock, newcomer=2)
    image = model().model_copy(update={"category": Category.IMAGE})
    world.provider.offered = ModelList((image, model("film")))
    generations = world.studio().generations
    assert (await generations.quote_for(world.person, "film")).free == ""
    assert (await generations.quote_for(world.person, MODEL)).free == "newcomer"
    world.provider.statuses = [FAILED]
    await _free(world, "r1")
    await world.run(world.studio())
    assert "gift is still yours" in world.telegram.notices[0].text
    assert await _left(world) == 2
    for request in ("r2", "r3"):
        world.provider.statuses = [Succeeded((world.provider.result(),))]
        await _free(world, request)
        await world.run(world.studio())
    assert all("gift" in message.text for message in world.telegram.media)
    await clock.advance(40 * DAY)
    assert await _left(world) == 0
    await world.assert_sound(paid=0)


async def test_one_free_one_of_another_kind_steps_in(database: Database, clock: ManualClock) -> None:
    """Shown as today's, pressed when today's are used up, but the newcomer's are not: still free."""
    world = _world(database, clock, per_day=1, newcomer=1)
    world.provider.offered = ModelList((model().model_copy(update={"category": Category.IMAGE}),))
    world.settings = GenerationSettings(max_active=3)
    shown = await world.studio().generations.quote_for(world.person, MODEL)
    outcomes = await asyncio.gather(
        *(world.create(world.studio(), f"r{number}", quote=shown) for number in range(3)),
        return_exceptions=True,
    )
    assert sorted(job.free for job in await world.all_jobs()) == ["daily", "newcomer"]
    assert [type(outcome) for outcome in outcomes].count(NotFreeAnyMore) == 1


async def test_only_what_costs_no_more_than_the_default_is_free(world: World) -> None:
    price = ByOptionPrice(
        rule="by_option", field="size", usd={"small": "0.065", "same": "0.060", "large": "0.13"}
    )
    world.provider.offered = ModelList((model().model_copy(update={"price": price, "options": (CHOSEN,)}),))
    generations = world.studio().generations
    free = {
        size: (await generations.quote_for(world.person, MODEL, {"size": size})).free
        for size in ("small", "same", "large")
    }
    assert free == {"small": "daily", "same": "daily", "large": ""}


async def test_lists_of_prices_are_those_of_the_person(world: World) -> None:
    world.provider.offered = ModelList((model(), model("dear")))
    await _free(world)
    quotes = await world.studio().generations.quotes_for(world.person, [MODEL, "dear"])
    assert [(quote.model_id, quote.free, quote.free_left) for quote in quotes] == [
        (MODEL, "daily", 1),
        ("dear", "", 0),
    ]
    other = type(world.person)(id=world.person.id + 1)
    (quote, _) = await world.studio().generations.quotes_for(other, [MODEL, "dear"])
    assert quote.free_left == 2


@pytest.mark.soak
async def test_any_kill_of_a_free_generation_ends_as_if_there_had_been_none(
    database: Database, clock: ManualClock
) -> None:
    async def live(number: int, at: int, *, fails: bool) -> tuple[World, list[str]]:
        world = _world(database, clock, number=number, per_day=1)
        if fails:
            world.provider.statuses = [FAILED]
        killer = Killer(at)
        studio = world.studio(killer)
        try:
            await world.create(studio, quote=await studio.generations.quote_for(world.person, MODEL))
            await world.run(studio)
        except Killed:
            await clock.advance(61)
            await world.run(world.studio())
        return world, killer.calls

    for base, fails in ((0, False), (1000, True)):
        _, calls = await live(base, 0, fails=fails)
        for at in range(1, len(calls) + 1):
            world, _ = await live(base + at, at, fails=fails)
            jobs = await world.all_jobs()
            delivered = sum(job.state is JobState.DELIVERED for job in jobs)
            expected = {"promo": -PRICE, "revenue": PRICE} if delivered else {}
            assert await _sums(world) == expected, calls[at - 1]
            kept = [job.free_slot for job in jobs if job.free_slot]
            assert len(kept) == delivered, calls[at - 1]
            await world.assert_sound(paid=0)
