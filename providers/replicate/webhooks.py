"""Checks who sent a webhook, and says which prediction it is about.

Source: https://replicate.com/docs/topics/webhooks/verify-webhook
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import math
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from providers.replicate.predictions import is_prediction_id
from starloom.api import CallbackNews, CallbackRefused, CallbackRequest, Clock, ProviderError

WINDOW_SECONDS = 300
"""How far the time of a webhook may be from ours; Replicate names no tolerance."""
REFETCH_SECONDS = 300
"""How soon the secret is fetched once more because a signature did not fit."""
RETRY_SECONDS = 10
"""How soon it is asked for once more when it could not be had."""

_PREFIX = "whsec_"
_VERSION = "v1"
_LONGEST_BODY = 256 * 1024
_LONGEST_HEADER = 4096
_LONGEST_TIMESTAMP = 12


def key_of(secret: str) -> bytes:
    """The bytes to sign with.

    Raises:
        ProviderError: this is no secret of webhooks.

    """
    if not secret.startswith(_PREFIX):
        raise ProviderError("the webhook secret does not begin as it should")
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        raise ProviderError("the webhook secret is no Base64") from None
    if not key:
        raise ProviderError("the webhook secret is empty")
    return key


def signature_of(key: bytes, delivery: str, timestamp: str, body: bytes) -> str:
    """Base64 of HMAC-SHA256 over the delivery's id, its time and the body, with full stops between."""
    signed = f"{delivery}.{timestamp}.".encode(errors="surrogatepass") + body
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


class Webhooks:
    """Checks webhooks with the account's secret. `fetch_secret` asks Replicate for it.

    The secret is fetched once. A signature that does not fit makes it be fetched again, as it may have been
    changed, but not more often than every `REFETCH_SECONDS`: forgers do not make us ask again and again.
    """

    def __init__(self, fetch_secret: Callable[[], Awaitable[str]], clock: Clock) -> None:
        self._fetch_secret = fetch_secret
        self._clock = clock
        self._fetching = asyncio.Lock()
        self._key: bytes | None = None
        self._fetched_at = -math.inf

    async def read(self, request: CallbackRequest) -> CallbackNews:
        """Which prediction a webhook is about.

        Raises:
            CallbackRefused: it is forged, stale, or no webhook.
            ProviderError: the secret cannot be had just now.

        """
        task_id = _task_id(request.body)
        delivery, timestamp, signatures = _headers(request.headers)
        _check_time(timestamp, request.received_at)
        if not await self._fits(delivery, timestamp, request.body, signatures):
            raise CallbackRefused("the signature is not Replicate's")
        return CallbackNews(task_id, delivery)

    async def _fits(self, delivery: str, timestamp: str, body: bytes, signatures: tuple[str, ...]) -> bool:
        used = await self._known_key()
        if _matches(used, delivery, timestamp, body, signatures):
            return True
        fresh = await self._fresh_key(used)
        return fresh != used and _matches(fresh, delivery, timestamp, body, signatures)

    async def _known_key(self) -> bytes:
        async with self._fetching:
            if self._key is not None:
                return self._key
            if self._passed < RETRY_SECONDS:
                raise ProviderError("the webhook secret could not be had a moment ago")
            return await self._fetch()

    async def _fresh_key(self, used: bytes) -> bytes:
        """The key as it is now; `used` is what did not fit."""
        async with self._fetching:
            if self._key is not None and self._key != used:
                return self._key
            if self._passed < REFETCH_SECONDS:
                return used
            return await self._fetch()

    @property
    def _passed(self) -> float:
        return self._clock.monotonic() - self._fetched_at

    async def _fetch(self) -> bytes:
        self._fetched_at = self._clock.monotonic()
        self._key = key_of(await self._fetch_secret())
        return self._key


def _matches(key: bytes, delivery: str, timestamp: str, body: bytes, signatures: tuple[str, ...]) -> bool:
    expected = signature_of(key, delivery, timestamp, body).encode()
    # All are compared, so that the time says nothing of which one fitted.
    fitting = [hmac.compare_digest(expected, given.encode(errors="surrogatepass")) for given in signatures]
    return any(fitting)


def _headers(headers: Mapping[str, str]) -> tuple[str, str, tuple[str, ...]]:
    """The delivery's id, its time, and its signatures."""
    delivery = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    written = headers.get("webhook-signature", "")
    if not (delivery and timestamp and written):
        raise CallbackRefused("a header is missing")
    if max(len(delivery), len(written)) > _LONGEST_HEADER:
        raise CallbackRefused("a header is too long")
    entries = (entry.partition(",") for entry in written.split(" "))
    signatures = tuple(signature for version, _, signature in entries if version == _VERSION and signature)
    if not signatures:
        raise CallbackRefused("no signature of a known version")
    return delivery, timestamp, signatures


def _check_time(timestamp: str, now: datetime) -> None:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _LONGEST_TIMESTAMP):
        raise CallbackRefused("the time is unreadable")
    if abs(now.timestamp() - int(timestamp)) > WINDOW_SECONDS:
        raise CallbackRefused("the time is too far from ours")


def _task_id(body: bytes) -> str:
    if len(body) > _LONGEST_BODY:
        raise CallbackRefused("the body is too large")
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        raise CallbackRefused("the body is no JSON") from None
    task_id = read.get("id") if isinstance(read, dict) else None
    if not isinstance(task_id, str) or not is_prediction_id(task_id):
        raise CallbackRefused("the body names no prediction")
    return task_id
