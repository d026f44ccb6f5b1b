"""Proxies on this machine: SOCKS5, HTTP with tunnels, and Telegram's own kind."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

Change = Callable[[bytes], bytes]


class RelayServer(ABC):
    """A proxy that may be started again on its port; it counts what it carries.

    With a `password` it lets in `user` alone. Every destination is at `target`, where one is set.
    """

    scheme: str

    def __init__(self, *, password: str = "", target: tuple[str, int] | None = None) -> None:
        self.carried = 0
        self.port = 0
        self.password = password
        self.target = target
        self.refuses = False
        """Whether it says of every destination that it is not to be reached."""
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def label(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def address(self) -> str:
        user = f"user:{self.password}@" if self.password else ""
        return f"{self.scheme}://{user}127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._talk(reader, writer)
        finally:
            writer.close()

    @abstractmethod
    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak with one who came, as the proxy's kind does; the connection is closed after it."""

    async def _carry(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        where: tuple[str, int],
        *,
        yes: bytes = b"",
        first: bytes = b"",
        there: Change = bytes,
        back: Change = bytes,
    ) -> None:
        far_reader, far_writer = await asyncio.open_connection(*(self.target or where))
        self.carried += 1
        writer.write(yes)
        far_writer.write(first)
        ways = [_pipe(reader, far_writer, there), _pipe(far_reader, writer, back)]
        running = [asyncio.ensure_future(way) for way in ways]
        try:
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        finally:
            far_writer.close()
            for each in running:
                each.cancel()
            await asyncio.gather(*running, return_exceptions=True)


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, change: Change) -> None:
    while data := await reader.read(65536):
        writer.write(change(data))
        await writer.drain()


class Socks(RelayServer):
    """SOCKS5."""

    scheme = "socks5"

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, methods = await reader.readexactly(2)
        await reader.readexactly(methods)
        if self.password:
            writer.write(b"\x05\x02")
            _, length = await reader.readexactly(2)
            user = await reader.readexactly(length)
            word = await reader.readexactly((await reader.readexactly(1))[0])
            if (user, word) != (b"user", self.password.encode()):
                writer.write(b"\x01\x01")
                return
            writer.write(b"\x01\x00")
        else:
            writer.write(b"\x05\x00")
        head = await reader.readexactly(4)
        length = 4 if head[3] == 1 else (await reader.readexactly(1))[0]
        host = await reader.readexactly(length)
        port = int.from_bytes(await reader.readexactly(2), "big")
        where = ".".join(map(str, host)) if head[3] == 1 else host.decode()
        if self.refuses:
            writer.write(b"\x05\x04\x00\x01" + bytes(6))
            return
        await self._carry(reader, writer, (where, port), yes=b"\x05\x00\x00\x01" + bytes(6))


class HttpTunnels(RelayServer):
    """HTTP, with tunnels alone or with whole requests, as it is asked."""

    scheme = "http"

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, url = head.split(b" ", 2)[:2]
        token = base64.b64encode(f"user:{self.password}".encode())
        if self.password and b"Basic " + token not in head:
            writer.write(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n")
        elif self.refuses:
            writer.write(b"HTTP/1.1 502 Not there\r\nContent-Length: 0\r\n\r\n")
        elif method == b"CONNECT":
            host, _, port = url.decode().rpartition(":")
            await self._carry(reader, writer, (host, int(port)), yes=b"HTTP/1.1 200 Go on\r\n\r\n")
        else:
            host, _, port = url.decode().split("/")[2].partition(":")
            await self._carry(reader, writer, (host, int(port or 80)), first=head)


class MtProxy(RelayServer):
    """Telegram's own kind, for abridged frames. Whoever does not know its secret is not answered.

    Source: https://core.telegram.org/mtproto/mtproto-transports, "Transport obfuscation".
    """

    scheme = "mtproxy"

    def __init__(self, secret: str) -> None:
        super().__init__()
        self._secret = bytes.fromhex(secret)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readexactly(64)
        tail = head[55:7:-1]
        there = _stream(head[8:40], self._secret, head[40:56])
        back = _stream(tail[:32], self._secret, tail[32:48])
        if there(head)[56:60] != b"\xef" * 4:
            await reader.read()
            return
        assert self.target is not None
        await self._carry(reader, writer, self.target, first=b"\xef", there=there, back=back)


def _stream(key: bytes, secret: bytes, begin: bytes) -> Change:
    """Both ways the same: what AES in its counting mode adds to the bytes."""
    change: Change = Cipher(AES(hashlib.sha256(key + secret).digest()), CTR(begin)).encryptor().update
    return change
