"""What plugins can ask for: jobs made once, within a person's limit, and every check before any money."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import NoReturn

import pytest
from support.generation_world import PRICE, Killed, Killer, ScriptedProvider, World, model

from core.errors import InsufficientStars, ProviderError, UserFacingError
from core.generation.job import Job, JobState
from core.generation.model import Category, ModelList
from core.generation.provider import Running
from core.generation.refused import DryRun, PriceChanged, TooManyActive
from core.generation.registry import EVERY_PROVIDER
from core.generation.settings import GenerationSettings
from core.hooks import Refusal
from core.storage.database import Database
from sandbox.clock import ManualClock

PAID = 100


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    world = World(database, clock)
    await world.pay(PAID)
    return world


async def _assert_nothing_happened(world: World) -> None:
    assert await world.all_jobs() == []
    assert await world.ledger.all_holds() == []
    assert world.provider.submissions == []


async def test_ten_taps_make_one_job(world: World) -> None:
    studio = world.studio()
    jobs = await asyncio.gather(*(world.create(studio) for _ in range(10)))
    assert len({job.id for job in jobs}) == 1
    assert (await world.ledger.balance(world.person.id)).held == PRICE
    await world.run(studio)
    await world.assert_sound(paid=PAID)


@pytest.mark.parametrize("limit", [1, 3])
async def test_ten_requests_at_once_make_as_many_jobs_as_a_person_may_have(world: World, limit: int) -> None:
    world.settings = GenerationSettings(max_active=limit, max_queued=0)
    studio = world.studio()
    outcomes = await asyncio.gather(
        *(world.create(world.studio(), f"r{number}") for number in range(10)), return_exceptions=True
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, TooManyActive)]
    assert len(refused) == 10 - limit
    assert len(await world.all_jobs()) == limit
    assert (await world.ledger.balance(world.person.id)).held == PRICE * limit
    world.provider.statuses = world.provider.statuses[-1:]
    await world.run(studio)
    await world.assert_sound(paid=PAID)


async def test_the_next_generation_may_begin_when_the_last_has_ended(world: World) -> None:
    world.settings = GenerationSettings(max_queued=0)
    studio = world.studio()
    first = await world.create(studio)
    with pytest.raises(TooManyActive):
        await world.create(studio, "r2")
    await studio.generations.cancel(world.person.id, first.id)
    assert (await world.create(studio, "r2")).state is JobState.HELD


async def test_the_next_generation_may_begin_as_soon_as_the_result_is_in_the_chat(
    world: World, database: Database
) -> None:
    killer = Killer()
    studio = world.studio(killer)
    await world.create(studio)
    await world.run(studio)
    sent = killer.calls.index("telegram.send_media") + 2
    again = World(database, world.clock, number=2)
    await again.pay(PAID)
    dying = again.studio(Killer(sent))
    await again.create(dying)
    with pytest.raises(Killed):
        await again.run(dying)
    assert await again.studio().generations.active(again.person.id) == []
    assert (await again.create(again.studio(), "r2")).state is JobState.HELD
    await again.clock.advance(61)
    await again.run(again.studio())
    assert len(again.telegram.media) == 2
    await again.assert_sound(paid=PAID)


async def test_a_repeated_request_answers_with_its_job_whatever_became_of_it(world: World) -> None:
    studio = world.studio()
    job = await world.create(studio)
    await world.run(studio)
    again = await world.create(studio)
    assert (again.id, again.state) == (job.id, JobState.DELIVERED)
    assert (await studio.generations.made_for(world.person.id, "r1")) == again
    assert await studio.generations.made_for(world.person.id, "r2") is None
    await world.assert_sound(paid=PAID)


async def test_one_request_id_of_two_people_is_two_requests(world: World) -> None:
    studio = world.studio()
    other = replace(world.person, id=world.person.id + 1)
    await world.ledger.credit(
        other.id, 10, source="manual", key="other", reference="", actor="test", reason="test"
    )
    first = await world.create(studio)
    second = await world.create(studio, user=other, chat_id=other.id)
    assert first.id != second.id


async def test_a_short_balance_is_told_with_numbers_and_leaves_no_job(
    database: Database, clock: ManualClock
) -> None:
    world = World(database, clock, number=9)
    await world.pay(4)
    with pytest.raises(InsufficientStars) as caught:
        await world.create(world.studio())
    assert caught.value.variables == {"needed": 10, "available": 4, "missing": 6}
    await _assert_nothing_happened(world)


async def test_stars_spent_between_check_and_hold_end_the_job_without_a_hold(world: World) -> None:
    studio = world.studio()

    async def spend() -> None:
        await world.ledger.debit(
            world.person.id, PAID, target="refund", key="spent", reference="", actor="test", reason="test"
        )

    world.jobs.before_insert = spend
    with pytest.raises(InsufficientStars):
        await world.create(world.studio())
    await world.run(studio)
    job = await world.job()
    assert (job.state, job.failure) == (JobState.RELEASED, "balance_short")
    # The caller tells the person; a second word from the pipeline would be one too many.
    assert world.telegram.notices == []
    assert world.provider.submissions == []


async def test_a_worker_that_finds_the_balance_short_tells_the_person(world: World) -> None:
    """The bot that made the job is gone before it held the price; the Stars are gone as well."""
    studio = world.studio()
    quote = studio.generations.quote("scripted-one")
    job = Job(
        id="orphan",
        user_id=world.person.id,
        chat_id=world.person.id,
        language="en",
        username=None,
        model_id=quote.model_id,
        provider="scripted",
        price=quote.stars,
        cost_usd=quote.usd,
        prompt="words",
        options={},
        notice_random_id=1,
    )
    assert await world.jobs.insert(job)
    await world.ledger.debit(
        world.person.id, PAID, target="refund", key="spent", reference="", actor="test", reason="test"
    )
    await world.run(studio)
    (notice,) = world.telegram.notices
    assert "not enough Stars" in notice.text
    assert "Nothing was charged" in notice.text


async def test_a_changed_price_is_not_charged(world: World) -> None:
    studio = world.studio()
    old = studio.generations.quote("scripted-one")
    world.provider.offered = ModelList((model(usd="0.13"),))
    with pytest.raises(PriceChanged) as caught:
        await world.create(world.studio(), quote=old)
    assert (caught.value.variables, caught.value.quote.stars) == ({"was": 10, "now": 20}, 20)
    await _assert_nothing_happened(world)


async def test_a_model_that_is_gone_is_refused(world: World) -> None:
    studio = world.studio()
    old = studio.generations.quote("scripted-one")
    world.provider.offered = ModelList(())
    with pytest.raises(UserFacingError, match="model-gone"):
        await world.create(world.studio(), quote=old)
    await _assert_nothing_happened(world)


async def test_a_plugin_may_refuse_before_any_money(world: World) -> None:
    world.plugins.refusal = Refusal("not-today", {"day": "Monday"})
    with pytest.raises(UserFacingError) as caught:
        await world.create(world.studio())
    assert (caught.value.key, caught.value.variables) == ("not-today", {"day": "Monday"})
    await _assert_nothing_happened(world)


@pytest.mark.parametrize("prompt", ["", "   \n", "x" * 2001])
async def test_a_bad_prompt_is_refused_before_any_money(world: World, prompt: str) -> None:
    with pytest.raises(UserFacingError, match="prompt-"):
        await world.create(world.studio(), prompt=prompt)
    await _assert_nothing_happened(world)


async def test_a_dry_run_says_what_would_be_sent_and_charged_and_does_nothing(world: World) -> None:
    world.settings = GenerationSettings(dry_run=True)
    with pytest.raises(DryRun) as caught:
        await world.create(world.studio())
    text = world.i18n.translator("en")(caught.value.key, **caught.value.variables)
    assert "nothing was charged" in text
    assert "10 ⭐" in text
    assert "scripted" in text
    assert "21 characters" in text
    assert "file" not in text
    assert "$0.065" in text
    await _assert_nothing_happened(world)


@pytest.mark.parametrize("stand_ins", [{"costly": "scripted"}, {EVERY_PROVIDER: "scripted"}])
async def test_a_stand_in_takes_the_jobs_of_another_provider(world: World, stand_ins: dict[str, str]) -> None:
    costly = ScriptedProvider("costly")
    costly.offered = ModelList((model("costly-one", provider="costly"),))
    registry = world.registry(stand_ins=stand_ins)
    registry.add(costly)
    world.own_registry = registry
    studio = world.studio()
    await world.create(studio, quote=studio.generations.quote("costly-one"))
    await world.run(studio)
    assert costly.submissions == []
    (task,) = world.provider.submissions
    assert (task.model_id, task.category) == ("costly-one", Category.VIDEO)
    await world.assert_sound(paid=PAID)


async def test_a_job_of_a_provider_that_is_not_loaded_any_more_is_refunded(world: World) -> None:
    studio = world.studio()
    world.provider.statuses = [Running(1)]
    await world.create(studio)
    await world.run(studio, seconds=0.5)

    other = ScriptedProvider("other")
    other.offered = ModelList((model("other-one", provider="other"),))
    registry = world.registry(other)
    with pytest.raises(ProviderError):
        registry.provider("scripted")
    world.own_registry = registry
    await world.run(world.studio())
    assert "10 Stars are back" in world.telegram.notices[0].text
    await world.assert_sound(paid=PAID)


async def test_the_record_of_a_generation_is_complete(world: World) -> None:
    studio = world.studio()
    await world.create(studio)
    await world.run(studio)
    job = await world.job()
    assert (job.username, job.model_id, job.provider, job.category) == (
        "alice",
        "scripted-one",
        "scripted",
        "video",
    )
    assert (job.price, job.cost_usd) == (10, Decimal("0.065"))
    assert {"created", "held", "submitted", "running", "ready", "delivering", "delivered"} <= set(job.timings)


async def test_what_runs_is_finished_when_the_budget_is_used_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    class UsedUp:
        def room(self, provider: str, cost_usd: Decimal) -> NoReturn:
            raise UserFacingError("budget-reached-day")

    studio = world.studio()
    job = await world.create(studio)
    monkeypatch.setattr(studio.generations._creation, "_spending", UsedUp())
    with pytest.raises(UserFacingError, match="budget-reached-day"):
        await world.create(studio, "r2")
    assert (await world.ledger.balance(world.person.id)).held == job.price, "of the first alone"
    await world.run(studio)
    assert len(world.telegram.media) == 1
    assert (await world.jobs.get(job.id) or job).state is JobState.DELIVERED
    await world.assert_sound(paid=PAID)
