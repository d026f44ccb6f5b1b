"""How packets are cut out of a TCP stream: abridged, intermediate, padded intermediate, full."""

from __future__ import annotations

import asyncio
import os
import struct
from binascii import crc32
from typing import Protocol

MAX_PACKET = 2 * 1024 * 1024
"""The largest packet that is accepted, in bytes; Telegram's own limit on a message is half of it."""

_TRANSPORT_ERROR_BELOW = 24  # bytes; nothing encrypted is that short


class TransportViolation(Exception):
    """Bytes that fit no transport, or a packet of impossible length."""


class Transport(Protocol):
    """One way of framing packets."""

    name: str

    async def read(self, reader: asyncio.StreamReader) -> bytes:
        """The next packet.

        Raises:
            asyncio.IncompleteReadError: where the stream ends.
            TransportViolation: where the frame is malformed.
        """
        ...

    def frame(self, packet: bytes) -> bytes:
        """`packet` as it goes into the stream."""
        ...


async def detect_transport(reader: asyncio.StreamReader) -> Transport:
    """Tell the transport by the first bytes of the stream, which are consumed.

    Raises:
        asyncio.IncompleteReadError: where the stream ends before it can be told.
        TransportViolation: where the bytes belong to no supported transport.
    """
    first = await reader.readexactly(1)
    if first == b"\xef":
        return Abridged()
    first += await reader.readexactly(3)
    if first == b"\xee" * 4:
        return Intermediate()
    if first == b"\xdd" * 4:
        return PaddedIntermediate()
    length = int.from_bytes(first, "little")
    if length % 4 == 0 and 12 <= length <= MAX_PACKET:
        return Full(length)
    raise TransportViolation("the first bytes belong to no supported transport")


class Abridged:
    """One byte (or `7f` and three) of length in words, then the packet."""

    name = "abridged"

    async def read(self, reader: asyncio.StreamReader) -> bytes:
        """The next packet; see `Transport`."""
        words = (await reader.readexactly(1))[0]
        if words == 0x7F:
            words = int.from_bytes(await reader.readexactly(3), "little")
        elif words > 0x7F:
            raise TransportViolation("quick acknowledgements are not served")
        return await reader.readexactly(_checked(words * 4))

    def frame(self, packet: bytes) -> bytes:
        """`packet` as it goes into the stream."""
        words = len(packet) // 4
        return (bytes((words,)) if words < 0x7F else b"\x7f" + words.to_bytes(3, "little")) + packet


class Intermediate:
    """Four bytes of length, then the packet."""

    name = "intermediate"

    async def read(self, reader: asyncio.StreamReader) -> bytes:
        """The next packet; see `Transport`."""
        return await reader.readexactly(_checked(int.from_bytes(await reader.readexactly(4), "little")))

    def frame(self, packet: bytes) -> bytes:
        """`packet` as it goes into the stream."""
        return len(packet).to_bytes(4, "little") + packet


class PaddedIntermediate:
    """As intermediate, with up to 15 random bytes after the packet."""

    name = "padded intermediate"

    async def read(self, reader: asyncio.StreamReader) -> bytes:
        """The next packet without its padding; see `Transport`."""
        packet = await reader.readexactly(_checked(int.from_bytes(await reader.readexactly(4), "little")))
        if packet[:8] == bytes(8) or len(packet) < _TRANSPORT_ERROR_BELOW:
            return packet
        return packet[: len(packet) - (len(packet) - 24) % 16]

    def frame(self, packet: bytes) -> bytes:
        """`packet` as it goes into the stream, padded unless it is a bare transport error."""
        padding = b"" if len(packet) < _TRANSPORT_ERROR_BELOW else os.urandom(os.urandom(1)[0] & 0x0F)
        return (len(packet) + len(padding)).to_bytes(4, "little") + packet + padding


class Full:
    """Length, running number and CRC-32 around each packet."""

    name = "full"

    def __init__(self, first_length: int) -> None:
        self._first_length: int | None = first_length
        self._received = 0
        self._sent = 0

    async def read(self, reader: asyncio.StreamReader) -> bytes:
        """The next packet; see `Transport`."""
        length, self._first_length = self._first_length, None
        if length is None:
            length = int.from_bytes(await reader.readexactly(4), "little")
        rest = await reader.readexactly(_checked(length) - 4)
        number, checksum = int.from_bytes(rest[:4], "little"), int.from_bytes(rest[-4:], "little")
        if number != self._received or crc32(length.to_bytes(4, "little") + rest[:-4]) != checksum:
            raise TransportViolation("wrong packet number or checksum")
        self._received += 1
        return rest[4:-4]

    def frame(self, packet: bytes) -> bytes:
        """`packet` as it goes into the stream."""
        framed = struct.pack("<II", len(packet) + 12, self._sent) + packet
        self._sent += 1
        return framed + struct.pack("<I", crc32(framed))


def _checked(length: int) -> int:
    if not 4 <= length <= MAX_PACKET:
        raise TransportViolation(f"a packet of {length} bytes")
    return length
