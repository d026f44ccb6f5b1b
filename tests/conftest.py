"""What every test may use: a real database server, a database for each test, a manual clock."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Iterator

import pytest
import structlog

from core.heap import settle
from core.storage.database import Database
from core.storage.embedded import EmbeddedServer
from sandbox.clock import ManualClock


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long campaigns out unless markers are asked for."""
    if not config.option.markexpr:
        long = [item for item in items if item.get_closest_marker("soak")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly at the end what could not be tested on this machine."""
    reasons = {str(report.longrepr[2]) for report in terminalreporter.getreports("skipped")}
    for reason in sorted(each.removeprefix("Skipped: ") for each in reasons):
        if reason.startswith("NOT TESTED"):
            terminalreporter.section(reason, sep="!", red=True, bold=True)


@pytest.fixture(scope="session", autouse=True)
def plain_tracebacks() -> None:
    """Log errors without colours and frames' variables: drawing those takes longer than most tests."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.dev.set_exc_info,
            structlog.processors.TimeStamper(fmt="%H:%M:%S"),
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ]
    )


@pytest.fixture(scope="session", autouse=True)
def settled_heap() -> None:
    """Search what was loaded, which is all the tests and libraries, for garbage no more."""
    settle()


@pytest.fixture(scope="session")
def database_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the server: TEST_DATABASE_URL, or one of our own (one for each worker of xdist)."""
    if named := os.environ.get("TEST_DATABASE_URL"):
        yield named
        return
    server = EmbeddedServer(tmp_path_factory.mktemp("database"), durable=False)
    yield asyncio.run(server.start())
    asyncio.run(server.stop())


@pytest.fixture
def clock() -> ManualClock:
    """A clock that moves when it is told to."""
    return ManualClock()


@pytest.fixture(scope="session")
def prepared_databases() -> list[str]:
    """The names of databases that are prepared and empty, left by the tests before."""
    return []


@pytest.fixture
async def database(
    request: pytest.FixtureRequest, database_uri: str, clock: ManualClock, prepared_databases: list[str]
) -> AsyncIterator[Database]:
    """An empty database, prepared; nothing of it outlives the test."""
    left = bool(prepared_databases)
    name = prepared_databases.pop() if left else f"test_{uuid.uuid4().hex}"
    database = await Database.connect(
        database_uri, name, embedded="TEST_DATABASE_URL" not in os.environ, clock=clock
    )
    if not left:
        await database.prepare()
    yield database
    # Row by row, what a long campaign leaves would take longer than a call may.
    if request.node.get_closest_marker("soak") is None and await database.clear():
        prepared_databases.append(name)
    else:
        await database.erase()
    await database.close()
