"""A person's queue: what they ordered beyond what is made at once, begun in the order of ordering."""

from __future__ import annotations

from collections.abc import Callable

from core.generation.job import Job, JobState, running_places
from core.generation.ports import Notify
from core.storage.generations import JobStore


class Queue:
    """Gives free places to those that wait. `places` is how many jobs of one person run at the same time.

    The price of what waits is held already, so that what was shown is what is paid, and an order that could
    not be paid never waits. A place and the state that goes with it are taken in one write, which the
    database refuses where another job has the place: whoever looks, and however many at once, at most
    `places` run. Only the first in the line is ever given one, so nobody overtakes.

    `tell` is told of every job that begins or whose turn may have come nearer, `wake` of those that go on.
    """

    def __init__(self, jobs: JobStore, *, places: int, tell: Notify, wake: Callable[[Job], None]) -> None:
        self._jobs = jobs
        self._places = places
        self._tell = tell
        self._wake = wake

    async def waiting(self, user_id: int) -> list[Job]:
        """A person's jobs that wait for a place, the next one first."""
        return _line(await self._jobs.active_of(user_id))

    async def move_up(self, user_id: int, *, shorter: bool = False) -> None:
        """Begin what there is a place for.

        What still waits is told of where its turn has come nearer: something began, or `shorter` says that
        something ended.

        Raises:
            DatabaseAway: nobody knows how far it came; it can be done again at any time.

        """
        # Every round begins one job or finds that somebody else has changed something meanwhile.
        waiting, free = await self._look(user_id)
        for _ in range(2 * min(len(waiting), len(free))):
            first = waiting[0]
            # While the price of the first one is still being held, those behind it wait as well.
            if first.state is not JobState.QUEUED:
                break
            begun = await self._jobs.leave_queue(first.id, free[0])
            if begun is not None:
                shorter = True
                await self._tell(begun)
                self._wake(begun)
            waiting, free = await self._look(user_id)
            if not waiting or not free:
                break
        if shorter:
            for job in waiting:
                await self._tell(job)

    async def _look(self, user_id: int) -> tuple[list[Job], list[str]]:
        """Those that wait, and the places that are free."""
        active = await self._jobs.active_of(user_id)
        taken = {job.slot for job in active}
        places = running_places(user_id, self._places)
        return _line(active), [place for place in places if place not in taken]


def _line(active: list[Job]) -> list[Job]:
    return sorted((job for job in active if job.waits), key=lambda job: (job.number, job.id))
