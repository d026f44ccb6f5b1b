"""The way to Telegram through proxies: tried in their order, and back to the first when it answers again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import structlog
from pyrogram.connection import Connection
from pyrogram.connection.connection import transport_class_for
from pyrogram.connection.proxy import normalize_proxy

from core.clock import Clock
from core.errors import ConfigurationError
from core.telegram.endpoint import Endpoint

_log = structlog.stdlib.get_logger(__name__)

_LOOK_SECONDS = 30.0
_PROBE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Proxy:
    """One proxy. `label` names it for people, without user name, password or secret."""

    label: str
    host: str
    port: int
    dialled: Any
    """As Pyrogram takes it."""


Probe = Callable[[Proxy], Awaitable[bool]]
"""Whether a proxy answers."""
Told = Callable[[str, bool], Awaitable[None]]
"""Told of a proxy, by its label, that answers (again) or does not."""


def parsed(address: str) -> Proxy:
    """A proxy from `socks5://user:password@host:port`, `http://…`, `mtproxy://secret@host:port` or a link.

    Raises:
        ConfigurationError: it is none; the sentence repeats no secret.

    """
    link = address
    if address.startswith("mtproxy://"):
        parts = urlsplit(address)
        link = f"tg://proxy?server={parts.hostname}&port={parts.port}&secret={parts.username}"
    try:
        proxy = normalize_proxy(link)
    except (ValueError, TypeError):
        proxy = None
    if proxy is None:
        raise ConfigurationError(
            "TELEGRAM_PROXY: each proxy is socks5://user:password@host:port, http://host:port, "
            "mtproxy://secret@host:port or a tg://proxy link, several with commas between"
        )
    label = f"{proxy.scheme.value}://{proxy.hostname}:{proxy.port}"
    return Proxy(label, proxy.hostname, int(proxy.port), proxy)


class Proxies:
    """The proxies of one client, at least one. `show` is told which of them answered last."""

    def __init__(
        self,
        proxies: Sequence[Proxy],
        clock: Clock,
        *,
        probe: Probe | None = None,
        show: Callable[[str, bool], None] = lambda label, up: None,
    ) -> None:
        self._proxies = tuple(proxies)
        self._clock = clock
        self._probe = probe or _answers
        self._show = show
        self._up = dict.fromkeys((each.label for each in proxies), True)
        self._told = dict(self._up)
        self.current = self._proxies[0]

    def failed(self, proxy: Proxy) -> None:
        """No connection came about through it: go on to the next one that may answer."""
        self._mark(proxy, up=False)
        place = self._proxies.index(proxy)
        following = (*self._proxies[place + 1 :], *self._proxies[: place + 1])
        self.current = next((each for each in following if self._up[each.label]), following[0])

    def connection_factory(self, endpoint: Endpoint | None) -> type[Any]:
        """A `Connection` class for Pyrogram that goes through whichever proxy is to be used then.

        It leads to `endpoint`, where that is another server than Telegram's.
        """
        proxies = self

        class _ProxiedConnection(Connection):
            protocol_factory: Any

            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                if endpoint is not None:
                    self.server_address, self.port, self.ipv6 = endpoint.host, endpoint.port, False

            async def connect(self) -> None:
                for _ in proxies._proxies:
                    proxy = proxies.current
                    self.proxy = proxy.dialled
                    self.protocol_factory = transport_class_for(self.proxy, default=self.protocol_factory)
                    try:
                        await super().connect()
                    except OSError:
                        proxies.failed(proxy)
                    else:
                        proxies._mark(proxy, up=True)
                        return
                raise ConnectionError("no proxy leads to Telegram")

        return _ProxiedConnection

    async def run(self, tell: Told, move: Callable[[], Awaitable[None]]) -> None:
        """Look at the proxies again and again; `move` makes connections anew, through a better one."""
        while True:
            await self.look(tell, move)
            await self._clock.sleep(_LOOK_SECONDS)

    async def look(self, tell: Told, move: Callable[[], Awaitable[None]]) -> None:
        """Look once."""
        answers = await asyncio.gather(*map(self._probe, self._proxies))
        for proxy, up in zip(self._proxies, answers, strict=True):
            self._mark(proxy, up=up)
        for label, up in self._up.items():
            if self._told[label] != up:
                self._told[label] = up
                await tell(label, up)
        best = next((each for each in self._proxies if self._up[each.label]), None)
        if best is not None and best is not self.current:
            _log.warning("telegram proxy", proxy=best.label)
            self.current = best
            await move()

    def _mark(self, proxy: Proxy, *, up: bool) -> None:
        self._up[proxy.label] = up
        self._show(proxy.label, up)


async def _answers(proxy: Proxy) -> bool:
    """Whether something listens where the proxy is."""
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            _, writer = await asyncio.open_connection(proxy.host, proxy.port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True
