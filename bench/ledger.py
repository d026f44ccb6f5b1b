"""`ledger`: how many holds and settlements a second, beside multi-document transactions, and as it grows.

A pair is a hold and its settlement. The two ledgers keep the same promises and take turns, round by round, on
one server; only rounds of one turn are compared. What Starloom's ledger does behind an operation (copying
entries) is part of the time.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.databases import database_at
from bench.ledger_books import KINDS, Books, erase, open_books
from bench.ledger_filling import STARS, fill
from bench.ledger_worker import CROWDED
from bench.measuring import Report, Round, Spread, machine, paired_ratios, spreads, table
from core.clock import SystemClock
from core.storage.database import Database

_LONGEST = 3600.0
"""Seconds after which the benchmark gives up, whatever hangs."""
_ROOT = Path(__file__).parents[1]
_PAST_PEOPLE = 10
"""Among how many people the entries of a ledger that has grown are shared."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured.

    `pairs` in a round at each number of `users`; for one person by `tasks` at once and by `processes` at
    once; and one after another in ledgers that have `sizes` entries already. `database_uri` names a MongoDB;
    without it the embedded one runs, as durable as in production.
    """

    users: tuple[int, ...] = (1, 8, 50)
    pairs: int = 100
    tasks: int = 20
    processes: int = 4
    rounds: int = 5
    sizes: tuple[int, ...] = (1_000, 10_000, 100_000)
    database_uri: str | None = None


_USUAL = Plan()


def command(
    *,
    pairs: Annotated[int, typer.Option(min=1, help="Pairs of a hold and its settlement in a round.")] = (
        _USUAL.pairs
    ),
    tasks: Annotated[int, typer.Option(min=1, help="Tasks at once for one person.")] = _USUAL.tasks,
    processes: Annotated[int, typer.Option(min=1, help="Processes at once for one person.")] = (
        _USUAL.processes
    ),
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of each ledger, in turns.")] = _USUAL.rounds,
    most: Annotated[
        int, typer.Option(min=1000, help="Entries of the largest ledger; there are smaller ones by tens.")
    ] = _USUAL.sizes[-1],
    database_uri: Annotated[
        str | None, typer.Option(help="A MongoDB instead of the embedded database.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON and nothing else.")] = False,
) -> None:
    """Measure holds and settlements beside multi-document transactions, and in a ledger that grows."""
    sizes = tuple(size for size in _USUAL.sizes if size < most)
    plan = Plan(_USUAL.users, pairs, tasks, processes, rounds, (*sizes, most), database_uri)
    report = asyncio.run(measure(plan))
    print(report.as_json() if as_json else in_words(report))


async def measure(plan: Plan) -> Report:
    """Run it.

    Raises:
        RuntimeError: a ledger does not add up afterwards, or a process failed.
        TimeoutError: it took longer than an hour.
    """
    server = machine()
    async with (
        asyncio.timeout(_LONGEST),
        database_at(plan.database_uri, server, replica_set=True) as (uri, embedded),
    ):
        rounds = await _compare(plan, uri, embedded)
        growth = await _grow(plan, uri, embedded)
    settings = {name: value for name, value in asdict(plan).items() if name != "database_uri"}
    return _report(settings, server, rounds, growth)


def in_words(report: Report) -> str:
    """The report for people."""
    parts = [
        f"{report.benchmark}: {', '.join(f'{name} {value}' for name, value in report.settings.items())}",
        f"  {', '.join(f'{name} {value}' for name, value in report.server.items())}",
        table("pairs a second, median (least..most) over the rounds", report.figures["pairs_per_second"]),
        table("ratios of paired rounds, pairs a second (above 1: the ledger is faster)", report.ratios),
        table("a pair in a ledger that has grown", report.figures["growth"]),
        *report.notes,
    ]
    return "\n".join(parts)


async def _compare(plan: Plan, uri: str, embedded: bool) -> dict[str, list[Round]]:
    """Pairs a second by the ledgers' kinds, round by round."""
    rounds: dict[str, list[Round]] = {kind: [] for kind in KINDS}
    async with AsyncExitStack() as stack:
        names = {kind: f"bench_{kind}_{uuid.uuid4().hex[:8]}" for kind in KINDS}
        opened = {}
        for kind, name in names.items():
            stack.push_async_callback(erase, uri, name)
            books = await stack.enter_async_context(open_books(kind, uri, name, embedded=embedded))
            for user_id in range(1, max(plan.users) + 1):
                await books.fund(user_id, STARS)
            await books.finish()
            opened[kind] = books
        for turn in range(plan.rounds):
            for kind, books in opened.items():
                start: _Start = _starter(kind, uri, names[kind], embedded)
                rounds[kind].append(await _round(plan, books, start, f"r{turn}"))
        for kind, books in opened.items():
            _assert_sound(kind, await books.problems())
    return rounds


_Start = Callable[[str, int], Awaitable[asyncio.subprocess.Process]]


