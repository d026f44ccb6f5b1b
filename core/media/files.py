"""Given files as providers get them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import timedelta
from typing import Any

import structlog

from core.clock import Clock
from core.generation.provider import FailureReason, InputFile, SubmissionRefused
from core.media.given import GivenFile
from core.media.store import InputGone, InputStore, StoreAway

FRESH = timedelta(hours=48)
"""For so long a file can still be taken into an order or a generation."""

_log = structlog.stdlib.get_logger(__name__)


class InputFiles:
    """Opens the inputs of jobs, and forgets them."""

    def __init__(self, store: InputStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def are_there(self, inputs: Iterable[Mapping[str, Any]]) -> bool:
        """Whether files are there, and stay for as long as a generation may last; not so if nobody knows."""
        oldest = self._clock.now() - FRESH
        try:
            kept = [await self._store.kept_since(given["ref"]) for given in inputs]
        except StoreAway as error:
            _log.error("inputs not found", error=str(error))
            return False
        return all(since is not None and since >= oldest for since in kept)

    def open(self, kept: Mapping[str, Any]) -> InputFile:
        """A job's input as a provider gets it. Nothing is read before the provider reads it.

        A file that cannot be read raises SubmissionRefused then: what needs it has not begun.
        """
        given = GivenFile.from_kept(kept)

        async def read() -> AsyncIterator[bytes]:
            try:
                async for chunk in self._store.open(given.ref):
                    yield chunk
            except InputGone as error:
                raise SubmissionRefused(FailureReason.EXPIRED, "a given file is gone") from error
            except StoreAway as error:
                raise SubmissionRefused(FailureReason.PROVIDER_FAULT, str(error)) from error

        return InputFile(
            name=given.name,
            mime_type=given.mime_type,
            size=given.size,
            open=read,
            url=self._store.address(given.ref),
            seconds=given.seconds,
        )

    async def discard(self, inputs: Iterable[Mapping[str, Any]]) -> None:
        """Forget files that nobody needs any more. Where that fails, the sweep does it later."""
        refs = [kept["ref"] for kept in inputs]
        if not refs:
            return
        try:
            await self._store.delete(refs)
        except StoreAway as error:
            _log.warning("inputs not deleted yet", count=len(refs), error=str(error))
