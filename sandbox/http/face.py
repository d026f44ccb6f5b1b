"""The HTTP server in front of a sandbox."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from aiohttp import web

from sandbox.http import chats, files, inline, people
from sandbox.http.events import Hub
from sandbox.http.finding import HUB, SANDBOX
from sandbox.http.guard import answer_refusals, refuse_strangers
from sandbox.server import Sandbox

_HOST = "127.0.0.1"
_GRACE = 2.0
"""Seconds that requests under way get at the end."""


def make_app(sandbox: Sandbox) -> web.Application:
    """All routes on one sandbox; a page may be added to the application before it is started."""
    app = web.Application(middlewares=[refuse_strangers, answer_refusals])
    hub = Hub()
    app[SANDBOX] = sandbox
    app[HUB] = hub
    app[inline.OFFERS] = {}
    for table in (people.routes, chats.routes, files.routes, inline.routes):
        app.add_routes(table)

    async def close(_app: web.Application) -> None:
        await hub.close()

    app.on_shutdown.append(close)
    return app


class HttpFace:
    """Serves an application (`make_app`) on 127.0.0.1; `port` 0 takes a free one."""

    def __init__(self, app: web.Application, *, port: int = 0) -> None:
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_GRACE)
        self._port = port

    @property
    def port(self) -> int:
        """Where it listens, once it is started."""
        return self._port

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://{_HOST}:{self._port}"

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            OSError: where the port is taken.
        """
        await self._runner.setup()
        site = web.TCPSite(self._runner, _HOST, self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Send listeners away and stop."""
        await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
