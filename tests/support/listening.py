"""A site of the outside world: one path on this machine that takes what is posted to it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import web


@contextlib.asynccontextmanager
async def listening(path: str, take: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[str]:
    """Let `take` answer what is posted to `path`; its address."""
    app = web.Application()
    app.router.add_post(path, take)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}{path}"
    finally:
        await runner.cleanup()
