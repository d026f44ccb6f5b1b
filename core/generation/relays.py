"""Makes the relays of jobs: each result from its provider, with the memory that all of them share."""

from __future__ import annotations

from collections.abc import AsyncIterator

from core.clock import Clock
from core.generation.calls import ProviderCalls
from core.generation.job import Job
from core.generation.media import result_from
from core.generation.provider import Result
from core.generation.read_ahead import ReadAhead
from core.generation.relay import Picture, Relay, RelayPatience

_PIECE = 256 * 1024
"""Bytes that are handed on at a time where all are there already."""


class Relays:
    """`picture` makes thumbnails of videos; without it they have none."""

    def __init__(
        self,
        calls: ProviderCalls,
        *,
        clock: Clock,
        patience: RelayPatience,
        picture: Picture | None = None,
        ahead: ReadAhead | None = None,
    ) -> None:
        self._calls = calls
        self._clock = clock
        self._patience = patience
        self._picture = picture
        self._ahead = ahead or ReadAhead()

    def of(self, result: Result, data: bytes) -> Relay:
        """The bytes of a result that are here already; what it says of itself holds for them."""

        async def source(_: Result) -> AsyncIterator[bytes]:
            for start in range(0, len(data), _PIECE):
                yield data[start : start + _PIECE]

        async def fresh() -> Result:
            return result

        return Relay(
            result,
            open_result=source,
            fresh=fresh,
            ahead=self._ahead,
            clock=self._clock,
            patience=self._patience,
        )

    def relay(self, job: Job, number: int) -> Relay:
        """The bytes of a job's result, counted from 0.

        Raises:
            ProviderError: the job's provider is not loaded.

        """
        provider = self._calls.provider(job)
        return Relay(
            result_from(job.results[number]),
            open_result=provider.open,
            fresh=lambda: self._calls.fresh_result(job, number),
            ahead=self._ahead,
            clock=self._clock,
            picture=self._picture,
            patience=self._patience,
        )
