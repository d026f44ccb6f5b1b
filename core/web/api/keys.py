"""Who may use the API: a bearer token, or a body signed with a shared key."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from aiohttp import web
from pydantic import SecretStr

from core.clock import Clock

TIMESTAMP, SIGNATURE = "X-Starloom-Timestamp", "X-Starloom-Signature"
SCHEME = "sha256="
WINDOW_SECONDS = 300
"""How far the clocks of two systems may be apart, and how long a signed body is worth anything."""


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """The secrets of the API, of which none, one or both may be set."""

    token: SecretStr | None = None
    hmac_key: SecretStr | None = None

    @property
    def any(self) -> bool:
        """Whether the API is on at all."""
        return self.token is not None or self.hmac_key is not None

    def bears_token(self, request: web.Request) -> bool:
        """Whether the request carries the token. Compared in constant time."""
        if self.token is None:
            return False
        wanted = f"Bearer {self.token.get_secret_value()}".encode()
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        return hmac.compare_digest(given, wanted)

    def may_be_signed(self, request: web.Request) -> bool:
        """Whether it is worth reading the body to check its signature."""
        return self.hmac_key is not None and SIGNATURE in request.headers and TIMESTAMP in request.headers

    def signed(self, request: web.Request, body: bytes, clock: Clock) -> bool:
        """Whether the body is signed with our key, and lately."""
        if self.hmac_key is None:
            return False
        timestamp = request.headers.get(TIMESTAMP, "")
        if not (timestamp.isascii() and timestamp.isdigit()):
            return False
        if abs(clock.now().timestamp() - int(timestamp)) > WINDOW_SECONDS:
            return False
        key = self.hmac_key.get_secret_value()
        wanted = SCHEME + signature_of(key, timestamp, request.method, request.path, body)
        given = request.headers.get(SIGNATURE, "").encode("utf-8", "surrogateescape")
        return hmac.compare_digest(given, wanted.encode())


def signature_of(key: str, timestamp: str, method: str, path: str, body: bytes) -> str:
    """The hexadecimal HMAC-SHA256 over moment, method, path and body, a line each."""
    signed = b"\n".join((timestamp.encode(), method.encode(), path.encode(), body))
    return hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()
