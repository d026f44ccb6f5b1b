"""Files from where providers say they are: whole or not at all, and from public addresses only."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
from ipaddress import IPv4Network
from typing import Any

import pytest
import structlog
from aiohttp import web
from support.http_world import HttpWorld, Names, chunks, cut_off, driven, hang_up, silent, status

from core.http import fetching
from core.http.addresses import PUBLIC_ONLY, AddressPolicy
from core.http.connections import Timeouts
from core.http.reply import FetchRefused, NotSent, ReplyLost

FILE = bytes(range(256)) * 4096
NOT_PUBLIC = "not public"


def _redirect(location: str, number: int = 302) -> Any:
    return status(number, headers={"Location": location})


# What comes


async def test_a_file_comes_whole_with_what_the_server_says_of_it(world: HttpWorld) -> None:
    world.otherwise = status(200, FILE, {"Content-Type": "image/png"})
    fetch = world.layer().fetch(f"{world.url}/a/picture%201.png?token=1")
    assert fetch.head is None
    assert await chunks(fetch) == FILE
    assert fetch.head == fetching.FileHead("image/png", "picture 1.png", len(FILE))
    assert world.metric("starloom_http_fetched_bytes_total") == len(FILE)
    assert world.seen[0].headers["Accept-Encoding"] == "identity"


async def test_a_name_in_the_headers_counts_more_than_the_address(world: HttpWorld) -> None:
    world.otherwise = status(200, FILE, {"Content-Disposition": 'attachment; filename="a.mp4"'})
    fetch = world.layer().fetch(f"{world.url}/x.png")
    await anext(fetch)
    await fetch.aclose()
    assert fetch.head is not None
    assert fetch.head.file_name == "a.mp4"


@pytest.mark.parametrize(
    "query", ["?a=b%2Fc%20d&sig=A%2BB%3D", "?sig=a+b/c==&x=%E4", "?a=%7Eb~&b=(c)&c='", ""]
)
async def test_a_signed_address_arrives_as_it_was_written(world: HttpWorld, query: str) -> None:
    world.otherwise = status(200, FILE)
    await chunks(world.layer().fetch(f"{world.url}/p%2Fq/it's%20(1){query}"))
    assert world.seen[0].raw_path == f"/p%2Fq/it's%20(1){query}"


async def test_an_address_in_any_letters_is_made_one(world: HttpWorld) -> None:
    world.otherwise = status(200, FILE)
    assert await chunks(world.layer().fetch(f"{world.url}/кот 1.png")) == FILE
    assert world.seen[0].path == "/кот 1.png"


async def test_the_sender_waits_for_the_taker(world: HttpWorld) -> None:
    """No more is in memory than the connection's own buffers hold, however large the file."""
    written = 0
    total = 64 * 1024 * 1024

    async def large(request: web.Request) -> web.StreamResponse:
        nonlocal written
        response = web.StreamResponse(headers={"Content-Length": str(total)})
        await response.prepare(request)
        while written < total:
            await response.write(bytes(256 * 1024))
            written += 256 * 1024
        return response

    world.otherwise = large
    fetch = world.layer().fetch(world.url)
    await anext(fetch)
    before = -1
    while before != written:
        before = written
        for _ in range(50):
            await asyncio.sleep(0)
    assert written < total / 2
    await fetch.aclose()


async def test_a_taker_who_goes_away_gives_the_connection_up(world: HttpWorld) -> None:
    gone = asyncio.Event()

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(bytes(65536))
        except ConnectionError:
            gone.set()
            raise

    world.otherwise = endless
    fetch = world.layer().fetch(world.url)
    await anext(fetch)
    await fetch.aclose()
    async with asyncio.timeout(20):
        await gone.wait()


# What does not come


@pytest.mark.parametrize("number", [204, 206, 304, 400, 401, 403, 404, 410])
async def test_a_file_that_is_not_given_is_refused_with_its_status(world: HttpWorld, number: int) -> None:
    world.otherwise = status(number, b"")
    with pytest.raises(FetchRefused) as caught:
        await chunks(world.layer().fetch(world.url))
    assert caught.value.status == number
    assert len(world.seen) == 1


@pytest.mark.parametrize("fault", [status(503), status(429), hang_up])
async def test_before_the_first_byte_it_is_tried_again(world: HttpWorld, fault: Any) -> None:
    world.answers = [fault, status(200, FILE)]
    assert await driven(world.clock, chunks(world.layer().fetch(world.url))) == FILE


