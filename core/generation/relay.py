"""Brings a provider's file to whoever uploads it while it is still arriving, whole, whatever breaks off.

Where a download breaks off and its server can go on, the HTTP layer goes on. What is left to do here works
with any provider: the result is opened again, and what has been passed on already is compared, by its
checksum, with what comes now, and not passed on a second time. So the upload goes on where it was, no part
of it is sent twice, and the bytes of two files are never mixed: if the beginning is another one now, the
upload has to begin anew, and `RestartNeeded` says so.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, Self

import structlog

from core.clock import Clock
from core.errors import ProviderError
from core.generation.probe.facts import MediaFacts
from core.generation.probe.probe import MediaProbe, form_of_type
from core.generation.provider import Result
from core.generation.read_ahead import ReadAhead
from core.generation.result_head import PAGES, ResultHead
from core.http.fetching import FileHead
from core.http.resuming import is_expired
from core.media.stills import Still

_log = structlog.stdlib.get_logger(__name__)

OpenResult = Callable[[Result], AsyncIterator[bytes]]
"""Begins to fetch a result from its beginning."""
FreshResult = Callable[[], Awaitable[Result]]
"""Asks the provider where the result is now. Raises ProviderError if it cannot be asked or has none."""
Picture = Callable[[Still], Coroutine[Any, Any, bytes | None]]
"""Makes a thumbnail, a JPEG, of a video's first picture; None where that does not succeed."""


class RestartNeeded(ProviderError):
    """What came first is not what comes now: an upload that has begun cannot be ended, only begun anew."""


class _Final(ProviderError):
    """A failure that opening the result again does not mend."""


@dataclass(frozen=True, slots=True)
class RelayPatience:
    """A download stands still for at most `silence` seconds.

    A result that breaks off is opened again `attempts` times in a row without a new byte, and `most` times in
    all, after `first_wait` seconds, then twice as long each time.
    """

    silence: float = 100.0
    attempts: int = 4
    most: int = 8
    first_wait: float = 0.5


