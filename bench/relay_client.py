"""A file from a provider's server to the sink in three ways: down only, relayed, and down first, up then."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from bench.upload_client import Uploaders
from core.clock import SystemClock
from core.errors import ProviderError
from core.generation.provider import Result
from core.generation.read_ahead import ReadAhead
from core.generation.relay import Relay
from core.http.addresses import LOOPBACK_TOO
from core.http.provider_http import HttpLayer, ProviderHttp
from core.telegram.uploader import Uploader


class Relaying:
    """Fetches from the file server at `url`."""

    def __init__(self, uploader: Uploader, http: ProviderHttp, url: str) -> None:
        self._uploader = uploader
        self._http = http
        self._url = url
        self._ahead = ReadAhead()

    async def downloaded(self, size: int) -> float:
        """Seconds of fetching alone."""
        begun = time.perf_counter()
        came = 0
        async for chunk in self._http.fetch(f"{self._url}/{size}"):
            came += len(chunk)
        assert came == size
        return time.perf_counter() - begun

    async def relayed(self, size: int) -> float:
        """Seconds until all of it lies on Telegram's servers, sent on as it comes."""
        begun = time.perf_counter()
        relay = Relay(
            Result(f"{self._url}/{size}"),
            open_result=lambda result: self._http.fetch(result.url),
            fresh=_nothing_fresh,
            ahead=self._ahead,
            clock=SystemClock(),
        )
        await relay.begin()
        try:
            file = await self._uploader.file(relay, name="relayed.mp4", size=relay.size)
        finally:
            await relay.aclose()
        assert file.size == size
        return time.perf_counter() - begun

    async def stored_and_sent(self, size: int, path: Path, uploaders: Uploaders) -> float:
        """Seconds of fetching into a file, and then sending that with Pyrogram."""
        begun = time.perf_counter()
        with path.open("wb") as file:
            async for chunk in self._http.fetch(f"{self._url}/{size}"):
                file.write(chunk)
        await uploaders.sent(path)
        return time.perf_counter() - begun


@asynccontextmanager
async def relaying(uploader: Uploader, url: str) -> AsyncIterator[Relaying]:
    """What relays from the server at `url`, with connections of its own until the end."""
    # What is written to standard output is the report.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    http = HttpLayer(SystemClock(), policy=LOOPBACK_TOO)
    try:
        yield Relaying(uploader, http.provider("bench"), url)
    finally:
        await http.close()


async def _nothing_fresh() -> Result:
    raise ProviderError("nothing expires here")
