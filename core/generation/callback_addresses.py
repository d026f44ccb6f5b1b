"""The addresses at which providers tell of a job: each names the job and is signed for it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import urlencode

from core.storage.settings import SettingsStore

JOB = "job"
SIGNATURE = "sig"
"""The names in the query of an address."""
_LONGEST = 128
_KEPT = "callbacks:keys"
_PURPOSE = b"starloom callback address"


class CallbackAddresses:
    """Makes and checks addresses below `public_url`; without one there are none.

    The first of `secrets` signs; the others are still accepted, and so is the `former` key (`former_key`), so
    that a secret can be exchanged while tasks run.
    """

    def __init__(
        self, public_url: str | None, secrets: Sequence[bytes | None], *, former: bytes | None = None
    ) -> None:
        self._base = (public_url or "").rstrip("/")
        self._keys = [_key(secret) for secret in secrets if secret]
        self._keys += [former] if former else []

    def address(self, provider: str, job_id: str) -> str:
        """Where `provider` can tell of the job; empty where nothing can reach this server."""
        if not self._base or not self._keys:
            return ""
        query = urlencode({JOB: job_id, SIGNATURE: _signature(self._keys[0], provider, job_id)})
        return f"{self._base}/callbacks/{provider}?{query}"

    def is_genuine(self, provider: str, job_id: str, signature: str) -> bool:
        """Whether this is an address that was made for `provider` and the job."""
        if not job_id or len(job_id) > _LONGEST or len(signature) > _LONGEST:
            return False
        given = signature.encode("utf-8", "surrogatepass")
        # All are compared, so that the time tells nothing.
        genuine = [
            hmac.compare_digest(given, _signature(key, provider, job_id).encode()) for key in self._keys
        ]
        return any(genuine)


async def former_key(store: SettingsStore, secret: bytes) -> bytes | None:
    """The key that signed before the one of `secret`, of which note is taken; None if there was none.

    Only keys for this one purpose are kept; what the operator chose cannot be found out from them.
    """
    now = _key(secret)
    kept: bytes | None = await store.get(_KEPT, "current")
    if kept == now:
        former: bytes | None = await store.get(_KEPT, "former")
        return former
    if kept is not None:
        await store.set(_KEPT, "former", kept)
    await store.set(_KEPT, "current", now)
    return kept


def _key(secret: bytes) -> bytes:
    return hmac.new(secret, _PURPOSE, hashlib.sha256).digest()


def _signature(key: bytes, provider: str, job_id: str) -> str:
    signed = f"{provider}\n{job_id}".encode("utf-8", "surrogatepass")
    return base64.urlsafe_b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode().rstrip("=")
