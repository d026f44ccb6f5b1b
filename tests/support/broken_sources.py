"""Sources of a file that break off, stand still, lie and change, as providers and their servers do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from core.errors import ProviderError
from core.generation.provider import Result
from core.generation.read_ahead import AheadLimits, ReadAhead
from core.generation.relay import Picture, Relay, RelayPatience
from core.http.fetching import FileHead
from sandbox.clock import ManualClock


class Source(AsyncIterator[bytes]):
    """Chunks with a head, as `fetch` gives them; after them the end, an error, or silence."""

    def __init__(
        self,
        *chunks: bytes,
        head: FileHead | None = None,
        error: Exception | None = None,
        silent: bool = False,
    ) -> None:
        self.head = head
        self.closed = False
        self.taken = 0
        self._chunks = list(chunks)
        self._error = error
        self._silent = silent

    async def __anext__(self) -> bytes:
        if self._chunks:
            self.taken += 1
            return self._chunks.pop(0)
        if self._silent:
            await asyncio.Event().wait()
        if self._error is not None:
            raise self._error
        raise StopAsyncIteration

    async def aclose(self) -> None:
        self.closed = True


class RelayWorld:
    """One relay at a time, of what the sources give, one for each opening; time passes by itself."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.ahead = ReadAhead()
        self.opened: list[str] = []
        self.sources: list[AsyncIterator[bytes]] = []
        self.fresh: list[Result | ProviderError] = []

    def limit(self, *, each: int, total: int) -> None:
        self.ahead = ReadAhead(AheadLimits(each, total))

    def relay(
        self,
        *sources: AsyncIterator[bytes],
        result: Result | None = None,
        silence: float = 60.0,
        picture: Picture | None = None,
    ) -> Relay:
        self.sources = list(sources)
        return Relay(
            result or Result("https://files/1"),
            open_result=self._open,
            fresh=self._fresh,
            ahead=self.ahead,
            clock=self.clock,
            picture=picture,
            patience=RelayPatience(silence=silence),
        )

    async def whole(self, relay: Relay, after: Callable[[], Any] = lambda: None) -> bytes:
        """All that a relay gives, while time passes; it is closed afterwards."""
        work = asyncio.ensure_future(self._taken(relay, after))
        while not work.done():
            asleep = asyncio.ensure_future(self.clock.until_asleep(1))
            await asyncio.wait((work, asleep), return_when=asyncio.FIRST_COMPLETED)
            if asleep.done():
                await self.clock.advance(1)
            asleep.cancel()
            await asyncio.gather(asleep, return_exceptions=True)
        return await work

    async def _taken(self, relay: Relay, after: Callable[[], Any]) -> bytes:
        try:
            await relay.begin()
            after()
            return b"".join([chunk async for chunk in relay])
        finally:
            await relay.aclose()

    def _open(self, result: Result) -> AsyncIterator[bytes]:
        self.opened.append(result.url)
        return self.sources.pop(0)

    async def _fresh(self) -> Result:
        answer = self.fresh.pop(0)
        if isinstance(answer, ProviderError):
            raise answer
        return answer
