"""Generations: one outcome whoever races, and no late write of a worker that was replaced."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from support.generation_world import Killer
from support.sample_jobs import ALICE, sample_job

from core.errors import DatabaseAway
from core.generation.job import ACTIVE_STATES, ENDED_BADLY, JobState
from core.storage.database import Database
from core.storage.generations import JobStore
from core.storage.leases import Leases
from sandbox.clock import ManualClock

JOB = sample_job(
    "job1",
    price=123,
    cost_usd=Decimal("0.0400"),
    options={"duration": 5, "sound": True, "style": "a.b"},
    inputs=({"file_id": "x", "size": 2**33},),
)


@pytest.fixture
def jobs(database: Database, clock: ManualClock) -> JobStore:
    return JobStore(database, clock)


@pytest.fixture
def leases(database: Database, clock: ManualClock) -> Leases:
    return Leases(database, clock)


async def working(leases: Leases, name: str) -> int:
    lease = await leases.acquire(f"worker:{name}", name, 60)
    assert lease is not None
    return lease.epoch


async def test_a_job_comes_back_as_it_was_kept(jobs: JobStore, clock: ManualClock) -> None:
    assert await jobs.insert(JOB)
    kept = replace(JOB, created_at=clock.now(), timings={"created": clock.now()})
    found = await jobs.get("job1")
    assert found == kept
    assert str(found.cost_usd) == "0.0400"
    assert await jobs.get("job2") is None


async def test_an_id_and_a_slot_are_taken_once(jobs: JobStore) -> None:
    one = replace(JOB, slot=f"{ALICE}:0")
    assert await jobs.insert(one)
    assert not await jobs.insert(one)
    assert not await jobs.insert(replace(one, id="job2"))
    assert await jobs.insert(replace(JOB, id="job3"))
    assert await jobs.insert(replace(JOB, id="job4"))
    assert (await jobs.get("job1")).slot == f"{ALICE}:0"


async def test_ten_taps_at_once_make_one_job(jobs: JobStore) -> None:
    made = await asyncio.gather(*(jobs.insert(replace(JOB, id=f"job{n}", slot="s")) for n in range(10)))
    assert sum(made) == 1


@pytest.mark.parametrize("end", [JobState.DELIVERED, *ENDED_BADLY])
async def test_a_job_that_ends_loses_its_prompt_and_frees_its_slot(jobs: JobStore, end: JobState) -> None:
    await jobs.insert(replace(JOB, slot="s"))
    ended = await jobs.advance("job1", expected=ACTIVE_STATES, to=end, changes={"slot": "", "detail": "why"})
    assert (ended.prompt, ended.inputs, ended.slot, ended.detail) == ("", (), "", "why")
    assert await jobs.active_of(ALICE) == []
    assert await jobs.insert(replace(JOB, id="job2", slot="s"))


async def test_each_state_is_entered_from_those_expected_and_noted_with_its_time(
    jobs: JobStore, clock: ManualClock
) -> None:
    await jobs.insert(JOB)
    await jobs.change("job1", expected={JobState.CREATED}, changes={"attempts": 3})
    await clock.advance(2)
    held = await jobs.advance("job1", expected=(JobState.CREATED,), to=JobState.HELD)
    assert held.state is JobState.HELD
    assert held.attempts == 0
    assert held.prompt == "кот"
    assert held.timings["held"] == clock.now()
    assert await jobs.advance("job1", expected=(JobState.CREATED,), to=JobState.HELD) is None
    assert await jobs.advance("nothing", expected=ACTIVE_STATES, to=JobState.HELD) is None


async def test_of_outcomes_that_race_one_wins(
    jobs: JobStore, other_database: Database, clock: ManualClock
) -> None:
    await jobs.insert(JOB)
    other = JobStore(other_database, clock)
    ends = [JobState.DELIVERED, *ENDED_BADLY] * 5
    got = await asyncio.gather(
        *((jobs, other)[n % 2].advance("job1", expected=ACTIVE_STATES, to=end) for n, end in enumerate(ends))
    )
    (winner,) = [job for job in got if job]
    assert (await jobs.get("job1")).state is winner.state


async def test_a_change_within_a_state_needs_the_state(jobs: JobStore) -> None:
    await jobs.insert(JOB)
    results = ({"url": "https://x/1", "size": 2**40},)
    assert await jobs.change("job1", expected={JobState.CREATED}, changes={"results": results, "percent": 5})
    assert (await jobs.get("job1")).results == results
    assert not await jobs.change("job1", expected={JobState.HELD}, changes={"percent": 6})
    assert await jobs.change("job1", expected={JobState.CREATED}, changes={"percent": 5})


@pytest.mark.parametrize("name", ["id", "state", "epoch", "worker", "user_id", "nonsense"])
async def test_what_is_not_a_callers_to_change_is_refused(jobs: JobStore, name: str) -> None:
    with pytest.raises(TypeError, match=name):
        await jobs.change("job1", expected={JobState.CREATED}, changes={name: 1})


async def test_active_jobs_come_oldest_first_for_their_person_only(
    jobs: JobStore, clock: ManualClock
) -> None:
    for name in ("b", "a"):
        await jobs.insert(replace(JOB, id=name))
        await clock.advance(1)
    await jobs.insert(replace(JOB, id="c", user_id=1))
    assert [job.id for job in await jobs.active_of(ALICE)] == ["b", "a"]


async def test_jobs_that_nobody_has_are_claimed_oldest_first_up_to_the_limit(
    jobs: JobStore, leases: Leases, clock: ManualClock
) -> None:
    for name in ("b", "a", "c"):
        await jobs.insert(replace(JOB, id=name))
        await clock.advance(1)
    epoch = await working(leases, "w")
    assert await jobs.claim("w", epoch, 0) == []
    claimed = await jobs.claim("w", epoch, 2)
    assert [(job.id, job.worker, job.epoch) for job in claimed] == [("b", "w", epoch), ("a", "w", epoch)]
    assert await jobs.owned("w", epoch) == claimed
    assert [job.id for job in await jobs.claim("w", epoch, 2)] == ["c"]


async def test_workers_that_claim_at_once_share_the_jobs_without_overlap(
    jobs: JobStore, other_database: Database, leases: Leases, clock: ManualClock
) -> None:
    for n in range(20):
        await jobs.insert(replace(JOB, id=f"job{n}"))
    both = [jobs, JobStore(other_database, clock)]
    epochs = [await working(leases, f"w{n}") for n in range(4)]
    claims = await asyncio.gather(*(both[n % 2].claim(f"w{n}", epochs[n], 20) for n in range(4)))
    claimed = [job.id for each in claims for job in each]
    assert sorted(claimed) == sorted(f"job{n}" for n in range(20))


async def test_a_worker_whose_lease_lives_keeps_its_jobs(
    jobs: JobStore, leases: Leases, clock: ManualClock
) -> None:
    await jobs.insert(JOB)
    first = await working(leases, "a")
    await jobs.claim("a", first, 1)
    await clock.advance(59)
    second = await working(leases, "b")
    assert await jobs.claim("b", second, 1) == []


async def test_the_jobs_of_a_worker_whose_lease_is_over_go_to_another_and_its_late_write_is_refused(
    jobs: JobStore, leases: Leases, clock: ManualClock
) -> None:
    await jobs.insert(JOB)
    first = await working(leases, "a")
    await jobs.claim("a", first, 1)
    await clock.advance(60)
    second = await working(leases, "b")
    (job,) = await jobs.claim("b", second, 1)
    assert (job.worker, job.epoch) == ("b", second)
    expected = {JobState.CREATED}
    assert await jobs.advance("job1", expected=expected, to=JobState.HELD, epoch=first) is None
    assert not await jobs.change("job1", expected=expected, epoch=first, changes={"percent": 1})
    assert await jobs.advance("job1", expected=expected, to=JobState.HELD, epoch=second) is not None
    assert await jobs.owned("a", first) == []


async def test_a_worker_that_restarts_under_its_name_takes_its_own_jobs_back_at_once(
    jobs: JobStore, leases: Leases
) -> None:
    await jobs.insert(JOB)
    await jobs.claim("a", await working(leases, "a"), 1)
    again = await working(leases, "a")
    assert [job.epoch for job in await jobs.claim("a", again, 1)] == [again]


async def test_a_job_that_ended_badly_stays_somebodys_until_it_is_released(
    jobs: JobStore, leases: Leases
) -> None:
    await jobs.insert(JOB)
    epoch = await working(leases, "a")
    await jobs.claim("a", epoch, 1)
    await jobs.advance("job1", expected=ACTIVE_STATES, to=JobState.FAILED, epoch=epoch)
    assert [job.id for job in await jobs.owned("a", epoch)] == ["job1"]
    await jobs.advance("job1", expected=ENDED_BADLY, to=JobState.RELEASED, epoch=epoch)
    assert await jobs.owned("a", epoch) == []


async def test_a_delivered_job_is_nobodys(jobs: JobStore, leases: Leases) -> None:
    await jobs.insert(JOB)
    epoch = await working(leases, "a")
    await jobs.claim("a", epoch, 1)
    await jobs.advance("job1", expected=ACTIVE_STATES, to=JobState.DELIVERED, epoch=epoch)
    assert await jobs.owned("a", epoch) == []
    assert await jobs.claim("b", await working(leases, "b"), 1) == []


async def test_an_idle_claim_costs_two_round_trips(
    jobs: JobStore, database: Database, leases: Leases
) -> None:
    epoch = await working(leases, "a")
    before = database.round_trips
    await jobs.claim("a", epoch, 10)
    assert database.round_trips == before + 2


async def test_an_idle_claim_beside_the_same_workers_reads_no_job_that_others_have(
    jobs: JobStore, other_database: Database, leases: Leases, clock: ManualClock
) -> None:
    """Jobs left behind are found by a change among the workers, not by reading all jobs every second."""
    other = JobStore(other_database, clock)
    held = [await leases.acquire(f"worker:{name}", name, 60) for name in ("a", "b")]
    first, second = (lease.epoch for lease in held if lease is not None)
    await jobs.insert(JOB)
    assert await other.claim("b", second, 5) != []
    assert await jobs.claim("a", first, 5) == []
    # A worker that lost its lease unseen and wrote late: found by the search that comes once a minute.
    await jobs._rows.update_one({"_id": "job1"}, {"$set": {"owner": "gone#1"}})
    assert await jobs.claim("a", first, 5) == []
    for _ in range(2):
        await clock.advance(30)
        held = [await leases.renew(lease) for lease in held if lease is not None]
    found = await jobs.claim("a", first, 5)
    assert [job.id for job in found] == ["job1"]


async def test_what_was_left_behind_is_searched_once_and_worked_off_behind_what_is_new_or_to_be_done(
    jobs: JobStore, database: Database, leases: Leases, clock: ManualClock
) -> None:
    """However many there are: a search reads them all, so it must not come before every few."""
    for n in range(9):
        await jobs.insert(replace(JOB, id=f"old{n}", state=JobState.RUNNING))
        await clock.advance(0.01)
    await jobs.insert(replace(JOB, id="made", state=JobState.READY))
    gone = await working(leases, "a")
    assert len(await jobs.claim("a", gone, 20)) == 10
    epoch = await working(leases, "a")
    await jobs.insert(replace(JOB, id="new1"))
    looks, trips = [], []
    for _ in range(6):
        before = database.round_trips
        looks.append([job.id for job in await jobs.claim("a", epoch, 3)])
        trips.append(database.round_trips - before)
        if len(looks) == 2:
            await jobs.insert(replace(JOB, id="new2"))
    assert sorted(looks[0]) == ["made", "new1", "old0"]
    assert looks[1:] == [
        ["old1", "old2", "old3"],
        ["old4", "old5", "new2"],
        ["old6", "old7", "old8"],
        [],
        [],
    ]
    assert trips == [4, 4, 4, 4, 2, 2]
    assert jobs.unclaimed == 0


async def test_two_workers_that_find_the_same_left_behind_share_it(
    jobs: JobStore, other_database: Database, leases: Leases, clock: ManualClock
) -> None:
    for n in range(30):
        await jobs.insert(replace(JOB, id=f"job{n}"))
    gone = await working(leases, "gone")
    assert len(await jobs.claim("gone", gone, 30)) == 30
    await clock.advance(61)
    stores = {"a": JobStore(database=other_database, clock=clock), "b": jobs}
    epochs = {name: await working(leases, name) for name in stores}
    claimed: list[str] = []
    for _ in range(5):
        for name, store in stores.items():
            claimed += [job.id for job in await store.claim(name, epochs[name], 3)]
    assert sorted(claimed) == sorted(f"job{n}" for n in range(30))


async def test_a_job_that_is_roused_is_told_to_its_worker_once(jobs: JobStore, leases: Leases) -> None:
    await jobs.insert(JOB)
    epoch = await working(leases, "a")
    await jobs.claim("a", epoch, 1)
    assert await jobs.roused("a", epoch) == []
    assert await jobs.rouse("job1")
    assert await jobs.roused("b", epoch) == []
    assert [job.id for job in await jobs.roused("a", epoch)] == ["job1"]
    assert await jobs.roused("a", epoch) == []


async def test_a_job_that_another_than_its_worker_ends_rouses_it_and_a_closed_one_nobody(
    jobs: JobStore, leases: Leases
) -> None:
    await jobs.insert(JOB)
    epoch = await working(leases, "a")
    await jobs.claim("a", epoch, 1)
    await jobs.advance("job1", expected=ACTIVE_STATES, to=JobState.CANCELLED)
    assert [job.state for job in await jobs.roused("a", epoch)] == [JobState.CANCELLED]
    await jobs.advance("job1", expected=ENDED_BADLY, to=JobState.RELEASED, epoch=epoch)
    assert not await jobs.rouse("job1")


@pytest.mark.parametrize(
    ("changes", "adopted"),
    [
        ({}, True),
        ({"task_id": "t0"}, False),
        ({"provider": "another"}, False),
        ({"state": JobState.HELD}, False),
        ({"state": JobState.RUNNING}, False),
    ],
)
async def test_only_a_job_that_waits_for_its_task_there_adopts_one(
    jobs: JobStore, changes: dict[str, Any], adopted: bool
) -> None:
    waiting = {"state": JobState.SUBMITTED, "provider": "kie", "task_id": ""}
    await jobs.insert(replace(JOB, **{**waiting, **changes}))
    assert await jobs.adopt("job1", "kie", "t1") is adopted
    job = await jobs.get("job1")
    assert job is not None
    assert (job.task_id == "t1") is adopted
    assert not await jobs.adopt("job1", "kie", "t2")


async def test_a_task_of_another_job_is_not_adopted(jobs: JobStore) -> None:
    waiting = replace(JOB, state=JobState.SUBMITTED, provider="kie")
    await jobs.insert(replace(waiting, id="a"))
    await jobs.insert(replace(waiting, id="b", state=JobState.DELIVERED, task_id="t1"))
    assert not await jobs.adopt("a", "kie", "t1")


@pytest.mark.parametrize("owner", ["nobody", "a worker that is gone"])
async def test_no_claimed_job_is_forgotten_whichever_answer_is_lost(
    database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, owner: str
) -> None:
    """Its worker lives on, so that no search finds what it has and does not know of."""
    leases, collection = Leases(database, clock), database.collection

    async def claimed_with(killer: Killer) -> list[str]:
        monkeypatch.setattr(database, "collection", collection)
        plain_store = JobStore(database, clock)
        prefix = f"{owner}-{killer.at}-"
        assert await plain_store.insert(replace(JOB, id=f"{prefix}1"))
        assert await plain_store.insert(replace(JOB, id=f"{prefix}2"))
        if owner != "nobody":
            gone = await leases.acquire("worker:gone", "gone", 60)
            assert len(await plain_store.claim("gone", gone.epoch, 2)) == 2
            await leases.release(gone)
        epoch = await working(leases, prefix)
        monkeypatch.setattr(database, "collection", lambda name: killer.around(name, collection(name)))
        store = JobStore(database, clock)
        got: list[str] = []
        for _ in range(4):
            with suppress(DatabaseAway):
                got += [job.id for job in await store.claim(prefix, epoch, 1)]
        assert set(got) == {f"{prefix}1", f"{prefix}2"}, killer.calls
        return killer.calls

    calls = await claimed_with(Killer())
    for at in range(1, len(calls) + 1):
        await claimed_with(Killer(at, error=lambda: DatabaseAway("lost")))


async def test_who_is_roused_is_told_of_though_the_answer_is_lost(
    database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, leases: Leases, jobs: JobStore
) -> None:
    epoch = await working(leases, "a")
    await jobs.insert(JOB)
    await jobs.claim("a", epoch, 1)
    await jobs.rouse("job1")
    collection = database.collection
    killer = Killer(2, error=lambda: DatabaseAway("lost"))
    monkeypatch.setattr(database, "collection", lambda name: killer.around(name, collection(name)))
    store = JobStore(database, clock)
    assert [job.id for job in await store.roused("a", epoch)] == ["job1"]
    assert killer.calls == ["generations.find", "generations.update_many"]
    assert await store.roused("a", epoch) == []
