"""Requests to providers: what is told apart when they fail, what is made again, what leaves no trace."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import tracemalloc
from datetime import timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

import aiohttp
import pytest
import structlog
from aiohttp import web
from support.http_world import HttpWorld, Names, chunks, cut_off, driven, hang_up, silent, status

from core.errors import ProviderError
from core.http.connections import Timeouts
from core.http.provider_http import ProviderHttp
from core.http.reply import BadReply, NotSent, Reply, ReplyLost
from sandbox.clock import ManualClock

NOBODY = "http://127.0.0.1:1/nobody"


async def _get(http: ProviderHttp, url: str, *, safe: bool = True, **more: Any) -> Reply:
    return await http.request("GET", url, safe=safe, **more)


# What goes out


async def test_sends_what_it_is_told_to(world: HttpWorld) -> None:
    http = world.layer()
    reply = await http.request(
        "POST",
        f"{world.url}/v1/tasks?a=1",
        json={"prompt": "дом", "n": 1},
        params={"b": "x y&z"},
        headers={"Authorization": "Bearer k"},
        safe=False,
    )
    [request] = world.seen
    assert reply.ok
    assert (request.method, request.path) == ("POST", "/v1/tasks")
    assert dict(request.query) == {"a": "1", "b": "x y&z"}
    assert request.headers["Authorization"] == "Bearer k"
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["User-Agent"].startswith("Mozilla/5.0 (compatible; Starloom")
    assert json.loads(world.bodies[0]) == {"prompt": "дом", "n": 1}


async def test_a_body_may_be_bytes_a_form_or_made_anew_for_each_attempt(world: HttpWorld) -> None:
    http = world.layer()
    world.answers = [status(200), status(200), status(503)]

    def form() -> aiohttp.FormData:
        made = aiohttp.FormData()
        made.add_field("file", b"12345", filename="a.bin")
        return made

    await http.request("PUT", world.url, data=b"raw", safe=True)
    await http.request("PUT", world.url, data={"grant": "a b"}, safe=True)
    await driven(world.clock, http.request("PUT", world.url, data=form, safe=True))
    raw, fields, first, second = world.bodies
    assert (raw, fields) == (b"raw", b"grant=a+b")
    assert b"12345" in first
    assert b"12345" in second


async def test_cookies_are_not_kept(world: HttpWorld) -> None:
    http = world.layer()
    world.answers = [status(200, headers={"Set-Cookie": "a=1; Path=/"})]
    await _get(http, world.url.replace("127.0.0.1", "localhost"))
    await _get(http, world.url.replace("127.0.0.1", "localhost"))
    assert "Cookie" not in world.seen[1].headers


async def test_a_redirect_is_an_answer_and_the_key_stays_here(world: HttpWorld) -> None:
    elsewhere = []

    async def note(request: web.Request) -> web.Response:
        elsewhere.append(request)
        return web.Response()

    other = await world.serve(note)
    world.answers = [status(302, headers={"Location": other})]
    reply = await _get(world.layer(), world.url, headers={"Authorization": "Bearer k"})
    assert (reply.status, reply.headers["location"]) == (302, other)
    assert elsewhere == []


async def test_a_submission_has_a_connection_of_its_own(world: HttpWorld) -> None:
    """A kept connection may be closed by the other side while a request is on its way into it."""
    http = world.layer()
    for safe in (True, True, False, False):
        await http.request("POST", world.url, safe=safe)
    asked = [request.headers.get("Connection") for request in world.seen]
    assert asked == [None, None, "close", "close"]


# What comes back


async def test_statuses_are_the_providers_to_read(world: HttpWorld) -> None:
    for number in (400, 401, 402, 404, 422):
        world.answers = [status(number, b'{"detail": "no"}')]
        reply = await _get(world.layer(), world.url)
        assert (reply.status, reply.ok, reply.json()) == (number, False, {"detail": "no"})
    assert len(world.seen) == 5


def test_json_is_read_exactly_where_money_is_in_it() -> None:
    reply = Reply(200, body=b'{"price": 0.1}')
    assert reply.json(exact=True)["price"] == Decimal("0.1")
    assert reply.table()["price"] == 0.1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Bad gateway</html>",
        b'{"id": "ta',
        b"\xff\xfe\x00",
        b"NaN",
        b'{"x": Infinity}',
        b"[" * 200_000,
    ],
)
def test_what_is_no_json_is_a_bad_reply_that_quotes_nothing(body: bytes) -> None:
    with pytest.raises(BadReply) as caught:
        Reply(200, body=body).json()
    assert "Bad gateway" not in str(caught.value)
    assert isinstance(caught.value, ReplyLost), "after a submission nobody knows what it did"


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"x"'])
def test_another_kind_of_json_is_no_table(body: bytes) -> None:
    with pytest.raises(BadReply):
        Reply(200, body=body).table()


async def test_a_reply_that_is_too_long_is_not_read_to_its_end(world: HttpWorld) -> None:
    world.otherwise = status(200, b"x" * 5000)
    http = world.layer()
    with pytest.raises(BadReply):
        await _get(http, world.url, longest=4999)
    assert len((await _get(http, world.url, longest=5000)).body) == 5000
    assert len(world.seen) == 2, "a long reply is as long the next time"


async def test_a_small_reply_that_unpacks_to_a_huge_one_takes_no_memory(world: HttpWorld) -> None:
    bomb = gzip.compress(bytes(200 * 1024 * 1024), 9)
    world.otherwise = status(200, bomb, {"Content-Encoding": "gzip"})
    http = world.layer()
    tracemalloc.start()
    try:
        with pytest.raises(BadReply):
            await _get(http, world.url)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 24 * 1024 * 1024


async def test_a_packed_reply_is_unpacked(world: HttpWorld) -> None:
    world.otherwise = status(200, gzip.compress(b'{"a": 1}'), {"Content-Encoding": "gzip"})
    assert (await _get(world.layer(), world.url)).json() == {"a": 1}


# Failures, told apart


async def test_nobody_there_is_surely_not_sent(world: HttpWorld) -> None:
    http = world.layer()
    with pytest.raises(NotSent):
        await driven(world.clock, http.request("POST", NOBODY, safe=False))


async def test_a_name_that_does_not_resolve_is_surely_not_sent(world: HttpWorld) -> None:
    http = world.layer()
    with pytest.raises(NotSent):
        await driven(world.clock, http.request("POST", "http://nobody.invalid/", safe=False))


async def test_a_server_without_its_certificate_is_surely_not_sent(world: HttpWorld) -> None:
    http = world.layer()
    with pytest.raises(NotSent):
        await driven(world.clock, http.request("POST", world.url.replace("http:", "https:"), safe=False))
    assert world.bodies == []


@pytest.mark.parametrize("url", ["", "no address", "ftp://127.0.0.1/", "http://", "http://[::1"])
async def test_what_is_no_address_is_surely_not_sent(world: HttpWorld, url: str) -> None:
    with pytest.raises(NotSent):
        await _get(world.layer(), url)


async def test_a_hung_up_submission_is_lost_and_not_made_again(world: HttpWorld) -> None:
    world.otherwise = hang_up
    with pytest.raises(ReplyLost):
        await world.layer().request("POST", world.url, json={}, safe=False)
    assert len(world.seen) == 1


async def test_a_submission_without_an_answer_is_lost_and_not_made_again(world: HttpWorld) -> None:
    arrived = asyncio.Event()
    world.otherwise = silent(arrived)
    with pytest.raises(ReplyLost):
        await world.layer().request("POST", world.url, json={}, safe=False, seconds=0.05)
    assert arrived.is_set()
    assert len(world.seen) == 1


async def test_a_cut_off_reply_is_lost(world: HttpWorld) -> None:
    world.otherwise = cut_off(b'{"id": "task', announced=100)
    with pytest.raises(ReplyLost):
        await world.layer().request("POST", world.url, json={}, safe=False)
    assert len(world.seen) == 1


async def test_a_reply_that_is_no_http_is_lost(world: HttpWorld) -> None:
    url = await world.serve_raw(b"SSH-2.0-server\r\n\r\n")
    with pytest.raises(ReplyLost):
        await world.layer().request("POST", url, json={}, safe=False)


async def test_a_server_that_takes_no_connection_is_not_waited_for(world: HttpWorld) -> None:
    """The connection itself has a time limit of its own, and until it is there nothing was sent."""
    stuck = asyncio.Event()

    class Stuck(Names):
        async def resolve(self, *args: Any, **more: Any) -> Any:
            stuck.set()
            await asyncio.Event().wait()

    http = world.layer(resolver=Stuck(), timeouts=Timeouts(connect=0.05))
    with pytest.raises(NotSent):
        await driven(world.clock, anext(aiter(http.fetch("http://files.test/"))))
    assert stuck.is_set()


# Repetitions


@pytest.mark.parametrize("fault", [status(500), status(502, b"<html>"), status(429), hang_up])
async def test_a_safe_request_is_made_again(world: HttpWorld, fault: Any) -> None:
    world.answers = [fault, fault, status(200, b'{"ok": 1}')]
    reply = await driven(world.clock, _get(world.layer(), world.url))
    assert reply.json() == {"ok": 1}
    assert len(world.seen) == 3


async def test_after_the_last_attempt_the_answer_is_what_it_is(world: HttpWorld) -> None:
    world.otherwise = status(503)
    assert (await driven(world.clock, _get(world.layer(), world.url))).status == 503
    assert len(world.seen) == 3
    assert world.metric("starloom_http_retries_total") == 2


@pytest.mark.parametrize("number", [429, 500, 503])
async def test_an_unsafe_request_is_not_made_again_whatever_is_answered(
    world: HttpWorld, number: int
) -> None:
    world.otherwise = status(number)
    assert (await world.layer().request("POST", world.url, json={}, safe=False)).status == number
    assert len(world.seen) == 1


async def test_an_unsafe_request_that_was_not_sent_is_made_again(
    world: HttpWorld, clock: ManualClock
) -> None:
    with pytest.raises(NotSent):
        await driven(clock, world.layer().request("POST", NOBODY, json={}, safe=False))
    assert world.metric("starloom_http_retries_total") == 2


async def test_waits_are_random_and_grow(world: HttpWorld, clock: ManualClock) -> None:
    world.otherwise = status(503)
    world.chance = [0.5, 0.5]
    task = asyncio.create_task(_get(world.layer(), world.url))
    for wait, requests in ((0.25, 1), (0.5, 2)):
        await clock.until_asleep()
        assert len(world.seen) == requests
        await clock.advance(wait - 0.1)
        assert (len(world.seen), clock.sleepers) == (requests, 1), "it came too early"
        await clock.advance(0.15)
    assert (await task).status == 503
    assert len(world.seen) == 3


@pytest.mark.parametrize("form", ["seconds", "date"])
async def test_the_provider_says_how_long_to_wait(world: HttpWorld, clock: ManualClock, form: str) -> None:
    moment = format_datetime(clock.now() + timedelta(seconds=7), usegmt=True)
    world.answers = [status(429, headers={"Retry-After": "7" if form == "seconds" else moment})]
    task = asyncio.create_task(_get(world.layer(), world.url))
    await clock.until_asleep()
    await clock.advance(6.9)
    assert (len(world.seen), clock.sleepers) == (1, 1)
    await clock.advance(0.2)
    assert (await task).status == 200


@pytest.mark.parametrize("value", ["-1", "soon", "nan", "inf", "Wed, 99 Foo", ""])
async def test_a_wait_that_is_none_counts_for_nothing(world: HttpWorld, value: str) -> None:
    world.answers = [status(503, headers={"Retry-After": value})]
    world.chance = [0.0]
    assert (await driven(world.clock, _get(world.layer(), world.url), step=0)).status == 200


async def test_nobody_waits_for_an_hour(world: HttpWorld) -> None:
    world.answers = [status(429, headers={"Retry-After": "3600"})]
    assert (await _get(world.layer(), world.url)).status == 429
    assert len(world.seen) == 1


async def test_an_error_inside_a_200_is_made_again_too(world: HttpWorld) -> None:
    world.answers = [status(200, b'{"code": 500}'), status(200, b"<html>"), status(200, b'{"code": 200}')]

    def real(reply: Reply) -> int:
        return int(reply.table()["code"])

    http = world.layer()
    assert (await driven(world.clock, _get(http, world.url, status_of=real))).body == b"<html>"
    assert world.metric("starloom_http_requests_total", method="GET", result="500") == 1


async def test_a_reader_of_statuses_that_trips_over_the_reply_harms_nothing(world: HttpWorld) -> None:
    def real(reply: Reply) -> int:
        return int(reply.table()["code"])

    assert (await _get(world.layer(), world.url, status_of=real)).status == 200


async def test_a_broken_off_request_ends_as_broken_off(world: HttpWorld) -> None:
    arrived = asyncio.Event()
    world.otherwise = silent(arrived)
    task = asyncio.create_task(_get(world.layer(), world.url))
    await arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert world.metric("starloom_http_requests_total", method="GET", result="broken_off") == 1


async def test_everything_that_fails_is_the_providers_error() -> None:
    assert all(issubclass(kind, ProviderError) for kind in (NotSent, ReplyLost, BadReply))


# Traces


async def test_the_log_tells_what_happened_and_no_secret(
    world: HttpWorld, caplog: pytest.LogCaptureFixture
) -> None:
    world.answers = [status(200), status(400, b"the prompt was: a secret fox"), hang_up]
    http = world.layer()
    with structlog.testing.capture_logs() as lines, caplog.at_level(logging.DEBUG):
        for number in range(2):
            await http.request(
                "POST",
                f"{world.url}/v1/tasks?key=query-key",
                json={"prompt": "a secret fox"},
                headers={"Authorization": "Bearer header-key"},
                safe=False,
                request_id=f"job-{number}",
            )
        with pytest.raises(ReplyLost) as caught:
            await http.request("POST", f"{world.url}/x?key=query-key", safe=False, request_id="job-2")
    assert [(line["request_id"], line["status"], line["path"]) for line in lines] == [
        ("job-0", "200", "/v1/tasks"),
        ("job-1", "400", "/v1/tasks"),
        ("job-2", "lost", "/x"),
    ]
    assert all((line["provider"], line["method"]) == ("acme", "POST") for line in lines)
    logged = [record.getMessage() for record in caplog.records if record.name != "aiohttp.access"]
    everything = f"{lines} {logged} {caught.value!r} {http!r}"
    assert not [secret for secret in ("secret fox", "query-key", "header-key") if secret in everything]


async def test_calls_are_counted_and_timed(world: HttpWorld) -> None:
    world.answers = [status(200), status(404)]
    http = world.layer()
    await _get(http, world.url)
    await _get(http, world.url)
    assert world.metric("starloom_http_requests_total", method="GET", result="200") == 1
    assert world.metric("starloom_http_requests_total", method="GET", result="404") == 1
    assert world.metric("starloom_http_request_seconds_count", method="GET") == 2


async def test_the_log_says_which_job_is_in_hand(world: HttpWorld) -> None:
    http = world.layer()
    with (
        structlog.testing.capture_logs() as lines,
        structlog.contextvars.bound_contextvars(request_id="job-7"),
    ):
        await _get(http, world.url)
        fetch = http.fetch(world.url)
        await _get(http, world.url, request_id="job-8")
    assert [line["request_id"] for line in lines] == ["job-7", "job-8"]
    with structlog.testing.capture_logs() as lines:
        await chunks(fetch)
        await chunks(http.fetch(world.url, request_id="job-9"))
    assert [line["request_id"] for line in lines] == ["job-7", "job-9"]
