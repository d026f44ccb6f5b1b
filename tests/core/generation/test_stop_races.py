"""A person's stop against everything else that can end a job: one outcome, and the message agrees with it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from support.generation_world import Killer, ScriptedProvider, World

from core.generation.job import Job, JobState
from core.generation.provider import Failed, FailureReason, Running, Status, Succeeded
from core.generation.settings import GenerationSettings, Patience
from core.storage.database import Database
from core.storage.leases import WORKER_LEASE
from sandbox.clock import ManualClock

PAID = 25
FAILED = Failed(FailureReason.PROVIDER_FAULT, "it was told to stop")
DONE = Succeeded((ScriptedProvider.result(),))


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    world = World(database, clock)
    await world.pay(PAID)
    return world


async def _running(world: World) -> Job:
    """A job that its provider is working on, and that no worker is looking at just now."""
    world.provider.statuses = [Running(50)]
    job = await world.create(world.studio())
    await world.run(world.studio(), seconds=0.5)
    job = await world.job()
    assert job.state is JobState.RUNNING
    return job


def _meanwhile(world: World, status: Status) -> Callable[[], Awaitable[None]]:
    """While the provider is being asked to stop, a worker sees the task so and carries the job to its end."""

    async def work() -> None:
        world.provider.during_cancel = None
        world.provider.statuses = [status]
        await world.run(world.studio())

    return work


async def _stop(world: World, job: Job) -> bool:
    return await world.studio().generations.cancel(world.person.id, job.id)


async def test_a_stopped_task_that_a_worker_sees_as_failed_was_stopped(world: World) -> None:
    job = await _running(world)
    world.provider.during_cancel = _meanwhile(world, FAILED)
    assert await _stop(world, job)
    (notice,) = world.telegram.notices
    assert "Stopped" in notice.text
    assert "10 Stars are back" in notice.text
    assert (await world.job()).since(JobState.FAILED) is None
    await world.assert_sound(paid=PAID)


async def test_a_worker_that_read_the_job_before_the_wish_ends_it_as_stopped(world: World) -> None:
    job = await _running(world)
    lease = await world.leases.acquire(f"{WORKER_LEASE}a", "a", 600)
    assert lease is not None
    (claimed,) = await world.jobs.claim("a", lease.epoch, 1)

    async def poll_with_what_it_knows() -> None:
        assert not claimed.stop_wanted
        world.provider.statuses = [FAILED]
        step = await world.studio().pipeline.step(claimed)
        assert step.job is not None
        assert step.job.state is JobState.CANCELLED

    world.provider.during_cancel = poll_with_what_it_knows
    assert await _stop(world, job)
    await world.leases.release(lease)
    world.provider.during_cancel = None
    await world.run(world.studio())
    assert "Stopped" in world.telegram.notices[0].text
    await world.assert_sound(paid=PAID)


async def test_a_task_that_fails_by_itself_while_the_provider_refuses_to_stop_it_counts_as_stopped(
    world: World,
) -> None:
    job = await _running(world)
    world.provider.cancels = False
    world.provider.during_cancel = _meanwhile(world, FAILED)
    assert await _stop(world, job)
    assert "Stopped" in world.telegram.notices[0].text
    await world.assert_sound(paid=PAID)


async def test_a_stop_in_the_moment_of_handing_over_leaves_nothing_to_hand_over(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker has written that it submits, and is told of the job as it was stopped since."""
    read = world.jobs.get
    stopped: list[bool] = []

    async def stopped_before_it_is_read(job_id: str) -> Job | None:
        job = await read(job_id)
        if job is None or job.state is not JobState.SUBMITTED or stopped:
            return job
        stopped.append(True)
        assert await _stop(world, job)
        return await read(job_id)

    monkeypatch.setattr(world.jobs, "get", stopped_before_it_is_read)
    await world.create(world.studio())
    await world.run(world.studio())
    assert stopped
    assert world.provider.submissions == []
    (notice,) = world.telegram.notices
    assert "Stopped" in notice.text
    assert "10 Stars are back" in notice.text
    await world.assert_sound(paid=PAID)


async def test_a_success_that_came_first_is_delivered_and_paid(world: World) -> None:
    job = await _running(world)
    world.provider.during_cancel = _meanwhile(world, DONE)
    assert not await _stop(world, job)
    assert len(world.telegram.media) == 1
    assert world.telegram.notices == []
    await world.assert_sound(paid=PAID)


