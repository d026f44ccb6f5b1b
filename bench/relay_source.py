"""A provider's file server for the benchmark of relays, in a process of its own: files of any length."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from bench.pacing import Line

_CHUNK = 128 * 1024
_SLACK = 0.002


class FileSource:
    """Answers `GET /BYTES` after one round trip, with so many bytes, over a line that all share."""

    def __init__(self, round_trip: float, rate: float) -> None:
        self._round_trip = round_trip
        self._line = Line(rate)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while True:
                request = await reader.readuntil(b"\r\n\r\n")
                size = int(request.split(b" ", 2)[1].strip(b"/"))
                await asyncio.sleep(self._round_trip)
                await self._answer(writer, size)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, size: int) -> None:
        head = f'HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: {size}\r\nETag: "one"\r\n\r\n'
        writer.write(head.encode())
        chunk = bytes(_CHUNK)
        for start in range(0, size, _CHUNK):
            length = min(_CHUNK, size - start)
            wait = self._line.wait(length)
            if wait > _SLACK:
                await asyncio.sleep(wait)
            writer.write(chunk[:length])
            await writer.drain()


async def _main(orders: dict[str, Any]) -> None:
    source = FileSource(orders["round_trip"], orders["rate"])
    server = await asyncio.start_server(source.serve, "127.0.0.1", 0)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(json.loads(sys.stdin.readline())))
