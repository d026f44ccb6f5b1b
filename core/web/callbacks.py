"""Where providers tell that a task has ended: `POST /callbacks/PROVIDER?job=ID&sig=SIGNATURE`.

Nothing that a callback says is believed but which task it is about, and that only to ask the provider sooner.
So a callback that comes twice, late, or to another instance does no more than one poll too many.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

import structlog
from aiohttp import web

from core.clock import Clock
from core.errors import DatabaseAway
from core.generation.callback_addresses import JOB, SIGNATURE, CallbackAddresses
from core.generation.job import Job, JobState
from core.generation.provider import CallbackNews, CallbackRefused, CallbackRequest, TakesCallbacks
from core.observability.metrics import Metrics
from core.storage.generations import JobStore

_log = structlog.stdlib.get_logger(__name__)
_ValueT = TypeVar("_ValueT")

LONGEST_BODY = 256 * 1024
"""Bytes of a callback."""
BURST = 6
"""Callbacks about one job that may come at once; after them one every `_REFILL_SECONDS`."""
_REFILL_SECONDS = 10.0
_REMEMBERED = 4096
"""Jobs and deliveries that are remembered, the latest."""
_READ_SECONDS = 20.0
_CHECK_SECONDS = 10.0
_TYPES = ("application/json", "text/plain", "application/octet-stream")
"""What a body may call itself; the last is what one without a type is taken for."""


class Outcome(StrEnum):
    """What became of a callback."""

    FORGED = "forged"
    TOO_LARGE = "too_large"
    NOT_ALL_CAME = "not_all_came"
    WRONG_TYPE = "wrong_type"
    TOO_MANY = "too_many"
    REFUSED = "refused"
    FAILED = "failed"
    REPEATED = "repeated"
    FORGOTTEN = "forgotten"
    """It is about no task that anybody waits for."""
    ADOPTED = "adopted"
    """It brought the task of a job whose submission nobody saw the end of."""
    WOKEN = "woken"


_STATUSES = {
    Outcome.FORGED: 403,
    Outcome.TOO_LARGE: 413,
    Outcome.NOT_ALL_CAME: 408,
    Outcome.WRONG_TYPE: 415,
    Outcome.TOO_MANY: 429,
    Outcome.REFUSED: 401,
    Outcome.FAILED: 503,
}
"""HTTP statuses; 200 for the others, so that nothing is sent again without need."""


class JobKeeper(Protocol):
    """The worker of this instance, as far as callbacks need it."""

    def wake(self, job: Job) -> None:
        """Look at a job at once."""
        ...

    def knows(self, job_id: str) -> Job | None:
        """The job, if it is looked after here."""
        ...


class Callbacks:
    """Takes callbacks in. `worker` is that of this instance, None while it has none.

    What costs least is checked first: without the signature in its address a callback costs no more than two
    hashes; not even its body is read.
    """

    def __init__(
        self,
        *,
        addresses: CallbackAddresses,
        jobs: JobStore,
        worker: Callable[[], JobKeeper | None],
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._addresses = addresses
        self._jobs = jobs
        self._worker = worker
        self._clock = clock
        self._metrics = metrics
        self._deliveries = _Latest[bool](_REMEMBERED)
        self._levels = _Latest[tuple[float, float]](_REMEMBERED)

    async def receive(self, name: str, provider: TakesCallbacks, request: web.Request) -> web.Response:
        """Answer a request to the callback address of the provider `name`."""
        job_id = request.query.get(JOB, "")
        if not self._addresses.is_genuine(name, job_id, request.query.get(SIGNATURE, "")):
            return self._answer(name, Outcome.FORGED)
        with structlog.contextvars.bound_contextvars(request_id=job_id):
            outcome = await self._outcome(name, provider, request, job_id)
            _log.info("callback", provider=name, outcome=outcome.value)
        return self._answer(name, outcome)

    async def _outcome(
        self, name: str, provider: TakesCallbacks, request: web.Request, job_id: str
    ) -> Outcome:
        if request.content_type not in _TYPES and not request.content_type.endswith("+json"):
            return Outcome.WRONG_TYPE
        if not self._may_come(job_id):
            return Outcome.TOO_MANY
        try:
            async with asyncio.timeout(_READ_SECONDS):
                body = await _read(request)
        except OSError:
            return Outcome.NOT_ALL_CAME
        if body is None:
            return Outcome.TOO_LARGE
        return await self._check(name, provider, request, job_id, body)

    async def _check(
        self, name: str, provider: TakesCallbacks, request: web.Request, job_id: str, body: bytes
    ) -> Outcome:
        headers = {key.lower(): value for key, value in request.headers.items()}
        told = CallbackRequest(headers=headers, body=body, received_at=self._clock.now(), job_id=job_id)
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                news = await provider.verify_callback(told)
        except CallbackRefused as refusal:
            _log.warning("callback refused", provider=name, reason=str(refusal))
            return Outcome.REFUSED
        except Exception as error:
            _log.error("callback not checked", provider=name, error=type(error).__name__)
            return Outcome.FAILED
        return await self._take_once(name, job_id, news, body)

    async def _take_once(self, name: str, job_id: str, news: CallbackNews, body: bytes) -> Outcome:
        delivery = (name, job_id, news.delivery_id or hashlib.blake2b(body, digest_size=16).hexdigest())
        if self._deliveries.get(delivery):
            return Outcome.REPEATED
        try:
            outcome = await self._take(name, job_id, news.task_id)
        except DatabaseAway:
            return Outcome.FAILED
        self._deliveries.put(delivery, True)
        return outcome

    async def _take(self, name: str, job_id: str, task_id: str) -> Outcome:
        worker = self._worker()
        own = worker.knows(job_id) if worker else None
        if own is not None and own.state is JobState.RUNNING:
            job: Job | None = own
        else:
            # What is in a step here may be further in the database.
            job = await self._jobs.get(job_id)
        if job is None or job.provider != name or not task_id:
            return Outcome.FORGOTTEN
        if job.state is JobState.RUNNING and job.task_id == task_id:
            if own is None:
                await self._jobs.rouse(job_id)
            outcome = Outcome.WOKEN
        elif await self._is_adopted(job, task_id):
            outcome = Outcome.ADOPTED
        else:
            return Outcome.FORGOTTEN
        if worker is not None and own is not None:
            worker.wake(job)
        return outcome

    async def _is_adopted(self, job: Job, task_id: str) -> bool:
        waiting = job.state is JobState.SUBMITTED and not job.task_id
        return waiting and await self._jobs.adopt(job.id, job.provider, task_id)

    def _may_come(self, job_id: str) -> bool:
        """Whether another callback about the job may come now."""
        now = self._clock.monotonic()
        level, at = self._levels.get(job_id) or (float(BURST), now)
        level = min(float(BURST), level + (now - at) / _REFILL_SECONDS)
        self._levels.put(job_id, (level - 1 if level >= 1 else level, now))
        return level >= 1

    def _answer(self, name: str, outcome: Outcome) -> web.Response:
        self._metrics.callbacks.labels(name, outcome.value).inc()
        headers = {"Retry-After": str(int(_REFILL_SECONDS))} if outcome is Outcome.TOO_MANY else None
        return web.Response(status=_STATUSES.get(outcome, 200), headers=headers)


class _Latest(Generic[_ValueT]):
    """The latest `most` values by their keys."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Hashable, _ValueT] = OrderedDict()

    def get(self, key: Hashable) -> _ValueT | None:
        """The value, if it is among the latest."""
        return self._values.get(key)

    def put(self, key: Hashable, value: _ValueT) -> None:
        """Remember a value; the oldest goes."""
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > self._most:
            self._values.popitem(last=False)


async def _read(request: web.Request) -> bytes | None:
    """The body, or None where it is longer than a callback is; no more than that of it is read."""
    if (request.content_length or 0) > LONGEST_BODY:
        return None
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > LONGEST_BODY:
            return None
    return bytes(body)