class Relay(AsyncIterator[bytes]):
    """The bytes of one result, in order and whole; a source for an upload.

    `begin` comes first, `aclose` last. The download runs ahead of the upload as far as there is memory for
    it. Iterating ends only if everything has come, and raises

    - RestartNeeded: the file has changed while it was fetched, or is not the one that was announced;
    - ProviderError: it is not to be had, empty, a page in place of a file, or breaks off again and again.
    """

    def __init__(
        self,
        result: Result,
        *,
        open_result: OpenResult,
        fresh: FreshResult,
        ahead: ReadAhead,
        clock: Clock,
        picture: Picture | None = None,
        patience: RelayPatience | None = None,
    ) -> None:
        self._result = result
        self._open = open_result
        self._fresh = fresh
        self._clock = clock
        self._picture = picture
        self._patience = patience or RelayPatience()
        self._buffer = ahead.buffer()
        self._probe = MediaProbe(ahead.kept)
        self._head = ResultHead(result)
        self._digest = hashlib.sha256()
        self._passed = 0
        self._short_end: int | None = None
        self._begun = asyncio.Event()
        self._pulling: asyncio.Task[None] | None = None
        self._drawing: asyncio.Task[bytes | None] | None = None
        self.failure: ProviderError | None = None
        """Why the file did not come, for callers who get it wrapped."""

    async def begin(self) -> None:
        """Begin to fetch, and wait for the first bytes: then it is known what is said of the file.

        Raises:
            ProviderError: there are none; nothing is left open.

        """
        self._pulling = asyncio.create_task(self._pull(), name="relay")
        try:
            await self._begun.wait()
            if self.failure is not None and not self._passed:
                raise self.failure
        except BaseException:
            await self.aclose()
            raise

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        chunk = await self._buffer.take()
        if not chunk:
            raise StopAsyncIteration
        return chunk

    @property
    def size(self) -> int | None:
        """How many bytes there will be, if whoever sends them says so; not what a provider announced."""
        return self._head.size

    @property
    def expected(self) -> int | None:
        """How many bytes there will be as far as anybody says, for showing progress."""
        return self._head.size if self._head.size is not None else self._result.size

    @property
    def mime_type(self) -> str:
        """What the file is, by its first bytes, or else by what is said of it."""
        return self._probe.facts().mime_type or self._head.mime_type

    def name(self, stem: str) -> str:
        """The file's name; made of `stem` and its type where it has none."""
        return self._head.name(stem, self.mime_type)

    def facts(self) -> MediaFacts:
        """What the file is; complete once all has passed. The bytes count more than what was announced."""
        facts = self._probe.facts()
        result = self._result
        mime_type = facts.mime_type or self._head.mime_type
        known = bool(facts.width and facts.height)
        return replace(
            facts,
            form=form_of_type(mime_type),
            mime_type=mime_type,
            width=facts.width if known else result.width,
            height=facts.height if known else result.height,
            duration=facts.duration or result.duration,
        )

    async def thumbnail(self) -> bytes | None:
        """A JPEG of a video's first picture, at most 320 pixels wide and high; None where there is none."""
        return await asyncio.shield(self._drawing) if self._drawing is not None else None

    async def aclose(self) -> None:
        """Give everything up; harmless at any time."""
        tasks = [task for task in (self._pulling, self._drawing) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._buffer.drop()
        self._probe.drop()

    async def _pull(self) -> None:
        """Fetch until all is there, or there is no hope."""
        failure: ProviderError | None = ProviderError("download: given up")
        try:
            await self._fetch_all()
            self._probe.end()
            self._draw()
            failure = None
        except Exception as error:
            failure = self.failure = error if isinstance(error, ProviderError) else _wrapped(error)
        finally:
            self._buffer.end(failure)
            self._begun.set()

    async def _fetch_all(self) -> None:
        tries = _Tries(self._patience)
        while True:
            try:
                await self._fetch_once()
                return
            except (RestartNeeded, _Final):
                raise
            except Exception as error:
                tries.failed(error, self._passed)
                _log.info("result opened again", passed=self._passed, error=type(error).__name__)
                expired = is_expired(error)
            if expired:
                fresh = await self._fresh()
                self._result = replace(self._result, url=fresh.url)
            else:
                await self._clock.sleep(tries.wait)

    async def _fetch_once(self) -> None:
        """Open the result, and pass on what has not been passed on yet."""
        source = self._open(self._result)
        known = _Known(self._passed, self._digest.digest())
        seen = 0
        try:
            while chunk := await self._next(source):
                if not seen:
                    self._look_at_head(source)
                seen += len(chunk)
                if new := known.rest(chunk):
                    await self._pass_on(new)
        finally:
            close = getattr(source, "aclose", None)
            if close is not None:
                await close()
        self._check_end(seen)

    async def _next(self, source: AsyncIterator[bytes]) -> bytes:
        """The next bytes, or none at the end."""
        try:
            async with asyncio.timeout(self._patience.silence):
                while not (chunk := await anext(source)):
                    pass
                return chunk
        except StopAsyncIteration:
            return b""

    def _look_at_head(self, source: AsyncIterator[bytes]) -> None:
        """Note what the server says of the file."""
        head: FileHead | None = getattr(source, "head", None)
        if head is None:
            return
        if head.mime_type in PAGES:
            raise _Final(f"download: {head.mime_type} in place of a file")
        if self._passed and self._head.size not in (None, head.size):
            raise RestartNeeded("download: the file has another size now")
        self._head = ResultHead(self._result, head)

    async def _pass_on(self, chunk: bytes) -> None:
        self._digest.update(chunk)
        self._probe.feed(chunk)
        self._passed += len(chunk)
        if self._probe.known:
            self._begun.set()
        if self._probe.still_ready:
            self._draw()
        await self._buffer.put(chunk)

    def _check_end(self, seen: int) -> None:
        """Decide whether a download that ended without a fault has brought everything."""
        if not seen:
            raise _Final("download: empty file")
        size = self._head.size
        if seen < self._passed or (size is not None and seen < size):
            raise ProviderError(f"download: {seen} bytes of {max(self._passed, size or 0)}")
        if size is not None and seen > size:
            raise RestartNeeded(f"download: {seen} bytes of {size}")
        announced = self._result.size
        if size is None and announced is not None and seen < announced and seen != self._short_end:
            # Nobody but the provider says how long it is. Where it ends there a second time, that was wrong.
            self._short_end = seen
            raise ProviderError(f"download: {seen} bytes of {announced}")
        if self._result.sha256 and self._digest.hexdigest() != self._result.sha256:
            raise RestartNeeded("download: other bytes than announced")

    def _draw(self) -> None:
        """Have the thumbnail made of what has been kept for it, once."""
        if self._picture is None or self._drawing is not None:
            return
        still = self._probe.still()
        if still is not None:
            self._drawing = asyncio.create_task(self._picture(still), name="thumbnail")
            self._drawing.add_done_callback(lambda _: self._probe.drop())


class _Known:
    """Leaves out of a download what was passed on before, once it has proved to be the same."""

    def __init__(self, size: int, digest: bytes) -> None:
        self._left = size
        self._wanted = digest
        self._digest = hashlib.sha256()

    def rest(self, chunk: bytes) -> bytes:
        """What of `chunk` is new.

        Raises:
            RestartNeeded: the beginning is not what was passed on.

        """
        if not self._left:
            return chunk
        old = chunk[: self._left]
        self._digest.update(old)
        self._left -= len(old)
        if not self._left and self._digest.digest() != self._wanted:
            raise RestartNeeded("download: the file has changed")
        return chunk[len(old) :]


class _Tries:
    """Counts how often a result was opened, and says when it is enough."""

    def __init__(self, patience: RelayPatience) -> None:
        self._patience = patience
        self._passed = 0
        self._vain = 0
        self._all = 0
        self._renewed = False

    @property
    def wait(self) -> float:
        """Seconds before the next attempt."""
        return self._patience.first_wait * 2.0 ** max(0, self._vain - 1)

    def failed(self, error: Exception, passed: int) -> None:
        """Note a failure; raises it, as a ProviderError, where another attempt is of no use."""
        if passed > self._passed:
            self._passed, self._vain, self._renewed = passed, 0, False
        self._vain += 1
        self._all += 1
        spent = self._vain >= self._patience.attempts or self._all >= self._patience.most
        # An address that is refused though it is fresh will be refused again.
        if spent or (is_expired(error) and self._renewed):
            raise error if isinstance(error, ProviderError) else _wrapped(error) from error
        self._renewed = self._renewed or is_expired(error)


def _wrapped(error: Exception) -> ProviderError:
    return ProviderError(f"download: {type(error).__name__}")
