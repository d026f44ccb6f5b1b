"""A provider that fails again and again is left alone, asked now and then, and taken up again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import structlog
from support.http_world import Answer, HttpWorld, hang_up, silent, status

from core.http.breaker import BreakerSettings
from core.http.provider_http import ProviderHttp
from core.http.reply import NotSent, ReplyLost
from core.http.retrying import RetrySettings
from sandbox.clock import ManualClock

SETTINGS = BreakerSettings(model_faults=3, provider_faults=5, first_wait=30, longest_wait=100)
OPEN = "starloom_http_breaker_open"


@pytest.fixture
def http(world: HttpWorld) -> ProviderHttp:
    return world.layer(breaker=SETTINGS, retries=RetrySettings(attempts=1))


async def _ask(http: ProviderHttp, world: HttpWorld, model: str = "", answer: Answer | None = None) -> Any:
    if answer is not None:
        world.answers = [answer]
    return await http.request("POST", world.url, safe=False, model=model)


async def _fail(http: ProviderHttp, world: HttpWorld, times: int, model: str = "") -> None:
    for _ in range(times):
        await _ask(http, world, model, status(500))


async def test_enough_faults_in_a_row_open_it(http: ProviderHttp, world: HttpWorld) -> None:
    await _fail(http, world, 4)
    assert not http.open_for()
    await _fail(http, world, 1)
    assert http.open_for()
    assert http.open_for("any-model")
    with pytest.raises(NotSent) as caught:
        await _ask(http, world)
    assert not caught.value.again
    assert len(world.seen) == 5, "it was asked all the same"


async def test_one_success_forgets_the_faults(http: ProviderHttp, world: HttpWorld) -> None:
    await _fail(http, world, 4)
    await _ask(http, world)
    await _fail(http, world, 4)
    assert not http.open_for()


@pytest.mark.parametrize("number", [400, 401, 402, 404, 422, 429])
async def test_what_is_our_own_fault_is_none(http: ProviderHttp, world: HttpWorld, number: int) -> None:
    await _fail(http, world, 4)
    await _ask(http, world, answer=status(number))
    await _fail(http, world, 4)
    assert not http.open_for()


async def test_lost_replies_and_missing_servers_are_faults(http: ProviderHttp, world: HttpWorld) -> None:
    for _ in range(3):
        with pytest.raises(ReplyLost):
            await _ask(http, world, answer=hang_up)
    for _ in range(2):
        with pytest.raises(NotSent):
            await http.request("GET", "http://127.0.0.1:1/", safe=True)
    assert http.open_for()


async def test_a_models_faults_leave_the_other_models_alone(http: ProviderHttp, world: HttpWorld) -> None:
    await _fail(http, world, 3, "broken")
    assert http.open_for("broken")
    assert not http.open_for()
    assert not http.open_for("other")
    with pytest.raises(NotSent):
        await _ask(http, world, "broken")
    assert (await _ask(http, world, "other")).ok
    assert (world.metric(OPEN, model="broken"), world.metric(OPEN, model="")) == (1, 0)


async def test_after_a_while_one_request_may_try_and_no_other(
    http: ProviderHttp, world: HttpWorld, clock: ManualClock
) -> None:
    await _fail(http, world, 5)
    await clock.advance(29)
    assert http.open_for()
    await clock.advance(1)
    assert not http.open_for(), "somebody has to try"
    arrived = asyncio.Event()
    trying = asyncio.create_task(_ask(http, world, answer=silent(arrived)))
    await arrived.wait()
    assert http.open_for()
    with pytest.raises(NotSent):
        await _ask(http, world)
    trying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trying
    assert not http.open_for(), "a try that was broken off says nothing, and the next may try"
    assert world.metric(OPEN, model="") == 1
    assert (await _ask(http, world)).ok
    assert world.metric(OPEN, model="") == 0


async def test_a_try_that_fails_doubles_the_wait_up_to_a_bound(
    http: ProviderHttp, world: HttpWorld, clock: ManualClock
) -> None:
    await _fail(http, world, 5)
    for wait in (30, 60, 100, 100):
        await clock.advance(wait - 1)
        assert http.open_for(), wait
        await clock.advance(1)
        assert not http.open_for(), wait
        await _fail(http, world, 1)
    await clock.advance(100)
    await _ask(http, world)
    await _fail(http, world, 5)
    await clock.advance(30)
    assert not http.open_for(), "after a success it begins anew"


async def test_requests_under_way_when_it_opens_do_not_keep_it_open(
    http: ProviderHttp, world: HttpWorld, clock: ManualClock
) -> None:
    all_there = asyncio.Event()

    async def late(request: Any) -> Any:
        if len(world.seen) == 20:
            all_there.set()
        await all_there.wait()
        return await status(500)(request)

    world.otherwise = late
    await asyncio.gather(*(_ask(http, world) for _ in range(20)))
    assert http.open_for()
    await clock.advance(30)
    assert not http.open_for(), "twenty faults of one moment are one reason to wait, not sixteen"


async def test_an_old_request_that_ends_lets_no_second_one_try(
    http: ProviderHttp, world: HttpWorld, clock: ManualClock
) -> None:
    first, second = asyncio.Event(), asyncio.Event()
    old = asyncio.create_task(_ask(http, world, answer=silent(first)))
    await first.wait()
    await _fail(http, world, 5)
    await clock.advance(30)
    trying = asyncio.create_task(_ask(http, world, answer=silent(second)))
    await second.wait()
    old.cancel()
    await asyncio.gather(old, return_exceptions=True)
    assert http.open_for(), "one is trying already"
    trying.cancel()
    await asyncio.gather(trying, return_exceptions=True)


async def test_operators_read_of_it(http: ProviderHttp, world: HttpWorld, clock: ManualClock) -> None:
    with structlog.testing.capture_logs() as lines:
        await _fail(http, world, 3, "broken")
        await clock.advance(30)
        await _ask(http, world, "broken")
    told = [(line["event"], line["provider"], line["model"]) for line in lines if "left" in line["event"]]
    assert told == [("provider is left alone", "acme", "broken")]
    assert [line["model"] for line in lines if line["event"] == "provider is back"] == ["broken"]


async def test_a_providers_errors_inside_a_200_count(http: ProviderHttp, world: HttpWorld) -> None:
    world.otherwise = status(200, b'{"code": 500}')
    for _ in range(5):
        await http.request("POST", world.url, safe=False, status_of=lambda reply: int(reply.table()["code"]))
    assert http.open_for()


async def test_who_is_held_back_takes_no_turn_at_the_rate_limit(
    http: ProviderHttp, world: HttpWorld, clock: ManualClock
) -> None:
    http.limits("default", calls=6, seconds=1000)
    await _fail(http, world, 5)
    for _ in range(10):
        with pytest.raises(NotSent, match="left alone"):
            await _ask(http, world)
    await clock.advance(30)
    assert (await _ask(http, world)).ok


async def test_our_own_rate_limit_is_no_fault_of_the_providers(http: ProviderHttp, world: HttpWorld) -> None:
    http.limits("default", calls=1, seconds=1000)
    await _ask(http, world)
    for _ in range(10):
        with pytest.raises(NotSent):
            await _ask(http, world)
    assert not http.open_for()
