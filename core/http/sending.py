"""One request over the network, with every failure of it told apart: it did not arrive, or nobody knows."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from yarl import URL

from core.http.addresses import AddressRefused
from core.http.proxies import PROXY_AUTHENTICATION, SOCKS_FAILURES
from core.http.reply import BadReply, NotSent, Reply, ReplyLost

Body = bytes | Mapping[str, str] | Callable[[], Any] | None
"""Bytes, the fields of a form, or what makes a body anew for each attempt, as one that streams must be."""
FAILURES = (aiohttp.ClientError, OSError, *SOCKS_FAILURES)
"""What a request may raise while it is on its way."""
Sieve = Callable[[bytes], bytes]
"""Takes a reply's bytes as they arrive, and answers what of them is kept in the reply's body."""


_NO_CONNECTION = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request that is about to be sent; `seconds` is its longest, `longest` the most bytes of a reply.

    `sieve` makes, for each attempt anew, what the bytes of the reply go through.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: Body = field(repr=False)
    seconds: float
    longest: int
    sieve: Callable[[], Sieve] | None = None

    @property
    def path(self) -> str:
        """Where it goes, without the query, for the log."""
        try:
            return URL(self.url).path
        except ValueError:
            return ""


def encoded(value: Any) -> bytes:
    """A JSON body."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


async def send(session: aiohttp.ClientSession, outgoing: Outgoing) -> Reply:
    """Send a request and read the whole reply. Redirects are not followed: they would take the key along.

    Raises:
        NotSent: there was no connection.
        ReplyLost: it broke off, or took too long.
        BadReply: the reply is longer than allowed.

    """
    timeout = aiohttp.ClientTimeout(
        total=outgoing.seconds, connect=session.timeout.connect, sock_connect=session.timeout.sock_connect
    )
    body = outgoing.body() if callable(outgoing.body) else outgoing.body
    try:
        async with session.request(
            outgoing.method,
            outgoing.url,
            data=body,
            headers=outgoing.headers,
            allow_redirects=False,
            timeout=timeout,
        ) as response:
            if response.status == PROXY_AUTHENTICATION:
                raise NotSent("HTTP 407")
            sieve = outgoing.sieve() if outgoing.sieve else None
            content = await read_whole(response, outgoing.longest, sieve)
            return Reply(response.status, response.headers, content)
    except (*FAILURES, ValueError) as error:
        # TimeoutError is an OSError; ValueError is for what makes no request at all.
        raise told_apart(error) from error


async def read_whole(response: aiohttp.ClientResponse, longest: int, sieve: Sieve | None = None) -> bytes:
    """The body, unpacked while it arrives, so that a small one that unpacks to a huge one is noticed in time.

    Raises:
        BadReply: what is kept of it is longer than `longest` bytes.

    """
    content = bytearray()
    async for chunk in response.content.iter_any():
        content += sieve(chunk) if sieve else chunk
        if len(content) > longest:
            raise BadReply(f"HTTP {response.status} with more than {longest} bytes")
    return bytes(content)


def told_apart(error: Exception) -> NotSent | ReplyLost:
    """What an exception of aiohttp's means."""
    name = type(error).__name__
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, AddressRefused):
        return NotSent(str(cause), again=False)
    if isinstance(error, (*SOCKS_FAILURES, *_NO_CONNECTION)):
        return NotSent(name)
    if isinstance(error, ValueError | aiohttp.NonHttpUrlClientError):
        return NotSent(name, again=False)
    return ReplyLost(name)
