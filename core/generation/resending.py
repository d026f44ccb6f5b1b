"""Sends a delivered result once more, at no cost: its files are on Telegram's servers already."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace

import structlog

from core.errors import FileReferenceExpired, UserFacingError
from core.generation.albums import Envelope, anew, envelopes_of, original_envelope
from core.generation.job import Job, JobState
from core.generation.media import media_from, original_from
from core.generation.ports import MediaUploader
from core.generation.sending import LinkGone, Sending, has_room_for_buttons
from core.storage.generations import JobStore
from core.telegram.types import MessageRef

_log = structlog.stdlib.get_logger(__name__)

_FINISHED = (JobState.DELIVERING, JobState.DELIVERED)


class Resending:
    """Answers people who want a result again, or the uncompressed file of a photo.

    A reference that has expired is mended through the message that shows the file; where that is gone as
    well, nothing can be done, and the person reads so.
    """

    def __init__(
        self,
        *,
        jobs: JobStore,
        sending: Sending,
        uploader: MediaUploader,
        token: Callable[[], str] = secrets.token_hex,
    ) -> None:
        self._jobs = jobs
        self._sending = sending
        self._uploader = uploader
        self._token = token

    async def again(self, job: Job, *, chat_id: int, key: str, bare: bool = False) -> MessageRef:
        """Send all of a result; answers its first message. The same `key` sends it once.

        With `bare` the files alone are sent: no word of what they cost, no buttons.

        Raises:
            UserFacingError: it is not there any more.
            TelegramError: Telegram refused.

        """
        if job.message_id is None or not job.uploaded:
            raise UserFacingError("result-gone")
        envelopes = [each for each in envelopes_of(job) if not each.original and not each.given_up]
        with_buttons = has_room_for_buttons(envelopes) and not bare
        key = key or self._token()
        refs: list[MessageRef] = []
        for number, envelope in enumerate(envelopes):
            renewed = anew(envelope, key)
            first = number == 0 and not bare
            sent, job = await self._send(job, renewed, chat_id, first=first, buttons=with_buttons)
            refs += sent
        return refs[0]

    async def original(self, job: Job, *, chat_id: int, key: str) -> MessageRef:
        """Send the uncompressed files of a result's photos; answers the first message.

        Raises:
            UserFacingError: there are none (any more).
            TelegramError: Telegram refused.

        """
        places = [number for number, fields in enumerate(job.uploaded) if fields.get("original")]
        if job.message_id is None or not places:
            raise UserFacingError("original-gone")
        key = key or self._token()
        refs: list[MessageRef] = []
        for place in places:
            envelope = original_envelope(job, place, key=key)
            sent, job = await self._send(job, envelope, chat_id, first=False, buttons=False)
            refs += sent
        return refs[0]

    async def refreshed(self, job: Job) -> Job:
        """The job with fresh references to all its files, where the old ones have expired.

        Raises:
            UserFacingError: one of them is not there any more.

        """
        places = tuple(place for place, fields in enumerate(job.uploaded) if fields["file"])
        mended = await self._mended(job, places, original=False)
        await self._jobs.change(job.id, expected=_FINISHED, changes={"uploaded": mended.uploaded})
        return mended

    async def _send(
        self, job: Job, envelope: Envelope, chat_id: int, *, first: bool, buttons: bool
    ) -> tuple[tuple[MessageRef, ...], Job]:
        """Send one envelope, mending references; answers its messages, and the job as it is then."""
        for _ in range(len(envelope.files) + 1):
            try:
                refs = await self._sending.send(job, envelope, chat_id=chat_id, first=first, buttons=buttons)
            except FileReferenceExpired as error:
                places = envelope.files if error.index is None else envelope.files[error.index :][:1]
                job = await self._mended(job, places, original=envelope.original)
            except LinkGone:
                raise UserFacingError("result-gone") from None
            else:
                job = _shown(job, envelope, refs)
                await self._jobs.change(job.id, expected=_FINISHED, changes={"uploaded": job.uploaded})
                return refs, job
        raise UserFacingError("result-gone")

    async def _mended(self, job: Job, places: tuple[int, ...], *, original: bool) -> Job:
        """The job with fresh references to these files."""
        uploaded = list(job.uploaded)
        for place in places:
            fields = uploaded[place]
            media = original_from(fields) if original else media_from(fields)
            fresh = None
            for message_id in _messages_with(job, place, original=original):
                fresh = await self._uploader.refreshed(media, MessageRef(job.chat_id, message_id))
                if fresh is not None:
                    break
            if fresh is None:
                raise UserFacingError("original-gone" if original else "result-gone")
            uploaded[place] = {**fields, "original" if original else "file": fresh.file}
        _log.info("file references mended", request_id=job.id, files=len(places))
        return replace(job, uploaded=tuple(uploaded))


def _shown(job: Job, envelope: Envelope, refs: tuple[MessageRef, ...]) -> Job:
    """The job with the newest messages that show these files: people delete the older ones."""
    mark = _mark(original=envelope.original)
    uploaded = list(job.uploaded)
    for place, ref in zip(envelope.files, refs, strict=True):
        if ref.chat_id == job.chat_id and ref.message_id:
            uploaded[place] = {**uploaded[place], mark: ref.message_id}
    return replace(job, uploaded=tuple(uploaded))


def _messages_with(job: Job, place: int, *, original: bool) -> Iterator[int]:
    """The messages in the job's chat that show this file, newest first, as far as they are known."""
    newest = job.uploaded[place].get(_mark(original=original))
    if newest:
        yield newest
    for envelope in envelopes_of(job):
        if envelope.original == original and place in envelope.files and envelope.message_ids:
            message_id = envelope.message_ids[envelope.files.index(place)]
            if message_id and message_id != newest:
                yield message_id


def _mark(*, original: bool) -> str:
    return "original_shown" if original else "shown"
