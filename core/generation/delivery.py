"""Brings a result into the chat: each of its messages once, and exactly then the price is taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from core.billing.ledger import Ledger
from core.clock import Clock
from core.errors import (
    DatabaseAway,
    FileReferenceExpired,
    FloodWaited,
    PersonUnreachable,
    ProviderError,
    TelegramError,
    UnknownHold,
)
from core.generation.albums import Envelope, envelopes_of
from core.generation.ending import ACTOR, NOT_COLLECTED, TOO_LARGE, UNDELIVERABLE, WITHHELD, Ending
from core.generation.job import Job, JobState
from core.generation.media import without_sources
from core.generation.ports import Alerts, Hooks
from core.generation.progress import DeliveryStage
from core.generation.provider import FailureReason
from core.generation.reporting import Report, Reports
from core.generation.sending import LinkGone, Sending, has_room_for_buttons
from core.generation.settings import Patience
from core.generation.transitions import Step, Transitions
from core.generation.uploading import ResultTooLarge, ResultUnfetched, Uploading
from core.telegram.types import MessageRef

_log = structlog.stdlib.get_logger(__name__)

_UNREACHABLE_FIRST = 60.0
_UNREACHABLE_LONGEST = 3600.0
_UNREACHABLE_SHARE = 0.2
"""A person who blocked the bot is tried again after this share of the time they were away, within bounds."""
_BAD_REQUEST = 400


class Delivery:
    """Uploads, sends, settles. What a crash interrupts is taken up where it was.

    The order: files go to Telegram and their ids into the job; the job becomes `delivering`, with the
    messages that are to go out and a random id for each, so that sending one again makes no second one; each
    is sent and its id goes into the job; once all of the result is in the chat the hold is settled; extras
    follow; the job is `delivered`. Settling again does nothing, so a crash between any two of these ends in
    the same messages and one payment.

    Until it is `delivering` a job can be stopped by its person: the next conditional write loses then, and
    `changed` breaks off the upload that is under way. Afterwards nothing of the way back is stoppable again.
    """

    def __init__(
        self,
        *,
        transitions: Transitions,
        ledger: Ledger,
        uploading: Uploading,
        sending: Sending,
        reports: Reports,
        ending: Ending,
        alerts: Alerts,
        hooks: Hooks,
        clock: Clock,
        patience: Patience,
        originals: bool,
    ) -> None:
        """With `originals` the uncompressed files of photos follow them by themselves."""
        self._transitions = transitions
        self._ledger = ledger
        self._uploading = uploading
        self._sending = sending
        self._reports = reports
        self._ending = ending
        self._alerts = alerts
        self._hooks = hooks
        self._clock = clock
        self._patience = patience
        self._originals = originals

    def changed(self, job: Job) -> None:
        """Let go at once of what somebody else has ended."""
        if not job.active:
            self._uploading.stop(job.id)

    async def step(self, job: Job) -> Step:
        """Bring a `ready` or `delivering` job on."""
        if job.message_id is not None:
            return await self._finish(job)
        if self._kept_too_long(job):
            return await self._not_collected(job)
        if (number := _missing(job)) is not None:
            if number == 0:
                refusal = await self._hooks.decide("may_deliver", job=job)
                if refusal is not None:
                    return await self._fail(job, WITHHELD, str(refusal.key))
            return await self._bring(job, number)
        if job.state is JobState.READY:
            envelopes = envelopes_of(job, originals=self._originals)
            ready = await self._transitions.advance(
                job, JobState.DELIVERING, attempts=job.attempts, messages=_fields(envelopes)
            )
            return Step(ready) if ready else await self._lost(job)
        return await self._send(job)

    async def _bring(self, job: Job, number: int) -> Step:
        """Bring the next file to Telegram."""
        try:
            fields = await self._uploading.bring(job, number)
        except DatabaseAway:
            raise
        except ResultUnfetched as error:
            return await self._unfetched(job, str(error))
        except ResultTooLarge as error:
            return await self._fail(job, TOO_LARGE, str(error))
        except Exception as error:
            return await self._untaken(job, error)
        if fields is None:
            return await self._lost(job)
        uploaded = (*job.uploaded[:number], fields, *job.uploaded[number + 1 :])
        changed = await self._transitions.change(job, uploaded=uploaded)
        return Step(changed) if changed else await self._lost(job)

    async def _send(self, job: Job) -> Step:
        """Send the next message of the result."""
        envelopes = envelopes_of(job)
        number = next(place for place, each in enumerate(envelopes) if each.is_open)
        try:
            async with self._reports.on(job, Report(stage=DeliveryStage.SENDING)):
                refs = await self._sent(job, envelopes, number)
        except DatabaseAway:
            raise
        except FileReferenceExpired as error:
            return await self._uploaded_again(job, envelopes[number], error.index)
        except LinkGone:
            return await self._uploaded_again(job, envelopes[number], None)
        except Exception as error:
            if _may_be_the_album(error, envelopes[number]):
                return await self._split(job, envelopes, number, error)
            return await self._untaken(job, error)
        envelopes = _with_ids(envelopes, number, refs)
        messages = _fields(envelopes)
        if any(each.is_open and not each.original for each in envelopes):
            sent = await self._transitions.change(job, messages=messages)
        else:
            # Whoever has the result may order the next one at once; what is left is between machines.
            first = envelopes[0].message_ids[0]
            sent = await self._transitions.change(job, messages=messages, message_id=first, slot="")
        return Step(sent) if sent else await self._lost(job)

    async def _sent(self, job: Job, envelopes: Sequence[Envelope], number: int) -> tuple[MessageRef, ...]:
        buttons = has_room_for_buttons(envelopes) and not envelopes[number].original
        return await self._sending.send(
            job, envelopes[number], chat_id=job.chat_id, first=number == 0, buttons=buttons
        )

    async def _split(self, job: Job, envelopes: Sequence[Envelope], number: int, error: Exception) -> Step:
        """Telegram does not take these files as an album: they go one by one."""
        _log.warning("album refused", request_id=job.id, error=_name(error))
        apart = (*envelopes[:number], *envelopes[number].apart(), *envelopes[number + 1 :])
        changed = await self._transitions.change(job, messages=_fields(apart))
        return Step(changed) if changed else await self._lost(job)

    async def _uploaded_again(self, job: Job, envelope: Envelope, index: int | None) -> Step:
        """What is uploaded cannot be sent any more, and stands in no message yet: it is brought anew."""
        attempts = job.attempts + 1
        if attempts >= self._patience.attempts:
            return await self._undeliverable(job, "file reference expired")
        places = envelope.files if index is None else envelope.files[index : index + 1]
        _log.warning("uploaded again", request_id=job.id, files=len(places))
        uploaded = tuple(
            {"kind": fields["kind"], "file": {}} if place in places else fields
            for place, fields in enumerate(job.uploaded)
        )
        changed = await self._transitions.change(job, uploaded=uploaded, attempts=attempts)
        return Step(changed) if changed else await self._lost(job)

    async def _finish(self, job: Job) -> Step:
        """All of the result is in the chat: take the price, tidy up, and send what goes with it."""
        try:
            await self._ledger.settle(job.user_id, job.id, actor=ACTOR, reason="delivered")
        except UnknownHold:
            await self._alerts.alert("unsettled", job, "the hold was gone when the result was delivered")
        await self._ending.remove_progress(job)
        envelopes = envelopes_of(job)
        number = next((place for place, each in enumerate(envelopes) if each.is_open), None)
        try:
            if number is not None:
                refs = await self._sent(job, envelopes, number)
                changed = await self._transitions.change(
                    job, messages=_fields(_with_ids(envelopes, number, refs))
                )
                return Step(changed) if changed else await self._lost(job)
            if not has_room_for_buttons(envelopes):
                await self._sending.send_buttons(job)
        except (TelegramError, OSError) as error:
            return await self._without_extra(job, envelopes, number, error)
        return await self._delivered(job)

    async def _without_extra(
        self, job: Job, envelopes: Sequence[Envelope], number: int | None, error: Exception
    ) -> Step:
        """Something that goes with a delivered result was not taken: later, or never."""
        _log.warning("extra not sent", request_id=job.id, error=_name(error))
        attempts = job.attempts + 1
        if _passes(error) and attempts < self._patience.attempts:
            waiting = await self._transitions.change(job, attempts=attempts)
            return Step(waiting, self._wait_after(error, attempts)) if waiting else await self._lost(job)
        if number is None:
            return await self._delivered(job)
        rest = [
            replace(each, given_up=True) if place == number else each for place, each in enumerate(envelopes)
        ]
        changed = await self._transitions.change(job, messages=_fields(rest))
        return Step(changed) if changed else await self._lost(job)

    async def _delivered(self, job: Job) -> Step:
        results = without_sources(job.results)
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
        if not _passes(error) and attempts >= self._patience.attempts:
            return await self._undeliverable(job, _name(error))
        waiting = await self._transitions.change(job, attempts=attempts)
        return Step(waiting, self._patience.retry_wait(attempts)) if waiting else await self._lost(job)

    async def _undeliverable(self, job: Job, detail: str) -> Step:
        await self._alerts.alert("undeliverable", job, detail)
        return await self._fail(job, UNDELIVERABLE, detail)

    async def _fail(self, job: Job, failure: str, detail: str) -> Step:
        failed = await self._transitions.advance(job, JobState.FAILED, failure=failure, detail=detail)
        return Step(failed) if failed else await self._lost(job)

    async def _unfetched(self, job: Job, detail: str) -> Step:
        attempts = job.attempts + 1
        _log.warning("result not fetched", request_id=job.id, provider=job.provider, error=detail)
        if attempts >= self._patience.attempts:
            await self._alerts.alert("result_lost", job, detail)
            return await self._fail(job, FailureReason.PROVIDER_FAULT.value, detail)
        waiting = await self._transitions.change(job, attempts=attempts)
        return Step(waiting, self._patience.retry_wait(attempts)) if waiting else await self._lost(job)

    async def _unreachable(self, job: Job) -> Step:
        """Keep the result for a person who blocked the bot, and look again now and then.

        What they have queued behind it goes on meanwhile.
        """
        now = self._clock.now()
        since = job.unreachable_since or now
        waiting = await self._transitions.change(job, unreachable_since=since, slot="")
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

    def _wait_after(self, error: Exception, attempts: int) -> float:
        asked = float(error.seconds) if isinstance(error, FloodWaited) else 0.0
        return max(asked, self._patience.retry_wait(attempts))

    async def _lost(self, job: Job) -> Step:
        return await self._transitions.lost(job, wait=self._patience.retry_first)


def _missing(job: Job) -> int | None:
    """The first file that is not uploaded, or not any more; None if all are."""
    gone = [number for number, fields in enumerate(job.uploaded) if not fields["file"]]
    if gone:
        return gone[0]
    return len(job.uploaded) if len(job.uploaded) < len(job.results) else None


def _fields(envelopes: Sequence[Envelope]) -> tuple[dict[str, object], ...]:
    return tuple(each.fields() for each in envelopes)


def _with_ids(envelopes: Sequence[Envelope], number: int, refs: Sequence[MessageRef]) -> tuple[Envelope, ...]:
    ids = tuple(ref.message_id for ref in refs)
    return tuple(
        replace(each, message_ids=ids) if place == number else each for place, each in enumerate(envelopes)
    )


def _may_be_the_album(error: Exception, envelope: Envelope) -> bool:
    """Whether a refusal may be about files together that Telegram takes one by one."""
    refused = isinstance(error, TelegramError) and error.code == _BAD_REQUEST
    return refused and len(envelope.files) > 1 and not isinstance(error, PersonUnreachable)


def _passes(error: Exception) -> bool:
    """Whether trying again later is all that is needed: the network's or Telegram's own trouble."""
    if isinstance(error, TelegramError):
        return error.code >= 500 or error.code < 0 or isinstance(error, FloodWaited)
    return isinstance(error, OSError)


def _name(error: Exception) -> str:
    if isinstance(error, TelegramError):
        return error.name
    return str(error) if isinstance(error, ProviderError) else type(error).__name__


def _seconds(begin: datetime, end: datetime) -> float:
    return (end - begin).total_seconds()
