"""Files that break off: gone on with where they ended, if it is surely the same file, and else not at all."""

from __future__ import annotations

import random
from collections.abc import Callable
from email.utils import formatdate

import pytest
from support.file_server import FileServer
from support.http_world import HttpWorld, chunks, driven

from core.http.connections import Timeouts
from core.http.fetching import Fetch
from core.http.provider_http import ProviderHttp, Renew
from core.http.reply import FetchRefused, NotResumed, ReplyLost

FILE = random.Random(3).randbytes(200_000)
DATE = formatdate(1_700_000_000, usegmt=True)


@pytest.fixture
def server(world: HttpWorld) -> FileServer:
    return FileServer(world, FILE)


async def _got(server: FileServer, http: ProviderHttp, renew: Renew | None = None) -> bytes:
    fetch = http.fetch(f"{server.world.url}/a", renew=renew)
    return bytes(await driven(server.world.clock, chunks(fetch)))


async def test_only_what_is_missing_is_sent_again(server: FileServer) -> None:
    server.ends = [100_000, 30_000, 0]
    assert await _got(server, server.world.layer()) == FILE
    assert server.asked == [None, "bytes=100000-", "bytes=130000-", "bytes=130000-"]
    assert server.sent == len(FILE)
    assert server.world.seen[1].headers["If-Range"] == '"one"'


async def test_at_random_moments(server: FileServer) -> None:
    chance = random.Random(11)
    for _ in range(10):
        server.ends = [chance.randrange(1, 60_000) for _ in range(chance.randint(1, 6))]
        assert await _got(server, server.world.layer()) == FILE


async def test_a_date_tells_that_it_is_the_same_file_as_well(server: FileServer) -> None:
    server.headers = {"ETag": 'W/"weak"', "Last-Modified": DATE}
    server.ends = [100_000]
    assert await _got(server, server.world.layer()) == FILE
    assert server.world.seen[1].headers["If-Range"] == DATE


async def test_what_stands_still_is_gone_on_with(server: FileServer) -> None:
    server.ends, server.stalls = [100_000], True
    http = server.world.layer(timeouts=Timeouts(silence=0.2))
    assert await _got(server, http) == FILE
    assert server.asked[1] == "bytes=100000-"


async def test_without_a_mark_of_the_file_it_is_not_gone_on_with(server: FileServer) -> None:
    server.headers, server.ends = {"ETag": 'W/"weak"'}, [100_000]
    with pytest.raises(ReplyLost):
        await _got(server, server.world.layer())
    assert len(server.asked) == 1


def _ignores_ranges(server: FileServer) -> None:
    server.ranges = False


def _answers_another_part(server: FileServer) -> None:
    server.shift = 1


def _has_another_file(server: FileServer) -> None:
    server.headers = {"ETag": '"two"'}


def _has_another_file_and_does_not_say(server: FileServer) -> None:
    server.headers, server.heeds_condition = {"ETag": '"two"'}, False


def _has_a_longer_file(server: FileServer) -> None:
    server.content = FILE + b"more"


def _has_a_shorter_file(server: FileServer) -> None:
    server.content = FILE[:50_000]


@pytest.mark.parametrize(
    "change",
    [
        _ignores_ranges,
        _answers_another_part,
        _has_another_file,
        _has_another_file_and_does_not_say,
        _has_a_longer_file,
        _has_a_shorter_file,
    ],
)
async def test_two_files_are_never_mixed(server: FileServer, change: Callable[[FileServer], None]) -> None:
    server.ends = [100_000]
    fetch = server.world.layer().fetch(f"{server.world.url}/a")
    got = [await anext(fetch)]
    change(server)
    with pytest.raises(NotResumed):
        await driven(server.world.clock, _into(got, fetch))
    assert b"".join(got) == FILE[: len(b"".join(got))]


async def test_one_that_never_comes_to_its_end_is_given_up(server: FileServer) -> None:
    server.ends = [1] * 1000
    with pytest.raises(ReplyLost):
        await _got(server, server.world.layer())
    assert 10 < len(server.asked) < 100


async def test_one_that_brings_nothing_more_is_given_up_soon(server: FileServer) -> None:
    server.ends = [1000, 0, 0, 0, 0, 0]
    with pytest.raises(ReplyLost):
        await _got(server, server.world.layer())
    assert len(server.asked) == 3


async def test_it_goes_on_at_a_fresh_address(server: FileServer) -> None:
    renewed: list[str] = []

    async def renew() -> str:
        renewed.append(f"{server.world.url}/b")
        return renewed[-1]

    server.ends = [100_000]
    fetch = server.world.layer().fetch(f"{server.world.url}/a", renew=renew)
    got = [await anext(fetch)]
    server.expired.add("/a")
    await driven(server.world.clock, _into(got, fetch))
    assert b"".join(got) == FILE
    assert server.asked[-1] == "bytes=100000-"
    assert len(renewed) == 1


async def test_a_fresh_address_that_is_refused_as_well_ends_it(server: FileServer) -> None:
    server.expired = {"/a", "/b"}

    async def renew() -> str:
        return f"{server.world.url}/b"

    with pytest.raises(FetchRefused):
        await _got(server, server.world.layer(), renew=renew)
    assert [request.path for request in server.world.seen] == ["/a", "/b"]


async def _into(got: list[bytes], fetch: Fetch) -> None:
    async for chunk in fetch:
        got.append(chunk)
