"""Time that the core's own slow work grants to the plugin that waits for it."""

from __future__ import annotations

import asyncio

import pytest

from core.limits import PluginLimits
from core.plugins.guard import TimeLimitPassed, grant_time, start_task, within

NO_TIME = PluginLimits.model_construct(handler_seconds=0.0, cancel_seconds=1.0)


async def _until(done: asyncio.Event, *granted: float) -> str:
    for seconds in granted:
        grant_time(seconds)
    await done.wait()
    return "done"


async def test_code_that_was_granted_time_may_pass_its_limit() -> None:
    done = asyncio.Event()
    task = start_task(_until(done, 30, 30), "slow", "handler")
    waiting = asyncio.create_task(within(task, NO_TIME, "handler_seconds"))
    asyncio.get_running_loop().call_later(0.05, done.set)
    assert await waiting == "done"


@pytest.mark.parametrize("granted", [(), (0.0,), (0.001,)])
async def test_other_code_may_not_and_granted_time_ends_as_well(granted: tuple[float, ...]) -> None:
    task = start_task(_until(asyncio.Event(), *granted), "slow", "handler")
    with pytest.raises(TimeLimitPassed):
        await within(task, NO_TIME, "handler_seconds")
    assert task.cancelled()


async def test_time_can_be_granted_only_by_what_runs() -> None:
    done = asyncio.Event()
    task = start_task(_until(done), "slow", "handler")
    grant_time(30)
    with pytest.raises(TimeLimitPassed):
        await within(task, NO_TIME, "handler_seconds")
