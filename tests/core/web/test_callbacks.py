"""Callbacks: they make results come sooner and bring lost tasks back, and nothing else whoever sends them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs
from support.callback_house import PUBLIC, SECRET, CallbackHouse, callback_house
from support.generation_world import World

from core.generation.callback_addresses import CallbackAddresses, former_key
from core.generation.job import Job, JobState
from core.generation.provider import Running
from core.generation.settings import GenerationSettings, Patience
from core.storage.database import Database
from core.storage.leases import WORKER_LEASE
from core.storage.settings import SettingsStore
from core.web.callbacks import BURST, LONGEST_BODY
from sandbox.clock import ManualClock

PAID = 25


@pytest.fixture
async def house(database: Database, clock: ManualClock) -> AsyncIterator[CallbackHouse]:
    world = World(database, clock, GenerationSettings(patience=Patience(poll_first=600, poll_longest=600)))
    await world.pay(PAID)
    async with callback_house(world) as house:
        yield house


async def _running(house: CallbackHouse) -> Job:
    """A job whose task is being made, looked after by a worker that polls every ten minutes."""
    world = house.world
    done = house.provider.statuses[-1]
    house.provider.statuses = [Running(1)]
    studio = world.studio()
    studio.worker.start()
    # Its lease, its look for jobs and its sweeper rest: what wakes it then is the order alone.
    await world.clock.until_asleep(3)
    await world.create(studio)
    await world.until(lambda: _is(world, JobState.RUNNING), step=0)
    house.provider.statuses = [done]
    house.studio = studio
    return await world.job()


async def _is(world: World, state: JobState) -> bool:
    jobs = await world.all_jobs()
    return bool(jobs) and jobs[0].state is state


async def _lost(house: CallbackHouse) -> Job:
    """A job whose submission nobody saw the end of, looked after by a worker."""
    house.provider.lose_replies()
    house.studio = house.world.studio()
    house.studio.worker.start()
    await house.world.create(house.studio)
    await house.world.until(lambda: house.provider.submissions, step=0)
    await house.world.until(lambda: house.world.clock.monotonic() > 10)
    return await house.world.job()


async def test_a_callback_brings_the_result_without_any_wait(house: CallbackHouse) -> None:
    job = await _running(house)
    began = house.world.clock.monotonic()
    assert await house.call(job.id, job.task_id) == 200
    await house.world.until(lambda: _is(house.world, JobState.DELIVERED), step=0)
    assert house.world.clock.monotonic() == began
    await house.world.assert_sound(paid=PAID)


async def test_a_callback_to_another_instance_brings_it_at_the_next_look(house: CallbackHouse) -> None:
    job = await _running(house)
    elsewhere, house.studio = house.studio, None
    assert elsewhere is not None
    began = house.world.clock.monotonic()
    assert await house.call(job.id, job.task_id) == 200
    await house.world.until(lambda: _is(house.world, JobState.DELIVERED), step=0.5)
    assert house.world.clock.monotonic() - began <= 4
    await elsewhere.worker.stop()
    await house.world.assert_sound(paid=PAID)


@pytest.mark.parametrize("here", [True, False], ids=["same instance", "another instance"])
async def test_a_lost_submission_is_found_by_its_callback(house: CallbackHouse, here: bool) -> None:
    job = await _lost(house)
    assert (job.state, job.task_id) == (JobState.SUBMITTED, "")
    worker = house.studio
    if not here:
        house.studio = None
    assert await house.call(job.id, "task-1") == 200
    await house.world.until(lambda: _is(house.world, JobState.RUNNING), step=0.5, most=20)
    await house.world.until(lambda: _is(house.world, JobState.DELIVERED), step=60)
    house.studio = worker
    assert len(house.provider.submissions) == 1
    assert house.world.alerts.kinds == []
    await house.world.assert_sound(paid=PAID)


async def test_a_task_that_was_adopted_survives_the_death_of_every_worker(house: CallbackHouse) -> None:
    house.provider.lose_replies()
    studio = house.world.studio()
    await house.world.create(studio)
    await house.world.run(studio, seconds=5)
    job = await house.world.job()
    assert await house.call(job.id, "task-1") == 200
    await house.world.run(house.world.studio())
    assert len(house.provider.submissions) == 1
    assert len(house.world.telegram.media) == 1
    await house.world.assert_sound(paid=PAID)


async def test_a_callback_before_the_reply_of_the_submission_does_no_harm(house: CallbackHouse) -> None:
    async def call_first() -> None:
        (job,) = await house.world.all_jobs()
        assert await house.call(job.id, "task-1") == 200

    house.provider.during_submit = call_first
    studio = house.world.studio()
    await house.world.create(studio)
    await house.world.run(studio)
    assert len(house.provider.submissions) == 1
    assert len(house.world.telegram.media) == 1
    await house.world.assert_sound(paid=PAID)


async def test_a_submission_that_nobody_hears_of_is_refunded_in_bounded_time(house: CallbackHouse) -> None:
    job = await _lost(house)
    began = house.world.clock.monotonic()
    await house.world.until(lambda: _is(house.world, JobState.RELEASED), step=30)
    assert house.world.clock.monotonic() - began < Patience().lost_after + 120
    assert house.world.alerts.kinds == ["submission_lost"]
    (notice,) = house.world.telegram.notices
    assert "never heard whether it arrived" in notice.text
    assert "10 Stars are back" in notice.text
    # What comes too late changes nothing any more.
    assert await house.call(job.id, "task-1") == 200
    assert (await house.world.job()).task_id == ""
    assert len(house.provider.submissions) == 1
    await house.world.assert_sound(paid=PAID)


async def test_a_callback_at_the_last_moment_of_the_wait_wins(house: CallbackHouse) -> None:
    house.provider.lose_replies()
    studio = house.world.studio()
    await house.world.create(studio)
    await house.world.run(studio, seconds=5)
    lease = await house.world.leases.acquire(f"{WORKER_LEASE}a", "a", 10_000)
    assert lease is not None
    (claimed,) = await house.world.jobs.claim("a", lease.epoch, 1)
    await house.world.clock.advance(Patience().lost_after + 1)
    assert await house.call(claimed.id, "task-1") == 200
    # The worker read the job before the callback came, and gives it up now.
    step = await studio.pipeline.step(claimed)
    assert step.job is not None
    assert (step.job.state, step.job.task_id) == (JobState.SUBMITTED, "task-1")
    await house.world.leases.release(lease)
    await house.world.run(house.world.studio())
    assert house.world.alerts.kinds == []
    assert len(house.world.telegram.media) == 1
    await house.world.assert_sound(paid=PAID)


async def test_an_address_is_given_only_where_it_leads_somewhere(house: CallbackHouse) -> None:
    world = house.world
    studio = world.studio()
    job = await world.create(studio)
    await world.run(studio)
    assert house.provider.submissions[0].callback_url == world.addresses.address("scripted", job.id)
    assert house.provider.submissions[0].callback_url.startswith(f"{PUBLIC}/callbacks/scripted?job={job.id}&")
    assert job.id not in repr(house.provider.submissions[0].callback_url.partition("sig=")[2])
    world.addresses = CallbackAddresses(None, [SECRET])
    studio = world.studio()
    await world.create(studio, "r2")
    await world.run(studio)
    assert house.provider.submissions[1].callback_url == ""


def test_the_secret_before_is_still_accepted_and_others_are_not() -> None:
    before = CallbackAddresses(PUBLIC, [b"a" * 32])
    now = CallbackAddresses(PUBLIC, [b"b" * 32, b"a" * 32])
    signature = before.address("kie", "job1").partition("sig=")[2]
    assert now.is_genuine("kie", "job1", signature)
    assert now.is_genuine("kie", "job1", now.address("kie", "job1").partition("sig=")[2])
    assert not CallbackAddresses(PUBLIC, [b"c" * 32]).is_genuine("kie", "job1", signature)
    assert not now.is_genuine("kie", "job2", signature)
    assert not now.is_genuine("replicate", "job1", signature)
    assert not CallbackAddresses(PUBLIC, []).is_genuine("kie", "job1", "")


async def test_a_secret_can_be_exchanged_again_and_again(database: Database) -> None:
    """An instance that starts with a new secret still knows what was signed with the one before."""
    store = SettingsStore(database)
    secrets = [b"a" * 32, b"b" * 32, b"c" * 32]
    signed = [CallbackAddresses(PUBLIC, [secret]).address("kie", "job1") for secret in secrets]
    for number, secret in enumerate(secrets):
        for _ in range(2):
            known = CallbackAddresses(PUBLIC, [secret], former=await former_key(store, secret))
            accepted = [known.is_genuine("kie", "job1", url.partition("sig=")[2]) for url in signed]
            assert accepted == [each in (number, number - 1) for each in range(3)]
    kept = str(await store.all("callbacks:keys")).encode()
    assert not any(secret in kept for secret in secrets)


async def test_what_is_no_genuine_callback_is_refused_in_its_own_way(house: CallbackHouse) -> None:
    job = await _running(house)
    good = house.url(job.id)
    other = house.url(job.id, provider="other")
    assert await house.call(job.id, job.task_id, url=good.partition("?")[0]) == 403
    assert await house.call(job.id, job.task_id, url=good[:-1] + ("A" if good[-1] != "A" else "B")) == 403
    assert await house.call(job.id, job.task_id, url=good.replace(job.id, "another")) == 403
    assert await house.call(job.id, job.task_id, url=good.replace("/scripted?", "/other?")) == 403
    assert await house.call(job.id, job.task_id, url=good.replace("/scripted?", "/nobody?")) == 404
    assert await house.call(job.id, job.task_id, Content_Type="image/png") == 415
    assert await house.call(job.id, job.task_id, X_Token="forged") == 401
    assert await house.call(job.id, job.task_id, X_Stale="yes") == 401
    assert await house.call(job.id, job.task_id, body=b'{"task"') == 401
    assert await house.call(job.id, job.task_id, X_Crash="yes") == 503
    assert await house.call(job.id, "another-task") == 200
    assert await house.call(job.id, job.task_id, url=other) == 200
    assert await house.call("nobody", job.task_id) == 200
    async with house.client.get(good) as response:
        assert response.status == 405
    # All of them came within the burst, so that no time passed in which a worker polls of its own accord.
    assert house.provider.polls == 0
    assert (await house.world.job()).state is JobState.RUNNING


async def test_more_than_a_callback_may_be_long_is_not_read(house: CallbackHouse) -> None:
    job = await _running(house)
    assert await house.call(job.id, job.task_id, body=b"x" * (LONGEST_BODY + 1)) == 413

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b"x" * (LONGEST_BODY // 4 + 1)

    headers = {"Content-Type": "application/json"}
    async with house.client.post(house.url(job.id), data=endless(), headers=headers) as response:
        assert response.status == 413
    assert house.provider.checks == 0


async def test_without_the_signature_of_the_address_nothing_is_asked_of_anybody(
    house: CallbackHouse, database: Database
) -> None:
    job = await _running(house)
    assert house.studio is not None
    await house.studio.worker.stop()
    before = database.round_trips
    for number in range(50):
        assert await house.call(f"{job.id}{number}", job.task_id, url=f"{house.url(job.id)}x") == 403
    assert database.round_trips == before
    assert house.provider.checks == 0


async def test_repetitions_and_floods_cost_no_more_than_a_few_polls(
    house: CallbackHouse, database: Database
) -> None:
    """Also with a genuine address in foreign hands: each callback asks the provider, and not too often."""
    job = await _running(house)
    house.provider.statuses = [Running(1)]
    before = database.round_trips
    answers = [await house.call(job.id, job.task_id, delivery="same") for _ in range(BURST)]
    assert answers == [200] * BURST
    assert [await house.call(job.id, job.task_id, delivery=str(n)) for n in range(40)] == [429] * 40
    await house.world._quiet()
    assert house.provider.polls == 1
    # The job is read and written once, and how long its model usually takes is read once a minute.
    assert database.round_trips - before <= 3
    await house.world.clock.advance(25)
    assert [await house.call(job.id, job.task_id, delivery=f"b{n}") for n in range(4)] == [200, 200, 429, 429]


async def test_two_instances_that_hear_the_same_deliver_once(
    house: CallbackHouse, database: Database
) -> None:
    """Repetitions are not told apart over instances: they need not be."""
    job = await _running(house)
    async with callback_house(house.world) as second:
        second.provider, second.world.provider = house.provider, house.provider
        calls = [one.call(job.id, job.task_id, delivery="same") for one in (house, second) for _ in range(3)]
        assert await asyncio.gather(*calls) == [200] * 6
        await house.world.until(lambda: _is(house.world, JobState.DELIVERED), step=0.5)
        assert [await one.call(job.id, job.task_id, delivery="later") for one in (house, second)] == [
            200,
            200,
        ]
    assert len(house.provider.submissions) == 1
    assert house.provider.polls <= 4
    await house.world.assert_sound(paid=PAID)


async def test_no_log_line_shows_the_signature_of_an_address(house: CallbackHouse) -> None:
    job = await _running(house)
    signature = house.url(job.id).partition("sig=")[2]
    with capture_logs() as logs:
        await house.call(job.id, job.task_id)
        await house.call(job.id, job.task_id, url=f"{house.url(job.id)}x")
        await house.world.until(lambda: _is(house.world, JobState.DELIVERED), step=0.5)
    assert any(line["event"] == "callback" for line in logs)
    assert signature[:12] not in str(logs)


@pytest.fixture
async def crowded(house: CallbackHouse) -> tuple[CallbackHouse, dict[str, Job]]:
    """A house with jobs of several people in several states, which nobody looks after."""
    plain = Job(
        id="",
        user_id=house.world.person.id,
        chat_id=house.world.person.id,
        language="en",
        username=None,
        model_id="scripted-one",
        provider="scripted",
        price=10,
        cost_usd=Decimal("0.065"),
        prompt="a lighthouse",
        options={},
        category="video",
    )
    jobs = {
        "running": replace(plain, id="running", state=JobState.RUNNING, task_id="task-of-running"),
        "lost": replace(plain, id="lost", state=JobState.SUBMITTED),
        "done": replace(plain, id="done", state=JobState.DELIVERED, task_id="task-of-done"),
    }
    for job in jobs.values():
        assert await house.world.jobs.insert(job)
    return house, jobs


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
flaws = st.sampled_from(["signature", "foreign signature", "provider", "token", "stale", "task", "body"])


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    wanted=st.sampled_from(["running", "lost", "done"]),
    flaw=flaws,
    word=texts,
    raw=st.binary(max_size=60),
)
async def test_no_callback_with_any_flaw_changes_anything(
    crowded: tuple[CallbackHouse, dict[str, Job]], wanted: str, flaw: str, word: str, raw: bytes
) -> None:
    """Forged, stale, about another job's task or another provider's, or no callback at all."""
    house, jobs = crowded
    world = house.world
    job = jobs[wanted]
    before = [await world.jobs._rows.find_one({"_id": each.id}) for each in jobs.values()]
    balance = await world.ledger.balance(world.person.id)
    url, task, headers = house.url(job.id), job.task_id or "task-of-lost", dict[str, str]()
    body: bytes | None = None
    match flaw:
        case "signature":
            url = f"{url.partition('sig=')[0]}sig={word}"
        case "foreign signature":
            foreign = house.url(next(each.id for each in jobs.values() if each.id != job.id))
            url = f"{url.partition('sig=')[0]}sig={foreign.partition('sig=')[2]}"
        case "provider":
            url = house.url(job.id, provider="other")
        case "token":
            headers["X_Token"] = "".join(letter for letter in word if letter.isalnum() and letter.isascii())
        case "stale":
            headers["X_Stale"] = "yes"
        case "task":
            tasks = [each.task_id for each in jobs.values() if each.id != job.id and each.task_id]
            task = tasks[len(word) % len(tasks)]
        case "body":
            body = raw
    status = await house.call(job.id, task, url=url, body=body, delivery=word, **headers)
    assert status in (200, 401, 403, 429)
    await world.clock.advance(60)
    after = [await world.jobs._rows.find_one({"_id": each.id}) for each in jobs.values()]
    assert after == before
    assert await world.ledger.balance(world.person.id) == balance
    assert house.provider.polls == 0
