"""What runs in the background ends, and a lease is given back only behind what it stands for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from core.background import end_all
from core.clock import SystemClock
from core.leadership import Leadership
from core.storage.database import Database
from core.storage.leases import Lease, Leases
from sandbox.clock import ManualClock


async def test_a_task_that_a_cancellation_passes_by_is_ended_all_the_same() -> None:
    rounds = 0

    async def for_ever() -> None:
        nonlocal rounds
        while True:
            rounds += 1
            done = asyncio.get_running_loop().create_future()
            asyncio.get_running_loop().call_soon(done.set_result, None)
            try:
                await done
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if rounds > 1:
                    raise

    task = asyncio.create_task(for_ever())
    await asyncio.sleep(0)
    await end_all([task])
    assert (task.cancelled(), rounds) == (True, 2)


async def test_what_has_failed_is_let_go() -> None:
    async def fails() -> None:
        raise ValueError

    await end_all([asyncio.create_task(fails())])
    await end_all([])


class Duty:
    """What a lease stands for: a start that takes until `go`, and what runs then."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.asked = asyncio.Event()
        self.running = False
        self.deaf = False
        self.broken = False
        self.log: list[str] = []

    async def begin(self, _lease: Lease) -> None:
        self.asked.set()
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            if not self.deaf:
                raise
        self.running = True
        self.log.append("began")

    async def end(self) -> None:
        if self.broken:
            raise RuntimeError
        if self.running:
            self.running = False
            await asyncio.sleep(0)
            self.log.append("ended")


@pytest.fixture
async def duty() -> Duty:
    return Duty()


@pytest.fixture
async def leadership(database: Database, clock: ManualClock, duty: Duty) -> AsyncIterator[Leadership]:
    leadership = Leadership(
        Leases(database, clock),
        "duty",
        "me",
        clock=clock,
        seconds=60,
        heartbeat=20,
        on_gain=duty.begin,
        on_loss=duty.end,
    )
    yield leadership
    await leadership.stop()


async def free(database: Database, clock: ManualClock) -> bool:
    """Whether somebody else can have the lease."""
    return await Leases(database, clock).acquire("duty", "another", 60) is not None


@pytest.mark.parametrize("deaf", [False, True])
async def test_a_stop_in_the_middle_of_a_start_leaves_nothing_running(
    database: Database, clock: ManualClock, duty: Duty, leadership: Leadership, deaf: bool
) -> None:
    duty.deaf = deaf
    leadership.start()
    await duty.asked.wait()
    await leadership.stop()
    assert not duty.running
    assert duty.log == (["began", "ended"] if deaf else [])
    assert await free(database, clock)


async def test_a_stop_ends_what_runs_and_gives_the_lease_back(
    database: Database, clock: ManualClock, duty: Duty, leadership: Leadership
) -> None:
    duty.go.set()
    leadership.start()
    async with asyncio.timeout(10):
        while not duty.running:
            await SystemClock().sleep(0.01)
    assert not await free(database, clock)
    await leadership.stop()
    assert duty.log == ["began", "ended"]
    assert await free(database, clock)


async def test_what_cannot_be_stopped_does_not_keep_the_lease(
    database: Database, clock: ManualClock, duty: Duty, leadership: Leadership
) -> None:
    leadership.start()
    await duty.asked.wait()
    duty.broken = True
    with pytest.raises(RuntimeError):
        await leadership.stop()
    duty.broken = False
    assert await free(database, clock)
