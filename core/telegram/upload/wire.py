"""A part of a file as it goes over the wire, written and encrypted with as few copies as there can be.

Pyrogram writes a part twice (once only to learn its length) and copies it some ten times on its way, half
of that on the event loop. Source of the formats: https://core.telegram.org/mtproto/description and
https://core.telegram.org/method/upload.saveBigFilePart.
"""

from __future__ import annotations

import os
import struct
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from pyrogram.crypto import mtproto
from pyrogram.raw import functions as F
from pyrogram.raw.core import TLObject

from core.telegram.upload.ige import ige256_encrypt

PART = 512 * 1024
"""Bytes of a part; Telegram takes no larger ones."""
_ENVELOPE = struct.Struct("<q8sqii")
_SMALL = struct.Struct("<IIqi")
_BIG = struct.Struct("<IIqii")
_SHORT = 254
_BLOCK = 16
_LEAST_PADDING = 12
_NICENESS = 5
"""By how much the threads that encrypt stand back; 0 is equal, 19 the most."""
_LARGEST_FREED = 30 * 1024 * 1024
_OVERHEAD = 256  # bytes of a message beside its part


class FilePart(TLObject):
    """`upload.saveFilePart` that brings no updates: a part of a file of at most 10 MiB."""

    __slots__ = ("_head", "_tail", "data")
    QUALNAME = F.upload.SaveFilePart.QUALNAME

    def __init__(self, file_id: int, number: int, data: bytes) -> None:
        self.data = data
        length = bytes((len(data),)) if len(data) < _SHORT else b"\xfe" + len(data).to_bytes(3, "little")
        self._head = self._call(file_id, number) + length
        self._tail = bytes(-(len(length) + len(data)) % 4)

    def _call(self, file_id: int, number: int) -> bytes:
        return _SMALL.pack(F.InvokeWithoutUpdates.ID, F.upload.SaveFilePart.ID, file_id, number)

    def __len__(self) -> int:
        return len(self._head) + len(self.data) + len(self._tail)

    def __bool__(self) -> bool:
        return True

    def pieces(self) -> tuple[bytes, bytes, bytes]:
        """The serialised call, in pieces."""
        return self._head, self.data, self._tail

    def write(self, *args: Any) -> bytes:
        """The serialised call."""
        return b"".join(self.pieces())


class BigFilePart(FilePart):
    """`upload.saveBigFilePart`: a part of a bigger file; `total` is -1 while it is not known."""

    __slots__ = ("_total",)
    QUALNAME = F.upload.SaveBigFilePart.QUALNAME

    def __init__(self, file_id: int, number: int, data: bytes, total: int) -> None:
        self._total = total
        super().__init__(file_id, number, data)

    def _call(self, file_id: int, number: int) -> bytes:
        method = F.upload.SaveBigFilePart.ID
        return _BIG.pack(F.InvokeWithoutUpdates.ID, method, file_id, number, self._total)


@dataclass(frozen=True, slots=True)
class SealedPart:
    """An encrypted message: the id of the auth key and the message key, and what is encrypted."""

    head: bytes
    body: memoryview

    def __len__(self) -> int:
        return len(self.head) + len(self.body)

    def joined(self) -> bytes:
        """The message in one piece."""
        return b"".join((self.head, self.body))


class _Room(threading.local):
    """What one thread encrypts from: memory that is new for each part costs more than the copying."""

    def __init__(self) -> None:
        self.bytes = bytearray(PART + _OVERHEAD)


_room = _Room()


def seal_part(message: Any, salt: int, session_id: bytes, auth_key: bytes, auth_key_id: bytes) -> SealedPart:
    """What `pyrogram.crypto.mtproto.pack` does, for a message that carries a `FilePart`."""
    length = _ENVELOPE.size + message.length
    padding = os.urandom(-(length + _LEAST_PADDING) % _BLOCK + _LEAST_PADDING)
    room, end = _room.bytes, 0
    head = _ENVELOPE.pack(salt, session_id, message.msg_id, message.seq_no, message.length)
    for piece in (head, *message.body.pieces(), padding):
        room[end : end + len(piece)] = piece
        end += len(piece)
    with memoryview(room)[:end] as plain:
        digest = sha256(auth_key[88:120])
        digest.update(plain)
        msg_key = digest.digest()[8:24]
        body = ige256_encrypt(plain, *mtproto.kdf(auth_key, msg_key, True))
    return SealedPart(auth_key_id + msg_key, body)


@cache
def crypto_threads() -> ThreadPoolExecutor:
    """The threads that encrypt parts, whatever the number of connections: one for two cores.

    One encrypts more than the event loop can send; a core for each would leave none to the event loop. The
    first call starts one: whoever starts a thread waits until it runs, which is long on a busy machine.
    """
    _keep_freed_memory()
    threads = ThreadPoolExecutor(
        max(1, (os.cpu_count() or 1) // 2), thread_name_prefix="part-crypto", initializer=_let_others_pass
    )
    threads.submit(int)
    return threads


def _let_others_pass() -> None:
    """Give this thread's core to the event loop when both want it. Only Linux has priorities of threads.

    Source: setpriority(2), "C library/kernel differences".
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


def _keep_freed_memory() -> None:
    """Let the C library keep the memory of parts for the next ones.

    By default glibc gives half a mebibyte back to the system as soon as it is free, and a fifth of the time
    that a part takes is spent in page faults. How large a piece it keeps follows the largest that was ever
    freed, up to 32 MiB; this one is never touched, so it costs nothing. Other C libraries are not impressed.

    Source: mallopt(3), M_MMAP_THRESHOLD.
    """
    bytes(_LARGEST_FREED)
