"""A studio with a web server, and a provider that calls back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession
from support.generation_world import ScriptedProvider, World

from core.generation.assembly import Studio
from core.generation.callback_addresses import CallbackAddresses
from core.generation.provider import CallbackNews, CallbackRefused, CallbackRequest, SubmissionUnknown
from core.observability.metrics import Metrics
from core.web.callbacks import Callbacks
from core.web.server import Readiness, WebServer

SECRET = b"s" * 32
PUBLIC = "https://studio.example/bot"
TOKEN = "genuine"


class CallingProvider(ScriptedProvider):
    """Calls back with `{"task": ..., "delivery": ...}` and a token; can lose the replies to submissions."""

    def __init__(self) -> None:
        super().__init__()
        self.checks = 0

    async def verify_callback(self, request: CallbackRequest) -> CallbackNews:
        self.checks += 1
        if request.headers.get("x-crash"):
            raise ZeroDivisionError
        if request.headers.get("x-token") != TOKEN or request.headers.get("x-stale"):
            raise CallbackRefused("not mine, or too old")
        try:
            body = json.loads(request.body)
            return CallbackNews(str(body["task"]), str(body.get("delivery", "")))
        except (ValueError, TypeError, KeyError) as error:
            raise CallbackRefused("no callback") from error

    def lose_replies(self) -> None:
        """The task is taken, its reply is lost, and there is no list to look it up in."""

        async def lose() -> None:
            raise SubmissionUnknown("the reply was lost")

        self.during_submit = lose
        self.finds = False


class CallbackHouse:
    """The world, and a server for callbacks that stands in front of a studio, or of none."""

    def __init__(self, world: World, client: ClientSession) -> None:
        self.world = world
        self.provider = CallingProvider()
        world.provider = self.provider
        world.addresses = CallbackAddresses(PUBLIC, [SECRET])
        self.client = client
        self.studio: Studio | None = None
        self.metrics = Metrics()
        self.server = WebServer(
            host="127.0.0.1", port=0, metrics=self.metrics, readiness=self._tell_readiness
        )
        self.callbacks = Callbacks(
            addresses=world.addresses,
            jobs=world.jobs,
            worker=lambda: self.studio.worker if self.studio else None,
            clock=world.clock,
            metrics=self.metrics,
        )
        for name in ("scripted", "other"):
            self.server.serve_callbacks(name, self._handler(name))

    def _handler(self, name: str) -> Any:
        async def handle(request: Any) -> Any:
            return await self.callbacks.receive(name, self.provider, request)

        return handle

    def url(self, job_id: str, *, provider: str = "scripted") -> str:
        """The address that the provider was given for a job, on this machine."""
        path = self.world.addresses.address(provider, job_id).removeprefix(PUBLIC)
        return f"http://127.0.0.1:{self.server.port}{path}"

    async def call(
        self,
        job_id: str,
        task: str,
        *,
        delivery: str = "",
        url: str | None = None,
        body: bytes | None = None,
        **headers: str,
    ) -> int:
        """Call back as the provider does; the status of the answer."""
        sent = {"X-Token": TOKEN, "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = json.dumps({"task": task, "delivery": delivery}).encode() if body is None else body
        async with self.client.post(url or self.url(job_id), data=content, headers=sent) as response:
            return response.status

    async def _tell_readiness(self) -> Readiness:
        return Readiness(active=True, ready=True)


@asynccontextmanager
async def callback_house(world: World) -> AsyncIterator[CallbackHouse]:
    """A house that is closed in the end, with whatever studio it has by then."""
    async with ClientSession() as client:
        house = CallbackHouse(world, client)
        await house.server.start()
        try:
            yield house
        finally:
            if house.studio is not None:
                await house.studio.worker.stop()
            await house.server.stop()
