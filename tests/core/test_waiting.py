"""Waiting on the clock: it ends with what is awaited or with the time, and leaves nothing behind."""

from __future__ import annotations

import asyncio

import pytest

from core.waiting import finishes, happens
from sandbox.clock import ManualClock


async def test_waiting_ends_with_the_event_or_the_time(clock: ManualClock) -> None:
    event = asyncio.Event()
    waiting = asyncio.create_task(happens(event, clock, 5.0))
    await clock.advance(4.0)
    assert not waiting.done()
    await clock.advance(1.0)
    assert await waiting is False
    again = asyncio.create_task(happens(event, clock, 5.0))
    await clock.until_asleep()
    event.set()
    assert await again is True
    assert clock.sleepers == 0


async def test_work_that_takes_too_long_is_cancelled(clock: ManualClock) -> None:
    cancelled = asyncio.Event()

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    waiting = asyncio.create_task(finishes(endless(), clock, 8.0))
    await clock.advance(8.0)
    assert await waiting is False
    assert cancelled.is_set()

    async def failing() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await finishes(failing(), clock, 8.0)