async def test_after_the_last_attempt_it_fails(world: HttpWorld) -> None:
    world.otherwise = status(503)
    with pytest.raises(FetchRefused):
        await driven(world.clock, chunks(world.layer().fetch(world.url)))
    assert len(world.seen) == 3


async def test_less_than_was_announced_is_lost_and_not_begun_anew(world: HttpWorld) -> None:
    world.otherwise = cut_off(FILE[:1000], announced=len(FILE))
    got: list[bytes] = []

    async def take() -> None:
        async for chunk in world.layer().fetch(world.url):
            got.append(chunk)

    with pytest.raises(ReplyLost):
        await take()
    assert b"".join(got) == FILE[:1000]
    assert len(world.seen) == 1, "the beginning has been passed on already"


async def test_a_chunked_file_without_its_end_is_lost(world: HttpWorld) -> None:
    url = await world.serve_raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
    with pytest.raises(ReplyLost):
        await chunks(world.layer().fetch(url))


async def test_a_file_that_stands_still_is_given_up(world: HttpWorld) -> None:
    async def stall(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "10"})
        await response.prepare(request)
        await response.write(b"12345")
        await asyncio.Event().wait()
        return response

    world.otherwise = stall
    fetch = world.layer(timeouts=Timeouts(silence=0.05)).fetch(world.url)
    assert await anext(fetch) == b"12345"
    with pytest.raises(ReplyLost):
        await anext(fetch)


async def test_a_server_that_says_nothing_is_given_up(world: HttpWorld) -> None:
    world.otherwise = silent(asyncio.Event())
    with pytest.raises(ReplyLost):
        await driven(world.clock, chunks(world.layer(timeouts=Timeouts(silence=0.02)).fetch(world.url)))


async def test_a_small_file_that_unpacks_to_a_huge_one_takes_no_memory(world: HttpWorld) -> None:
    size = 100 * 1024 * 1024
    world.otherwise = status(200, gzip.compress(bytes(size), 9), {"Content-Encoding": "gzip"})
    fetch = world.layer().fetch(world.url)
    seen = 0
    tracemalloc.start()
    try:
        async for chunk in fetch:
            seen += len(chunk)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert seen == size
    assert peak < 16 * 1024 * 1024
    assert fetch.head is not None
    assert fetch.head.size is None, "what the server announced is the packed size"


async def test_no_file_is_endless(world: HttpWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "LONGEST_FILE", len(FILE) - 1)
    world.otherwise = status(200, FILE)
    with pytest.raises(FetchRefused):
        await chunks(world.layer().fetch(world.url))


# From where


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "127.1", "2130706433", "0x7f000001", "0", "[::ffff:127.0.0.1]"],
)
async def test_this_machine_is_not_fetched_from_under_any_name(world: HttpWorld, host: str) -> None:
    http = world.layer(policy=PUBLIC_ONLY)
    with pytest.raises((FetchRefused, NotSent)):
        await driven(world.clock, chunks(http.fetch(world.url.replace("127.0.0.1", host))))
    assert world.seen == []


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "192.168.0.1", "100.64.0.1", "[fe80::1]"])
async def test_an_address_of_the_operators_own_network_is_refused_in_words(
    world: HttpWorld, address: str
) -> None:
    with pytest.raises(FetchRefused, match=NOT_PUBLIC) as caught:
        await chunks(world.layer().fetch(f"http://{address}/latest/meta-data"))
    assert caught.value.status == 0


async def test_a_name_that_leads_home_is_refused(world: HttpWorld) -> None:
    port = world.url.rpartition(":")[2]
    http = world.layer(policy=PUBLIC_ONLY, resolver=Names(files_test=["127.0.0.1"]))
    with pytest.raises(FetchRefused, match=NOT_PUBLIC):
        await chunks(http.fetch(f"http://files.test:{port}/"))
    assert world.seen == []


async def test_a_name_that_changes_its_mind_is_refused_at_the_connection(world: HttpWorld) -> None:
    """A check of the name before the request would have seen the harmless address only."""
    port = int(world.url.rpartition(":")[2])
    here = IPv4Network("127.0.0.1/32")
    names = Names(files_test=["127.0.0.1", "127.0.0.2"])
    http = world.layer(policy=AddressPolicy((here,)), resolver=names)
    world.otherwise = status(200, FILE, {"Connection": "close"})
    assert await chunks(http.fetch(f"http://files.test:{port}/")) == FILE
    with pytest.raises(FetchRefused, match=NOT_PUBLIC):
        await chunks(http.fetch(f"http://files.test:{port}/"))
    assert names.asked == ["files.test", "files.test"]
    assert len(world.seen) == 1


