"""The bot as it is run, with its database."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from pymongo import monitoring

from bench.bots.orders import Counts, Orders
from core.app import Application
from core.config import Settings
from core.plugins_file import PluginsFile
from core.roles import Role

LOCALES = Path(__file__).parents[2] / "locales"


class _Commands(monitoring.CommandListener):
    """Counts commands by name and collection, in all clients made after it is registered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        name = event.command_name
        with self._lock:
            self._counts[f"{name} {event.command.get(name)}"] += 1

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Nothing to count."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Nothing to count."""

    def counts(self) -> Mapping[str, int]:
        with self._lock:
            return dict(self._counts)


def plugins_file(orders: Orders) -> PluginsFile:
    """The plugin that is measured, alone."""
    tables = {"plugins": {"tapping": {"module": "bench.bots.tapping"}}, "limits": dict(orders.limits)}
    return PluginsFile.of(tables, directory=orders.directory)


@asynccontextmanager
async def running(orders: Orders) -> AsyncIterator[Counts]:
    """Run it until it has nothing more to answer."""
    commands = _Commands()
    monitoring.register(commands)
    settings = Settings.load(env=dict(orders.environment))
    application = Application(settings, plugins_file(orders), locales=LOCALES, role=Role.BOT)
    await application.start()
    try:
        await application.on_duty()
        yield lambda: (application.database.round_trips, commands.counts())
    finally:
        await application.stop()
