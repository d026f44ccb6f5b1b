"""The way to Telegram through proxies."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pyrogram import raw
from pyrogram.connection import Connection
from pyrogram.connection.connection import transport_class_for
from pyrogram.connection.proxy import MTProxy, normalize_proxy
from pyrogram.session.auth import Auth
from python_socks import ProxyError

from core.clock import Clock
from core.errors import ConfigurationError
from core.proxies import ProxyOrder, Show, show_nobody
from core.telegram.endpoint import Endpoint

TELEGRAM = "telegram"
_DC = 2
_DC_ADDRESS = ("149.154.167.51", 443)
"""Where that data centre is. Source: https://core.telegram.org/getProxyConfig, and Pyrogram's own storage."""
_PROBE_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Proxy:
    """One proxy. `label` names it for people, without user name, password or secret."""

    label: str
    dialled: Any
    """As Pyrogram takes it."""


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
    return Proxy(f"{proxy.scheme.value}://{proxy.hostname}:{proxy.port}", proxy)


class Proxies(ProxyOrder[Proxy]):
    """The proxies of one client. They lead to `endpoint`, where that is another server than Telegram's."""

    def __init__(
        self,
        proxies: Sequence[Proxy],
        clock: Clock,
        *,
        endpoint: Endpoint | None = None,
        show: Show = show_nobody,
    ) -> None:
        super().__init__(TELEGRAM, proxies, clock, probe=self._leads_to_telegram, show=show)
        self._endpoint = endpoint

    def connection_factory(self) -> type[Any]:
        """A `Connection` class for Pyrogram that goes through whichever proxy is to be used then."""
        proxies, endpoint = self, self._endpoint

        class _ProxiedConnection(Connection):
            protocol_factory: Any

            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                if endpoint is not None:
                    self.server_address, self.port, self.ipv6 = endpoint.host, endpoint.port, False

            async def connect(self) -> None:
                for _ in proxies.proxies:
                    proxy = proxies.current
                    self.proxy = proxy.dialled
                    self.protocol_factory = transport_class_for(self.proxy, default=self.protocol_factory)
                    try:
                        await proxies.check_secret(proxy)
                        await super().connect()
                    except (OSError, ProxyError):
                        proxies.failed(proxy)
                    else:
                        proxies.worked(proxy)
                        return
                raise ConnectionError("no proxy leads to Telegram")

        return _ProxiedConnection

    async def check_secret(self, proxy: Proxy) -> None:
        """Make sure that a proxy of Telegram's own kind lets us through: connecting to it tells nothing.

        Raises:
            ConnectionError: it does not.

        """
        if isinstance(proxy.dialled, MTProxy) and not await self.answers(proxy):
            raise ConnectionError("the proxy does not lead to Telegram")

    async def _leads_to_telegram(self, proxy: Proxy) -> bool:
        """Whether Telegram answers through it: the first step of its key exchange, which anybody may take."""
        address = (self._endpoint.host, self._endpoint.port) if self._endpoint else _DC_ADDRESS
        nonce = int.from_bytes(os.urandom(16), "little", signed=True)
        question = Auth.pack(raw.functions.ReqPqMulti(nonce=nonce), self._clock.now().timestamp())
        transport = transport_class_for(proxy.dialled)(proxy=proxy.dialled, dc_id=_DC)
        try:
            async with asyncio.timeout(_PROBE_SECONDS):
                await transport.connect(address)
                await transport.send(question)
                answer = await transport.recv()
        except (OSError, TimeoutError, ProxyError):
            return False
        finally:
            with contextlib.suppress(OSError):
                await transport.close()
            transport.crypto_executor.shutdown(wait=False)
        return answer is not None and nonce.to_bytes(16, "little", signed=True) in answer
