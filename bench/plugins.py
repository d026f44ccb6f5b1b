"""`plugins`: what plugins cost that are only there: in start-up time and in latency.

The whole bot runs on a local Telegram, once with each number of plugins beside the built-in ones; each of
those has a command, a hook and texts. One call of a hook stands beside the one that plain pluggy makes of it,
with as many implementations.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
import tomllib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import pluggy
import typer

from bench.measuring import Report, Round, Spread, machine, paired_ratios, percentile, spreads, table
from core.storage.embedded import EmbeddedServer
from core.users import User
from sandbox.people.person import Person
from sandbox.studio import Studio

NUMBERS = (0, 10, 100)
"""How many plugins there are beside the built-in ones."""
FLAT = 1.25
"""Answers that are at most so many times as slow with all plugins as with none count as equally fast."""
_ROOT = Path(__file__).parents[1]
_CODE = """
import asyncio
from starloom.api import Plugin, command, hookimpl

class Extra(Plugin):
    name = "{name}"

    @command("{name}", description="{name}-command")
    async def answer(self, event):
        await event.say("{name}-answer")

    @command("slow_{name}")
    async def slow(self, event):
        await asyncio.sleep(0.2)
        await event.say("{name}-answer")

    @hookimpl
    async def person_arrived(self, user):
        pass

    @hookimpl
    async def may_generate(self, prompt):
        return None
"""
_TEXTS = "{name}-command = Answer\n{name}-answer = The answer of {name}\n"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured: `presses` commands one at a time, `calls` of a hook, `people` at a disable."""

    numbers: tuple[int, ...] = NUMBERS
    rounds: int = 3
    presses: int = 50
    calls: int = 300
    people: int = 20
    database_uri: str | None = None


_USUAL = Plan()


def command(
    *,
    rounds: Annotated[int, typer.Option(min=1, help="Starts with each number of plugins.")] = _USUAL.rounds,
    presses: Annotated[int, typer.Option(min=1, help="Commands in a round.")] = _USUAL.presses,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON and nothing else.")] = False,
) -> None:
    """Measure start-up, dispatch and hook calls with 0, 10 and 100 plugins, and how fast one goes."""
    report = asyncio.run(measure(Plan(rounds=rounds, presses=presses)))
    print(report.as_json() if as_json else in_words(report))


async def measure(plan: Plan) -> Report:
    """Run it.

    Raises:
        TimeoutError: the bot does not answer any more.

    """
    server = machine()
    rounds: dict[int, list[Round]] = {number: [] for number in plan.numbers}
    with tempfile.TemporaryDirectory(prefix="starloom-bench-") as directory:
        async with _database(plan, Path(directory)) as uri:
            for turn in range(plan.rounds):
                for number in plan.numbers:
                    folder = Path(directory, f"{turn}-{number}")
                    tables = _tables(folder, number)
                    rounds[number].append(await _round(plan, tables, folder, uri))
    figures = {f"{number} plugins": spreads(each) for number, each in rounds.items()}
    first = plan.numbers[0]
    ratios = {
        f"{number} to {first} plugins": paired_ratios(rounds[number], rounds[first])
        for number in plan.numbers[1:]
    }
    settings = {name: value for name, value in asdict(plan).items() if name != "database_uri"}
    return Report(
        "plugins", settings, server, {"plugins": figures}, ratios, _notes(plan.numbers, rounds, ratios)
    )


def _notes(
    numbers: Sequence[int], rounds: Mapping[int, list[Round]], ratios: Mapping[str, Mapping[str, Spread]]
) -> tuple[str, ...]:
    """Whether answers stay as fast, and what a plugin costs at the start."""
    first, last = numbers[0], numbers[-1]
    slower = ratios[f"{last} to {first} plugins"]["answer_p50_ms"].median
    verdict = "flat" if slower <= FLAT else f"NOT flat, which ends at {FLAT}"
    starts = [
        each["start_s"] - none["start_s"] for each, none in zip(rounds[last], rounds[first], strict=True)
    ]
    each_ms = 1000 * statistics.median(starts) / (last - first)
    return (
        f"answers take {slower:.2f} times as long with {last} plugins as with {first}: {verdict}",
        f"a plugin adds {each_ms:.1f} ms to the start",
    )


def in_words(report: Report) -> str:
    """The report for people."""
    parts = [
        f"{report.benchmark}: {', '.join(f'{name} {value}' for name, value in report.settings.items())}",
        f"  {', '.join(f'{name} {value}' for name, value in report.server.items())}",
        table("figures, median (least..most) over the rounds", report.figures["plugins"]),
        table("ratios of paired rounds", report.ratios),
        *report.notes,
    ]
    return "\n".join(parts)


