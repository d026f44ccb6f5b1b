"""Brings the files of results to Telegram, each in its right form, and what is too large to our store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import structlog

from core.errors import ProviderError, TelegramError
from core.generation.forms import Names, details_of, kind_of
from core.generation.job import Job
from core.generation.media import media_fields
from core.generation.ports import LargeFiles, MediaUploader, Translators
from core.generation.registry import Registry
from core.generation.relay import Relay
from core.generation.reporting import Report, Reports
from core.generation.retouching import Retouching
from core.telegram.types import MediaKind

if TYPE_CHECKING:
    from core.telegram.upload.file import UploadedFile

_log = structlog.stdlib.get_logger(__name__)

LINK = "link"
"""What stands in the place of a file's kind that people fetch from us."""
_TOO_LARGE = "FILE_TOO_LARGE"
_NOT_AS_SAID = ("FILE_EMPTY", "FILE_LENGTH_WRONG")
_NO_SUCH_FORM = ("PHOTO_", "IMAGE_", "VIDEO_", "MEDIA_", "THUMB_")
"""How refusals begin that are about a file's form, and not about the file."""


class ResultUnfetched(ProviderError):
    """The provider did not give a result, or not as it should be."""


class ResultTooLarge(ProviderError):
    """A result that can neither be sent nor be fetched from us."""


class _MoreThanTelegramTakes(Exception):
    """A result that has to go another way."""


class Uploading:
    """Brings results one by one. `stop` breaks one off within a part of its file."""

    def __init__(
        self,
        *,
        uploader: MediaUploader,
        registry: Registry,
        retouching: Retouching,
        large: LargeFiles,
        reports: Reports,
        translators: Translators,
        originals: bool,
    ) -> None:
        """With `originals` the uncompressed files of photos are made ready to be sent as well."""
        self._uploader = uploader
        self._registry = registry
        self._retouching = retouching
        self._large = large
        self._reports = reports
        self._translators = translators
        self._originals = originals
        self._under_way: dict[str, asyncio.Task[Mapping[str, Any]]] = {}

    async def bring(self, job: Job, number: int) -> Mapping[str, Any] | None:
        """What the job keeps of its result of this number once it is there; None if it was stopped.

        Raises:
            ResultUnfetched: the provider does not give it.
            ResultTooLarge: Telegram does not take it, and there is no other way to the person.
            TelegramError: Telegram does not take it just now, or at all.

        """
        task = asyncio.create_task(self._bring(job, number), name=f"upload {job.id}")
        self._under_way[job.id] = task
        try:
            return await task
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                raise
            return None
        finally:
            del self._under_way[job.id]

    def stop(self, job_id: str) -> None:
        """Break off what is being brought for a job, if anything is: nobody waits for it any more."""
        task = self._under_way.get(job_id)
        if task is not None:
            task.cancel()

    async def _bring(self, job: Job, number: int) -> Mapping[str, Any]:
        report = Report(number + 1, len(job.results))
        async with self._reports.on(job, report):
            try:
                fields = await self._to_telegram(job, number, report)
            except _MoreThanTelegramTakes:
                _log.info("result too large for Telegram", request_id=job.id)
                fields = await self._to_store(job, number, report)
            # It goes with the file, also when its person deletes that: later tasks can name it by this.
            known_as = job.results[number].get("id")
            return {**fields, "id": known_as} if known_as else fields

    async def _to_telegram(self, job: Job, number: int, report: Report) -> Mapping[str, Any]:
        async with self._relayed(job, number, report) as relay:
            if relay.expected is not None and relay.expected > self._uploader.most_bytes:
                raise _MoreThanTelegramTakes
            name = relay.name(_stem(job, number))
            try:
                file = await self._uploader.file(
                    relay, name=name, size=relay.size, progress=report.acknowledged
                )
            except TelegramError as error:
                if error.name == _TOO_LARGE:
                    raise _MoreThanTelegramTakes from error
                if relay.failure is not None or error.name in _NOT_AS_SAID:
                    raise ResultUnfetched(str(relay.failure or error.name)) from error
                raise
            return await self._registered(job, file, relay)

    @asynccontextmanager
    async def _relayed(self, job: Job, number: int, report: Report) -> AsyncIterator[Relay]:
        """A result on its way; whatever keeps it from coming is the provider's."""
        try:
            relay = await self._retouching.begun(job, number)
            report.total = relay.expected
            try:
                yield relay
            finally:
                await relay.aclose()
        except ProviderError as error:
            raise ResultUnfetched(str(error)) from error

    async def _registered(self, job: Job, file: UploadedFile, relay: Relay) -> Mapping[str, Any]:
        """Make media of a file that is there: in its right form, or as a document if that is refused."""
        facts = relay.facts()
        kind = kind_of(facts, size=file.size, speech=self._registry.makes_speech(job.made_by or job.model_id))
        names = self._names(job, file.name)
        document = details_of(facts, MediaKind.DOCUMENT, names, size=file.size)
        details = details_of(facts, kind, names, size=file.size)
        thumbnail = await relay.thumbnail()
        try:
            media = await self._uploader.register(job.chat_id, file, thumbnail, details)
        except TelegramError as error:
            if kind is MediaKind.DOCUMENT or not error.name.startswith(_NO_SUCH_FORM):
                raise
            _log.warning("sent as a document", request_id=job.id, kind=kind.value, error=error.name)
            return media_fields(await self._uploader.register(job.chat_id, file, None, document))
        fields = media_fields(media)
        if facts.duration:
            fields["seconds"] = facts.duration
        if kind is MediaKind.PHOTO and self._originals:
            try:
                original = await self._uploader.register(job.chat_id, file, None, document)
                fields["original"] = original.file
            except TelegramError as error:
                _log.warning("no original file", request_id=job.id, error=error.name)
        return fields

    async def _to_store(self, job: Job, number: int, report: Report) -> Mapping[str, Any]:
        if not self._large.can_be_linked:
            raise ResultTooLarge("more than Telegram takes, and no address for links")
        async with self._relayed(job, number, report) as relay:

            async def counted() -> AsyncIterator[bytes]:
                done = 0
                async for chunk in relay:
                    yield chunk
                    done += len(chunk)
                    report.acknowledged(done)

            ref = await self._large.keep(counted(), relay.mime_type)
        return {"kind": LINK, "file": {"ref": ref, "size": report.done}}

    def _names(self, job: Job, file: str) -> Names:
        say = self._translators(job.language)
        performer = self._registry.title(job.model_id, say.language)
        return Names(file, title=say.plain("delivery-audio-title"), performer=performer)


def _stem(job: Job, number: int) -> str:
    return job.id if len(job.results) == 1 else f"{job.id}-{number + 1}"
