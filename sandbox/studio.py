"""A local Telegram with the whole bot on it in one process: what tests of behaviour run on."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from core.app import Application
from core.clock import Clock, SystemClock
from core.config import Settings
from core.duties import Tuning
from core.generation.settings import GenerationSettings, Patience, WorkerSettings
from core.i18n import core_locales
from core.plugins_file import PluginsFile
from core.roles import Role
from core.service import Service
from core.storage.database import Database
from core.telegram.client import ClientTiming
from core.telegram.updates import PumpLimits
from sandbox.environment import WELCOME_RUB, environment_for
from sandbox.people.handles import Bot
from sandbox.people.person import Person
from sandbox.server import Sandbox

QUICK = Tuning(
    client=ClientTiming(call=5, pause=0.05, connect=10, flush=1),
    pump=PumpLimits(patience=0.1, retry=0.1, done_seconds=0.01, stop=5),
    generation=GenerationSettings(
        patience=Patience(poll_first=0.05, poll_longest=0.2, retry_first=0.05, retry_longest=0.5),
        worker=WorkerSettings(sweep=5),
    ),
)
"""Waits for tests: the order of things stays, people's patience is spared."""

UNLIMITED = {
    "updates": {"actions_per_minute": 1e6, "burst": 1_000_000, "same_button_seconds": 0},
    "sending": {
        "messages_per_second": 1e6,
        "chat_messages_per_second": 1e6,
        "chat_burst": 1_000_000,
        "group_messages_per_minute": 1e6,
        "progress_seconds": 0.05,
    },
}
"""`[limits]` that never hold anything up."""

_LOOK_AGAIN = 0.03
"""Seconds between two looks at something that tells nobody of its changes."""
_ROOT = Path(__file__).parent.parent


class Studio:
    """The sandbox, a bot account, and the application that runs as it.

    `app` is replaced at each `restart`. As an asynchronous context manager it stops at the end and drops the
    bot's database.
    """

    def __init__(
        self, sandbox: Sandbox, bot: Bot, settings: Settings, file: PluginsFile, clock: Clock
    ) -> None:
        self.sandbox = sandbox
        self.bot = bot
        self.settings = settings
        self.file = file
        self.clock = clock
        self.tuning = QUICK
        self.app: Application | None = None
        self.environment: Mapping[str, str] = {}

    @classmethod
    async def start(
        cls,
        *,
        database_uri: str,
        directory: Path,
        plugins: Mapping[str, Any] | None = None,
        settings: Mapping[str, str] | None = None,
        admins: int = 0,
        clock: Clock | None = None,
        running: bool = True,
        tuning: Tuning = QUICK,
    ) -> Self:
        """Start the sandbox, and the bot on it unless `running` is False.

        `plugins` is what `plugins.toml` would say; without it the project's own is taken. Limits that it does
        not set are lifted. `settings` are names of the environment. `admins` people, named Admin 1 and so on,
        operate the bot. Everything is kept below `directory`, the database apart.
        """
        clock = clock or SystemClock()
        sandbox = await Sandbox.start(seed=secrets.randbits(40))
        bot = sandbox.add_bot()
        operators = [sandbox.add_person(f"Admin {number}") for number in range(1, admins + 1)]
        environment = {
            **environment_for(sandbox.endpoint, bot, operators),
            "MONGODB_URI": f"{database_uri}?retryWrites=false",
            "DATA_DIR": str(directory / "data"),
            "PORT": "0",
            "WELCOME_BALANCE_RUB": WELCOME_RUB,
            **(settings or {}),
        }
        data = dict(plugins) if plugins is not None else tomllib.loads((_ROOT / "plugins.toml").read_text())
        data["limits"] = lifted(data.get("limits", {}))
        file = PluginsFile.of(data, directory=_ROOT if plugins is None else directory)
        self = cls(sandbox, bot, Settings.load(env=environment), file, clock)
        # Patience is a test's to choose; what the operator says is not.
        self.tuning = replace(tuning, generation=replace(tuning.generation, dry_run=self.settings.dry_run))
        self.environment = environment
        if running:
            await self.launch()
        return self

    async def launch(self) -> Service:
        """Start the bot; what runs once it is on duty."""
        self.app = self.instance()
        await self.app.start()
        return await self.app.on_duty()

    def instance(self, *, role: Role = Role.ALL, name: str = "") -> Application:
        """Another instance of the bot, not started."""
        settings = self.settings.model_copy(update={"instance_name": name}) if name else self.settings
        return Application(
            settings, self.file, locales=core_locales(), role=role, clock=self.clock, tuning=self.tuning
        )

    async def shut(self) -> None:
        """Stop the bot; the sandbox goes on."""
        app, self.app = self.app, None
        if app is not None:
            await app.stop()

    async def restart(self) -> Service:
        """Stop the bot and start it again."""
        await self.shut()
        return await self.launch()

    @property
    def running(self) -> Application:
        """The application. Raises RuntimeError while it is shut."""
        if self.app is None:
            raise RuntimeError("the bot does not run")
        return self.app

    @property
    def service(self) -> Service:
        """What runs while the bot is on duty. Raises RuntimeError while it is not."""
        service = self.running.service
        if service is None:
            raise RuntimeError("the bot is not on duty")
        return service

    async def until(self, holds: Callable[[], Awaitable[bool]], *, seconds: float = 60) -> None:
        """Wait until something holds that nobody in the chat is told of.

        Raises:
            TimeoutError: it does not hold within `seconds` of real time.
        """
        async with asyncio.timeout(seconds):
            while not await holds():
                await SystemClock().sleep(_LOOK_AGAIN)

    async def settled(self, person: Person, *, seconds: float = 60) -> None:
        """Wait until the worker has nothing to look after and nothing of the person's is held.

        Raises:
            TimeoutError: it does not come to that within `seconds` of real time.
        """

        async def holds() -> bool:
            studio = self.service.studio
            running = studio.worker.load or await studio.generations.active(person.id)
            return not running and (await self.running.ledger.balance(person.id)).held == 0

        await self.until(holds, seconds=seconds)

    @contextlib.asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        """The bot's database, over a connection of its own: it is there while the bot is shut, too."""
        uri = self.settings.mongodb_uri
        if uri is None:
            raise RuntimeError("a studio's database is always given")
        database = await Database.connect(
            uri.get_secret_value(), f"starloom_{self.bot.id}", embedded=True, clock=self.clock
        )
        try:
            yield database
        finally:
            await database.close()

    def person(self, name: str, language: str = "en", **details: Any) -> Person:
        """Let a person register on the local Telegram."""
        return self.sandbox.add_person(name, language=language, **details)

    async def stop(self) -> None:
        """Stop everything and drop the bot's database."""
        await self.shut()
        async with self.database() as database:
            await database.erase()
        await self.sandbox.stop()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


def lifted(limits: Mapping[str, Any]) -> dict[str, Any]:
    """`limits` with everything lifted that they do not set."""
    names = {*UNLIMITED, *limits}
    return {name: {**UNLIMITED.get(name, {}), **limits.get(name, {})} for name in names}
