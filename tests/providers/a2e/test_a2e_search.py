"""A task whose reply was lost is found by its name, or nobody claims to know."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from support.a2e_server import A2eServer, said
from support.orders import task_for
from support.scripted_http import answer, lost, page, truncated

from providers.a2e.provider import A2eProvider
from sandbox.clock import START, ManualClock
from starloom.api import (
    FindsTasks,
    ProviderError,
    SubmissionUnknown,
)

Start = Callable[..., Any]
IMAGE = "a2e-text-to-image"
IMAGES = "userText2Image"


@pytest.mark.parametrize("listed_as", ["", "list", "records"])
async def test_what_was_taken_is_found_by_its_name_and_not_ordered_twice(
    start: Start, server: A2eServer, clock: ManualClock, listed_as: str
) -> None:
    server.listed_as = listed_as
    asked, since = task_for(IMAGE), clock.now()
    server.next("start", lost())
    with pytest.raises(SubmissionUnknown):
        await (await start()).submit(asked)
    after_restart = await start()
    assert isinstance(after_restart, FindsTasks)
    expected = f"{IMAGES}/{next(iter(server.tasks))}"
    assert await after_restart.find_task(asked, since) == expected
    assert await after_restart.find(asked.job_id) == expected
    assert await after_restart.find_task(task_for("gone", asked.job_id), since) == expected
    assert len(server.requests("/start")) == 1


async def test_what_never_came_is_known_not_to_run(
    provider: A2eProvider, server: A2eServer, clock: ManualClock
) -> None:
    await provider.submit(task_for(IMAGE, "another job"))
    assert await provider.find_task(task_for(IMAGE), clock.now()) is None
    assert await provider.find("never") is None


async def test_all_answers_to_one_order_are_found(
    provider: A2eProvider, server: A2eServer, clock: ManualClock
) -> None:
    server.outputs = 2
    task_id = await provider.submit(task_for(IMAGE))
    found = await provider.find_task(task_for(IMAGE), clock.now())
    assert found is not None
    assert set(found.partition("/")[2].split(",")) == set(task_id.partition("/")[2].split(","))


async def test_a_list_without_names_does_not_tell(
    provider: A2eProvider, server: A2eServer, clock: ManualClock
) -> None:
    since = clock.now()
    server.names = False
    server.add(IMAGES, {}, since - timedelta(minutes=5))
    assert await provider.find_task(task_for(IMAGE), since) is None
    server.add(IMAGES, {}, since)
    for asked in (provider.find_task(task_for(IMAGE), since), provider.find("jobjobjobjob")):
        with pytest.raises(SubmissionUnknown, match="not shown"):
            await asked


async def test_pages_are_turned_until_what_is_older(
    provider: A2eProvider, server: A2eServer, clock: ManualClock
) -> None:
    since = clock.now()
    wanted = server.add(IMAGES, {"name": "jobjobjobjob"}, since)
    for number in range(150):
        server.add(IMAGES, {"name": f"new{number}"}, since + timedelta(seconds=1))
    for number in range(300):
        server.add(IMAGES, {"name": f"old{number}"}, since - timedelta(hours=1))
    assert await provider.find_task(task_for(IMAGE), since) == f"{IMAGES}/{wanted.id}"
    assert len(server.requests("/allRecords")) == 3


async def test_a_list_without_an_end_is_given_up(
    provider: A2eProvider, server: A2eServer, clock: ManualClock
) -> None:
    endless = said(0, "", [{"_id": "abc", "name": "x"}] * 100)
    server.next("list", *[endless] * 20)
    with pytest.raises(SubmissionUnknown, match="too many"):
        await provider.find_task(task_for(IMAGE), clock.now())
    assert len(server.requests("/allRecords")) == 20


@pytest.mark.parametrize(
    "script",
    [
        page(200),
        truncated(),
        said(0, "", {"total": 0}),
        said(0, "", None),
        said(1001, "invalid token"),
        answer(403, {}),
    ],
)
async def test_a_list_that_cannot_be_read_is_asked_for_again_later(
    provider: A2eProvider, server: A2eServer, clock: ManualClock, script: Any
) -> None:
    server.next("list", script)
    with pytest.raises(ProviderError) as error:
        await provider.find_task(task_for(IMAGE), clock.now())
    assert not isinstance(error.value, SubmissionUnknown)


@pytest.mark.parametrize(
    ("created", "older"),
    [
        (START.timestamp() * 1000, True),
        (START.timestamp(), True),
        ("2030-01-01T12:00:00.000Z", True),
        ("soon", False),
        (1e300, False),
    ],
)
async def test_times_are_read_in_any_form(
    provider: A2eProvider, server: A2eServer, clock: ManualClock, created: Any, older: bool
) -> None:
    server.next("list", said(0, "", [{"_id": "abc", "createdAt": created}]))
    await clock.advance(7200)
    asked = provider.find_task(task_for(IMAGE), START + timedelta(hours=1))
    if older:
        assert await asked is None
    else:
        with pytest.raises(SubmissionUnknown):
            await asked


async def test_a_fresh_order_is_given_time_to_come_into_the_list(
    start: Start, server: A2eServer, clock: ManualClock
) -> None:
    provider = await start(settle_seconds=5)
    looking = asyncio.create_task(provider.find_task(task_for(IMAGE), clock.now()))
    await clock.until_asleep()
    assert server.seen == []
    taken = server.add(IMAGES, {"name": "jobjobjobjob"}, clock.now())
    await clock.advance(5)
    assert await looking == f"{IMAGES}/{taken.id}"
