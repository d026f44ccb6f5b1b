"""A worker: takes jobs under its own lease, and looks after each until it is done."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import structlog

from core.clock import Clock
from core.errors import DatabaseAway
from core.generation.job import Job
from core.generation.pipeline import Pipeline
from core.generation.settings import Patience, WorkerSettings
from core.generation.sweeper import Sweeper
from core.generation.transitions import Step
from core.leadership import Leadership
from core.storage.generations import JobStore
from core.storage.leases import WORKER_LEASE, Lease, Leases

_log = structlog.stdlib.get_logger(__name__)


@dataclass(slots=True)
class _Care:
    """One job that this worker looks after. Setting `look` makes it look again at once."""

    job: Job
    look: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None


class Worker:
    """Runs the pipeline for the jobs it has claimed, many at once.

    Its lease is `worker:<name>`. When the lease runs out, or is lost, it drops everything at once: others
    take its jobs over, and what it might still write is refused, for the jobs carry another epoch by then.
    """

    def __init__(
        self,
        *,
        name: str,
        pipeline: Pipeline,
        jobs: JobStore,
        leases: Leases,
        sweeper: Sweeper,
        clock: Clock,
        settings: WorkerSettings,
        patience: Patience,
    ) -> None:
        self._name = name
        self._pipeline = pipeline
        self._jobs = jobs
        self._sweeper = sweeper
        self._clock = clock
        self._settings = settings
        self._patience = patience
        self._cares: dict[str, _Care] = {}
        self._news = asyncio.Event()
        self._stopping = False
        self._loops: list[asyncio.Task[None]] = []
        self._leadership = Leadership(
            leases,
            f"{WORKER_LEASE}{name}",
            name,
            clock=clock,
            seconds=settings.lease,
            heartbeat=settings.heartbeat,
            on_gain=self._begin,
            on_loss=self._drop,
        )

    @property
    def load(self) -> int:
        """How many jobs it is looking after."""
        return len(self._cares)

    def start(self) -> None:
        """Begin to take jobs as soon as the lease is there."""
        self._stopping = False
        self._leadership.start()

    async def stop(self) -> None:
        """Take no more jobs, let each finish the step it is in, and leave the rest to others.

        A step that takes longer than a few seconds is broken off; whoever has the job next takes it up.
        """
        self._stopping = True
        for care in self._cares.values():
            care.look.set()
        tasks = [care.task for care in self._cares.values() if care.task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=self._settings.finish_step)
        await self._drop()
        await self._leadership.stop()

    def wake(self, job: Job) -> None:
        """Look at a job at once: it was made, stopped, or can go on."""
        care = self._cares.get(job.id)
        if care is not None:
            care.look.set()
        self._news.set()

    def person_returned(self, user_id: int) -> None:
        """Try at once what waits for this person: they can be reached again."""
        for care in self._cares.values():
            if care.job.user_id == user_id:
                care.look.set()

    async def _begin(self, lease: Lease) -> None:
        self._loops = [
            asyncio.create_task(self._look_forever(lease.epoch), name=f"worker {self._name}"),
            asyncio.create_task(self._sweep_forever(), name=f"sweeper {self._name}"),
        ]

    async def _drop(self) -> None:
        tasks = [*self._loops, *(care.task for care in self._cares.values() if care.task is not None)]
        self._loops = []
        self._cares = {}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _look_forever(self, epoch: int) -> None:
        """Claim what is free and notice what was stopped, whenever there is news, and now and then."""
        while not self._stopping:
            self._news.clear()
            try:
                await self._look(epoch)
            except DatabaseAway as error:
                _log.warning("no look at the jobs: database away", error=str(error))
            except Exception:
                _log.exception("no look at the jobs")
            await _wait(self._clock, self._news, self._settings.look)

    async def _look(self, epoch: int) -> None:
        room = self._settings.concurrent - len(self._cares)
        if room > 0:
            for job in await self._jobs.claim(self._name, epoch, room):
                self._take(job)
        for job in await self._jobs.ended_badly_unreleased():
            care = self._cares.get(job.id)
            if care is not None and care.job.active:
                care.look.set()

    def _take(self, job: Job) -> None:
        if self._stopping or job.id in self._cares:
            return
        care = _Care(job)
        self._cares[job.id] = care
        care.task = asyncio.create_task(self._look_after(care), name=f"job {job.id}")

    async def _look_after(self, care: _Care) -> None:
        """Step by step until the job is done, or another's."""
        failures = 0
        try:
            while not self._stopping:
                try:
                    step = await self._step(care, again=failures > 0)
                    failures = 0
                except Exception as error:
                    failures += 1
                    self._report(care.job, error, failures)
                    step = Step(care.job, self._patience.retry_wait(failures))
                if step.job is None:
                    return
                care.job = step.job
                if step.wait > 0:
                    await _wait(self._clock, care.look, step.wait)
        finally:
            if self._cares.get(care.job.id) is care:
                del self._cares[care.job.id]
                self._news.set()

    async def _step(self, care: _Care, *, again: bool) -> Step:
        """One step, with the job read anew where it may have changed in the meantime."""
        job = care.job
        if again or care.look.is_set():
            care.look.clear()
            current = await self._jobs.get(job.id)
            if current is None or current.epoch != job.epoch:
                return Step(None)
            job = current
        return await self._pipeline.step(job)

    def _report(self, job: Job, error: Exception, failures: int) -> None:
        if isinstance(error, DatabaseAway):
            _log.warning("step interrupted: database away", request_id=job.id, error=str(error))
        else:
            _log.error("step failed", request_id=job.id, failures=failures, exc_info=error)

    async def _sweep_forever(self) -> None:
        while True:
            try:
                await self._sweeper.sweep()
            except Exception as error:
                _log.warning("holds not swept", error=type(error).__name__)
            await self._clock.sleep(self._settings.sweep)


async def _wait(clock: Clock, event: asyncio.Event, seconds: float) -> None:
    """Wait for an event, but no longer than `seconds` of this clock's time."""
    waits = {asyncio.ensure_future(clock.sleep(seconds)), asyncio.ensure_future(event.wait())}
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
