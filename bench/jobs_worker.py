"""One round of the benchmark `jobs` in a process of its own: `python -m bench.jobs_worker ORDER`.

ORDER is JSON; the first line of the input is the database's address. It prints figures as one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import logging
import resource
import sys
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
import structlog

from bench.jobs_studio import KEY, MODEL, PROVIDER, House, open_house
from bench.measuring import percentile
from core.generation.job import Job, JobState
from core.generation.settings import GenerationSettings, Patience
from core.storage.generations import job_document
from core.users import User

_HEADERS = {"Authorization": f"Bearer {KEY}", "User-Agent": "Mozilla/5.0"}
_ORDER = {"model": MODEL, "input": {"prompt": "a lighthouse", "aspect_ratio": "1:1"}}
_AT_ONCE = 50
_BATCH = 500
_PAGE = resource.getpagesize()
_STATM = Path("/proc/self/statm")


@dataclass(frozen=True, slots=True)
class Order:
    """What is measured. `kind` is whole, bare, callback, poll or waiting.

    `seconds` is how long a task takes, or how long waiting jobs are watched; `queries` how many questions a
    second Kie.ai allows.
    """

    kind: str
    server: str
    embedded: bool
    jobs: int
    seconds: float
    queries: int


async def run(order: Order, uri: str) -> dict[str, float]:
    """Do it."""
    if order.kind == "bare":
        return await _bare(order)
    async with open_house(
        uri,
        f"bench_jobs_{uuid.uuid4().hex[:8]}",
        order.server,
        embedded=order.embedded,
        callbacks=order.kind != "poll",
        queries=order.queries,
        settings=GenerationSettings(patience=Patience(deadline=24 * 3600.0)),
    ) as house:
        rounds: dict[str, Callable[[Order, House], Awaitable[dict[str, float]]]] = {
            "whole": _whole,
            "callback": _latency,
            "poll": _latency,
            "waiting": _waiting,
        }
        return await rounds[order.kind](order, house)


async def _bare(order: Order) -> dict[str, float]:
    """The same requests to Kie.ai with nothing around them: the floor."""
    await _tell(order, "seconds", 0)
    began, cpu = time.perf_counter(), time.process_time()
    places = asyncio.Semaphore(_AT_ONCE)
    async with aiohttp.ClientSession(headers=_HEADERS) as client:

        async def one() -> None:
            async with places:
                async with client.post(f"{order.server}/api/v1/jobs/createTask", json=_ORDER) as response:
                    task = (await response.json())["data"]["taskId"]
                asked = {"taskId": task}
                async with client.get(f"{order.server}/api/v1/jobs/recordInfo", params=asked) as response:
                    record = (await response.json())["data"]
                (address,) = json.loads(record["resultJson"])["resultUrls"]
                async with client.get(address) as response:
                    await response.read()

        await asyncio.gather(*(one() for _ in range(order.jobs)))
    return _throughput(order, began, cpu)


async def _whole(order: Order, house: House) -> dict[str, float]:
    """From the person's word to the settled payment."""
    await _fund(house, order.jobs)
    await _tell(order, "seconds", 0)
    house.studio.worker.start()
    began, cpu = time.perf_counter(), time.process_time()
    await _create(house, order.jobs)
    await house.delivered.reach(order.jobs)
    return _throughput(order, began, cpu)


async def _latency(order: Order, house: House) -> dict[str, float]:
    """How long after the end of its task a file is asked for."""
    await _fund(house, order.jobs)
    await _waits(order)  # those of earlier rounds
    await _tell(order, "seconds", order.seconds)
    house.studio.worker.start()
    await _create(house, order.jobs, spread=order.seconds / order.jobs)
    await house.delivered.reach(order.jobs)
    waits = await _waits(order)
    return {
        "done_to_delivery_p50_ms": 1000 * percentile(waits, 50),
        "done_to_delivery_p95_ms": 1000 * percentile(waits, 95),
    }


async def _waits(order: Order) -> list[float]:
    """Seconds from the end of each task to the first request for its file, since this was last asked."""
    waits: list[float] = await _asked(order, "waits")
    return waits