async def test_a_wish_that_came_to_nothing_is_taken_back(world: World) -> None:
    job = await _running(world)
    world.provider.cancels = False
    assert not await _stop(world, job)
    assert not (await world.job()).stop_wanted
    world.provider.statuses = [FAILED]
    await world.run(world.studio())
    assert "failed to make it" in world.telegram.notices[0].text
    await world.assert_sound(paid=PAID)


async def test_a_wish_taken_back_while_a_worker_fails_the_job_leaves_the_true_reason(world: World) -> None:
    await _running(world)
    lease = await world.leases.acquire(f"{WORKER_LEASE}a", "a", 600)
    assert lease is not None
    (claimed,) = await world.jobs.claim("a", lease.epoch, 1)
    world.provider.statuses = [FAILED]
    # The worker read the job while the wish was noted; by now it is taken back.
    step = await world.studio().pipeline.step(replace(claimed, stop_wanted=True))
    assert step.job is not None
    assert step.job.state is JobState.FAILED


async def test_a_deadline_that_passes_while_the_provider_is_asked_ends_as_stopped(
    database: Database, clock: ManualClock
) -> None:
    world = World(database, clock, GenerationSettings(patience=Patience(deadline=60)))
    await world.pay(PAID)
    job = await _running(world)

    async def pass_the_deadline() -> None:
        world.provider.during_cancel = None
        await clock.advance(61)
        await world.run(world.studio())

    world.provider.during_cancel = pass_the_deadline
    assert await _stop(world, job)
    (notice,) = world.telegram.notices
    assert "Stopped" in notice.text
    await world.assert_sound(paid=PAID)


async def test_two_taps_one_of_which_is_refused_still_end_as_stopped(world: World) -> None:
    """The second tap finds the task stopped already; what it hears must not undo the first one's wish."""
    job = await _running(world)
    outcomes: list[bool] = []

    async def tap_again() -> None:
        world.provider.during_cancel = None
        world.provider.cancels = False
        outcomes.append(await _stop(world, job))
        world.provider.cancels = True
        await _meanwhile(world, FAILED)()

    world.provider.during_cancel = tap_again
    outcomes.append(await _stop(world, job))
    assert outcomes == [False, True]
    assert "Stopped" in world.telegram.notices[0].text
    await world.assert_sound(paid=PAID)


async def test_stopping_what_is_being_stopped_says_so_again(world: World) -> None:
    job = await _running(world)
    assert await _stop(world, job)
    assert await _stop(world, job)
    await world.run(world.studio())
    assert not await _stop(world, job)
    assert len(world.telegram.notices) == 1


async def test_a_job_that_begins_to_run_while_it_is_being_stopped_is_stopped_at_the_provider_first(
    world: World,
) -> None:
    """The state that the stop was decided on is gone by the time of the write."""
    world.provider.statuses = [Running(50)]
    studio = world.studio()
    job = await world.create(studio)
    assert job.state is JobState.HELD

    async def begin_to_run() -> None:
        await world.run(world.studio(), seconds=0.5)

    world.jobs.after_get = begin_to_run
    world.provider.cancels = False
    assert not await studio.generations.cancel(world.person.id, job.id)
    world.provider.statuses = [DONE]
    await world.run(world.studio())
    assert len(world.telegram.media) == 1
    await world.assert_sound(paid=PAID)


@pytest.mark.soak
@pytest.mark.parametrize(
    ("natural", "stops"), [(DONE, True), (FAILED, True), (FAILED, False), (Running(50), True)]
)
async def test_a_stop_at_any_moment_agrees_with_notice_and_ledger(
    database: Database, clock: ManualClock, natural: Status, stops: bool
) -> None:
    """Whatever the task would have come to by itself; a stopped one is seen as failed from then on."""
    patience = Patience(deadline=70.0, poll_first=4.0)

    async def live(number: int, at: int) -> tuple[World, list[bool], list[str]]:
        world = World(database, clock, GenerationSettings(patience=patience), number=number)
        await world.pay(PAID)
        world.provider.statuses = [Running(50), natural]
        world.provider.cancels = stops
        stopped: list[bool] = []

        async def at_the_provider() -> None:
            if stops:
                world.provider.statuses = [FAILED]

        async def stop() -> None:
            world.provider.during_cancel = at_the_provider
            for job in await world.all_jobs():
                stopped.append(await world.studio().generations.cancel(world.person.id, job.id))

        killer = Killer(at, action=stop)
        studio = world.studio(killer)
        await world.create(studio)
        await world.run(studio)
        return world, stopped, killer.calls

    _, _, calls = await live(0, 0)
    for at in range(2, len(calls) + 1):
        world, stopped, _ = await live(at, at)
        texts = [notice.text for notice in world.telegram.notices]
        if any(stopped):
            assert ["Stopped" in text for text in texts] == [True], calls[at - 1]
        else:
            assert not any("Stopped" in text for text in texts), calls[at - 1]
            assert len(world.telegram.media) == (1 if natural is DONE else 0), calls[at - 1]
        await world.assert_sound(paid=PAID)


