"""The provider of the benchmark `jobs`, in a process of its own: `python -m bench.jobs_server`.

It prints its port. A task takes as many seconds as its order says; it tells of its end where the order names
an address. For each file it notes how long after the end of its task it was first asked for.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

FILE = b"x" * 1024


class TaskServer:
    """Tasks by their ids, and what became of them."""

    def __init__(self) -> None:
        self._ends: dict[str, float] = {}
        self._waits: dict[str, float] = {}
        self._numbers = itertools.count()
        self._telling: set[asyncio.Task[None]] = set()
        self._client: aiohttp.ClientSession | None = None

    def app(self) -> web.Application:
        """The routes."""
        app = web.Application()
        app.router.add_post("/tasks", self._order)
        app.router.add_get("/tasks/{id}", self._look)
        app.router.add_get("/files/{id}", self._give)
        app.router.add_get("/waits", self._report)
        app.cleanup_ctx.append(self._with_client)
        return app

    async def _with_client(self, _app: web.Application) -> AsyncIterator[None]:
        self._client = aiohttp.ClientSession()
        yield
        await self._client.close()

    async def _order(self, request: web.Request) -> web.Response:
        order = await request.json()
        task_id = f"task-{next(self._numbers)}"
        self._ends[task_id] = time.monotonic() + order["seconds"]
        if order["callback"]:
            telling = asyncio.create_task(self._tell(task_id, order["seconds"], order["callback"]))
            self._telling.add(telling)
            telling.add_done_callback(self._telling.discard)
        return web.json_response({"id": task_id})

    async def _tell(self, task_id: str, seconds: float, address: str) -> None:
        if self._client is None:
            return
        await asyncio.sleep(seconds)
        async with self._client.post(address, json={"task": task_id}) as response:
            await response.read()

    async def _look(self, request: web.Request) -> web.Response:
        # Tasks of an earlier life, as the waiting jobs' are, never end.
        end = self._ends.get(request.match_info["id"])
        return web.json_response({"done": end is not None and time.monotonic() >= end})

    async def _give(self, request: web.Request) -> web.Response:
        task_id = request.match_info["id"]
        self._waits.setdefault(task_id, time.monotonic() - self._ends[task_id])
        return web.Response(body=FILE)

    async def _report(self, _request: web.Request) -> web.Response:
        waits, self._waits = list(self._waits.values()), {}
        return web.json_response(waits)


async def _serve() -> None:
    runner = web.AppRunner(TaskServer().app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())