@asynccontextmanager
async def _database(plan: Plan, directory: Path) -> AsyncIterator[str]:
    if plan.database_uri is not None:
        yield plan.database_uri
        return
    server = EmbeddedServer(directory / "database")
    yield await server.start()
    await server.stop()


async def _round(plan: Plan, tables: Mapping[str, Any], directory: Path, uri: str) -> Round:
    extra = sum(name.startswith("extra") for name in tables["plugins"])
    studio = await Studio.start(database_uri=uri, directory=directory, plugins=tables, running=False)
    async with studio:
        began = time.perf_counter()
        await studio.launch()
        started = time.perf_counter() - began
        imported = sum(each.import_seconds for each in studio.service.plugins.states())
        alice = studio.person("Alice")
        await alice.start()
        await alice.expect(kind="new")
        waits = [await _asked(alice, "/lang") for _ in range(plan.presses)]
        return {
            "start_s": started,
            "import_all_ms": 1000 * imported,
            "answer_p50_ms": 1000 * percentile(waits, 50),
            "answer_p99_ms": 1000 * percentile(waits, 99),
            **(await _hook_calls(studio, plan.calls, extra) if extra else {}),
            **(await _disable(studio, plan.people) if extra else {}),
        }


async def _asked(person: Person, text: str) -> float:
    began = time.perf_counter()
    await person.send(text)
    await person.expect(kind="new")
    return time.perf_counter() - began


async def _hook_calls(studio: Studio, calls: int, extra: int) -> Round:
    """Microseconds of one call of one plugin's hook, and of the same by plain pluggy."""
    ours, bare = await _decisions(studio, calls) / extra, _bare_call(calls, extra) / extra
    return {"hook_call_us": ours, "bare_pluggy_us": bare, "hook_call_to_bare_pluggy": ours / bare}


async def _decisions(studio: Studio, calls: int) -> float:
    """Microseconds of one decision that all plugins take part in."""
    asked: Mapping[str, Any] = {"user": User(1), "model_id": "m", "prompt": "a fox", "options": {}}
    began = time.perf_counter()
    for _ in range(calls):
        await studio.service.plugins.decide("may_generate", **asked)
    return 1e6 * (time.perf_counter() - began) / calls


async def _disable(studio: Studio, people: int) -> Round:
    """How long a plugin in use takes to go: until it is off, and until its last answer has arrived."""
    using = [studio.person(f"User {number}") for number in range(people)]
    for person in using:
        await person.start()
        await person.expect(kind="new")
    for person in using:
        await person.send("/slow_extra0")
    began = time.perf_counter()
    disabling = asyncio.create_task(studio.service.plugins.disable("extra0"))
    await asyncio.gather(*(person.expect(kind="new") for person in using))
    answered = time.perf_counter() - began
    await disabling
    return {
        "disable_ms": 1000 * (time.perf_counter() - began),
        "disable_to_last_answer_ms": 1000 * answered,
    }


def _bare_call(calls: int, implementations: int) -> float:
    """Microseconds of a call that pluggy makes by itself, of so many implementations that are not `async`."""
    specification, implementation = pluggy.HookspecMarker("bare"), pluggy.HookimplMarker("bare")

    class Specifications:
        @specification
        def may(self, prompt: str) -> None:
            """Decide."""

    class Implementation:
        @implementation
        def may(self, prompt: str) -> None:
            """Allow."""

    manager = pluggy.PluginManager("bare")
    manager.add_hookspecs(Specifications)
    for _ in range(implementations):
        manager.register(Implementation())
    began = time.perf_counter()
    for _ in range(calls):
        manager.hook.may(prompt="a fox")
    return 1e6 * (time.perf_counter() - began) / calls


def _tables(directory: Path, number: int) -> dict[str, Any]:
    directory.mkdir()
    data = tomllib.loads((_ROOT / "plugins.toml").read_text(encoding="utf-8"))
    for place in range(number):
        name = f"extra{place}"
        (directory / name / "locales").mkdir(parents=True)
        (directory / name / "__init__.py").write_text(_CODE.format(name=name), encoding="utf-8")
        (directory / name / "locales" / "en.ftl").write_text(_TEXTS.format(name=name), encoding="utf-8")
        data["plugins"][name] = {"module": f"./{name}"}
    return data
