"""A Telegram that only takes parts of files, for the benchmark of uploads, in a process of its own.

Of each part it decrypts the head alone (IGE decrypts a prefix), remembers which part it was and throws the
rest away as it comes, so that the client is what is measured. Each answer leaves one round trip after the
last byte of its call has come.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from io import BytesIO
from typing import Any

from pyrogram import raw
from pyrogram.crypto import aes
from pyrogram.raw.core import Long

from bench.pacing import Line
from sandbox.mtproto.cipher import AuthKey
from sandbox.mtproto.codec import ENVELOPE, parse, rpc_result, unwrap
from sandbox.mtproto.wire_time import msg_id_at

USER_ID = 4242
DC_ID = 2
_HEAD = 24 + 128
_SHORT = 16 * 1024  # bytes up to which a packet is read as a whole
_ROOM = 1024 * 1024
_SLACK = 0.002  # seconds
_EPOCH = time.time() - time.monotonic()
_WITHOUT_UPDATES: int = raw.functions.InvokeWithoutUpdates.ID
_PARTS: dict[int, type[Any]] = {
    raw.functions.upload.SaveFilePart.ID: raw.functions.upload.SaveFilePart,
    raw.functions.upload.SaveBigFilePart.ID: raw.functions.upload.SaveBigFilePart,
}


class HeadKey(AuthKey):
    """An auth key that can open the beginning of a packet."""

    def open_head(self, packet: bytes) -> bytes:
        """The first bytes of a client's packet, decrypted; whether it was tampered with is not known."""
        return bytes(aes.ige256_decrypt(packet[24:], *self._key_and_iv(packet[8:24], 0)))


class Sink:
    """What all connections share. `rate` is bytes a second, `parts` are the numbers that came, by file."""

    def __init__(self, key: HeadKey, round_trip: float, rate: float = 0.0) -> None:
        self.key = key
        self.round_trip = round_trip
        self.line = Line(rate)
        self.address = ("127.0.0.1", 0)
        self.parts: dict[int, set[int]] = defaultdict(set)
        self.count = 0

    def answer(self, packet: bytes, send: Callable[[bytes, bytes, bool], None]) -> None:
        """Answer one packet, of which only the head may be there."""
        if len(packet) == _HEAD:
            plain = self.key.open_head(packet)
            body = plain[ENVELOPE.size :]
        else:
            plain = self.key.open(packet)
            body = plain[ENVELOPE.size : ENVELOPE.size + ENVELOPE.unpack_from(plain)[4]]
        _, session, msg_id, _, _ = ENVELOPE.unpack_from(plain)
        if self._take_part(body):
            send(session, rpc_result(msg_id, True), True)
            return
        thing = parse(body)
        if isinstance(thing, raw.functions.Ping | raw.functions.PingDelayDisconnect):
            send(session, raw.types.Pong(msg_id=msg_id, ping_id=thing.ping_id).write(), False)
        elif not isinstance(thing, raw.types.MsgsAck):
            send(session, rpc_result(msg_id, self._result(unwrap(thing).query)), True)

    def _take_part(self, body: bytes) -> bool:
        source = BytesIO(body)
        method = int.from_bytes(source.read(4), "little")
        if method == _WITHOUT_UPDATES:
            method = int.from_bytes(source.read(4), "little")
        if method not in _PARTS:
            return False
        file_id = Long.read(source)
        self.parts[file_id].add(int.from_bytes(source.read(4), "little"))
        self.count += 1
        return True

    def _result(self, query: Any) -> Any:
        if isinstance(query, raw.functions.help.GetConfig):
            return _config(*self.address)
        if isinstance(query, raw.functions.messages.SendMedia):
            return raw.types.Updates(updates=[], users=[], chats=[], date=0, seq=0)
        if isinstance(query, raw.functions.users.GetUsers):
            return [raw.types.User(id=USER_ID, first_name="Bench", bot=True, usernames=[])]
        return True


