"""A second connection to the test's database, and a database whose calls fail on demand."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import pytest

from core.storage.database import Database
from sandbox.clock import ManualClock


@pytest.fixture
async def other_database(
    database: Database, database_uri: str, clock: ManualClock
) -> AsyncIterator[Database]:
    """The test's database, as another instance sees it."""
    other = await Database.connect(
        database_uri, database.name, embedded="TEST_DATABASE_URL" not in os.environ, clock=clock
    )
    yield other
    await other.close()
