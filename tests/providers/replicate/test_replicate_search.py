"""A prediction whose reply was lost is found again, or nobody claims to know."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from support.orders import file_of, task_for
from support.replicate_server import ReplicateServer
from support.scripted_http import answer, lost, never_arrived, page, truncated

from providers.replicate.provider import ReplicateProvider
from providers.replicate.search import seed_of
from sandbox.clock import ManualClock
from starloom.api import FindsTasks, ProviderError, SubmissionUnknown

FLUX = "flux-1.1-pro"
UPSTREAM = "black-forest-labs/flux-1.1-pro"
Start = Callable[..., Any]


async def test_what_was_taken_is_found_and_not_ordered_twice(
    start: Start, server: ReplicateServer, clock: ManualClock
) -> None:
    order, since = task_for(FLUX), clock.now()
    server.next("create", lost())
    with pytest.raises(SubmissionUnknown):
        await (await start()).submit(order)
    after_restart = await start()
    assert isinstance(after_restart, FindsTasks)
    found = await after_restart.find_task(order, since)
    assert [found] == list(server.predictions)
    assert await after_restart.find(order.job_id) == found
    assert len(server.requests("/predictions", "POST")) == 1


async def test_what_never_arrived_is_known_not_to_run(
    provider: ReplicateProvider, server: ReplicateServer, clock: ManualClock
) -> None:
    order, since = task_for(FLUX), clock.now()
    await provider.submit(task_for(FLUX, "another job", prompt=order.prompt))
    server.next("create", never_arrived())
    with pytest.raises(SubmissionUnknown):
        await provider.submit(order)
    assert await provider.find_task(order, since) is None
    with pytest.raises(SubmissionUnknown, match="own seed"):
        await provider.find(order.job_id)


async def test_with_the_persons_own_seed_all_of_the_input_must_be_the_same(
    start: Start, server: ReplicateServer, clock: ManualClock
) -> None:
    options = {"seed": 7, "output_format": "png"}
    order, since = task_for(FLUX, options=options), clock.now()
    provider = await start()
    for other in (
        task_for(FLUX, "job1", options={**options, "seed": 8}),
        task_for(FLUX, "job2", options={**options, "output_format": "jpg"}),
        task_for(FLUX, "job3", options=options, prompt="a red fox."),
        task_for("flux-1.1-pro-ultra", "job4", options=options),
    ):
        await provider.submit(other)
    assert await provider.find_task(order, since) is None
    picture = {"image_prompt": [file_of(b"x")]}
    server.next("create", lost())
    with pytest.raises(SubmissionUnknown):
        await provider.submit(task_for(FLUX, options=options, inputs=picture))
    found = await (await start()).find_task(order, since)
    assert found == list(server.predictions)[-1]
    with pytest.raises(SubmissionUnknown):
        await provider.find(order.job_id)


async def test_the_prediction_of_another_job_is_not_taken_for_this_one(
    start: Start, clock: ManualClock
) -> None:
    since, options = clock.now(), {"seed": 7}
    provider = await start()
    await provider.submit(task_for(FLUX, "job1", options=options))
    assert await provider.find_task(task_for(FLUX, "job2", options=options), since) is None


async def test_of_two_that_fit_neither_is_taken(
    start: Start, server: ReplicateServer, clock: ManualClock
) -> None:
    since, options = clock.now(), {"seed": 7}
    for job_id in ("job1", "job2"):
        await (await start()).submit(task_for(FLUX, job_id, options=options))
    with pytest.raises(SubmissionUnknown, match="2 predictions"):
        await (await start()).find_task(task_for(FLUX, "job3", options=options), since)


@pytest.mark.parametrize(
    "shown",
    [
        {"data_removed": True},
        {"input": None},
        {"input": {}},
        {"input": "removed"},
        {"created_at": "yesterday", "input": {}},
    ],
)
async def test_one_that_does_not_show_its_input_leaves_it_open(
    provider: ReplicateProvider, server: ReplicateServer, clock: ManualClock, shown: dict[str, Any]
) -> None:
    since = clock.now()
    server.plan({"status": "succeeded", **shown})
    server.add(UPSTREAM, {"prompt": "?", "seed": 1}, clock.now())
    with pytest.raises(SubmissionUnknown, match="not shown"):
        await provider.find_task(task_for(FLUX), since)


async def test_one_that_is_unclear_does_not_matter_where_the_right_one_is_found(
    provider: ReplicateProvider, server: ReplicateServer, clock: ManualClock
) -> None:
    order, since = task_for(FLUX), clock.now()
    server.add(UPSTREAM, {}, clock.now())
    found = await provider.submit(order)
    assert await provider.find_task(order, since) == found


async def test_others_of_the_account_and_older_ones_say_nothing(
    provider: ReplicateProvider, server: ReplicateServer, clock: ManualClock
) -> None:
    order, since = task_for(FLUX), clock.now()
    server.plan({"status": "succeeded", "data_removed": True})
    server.add(UPSTREAM, {}, since - timedelta(minutes=10))
    server.add("meta/llama", {}, since)
    assert await provider.find_task(order, since) is None


async def test_every_page_since_the_order_is_looked_at_and_none_before(
    provider: ReplicateProvider, server: ReplicateServer, clock: ManualClock
) -> None:
    order, since = task_for(FLUX), clock.now()
    wanted = server.add(UPSTREAM, {"seed": seed_of(order.job_id)}, since)
    for number in range(250):
        server.add(UPSTREAM, {"seed": number}, since + timedelta(seconds=number))
        server.add(UPSTREAM, {"seed": number}, since - timedelta(hours=number + 1))
    assert await provider.find_task(order, since) == wanted.id
    assert len(server.requests("/predictions")) == 3


async def test_a_server_that_ignores_the_time_is_not_read_to_its_beginning(
    provider: ReplicateProvider, server: ReplicateServer, clock: ManualClock
) -> None:
    since = clock.now()
    old = [{"id": f"old{n}", "created_at": (since - timedelta(hours=1)).isoformat()} for n in range(3)]
    server.next("list", answer(200, {"next": f"{server.base}/predictions?cursor=1", "results": old}))
    assert await provider.find_task(task_for(FLUX), since) is None
    assert len(server.requests("/predictions")) == 1


async def test_a_list_without_an_end_is_given_up(
    provider: ReplicateProvider, server: ReplicateServer, clock: ManualClock
) -> None:
    page = {"next": f"{server.base}/predictions?cursor=1", "results": []}
    server.next("list", *[answer(200, page)] * 100)
    with pytest.raises(SubmissionUnknown, match="too many"):
        await provider.find_task(task_for(FLUX), clock.now())


@pytest.mark.parametrize("following", ["https://elsewhere.example/v1/predictions?cursor=1", 7, ["x"]])
async def test_the_token_goes_to_no_other_server_for_the_next_page(
    provider: ReplicateProvider, server: ReplicateServer, clock: ManualClock, following: Any
) -> None:
    server.next("list", answer(200, {"next": following, "results": []}))
    with pytest.raises(ProviderError, match="not at Replicate"):
        await provider.find_task(task_for(FLUX), clock.now())


@pytest.mark.parametrize(
    "said",
    [page(200), truncated(), answer(200, []), answer(200, {"results": {}}), answer(401, {}), answer(402, {})],
)
async def test_a_list_that_cannot_be_read_is_asked_for_again_later(
    provider: ReplicateProvider, server: ReplicateServer, clock: ManualClock, said: Any
) -> None:
    server.next("list", said)
    with pytest.raises(ProviderError) as error:
        await provider.find_task(task_for(FLUX), clock.now())
    assert not isinstance(error.value, SubmissionUnknown)


async def test_what_stands_in_the_list_that_is_no_prediction_leaves_it_open(
    provider: ReplicateProvider, server: ReplicateServer, clock: ManualClock
) -> None:
    server.next("list", answer(200, {"results": [None, 7]}))
    with pytest.raises(SubmissionUnknown):
        await provider.find_task(task_for(FLUX), clock.now())


async def test_a_fresh_order_is_given_time_to_come_into_the_list(
    start: Start, server: ReplicateServer, clock: ManualClock
) -> None:
    provider, order, since = await start(settle_seconds=5), task_for(FLUX), clock.now()
    looking = asyncio.create_task(provider.find_task(order, since))
    await clock.until_asleep()
    assert server.seen == []
    taken = server.add(UPSTREAM, {"seed": seed_of(order.job_id)}, clock.now())
    await clock.advance(5)
    assert await looking == taken.id


async def test_a_model_that_is_gone_cannot_be_looked_for(
    provider: ReplicateProvider, clock: ManualClock
) -> None:
    for order in (task_for("flux-9"), task_for(FLUX, options={"gone": 1})):
        with pytest.raises(SubmissionUnknown):
            await provider.find_task(order, clock.now())


def test_seeds_of_jobs_are_their_own_and_fit_the_option() -> None:
    seeds = {seed_of(f"job{number}") for number in range(2000)}
    assert len(seeds) == 2000
    assert all(0 <= seed < 2**31 for seed in seeds)
