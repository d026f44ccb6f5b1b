"""The wire between a bot and its database, which a test can slow down to nothing or cut."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit, urlunsplit

ResultT = TypeVar("ResultT")


Trouble = Callable[["DatabaseWire"], Coroutine[Any, Any, None]]


class DatabaseWire:
    """Passes bytes on between a port of its own and the server's.

    It runs in a thread: the driver blocks its own loop in places, and would wait for ever there.
    """

    def __init__(self, uri: str) -> None:
        self._target = urlsplit(uri)
        self._loop = asyncio.new_event_loop()
        self._flows = asyncio.Event()
        self._flows.set()
        self._whole = True
        self._writers: set[asyncio.StreamWriter] = set()
        self._connections: set[asyncio.Task[None]] = set()
        self._port = 0

    @classmethod
    @contextlib.asynccontextmanager
    async def to(cls, uri: str) -> AsyncIterator[Self]:
        """Lay the wire to the server at `uri`."""
        wire = cls(uri)
        thread = threading.Thread(target=wire._loop.run_forever, name="database wire")
        thread.start()
        server = wire._there(wire._open())
        try:
            yield wire
        finally:
            wire._there(wire._close(server))
            wire._loop.call_soon_threadsafe(wire._loop.stop)
            thread.join()
            wire._loop.close()

    @property
    def uri(self) -> str:
        """The server's address by way of this wire; where the server says that it is, is not asked."""
        options = "retryWrites=false&directConnection=true"
        return urlunsplit(self._target._replace(netloc=f"127.0.0.1:{self._port}", query=options))

    async def freeze(self) -> None:
        """Let nothing through; connections stay open."""
        self._flows.clear()

    async def cut(self) -> None:
        """End all connections and take no new ones."""
        self._whole = False
        for writer in self._writers:
            writer.close()

    async def mend(self) -> None:
        """Let everything through again."""
        self._whole = True
        self._flows.set()

    @contextlib.contextmanager
    def troubled(self, trouble: Trouble) -> Iterator[None]:
        """Make trouble (`freeze` or `cut`), and mend the wire at the end."""
        self._there(trouble(self))
        try:
            yield
        finally:
            self._there(self.mend())

    def _there(self, work: Coroutine[Any, Any, ResultT]) -> ResultT:
        """Do something in the wire's own thread; what it answers."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _open(self) -> asyncio.Server:
        server = await asyncio.start_server(self._begin, "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]
        return server

    async def _close(self, server: asyncio.Server) -> None:
        server.close()
        await self.mend()
        await self.cut()
        await asyncio.gather(*self._connections)
        await server.wait_closed()

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = self._loop.create_task(self._connected(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with contextlib.closing(writer), contextlib.suppress(OSError):
            if not self._whole:
                return
            there, back = await asyncio.open_connection(self._target.hostname, self._target.port)
            self._writers.add(back)
            with contextlib.closing(back):
                ways = [asyncio.ensure_future(self._pass(*way)) for way in ((reader, back), (there, writer))]
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
            self._writers.discard(back)
        self._writers.discard(writer)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await self._flows.wait()
            writer.write(data)
            await writer.drain()