async def test_of_several_addresses_only_the_public_ones_are_tried(world: HttpWorld) -> None:
    port = world.url.rpartition(":")[2]
    policy = AddressPolicy((IPv4Network("127.0.0.1/32"),))
    http = world.layer(policy=policy, resolver=Names(files_test=["127.0.0.2,10.0.0.1,127.0.0.1"]))
    world.otherwise = status(200, FILE)
    assert await chunks(http.fetch(f"http://files.test:{port}/")) == FILE


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file:///etc/passwd",
        "ftp://192.0.2.1/a",
        "gopher://192.0.2.1/",
        "data:text/plain,hello",
        "//192.0.2.1/a",
        "http://",
        "http:///a",
        "https://user:password@192.0.2.1/a",
        "http://[::1",
        "http://192.0.2.1:99999/",
        "http://192.0.2.1/a\r\nX: y",
        "a.mp4",
    ],
)
async def test_what_is_no_address_of_a_file_is_refused(world: HttpWorld, url: str) -> None:
    with pytest.raises(FetchRefused, match="no address of a file") as caught:
        await chunks(world.layer(policy=PUBLIC_ONLY).fetch(url))
    assert caught.value.status == 0


# Redirects


@pytest.mark.parametrize("number", [301, 302, 303, 307, 308])
async def test_redirects_are_followed(world: HttpWorld, number: int) -> None:
    world.answers = [_redirect("/b?x=1", number), _redirect(f"{world.url}/c", number), status(200, FILE)]
    assert await chunks(world.layer().fetch(f"{world.url}/a")) == FILE
    assert [request.raw_path for request in world.seen] == ["/a", "/b?x=1", "/c"]


async def test_redirects_have_an_end(world: HttpWorld) -> None:
    world.otherwise = _redirect("/again")
    with pytest.raises(FetchRefused, match="redirects"):
        await chunks(world.layer().fetch(world.url))
    assert len(world.seen) == 6


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "//192.168.0.1/x",
        "http://[::ffff:10.0.0.1]/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        "http://[",
        "",
    ],
)
async def test_a_redirect_leads_nowhere_that_the_address_itself_may_not(
    world: HttpWorld, location: str
) -> None:
    world.answers = [_redirect(location)]
    with pytest.raises(FetchRefused):
        await chunks(world.layer().fetch(world.url))
    assert len(world.seen) == 1


async def test_a_redirect_to_a_name_that_leads_home_is_refused(world: HttpWorld) -> None:
    port = world.url.rpartition(":")[2]
    policy = AddressPolicy((IPv4Network("127.0.0.1/32"),))
    http = world.layer(policy=policy, resolver=Names(inside_test=["127.0.0.2"]))
    world.answers = [_redirect(f"http://inside.test:{port}/secret")]
    with pytest.raises(FetchRefused, match=NOT_PUBLIC):
        await chunks(http.fetch(world.url))
    assert len(world.seen) == 1


async def test_keys_are_for_the_server_they_were_meant_for(world: HttpWorld) -> None:
    elsewhere: list[web.Request] = []

    async def other(request: web.Request) -> web.Response:
        elsewhere.append(request)
        return web.Response(body=FILE)

    url = await world.serve(other)
    world.answers = [_redirect("/same"), _redirect(url)]
    headers = {"Authorization": "Bearer k", "X-Goog-Api-Key": "k"}
    assert await chunks(world.layer().fetch(world.url, headers=headers)) == FILE
    assert [request.headers.get("Authorization") for request in world.seen] == ["Bearer k"] * 2
    assert not {"Authorization", "X-Goog-Api-Key"} & set(elsewhere[0].headers)


async def test_the_log_tells_of_a_file_without_its_address(world: HttpWorld) -> None:
    world.otherwise = status(200, FILE)
    with structlog.testing.capture_logs() as lines:
        await chunks(world.layer().fetch(f"{world.url}/secret-name?sig=secret", request_id="job-1"))
    [line] = lines
    assert (line["event"], line["request_id"], line["bytes"]) == ("file fetched", "job-1", len(FILE))
    assert "secret" not in str(lines)
