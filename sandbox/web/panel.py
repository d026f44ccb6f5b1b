"""What the author's panel asks for: the wire as it passes, faults that can be made, and the bot's books."""

from __future__ import annotations

import asyncio
import contextlib

from aiohttp import WSCloseCode, web

from sandbox.faults import FaultKind
from sandbox.http.errors import ApiError
from sandbox.http.finding import person_of, sandbox_of
from sandbox.mtproto import WireEvent
from sandbox.web.books import Books
from sandbox.web.wire_shapes import wire_shape

BOOKS: web.AppKey[Books | None] = web.AppKey("BOOKS")
SOCKETS: web.AppKey[set[web.WebSocketResponse]] = web.AppKey("SOCKETS")
_MOST_WAITING = 5_000
"""Messages that wait for a slow page; later ones are left out, and counted."""
_HEARTBEAT = 30.0

routes = web.RouteTableDef()


@routes.get("/api/wire")
async def watch_wire(request: web.Request) -> web.WebSocketResponse:
    """Every message between the clients and the local Telegram, as it passes."""
    socket = web.WebSocketResponse(heartbeat=_HEARTBEAT)
    await socket.prepare(request)
    passing: asyncio.Queue[WireEvent] = asyncio.Queue(_MOST_WAITING)
    left_out = 0

    def see(event: WireEvent) -> None:
        nonlocal left_out
        try:
            passing.put_nowait(event)
        except asyncio.QueueFull:
            left_out += 1

    async def tell() -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                shape = wire_shape(await passing.get())
                await socket.send_json({**shape, "left_out": left_out})

    request.app[SOCKETS].add(socket)
    stop = sandbox_of(request).server.on_event(see)
    telling = asyncio.create_task(tell())
    try:
        async for _ in socket:
            pass
    finally:
        stop()
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
        request.app[SOCKETS].discard(socket)
    return socket


@routes.get("/api/faults/kinds")
async def list_kinds(request: web.Request) -> web.Response:
    """The kinds of faults that there are."""
    return web.json_response({"kinds": [kind.value for kind in FaultKind]})


@routes.post("/api/connections/drop")
async def drop_connections(request: web.Request) -> web.Response:
    """Break all connections to the local Telegram at once; clients come back by themselves."""
    return web.json_response({"dropped": sandbox_of(request).server.drop_connections()})


@routes.get("/api/people/{person}/account")
async def show_account(request: web.Request) -> web.Response:
    """What a person has with the bot, and the latest entries of the ledger."""
    return web.json_response(await _books(request).account(person_of(request).id))


@routes.get("/api/people/{person}/jobs")
async def show_jobs(request: web.Request) -> web.Response:
    """A person's latest generations."""
    return web.json_response({"jobs": await _books(request).jobs(person_of(request).id)})


async def close(app: web.Application) -> None:
    """Send all that watch the wire away."""
    sockets = app[SOCKETS]
    for socket in tuple(sockets):
        await socket.close(code=WSCloseCode.GOING_AWAY)


def _books(request: web.Request) -> Books:
    books = request.app[BOOKS]
    if books is None:
        raise ApiError(404, "not_found", "the bot's books are not open here")
    return books
