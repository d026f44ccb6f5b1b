"""The way to providers through proxies."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote, urlsplit

import aiohttp
import aiohttp_socks
import python_socks
from python_socks.async_.asyncio.v2 import Proxy as Tunnel

from core.clock import Clock
from core.errors import ConfigurationError
from core.proxies import ProxyOrder, Show, show_nobody

PROVIDERS = "providers"
SOCKS_FAILURES = (
    aiohttp_socks.ProxyError,
    aiohttp_socks.ProxyConnectionError,
    aiohttp_socks.ProxyTimeoutError,
)
"""What connecting through a SOCKS proxy raises, beside aiohttp's own."""
PROXY_AUTHENTICATION = 407
_NOT_LET_IN = (None, PROXY_AUTHENTICATION)
"""What a proxy says of those it refuses; any other number is about where they want to go."""
_PROBE_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class ProviderProxy:
    """One proxy. `label` names it for people, without user name and password."""

    label: str
    host: str
    port: int
    url: str = field(repr=False)

    @property
    def is_socks(self) -> bool:
        """Whether it speaks SOCKS, and not HTTP."""
        return self.url.startswith("socks5://")


def parsed(address: str) -> ProviderProxy:
    """A proxy from `http://user:password@host:port` or `socks5://user:password@host:port`.

    Raises:
        ConfigurationError: it is none; the sentence repeats no password.

    """
    try:
        parts = urlsplit(address)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:
        scheme, host, port = "", None, None
    if scheme not in {"http", "socks5"} or not host or not port:
        raise ConfigurationError(
            "PROVIDER_PROXY: each proxy is http://user:password@host:port or "
            "socks5://user:password@host:port, several with commas between"
        )
    return ProviderProxy(f"{scheme}://{host}:{port}", host, port, address)


class ProviderProxies(ProxyOrder[ProviderProxy]):
    """The proxies of all connections to providers."""

    def __init__(self, proxies: Sequence[ProviderProxy], clock: Clock, *, show: Show = show_nobody) -> None:
        super().__init__(PROVIDERS, proxies, clock, probe=self._lets_through, show=show)
        self._wanted: tuple[str, int] | None = None

    @classmethod
    def of(cls, addresses: Sequence[str], clock: Clock, *, show: Show = show_nobody) -> Self | None:
        """Those at these addresses; None without any.

        Raises:
            ConfigurationError: one of the addresses is none.

        """
        return cls([parsed(each) for each in addresses], clock, show=show) if addresses else None

    def following(self, proxy: ProviderProxy) -> aiohttp.TraceConfig:
        """Learns from the requests that go through a proxy whether it works."""
        trace = aiohttp.TraceConfig()

        async def begun(_session: object, _context: object, params: aiohttp.TraceRequestStartParams) -> None:
            if params.url.host and params.url.port:
                self._wanted = (params.url.host, params.url.port)

        async def ended(_session: object, _context: object, params: aiohttp.TraceRequestEndParams) -> None:
            if params.response.status == PROXY_AUTHENTICATION:
                self.failed(proxy)
            else:
                self.worked(proxy)

        async def failed(
            _session: object, _context: object, params: aiohttp.TraceRequestExceptionParams
        ) -> None:
            if _is_to_blame(params.exception):
                self.failed(proxy)

        trace.on_request_start.append(begun)
        trace.on_request_end.append(ended)
        trace.on_request_exception.append(failed)
        return trace

    async def _lets_through(self, proxy: ProviderProxy) -> bool:
        """Whether it lets us through to where somebody wanted last; or listens, while nobody wanted anything.

        A provider that is not to be reached is no fault of the proxy's.
        """
        try:
            async with asyncio.timeout(_PROBE_SECONDS):
                if self._wanted is None:
                    _, writer = await asyncio.open_connection(proxy.host, proxy.port)
                else:
                    stream = await _tunnel(proxy).connect(*self._wanted)
                    writer = stream.writer
        except python_socks.ProxyError as error:
            return error.error_code not in _NOT_LET_IN
        except (OSError, TimeoutError):
            return False
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return True


def _tunnel(proxy: ProviderProxy) -> Tunnel:
    parts = urlsplit(proxy.url)
    kind = python_socks.ProxyType.SOCKS5 if proxy.is_socks else python_socks.ProxyType.HTTP
    username = unquote(parts.username) if parts.username else None
    password = unquote(parts.password or "") if parts.username else None
    return Tunnel(kind, proxy.host, proxy.port, username, password)


def _is_to_blame(error: BaseException) -> bool:
    """Whether a request came to nothing because of the proxy, as far as can be told."""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return error.status in _NOT_LET_IN
    if isinstance(error, aiohttp_socks.ProxyError):
        return error.error_code in _NOT_LET_IN
    return isinstance(
        error,
        aiohttp.ClientProxyConnectionError
        | aiohttp.ConnectionTimeoutError
        | aiohttp_socks.ProxyConnectionError
        | aiohttp_socks.ProxyTimeoutError,
    )