async def _polls(order: Order) -> int:
    """How often records have been asked for."""
    return int(await _asked(order, "polls"))


async def _asked(order: Order, what: str) -> Any:
    async with aiohttp.ClientSession() as client, client.get(f"{order.server}/load/{what}") as response:
        return await response.json()


async def _tell(order: Order, what: str, number: float) -> None:
    """Say how long tasks take from now on, or how many wait."""
    async with (
        aiohttp.ClientSession() as client,
        client.post(f"{order.server}/load/{what}", data=str(number)) as response,
    ):
        response.raise_for_status()


async def _waiting(order: Order, house: House) -> dict[str, float]:
    """What so many jobs cost that only wait for their provider."""
    await _tell(order, "waiting", order.jobs)
    await _leave_behind(house, order.jobs)
    before = _memory()
    house.studio.worker.start()
    began = time.perf_counter()
    await house.jobs.claimed.reach(order.jobs)
    claimed = time.perf_counter() - began
    after = _memory()
    polls = await _polls(order)
    cpu, trips = time.process_time(), house.database.round_trips
    began = time.perf_counter()
    await asyncio.sleep(order.seconds)
    window = time.perf_counter() - began
    spent, trips = time.process_time() - cpu, house.database.round_trips - trips
    polls = await _polls(order) - polls
    return {
        "claimed_per_second": order.jobs / claimed,
        "cpu_percent": 100 * spent / window,
        "memory_mb": after / 2**20,
        "memory_per_job_kb": (after - before) / order.jobs / 1024,
        "polls_per_second": polls / window,
        "round_trips_per_second": trips / window,
    }


async def _fund(house: House, people: int) -> None:
    async def one(user_id: int) -> None:
        await house.ledger.credit(
            user_id, 10, source="manual", key=f"b{user_id}", reference="", actor="bench", reason="bench"
        )

    for begin in range(1, people + 1, _AT_ONCE):
        await asyncio.gather(*(one(user_id) for user_id in range(begin, min(begin + _AT_ONCE, people + 1))))


async def _create(house: House, people: int, *, spread: float = 0.0) -> None:
    """Each person orders one; `spread` seconds lie between two orders."""
    places = asyncio.Semaphore(_AT_ONCE)
    quote = house.studio.generations.quote(MODEL)

    async def one(user_id: int) -> None:
        await asyncio.sleep(spread * user_id)
        async with places:
            await house.studio.generations.create(
                request_id="one", user=User(user_id), chat_id=user_id, quote=quote, prompt="a lighthouse"
            )

    await asyncio.gather(*(one(user_id) for user_id in range(1, people + 1)))


async def _leave_behind(house: House, number: int) -> None:
    """Jobs that a worker which is gone has left with their provider."""
    rows, now = house.database.collection("generations"), datetime.now(UTC)
    for begin in range(0, number, _BATCH):
        batch = range(begin, min(begin + _BATCH, number))
        await rows.insert_many([job_document(_running(each, now)) for each in batch])


def _running(number: int, now: datetime) -> Job:
    return Job(
        id=f"w{number}",
        user_id=number,
        chat_id=number,
        language="en",
        username=None,
        model_id=MODEL,
        provider=PROVIDER,
        price=1,
        cost_usd=Decimal("0.004"),
        prompt=f"a lighthouse at night, number {number}, " * 5,
        options={},
        category="image",
        state=JobState.RUNNING,
        worker="gone",
        task_id=f"waiting_{number}",
        created_at=now,
        timings={"submitted": now, "running": now},
    )


def _throughput(order: Order, began: float, cpu: float) -> dict[str, float]:
    elapsed = time.perf_counter() - began
    return {
        "jobs_per_second": order.jobs / elapsed,
        "cpu_ms_per_job": 1000 * (time.process_time() - cpu) / order.jobs,
    }


def _memory() -> int:
    """Bytes in memory just now; where the system does not say, the most there ever were."""
    if _STATM.exists():
        return int(_STATM.read_text(encoding="ascii").split()[1]) * _PAGE
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    _uri = sys.stdin.readline().strip()
    print(json.dumps(asyncio.run(run(Order(**json.loads(sys.argv[1])), _uri))), flush=True)
