"""Leases: one holder at a time, and an epoch that shuts out whoever held it before."""

from __future__ import annotations

import asyncio

import pytest

from core.errors import LeaseLost
from core.storage.database import Database
from core.storage.leases import Lease, Leases
from sandbox.clock import ManualClock


@pytest.fixture
def leases(database: Database, clock: ManualClock) -> Leases:
    return Leases(database, clock)


async def taken(leases: Leases, name: str, owner: str, seconds: float = 60) -> Lease:
    lease = await leases.acquire(name, owner, seconds)
    assert lease is not None
    return lease


async def test_only_one_owner_has_it_until_it_runs_out(leases: Leases, clock: ManualClock) -> None:
    first = await taken(leases, "updates", "a")
    assert await leases.acquire("updates", "b", 60) is None
    await clock.advance(59.9)
    assert await leases.acquire("updates", "b", 60) is None
    await clock.advance(0.1)
    second = await taken(leases, "updates", "b")
    assert second.epoch > first.epoch
    with pytest.raises(LeaseLost):
        await leases.renew(first)


async def test_renewing_keeps_it_with_its_epoch(leases: Leases, clock: ManualClock) -> None:
    lease = await taken(leases, "updates", "a")
    for _ in range(5):
        await clock.advance(20)
        renewed = await leases.renew(lease)
        assert renewed.epoch == lease.epoch
        assert await leases.holder("updates") == renewed
        assert await leases.acquire("updates", "b", 60) is None


async def test_renewing_twice_in_one_moment_is_no_loss(leases: Leases) -> None:
    lease = await taken(leases, "updates", "a")
    assert await leases.renew(lease) == await leases.renew(lease)


async def test_what_ran_out_cannot_be_renewed_though_nobody_took_it(
    leases: Leases, clock: ManualClock
) -> None:
    lease = await taken(leases, "updates", "a")
    await clock.advance(60)
    with pytest.raises(LeaseLost):
        await leases.renew(lease)


async def test_a_restarted_owner_has_it_at_once_and_shuts_out_its_former_self(leases: Leases) -> None:
    former = await taken(leases, "updates", "a")
    present = await taken(leases, "updates", "a")
    assert present.epoch > former.epoch
    with pytest.raises(LeaseLost):
        await leases.renew(former)
    await leases.release(former)
    assert await leases.holder("updates") == present


async def test_what_is_given_back_is_free_at_once(leases: Leases) -> None:
    first = await taken(leases, "updates", "a")
    await leases.release(first)
    assert await leases.holder("updates") is None
    assert (await taken(leases, "updates", "b")).epoch > first.epoch


async def test_of_many_that_want_it_at_once_one_gets_it(
    database: Database, other_database: Database, clock: ManualClock
) -> None:
    both = [Leases(database, clock), Leases(other_database, clock)]
    for _ in range(3):
        got = await asyncio.gather(*(both[n % 2].acquire("updates", f"owner {n}", 60) for n in range(20)))
        assert len([lease for lease in got if lease]) == 1
        await clock.advance(61)


async def test_epochs_are_unique_over_all_names(leases: Leases) -> None:
    got = await asyncio.gather(*(leases.acquire(f"worker:{n}", str(n), 60) for n in range(20)))
    assert len({lease.epoch for lease in got if lease}) == 20


async def test_those_held_now_can_be_listed(leases: Leases, clock: ManualClock) -> None:
    await taken(leases, "worker:a", "a", 10)
    kept = await taken(leases, "worker:b", "b", 60)
    await taken(leases, "updates", "c")
    await clock.advance(11)
    assert await leases.held("worker:") == [kept]
