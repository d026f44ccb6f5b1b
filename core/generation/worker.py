"""A worker: takes jobs under its own lease, and looks after each until it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from core.background import end_all
from core.clock import Clock
from core.errors import DatabaseAway
from core.generation.job import Job
from core.generation.pipeline import Pipeline
from core.generation.ports import SharedKeys
from core.generation.rota import Rota
from core.generation.settings import Patience, WorkerSettings
from core.generation.sweeper import Sweeper
from core.leadership import Leadership
from core.storage.generations import JobStore
from core.storage.leases import WORKER_LEASE, Lease, Leases
from core.waiting import happens

_log = structlog.stdlib.get_logger(__name__)


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
        polls_of: Callable[[str], float],
        clock: Clock,
        settings: WorkerSettings,
        patience: Patience,
        on_wake: Callable[[Job], None],
        keys: SharedKeys,
    ) -> None:
        """`on_wake` is told of jobs that others changed: what is being done for ended ones is broken off.

        `keys` are told how many workers share them.
        """
        self._on_wake = on_wake
        self._keys = keys
        self._joining = False
        self._name = name
        self._jobs = jobs
        self._sweeper = sweeper
        self._clock = clock
        self._settings = settings
        self._news = asyncio.Event()
        self._rota = Rota(
            step=pipeline.step,
            read=jobs.get_many,
            polls_of=polls_of,
            clock=clock,
            settings=settings,
            patience=patience,
            on_room=self._news_of_room,
        )
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
        return len(self._rota)

    def start(self) -> None:
        """Begin to take jobs as soon as the lease is there."""
        self._rota.open()
        self._leadership.start()

    async def stop(self) -> None:
        """Take no more jobs, let each finish the step it is in, and leave the rest to others.

        A step that takes longer than a few seconds is broken off; whoever has the job next takes it up.
        """
        await self._rota.close(self._settings.finish_step)
        await self._leadership.stop()

    def wake(self, job: Job) -> None:
        """Look at a job at once: it was made, stopped, or can go on."""
        self._on_wake(job)
        if not self._rota.wake(job.id):
            self._news.set()

    def knows(self, job_id: str) -> Job | None:
        """The job as it was after its last step, if this worker looks after it."""
        return self._rota.knows(job_id)

    async def person_returned(self, user_id: int) -> None:
        """Try at once what waits for this person, here or at another worker: they can be reached again.

        Raises:
            DatabaseAway: other workers were not told; theirs is tried when its time comes.

        """
        self._rota.wake_person(user_id)
        await self._jobs.rouse_person(user_id)

    def _news_of_room(self) -> None:
        """A place is free: where all were taken, somebody may have waited for it."""
        if self.load + 1 >= self._settings.concurrent:
            self._news.set()

    async def _begin(self, lease: Lease) -> None:
        self._joining = True
        self._loops = [
            asyncio.create_task(self._rota.run(), name=f"rota {self._name}"),
            asyncio.create_task(self._look_forever(lease.epoch), name=f"worker {self._name}"),
            asyncio.create_task(self._sweep_forever(), name=f"sweeper {self._name}"),
        ]

    async def _drop(self) -> None:
        loops, self._loops = self._loops, []
        await end_all(loops)
        await self._rota.drop()

    async def _look_forever(self, epoch: int) -> None:
        """Claim what is free and notice what others did, whenever there is news, and now and then."""
        while True:
            self._news.clear()
            try:
                await self._look(epoch)
            except DatabaseAway as error:
                _log.warning("no look at the jobs: database away", error=str(error))
            except Exception:
                _log.exception("no look at the jobs")
            await happens(self._news, self._clock, self._settings.look)

    async def _look(self, epoch: int) -> None:
        most = min(self._settings.claim, self._settings.concurrent - self.load)
        claimed = await self._jobs.claim(self._name, epoch, most)
        self._share()
        for job in claimed:
            self._rota.take(job)
        if claimed and (len(claimed) == most or self._jobs.unclaimed):
            self._news.set()
        for job in await self._jobs.roused(self._name, epoch):
            self._on_wake(job)
            self._rota.wake(job.id)

    def _share(self) -> None:
        """Keep to this worker's part of all limits, before anything is done for what has been claimed."""
        workers = self._jobs.workers
        self._rota.share(workers)
        self._keys.share(workers, joining=self._joining)
        self._joining = False

    async def _sweep_forever(self) -> None:
        while True:
            try:
                await self._sweeper.sweep()
            except Exception as error:
                _log.warning("holds not swept", error=type(error).__name__)
            await self._clock.sleep(self._settings.sweep)
