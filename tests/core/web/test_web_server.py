"""The web server: what it tells, to whom, and what it keeps to itself."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, web
from pydantic import SecretStr
from structlog.testing import capture_logs

from core.errors import ConfigurationError
from core.limits import WebLimits
from core.observability.metrics import Metrics
from core.plugin_powers import WebReply, WebRequest
from core.web.server import Readiness, WebServer


class Site:
    """A server on a free port, and a client for it."""

    def __init__(self, client: ClientSession) -> None:
        self.readiness = Readiness(active=True, ready=True)
        self.metrics = Metrics()
        self.client = client
        self.server = self.build()

    def build(self, *, port: int = 0, metrics_token: SecretStr | None = None) -> WebServer:
        return WebServer(
            host="127.0.0.1",
            port=port,
            metrics=self.metrics,
            readiness=self._tell_readiness,
            metrics_token=metrics_token,
            limits=WebLimits(body_bytes=100),
        )

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.port}{path}"

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        async with self.client.get(self.url(path), headers=headers) as response:
            return response.status, await response.text()

    async def post(self, path: str, data: bytes) -> tuple[int, str]:
        async with self.client.post(self.url(path), data=data) as response:
            return response.status, await response.text()

    async def _tell_readiness(self) -> Readiness:
        return self.readiness


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with ClientSession() as client:
        site = Site(client)
        await site.server.start()
        yield site
        await site.server.stop()


@pytest.mark.parametrize("path", ["/healthz", "/health"])
async def test_health(path: str, site: Site) -> None:
    assert await site.get(path) == (200, '{"status": "ok"}')


@pytest.mark.parametrize(
    ("readiness", "answer"),
    [
        (Readiness(active=True, ready=True), (200, '{"mode": "active", "ready": true}')),
        (Readiness(active=False, ready=True), (200, '{"mode": "passive", "ready": true}')),
        (Readiness(active=True, ready=False), (503, '{"mode": "active", "ready": false}')),
    ],
)
async def test_readiness(readiness: Readiness, answer: tuple[int, str], site: Site) -> None:
    site.readiness = readiness
    assert await site.get("/readyz") == answer


async def test_metrics_are_open_without_a_token(site: Site) -> None:
    site.metrics.updates.labels("message").inc(3)
    status, text = await site.get("/metrics")
    assert status == 200
    assert 'starloom_updates_total{kind="message"} 3.0' in text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "m3trics"}, 401),
        ({"Authorization": "Bearer m3tricsé"}, 401),
        ({"Authorization": "Bearer m3trics"}, 200),
    ],
)
async def test_metrics_ask_for_their_token(headers: dict[str, str], status: int, site: Site) -> None:
    await site.server.stop()
    site.server = site.build(metrics_token=SecretStr("m3trics"))
    await site.server.start()
    assert (await site.get("/metrics", **headers))[0] == status


async def test_a_taken_port_is_named(site: Site) -> None:
    other = site.build(port=site.server.port)
    with pytest.raises(
        ConfigurationError, match=rf"PORT: 127.0.0.1:{site.server.port} cannot be listened on"
    ):
        await other.start()


async def test_a_stopped_server_gives_its_port_back(site: Site) -> None:
    port = site.server.port
    await site.server.stop()
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))


async def test_plugins_and_providers_have_places(site: Site) -> None:
    async def say_path(plugin: str, request: WebRequest) -> WebReply:
        words = f"{plugin} {request.method} {request.path} {request.query.get('q', '')}"
        return WebReply(words.encode(), status=200 if plugin == "joke" else 404)

    async def say_so(_request: web.Request) -> web.Response:
        return web.Response(text="callback")

    assert (await site.get("/plugins/joke/a/b"))[0] == 404
    site.server.serve_plugins(say_path)
    site.server.serve_callbacks("demo", say_so)
    assert await site.get("/plugins/joke/a/b?q=1") == (200, "joke GET a/b 1")
    assert await site.post("/callbacks/demo", b"x") == (200, "callback")
    assert (await site.post("/callbacks/other", b"x"))[0] == 404
    assert (await site.get("/callbacks/demo"))[0] == 405
    assert (await site.get("/plugins/other/a/b"))[0] == 404


async def test_a_body_that_is_too_large_is_refused(site: Site) -> None:
    async def read(request: web.Request) -> web.Response:
        return web.Response(text=str(len(await request.read())))

    site.server.serve_callbacks("demo", read)
    assert await site.post("/callbacks/demo", b"x" * 100) == (200, "100")
    assert (await site.post("/callbacks/demo", b"x" * 101))[0] == 413


async def test_requests_are_logged_without_their_secrets(site: Site) -> None:
    async def fail(_plugin: str, _request: WebRequest) -> WebReply:
        raise RuntimeError("words")

    site.server.serve_plugins(fail)
    with capture_logs() as logs:
        status, body = await site.get("/plugins/joke/?job=1&signature=s3cret", Cookie="s3cret")
        await site.get("/healthz")
    assert (status, body) == (500, "")
    assert [entry["path"] for entry in logs] == ["/plugins/joke/", "/plugins/joke/", "/healthz"]
    assert [entry["log_level"] for entry in logs] == ["error", "info", "debug"]
    assert logs[1]["status"] == 500
    assert "s3cret" not in str(logs)
