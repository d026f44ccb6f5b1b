"""Servers on this machine that answer as badly as the internet does, and the HTTP layer before them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from core.http.addresses import LOOPBACK_TOO, AddressPolicy
from core.http.breaker import BreakerSettings
from core.http.connections import Timeouts
from core.http.provider_http import HttpLayer, HttpSettings, ProviderHttp
from core.http.retrying import RetrySettings
from core.observability.metrics import Metrics
from sandbox.clock import ManualClock

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class HttpWorld:
    """One server, whose answers a test puts in a row, and one provider's HTTP."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.metrics = Metrics()
        self.seen: list[web.Request] = []
        self.bodies: list[bytes] = []
        self.answers: list[Answer] = []
        self.otherwise: Answer = status(200)
        self.url = ""
        self.chance: list[float] = []
        self._stack = contextlib.AsyncExitStack()

    async def start(self) -> None:
        self.url = await self.serve(self._answer)

    async def stop(self) -> None:
        await self._stack.aclose()

    async def serve(self, answer: Answer) -> str:
        """Another server; its address."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    async def serve_raw(self, answer: bytes) -> str:
        """A server that says these bytes to everybody and hangs up; its address."""

        async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(speak, "127.0.0.1", 0)
        self._stack.push_async_callback(server.wait_closed)
        self._stack.callback(server.close)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    def layer(
        self,
        *,
        policy: AddressPolicy = LOOPBACK_TOO,
        resolver: AbstractResolver | None = None,
        timeouts: Timeouts | None = None,
        retries: RetrySettings | None = None,
        breaker: BreakerSettings | None = None,
    ) -> ProviderHttp:
        """The HTTP of the provider `acme`. Chance is what stands in `chance`, then nothing."""
        layer = HttpLayer(
            self.clock,
            settings=HttpSettings(
                timeouts or Timeouts(), retries or RetrySettings(), breaker or BreakerSettings()
            ),
            policy=policy,
            metrics=self.metrics,
            resolver=resolver,
            random=lambda: self.chance.pop(0) if self.chance else 0.0,
        )
        self._stack.push_async_callback(layer.close)
        return layer.provider("acme")

    def metric(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(name, {"provider": "acme", **labels})

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request)
        with contextlib.suppress(ConnectionError):
            self.bodies.append(await request.read())
        return await (self.answers.pop(0) if self.answers else self.otherwise)(request)


def status(number: int, body: bytes = b"{}", headers: Mapping[str, str] | None = None) -> Answer:
    """Answer with a status."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=number, body=body, headers=headers)

    return answer


async def hang_up(request: web.Request) -> web.StreamResponse:
    """Take the request, and close the connection without a word."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def silent(arrived: asyncio.Event) -> Answer:
    """Take the request, and never answer."""

    async def answer(request: web.Request) -> web.StreamResponse:
        arrived.set()
        await asyncio.Event().wait()
        raise AssertionError

    return answer


def cut_off(body: bytes, *, announced: int, headers: Mapping[str, str] | None = None) -> Answer:
    """Answer with less than was announced."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(announced), **(headers or {})})
        await response.prepare(request)
        await response.write(body)
        assert request.transport is not None
        request.transport.close()
        return response

    return answer


class Names(AbstractResolver):
    """Resolves names as a test says: each time it is asked for a name, the next of its addresses."""

    def __init__(self, **addresses: list[str]) -> None:
        self.addresses = {name.replace("_", "."): found for name, found in addresses.items()}
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        known = self.addresses[host]
        found = known.pop(0) if len(known) > 1 else known[0]
        return [
            ResolveResult(
                hostname=host,
                host=each,
                port=port,
                family=socket.AF_INET6 if ":" in each else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for each in found.split(",")
        ]

    async def close(self) -> None:
        """Nothing is open."""


async def driven(clock: ManualClock, awaitable: Awaitable[Any], *, step: float = 1.0) -> Any:
    """Wait for an answer, and move the clock on whenever it is slept on."""
    before = clock.sleepers
    task = asyncio.ensure_future(awaitable)
    while not task.done():
        asleep = asyncio.create_task(clock.until_asleep(before + 1))
        await asyncio.wait((task, asleep), return_when=asyncio.FIRST_COMPLETED)
        if asleep.done():
            await clock.advance(step)
        asleep.cancel()
        await asyncio.gather(asleep, return_exceptions=True)
    return await task


async def chunks(source: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in source])
