"""`upload`: how fast a file goes up, beside `Client.save_file` of Pyrogram, at a given round trip.

Both upload the same file to the same sink in turns, each on connections that stay open between its runs.
Where there is a round trip, each turn also has an upload of ours without one. Memory is the peak of a fresh
process that uploads 2,000 MiB, beside one that uploads 20 MiB.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import tempfile
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer

from bench.measuring import machine
from bench.memory import Growth
from bench.upload_client import MIB, Upload, Uploaders, endpoint_of
from bench.upload_processes import KEY_BYTES, SinkProcess, sink
from core.telegram.uploader import PART

_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured. `memory_mib` is the size of the upload whose memory is measured, 0 for none."""

    rtt_ms: float = 0.0
    size_mb: int = 256
    pairs: int = 5
    memory_mib: int = 2_000


@dataclass(slots=True)
class Runs:
    """What was found: uploads in order, and memory."""

    ours: list[Upload] = field(default_factory=list)
    theirs: list[Upload] = field(default_factory=list)
    ours_without_rtt: list[Upload] = field(default_factory=list)
    memory: Growth = field(default_factory=Growth)


_USUAL = Plan()


def command(
    *,
    rtt_ms: Annotated[float, typer.Option(min=0, help="The round trip, in milliseconds.")] = _USUAL.rtt_ms,
    size_mb: Annotated[int, typer.Option(min=1, help="The file, in millions of bytes.")] = _USUAL.size_mb,
    pairs: Annotated[int, typer.Option(min=1, help="Uploads of each, in turns.")] = _USUAL.pairs,
    memory_mib: Annotated[
        int, typer.Option(min=0, help="The upload whose memory is measured, in MiB; 0 for none.")
    ] = _USUAL.memory_mib,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON and nothing else.")] = False,
) -> None:
    """Measure an upload beside `Client.save_file`, with memory and how long the event loop was held up."""
    plan = Plan(rtt_ms, size_mb, pairs, memory_mib)
    report = asyncio.run(measure(plan))
    print(json.dumps(report) if as_json else in_words(report))


async def measure(plan: Plan) -> dict[str, Any]:
    """Run it.

    Raises:
        RuntimeError: a process of the benchmark ended early, or parts did not arrive.
    """
    server = machine()
    runs = Runs()
    key = secrets.token_bytes(KEY_BYTES)
    with tempfile.NamedTemporaryFile(prefix="starloom-bench-") as file:
        _fill(Path(file.name), plan.size_mb * _MB)
        async with AsyncExitStack() as stack:
            far = await stack.enter_async_context(sink(key, plan.rtt_ms / 1000))
            near = await stack.enter_async_context(sink(key, 0.0)) if plan.rtt_ms else None
            await _measure_speed(plan, runs, key, Path(file.name), (far, near))
            runs.memory = await Growth.measured(key, far.port, plan.memory_mib)
            _check(plan, await far.stop())
    return _report(plan, server, runs)


def in_words(report: dict[str, Any]) -> str:
    """The report for people."""
    medians, settings = report["median_mb_s"], report["settings"]
    lines = [
        f"upload: {settings['size_mb']} MB at a round trip of {settings['rtt_ms']:g} ms, "
        f"medians of {settings['pairs']} pairs",
        f"  ours       {medians['ours']:.1f} MB/s  {report['runs_mb_s']['ours']}",
        f"  save_file  {medians['save_file']:.1f} MB/s  {report['runs_mb_s']['save_file']}",
        f"  ratio      {report['ratio']:.2f} (paired)",
        f"  longest block of the event loop: {report['blocked_ms']:.1f} ms; "
        f"most work of its thread in one go: {report['worked_ms']:.1f} ms",
    ]
    if report["to_own_without_rtt"] is not None:
        lines.append(f"  to our own without a round trip: {report['to_own_without_rtt']:.2f}")
    return "\n".join([*lines, *Growth.words(report)])


async def _measure_speed(
    plan: Plan, runs: Runs, key: bytes, path: Path, sinks: tuple[SinkProcess, SinkProcess | None]
) -> None:
    far, near = sinks
    size = plan.size_mb * _MB
    async with AsyncExitStack() as stack:
        ours = Uploaders(endpoint_of(far.port), key)
        await stack.enter_async_context(ours.running())
        without = None
        if near is not None:
            without = Uploaders(endpoint_of(near.port), key)
            await stack.enter_async_context(without.running(theirs=False))
        for turn in range(plan.pairs):
            # Whoever goes second finds the machine as the first one left it, so they change places.
            if turn % 2:
                runs.theirs.append(await ours.pyrograms(path))
            runs.ours.append(await ours.ours(path, size))
            if not turn % 2:
                runs.theirs.append(await ours.pyrograms(path))
            if without is not None:
                runs.ours_without_rtt.append(await without.ours(path, size))


def _report(plan: Plan, server: dict[str, Any], runs: Runs) -> dict[str, Any]:
    size = plan.size_mb
    ours, theirs = _speeds(size, runs.ours), _speeds(size, runs.theirs)
    near = _speeds(size, runs.ours_without_rtt)
    return {
        "benchmark": "upload",
        "ratio": round(median(our / their for our, their in zip(ours, theirs, strict=True)), 3),
        "median_mb_s": {"ours": median(ours), "save_file": median(theirs)},
        "runs_mb_s": {"ours": ours, "save_file": theirs, "ours_without_rtt": near},
        "first_mb_s": ours[0],
        "to_own_without_rtt": (
            round(median(our / own for our, own in zip(ours, near, strict=True)), 3) if near else None
        ),
        "blocked_ms": round(1000 * max(run.blocked for run in (*runs.ours, *runs.ours_without_rtt)), 1),
        "worked_ms": round(1000 * max(run.worked for run in (*runs.ours, *runs.ours_without_rtt)), 1),
        "save_file_blocked_ms": round(1000 * max(run.blocked for run in runs.theirs), 1),
        **runs.memory.fields(),
        "settings": asdict(plan),
        "server": server,
    }


def _speeds(size_mb: int, uploads: list[Upload]) -> list[float]:
    return [round(size_mb / upload.seconds, 1) for upload in uploads]


def _check(plan: Plan, came: dict[str, Any]) -> None:
    """Every file that was measured for speed must have come whole."""
    whole = -(-plan.size_mb * _MB // PART)
    if came["files"].count(whole) < 2 * plan.pairs:
        raise RuntimeError(f"files of {whole} parts came as {came['files']}")


def _fill(path: Path, size: int) -> None:
    block = os.urandom(MIB)
    with path.open("wb") as file:
        for start in range(0, size, MIB):
            file.write(block[: min(MIB, size - start)])
