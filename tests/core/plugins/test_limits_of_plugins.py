"""What a plugin may take: places for its handlers, a pace for what it sends, pages that fail alone."""

from __future__ import annotations

import asyncio

import pytest
from support.plugin_house import Build, bad, good

from core.errors import PluginError
from core.plugin_manager import CallResult, PluginState
from core.plugin_powers import WebReply, WebRequest
from core.plugins.pace import Pace
from sandbox.clock import ManualClock


async def test_a_plugin_whose_places_are_taken_is_busy_and_others_are_not(build: Build) -> None:
    house = build(
        {**bad("misbehaves"), **good()}, concurrent=3, busy_seconds=0.05, handler_seconds=5, errors=100
    )
    await house.manager.start()
    hanging = [asyncio.create_task(house.command("hang")) for _ in range(3)]
    await asyncio.sleep(0)
    assert await house.command("hang") is CallResult.BUSY
    assert await house.command("hello") is CallResult.DONE
    assert house.status("misbehaves").errors == 0, "to be popular is no error"
    await house.manager.disable("misbehaves")
    assert await asyncio.gather(*hanging) == [CallResult.OFF] * 3


async def test_a_flood_is_slowed_down_and_then_refused(clock: ManualClock) -> None:
    pace = Pace(clock, rate=10, waiting=5)
    sent: list[float] = []

    async def send() -> None:
        await pace.take()
        sent.append(clock.monotonic())

    await clock.advance(100)
    sends = [asyncio.create_task(send()) for _ in range(16)]
    await clock.until_asleep(5)
    assert len(sent) == 10
    assert isinstance((await asyncio.wait(sends, return_when="FIRST_EXCEPTION"))[0].pop(), asyncio.Task)
    refused = [task.exception() for task in sends if task.done() and task.exception()]
    assert len(refused) == 1
    assert isinstance(refused[0], PluginError)
    await clock.advance(0.5)
    assert [round(moment - 100, 1) for moment in sent[10:]] == [0.1, 0.2, 0.3, 0.4, 0.5]


@pytest.mark.parametrize(
    ("path", "reply"),
    [
        ("page", WebReply(b"hello x", 200)),
        ("page/", WebReply(b"hello x", 200)),
        ("fails", WebReply(status=500)),
        ("nonsense", WebReply(status=500)),
        ("hangs", WebReply(status=500)),
        ("nowhere", WebReply(status=404)),
    ],
)
async def test_pages_are_answered_and_fail_alone(build: Build, path: str, reply: WebReply) -> None:
    house = build({**good("pages"), **good()})
    await house.manager.start()
    request = WebRequest("GET", path, {"name": "x"})
    assert await house.manager.serve("pages", request) == reply
    assert house.status("pages").errors == (reply.status == 500)
    assert await house.manager.serve("good", request) == WebReply(status=404)
    await house.manager.disable("pages")
    assert await house.manager.serve("pages", request) == WebReply(status=404)
    assert house.state("good") is PluginState.ON
