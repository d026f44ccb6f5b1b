"""Numbers by which Telegram recognises a message that is sent again, made from the key of what is sent."""

from __future__ import annotations

import hashlib


def random_id(key: str) -> int:
    """The `random_id` of a send: the same non-zero signed 64-bit number for the same key, always."""
    number = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "little", signed=True)
    return number or 1
