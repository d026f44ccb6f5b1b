"""Thousands of jobs that wait in one process: few tasks, little memory, and each provider's limits kept."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import tracemalloc
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DatabaseAway
from core.generation.job import Job, JobState
from core.generation.lanes import Lane, Pace
from core.generation.rota import Rota
from core.generation.schedule import Schedule
from core.generation.settings import Patience, WorkerSettings
from core.generation.transitions import Step
from sandbox.clock import ManualClock

JOB = Job(
    id="",
    user_id=1,
    chat_id=1,
    language="en",
    username=None,
    model_id="m",
    provider="p",
    price=1,
    cost_usd=Decimal("0.01"),
    prompt="words",
    options={},
    state=JobState.RUNNING,
    worker="w",
    epoch=1,
)
WAIT = 20.0


class Steps:
    """What steps there were; each polls again in 20 s unless a test says otherwise."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.taken: list[tuple[float, str]] = []
        self.running: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.inside: Callable[[Job], Awaitable[Step | None]] | None = None
        self.stored: dict[str, Job] = {}
        self.reads: list[list[str]] = []
        self.room = 0

    async def step(self, job: Job) -> Step:
        kind = f"{job.provider} {job.state.value}"
        self.taken.append((self.clock.monotonic(), job.id))
        self.running[kind] += 1
        self.most[kind] = max(self.most[kind], self.running[kind])
        try:
            await asyncio.sleep(0)
            step = await self.inside(job) if self.inside else None
            return step or Step(job, WAIT)
        finally:
            self.running[kind] -= 1

    async def read(self, job_ids: Iterable[str]) -> list[Job]:
        self.reads.append(list(job_ids))
        await asyncio.sleep(0)
        return [self.stored[job_id] for job_id in self.reads[-1] if job_id in self.stored]

    def free(self) -> None:
        self.room += 1


@asynccontextmanager
async def running(
    steps: Steps, *, polls: float = 1e9, settings: WorkerSettings | None = None
) -> AsyncIterator[Rota]:
    rota = Rota(
        step=steps.step,
        read=steps.read,
        polls_of=lambda _name: polls,
        clock=steps.clock,
        settings=settings or WorkerSettings(),
        patience=Patience(),
        on_room=steps.free,
    )
    task = asyncio.create_task(rota.run())
    try:
        yield rota
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await rota.drop()


@pytest.fixture
def steps(clock: ManualClock) -> Steps:
    return Steps(clock)


