"""The exchange in which a client and the server agree on an auth key."""

from __future__ import annotations

import secrets
import struct
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha1
from io import BytesIO

from pyrogram import raw
from pyrogram.crypto import aes, prime
from pyrogram.raw.core import TLObject

from sandbox.mtproto.cipher import AuthKey
from sandbox.mtproto.codec import Malformed, parse
from sandbox.mtproto.keys import ServerKey, random_prime

_HEADER = struct.Struct("<qqi")
_DH_PRIME = int(prime.CURRENT_DH_PRIME)
_GENERATOR = 3
# Short numbers: this key protects nothing, and tests log in often. Telegram's pq has 63 bits.
_FACTOR_BITS = 20
_EXPONENT_BITS = 256
_SAFE_MARGIN = 2 ** (2048 - 64)


class HandshakeError(Exception):
    """A step out of order, with a wrong nonce or a wrong digest."""


@dataclass(slots=True)
class _Exchange:
    nonce: int
    server_nonce: int
    p: int
    q: int
    new_nonce: bytes = b""
    exponent: int = 0
    aes_key: bytes = b""
    aes_iv: bytes = b""


class Handshake:
    """One connection's way to an auth key.

    `now` gives the server's Unix time in seconds, `keep` stores a finished key and is told whether it
    is new (an id that is taken makes the client try once more).

    Source: https://core.telegram.org/mtproto/auth_key
    """

    def __init__(self, key: ServerKey, now: Callable[[], float], keep: Callable[[AuthKey], bool]) -> None:
        self._key = key
        self._now = now
        self._keep = keep
        self._exchange: _Exchange | None = None

    def answer(self, packet: bytes) -> TLObject:
        """Answer an unencrypted packet.

        Raises:
            HandshakeError: where the packet is not the exchange's next step.
        """
        query = _read_plain(packet)
        if isinstance(query, (raw.functions.ReqPqMulti, raw.functions.ReqPq)):
            return self._offer_pq(query.nonce)
        exchange = self._exchange
        if exchange is None:
            raise HandshakeError("the exchange has not begun")
        if (query.nonce, query.server_nonce) != (exchange.nonce, exchange.server_nonce):
            raise HandshakeError("a nonce does not match")
        if isinstance(query, raw.functions.ReqDHParams):
            return self._offer_dh(exchange, query)
        return self._finish(exchange, query)

    def _offer_pq(self, nonce: int) -> TLObject:
        p = random_prime(_FACTOR_BITS)
        q = random_prime(_FACTOR_BITS)
        while q == p:
            q = random_prime(_FACTOR_BITS)
        server_nonce = int.from_bytes(secrets.token_bytes(16), "little", signed=True)
        self._exchange = _Exchange(nonce, server_nonce, min(p, q), max(p, q))
        return raw.types.ResPQ(
            nonce=nonce,
            server_nonce=server_nonce,
            pq=(p * q).to_bytes(8, "big"),
            server_public_key_fingerprints=[self._key.fingerprint],
        )

    def _offer_dh(self, exchange: _Exchange, query: raw.functions.ReqDHParams) -> TLObject:
        self._learn_new_nonce(exchange, query)
        nonces = exchange.server_nonce.to_bytes(16, "little", signed=True)
        exchange.aes_key, exchange.aes_iv = _temporary_key(exchange.new_nonce, nonces)
        exchange.exponent = secrets.randbits(_EXPONENT_BITS)
        inner = raw.types.ServerDHInnerData(
            nonce=exchange.nonce,
            server_nonce=exchange.server_nonce,
            g=_GENERATOR,
            dh_prime=_DH_PRIME.to_bytes(256, "big"),
            g_a=pow(_GENERATOR, exchange.exponent, _DH_PRIME).to_bytes(256, "big"),
            server_time=int(self._now()),
        ).write()
        signed = _sha1(inner) + inner
        signed += secrets.token_bytes(-len(signed) % 16)
        return raw.types.ServerDHParamsOk(
            nonce=exchange.nonce,
            server_nonce=exchange.server_nonce,
            encrypted_answer=aes.ige256_encrypt(signed, exchange.aes_key, exchange.aes_iv),
        )

    def _learn_new_nonce(self, exchange: _Exchange, query: raw.functions.ReqDHParams) -> None:
        factors = (int.from_bytes(query.p, "big"), int.from_bytes(query.q, "big"))
        if factors != (exchange.p, exchange.q) or query.public_key_fingerprint != self._key.fingerprint:
            raise HandshakeError("wrong factors or an unknown key")
        try:
            data = self._key.decrypt(query.encrypted_data)[1:]
            inner = _read_signed(data)
        except ValueError as error:
            raise HandshakeError(str(error)) from error
        if not isinstance(inner, (raw.types.PQInnerData, raw.types.PQInnerDataDc)):
            raise HandshakeError("not p_q_inner_data")
        if (inner.nonce, inner.server_nonce) != (exchange.nonce, exchange.server_nonce):
            raise HandshakeError("a nonce does not match")
        exchange.new_nonce = inner.new_nonce.to_bytes(32, "little", signed=True)

    def _finish(self, exchange: _Exchange, query: raw.functions.SetClientDHParams) -> TLObject:
        if not exchange.exponent or len(query.encrypted_data) % 16:
            raise HandshakeError("the exchange has not come so far")
        inner = _read_signed(aes.ige256_decrypt(query.encrypted_data, exchange.aes_key, exchange.aes_iv))
        if not isinstance(inner, raw.types.ClientDHInnerData):
            raise HandshakeError("not client_DH_inner_data")
        if (inner.nonce, inner.server_nonce) != (exchange.nonce, exchange.server_nonce):
            raise HandshakeError("a nonce does not match")
        g_b = int.from_bytes(inner.g_b, "big")
        if not _SAFE_MARGIN < g_b < _DH_PRIME - _SAFE_MARGIN:
            raise HandshakeError("g_b is out of range")
        key = AuthKey(pow(g_b, exchange.exponent, _DH_PRIME).to_bytes(256, "big"))
        nonces = {"nonce": exchange.nonce, "server_nonce": exchange.server_nonce}
        if not self._keep(key):
            return raw.types.DhGenRetry(**nonces, new_nonce_hash2=_nonce_hash(exchange.new_nonce, 2, key))
        self._exchange = None
        return raw.types.DhGenOk(**nonces, new_nonce_hash1=_nonce_hash(exchange.new_nonce, 1, key))


