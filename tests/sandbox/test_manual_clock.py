"""The clock that moves when it is told to."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sandbox.clock import START, ManualClock


async def test_time_stands_still_until_it_is_moved_on() -> None:
    clock = ManualClock()
    assert (clock.now(), clock.monotonic()) == (START, 0.0)
    await clock.advance(1.5)
    assert (clock.now(), clock.monotonic()) == (START + timedelta(seconds=1.5), 1.5)


async def test_sleepers_wake_at_their_moments_in_their_order() -> None:
    clock = ManualClock()
    woken: list[tuple[str, float]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.monotonic()))

    tasks = [asyncio.create_task(sleeper(*each)) for each in (("b", 2), ("a", 1), ("c", 2), ("late", 9))]
    await clock.until_asleep(4)
    await clock.advance(0.5)
    assert woken == []
    await clock.advance(5)
    assert woken == [("a", 1), ("b", 2), ("c", 2)]
    assert clock.sleepers == 1
    await clock.advance(9)
    await asyncio.gather(*tasks)
    assert clock.sleepers == 0


async def test_what_wakes_may_sleep_again_within_one_advance() -> None:
    clock = ManualClock()
    beats: list[float] = []

    async def beat() -> None:
        while True:
            await clock.sleep(1)
            beats.append(clock.monotonic())

    task = asyncio.create_task(beat())
    await clock.advance(3.5)
    assert beats == [1, 2, 3]
    task.cancel()


async def test_a_sleeper_that_was_cancelled_is_forgotten() -> None:
    clock = ManualClock()
    task = asyncio.create_task(clock.sleep(5))
    await clock.until_asleep()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert clock.sleepers == 0
    await clock.advance(5)
    assert clock.monotonic() == 5


async def test_no_time_is_no_sleep() -> None:
    clock = ManualClock()
    await clock.sleep(0)
    await clock.sleep(-1)
    assert clock.monotonic() == 0
