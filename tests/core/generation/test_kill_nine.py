"""kill -9 of a real worker process, at each moment at which something outside has just happened."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from support.forked import ForkedProcess
from support.generation_world import PERSON, PRICE
from support.working_process import MODEL, work

from core.billing.ledger import Ledger
from core.clock import SystemClock
from core.generation.job import Job, JobState, queue_places, running_places
from core.storage.database import Database
from core.storage.generations import JobStore

MOMENTS = ("submit", "poll", "upload", "send")
"""In the order in which a job comes to them."""


class Outside:
    """The provider and Telegram. A `held` request is answered to nobody, once."""

    def __init__(self) -> None:
        self.tasks: dict[str, list[str]] = {}
        self.messages: dict[int, bool] = {}
        self.held = ""
        self.reached = asyncio.Event()
        self.delivered = asyncio.Event()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/{what}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.Response:
        what, asked = request.match_info["what"], await request.json()
        answer = self._do(what, asked)
        if what == self.held:
            self.held = ""
            self.reached.set()
            # Until the connection breaks, as the process at its other end is killed.
            await asyncio.Event().wait()
        return web.json_response(answer)

    def _do(self, what: str, asked: dict[str, Any]) -> dict[str, Any]:
        match what:
            case "submit":
                tasks = self.tasks.setdefault(asked["job"], [])
                tasks.append(f"{asked['job']}-{len(tasks)}")
                return {"task": tasks[-1]}
            case "find":
                return {"task": self.tasks.get(asked["job"], [None])[0]}
            case "delivered":
                self.delivered.set()
            case "poll":
                return {"done": True}
            case "send":
                self.messages.setdefault(asked["random"], asked["media"])
                return {"id": 100 + list(self.messages).index(asked["random"])}
        return {"file": what}


@pytest.fixture
async def outside() -> AsyncIterator[tuple[Outside, str]]:
    outside = Outside()
    runner = web.AppRunner(outside.app(), shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield outside, f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_a_worker_killed_at_every_moment_makes_one_task_one_message_one_payment_in_order(
    database: Database, database_uri: str, outside: tuple[Outside, str]
) -> None:
    server, url = outside
    clock = SystemClock()
    jobs, ledger = JobStore(database, clock), Ledger(database, clock)
    await ledger.credit(PERSON.id, 25, source="manual", key="paid", reference="", actor="test", reason="test")
    (place,), (behind,) = running_places(PERSON.id, 1), queue_places(PERSON.id, 1)
    orders = [
        Job(
            id=name,
            number=number,
            slot=slot,
            user_id=PERSON.id,
            chat_id=PERSON.id,
            language="en",
            username=None,
            model_id=MODEL.id,
            provider="remote",
            price=PRICE,
            cost_usd=MODEL.price.usd_for({}),
            prompt="a lighthouse",
            options={},
            category="image",
            delivery_random_id=number,
            notice_random_id=10 + number,
        )
        for number, (name, slot) in enumerate((("killed", place), ("behind", behind)), 1)
    ]
    assert [await jobs.insert(order) for order in orders] == [True, True]
    for moment in MOMENTS:
        server.held = moment
        server.reached.clear()
        process = await ForkedProcess.start(work, database_uri, database.name, url)
        try:
            async with asyncio.timeout(60):
                await server.reached.wait()
        finally:
            await process.kill()
        job = await jobs.get("killed")
        assert job is not None
        assert job.active, moment
        queued = await jobs.get("behind")
        assert queued is not None
        assert queued.state is JobState.QUEUED, moment
    process = await ForkedProcess.start(work, database_uri, database.name, url)
    try:
        async with asyncio.timeout(60):
            while not await _all_delivered(jobs):
                await server.delivered.wait()
                server.delivered.clear()
    finally:
        await process.kill()
    assert list(server.tasks.items()) == [("killed", ["killed-0"]), ("behind", ["behind-0"])]
    assert server.messages == {1: True, 2: True}
    assert await ledger.all_holds() == []
    assert (await ledger.balance(PERSON.id)).available == 25 - 2 * PRICE


async def _all_delivered(jobs: JobStore) -> bool:
    return all(job.state is JobState.DELIVERED for job in await jobs.get_many(("killed", "behind")))
