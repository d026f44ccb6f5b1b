"""From a provider's server to a person's chat: the same bytes, whatever breaks off on either side."""

from __future__ import annotations

import hashlib
import random
from collections.abc import AsyncIterator

import pytest
from support.file_server import FileServer
from support.http_world import HttpWorld
from telegram_house import Calls
from upload_delivery import Delivery

from core.clock import SystemClock
from core.errors import ProviderError
from core.generation.provider import Result
from core.generation.read_ahead import ReadAhead
from core.generation.relay import Relay, RelayPatience, RestartNeeded
from core.http.retrying import RetrySettings
from core.telegram.uploader import BIG, PART, UploadedFile, Uploader
from sandbox.clock import ManualClock
from sandbox.faults import Fault, FaultKind
from sandbox.server import Sandbox

SIZES = [1, PART - 1, PART, BIG - 1, BIG, BIG + 1]
PATIENCE = RelayPatience(first_wait=0.001)


def content(size: int) -> bytes:
    return random.Random(size).randbytes(size)


@pytest.fixture
async def world(clock: ManualClock) -> AsyncIterator[HttpWorld]:
    world = HttpWorld(clock)
    await world.start()
    yield world
    await world.stop()


async def _fresh() -> Result:
    raise ProviderError("nothing fresh")


def relay_of(server: FileServer) -> Relay:
    http = server.world.layer(retries=RetrySettings(first_wait=0.0))
    return Relay(
        Result(f"{server.world.url}/file.bin"),
        open_result=lambda result: http.fetch(result.url),
        fresh=_fresh,
        ahead=ReadAhead(),
        clock=SystemClock(),
        patience=PATIENCE,
    )


async def relayed(server: FileServer, uploader: Uploader) -> UploadedFile:
    relay = relay_of(server)
    await relay.begin()
    try:
        return await uploader.file(relay, name=relay.name("file"), size=relay.size)
    finally:
        await relay.aclose()


def same(one: bytes, other: bytes) -> bool:
    """Compared by checksum, so that a failure does not print megabytes."""
    return hashlib.sha256(one).digest() == hashlib.sha256(other).digest()


@pytest.mark.parametrize("known", [True, False], ids=["known length", "unknown length"])
async def test_the_same_bytes_arrive(delivery: Delivery, world: HttpWorld, known: bool) -> None:
    for size in SIZES:
        server = FileServer(world, content(size))
        server.says_length = known
        file = await relayed(server, delivery.uploader)
        assert file.size == size
        assert same(await delivery.arrived(file), server.content), size


@pytest.mark.soak
@pytest.mark.parametrize("known", [True, False], ids=["known length", "unknown length"])
async def test_a_hundred_mebibytes_arrive(delivery: Delivery, world: HttpWorld, known: bool) -> None:
    server = FileServer(world, content(100 * 1024 * 1024))
    server.says_length = known
    server.ends = [30_000_000, 1_000_000] if known else []
    assert same(await delivery.arrived(await relayed(server, delivery.uploader)), server.content)


async def test_nothing_is_refused_in_words(delivery: Delivery, world: HttpWorld) -> None:
    with pytest.raises(ProviderError, match="empty file"):
        await relayed(FileServer(world, b""), delivery.uploader)


@pytest.mark.parametrize("ranges", [True, False], ids=["ranges", "no ranges"])
async def test_breaks_on_both_sides_cost_little(
    delivery: Delivery, sandbox: Sandbox, world: HttpWorld, calls: Calls, ranges: bool
) -> None:
    chance = random.Random(5)
    size = 16 * 1024 * 1024 + 17
    server = FileServer(world, content(size))
    server.ranges = ranges
    server.ends = sorted(chance.sample(range(size), 3)) if not ranges else [chance.randrange(size // 4)] * 3
    calls.clear()
    fault = Fault(kind=FaultKind.DROP_BEFORE, method="upload.SaveBigFilePart", skip=7, times=2)
    with sandbox.faults.add(fault):
        file = await relayed(server, delivery.uploader)
    assert same(await delivery.arrived(file), server.content)
    if ranges:
        assert (len(server.asked), server.sent) == (4, size)
    parts = -(-size // PART)
    assert calls["upload.SaveBigFilePart"] <= parts * 1.05 + 12


async def test_a_file_that_changes_on_its_way_is_sent_anew_and_whole(
    delivery: Delivery, world: HttpWorld
) -> None:
    size = 4 * 1024 * 1024
    server = FileServer(world, content(size))
    server.ends = [3_000_000]

    relay = relay_of(server)
    await relay.begin()
    server.content = content(size + 1)
    server.headers = {"ETag": '"two"'}
    with pytest.raises(RestartNeeded):
        await delivery.uploader.file(relay, name="file.bin", size=relay.size)
    await relay.aclose()
    assert isinstance(relay.failure, RestartNeeded)
    assert same(await delivery.arrived(await relayed(server, delivery.uploader)), server.content)
