"""A Google service account, and the access tokens that its key is exchanged for.

Source: https://developers.google.com/identity/protocols/oauth2/service-account
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from starloom.api import Clock, NotSent, ProviderError, ProviderHttp

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
Signer = Callable[[Mapping[str, Any]], bytes]
"""Makes a signed token of claims."""

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LIFE = timedelta(hours=1)
_EARLY = timedelta(minutes=5)
"""A token is replaced so long before it runs out."""


class CredentialsProblem(ProviderError):
    """A key cannot be used. The message is a sentence for the operator."""


class TokenRefused(ProviderError):
    """Google gives no access token for the key."""


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """What stands in a key file: who it is, and where its key is exchanged for tokens."""

    email: str
    token_uri: str
    project: str
    info: Mapping[str, Any] = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a key file.

        Raises:
            CredentialsProblem: it is not there, or no service account's key.

        """
        try:
            info = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise CredentialsProblem(f"cannot be read: {error.strerror}") from None
        except ValueError:
            raise CredentialsProblem("is no JSON") from None
        if not isinstance(info, dict) or info.get("type") != "service_account":
            raise CredentialsProblem("is no key file of a service account")
        missing = [
            name
            for name in ("client_email", "private_key", "token_uri")
            if not isinstance(info.get(name), str)
        ]
        if missing:
            raise CredentialsProblem(f"lacks {', '.join(missing)}")
        return cls(info["client_email"], info["token_uri"], str(info.get("project_id") or ""), info)


class AccessTokens:
    """Access tokens of a service account, each used until shortly before it runs out."""

    def __init__(self, account: ServiceAccount, signer: Signer, *, http: ProviderHttp, clock: Clock) -> None:
        self._account = account
        self._sign = signer
        self._http = http
        self._clock = clock
        self._turn = asyncio.Lock()
        self._token = ""
        self._until = clock.now()

    async def get(self) -> str:
        """A token that is good for some minutes at least.

        Raises:
            TokenRefused: Google does not accept the key.
            NotSent: it cannot be asked just now; what the token was for was not asked either.

        """
        async with self._turn:
            now = self._clock.now()
            if not self._token or now >= self._until - _EARLY:
                self._token, life = await self._exchange(now)
                self._until = now + life
            return self._token

    def forget(self) -> None:
        """Ask for another token next time: this one was not accepted."""
        self._token = ""

    async def _exchange(self, now: datetime) -> tuple[str, timedelta]:
        issued = int(now.timestamp())
        claims = {
            "iss": self._account.email,
            "scope": SCOPE,
            "aud": self._account.token_uri,
            "iat": issued,
            "exp": issued + int(_LIFE.total_seconds()),
        }
        form = {"grant_type": _GRANT, "assertion": self._sign(claims).decode("ascii")}
        try:
            reply = await self._http.request("POST", self._account.token_uri, data=form, safe=True)
            body = reply.table()
        except ProviderError as error:
            raise NotSent(f"no access token: {error}") from error
        if reply.status in (400, 401, 403):
            raise TokenRefused(f"no access token: {_word(body.get('error'))}")
        token, seconds = body.get("access_token"), body.get("expires_in")
        if not reply.ok or not isinstance(token, str) or not token:
            raise NotSent(f"no access token: HTTP {reply.status}")
        life = timedelta(seconds=seconds) if type(seconds) is int else _LIFE
        return token, life


def _word(value: object) -> str:
    return (
        value
        if isinstance(value, str) and value.replace("_", "").isalnum() and len(value) < 40
        else "refused"
    )
