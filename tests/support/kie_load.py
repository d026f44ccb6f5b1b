"""The contract server of Kie.ai in a process of its own, under load: `python -m support.kie_load`.

It prints its port. Tasks take as long as `POST /load/seconds` says, and their ends are told where an order
names an address, signed. For each result it notes how long after the end of its task it was first asked for.
Unlike in tests nothing that comes is kept, and thousands of tasks may wait.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import deque

from aiohttp import ClientSession, web
from support.kie_schemas import problems
from support.kie_server import KieServer, Task
from support.scripted_http import Handler

WEBHOOK_KEY = "kie-load-key"
CONTENT = b"x" * 1024


class KieUnderLoad(KieServer):
    """Kie.ai as its contract server speaks it, whose tasks end by the clock."""

    def __init__(self) -> None:
        super().__init__(problems=problems, webhook_key=WEBHOOK_KEY)
        self.content, self.extension = CONTENT, "png"
        self.seconds = 0.0
        self.polls = 0
        self._ends: dict[str, float] = {}
        self._waits: dict[str, float] = {}
        self._telling: set[asyncio.Task[None]] = set()

    def routes(self) -> list[web.RouteDef]:
        return [
            *super().routes(),
            web.post("/load/seconds", self._set_seconds),
            web.post("/load/waiting", self._let_wait),
            web.get("/load/waits", self._tell_waits),
            web.get("/load/polls", self._tell_polls),
        ]

    def route(self, name: str, usual: Handler) -> Handler:
        return usual

    async def _create_job(self, request: web.Request) -> web.StreamResponse:
        known = len(self.tasks)
        response = await super()._create_job(request)
        if len(self.tasks) > known:
            task = next(reversed(self.tasks.values()))
            self._ends[task.id] = time.monotonic() + self.seconds
            task.steps = deque([{"state": "generating"}])
            if task.callback_url:
                telling = asyncio.create_task(self._tell(task, self.seconds))
                self._telling.add(telling)
                telling.add_done_callback(self._telling.discard)
        return response

    async def _tell(self, task: Task, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._end(task)
        body, headers = self.callback(task, timestamp=int(time.time()))
        async with (
            ClientSession() as session,
            session.post(task.callback_url, data=body, headers=headers) as response,
        ):
            await response.read()

    def _end(self, task: Task) -> None:
        if time.monotonic() >= self._ends.get(task.id, float("inf")):
            task.steps = deque([self.success(task.id)])

    async def _record(self, request: web.Request) -> web.StreamResponse:
        self.polls += 1
        task = self.tasks.get(request.query.get("taskId", ""))
        if task is not None:
            self._end(task)
        return await super()._record(request)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        task_id = request.match_info["name"].partition(".")[0]
        self._waits.setdefault(task_id, time.monotonic() - self._ends[task_id])
        return await super()._file(request)

    async def _set_seconds(self, request: web.Request) -> web.Response:
        self.seconds = float(await request.text())
        return web.Response()

    async def _let_wait(self, request: web.Request) -> web.Response:
        """Forget all tasks; as many wait from now on as the body says, called `waiting_NUMBER`."""
        self.tasks.clear()
        for number in range(int(await request.text())):
            task_id = f"waiting_{number}"
            body = {"input": {"prompt": "a lighthouse"}}
            self.tasks[task_id] = Task(task_id, "jobs", "z-image", body, deque([{"state": "waiting"}]))
        return web.Response()

    async def _tell_waits(self, _: web.Request) -> web.Response:
        waits, self._waits = list(self._waits.values()), {}
        return web.json_response(waits)

    async def _tell_polls(self, _: web.Request) -> web.Response:
        return web.json_response(self.polls)


async def _serve() -> None:
    async with KieUnderLoad().running() as server:
        sys.stdout.write(f"{server.url.rpartition(':')[2]}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())
