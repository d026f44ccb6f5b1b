"""`dispatch`: how fast a pressed button is answered, and what it costs in round trips to the database.

The whole bot with its database stands beside a bare Pyrogram bot and beside itself without a database, all
on one local Telegram. People press, wait for answer and edit, and press again, so `people` is how many
presses are under way at once. Rounds go in turns, and only rounds of one turn are compared.
"""

from __future__ import annotations

import asyncio
import secrets
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from motor.motor_asyncio import AsyncIOMotorClient

from bench.bots.orders import Orders
from bench.bots.process import BotProcess
from bench.crowd import Crowd, Waits
from bench.databases import database_at
from bench.measuring import Report, Round, machine, paired_ratios, percentile, spreads, table
from bench.round_trips import LIMIT, RoundTrips, count_round_trips, mark
from sandbox.environment import environment_for
from sandbox.people.handles import Bot
from sandbox.server import Sandbox
from sandbox.studio import lifted

CONTENDERS = {
    "whole": "the whole bot with its database",
    "bare": "a bare Pyrogram handler",
    "memory": "the whole bot with its stores in memory",
}
"""The bots by kind, in the order in which they take turns."""
_COMPARED = (("whole", "bare"), ("whole", "memory"), ("memory", "bare"))
_LIMITS: Mapping[str, Any] = {"plugins": {"follow_seconds": 60}}
"""What holds updates or sends up is lifted; what the bot asks the database by the clock must be rare."""
_LONGEST = 900.0
"""Seconds after which the benchmark gives up, whatever hangs."""
_LAYOUT = "one process for the local Telegram and its people, one for each bot, one for the database"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured. `alone` presses of a round come one at a time, after `people` x `taps` at once.

    `idle` seconds tell what the bot asks of the database when nothing happens. `database_uri` names a
    MongoDB; without it the embedded one runs, as durable as in production.
    """

    people: int = 20
    taps: int = 10
    rounds: int = 5
    alone: int = 20
    idle: float = 3.0
    database_uri: str | None = None


_USUAL = Plan()


@dataclass(frozen=True, slots=True)
class Contender:
    """A bot that runs, and the people who talk to it."""

    kind: str
    process: BotProcess
    crowd: Crowd


def command(
    *,
    people: Annotated[int, typer.Option(min=1, help="People who press at the same time.")] = _USUAL.people,
    taps: Annotated[int, typer.Option(min=1, help="Presses of each of them in a round.")] = _USUAL.taps,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of each bot, in turns.")] = _USUAL.rounds,
    alone: Annotated[int, typer.Option(min=1, help="Presses one at a time in a round.")] = _USUAL.alone,
    database_uri: Annotated[
        str | None, typer.Option(help="A MongoDB instead of the embedded database.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON and nothing else.")] = False,
) -> None:
    """Measure button -> answer beside a bare Pyrogram handler and beside the bot without a database."""
    plan = Plan(people=people, taps=taps, rounds=rounds, alone=alone, database_uri=database_uri)
    report = asyncio.run(measure(plan))
    print(report.as_json() if as_json else in_words(report))


async def measure(plan: Plan) -> Report:
    """Run it.

    Raises:
        ExceptionGroup: of RuntimeErrors, where bots do not start.
        RuntimeError: a bot does not answer any more.
        TimeoutError: it took longer than a quarter of an hour.
    """
    server = machine() | {"layout": _LAYOUT}
    async with asyncio.timeout(_LONGEST), _contenders(plan, server) as contenders:
        for contender in contenders:
            await contender.crowd.arrive()
        rounds: dict[str, list[Round]] = {contender.kind: [] for contender in contenders}
        for _ in range(plan.rounds):
            for contender in contenders:
                rounds[contender.kind].append(await _round(plan, contender))
        whole = contenders[0]
        asked = await count_round_trips(
            whole.process, whole.crowd, taps=plan.taps, alone=plan.alone, idle=plan.idle
        )
    settings = {name: value for name, value in asdict(plan).items() if name != "database_uri"}
    return _report(settings, server, rounds, asked)


def in_words(report: Report) -> str:
    """The report for people."""
    server = ", ".join(f"{name} {value}" for name, value in report.server.items() if name != "layout")
    trips = report.figures["round_trips"]
    parts = [
        f"{report.benchmark}: {', '.join(f'{name} {value}' for name, value in report.settings.items())}",
        f"  {server}",
        f"  {report.server['layout']}; send limits lifted",
        table("figures, median (least..most) over the rounds", report.figures["dispatch"]),
        table("ratios of paired rounds", report.ratios),
        f"round trips to the database per update (aim 2, limit {LIMIT})",
        *(f"  {each.name:<18} {each.per_update:.2f}  {mark(each)}  {each.commands}" for each in trips),
        *report.notes,
    ]
    return "\n".join(parts)


async def _round(plan: Plan, contender: Contender) -> Round:
    before, own = await contender.process.usage(), time.process_time()
    together = await contender.crowd.tap(plan.taps)
    after, own_after = await contender.process.usage(), time.process_time()
    alone = await contender.crowd.tap(plan.alone, people=1)
    updates = plan.people * plan.taps
    return {
        "updates_per_second": updates / together.elapsed,
        **_latencies("answer", together),
        "edit_p50_ms": 1000 * percentile(together.edits, 50),
        "edit_p99_ms": 1000 * percentile(together.edits, 99),
        **_latencies("alone_answer", alone),
        "bot_cpu_ms": 1000 * (after.cpu - before.cpu) / updates,
        "telegram_cpu_ms": 1000 * (own_after - own) / updates,
    }


def _latencies(name: str, waits: Waits) -> Round:
    return {f"{name}_p{rank}_ms": 1000 * percentile(waits.answers, rank) for rank in (50, 99)}


def _report(
    settings: Mapping[str, Any],
    server: Mapping[str, Any],
    rounds: Mapping[str, list[Round]],
    asked: list[RoundTrips],
) -> Report:
    over = [f"OVER THE LIMIT: {each.name} asks the database {each.per_update:.2f} times" for each in asked]
    return Report(
        benchmark="dispatch",
        settings=settings,
        server=server,
        figures={
            "dispatch": {kind: spreads(each) for kind, each in rounds.items()},
            "round_trips": asked,
        },
        ratios={
            f"{ours}/{theirs}": paired_ratios(rounds[ours], rounds[theirs]) for ours, theirs in _COMPARED
        },
        notes=[line for line, each in zip(over, asked, strict=True) if each.over_limit],
    )


@asynccontextmanager
async def _contenders(plan: Plan, server: dict[str, Any]) -> AsyncIterator[list[Contender]]:
    """All bots on one local Telegram, until the end; what was used is told in `server`."""
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="starloom-bench-")))
        uri, embedded = await stack.enter_async_context(database_at(plan.database_uri, server))
        # The embedded engine slows down under retryable writes.
        uri = f"{uri}?retryWrites=false" if embedded else uri
        sandbox = await stack.enter_async_context(await Sandbox.start(seed=secrets.randbits(40)))
        people = [sandbox.add_person(f"Person {number}") for number in range(plan.people)]
        bots = {kind: sandbox.add_bot(f"{kind}_bot", kind) for kind in CONTENDERS}
        stack.push_async_callback(_erase, uri, f"starloom_{bots['whole'].id}")

        async def started(kind: str) -> Contender:
            orders = _orders(sandbox, bots[kind], uri, directory / kind)
            process = await BotProcess.start(kind, orders)
            stack.push_async_callback(process.stop)
            return Contender(kind, process, Crowd(people, bots[kind]))

        async with asyncio.TaskGroup() as group:
            starting = [group.create_task(started(kind)) for kind in CONTENDERS]
        yield [task.result() for task in starting]


async def _erase(uri: str, name: str) -> None:
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri)
    try:
        await client.drop_database(name)
    finally:
        client.close()


def _orders(sandbox: Sandbox, bot: Bot, database_uri: str, directory: Path) -> Orders:
    environment = {
        **environment_for(sandbox.endpoint, bot, []),
        "MONGODB_URI": database_uri,
        "DATA_DIR": str(directory / "data"),
        "PORT": "0",
        "WELCOME_BALANCE_RUB": "0",
    }
    return Orders(sandbox.endpoint, bot.token, directory, environment, lifted(_LIMITS))
