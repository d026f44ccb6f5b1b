"""The two uploaders that the benchmark compares, logged in to the sink, and one upload of each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pyrogram import Client

from bench.upload_sink import DC_ID, USER_ID
from core import heap
from core.clock import SystemClock
from core.storage.sessions import SessionPeer, SessionState, SessionStore
from core.telegram.client import TelegramClient
from core.telegram.endpoint import Endpoint
from core.telegram.session_storage import SessionStorage
from core.telegram.uploader import Uploader
from sandbox.mtproto.keys import ServerKey

MIB = 1024 * 1024
_CHUNK = 256 * 1024
_TICK = 0.002


@dataclass(frozen=True, slots=True)
class Upload:
    """One upload, in seconds: how long it took, and for how long it held the event loop up at the worst.

    `blocked` is by the clock, so it counts what else the machine did meanwhile; `worked` is the processor's
    time that the event loop's thread took in one such go.
    """

    seconds: float
    blocked: float
    worked: float


class LoggedIn:
    """`SessionStore` of an account that is logged in with a key that both sides know; kept in memory."""

    def __init__(self, auth_key: bytes, port: int) -> None:
        self._fields: dict[str, Any] = {
            "dc_id": DC_ID,
            "api_id": 1,
            "test_mode": False,
            "auth_key": auth_key,
            "date": 0,
            "user_id": USER_ID,
            "is_bot": True,
            "server_address": "127.0.0.1",
            "port": port,
        }

    async def load(self) -> dict[str, Any]:
        """The log-in."""
        return dict(self._fields)

    async def save(self, fields: Mapping[str, Any]) -> None:
        """Forget it."""

    async def states(self) -> list[SessionState]:
        """Nothing was read."""
        return []

    async def set_state(self, *states: SessionState) -> None:
        """Forget it."""

    async def save_peers(self, peers: Iterable[SessionPeer]) -> None:
        """Forget them."""


class Uploaders:
    """Ours and Pyrogram's, each with a client of its own."""

    def __init__(self, endpoint: Endpoint, auth_key: bytes) -> None:
        storage = SessionStorage(self._store(auth_key, endpoint.port))
        self._theirs = Client(
            "theirs",
            api_id=1,
            api_hash="-",
            storage_engine=storage,
            no_updates=True,
            connection_factory=endpoint.connection_factory(),
        )
        self._client = TelegramClient(
            name="ours",
            api_id=1,
            api_hash="-",
            bot_token=f"{USER_ID}:token",
            endpoint=endpoint,
            session=self._store(auth_key, endpoint.port),
            clock=SystemClock(),
            no_updates=True,
        )
        self.uploader = Uploader(self._client)

    @staticmethod
    def _store(auth_key: bytes, port: int) -> SessionStore:
        return cast(SessionStore, LoggedIn(auth_key, port))

    @asynccontextmanager
    async def running(self, *, theirs: bool = True) -> AsyncIterator[None]:
        """Both connected, until the end."""
        async with AsyncExitStack() as stack:
            await self._client.start()
            stack.push_async_callback(self._client.stop)
            stack.push_async_callback(self.uploader.stop)
            if theirs:
                await self._theirs.connect()
                stack.push_async_callback(self._leave)
            # As the bot does when it takes up its work.
            heap.settle()
            yield

    async def ours(self, path: Path, size: int) -> Upload:
        """Upload a file of `size` bytes with `Uploader.file`."""
        return await _timed(self.uploader.file(_read(path), name=path.name, size=size))

    async def pyrograms(self, path: Path) -> Upload:
        """Upload a file with `Client.save_file`."""
        return await _timed(self._theirs.save_file(path))

    async def sent(self, path: Path) -> Upload:
        """Send a file with `Client.send_video`."""
        return await _timed(self._theirs.send_video("me", path))

    async def endless(self, size: int) -> Upload:
        """Upload `size` bytes that nobody keeps."""
        return await _timed(self.uploader.file(_made(size), name="made.bin", size=size))

    async def _leave(self) -> None:
        for session in self._theirs.media_sessions.values():
            await session.stop()
        await self._theirs.disconnect()


def endpoint_of(port: int) -> Endpoint:
    """Where a sink listens; its RSA key is never needed."""
    return ServerKey.development().endpoint("127.0.0.1", port)


async def _timed(work: Any) -> Upload:
    longest = _Longest()
    watch = asyncio.create_task(longest.watch())
    started = time.perf_counter()
    await work
    seconds = time.perf_counter() - started
    watch.cancel()
    await asyncio.gather(watch, return_exceptions=True)
    return Upload(seconds, longest.blocked, longest.worked)


@dataclass(slots=True)
class _Longest:
    blocked: float = 0.0
    worked: float = 0.0

    async def watch(self) -> None:
        """Note the most by which a timer was late, until cancelled."""
        while True:
            before, work_before = time.perf_counter(), time.thread_time()
            await asyncio.sleep(_TICK)
            self.blocked = max(self.blocked, time.perf_counter() - before - _TICK)
            self.worked = max(self.worked, time.thread_time() - work_before)


async def _read(path: Path) -> AsyncIterator[bytes]:
    # Read on the event loop, as `save_file` does: from the page cache that takes a tenth of a millisecond.
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


async def _made(size: int) -> AsyncIterator[bytes]:
    chunk = bytes(_CHUNK)
    for start in range(0, size, _CHUNK):
        yield chunk[: min(_CHUNK, size - start)]