@pytest.mark.parametrize(
    ("early", "late", "outcome"),
    [
        (FAILED, DONE, "delivered"),
        (DONE, FAILED, "failed"),
        (DONE, DONE, "delivered"),
        (Running(50), DONE, "delivered"),
        (DONE, Running(50), "expired"),
    ],
)
async def test_two_workers_see_two_things_and_only_the_one_that_has_the_job_counts(
    database: Database, clock: ManualClock, early: Status, late: Status, outcome: str
) -> None:
    """`early` is what the worker saw that was replaced meanwhile, `late` what the other one sees."""
    world = World(database, clock, GenerationSettings(patience=Patience(deadline=60)))
    await world.pay(PAID)
    await _running(world)
    first = await world.leases.acquire(f"{WORKER_LEASE}a", "a", 61)
    assert first is not None
    (stale,) = await world.jobs.claim("a", first.epoch, 1)
    studio = world.studio()
    answered, going_on = asyncio.Event(), asyncio.Event()

    async def take_long() -> None:
        answered.set()
        await going_on.wait()

    world.provider.statuses, world.provider.during_poll = [early], take_long
    polling = asyncio.create_task(studio.pipeline.step(stale))
    await answered.wait()
    world.provider.during_poll = None
    await clock.advance(62)
    world.provider.statuses = [late]
    await world.run(world.studio())
    going_on.set()
    assert (await polling).job is None
    job = await world.job()
    assert job.since(JobState(outcome)) is not None
    assert len(world.telegram.media) + len(world.telegram.notices) == 1
    await world.assert_sound(paid=PAID)


async def _waiting_to_be_sent(world: World) -> Job:
    """A job whose result is there, and whose person cannot be reached."""
    world.provider.statuses = [DONE]
    world.telegram.blocked = True
    await world.create(world.studio())
    await world.run(world.studio(), seconds=10)
    job = await world.job()
    assert job.state is JobState.READY
    world.telegram.blocked = False
    return job


async def test_what_is_made_can_be_stopped_until_it_is_sent(world: World) -> None:
    job = await _waiting_to_be_sent(world)
    assert job.stoppable
    assert await _stop(world, job)
    await world.run(world.studio())
    assert world.telegram.media == []
    assert "10 Stars are back" in world.telegram.notices[0].text
    assert world.provider.cancelled == [], "there is nothing to stop at the provider"
    await world.assert_sound(paid=PAID)


async def test_what_may_have_been_sent_once_can_not_be_stopped_any_more(world: World) -> None:
    """The files of a message that may be in the chat are brought again: stopping it would be a present."""
    job = await _waiting_to_be_sent(world)
    stop = world.studio().generations.cancel

    async def be_sent() -> None:
        for state, to in ((JobState.READY, JobState.DELIVERING), (JobState.DELIVERING, JobState.READY)):
            assert await world.jobs.advance(job.id, expected=(state,), to=to)

    world.jobs.after_get = be_sent
    assert not await stop(world.person.id, job.id)
    job = await world.job()
    assert (job.state, job.stoppable) == (JobState.READY, False)
    await world.run(world.studio())
    assert len(world.telegram.media) == 1
    await world.assert_sound(paid=PAID)


async def test_a_stop_before_the_submission_asks_nobody(world: World) -> None:
    job = await world.create(world.studio())
    assert await _stop(world, job)
    await world.run(world.studio())
    assert world.provider.submissions == []
    assert world.provider.cancelled == []
    await world.assert_sound(paid=PAID)
