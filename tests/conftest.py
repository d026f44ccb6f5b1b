"""What every test may use: a real database server, a database for each test, a manual clock."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Iterator

import pytest

from core.storage.database import Database
from core.storage.embedded import EmbeddedServer
from sandbox.clock import ManualClock


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long campaigns out unless markers are asked for."""
    if not config.option.markexpr:
        long = [item for item in items if item.get_closest_marker("soak")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


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


@pytest.fixture
async def database(database_uri: str, clock: ManualClock) -> AsyncIterator[Database]:
    """An empty database, prepared, that is dropped after the test."""
    database = await Database.connect(
        database_uri, f"test_{uuid.uuid4().hex}", embedded="TEST_DATABASE_URL" not in os.environ, clock=clock
    )
    await database.prepare()
    yield database
    await database.erase()
    await database.close()
