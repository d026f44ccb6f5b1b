"""MTProto 2.0 encryption, seen from the server's side."""

from __future__ import annotations

import hashlib
import hmac
import os

from pyrogram.crypto import aes

_BLOCK = 16
_MIN_PADDING = 12
_HEADER = 24  # auth_key_id (8) and msg_key (16)


class CipherError(Exception):
    """A packet that was not encrypted with the auth key it names, or was tampered with."""


class AuthKey:
    """A 2048-bit key shared with one client.

    Source: https://core.telegram.org/mtproto/description#protocol-description
    """

    __slots__ = ("data", "id")

    def __init__(self, data: bytes) -> None:
        self.data = data
        # It names the key and guards nothing.
        self.id = hashlib.sha1(data, usedforsecurity=False).digest()[-8:]

    def open(self, packet: bytes) -> bytes:
        """Decrypt a client's packet: salt, session id, message header, message, padding.

        Raises:
            CipherError: where the length is no multiple of the block or `msg_key` does not match.
        """
        if len(packet) <= _HEADER or (len(packet) - _HEADER) % _BLOCK:
            raise CipherError("the encrypted part is not made of whole blocks")
        msg_key = packet[8:_HEADER]
        plain = aes.ige256_decrypt(packet[_HEADER:], *self._key_and_iv(msg_key, 0))
        if not hmac.compare_digest(self._msg_key(plain, 88), msg_key):
            raise CipherError("msg_key does not match")
        return bytes(plain)

    def seal(self, plain: bytes) -> bytes:
        """Pad and encrypt `plain` (salt, session id, message header, message) for the client."""
        plain += os.urandom(-(len(plain) + _MIN_PADDING) % _BLOCK + _MIN_PADDING)
        msg_key = self._msg_key(plain, 96)
        return self.id + msg_key + bytes(aes.ige256_encrypt(plain, *self._key_and_iv(msg_key, 8)))

    def _msg_key(self, plain: bytes, offset: int) -> bytes:
        digest = hashlib.sha256(self.data[offset : offset + 32])
        digest.update(plain)
        return digest.digest()[8:24]

    def _key_and_iv(self, msg_key: bytes, x: int) -> tuple[bytes, bytes]:
        a = hashlib.sha256(msg_key + self.data[x : x + 36]).digest()
        b = hashlib.sha256(self.data[x + 40 : x + 76] + msg_key).digest()
        return a[:8] + b[8:24] + a[24:], b[:8] + a[8:24] + b[24:]
