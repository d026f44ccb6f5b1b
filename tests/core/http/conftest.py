"""What the tests of the HTTP layer run on."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from support.http_world import HttpWorld

from sandbox.clock import ManualClock


@pytest.fixture
async def world(clock: ManualClock) -> AsyncIterator[HttpWorld]:
    """A server that answers as told, and providers' HTTP before it."""
    world = HttpWorld(clock)
    await world.start()
    yield world
    await world.stop()
