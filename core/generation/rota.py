"""Who is looked after when: any number of jobs that wait, of which only those in a step cost a task."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

import structlog

from core.background import end_all
from core.clock import Clock
from core.errors import DatabaseAway
from core.generation.job import Job, JobState
from core.generation.lanes import Lane, Pace
from core.generation.schedule import Schedule
from core.generation.settings import Patience, WorkerSettings
from core.generation.transitions import Step
from core.waiting import happens

_log = structlog.stdlib.get_logger(__name__)

_TICK = 0.05
"""Seconds in which what becomes due by time alone is gathered and begun together."""
_DELIVERED = (JobState.READY, JobState.DELIVERING)

Read = Callable[[Iterable[str]], Awaitable[list[Job]]]
"""Reads jobs by their ids; those that are gone are left out."""


@dataclass(slots=True, eq=False)
class _Care:
    """One job that is looked after. `stale`: it may have changed, and is read anew before its next step."""

    job: Job
    stale: bool = False
    failures: int = 0
    lane: Lane | None = None
    """Where it waits for its step, or is in it; None while it waits for its time."""
    task: asyncio.Task[None] | None = None


class Rota:
    """Takes each of its jobs step by step until it is done, or another's.

    A job waits for its time in a schedule, then in a lane for a free place: one lane for each kind of step at
    each provider, so that neither a provider that hangs nor slow deliveries hold anything else up. Polls keep
    to `polls_of(provider)` a second, of which this worker has its share. `on_room` is called whenever a job
    is done.
    """

    def __init__(
        self,
        *,
        step: Callable[[Job], Awaitable[Step]],
        read: Read,
        polls_of: Callable[[str], float],
        clock: Clock,
        settings: WorkerSettings,
        patience: Patience,
        on_room: Callable[[], None],
    ) -> None:
        self._step = step
        self._reads = _GatheredReads(read)
        self._polls_of = polls_of
        self._clock = clock
        self._settings = settings
        self._patience = patience
        self._on_room = on_room
        self._cares: dict[str, _Care] = {}
        self._schedule = Schedule()
        self._lanes: dict[tuple[str, str], Lane] = {}
        self._sharers = 1
        self._sooner = asyncio.Event()
        self._awaited: float | None = None
        self._closed = False

    def __len__(self) -> int:
        """How many jobs it looks after."""
        return len(self._cares)

    def open(self) -> None:
        """Take jobs from now on."""
        self._closed = False

    def take(self, job: Job) -> None:
        """Look after a job, from its next step on; one that is looked after already stays as it is."""
        if self._closed or job.id in self._cares:
            return
        care = _Care(job)
        self._cares[job.id] = care
        self._queue(care)

    def wake(self, job_id: str) -> bool:
        """Look at a job at once, or once more where it is in a step; False where it is not ours."""
        care = self._cares.get(job_id)
        if care is None:
            return False
        care.stale = True
        if care.lane is None:
            self._schedule.discard(job_id)
            self._queue(care, first=True)
        elif care.task is None:
            care.lane.promote(job_id)
        return True

    def wake_person(self, user_id: int) -> None:
        """Look at once at everything that is made for this person."""
        for care in list(self._cares.values()):
            if care.job.user_id == user_id:
                self.wake(care.job.id)

    def knows(self, job_id: str) -> Job | None:
        """The job as it was after its last step, if it is looked after here."""
        care = self._cares.get(job_id)
        return care.job if care else None

    def share(self, workers: int) -> None:
        """Keep to an equal share of each provider's limits among so many workers."""
        if workers == self._sharers:
            return
        self._sharers = max(1, workers)
        for (kind, provider), lane in self._lanes.items():
            if lane.pace is not None and kind == "poll":
                lane.pace.set_rate(self._polls_of(provider) / self._sharers)

    async def run(self) -> None:
        """Begin what becomes due by time, until cancelled."""
        while True:
            self._sooner.clear()
            now = self._clock.monotonic()
            for job_id in self._schedule.take_due(now):
                self._queue(self._cares[job_id])
            for lane in self._lanes.values():
                self._begin_steps(lane)
            self._awaited = self._next_moment()
            if self._awaited is None:
                await self._sooner.wait()
            else:
                wait = max(_TICK, self._awaited - self._clock.monotonic())
                await happens(self._sooner, self._clock, wait)

    async def close(self, seconds: float) -> None:
        """Take no more jobs and begin no more steps; wait so long (in real time) for those that run."""
        self._closed = True
        tasks = [care.task for care in self._cares.values() if care.task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)

    async def drop(self) -> None:
        """Let go of all jobs at once, in the middle of their steps."""
        tasks = [care.task for care in self._cares.values() if care.task is not None]
        self._cares = {}
        self._lanes = {}
        self._schedule.clear()
        # One that misses being cancelled would be waited for to its end, and nothing be taken up meanwhile.
        await end_all(tasks)

    def _next_moment(self) -> float | None:
        moments = [self._schedule.next(), *(lane.next_moment() for lane in self._lanes.values())]
        return min((moment for moment in moments if moment is not None), default=None)

    def _queue(self, care: _Care, *, first: bool = False) -> None:
        """Let a job wait for a place, and begin its step where there is one."""
        care.lane = self._lane_of(care.job)
        care.lane.add(care.job.id, first=first)
        self._begin_steps(care.lane)
        if care.lane.waiting and care.lane.next_moment() is not None:
            self._expect(care.lane.blocked_until)

    def _lane_of(self, job: Job) -> Lane:
        key = _lane_key(job)
        lane = self._lanes.get(key)
        if lane is None:
            kind, provider = key
            width = self._settings.deliveries if kind == "deliver" else self._settings.steps
            pace = Pace(self._polls_of(provider) / self._sharers) if kind == "poll" else None
            lane = self._lanes[key] = Lane(width, pace)
        return lane

    def _begin_steps(self, lane: Lane) -> None:
        while not self._closed and (job_id := lane.begin(self._clock.monotonic())) is not None:
            care = self._cares[job_id]
            care.task = asyncio.create_task(self._take_step(care, lane), name=f"job {job_id}")

    async def _take_step(self, care: _Care, lane: Lane) -> None:
        job_id = care.job.id
        step = Step(None)
        try:
            with structlog.contextvars.bound_contextvars(request_id=job_id):
                step = await self._guarded(care)
        finally:
            lane.running -= 1
            if self._cares.get(job_id) is care:
                care.task = care.lane = None
                self._go_on(care, step)
                self._begin_steps(lane)

    async def _guarded(self, care: _Care) -> Step:
        try:
            if care.stale:
                care.stale = False
                current = await self._reads.get(care.job.id)
                if current is None or current.epoch != care.job.epoch:
                    return Step(None)
                care.job = current
            step = await self._step(care.job)
        except Exception as error:
            care.failures += 1
            care.stale = True
            self._report(care, error)
            return Step(care.job, self._patience.retry_wait(care.failures))
        care.failures = 0
        return step

    def _go_on(self, care: _Care, step: Step) -> None:
        if step.job is None:
            del self._cares[care.job.id]
            self._on_room()
            return
        care.job = step.job
        awaited_again = care.stale and not care.failures
        if step.wait <= 0 or awaited_again:
            self._queue(care, first=awaited_again)
            return
        moment = self._clock.monotonic() + step.wait
        self._schedule.put(care.job.id, moment)
        self._expect(moment)

    def _expect(self, moment: float) -> None:
        """Something becomes due at this moment: whoever waits for a later one is to wait anew."""
        if self._awaited is None or moment < self._awaited:
            self._sooner.set()

    def _report(self, care: _Care, error: Exception) -> None:
        if isinstance(error, DatabaseAway):
            _log.warning("step interrupted: database away", request_id=care.job.id, error=str(error))
        else:
            _log.error("step failed", request_id=care.job.id, failures=care.failures, exc_info=error)


class _GatheredReads:
    """Reads jobs that are asked for at the same time in one round trip."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._asked: dict[str, asyncio.Future[Job | None]] = {}

    async def get(self, job_id: str) -> Job | None:
        """The job as it is now."""
        if job_id not in self._asked:
            self._asked[job_id] = asyncio.get_running_loop().create_future()
        answer = self._asked[job_id]
        # Whoever asks first reads for all that ask before it is its turn again.
        await asyncio.sleep(0)
        if answer is self._asked.get(job_id):
            await self._answer_all()
        return await asyncio.shield(answer)

    async def _answer_all(self) -> None:
        asked, self._asked = self._asked, {}
        try:
            found = {job.id: job for job in await self._read(asked)}
        except BaseException as error:
            for answer in asked.values():
                answer.set_exception(error if isinstance(error, Exception) else DatabaseAway("not read"))
                answer.exception()
            raise
        for job_id, answer in asked.items():
            answer.set_result(found.get(job_id))


def _lane_key(job: Job) -> tuple[str, str]:
    if job.state is JobState.RUNNING:
        return "poll", job.provider
    if job.state in _DELIVERED:
        return "deliver", job.provider
    return ("submit", job.provider) if job.active else ("end", "")
