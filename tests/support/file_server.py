"""A server that gives out one file, breaks off when told to, and goes on or not, as servers do."""

from __future__ import annotations

import asyncio
import re

from aiohttp import web
from support.http_world import HttpWorld


class FileServer:
    """Serves one file; `ends` say where each answer breaks off, one after another, counted in its bytes."""

    def __init__(self, world: HttpWorld, content: bytes) -> None:
        world.otherwise = self._answer
        self.world = world
        self.content = content
        self.headers = {"ETag": '"one"'}
        self.says_length = True
        self.ends: list[int] = []
        self.stalls = False
        self.ranges = True
        self.heeds_condition = True
        self.shift = 0
        self.expired: set[str] = set()
        self.sent = 0

    @property
    def asked(self) -> list[str | None]:
        return [request.headers.get("Range") for request in self.world.seen]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.path in self.expired:
            return web.Response(status=403)
        begin = self._begin(request)
        body = self.content[begin:]
        headers = dict(self.headers)
        if self.says_length:
            headers["Content-Length"] = str(len(body))
        status = 200
        if begin:
            status, at = 206, begin + self.shift
            headers["Content-Range"] = f"bytes {at}-{len(self.content) - 1}/{len(self.content)}"
        response = web.StreamResponse(status=status, headers=headers)
        await response.prepare(request)
        end = self.ends.pop(0) if self.ends else len(body)
        for start in range(0, min(end, len(body)), 8192):
            piece = body[start : min(start + 8192, end)]
            await response.write(piece)
            self.sent += len(piece)
        if end < len(body):
            if self.stalls:
                await asyncio.Event().wait()
            assert request.transport is not None
            request.transport.close()
        return response

    def _begin(self, request: web.Request) -> int:
        asked = re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range", ""))
        condition = request.headers.get("If-Range")
        same = condition in (self.headers.get("ETag"), self.headers.get("Last-Modified"))
        if asked is None or not self.ranges or (self.heeds_condition and not same):
            return 0
        return int(asked[1])
