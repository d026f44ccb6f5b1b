"""How long a model usually takes, from what its last generations took."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import median

import structlog

from core.clock import Clock
from core.errors import DatabaseAway
from core.generation.job import Job, JobState
from core.storage.durations import KEPT, DurationStore

_log = structlog.stdlib.get_logger(__name__)

_LEAST = 3
"""Fewer than so many tell nothing yet."""
_KNOWN_FOR = 60.0
"""Seconds for which what was read is not read again."""


class Durations:
    """Medians over the last generations of each model, from the submission to the message in the chat.

    A median is not moved by the one that hung, nor by the one that was blocked; a person who cannot be
    reached makes a generation long that the model made in time, so those do not count.
    """

    def __init__(self, store: DurationStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._known: dict[str, tuple[float, tuple[float, ...]]] = {}

    async def note(self, job: Job) -> None:
        """Count a job that was delivered. What the database does not take is not counted."""
        seconds = _seconds_of(job)
        if seconds is None:
            return
        try:
            await self._store.note(job.model_id, seconds)
        except DatabaseAway as error:
            _log.warning("duration not noted", request_id=job.id, error=str(error))
            return
        if job.model_id in self._known:
            at, last = self._known[job.model_id]
            self._known[job.model_id] = at, (*last, seconds)[-KEPT:]

    async def usual(self, model_id: str) -> float | None:
        """The seconds that a generation of this model usually takes; None where too few are known."""
        return (await self.usual_of((model_id,))).get(model_id)

    async def usual_of(self, model_ids: Iterable[str]) -> Mapping[str, float]:
        """The same for several models, with one read at most; without those of which too little is known.

        Raises:
            DatabaseAway: it cannot be read.

        """
        wanted, now = set(model_ids), self._clock.monotonic()
        old = {model_id for model_id in wanted if not self._is_fresh(model_id, now)}
        if old:
            found = await self._store.last_of(old)
            self._known |= {model_id: (now, found.get(model_id, ())) for model_id in old}
        kept = {model_id: self._known[model_id][1] for model_id in wanted}
        return {model_id: median(last) for model_id, last in kept.items() if len(last) >= _LEAST}

    def _is_fresh(self, model_id: str, now: float) -> bool:
        known = self._known.get(model_id)
        return known is not None and now - known[0] < _KNOWN_FOR


def _seconds_of(job: Job) -> float | None:
    begun, ended = job.since(JobState.SUBMITTED), job.since(JobState.DELIVERED)
    if begun is None or ended is None or job.unreachable_since is not None:
        return None
    return max(0.0, (ended - begun).total_seconds())
