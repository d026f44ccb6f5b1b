"""Houses for plugins, stopped at the end of each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from support.plugin_house import Build, House, StoredInMemory

from sandbox.clock import ManualClock


@pytest.fixture
async def build(clock: ManualClock) -> AsyncIterator[Build]:
    """Builds houses and stops them at the end."""
    houses: list[House] = []

    def make(plugins: Mapping[str, Any], stored: StoredInMemory | None = None, **limits: Any) -> House:
        house = House(plugins, clock, stored or StoredInMemory(), **limits)
        houses.append(house)
        return house

    yield make
    for house in houses:
        house.stored.away = False
        await house.manager.stop()
