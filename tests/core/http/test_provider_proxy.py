"""Through a proxy: everything goes there, and files are fetched from public addresses only all the same."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from core.http.addresses import LOOPBACK_TOO, PUBLIC_ONLY, AddressPolicy
from core.http.provider_http import HttpLayer
from core.http.reply import FetchRefused
from sandbox.clock import ManualClock


class HttpProxy:
    """A proxy that answers for everybody, and notes whom it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.url = ""

    async def answer(self, request: web.BaseRequest) -> web.Response:
        self.asked.append(str(request.url))
        return web.json_response({"by": "proxy"})


@pytest.fixture
async def proxy() -> AsyncIterator[HttpProxy]:
    proxy = HttpProxy()
    runner = web.ServerRunner(web.Server(proxy.answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    proxy.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield proxy
    await runner.cleanup()


def layer(proxy: HttpProxy, policy: AddressPolicy) -> HttpLayer:
    return HttpLayer(ManualClock(), policy=policy, proxy=proxy.url)


async def test_requests_go_through_it(proxy: HttpProxy) -> None:
    http = layer(proxy, PUBLIC_ONLY)
    for safe in (True, False):
        reply = await http.provider("acme").request("GET", "http://api.acme.example/tasks", safe=safe)
        assert reply.table() == {"by": "proxy"}
    assert proxy.asked == ["http://api.acme.example/tasks"] * 2
    await http.close()


async def test_files_too_where_they_may_be_fetched(proxy: HttpProxy) -> None:
    http = layer(proxy, LOOPBACK_TOO)
    content = b"".join([part async for part in http.provider("acme").fetch("http://127.0.0.1:9/video.mp4")])
    assert content == b'{"by": "proxy"}'
    await http.close()


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/video.mp4", "http://10.0.0.1/a", "http://[::1]/a"])
async def test_no_file_is_asked_for_in_a_private_network(proxy: HttpProxy, url: str) -> None:
    http = layer(proxy, PUBLIC_ONLY)
    with pytest.raises(FetchRefused, match="not public"):
        [part async for part in http.provider("acme").fetch(url)]
    assert proxy.asked == []
    await http.close()
