"""Going on with a file that broke off: what has come of it, and whether another attempt is of use."""

from __future__ import annotations

import re
from dataclasses import dataclass

import aiohttp

from core.http.reply import FetchRefused, NotResumed, NotSent, ReplyLost
from core.http.retrying import passes

EXPIRED = frozenset({401, 403, 404, 410})
"""Statuses by which servers say that the address of a file does not hold any more."""
MOST_RESUMES = 50
"""How often a file that breaks off again and again is gone on with."""
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


@dataclass(slots=True)
class Passed:
    """How much of a file has come, and what tells its server whether the rest is of the same one.

    `validator` is the strong ETag or the date of the file, empty where it has none; `size` is all of it.
    """

    bytes: int = 0
    validator: str = ""
    size: int | None = None

    @property
    def resumable(self) -> bool:
        """Whether the rest can be asked for."""
        return not self.bytes or bool(self.validator)

    def begin(self, response: aiohttp.ClientResponse) -> None:
        """Note what a reply with the whole file says of it."""
        if "Content-Encoding" in response.headers:
            # A place in what is unpacked is none in what is sent.
            return
        etag = response.headers.get("ETag", "")
        self.validator = etag if etag.startswith('"') else response.headers.get("Last-Modified", "")
        self.size = response.content_length

    def asked(self) -> dict[str, str]:
        """The headers that ask for the rest, where there is a part of it already.

        Source: RFC 9110, sections 13.1.5 and 14.2.
        """
        return {"Range": f"bytes={self.bytes}-", "If-Range": self.validator} if self.bytes else {}

    def check(self, response: aiohttp.ClientResponse) -> None:
        """Accept a reply with the rest.

        Raises:
            NotResumed: it is not the rest of this file.
            FetchRefused: there is no file.

        """
        if response.status in (200, 416):
            raise NotResumed("the server does not go on")
        if response.status != 206:
            raise FetchRefused(response.status)
        found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if found is None or int(found[1]) != self.bytes:
            raise NotResumed("another part than asked for")
        if self.size is not None and found[2] not in ("*", str(self.size)):
            raise NotResumed("the file has another size now")
        if self.validator.startswith('"') and response.headers.get("ETag", self.validator) != self.validator:
            raise NotResumed("the file is another now")

    def end(self) -> None:
        """Check that all has come.

        Raises:
            ReplyLost: it has not.

        """
        if self.size is not None and self.bytes < self.size:
            raise ReplyLost(f"{self.bytes} bytes of {self.size}")


class Tries:
    """Counts the attempts at one file: `vain` ones in a row, that brought nothing, and resumed ones."""

    def __init__(self, most: int, *, renewable: bool) -> None:
        self._most = most
        self._renewable = renewable
        self._bytes = 0
        self.vain = 0
        self.resumed = 0
        self.renewing = False
        """Whether another address is to be asked for now."""

    def failed(self, error: NotSent | ReplyLost | FetchRefused, passed: Passed) -> None:
        """Note a failure; raises it where another attempt is of no use."""
        if passed.bytes > self._bytes:
            self._bytes, self.vain, self.renewing = passed.bytes, 0, False
        self.vain += 1
        self.resumed += bool(passed.bytes)
        if self.resumed > MOST_RESUMES or not passed.resumable:
            raise error
        # A fresh address that is refused as well is not asked for again.
        self.renewing = self._renewable and not self.renewing and is_expired(error)
        if not self.renewing and (self.vain >= self._most or not _again(error)):
            raise error


def is_expired(error: BaseException) -> bool:
    """Whether a failure says that an address does not hold any more."""
    return isinstance(error, FetchRefused) and error.status in EXPIRED


def _again(error: NotSent | ReplyLost | FetchRefused) -> bool:
    if isinstance(error, FetchRefused):
        return passes(error.status)
    return error.again if isinstance(error, NotSent) else not isinstance(error, NotResumed)
