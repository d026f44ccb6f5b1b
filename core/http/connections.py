"""The connections that all providers share."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp_socks import ProxyConnector

from core.http.addresses import AddressPolicy, AddressRefused
from core.http.proxies import ProviderProxies, ProviderProxy

USER_AGENT = "Mozilla/5.0 (compatible; Starloom; +https://github.com/starloom/starloom)"
"""Some providers stand behind networks that turn away what does not look like an ordinary program."""
REPLY_SECONDS = 60.0
_MOST = 200
"""Connections of one kind at once."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: `reply` for a whole request, `connect` for getting a connection, `silence` within a file."""

    reply: float = REPLY_SECONDS
    connect: float = 10.0
    silence: float = 30.0


class Connections:
    """Three kinds of connections, each made when it is first needed.

    `kept` ones serve one request after another. A `fresh` one serves one alone: a kept one may be closed by
    the other side at the very moment a request is written to it, and then nobody knows whether it arrived.
    `public` ones lead to where a provider tells us to fetch files, which is checked against `policy`.

    With `proxies` all of them go through the one that is to be used. Where files are fetched from is looked
    up and checked here all the same; the proxy looks it up once more.
    """

    def __init__(
        self,
        *,
        policy: AddressPolicy,
        timeouts: Timeouts,
        resolver: AbstractResolver | None = None,
        proxies: ProviderProxies | None = None,
    ) -> None:
        self._proxies = proxies
        self.timeouts = timeouts
        self._policy = policy
        self._resolver = resolver
        self._sessions: dict[str, aiohttp.ClientSession] = {}

    def kept(self) -> aiohttp.ClientSession:
        """For requests that may be made twice."""
        return self._session("kept", limit_per_host=50)

    def fresh(self) -> aiohttp.ClientSession:
        """For requests that must not be made twice."""
        return self._session("fresh", force_close=True)

    def public(self) -> aiohttp.ClientSession:
        """For files at addresses that somebody else names."""
        if self._proxies is not None:
            return self._session("public", checked=True)
        return self._session(
            "public",
            socket_factory=self._policy.open_socket,
            resolver=self._resolver,
            use_dns_cache=False,
        )

    async def close(self) -> None:
        """Close them all; the next request would make new ones."""
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            await session.close()

    def _session(self, kind: str, *, checked: bool = False, **options: Any) -> aiohttp.ClientSession:
        proxies = self._proxies
        proxy = proxies.current if proxies is not None else None
        name = f"{kind} {proxy.label}" if proxy is not None else kind
        if name not in self._sessions:
            traces = [proxies.following(proxy)] if proxies is not None and proxy is not None else []
            self._sessions[name] = aiohttp.ClientSession(
                connector=_connector(proxy, **options),
                headers={"User-Agent": USER_AGENT},
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(
                    total=None, connect=self.timeouts.connect, sock_connect=self.timeouts.connect
                ),
                trust_env=False,
                proxy=proxy.url if proxy is not None and not proxy.is_socks else None,
                trace_configs=[*traces, self._checking()] if checked else traces,
            )
        return self._sessions[name]

    def _checking(self) -> aiohttp.TraceConfig:
        """Looks where each request leads, since behind a proxy no connection of ours shows it."""
        trace = aiohttp.TraceConfig()

        async def check(_session: object, _context: object, params: aiohttp.TraceRequestStartParams) -> None:
            port = params.url.port or 443
            loop = asyncio.get_running_loop()
            found = await loop.getaddrinfo(params.url.host or "", port, type=socket.SOCK_STREAM)
            if not found or not all(self._policy.allows(str(each[4][0])) for each in found):
                raise AddressRefused("the address is not public")

        trace.on_request_start.append(check)
        return trace


def _connector(proxy: ProviderProxy | None, **options: Any) -> aiohttp.TCPConnector:
    if proxy is not None and proxy.is_socks:
        return ProxyConnector.from_url(proxy.url, limit=_MOST, **options)
    return aiohttp.TCPConnector(limit=_MOST, **options)
