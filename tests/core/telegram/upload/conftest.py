"""A logged-in client, an uploader with its own clock, and what the server sees of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from telegram_house import Calls, House, counted
from upload_delivery import Delivery

from core.telegram.uploader import Uploader, UploadLimits
from sandbox.clock import ManualClock
from sandbox.people.person import Person
from sandbox.server import Sandbox

LIMITS = UploadLimits(connections=3, in_flight=12, start=6, idle=30.0)


@pytest.fixture
async def person(house: House, alice: Person) -> Person:
    """Somebody whom the bot has met."""
    await alice.start()
    await alice.expect("hello")
    return alice


@pytest.fixture
async def uploader(house: House, person: Person) -> AsyncIterator[Uploader]:
    uploader = Uploader(house.client, LIMITS)
    yield uploader
    await uploader.stop()


@pytest.fixture
async def timed(house: House, person: Person, clock: ManualClock) -> AsyncIterator[Uploader]:
    """An uploader for which time stands still until the clock is told to move on."""
    house.client.clock = clock
    uploader = Uploader(house.client, LIMITS)
    yield uploader
    await uploader.stop()


@pytest.fixture
def calls(sandbox: Sandbox) -> Iterator[Calls]:
    """How often each method was called."""
    with counted(sandbox) as calls:
        yield calls


@pytest.fixture
def delivery(house: House, person: Person, uploader: Uploader) -> Delivery:
    return Delivery(house, person, uploader)
