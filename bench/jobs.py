"""`jobs`: how many generations a second, how soon a result is on its way, and what jobs cost that wait.

Kie.ai stands on this machine: its contract server of the tests, asked by its real client and provider. Whole
generations take turns with the bare requests, and callbacks with polls; only rounds of one turn are compared.
Jobs that wait are measured at growing numbers.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.databases import database_at
from bench.jobs_worker import Order
from bench.measuring import Report, Round, machine, paired_ratios, spreads, table

_LONGEST = 3600.0
"""Seconds after which the benchmark gives up, whatever hangs."""
_ROOT = Path(__file__).parents[1]
_UNBOUND = 1_000_000
_LAYOUT = "one process for the studio, one for Kie.ai's contract server, one for the database"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured.

    `jobs` in a round from order to payment; `timed` in a round whose tasks take `task_seconds`; and `waiting`
    jobs, watched for `window` seconds each, while Kie.ai allows `queries` questions a second, of which polls
    have their share.
    `database_uri` names a MongoDB; without it the embedded one runs, as durable as in production.
    """

    jobs: int = 300
    timed: int = 60
    task_seconds: float = 5.0
    rounds: int = 3
    waiting: tuple[int, ...] = (1_000, 5_000, 20_000)
    window: float = 20.0
    queries: int = 50
    database_uri: str | None = None


_USUAL = Plan()


def command(
    *,
    jobs: Annotated[int, typer.Option(min=1, help="Whole generations in a round.")] = _USUAL.jobs,
    timed: Annotated[int, typer.Option(min=1, help="Generations in a round of latencies.")] = _USUAL.timed,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of each kind, in turns.")] = _USUAL.rounds,
    most: Annotated[
        int, typer.Option(min=1000, help="The largest number of waiting jobs; there are smaller ones.")
    ] = _USUAL.waiting[-1],
    queries: Annotated[
        int, typer.Option(min=1, help="Questions a second that Kie.ai allows while jobs wait.")
    ] = _USUAL.queries,
    database_uri: Annotated[
        str | None, typer.Option(help="A MongoDB instead of the embedded database.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON and nothing else.")] = False,
) -> None:
    """Measure generations from order to payment, from a task's end to the delivery, and while they wait."""
    waiting = (*(size for size in _USUAL.waiting if size < most), most)
    plan = Plan(
        jobs=jobs, timed=timed, rounds=rounds, waiting=waiting, queries=queries, database_uri=database_uri
    )
    report = asyncio.run(measure(plan))
    print(report.as_json() if as_json else in_words(report))


async def measure(plan: Plan) -> Report:
    """Run it.

    Raises:
        RuntimeError: a process failed.
        TimeoutError: it took longer than an hour.
    """
    server = machine() | {"layout": _LAYOUT}
    async with asyncio.timeout(_LONGEST), _provider() as url:
        async with database_at(plan.database_uri, server) as (uri, _):
            bench = _Bench(plan, uri, url)
            throughput = await bench.turns(("whole", "bare"), plan.jobs, 0.0)
            latency = await bench.turns(("callback", "poll"), plan.timed, plan.task_seconds)
        # What waits writes nothing; forcing every write to disk would only make filling the database slow.
        async with database_at(plan.database_uri, server, durable=False) as (uri, _):
            bench = _Bench(plan, uri, url)
            waiting = {size: [await bench.round("waiting", size, plan.window)] for size in plan.waiting}
    settings = {name: value for name, value in asdict(plan).items() if name != "database_uri"}
    return _report(settings, server, throughput, latency, waiting)


def in_words(report: Report) -> str:
    """The report for people."""
    server = ", ".join(f"{name} {value}" for name, value in report.server.items() if name != "layout")
    titles = {
        "throughput": "from order to payment, median (least..most) over the rounds",
        "latency": "from the end of a task at the provider to the begin of its delivery",
        "waiting": "jobs that wait for their provider",
    }
    parts = [
        f"{report.benchmark}: {', '.join(f'{name} {value}' for name, value in report.settings.items())}",
        f"  {server}",
        f"  {report.server['layout']}",
        *(table(title, report.figures[name]) for name, title in titles.items()),
        table("ratios", report.ratios),
    ]
    return "\n".join(parts)


class _Bench:
    """Rounds, each in a process of its own."""

    def __init__(self, plan: Plan, uri: str, provider: str) -> None:
        self._plan = plan
        self._uri = uri
        self._provider = provider

    async def turns(self, kinds: Sequence[str], jobs: int, seconds: float) -> dict[str, list[Round]]:
        rounds: dict[str, list[Round]] = {kind: [] for kind in kinds}
        for _ in range(self._plan.rounds):
            for kind in kinds:
                rounds[kind].append(await self.round(kind, jobs, seconds))
        return rounds

    async def round(self, kind: str, jobs: int, seconds: float) -> Round:
        queries = self._plan.queries if kind == "waiting" else _UNBOUND
        order = Order(kind, self._provider, self._plan.database_uri is None, jobs, seconds, queries)
        process = await _python("bench.jobs_worker", json.dumps(asdict(order)))
        try:
            said, _ = await process.communicate(f"{self._uri}\n".encode())
        finally:
            await _end(process)
        if process.returncode:
            raise RuntimeError(f"a round of {kind} failed")
        figures: Round = json.loads(said.splitlines()[-1])
        return figures


def _report(
    settings: Mapping[str, Any],
    server: Mapping[str, Any],
    throughput: Mapping[str, list[Round]],
    latency: Mapping[str, list[Round]],
    waiting: Mapping[int, list[Round]],
) -> Report:
    first = min(waiting)
    growth = {
        f"{size}/{first} waiting": paired_ratios(waiting[size], waiting[first])
        for size in waiting
        if size != first
    }
    return Report(
        benchmark="jobs",
        settings=settings,
        server=server,
        figures={
            "throughput": {kind: spreads(each) for kind, each in throughput.items()},
            "latency": {kind: spreads(each) for kind, each in latency.items()},
            "waiting": {f"{size} jobs": spreads(each) for size, each in waiting.items()},
        },
        ratios={
            "whole/bare": paired_ratios(throughput["whole"], throughput["bare"]),
            "poll/callback": paired_ratios(latency["poll"], latency["callback"]),
            **growth,
        },
    )


@asynccontextmanager
async def _provider() -> AsyncIterator[str]:
    process = await _python("support.kie_load")
    try:
        if process.stdout is None:
            raise RuntimeError("the contract server says nothing")
        yield f"http://127.0.0.1:{int(await process.stdout.readline())}"
    finally:
        await _end(process)


async def _python(module: str, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-W", "ignore", "-m", module, *arguments),
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(_ROOT), str(_ROOT / "tests")))},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()
