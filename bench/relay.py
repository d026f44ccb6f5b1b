"""`relay`: how long a file takes from a provider to Telegram, beside the slower of its two ways alone.

Both ways have the same round trip and the same bandwidth. Each turn fetches alone, uploads alone, relays,
and for comparison fetches into a file and sends that with `Client.send_video`. Memory is the peak of a
fresh process that relays 2,000 MiB as fast as it can, beside one that relays 20 MiB.
"""

from __future__ import annotations

import asyncio
import json
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
from bench.relay_client import relaying
from bench.upload_client import Uploaders, endpoint_of
from bench.upload_processes import KEY_BYTES, file_source, sink

_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured. `memory_mib` is the size of the relay whose memory is measured, 0 for none."""

    rtt_ms: float = 50.0
    size_mb: int = 200
    mb_s: float = 20.0
    turns: int = 3
    memory_mib: int = 2_000


@dataclass(slots=True)
class Runs:
    """Seconds by what was measured, turn by turn, and memory."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    memory: Growth = field(default_factory=Growth)

    def add(self, name: str, seconds: float) -> None:
        self.seconds.setdefault(name, []).append(seconds)


_USUAL = Plan()


def command(
    *,
    rtt_ms: Annotated[float, typer.Option(min=0, help="The round trip, in milliseconds.")] = _USUAL.rtt_ms,
    size_mb: Annotated[int, typer.Option(min=1, help="The file, in millions of bytes.")] = _USUAL.size_mb,
    mb_s: Annotated[
        float, typer.Option(min=0, help="Millions of bytes a second, each way; 0 for all there is.")
    ] = _USUAL.mb_s,
    turns: Annotated[int, typer.Option(min=1, help="Measurements of each.")] = _USUAL.turns,
    memory_mib: Annotated[
        int, typer.Option(min=0, help="The relay whose memory is measured, in MiB; 0 for none.")
    ] = _USUAL.memory_mib,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON and nothing else.")] = False,
) -> None:
    """Measure a relay beside its download and its upload alone, with memory."""
    report = asyncio.run(measure(Plan(rtt_ms, size_mb, mb_s, turns, memory_mib)))
    print(json.dumps(report) if as_json else in_words(report))


async def measure(plan: Plan) -> dict[str, Any]:
    """Run it.

    Raises:
        RuntimeError: a process of the benchmark ended early.
    """
    server = machine()
    runs = Runs()
    key = secrets.token_bytes(KEY_BYTES)
    await _measure_speed(plan, runs, key)
    async with sink(key, 0.0) as far, file_source(0.0, 0.0) as url:
        runs.memory = await Growth.measured(key, far.port, plan.memory_mib, source=url)
    return _report(plan, server, runs)


def in_words(report: dict[str, Any]) -> str:
    """The report for people."""
    settings = report["settings"]
    lines = [
        f"relay: {settings['size_mb']} MB at {settings['mb_s']:g} MB/s each way and a round trip of "
        f"{settings['rtt_ms']:g} ms, medians of {settings['turns']}"
    ]
    lines += [
        f"  {name:22} {report['median_mb_s'][name]:.1f} MB/s  {runs}"
        for name, runs in report["runs_mb_s"].items()
    ]
    lines += [
        f"  relay to the slower way alone: {report['ratio']:.3f} (paired)",
        f"  download, then send_video, to the same: {report['ratio_of_send_video']:.3f}",
    ]
    return "\n".join([*lines, *Growth.words(report)])


async def _measure_speed(plan: Plan, runs: Runs, key: bytes) -> None:
    size, rate, trip = plan.size_mb * _MB, plan.mb_s * _MB, plan.rtt_ms / 1000
    async with AsyncExitStack() as stack:
        far = await stack.enter_async_context(sink(key, trip, rate))
        url = await stack.enter_async_context(file_source(trip, rate))
        uploaders = Uploaders(endpoint_of(far.port), key)
        await stack.enter_async_context(uploaders.running())
        way = await stack.enter_async_context(relaying(uploaders.uploader, url))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="starloom-bench-")))
        for _ in range(plan.turns):
            runs.add("download", await way.downloaded(size))
            runs.add("upload", (await uploaders.endless(size)).seconds)
            runs.add("relay", await way.relayed(size))
            runs.add("download_send_video", await way.stored_and_sent(size, folder / "film.mp4", uploaders))


def _report(plan: Plan, server: dict[str, Any], runs: Runs) -> dict[str, Any]:
    speeds = {
        name: [round(plan.size_mb / seconds, 1) for seconds in each] for name, each in runs.seconds.items()
    }
    return {
        "benchmark": "relay",
        "ratio": _ratio(runs, "relay"),
        "ratio_of_send_video": _ratio(runs, "download_send_video"),
        "median_mb_s": {name: median(each) for name, each in speeds.items()},
        "runs_mb_s": speeds,
        **runs.memory.fields(),
        "settings": asdict(plan),
        "server": server,
    }


def _ratio(runs: Runs, name: str) -> float:
    """The median over the turns of a way's time to that of the slower of its halves."""
    turns = zip(runs.seconds["download"], runs.seconds["upload"], runs.seconds[name], strict=True)
    return round(median(whole / max(down, up) for down, up, whole in turns), 3)
