"""`footprint`: how much memory everything that `make run` starts holds while a large video is delivered.

The processes are those of `python run.py` on a directory of its own; what a process holds is its resident set
(RSS), which counts libraries that several of them share several times over.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from aiohttp import ClientSession

from bench.measuring import machine

_ROOT = Path(__file__).parents[1]
_MIB = 1 << 20
_START_SECONDS = 120.0
_DELIVER_SECONDS = 600.0
_LOOK_EVERY = 0.1
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
_BOT, _DATABASE, _TELEGRAM = "bot", "database", "local Telegram"
_LIMIT_MIB = 1024


@dataclass(frozen=True, slots=True)
class Plan:
    """What is delivered: one video of so many MiB."""

    size_mib: int = 500


@dataclass(slots=True)
class Memory:
    """Bytes by what holds them, at rest and at most; `together` is of bot and database in one moment."""

    rest: dict[str, int] = field(default_factory=dict)
    most: dict[str, int] = field(default_factory=dict)
    rest_together: int = 0
    most_together: int = 0

    def add(self, now: dict[str, int]) -> None:
        """Take one look at all processes into account."""
        for name, held in now.items():
            self.most[name] = max(held, self.most.get(name, 0))
        self.most_together = max(self.most_together, together(now))


_USUAL = Plan()


def command(
    *,
    size_mib: Annotated[int, typer.Option(min=1, max=1_900, help="The video, in MiB.")] = _USUAL.size_mib,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON and nothing else.")] = False,
) -> None:
    """Measure the memory of bot and database while a large video is delivered."""
    report = asyncio.run(measure(Plan(size_mib)))
    print(json.dumps(report) if as_json else in_words(report))


async def measure(plan: Plan) -> dict[str, Any]:
    """Run it.

    Raises:
        RuntimeError: the bot did not start, or did not deliver.
    """
    server, memory = machine(), Memory()
    with tempfile.TemporaryDirectory(prefix="starloom-footprint-") as folder:
        directory = Path(folder)
        async with _running(directory, plan) as address, ClientSession(address) as http:
            memory.rest = held_by(directory)
            memory.rest_together = together(memory.rest)
            watching = asyncio.create_task(_watch(directory, memory))
            try:
                seconds = await _deliver(http)
            finally:
                watching.cancel()
                with suppress(asyncio.CancelledError):
                    await watching
    return {
        "benchmark": "footprint",
        "settings": asdict(plan),
        "server": server,
        "seconds": round(seconds, 1),
        "rest_mib": _mib(memory.rest),
        "most_mib": _mib(memory.most),
        "together_mib": {"rest": memory.rest_together // _MIB, "most": memory.most_together // _MIB},
        "limit_mib": _LIMIT_MIB,
    }


def in_words(report: dict[str, Any]) -> str:
    """The report for people."""
    lines = [
        f"footprint: a video of {report['settings']['size_mib']} MiB, delivered in {report['seconds']} s"
    ]
    for name, most in report["most_mib"].items():
        lines.append(f"  {name:16} {report['rest_mib'].get(name, 0):5} MiB at rest, {most:5} MiB at most")
    rest, most = report["together_mib"]["rest"], report["together_mib"]["most"]
    lines.append(f"  bot and database {rest:5} MiB at rest, {most:5} MiB at most, of {report['limit_mib']}")
    return "\n".join(lines)


def held_by(directory: Path) -> dict[str, int]:
    """Resident bytes of the processes on a directory, by what they are; children of the bot are the bot's."""
    mark, held = str(directory).encode(), dict[str, int]()
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        with suppress(OSError):
            told = (folder / "cmdline").read_bytes()
            if mark not in told and mark not in (folder / "environ").read_bytes():
                continue
            pages = int((folder / "statm").read_text().split()[1])
            name = _name(told)
            held[name] = held.get(name, 0) + pages * os.sysconf("SC_PAGE_SIZE")
    return held


def together(held: dict[str, int]) -> int:
    """Bytes of bot and database."""
    return held.get(_BOT, 0) + held.get(_DATABASE, 0)


def _name(told: bytes) -> str:
    if b"run.py" in told:
        return _TELEGRAM
    return _DATABASE if b"secantus" in told.lower() else _BOT


@asynccontextmanager
async def _running(directory: Path, plan: Plan) -> AsyncIterator[str]:
    """The whole of `python run.py` on a directory; the address of its page."""
    plugins = (_ROOT / "plugins.toml").read_text(encoding="utf-8")
    provider = f'module = "bench.padded_provider"\nseconds = 0\npadding_mib = {plan.size_mib}'
    file = directory / "plugins.toml"
    file.write_text(plugins.replace('module = "providers.demo"', provider), encoding="utf-8")
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(_ROOT),
        "DATA_DIR": str(directory / "data"),
        "PORT": "0",
        "LOG_LEVEL": "ERROR",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *(str(_ROOT / "run.py"), "--env-file", str(directory / ".env"), "--plugins-file", str(file)),
        *("--no-browser", "--sandbox-port", "0", "run"),
        env=environment,
        cwd=_ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield await _address(process)
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    if process.stdout is None:
        raise RuntimeError("the process tells nothing")
    async with asyncio.timeout(_START_SECONDS):
        while line := (await process.stdout.readline()).decode():
            if found := _ADDRESS.search(line):
                return found.group()
    raise RuntimeError("run.py ended before it told an address")


async def _watch(directory: Path, memory: Memory) -> None:
    while True:
        memory.add(await asyncio.to_thread(held_by, directory))
        await asyncio.sleep(_LOOK_EVERY)


async def _deliver(http: ClientSession) -> float:
    """Go from /start to the video in the chat; seconds from the order on."""
    chat = "/api/people/Alice/chats/starloom_bot"

    async def say(path: str, body: dict[str, Any]) -> None:
        async with http.post(f"{chat}/{path}", json=body) as response:
            response.raise_for_status()

    async def newest(fits: str) -> dict[str, Any]:
        """The newest message, once a button of it, or its kind, is this."""
        async with asyncio.timeout(_DELIVER_SECONDS):
            while True:
                async with http.get(f"{chat}/messages?limit=1") as response:
                    messages = (await response.json())["messages"]
                labels = (
                    [button["label"] for row in messages[-1]["buttons"] for button in row] if messages else []
                )
                if messages and (messages[-1]["kind"] == fits or any(fits in label for label in labels)):
                    return dict(messages[-1])
                await asyncio.sleep(_LOOK_EVERY)

    async def press(label: str) -> None:
        message = await newest(label)
        whole = next(each["label"] for row in message["buttons"] for each in row if label in each["label"])
        await say("press", {"message": message["id"], "label": whole})

    await say("start", {})
    await newest("✨")
    await say("send", {"text": "/generate"})
    await press("Demo video")
    await newest("Nature")
    await say("send", {"text": "a lighthouse above the clouds"})
    begun = time.monotonic()
    await press("✨")
    await newest("video")
    return time.monotonic() - begun


def _mib(held: dict[str, int]) -> dict[str, int]:
    return {name: size // _MIB for name, size in sorted(held.items())}