async def quiet() -> None:
    for _ in range(40):
        await asyncio.sleep(0)


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(100_000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came to hold")


async def test_five_thousand_waiting_jobs_cost_no_task_each(steps: Steps) -> None:
    async with running(steps) as rota:
        before = len(asyncio.all_tasks())
        for number in range(5000):
            rota.take(replace(JOB, id=f"j{number}"))
        await until(lambda: len(steps.taken) == 5000 and not sum(steps.running.values()))
        await quiet()
        assert len(rota) == 5000
        assert len(asyncio.all_tasks()) - before <= 3
        await steps.clock.advance(WAIT - 1)
        assert len(steps.taken) == 5000
        await steps.clock.advance(2)
        await until(lambda: len(steps.taken) == 10_000)
        assert set(Counter(job_id for _, job_id in steps.taken).values()) == {2}
        assert steps.most["p running"] <= WorkerSettings().steps


async def test_a_waiting_job_takes_little_memory_however_many_there_are(steps: Steps) -> None:
    jobs = [replace(JOB, id=f"j{number}") for number in range(5000)]
    async with running(steps) as rota:

        async def bytes_each(upto: int) -> float:
            for job in jobs[len(rota) : upto]:
                rota.take(job)
            await until(lambda: len(steps.taken) == upto)
            await quiet()
            steps.taken = steps.taken[:]
            gc.collect()
            return tracemalloc.get_traced_memory()[0] / upto

        tracemalloc.start()
        try:
            sizes = [await bytes_each(1000), await bytes_each(5000)]
        finally:
            tracemalloc.stop()
    # Bytes beside the job itself; tables grow in leaps, so not all sizes are equal.
    assert max(sizes) < 600, sizes


@pytest.mark.parametrize("workers", [1, 4])
async def test_polls_keep_within_the_limit_of_the_provider(steps: Steps, workers: int) -> None:
    """However many are due; several workers share it."""
    async with running(steps, polls=40) as rota:
        rota.share(workers)
        for number in range(2000):
            rota.take(replace(JOB, id=f"j{number}"))
        for _ in range(100):
            await steps.clock.advance(1)
            await quiet()
    rate = 40 / workers
    times = [at for at, _ in steps.taken]
    assert 0.9 * 100 * rate <= len(times) <= 101 * rate
    for begin in range(0, 100, 10):
        assert sum(begin <= at < begin + 10 for at in times) <= 10 * rate + max(1, rate / 4) + 1
    # Nobody is asked a second time before everybody was asked once.
    assert max(Counter(job_id for _, job_id in steps.taken).values()) - (len(times) // 2000) <= 1


async def test_a_step_that_misses_being_cancelled_does_not_hold_up_those_that_are_let_go(
    steps: Steps,
) -> None:
    """As one does whose end comes at that very moment: what it waits for next would never come."""

    async def deaf(_job: Job) -> Step | None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()
        return None

    steps.inside = deaf
    async with running(steps) as rota:
        rota.take(replace(JOB, id="j1"))
        await quiet()
        async with asyncio.timeout(30):
            await rota.drop()
        assert not steps.running.total()
        assert len(rota) == 0


async def test_a_job_that_is_told_of_goes_before_thousands_that_wait(steps: Steps) -> None:
    async with running(steps, polls=4) as rota:
        for number in range(3000):
            job = replace(JOB, id=f"j{number}")
            steps.stored[job.id] = job
            rota.take(job)
        await quiet()
        assert rota.wake("j2999")
        await steps.clock.advance(0.5)
        assert "j2999" in [job_id for _, job_id in steps.taken]
        assert len(steps.taken) <= 5
        assert not rota.wake("somebody else's")


async def test_a_provider_that_hangs_holds_nobody_else_up(steps: Steps) -> None:
    async def hang(job: Job) -> Step | None:
        if job.provider == "slow":
            await asyncio.Event().wait()
        return None

    steps.inside = hang
    async with running(steps) as rota:
        for number in range(200):
            rota.take(replace(JOB, id=f"s{number}", provider="slow"))
        rota.take(replace(JOB, id="quick"))
        rota.take(replace(JOB, id="new", provider="slow", state=JobState.HELD))
        await quiet()
        taken = [job_id for _, job_id in steps.taken]
        assert {"quick", "new"} <= set(taken)
        assert steps.most["slow running"] == WorkerSettings().steps


async def test_deliveries_have_places_of_their_own(steps: Steps) -> None:
    gate = asyncio.Event()

    async def deliver(job: Job) -> Step | None:
        if job.state is JobState.READY:
            await gate.wait()
            return Step(None)
        return None

    steps.inside = deliver
    async with running(steps, settings=WorkerSettings(deliveries=3)) as rota:
        for number in range(50):
            rota.take(replace(JOB, id=f"d{number}", state=JobState.READY))
        for number in range(50):
            rota.take(replace(JOB, id=f"p{number}"))
        await until(lambda: sum(job_id.startswith("p") for _, job_id in steps.taken) == 50)
        assert steps.most["p ready"] == 3
        gate.set()
        await until(lambda: len(rota) == 50)
        assert steps.most["p ready"] == 3
        assert steps.room == 50


async def test_what_is_told_during_a_step_is_looked_at_right_after_it_and_once(steps: Steps) -> None:
    gate = asyncio.Event()

    async def slow(_job: Job) -> Step | None:
        await gate.wait()
        return None

    steps.inside = slow
    async with running(steps) as rota:
        rota.take(replace(JOB, id="j"))
        await quiet()
        newer = replace(JOB, id="j", percent=50)
        steps.stored["j"] = newer
        assert rota.wake("j")
        assert rota.wake("j")
        gate.set()
        await quiet()
        assert [job_id for _, job_id in steps.taken] == ["j", "j"]
        assert rota.knows("j") == newer


async def test_jobs_that_are_told_of_together_are_read_together(steps: Steps) -> None:
    async with running(steps) as rota:
        for number in range(20):
            job = replace(JOB, id=f"j{number}")
            steps.stored[job.id] = job
            rota.take(job)
        await quiet()
        rota.wake_person(JOB.user_id)
        await quiet()
        assert len(steps.taken) == 40
        assert len(steps.reads) <= 2


async def test_a_job_that_is_anothers_by_now_is_let_go(steps: Steps) -> None:
    async with running(steps) as rota:
        for name, stored in (("gone", None), ("taken", replace(JOB, id="taken", epoch=2))):
            rota.take(replace(JOB, id=name))
            await quiet()
            if stored is not None:
                steps.stored[name] = stored
            assert rota.wake(name)
        await quiet()
        assert len(rota) == 0
        assert len(steps.taken) == 2


async def test_a_step_that_fails_is_taken_again_later_with_the_job_as_it_is(steps: Steps) -> None:
    failures = iter([DatabaseAway("away"), ZeroDivisionError()])

    async def fail(_job: Job) -> Step | None:
        if (failure := next(failures, None)) is not None:
            raise failure
        return None

    steps.inside = fail
    steps.stored["j"] = replace(JOB, id="j", percent=7)
    async with running(steps) as rota:
        rota.take(replace(JOB, id="j"))
        for _ in range(10):
            await quiet()
            await steps.clock.advance(1)
        assert [round(at) for at, _ in steps.taken] == [0, 1, 3]
        assert rota.knows("j") == steps.stored["j"]


async def test_closing_lets_steps_end_and_begins_none(steps: Steps) -> None:
    gate = asyncio.Event()

    async def slow(_job: Job) -> Step | None:
        await gate.wait()
        return Step(None)

    steps.inside = slow
    async with running(steps, settings=WorkerSettings(steps=1)) as rota:
        rota.take(replace(JOB, id="a"))
        rota.take(replace(JOB, id="b"))
        await quiet()
        closing = asyncio.create_task(rota.close(60))
        await quiet()
        gate.set()
        await closing
        rota.take(replace(JOB, id="c"))
        await quiet()
        assert [job_id for _, job_id in steps.taken] == ["a"]


moves = st.lists(
    st.tuples(st.sampled_from(["put", "discard", "due"]), st.sampled_from("abcdef"), st.integers(0, 50)),
    max_size=80,
)


@given(moves)
def test_the_schedule_is_a_table_of_moments(moves: list[tuple[str, str, int]]) -> None:
    schedule, table = Schedule(), dict[str, int]()
    for move, key, moment in moves:
        if move == "put":
            schedule.put(key, moment)
            table[key] = moment
        elif move == "discard":
            schedule.discard(key)
            table.pop(key, None)
        else:
            due = schedule.take_due(moment)
            assert sorted(due) == sorted(key for key, at in table.items() if at <= moment)
            assert [table[key] for key in due] == sorted(table[key] for key in due)
            table = {key: at for key, at in table.items() if key not in due}
        assert schedule.next() == min(table.values(), default=None)
        assert len(schedule) == len(table)
        assert len(schedule._heap) <= 2 * len(table) + 66


@given(st.floats(0.05, 200), st.lists(st.floats(0, 3), min_size=1, max_size=100))
def test_a_pace_is_kept_in_any_rhythm(rate: float, pauses: list[float]) -> None:
    pace, now, taken = Pace(rate), 0.0, list[float]()
    for pause in pauses:
        now += pause
        if pace.take(now) == 0:
            taken.append(now)
    for first, begin in enumerate(taken):
        for last in range(first, len(taken)):
            allowed = rate * (taken[last] - begin) + max(1.0, rate / 4) + 1e-6
            assert last - first + 1 <= allowed


@given(st.floats(0.05, 200), st.integers(1, 50))
def test_what_a_pace_says_to_wait_for_is_enough(rate: float, times: int) -> None:
    pace, now = Pace(rate), 0.0
    for _ in range(times):
        if (wait := pace.take(now)) > 0:
            now += wait
            assert pace.take(now) == 0


def test_a_lane_without_room_begins_nobody() -> None:
    lane = Lane(1)
    for key in "abc":
        lane.add(key)
    lane.promote("c")
    assert lane.begin(0) == "c"
    assert lane.begin(0) is None
    lane.running -= 1
    assert lane.begin(0) == "a"
    assert (lane.waiting, lane.next_moment()) == (1, None)
