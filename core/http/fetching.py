"""Files from where a provider says they are: public addresses only, at every redirect anew."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass

import aiohttp
from yarl import URL

from core.http.addresses import AddressRefused
from core.http.reply import FetchRefused, NotSent, ReplyLost
from core.http.resuming import Passed
from core.http.sending import FAILURES, told_apart

MOST_REDIRECTS = 5
LONGEST_FILE = 16 * 1024 * 1024 * 1024
"""Bytes, unpacked: whatever sends more than this does not end."""
_CHUNK = 256 * 1024
_REDIRECTS = (301, 302, 303, 307, 308)
_SCHEMES = ("http", "https")
_NO_ADDRESS = "no address of a file"


@dataclass(frozen=True, slots=True)
class FileHead:
    """What a server says of a file before it sends it; `size` is bytes, None where it does not say."""

    mime_type: str = ""
    file_name: str = ""
    size: int | None = None


class Fetch(AsyncIterator[bytes]):
    """A file on its way: its bytes as they arrive, no faster than they are taken.

    What breaks off or stands still goes on where it ended, if its server can tell that the rest belongs to
    the same file. `head` is known once the first bytes are there. Iterating raises

    - FetchRefused: the server does not give it, or the address must not be fetched;
    - NotSent, ReplyLost: there is no connection, it broke off for good, or less came than was announced.
    """

    def __init__(self, chunks: Callable[[Fetch], AsyncIterator[bytes]]) -> None:
        self.head: FileHead | None = None
        self._chunks = chunks(self)

    def __aiter__(self) -> Fetch:
        return self

    async def __anext__(self) -> bytes:
        return await anext(self._chunks)

    async def aclose(self) -> None:
        """Break it off, and give the connection up."""
        close = getattr(self._chunks, "aclose", None)
        if close is not None:
            await close()


async def stream(
    session: aiohttp.ClientSession,
    url: str,
    *,
    headers: Mapping[str, str],
    silence: float,
    fetch: Fetch,
    passed: Passed,
) -> AsyncIterator[bytes]:
    """The bytes behind an address, redirects followed, for at most `silence` seconds without any.

    What has `passed` is not sent again.
    """
    where = checked(url)
    sent = dict(headers)
    timeout = aiohttp.ClientTimeout(
        total=None,
        connect=session.timeout.connect,
        sock_connect=session.timeout.sock_connect,
        sock_read=silence,
    )
    try:
        for _ in range(MOST_REDIRECTS + 1):
            async with session.get(
                where,
                headers={"Accept-Encoding": "identity", **passed.asked(), **sent},
                allow_redirects=False,
                timeout=timeout,
            ) as response:
                target = _target(response)
                if target is None:
                    _begin(response, fetch, passed)
                    async for chunk in response.content.iter_chunked(_CHUNK):
                        passed.bytes += len(chunk)
                        if passed.bytes > LONGEST_FILE:
                            raise FetchRefused(0, f"more than {LONGEST_FILE} bytes")
                        yield chunk
                    passed.end()
                    return
            if target.origin() != where.origin():
                # What was meant for one server is no other's business.
                sent = {}
            where = target
    except FAILURES as error:
        raise _told_apart(error) from error
    raise FetchRefused(0, "too many redirects")


def checked(url: str) -> URL:
    """An address that may be fetched, as far as its form goes.

    Raises:
        FetchRefused: it is none.

    """
    parsed = _parsed(url)
    if parsed.scheme not in _SCHEMES or not parsed.host or parsed.user is not None:
        raise FetchRefused(0, _NO_ADDRESS)
    return parsed


def head_of(response: aiohttp.ClientResponse) -> FileHead:
    """What the headers say of a file."""
    disposition = response.content_disposition
    name = (disposition.filename if disposition else None) or response.url.name
    size = response.content_length if "Content-Encoding" not in response.headers else None
    mime_type = response.content_type if "Content-Type" in response.headers else ""
    return FileHead(mime_type, name, size)


def _target(response: aiohttp.ClientResponse) -> URL | None:
    """Where a redirect leads to, or None for a reply that is none."""
    if response.status not in _REDIRECTS:
        return None
    location = response.headers.get("Location", "")
    if not location:
        raise FetchRefused(response.status)
    target = _parsed(location)
    if target.scheme and not target.host:
        raise FetchRefused(0, _NO_ADDRESS)
    return checked(str(response.url.join(target)))


def _parsed(url: str) -> URL:
    if not url.isprintable():
        raise FetchRefused(0, _NO_ADDRESS)
    try:
        # What is signed must arrive as it was written.
        parsed = URL(url, encoded=url.isascii() and " " not in url)
        # Its parts are looked at when they are first asked for.
        _ = parsed.port
        return parsed
    except ValueError:
        raise FetchRefused(0, _NO_ADDRESS) from None


def _begin(response: aiohttp.ClientResponse, fetch: Fetch, passed: Passed) -> None:
    if passed.bytes:
        passed.check(response)
        return
    if response.status != 200:
        raise FetchRefused(response.status)
    fetch.head = head_of(response)
    passed.begin(response)


def _told_apart(error: Exception) -> NotSent | ReplyLost | FetchRefused:
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    refused = isinstance(cause, AddressRefused)
    return FetchRefused(0, "the address is not public") if refused else told_apart(error)