class SinkConnection(asyncio.BufferedProtocol):
    """One connection, over the abridged transport."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._room = memoryview(bytearray(_ROOM))
        self._head = bytearray()
        self._begun = False
        self._left = 0
        self._length = 0
        self._sent = 0
        self._last_id = 0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._room

    def buffer_updated(self, nbytes: int) -> None:
        self._slow_down(nbytes)
        place = 0
        if not self._begun:
            self._begun, place = True, 1
        while place < nbytes:
            if not self._length:
                place = self._read_length(place)
                continue
            taken = min(self._left, nbytes - place)
            wanted = self._length if self._length <= _SHORT else _HEAD
            kept = min(taken, wanted - len(self._head))
            if kept > 0:
                self._head += self._room[place : place + kept]
            place += taken
            self._left -= taken
            if not self._left:
                self._finish()

    def _slow_down(self, nbytes: int) -> None:
        """Read no faster than the line, which all connections share, would bring it."""
        wait = self._sink.line.wait(nbytes)
        if wait > _SLACK and self._transport is not None:
            self._transport.pause_reading()
            asyncio.get_running_loop().call_later(wait, self._resume)

    def _resume(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def _read_length(self, place: int) -> int:
        self._head.append(self._room[place])
        if self._head[0] < 0x7F:
            self._length = 4 * self._head[0]
        elif len(self._head) == 4:
            self._length = 4 * int.from_bytes(self._head[1:], "little")
        if self._length:
            self._left = self._length
            self._head.clear()
        return place + 1

    def _finish(self) -> None:
        packet = bytes(self._head)
        self._head.clear()
        self._length = 0
        asyncio.get_running_loop().call_later(self._sink.round_trip, self._sink.answer, packet, self._send)

    def _send(self, session: bytes, body: bytes, content: bool) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        now = asyncio.get_running_loop().time() + _EPOCH
        self._last_id = max(msg_id_at(now) + 1, self._last_id + 4)
        seqno = 2 * self._sent + content
        self._sent += content
        plain = ENVELOPE.pack(1, session, self._last_id, seqno, len(body)) + body
        packet = self._sink.key.seal(plain)
        words = len(packet) // 4
        length = bytes((words,)) if words < 0x7F else b"\x7f" + words.to_bytes(3, "little")
        self._transport.write(length + packet)


def _config(host: str, port: int) -> Any:
    known = {
        "date": 0,
        "expires": 0,
        "test_mode": False,
        "this_dc": DC_ID,
        "dc_options": [raw.types.DcOption(id=DC_ID, ip_address=host, port=port)],
        "dc_txt_domain_name": "",
        "me_url_prefix": "",
    }
    parameters = inspect.signature(raw.types.Config.__init__).parameters.items()
    required = [name for name, each in parameters if name != "self" and each.default is each.empty]
    return raw.types.Config(**dict.fromkeys(required, 0) | known)


async def serve(orders: dict[str, Any], told: Callable[[dict[str, Any]], None]) -> None:
    """Run a sink until standard input ends; `told` gets its port and, at the end, what came."""
    sink = Sink(HeadKey(bytes.fromhex(orders["auth_key"])), orders["round_trip"], orders.get("rate", 0.0))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SinkConnection(sink), "127.0.0.1", 0)
    sink.address = server.sockets[0].getsockname()[:2]
    told({"port": sink.address[1]})
    ended = asyncio.Event()
    # A thread, as a pipe that a test replaced may be no pipe.
    threading.Thread(
        target=lambda: (sys.stdin.read(), loop.call_soon_threadsafe(ended.set)), daemon=True
    ).start()
    await ended.wait()
    server.close()
    told({"files": [len(parts) for parts in sink.parts.values()], "parts": sink.count})


def _tell(said: dict[str, Any]) -> None:
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(json.loads(sys.stdin.readline()), _tell))
