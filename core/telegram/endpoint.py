"""Which Telegram a client talks to: the real one, or another server that speaks MTProto."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from typing import Any

from pyrogram.connection import Connection
from pyrogram.crypto import rsa


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Address and public RSA key of an MTProto server that is not Telegram's own.

    `modulus` and `exponent` are the numbers of the server's RSA public key, with which the client
    encrypts the first step of the auth-key exchange.
    """

    host: str
    port: int
    modulus: int
    exponent: int = 65537

    @property
    def fingerprint(self) -> int:
        """The key's fingerprint: the low 64 bits of SHA-1 over the TL-serialised modulus and exponent.

        Source: https://core.telegram.org/mtproto/auth_key, "RSA public key fingerprint".
        """
        modulus = self.modulus.to_bytes((self.modulus.bit_length() + 7) // 8, "big")
        exponent = self.exponent.to_bytes((self.exponent.bit_length() + 7) // 8, "big")
        # It names the key and guards nothing.
        name = hashlib.sha1(_tl_bytes(modulus) + _tl_bytes(exponent), usedforsecurity=False)
        fingerprint: int = struct.unpack("<q", name.digest()[-8:])[0]
        return fingerprint

    def connection_factory(self) -> type[Any]:
        """A `Connection` class for `Client(connection_factory=...)` that always goes to this server."""
        endpoint = self

        class _EndpointConnection(Connection):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                self.server_address, self.port, self.ipv6 = endpoint.host, endpoint.port, False

        return _EndpointConnection

    def trust(self) -> None:
        """Add the server's key to those Pyrogram accepts; needed once in a process."""
        rsa.server_public_keys[self.fingerprint] = rsa.PublicKey(self.modulus, self.exponent)


def _tl_bytes(value: bytes) -> bytes:
    """`value` as the TL type `bytes`: a length, the bytes, zeros up to a multiple of four."""
    head = bytes([len(value)]) if len(value) < 254 else b"\xfe" + len(value).to_bytes(3, "little")
    return head + value + b"\0" * (-(len(head) + len(value)) % 4)
