"""Through proxies: everything goes there, and files are fetched from public addresses only all the same."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from support.http_world import HttpWorld, status
from support.proxy_servers import HttpTunnels, RelayServer, Socks

from core.errors import ConfigurationError
from core.http.addresses import LOOPBACK_TOO, PUBLIC_ONLY, AddressPolicy
from core.http.provider_http import HttpLayer, HttpSettings
from core.http.proxies import ProviderProxies, parsed
from core.http.reply import FetchRefused, NotSent
from core.http.retrying import RetrySettings
from core.proxies import ProxyNews, ProxyState
from sandbox.clock import ManualClock

NOWHERE = "http://api.acme.example/tasks"


@pytest.fixture
async def world(clock: ManualClock) -> AsyncIterator[HttpWorld]:
    world = HttpWorld(clock)
    world.otherwise = status(200, b'{"by": "acme"}')
    await world.start()
    yield world
    await world.stop()


@pytest.fixture(params=[Socks, HttpTunnels])
async def kind(request: pytest.FixtureRequest) -> type[RelayServer]:
    found: type[RelayServer] = request.param
    return found


@pytest.fixture
async def two(world: HttpWorld, kind: type[RelayServer]) -> AsyncIterator[tuple[RelayServer, RelayServer]]:
    """Two proxies for which every provider is at the world's server; the first wants a password."""
    port = int(world.url.rpartition(":")[2])
    both = kind(password="word", target=("127.0.0.1", port)), kind(target=("127.0.0.1", port))
    for each in both:
        await each.start()
    yield both
    for each in both:
        await each.stop()


class Way:
    """A layer behind proxies, and what is told of them."""

    def __init__(self, *addresses: str, policy: AddressPolicy = PUBLIC_ONLY, attempts: int = 3) -> None:
        clock = ManualClock()
        self.proxies = ProviderProxies([parsed(each) for each in addresses], clock)
        settings = HttpSettings(retries=RetrySettings(attempts=attempts))
        self.layer = HttpLayer(
            clock, settings=settings, policy=policy, proxies=self.proxies, random=lambda: 0.0
        )
        self.http = self.layer.provider("acme")
        self.told: list[tuple[str, ProxyNews]] = []

    async def ask(self, *, safe: bool = True) -> object:
        return (await self.http.request("GET", NOWHERE, safe=safe)).table()

    async def look(self) -> None:
        await self.proxies.look(self._tell)

    async def _tell(self, proxy: ProxyState, news: ProxyNews) -> None:
        self.told.append((proxy.label, news))


async def test_requests_go_through_the_one_that_lets_them(two: tuple[RelayServer, RelayServer]) -> None:
    first, second = two
    way = Way(first.address, second.address)
    for safe in (True, False):
        assert await way.ask(safe=safe) == {"by": "acme"}
    assert (first.carried, second.carried) == (2, 0)
    # Nobody sees passwords.
    assert "word" not in repr(way.proxies.proxies) + str(way.proxies.states())

    await first.stop()
    assert await way.ask(safe=False) == {"by": "acme"}
    assert second.carried == 1
    await way.look()
    assert way.told == [(first.label, ProxyNews.DOWN)]
    assert [state.used for state in way.proxies.states()] == [False, True]

    await first.start()
    await way.look()
    assert way.told[1:] == [(first.label, ProxyNews.UP)]
    looked = first.carried, second.carried
    assert await way.ask(safe=False) == {"by": "acme"}
    assert (first.carried, second.carried) == (looked[0] + 1, looked[1])
    await way.layer.close()


async def test_one_that_does_not_know_the_password_is_passed_by(two: tuple[RelayServer, RelayServer]) -> None:
    first, second = two
    way = Way(first.address.replace("word", "wrong"), second.address)
    for _ in range(2):
        assert await way.ask() == {"by": "acme"}
        await way.look()
    assert (first.carried, way.told) == (0, [(first.label, ProxyNews.DOWN)])
    await way.layer.close()


async def test_a_provider_that_is_not_to_be_reached_is_no_fault_of_the_proxy(
    two: tuple[RelayServer, RelayServer],
) -> None:
    first, second = two
    way = Way(first.address, second.address, attempts=1)
    first.refuses = True
    if isinstance(first, Socks):
        with pytest.raises(NotSent):
            await way.ask(safe=False)
    else:
        assert (await way.http.request("GET", NOWHERE, safe=False)).status == 502
    await way.look()
    assert way.told == []
    assert [state.up for state in way.proxies.states()] == [True, True]
    await way.layer.close()


async def test_none_that_answers(two: tuple[RelayServer, RelayServer]) -> None:
    way = Way(*(each.address for each in two))
    for each in two:
        await each.stop()
    with pytest.raises(NotSent):
        await way.ask(safe=False)
    await way.look()
    assert way.told == [(each.label, ProxyNews.ALL_DOWN) for each in two]
    await way.layer.close()


async def test_files_too_where_they_may_be_fetched(two: tuple[RelayServer, RelayServer]) -> None:
    way = Way(two[0].address, policy=LOOPBACK_TOO)
    content = b"".join([part async for part in way.http.fetch("http://127.0.0.1:9/video.mp4")])
    assert (content, two[0].carried) == (b'{"by": "acme"}', 1)
    await way.layer.close()


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/video.mp4", "http://10.0.0.1/a", "http://[::1]/a"])
async def test_no_file_is_asked_for_in_a_private_network(
    two: tuple[RelayServer, RelayServer], url: str
) -> None:
    way = Way(two[0].address)
    with pytest.raises(FetchRefused, match="not public"):
        [part async for part in way.http.fetch(url)]
    with pytest.raises(NotSent, match="not public"):
        await way.http.request("GET", url, safe=True, named_by_others=True)
    assert two[0].carried == 0
    await way.layer.close()


@pytest.mark.parametrize("address", ["10.0.0.1:1080", "ftp://u:word@x:1", "socks5://x", "http://u:word@x:y"])
def test_what_is_no_proxy_is_said_without_its_password(address: str) -> None:
    with pytest.raises(ConfigurationError, match="PROVIDER_PROXY: each proxy is") as refused:
        parsed(address)
    assert "word@x" not in str(refused.value)