async def _round(plan: Plan, books: Books, start: _Start, run: str) -> Round:
    found = {}
    for users in plan.users:
        each = max(1, plan.pairs // users)
        elapsed = await _together(
            books, [(user_id, f"{run}u{users}", each) for user_id in range(1, users + 1)]
        )
        found[f"{users} user{'s' if users > 1 else ''}"] = users * each / elapsed
    each = max(1, plan.pairs // plan.tasks)
    elapsed = await _together(books, [(CROWDED, f"{run}t{task}", each) for task in range(plan.tasks)])
    found[f"one user, {plan.tasks} tasks"] = plan.tasks * each / elapsed
    each = max(1, plan.pairs // plan.processes)
    elapsed = await _in_processes(start, [f"{run}p{number}" for number in range(plan.processes)], each)
    found[f"one user, {plan.processes} processes"] = plan.processes * each / elapsed
    return found


async def _together(books: Books, work: list[tuple[int, str, int]]) -> float:
    """Seconds until all of them have made their pairs, and nothing is left to be done behind them."""

    async def make(user_id: int, run: str, pairs: int) -> None:
        for number in range(pairs):
            await books.pair(user_id, f"{run}x{number}")

    began = time.perf_counter()
    await asyncio.gather(*(make(*each) for each in work))
    await books.finish()
    return time.perf_counter() - began


def _starter(kind: str, uri: str, name: str, embedded: bool) -> _Start:
    async def start(run: str, pairs: int) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-W", "ignore", "-m", "bench.ledger_worker", kind, name, run, str(pairs)),
            "embedded" if embedded else "MongoDB",
            env={**os.environ, "PYTHONPATH": str(_ROOT)},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        await _tell(process, uri)
        await _hear(process, "ready")
        return process

    return start


async def _in_processes(start: _Start, runs: list[str], pairs: int) -> float:
    """Seconds from the word to all until the last is done."""
    processes = [await start(run, pairs) for run in runs]
    try:
        began = time.perf_counter()
        await asyncio.gather(*(_tell(process, "go") for process in processes))
        await asyncio.gather(*(_hear(process, "done") for process in processes))
        elapsed = time.perf_counter() - began
        await asyncio.gather(*(_tell(process, "end") for process in processes))
        await asyncio.gather(*(process.wait() for process in processes))
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
                await process.wait()
    return elapsed


async def _tell(process: asyncio.subprocess.Process, line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{line}\n".encode())
    await process.stdin.drain()


async def _hear(process: asyncio.subprocess.Process, line: str) -> None:
    assert process.stdout is not None
    if (await process.stdout.readline()).decode().strip() != line:
        raise RuntimeError(f"a process of the benchmark did not get as far as {line!r}")


async def _grow(plan: Plan, uri: str, embedded: bool) -> dict[int, list[Round]]:
    """Milliseconds of a pair by the entries that were there before, round by round."""
    rounds: dict[int, list[Round]] = {size: [] for size in plan.sizes}
    async with AsyncExitStack() as stack:
        grown = {}
        for size in plan.sizes:
            name = f"bench_grown_{size}_{uuid.uuid4().hex[:8]}"
            stack.push_async_callback(erase, uri, name)
            await _fill(uri, name, size, embedded)
            grown[size] = await stack.enter_async_context(open_books("ledger", uri, name, embedded=embedded))
        for turn in range(plan.rounds):
            for size, books in grown.items():
                elapsed = await _together(books, [(CROWDED, f"g{turn}", plan.pairs)])
                rounds[size].append({"pair_ms": 1000 * elapsed / plan.pairs})
        for size, books in grown.items():
            _assert_sound(f"the ledger grown to {size}", await books.problems())
    return rounds


async def _fill(uri: str, name: str, size: int, embedded: bool) -> None:
    database = await Database.connect(uri, name, embedded=embedded, clock=SystemClock())
    await database.prepare()
    await fill(database, size, _PAST_PEOPLE)
    await database.close()


def _assert_sound(what: str, problems: list[str]) -> None:
    if problems:
        raise RuntimeError(f"{what} does not add up: {'; '.join(problems)}")


def _report(
    settings: Mapping[str, Any],
    server: Mapping[str, Any],
    rounds: Mapping[str, list[Round]],
    growth: Mapping[int, list[Round]],
) -> Report:
    ours, theirs = (rounds[kind] for kind in KINDS)
    first, last = min(growth), max(growth)
    grown: dict[str, dict[str, Spread]] = {f"{size} entries": spreads(growth[size]) for size in growth}
    grown[f"{last}/{first}"] = paired_ratios(growth[last], growth[first])
    return Report(
        benchmark="ledger",
        settings=settings,
        server=server,
        figures={"pairs_per_second": {kind: spreads(each) for kind, each in rounds.items()}, "growth": grown},
        ratios={"ledger/transactions": paired_ratios(ours, theirs)},
    )
