"""Bots in processes of their own that are killed and started again, on the local Telegram of a studio."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from durability.toml import as_toml

from core.clock import SystemClock
from core.storage.database import Database
from core.storage.processes import ServerProcess
from sandbox.mtproto import WireEvent
from sandbox.studio import Studio, lifted
from starloom.cli.local import BotProcess

StartStudio = Callable[..., Awaitable[Studio]]
"""The fixture `start_studio`."""
_NURSERY = Path(__file__).with_name("nursery.py")
_ROOT = Path(__file__).parents[3]
_LOG_SHOWN = 6000
_EVENTS_SHOWN = 60


class Nursery:
    """Starts bots quickly: each is forked off a process that has imported everything.

    One process serves all tests; each test opens it for itself.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a nursery is spoken to over pipes")
        self._orders, self._said = process.stdin.fileno(), process.stdout.fileno()
        self._rest = b""
        self._started: asyncio.Queue[int] = asyncio.Queue()
        self._ends: dict[int, asyncio.Future[int]] = {}

    @classmethod
    @contextlib.contextmanager
    def process(cls) -> Iterator[subprocess.Popen[bytes]]:
        """Run the process that forks."""
        command = [sys.executable, str(_NURSERY)]
        environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
        with subprocess.Popen(  # noqa: S603 - our own script
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            # Leaving closes its standard input, at which it ends.
            yield process

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Self]:
        """Use it; whatever was started ends in the end."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._said, self._listen)
        try:
            yield self
        finally:
            for pid in [pid for pid, end in self._ends.items() if not end.done()]:
                _kill(pid)
                await self._ends[pid]
            loop.remove_reader(self._said)

    async def start(self, *, arguments: list[str], environment: Mapping[str, str], log: Path) -> int:
        """Start a bot with these arguments; its process id."""
        order = {"arguments": arguments, "environment": dict(environment), "log": str(log)}
        os.write(self._orders, json.dumps(order).encode() + b"\n")
        return await self._started.get()

    async def ended(self, pid: int) -> int:
        """Wait until a bot has ended; its exit status, negative for the signal that killed it."""
        return await asyncio.shield(self._ends[pid])

    def _listen(self) -> None:
        *lines, self._rest = (self._rest + os.read(self._said, 65536)).split(b"\n")
        for line in lines:
            news = json.loads(line)
            if "started" in news:
                self._ends[news["started"]] = asyncio.get_running_loop().create_future()
                self._started.put_nowait(news["started"])
            else:
                self._ends[news["ended"]].set_result(news["status"])


class BotHand:
    """One instance of a studio's bot: started, killed at any moment, started again with the same data.

    It is told apart from other instances by `name`, which it keeps over its starts. With `own_database` it
    starts the embedded one below its data directory.
    """

    def __init__(
        self,
        studio: Studio,
        nursery: Nursery,
        directory: Path,
        plugins: Mapping[str, Any],
        *,
        name: str = "",
        own_database: bool = False,
    ) -> None:
        self.studio = studio
        self.starts = 0
        self.duties = 0
        """How many of the starts came as far as taking up updates."""
        self.log = directory / f"{name or 'bot'}.log"
        self._nursery = nursery
        self.environment = {**studio.environment, "PYTHONPATH": str(_ROOT), "INSTANCE_NAME": name}
        self._own_database = own_database
        if own_database:
            del self.environment["MONGODB_URI"]
        self.plugins_file = directory / "plugins.toml"
        self.plugins_file.write_text(
            as_toml({**plugins, "limits": lifted(plugins.get("limits", {}))}), encoding="utf-8"
        )
        self._pid = 0
        self._command: BotProcess | None = None
        self._alive = False
        self._news = asyncio.Event()
        self._passed: deque[WireEvent] = deque(maxlen=_EVENTS_SHOWN)
        self._forget = studio.sandbox.server.on_event(self._watch)

    @property
    def pid(self) -> int:
        """The process of its last start."""
        return self._pid

    async def start(self) -> None:
        """Start it; `on_duty` tells when it reads updates."""
        self.starts += 1
        self._pid = await self._nursery.start(
            arguments=[
                *("--env-file", os.devnull, "--plugins-file", str(self.plugins_file)),
                "--end-with-input",
            ],
            environment=self.environment,
            log=self.log,
        )
        self._alive = True

    async def start_command(self) -> None:
        """Start it as an operator does: a new interpreter that runs the command line."""
        self.starts += 1
        self._command = await BotProcess.start(self.environment, plugins_file=self.plugins_file, quiet=True)
        self._pid = self._command.pid
        self._alive = True

    def kill(self) -> None:
        """End it at once, in the middle of whatever it does."""
        if self._alive:
            self._alive = False
            _kill(self._pid)

    def ask_to_stop(self) -> None:
        """Send SIGTERM."""
        os.kill(self._pid, signal.SIGTERM)

    async def ended(self) -> int:
        """Wait for its end; the exit status, negative for the signal that killed it."""
        command, self._command = self._command, None
        status = await (command.wait() if command is not None else self._nursery.ended(self._pid))
        self._alive = False
        return status

    async def stop(self) -> int:
        """Ask it to stop and wait for its end."""
        self.ask_to_stop()
        return await self.ended()

    async def on_duty(self, after: int | None = None) -> int:
        """Wait until one of its starts, of those after `after` (else: the last), reads updates; which."""
        wanted = self.starts if after is None else after + 1
        while self.duties < wanted:
            await self._news.wait()
        return self.duties

    @contextlib.asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        """The database that it uses, over a connection of our own."""
        if not self._own_database:
            async with self.studio.database() as database:
                yield database
            return
        uri = f"mongodb://127.0.0.1:{self.server()[1]}/"
        name = f"starloom_{self.studio.bot.id}"
        own = await Database.connect(uri, name, embedded=True, clock=SystemClock())
        try:
            yield own
        finally:
            await own.close()

    def server(self) -> tuple[ServerProcess, int]:
        """The embedded database's process as it was started last, and its port."""
        directory = self.studio.settings.data_dir / "database"
        state = json.loads((directory / "server.json").read_text(encoding="utf-8"))
        return ServerProcess(state["pid"], str(directory.resolve() / "data")), state["port"]

    def story(self) -> str:
        """What it said and logged last, to read where it went wrong."""
        log = self.log.read_text(errors="replace")[-_LOG_SHOWN:] if self.log.exists() else ""
        passed = [f"{it.time:.3f} {it.kind} {it.name} {it.error or ''}" for it in self._passed]
        return "\n".join([log, f"start {self.starts}, duty {self.duties}", *passed])

    def _watch(self, event: WireEvent) -> None:
        self._passed.append(event)
        # The answer to its first question for a difference: what is pressed from now on reaches it.
        if self._alive and event.direction == "out" and event.name == "updates.GetDifference":
            self.duties = self.starts
            news, self._news = self._news, asyncio.Event()
            news.set()


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
