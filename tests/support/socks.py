"""A SOCKS5 server for tests of ways that lead through proxies."""

from __future__ import annotations

import asyncio
import contextlib


class Socks:
    """A SOCKS5 server on this machine that needs no password; it counts what it carries."""

    def __init__(self) -> None:
        self.carried = 0
        self.port = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        """As TELEGRAM_PROXY names it."""
        return f"socks5://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen; on the same port when it is started again."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no more and break off what is carried."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            _, methods = await reader.readexactly(2)
            await reader.readexactly(methods)
            writer.write(b"\x05\x00")
            head = await reader.readexactly(4)
            length = 4 if head[3] == 1 else (await reader.readexactly(1))[0]
            host = await reader.readexactly(length)
            port = int.from_bytes(await reader.readexactly(2), "big")
            where = ".".join(map(str, host)) if head[3] == 1 else host.decode()
            far_reader, far_writer = await asyncio.open_connection(where, port)
            writer.write(b"\x05\x00\x00\x01" + bytes(6))
            self.carried += 1
            ways = [_pipe(reader, far_writer), _pipe(far_reader, writer)]
            running = [asyncio.ensure_future(way) for way in ways]
            try:
                await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for each in running:
                    each.cancel()
                await asyncio.gather(*running, return_exceptions=True)
                far_writer.close()
        writer.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
