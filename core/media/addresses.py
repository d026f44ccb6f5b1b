"""Signed, expiring addresses of files on our own web server: those that people gave, and large results."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlencode

from core.clock import Clock
from core.media.store import mime_type_of

INPUTS = "/inputs/"
RESULTS = "/results/"
"""Where our web server gives files out."""
_DIGITS = 12


class FileAddresses:
    """Makes addresses below `public_url` and `path` that hold for `life`, and knows those that it made.

    They are signed with a key derived from `secret`; those signed with one of `previous` still hold. What
    holds below one path does not below another.
    """

    def __init__(
        self,
        public_url: str,
        *,
        secret: bytes,
        previous: Sequence[bytes] = (),
        clock: Clock,
        life: timedelta,
        path: str = INPUTS,
    ) -> None:
        self._base = public_url.rstrip("/")
        self._path = path
        self._keys = [_derived(known, path) for known in (secret, *previous)]
        self._clock = clock
        self._life = life

    def address(self, ref: str) -> str:
        """Where the internet can fetch a file; empty without a public address, and for what is no ref."""
        if not self._base or not mime_type_of(ref):
            return ""
        expires = int((self._clock.now() + self._life).timestamp())
        query = urlencode({"expires": expires, "sig": _signature(self._keys[0], ref, expires)})
        return f"{self._base}{self._path}{ref}?{query}"

    def holds(self, ref: str, expires: str, signature: str) -> bool:
        """Whether an address is one of ours that has not expired."""
        if not mime_type_of(ref) or not (expires.isascii() and expires.isdigit()) or len(expires) > _DIGITS:
            return False
        moment = int(expires)
        given = signature.encode("utf-8", "surrogateescape")
        good = [hmac.compare_digest(given, _signature(key, ref, moment).encode()) for key in self._keys]
        return any(good) and moment > self._clock.now().timestamp()


def _derived(secret: bytes, path: str) -> bytes:
    return hmac.new(secret, f"starloom addresses {path}".encode(), hashlib.sha256).digest()


def _signature(key: bytes, ref: str, expires: int) -> str:
    return hmac.new(key, f"{ref}:{expires}".encode(), hashlib.sha256).hexdigest()
