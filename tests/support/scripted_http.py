"""Servers that stand in for a provider's API, and answers by which a test makes them go wrong."""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web
from multidict import CIMultiDict

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Scripted = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]
"""What comes in place of the usual answer; it is given the usual way to answer."""


@dataclass(frozen=True)
class Seen:
    """A request that came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: CIMultiDict[str] = field(repr=False)
    body: bytes = field(repr=False)

    def json(self) -> Any:
        return json.loads(self.body)


class ScriptedServer(ABC):
    """A server on this machine. `script` holds what the next requests of a route get, by its name.

    With `garbage` every route answers with a page of HTML.
    """

    def __init__(self) -> None:
        self.url = ""
        self.garbage = False
        self.seen: list[Seen] = []
        self.script: dict[str, deque[Scripted]] = defaultdict(deque)

    @abstractmethod
    def routes(self) -> list[web.RouteDef]:
        """What the server answers to."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Serve for as long as the context lasts."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.add_routes(self.routes())
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
        await self._runner.setup()
        await self.listen(0)
        host, self._port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{self._port}"
        try:
            yield self
        finally:
            await self._runner.cleanup()

    async def listen(self, port: int | None = None) -> None:
        """Listen, again where it did before unless told otherwise."""
        self._site = web.TCPSite(self._runner, "127.0.0.1", self._port if port is None else port)
        await self._site.start()

    async def go_away(self) -> None:
        """Listen no more, and hang up on everybody."""
        await self._site.stop()
        assert self._runner.server is not None
        await self._runner.server.shutdown(timeout=0.1)

    def next(self, route: str, *scripted: Scripted) -> None:
        """What the next requests of a route get; after them it is as usual again."""
        self.script[route].extend(scripted)

    def requests(self, route: str, method: str = "") -> list[Seen]:
        """The requests whose path ends in `route`."""
        return [each for each in self.seen if each.path.endswith(route) and method in ("", each.method)]

    def route(self, name: str, usual: Handler) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            # A form is read by whoever answers; it cannot be read twice.
            body = b"" if request.content_type.startswith("multipart/") else await request.read()
            headers, query = CIMultiDict(request.headers), dict(request.query)
            self.seen.append(Seen(request.method, request.path, query, headers, body))
            scripted = self.script[name].popleft() if self.script[name] else None
            if self.garbage:
                scripted = page(200)
            return await (scripted(request, usual) if scripted else usual(request))

        return handle


def answer(status: int, value: Any, *, headers: Mapping[str, str] | None = None) -> Scripted:
    """JSON in place of the usual answer; nothing is done."""

    async def reply(_: web.Request, __: Handler) -> web.StreamResponse:
        return web.json_response(value, status=status, headers=headers)

    return reply


def page(status: int, text: str = "<html><body>Bad gateway</body></html>") -> Scripted:
    """A page of HTML, as a gateway shows it."""

    async def reply(_: web.Request, __: Handler) -> web.StreamResponse:
        return web.Response(status=status, text=text, content_type="text/html")

    return reply


def truncated() -> Scripted:
    """The usual answer, cut off within its JSON, as if that were all."""

    async def reply(request: web.Request, usual: Handler) -> web.StreamResponse:
        body = await _body_of(request, usual)
        return web.Response(body=body[: len(body) // 2], content_type="application/json")

    return reply


def broken_off() -> Scripted:
    """The usual answer begins, and the connection ends before it does."""

    async def reply(request: web.Request, usual: Handler) -> web.StreamResponse:
        body = await _body_of(request, usual)
        response = web.StreamResponse(headers={"Content-Length": str(len(body))})
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
        _hang_up(request)
        return response

    return reply


def lost() -> Scripted:
    """What was asked for is done, and the connection ends without an answer."""

    async def reply(request: web.Request, usual: Handler) -> web.StreamResponse:
        await usual(request)
        _hang_up(request)
        return web.Response()

    return reply


def never_arrived() -> Scripted:
    """The connection ends before anything is done."""

    async def reply(request: web.Request, _: Handler) -> web.StreamResponse:
        _hang_up(request)
        return web.Response()

    return reply


def held(begun: asyncio.Event, go: asyncio.Event) -> Scripted:
    """The usual answer, in two halves: `begun` is set between them, and the second waits for `go`."""

    async def reply(request: web.Request, usual: Handler) -> web.StreamResponse:
        body = await _body_of(request, usual)
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
        begun.set()
        await go.wait()
        await response.write(body[len(body) // 2 :])
        return response

    return reply


async def _body_of(request: web.Request, usual: Handler) -> bytes:
    response = await usual(request)
    assert isinstance(response, web.Response)
    assert isinstance(response.body, bytes)
    return response.body


def _hang_up(request: web.Request) -> None:
    assert request.transport is not None
    request.transport.close()
