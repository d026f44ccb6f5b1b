"""A ledger on the test's database, and another as a second instance has it."""

from __future__ import annotations

import os
import random
from collections.abc import AsyncIterator

import pytest

from core.billing.ledger import Ledger
from core.storage.database import Database
from sandbox.clock import ManualClock


@pytest.fixture
def ledger(database: Database, clock: ManualClock) -> Ledger:
    """The ledger."""
    return Ledger(database, clock, chance=random.Random(1))


@pytest.fixture
async def other_ledger(database: Database, database_uri: str, clock: ManualClock) -> AsyncIterator[Ledger]:
    """The same ledger in another instance: another connection, and no turns taken with the first."""
    embedded = "TEST_DATABASE_URL" not in os.environ
    other = await Database.connect(database_uri, database.name, embedded=embedded, clock=clock)
    yield Ledger(other, clock, chance=random.Random(2))
    await other.close()
