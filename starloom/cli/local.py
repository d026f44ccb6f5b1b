"""The local Telegram with the bot on it, as `python run.py` starts them when there is no token."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import socket
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from core.clock import SystemClock
from core.config import Settings
from sandbox.environment import WELCOME_RUB, environment_for
from sandbox.http import HttpFace, make_app
from sandbox.mtproto import WireEvent
from sandbox.people.handles import Bot
from sandbox.people.person import Person
from sandbox.server import Sandbox
from sandbox.web import Books, add_page

_TAKEN_UP = "GetDifference"
_SAVE_SECONDS = 15.0
_PORT = 8765
"""Where the chat page is looked for first; the next ones are tried where it is taken."""
_PORTS = 20
_QUIET = "WARNING"
_PEOPLE = (("Alice", "en", "alice"), ("Борис", "ru", "boris"))
"""Who is there from the beginning, beside the admin."""
_WELCOME_STARS = 1000
"""Stars that the people who are there from the beginning have bought."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a running local Telegram can be reached, as it is written down for other processes."""

    http: str
    bot_id: int

    @classmethod
    def path(cls, data_dir: Path) -> Path:
        """The file it is written to."""
        return data_dir / "sandbox" / "address.json"

    @classmethod
    def read(cls, data_dir: Path) -> Address | None:
        """The address of the local Telegram that was started last in this directory, or None."""
        try:
            return cls(**json.loads(cls.path(data_dir).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, data_dir: Path) -> None:
        """Write it down."""
        path = self.path(data_dir)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


class LocalTelegram:
    """A local Telegram with a bot account, some people and the HTTP face."""

    def __init__(self, sandbox: Sandbox, http: HttpFace, bot: Bot, admin: Person) -> None:
        self.sandbox = sandbox
        self.http = http
        self.bot = bot
        self.admin = admin
        self.ready = asyncio.Event()
        """Set once the bot has taken up its updates; what is written to it before its first is lost."""
        self._stop_watching = sandbox.server.on_event(self._watch)
        self._saving = asyncio.create_task(self._keep_saved(), name="save the local Telegram")

    @classmethod
    async def start(
        cls, data_dir: Path, *, port: int | None = None, fresh: bool = False, books: Books | None = None
    ) -> Self:
        """Start it; the world that was saved in `data_dir` goes on unless `fresh`.

        The chat page gets `port`, or the first free one from the usual one on; 0 is any free one.

        Raises:
            OSError: where the port that was asked for is taken.
        """
        directory = data_dir / "sandbox"
        if fresh:
            shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True, exist_ok=True)
        sandbox = await Sandbox.start(clock=SystemClock(), directory=directory)
        bot = sandbox.add_bot("starloom_bot", "Starloom")
        bot.allow_inline("what you have made")
        for name, language, username in _PEOPLE:
            sandbox.add_person(name, language=language, username=username, stars=_WELCOME_STARS)
        admin = sandbox.add_person("Admin", username="admin", stars=_WELCOME_STARS)
        try:
            http = await _serve(sandbox, books, port)
        except OSError:
            await sandbox.stop()
            raise
        Address(http.url, bot.id).write(data_dir)
        return cls(sandbox, http, bot, admin)

    async def stop(self) -> None:
        """Stop it and save the world."""
        self._saving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._saving
        await self.http.stop()
        await self.sandbox.stop()

    def _watch(self, event: WireEvent) -> None:
        if event.user_id == self.bot.id and event.direction == "out" and _TAKEN_UP in event.name:
            self._stop_watching()
            self.ready.set()

    async def _keep_saved(self) -> None:
        while True:
            await asyncio.sleep(_SAVE_SECONDS)
            await self.sandbox.save()


async def _serve(sandbox: Sandbox, books: Books | None, port: int | None) -> HttpFace:
    """Start the chat page on `port`, or on the first free one."""
    ports = [*range(_PORT, _PORT + _PORTS), 0] if port is None else [port]
    for place, each in enumerate(ports):
        app = make_app(sandbox)
        add_page(app, books)
        http = HttpFace(app, port=each)
        try:
            await http.start()
            break
        except OSError:
            await http.stop()
            if place == len(ports) - 1:
                raise
    return http


def unless_set(settings: Settings) -> dict[str, str]:
    """What the bot on a local Telegram is told where neither the environment nor `.env` says anything.

    The first free port from the usual one on, so that another bot on this machine may run; and to log what
    is wrong alone, so that the line with the page's address can be seen.
    """
    usual = {}
    if "port" not in settings.model_fields_set:
        usual["PORT"] = str(_free_port(settings.port))
    if not {"log_level", "log_file"} & settings.model_fields_set:
        usual["LOG_LEVEL"] = _QUIET
    return usual


def _free_port(first: int) -> int:
    """The first free one from `first` on; 0, which takes any, where all that are tried are taken."""
    for port in range(first, first + _PORTS):
        with socket.socket() as tried, contextlib.suppress(OSError):
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(("127.0.0.1", port))
            return port
    return 0


def bot_environment(local: LocalTelegram, base: Mapping[str, str]) -> dict[str, str]:
    """The environment for a bot on a local Telegram: `base` with what points it there.

    The admins that `base` names operate the bot beside the local admin.
    """
    environment = {"WELCOME_BALANCE_RUB": WELCOME_RUB, **base}
    ours = environment_for(local.sandbox.endpoint, local.bot, [local.admin])
    named = environment.get("ADMIN_IDS") or environment.get("ADMIN_ID")
    if named:
        ours["ADMIN_IDS"] += f",{named}"
    for other_name in ("TELEGRAM_BOT_TOKEN", "ADMIN_ID"):
        environment.pop(other_name, None)
    return environment | ours


class BotProcess:
    """The bot in a process of its own. It ends by itself when this process is gone."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(
        cls,
        environment: Mapping[str, str],
        *,
        plugins_file: Path,
        env_file: Path = Path(os.devnull),
        role: str = "all",
        quiet: bool = False,
    ) -> Self:
        """Start `python -m starloom` with this environment; `quiet` drops what it prints."""
        out = asyncio.subprocess.DEVNULL if quiet else None
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "starloom", "--env-file", str(env_file), "--plugins-file", str(plugins_file)),
            *("--role", role, "--end-with-input"),
            env=dict(environment),
            stdin=asyncio.subprocess.PIPE,
            stdout=out,
            stderr=out,
            # Ctrl-C reaches this process, which ends the bot in order.
            start_new_session=True,
        )
        return cls(process)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    async def wait(self) -> int:
        """The exit status, once it has ended."""
        return await self._process.wait()

    async def stop(self) -> int:
        """Ask it to end, wait until it has, and answer its exit status."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
        return await self._process.wait()

    async def kill(self) -> None:
        """End it at once, wherever it is."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