def pack_plain(msg_id: int, answer: TLObject) -> bytes:
    """An unencrypted packet for the client."""
    body: bytes = answer.write()
    return _HEADER.pack(0, msg_id, len(body)) + body


def _read_plain(packet: bytes) -> TLObject:
    if len(packet) < _HEADER.size + 4:
        raise HandshakeError("an unencrypted packet is too short")
    _, msg_id, length = _HEADER.unpack_from(packet)
    if msg_id & 0b11 or not 0 < length <= len(packet) - _HEADER.size:
        raise HandshakeError("an unencrypted packet has a wrong id or length")
    try:
        query = parse(packet[_HEADER.size : _HEADER.size + length])
    except Malformed as error:
        raise HandshakeError(str(error)) from error
    steps = (
        raw.functions.ReqPqMulti,
        raw.functions.ReqPq,
        raw.functions.ReqDHParams,
        raw.functions.SetClientDHParams,
    )
    if not isinstance(query, steps):
        raise HandshakeError("only the auth-key exchange goes unencrypted")
    return query


def _read_signed(data: bytes) -> TLObject:
    stream = BytesIO(data)
    digest = stream.read(20)
    try:
        inner: TLObject = TLObject.read(stream)
    except Exception as error:  # the generated readers raise whatever a bad byte leads them to
        raise HandshakeError("not a TL object") from error
    if _sha1(data[20 : stream.tell()]) != digest:
        raise HandshakeError("the digest does not match")
    return inner


def _temporary_key(new_nonce: bytes, server_nonce: bytes) -> tuple[bytes, bytes]:
    forth = _sha1(new_nonce + server_nonce)
    back = _sha1(server_nonce + new_nonce)
    twice = _sha1(new_nonce + new_nonce)
    return forth + back[:12], back[12:] + twice + new_nonce[:4]


def _sha1(data: bytes) -> bytes:
    return sha1(data).digest()  # noqa: S324 - the protocol's own


def _nonce_hash(new_nonce: bytes, number: int, key: AuthKey) -> int:
    auxiliary = _sha1(key.data)[:8]
    digest = _sha1(new_nonce + bytes((number,)) + auxiliary)
    return int.from_bytes(digest[4:], "little", signed=True)
