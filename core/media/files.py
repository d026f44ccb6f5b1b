"""Given files as providers get them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

import structlog

from core.generation.provider import InputFile
from core.media.given import GivenFile
from core.media.store import InputStore, StoreAway

_log = structlog.stdlib.get_logger(__name__)


class InputFiles:
    """Opens the inputs of jobs, and forgets them."""

    def __init__(self, store: InputStore) -> None:
        self._store = store

    def open(self, kept: Mapping[str, Any]) -> InputFile:
        """A job's input as a provider gets it. Nothing is read before the provider reads it.

        Reading raises `InputGone` or `StoreAway`.
        """
        given = GivenFile.from_kept(kept)

        def read() -> AsyncIterator[bytes]:
            return self._store.open(given.ref)

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
