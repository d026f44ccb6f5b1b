"""Brings a result into the chat: exactly one message, and exactly then the price is taken."""

from __future__ import annotations

from datetime import datetime

import structlog

from core.billing.ledger import Ledger
from core.clock import Clock
from core.errors import (
    DatabaseAway,
    FloodWaited,
    PersonUnreachable,
    ProviderError,
    TelegramError,
    UnknownHold,
)
from core.generation.calls import ProviderCalls
from core.generation.ending import ACTOR, NOT_COLLECTED, UNDELIVERABLE, Ending
from core.generation.job import Job, JobState
from core.generation.media import (
    Download,
    details_of,
    media_fields,
    media_from,
    result_from,
    without_source,
)
from core.generation.ports import Alerts, MediaUploader, Messenger, Translators
from core.generation.provider import FailureReason
from core.generation.registry import Registry
from core.generation.settings import Patience
from core.generation.transitions import Step, Transitions

_log = structlog.stdlib.get_logger(__name__)

_UNREACHABLE_FIRST = 60.0
_UNREACHABLE_LONGEST = 3600.0
_UNREACHABLE_SHARE = 0.2
"""A person who blocked the bot is tried again after this share of the time they were away, within bounds."""


class Delivery:
    """Uploads, sends, settles. What a crash interrupts is taken up where it was.

    The order: files go to Telegram and their ids into the job; the job becomes `delivering`; the message goes
    out under the random id that was in the job from its first moment, so sending it again makes no second
    one; its id goes into the job; the hold is settled; the job is `delivered`. Settling again does nothing,
    so a crash between any two of these ends in one message and one payment.
    """

    def __init__(
        self,
        *,
        transitions: Transitions,
        ledger: Ledger,
        messenger: Messenger,
        uploader: MediaUploader,
        registry: Registry,
        calls: ProviderCalls,
        ending: Ending,
        translators: Translators,
        alerts: Alerts,
        clock: Clock,
        patience: Patience,
    ) -> None:
        self._transitions = transitions
        self._ledger = ledger
        self._messenger = messenger
        self._uploader = uploader
        self._registry = registry
        self._calls = calls
        self._ending = ending
        self._translators = translators
        self._alerts = alerts
        self._clock = clock
        self._patience = patience

    async def step(self, job: Job) -> Step:
        """Bring a `ready` or `delivering` job on."""
        if job.message_id is not None:
            return await self._settle(job)
        if self._kept_too_long(job):
            return await self._not_collected(job)
        if job.state is JobState.READY:
            return await self._upload(job)
        return await self._send(job)

    async def _upload(self, job: Job) -> Step:
        """Bring the next file to Telegram, or go on to the send if all are there."""
        if len(job.uploaded) == len(job.results):
            ready = await self._transitions.advance(job, JobState.DELIVERING, attempts=job.attempts)
            return Step(ready) if ready else await self._lost(job)
        result = result_from(job.results[len(job.uploaded)])
        title = self._registry.title(job.model_id, job.language)
        try:
            download = Download(
                self._calls.provider(job).open(result), result, seconds=self._patience.next_chunk
            )
            result = await download.described()
        except ProviderError as error:
            return await self._undownloaded(job, str(error))
        except Exception as error:
            return await self._undownloaded(job, type(error).__name__)
        try:
            media = await self._uploader.upload(
                job.chat_id, aiter(download), details_of(result, name=job.id, title=title)
            )
        except DatabaseAway:
            raise
        except Exception as error:
            if download.failure is not None:
                return await self._undownloaded(job, str(download.failure))
            return await self._untaken(job, error)
        changed = await self._transitions.change(job, uploaded=(*job.uploaded, media_fields(media)))
        return Step(changed) if changed else await self._lost(job)

    async def _send(self, job: Job) -> Step:
        try:
            ref = await self._messenger.send_media(
                job.chat_id,
                [media_from(fields) for fields in job.uploaded],
                self._caption(job),
                random_id=job.delivery_random_id,
            )
        except DatabaseAway:
            raise
        except Exception as error:
            return await self._untaken(job, error)
        # Whoever has the result may order the next one at once; what is left to do here is between machines.
        sent = await self._transitions.change(job, message_id=ref.message_id, slot="")
        return Step(sent) if sent else await self._lost(job)

    async def _settle(self, job: Job) -> Step:
        try:
            await self._ledger.settle(job.user_id, job.id, actor=ACTOR, reason="delivered")
        except UnknownHold:
            await self._alerts.alert("unsettled", job, "the hold was gone when the result was delivered")
        await self._ending.remove_progress(job)
        results = tuple(without_source(fields) for fields in job.results)
        delivered = await self._transitions.advance(job, JobState.DELIVERED, results=results)
        return Step(None) if delivered else await self._lost(job)

    async def _untaken(self, job: Job, error: Exception) -> Step:
        """Telegram did not take a file or a message; what that means depends on what it said."""
        if isinstance(error, PersonUnreachable):
            return await self._unreachable(job)
        _log.warning("delivery interrupted", request_id=job.id, state=job.state.value, error=_name(error))
        if isinstance(error, FloodWaited):
            return Step(job, float(error.seconds))
        attempts = job.attempts + 1
        if _passes(error):
            waiting = await self._transitions.change(job, attempts=attempts)
        elif attempts >= self._patience.attempts:
            await self._alerts.alert("undeliverable", job, _name(error))
            failed = await self._transitions.advance(
                job, JobState.FAILED, failure=UNDELIVERABLE, detail=_name(error)
            )
            return Step(failed) if failed else await self._lost(job)
        else:
            waiting = await self._back_to_ready(job, attempts)
        return Step(waiting, self._patience.retry_wait(attempts)) if waiting else await self._lost(job)

    async def _back_to_ready(self, job: Job, attempts: int) -> Job | None:
        """After a refusal the files are brought again: their references may have expired."""
        if job.state is JobState.READY:
            return await self._transitions.change(job, attempts=attempts)
        return await self._transitions.advance(job, JobState.READY, attempts=attempts, uploaded=())

    async def _undownloaded(self, job: Job, detail: str) -> Step:
        attempts = job.attempts + 1
        _log.warning("result not fetched", request_id=job.id, provider=job.provider, error=detail)
        if attempts >= self._patience.attempts:
            await self._alerts.alert("result_lost", job, detail)
            failed = await self._transitions.advance(
                job, JobState.FAILED, failure=FailureReason.PROVIDER_FAULT.value, detail=detail
            )
            return Step(failed) if failed else await self._lost(job)
        waiting = await self._transitions.change(job, attempts=attempts)
        return Step(waiting, self._patience.retry_wait(attempts)) if waiting else await self._lost(job)

    async def _unreachable(self, job: Job) -> Step:
        """Keep the result for a person who blocked the bot, and look again now and then."""
        now = self._clock.now()
        since = job.unreachable_since or now
        if job.state is JobState.DELIVERING:
            waiting = await self._transitions.advance(job, JobState.READY, unreachable_since=since)
        else:
            waiting = await self._transitions.change(job, unreachable_since=since)
        away = _seconds(since, now)
        wait = min(_UNREACHABLE_LONGEST, max(_UNREACHABLE_FIRST, away * _UNREACHABLE_SHARE))
        return Step(waiting, wait) if waiting else await self._lost(job)

    def _kept_too_long(self, job: Job) -> bool:
        finished = job.unreachable_since or job.since(JobState.READY)
        return finished is not None and _seconds(finished, self._clock.now()) > self._patience.keep_result

    async def _not_collected(self, job: Job) -> Step:
        failure = NOT_COLLECTED if job.unreachable_since else UNDELIVERABLE
        expired = await self._transitions.advance(job, JobState.EXPIRED, failure=failure)
        return Step(expired) if expired else await self._lost(job)

    def _caption(self, job: Job) -> str:
        say = self._translators(job.language)
        begun, finished = job.created_at, job.since(JobState.READY)
        seconds = round(_seconds(begun, finished)) if begun and finished else 0
        minutes, rest = divmod(max(1, seconds), 60)
        time = say("time-minutes", minutes=minutes, seconds=rest) if minutes else say("time", seconds=rest)
        return say(
            "delivery-caption",
            model=self._registry.title(job.model_id, say.language),
            price=say(f"price-free-{job.free}") if job.free else say("stars", stars=job.price),
            time=time,
        )

    async def _lost(self, job: Job) -> Step:
        return await self._transitions.lost(job, wait=self._patience.retry_first)


def _passes(error: Exception) -> bool:
    """Whether trying again later is all that is needed: the network's or Telegram's own trouble."""
    if isinstance(error, TelegramError):
        return error.code >= 500 or error.code < 0
    return isinstance(error, OSError)


def _name(error: Exception) -> str:
    if isinstance(error, TelegramError):
        return error.name
    return str(error) if isinstance(error, ProviderError) else type(error).__name__


def _seconds(begin: datetime, end: datetime) -> float:
    return (end - begin).total_seconds()
