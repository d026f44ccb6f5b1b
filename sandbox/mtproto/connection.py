"""One TCP connection: framing, encryption, batching, and the faults of its line."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Literal

from core.clock import Clock
from sandbox.faults import Faults, Subject
from sandbox.mtproto.cipher import CipherError
from sandbox.mtproto.codec import ENVELOPE, Malformed, Message, pack_container
from sandbox.mtproto.handshake import Handshake, HandshakeError, pack_plain
from sandbox.mtproto.keyring import KeyEntry, Keyring
from sandbox.mtproto.line import SlowLine
from sandbox.mtproto.session import Role, Session
from sandbox.mtproto.transports import Transport, TransportViolation, detect_transport
from sandbox.mtproto.wire_time import WireTime, msg_id_at

_log = logging.getLogger(__name__)

_INLINE = 32 * 1024
"""Up to how many bytes a packet is en- and decrypted on the event loop; above, in a thread."""
_ALONE = 16 * 1024  # bytes of a body that goes into no container
_CONTAINER = 64 * 1024  # bytes
_CONTAINED = 100  # messages
_UNREAD = 64 * 1024 * 1024
"""Bytes that a client may leave unread before its connection is dropped."""
_KEY_NOT_FOUND = (-404).to_bytes(4, "little", signed=True)


@dataclass(frozen=True, slots=True)
class ConnectionInfo:
    """A connection as onlookers see it."""

    id: int
    transport: str | None
    user_id: int | None
    session: str | None
    """The session's id in hexadecimal, None before its first message."""
    role: Literal["main", "media"]


@dataclass(frozen=True, slots=True)
class Wiring:
    """What all connections of a server share."""

    keys: Keyring
    faults: Faults
    time: WireTime
    line_clock: Clock
    executor: Executor
    receive: Callable[[Connection, KeyEntry, bytes], None]
    """Takes each decrypted packet; raises `Malformed` where the connection has to go."""


class Connection:
    """One client's connection; `serve` runs until it ends."""

    def __init__(
        self,
        number: int,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        wiring: Wiring,
        handshake: Handshake,
    ) -> None:
        self.id = number
        self.entry: KeyEntry | None = None
        self.session: Session | None = None
        self._reader = reader
        self._writer = writer
        self._wiring = wiring
        self._handshake = handshake
        self._transport: Transport | None = None
        self._carried: set[Session] = set()
        self._queue: list[tuple[KeyEntry, Session, Message]] = []
        self._sealing: asyncio.Task[None] | None = None
        self._waiting: deque[tuple[KeyEntry, bytes]] = deque()
        self._line_in = SlowLine(wiring.line_clock, self._accept)
        self._line_out = SlowLine(wiring.line_clock, self._put_out)
        self._last_plain_id = 0
        self._disconnect_at: float | None = None
        self._watch: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def info(self) -> ConnectionInfo:
        """The connection as it is now."""
        return ConnectionInfo(
            id=self.id,
            transport=self._transport.name if self._transport else None,
            user_id=self.entry.user_id if self.entry else None,
            session=self.session.id.hex() if self.session else None,
            role="media" if self._media else "main",
        )

    @property
    def subject(self) -> Subject:
        """The connection as faults look for it."""
        return Subject(self.id, self._media, self.entry.user_id if self.entry else None)

    @property
    def _media(self) -> bool:
        return self.session is not None and self.session.role is Role.MEDIA

    async def serve(self) -> None:
        """Read packets until the connection ends."""
        try:
            self._transport = await detect_transport(self._reader)
            while not self._closed:
                await self._take(await self._transport.read(self._reader))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        except (TransportViolation, HandshakeError, CipherError, Malformed) as error:
            _log.info("connection %d is dropped: %s", self.id, error)
        except Exception:
            _log.exception("connection %d is dropped", self.id)
        finally:
            self.abort()

    def abort(self) -> None:
        """Break the connection at once; what is not yet sent is lost with it."""
        if self._closed:
            return
        self._closed = True
        for session in self._carried:
            if session.carrier is self:
                session.detach()
        self._carried.clear()
        self._queue.clear()
        self._waiting.clear()
        self._line_in.close()
        self._line_out.close()
        for task in (self._watch, self._sealing):
            if task is not None:
                task.cancel()
        self._writer.transport.abort()

    def carry(self, entry: KeyEntry, session: Session) -> None:
        """Become the connection of `session`, and send again what its client has not acknowledged."""
        self.entry, self.session = entry, session
        if session.carrier is self:
            return
        self._carried.add(session)
        for message in session.attach(self, lambda message: self._deliver(entry, session, message)):
            self._emit(entry, session, message)

    def disconnect_in(self, seconds: float) -> None:
        """Break the connection in `seconds`, unless asked again before."""
        self._disconnect_at = self._wiring.line_clock.monotonic() + seconds
        if self._watch is None:
            self._watch = asyncio.get_running_loop().create_task(self._watch_pings())

    async def _watch_pings(self) -> None:
        clock = self._wiring.line_clock
        while self._disconnect_at is not None:
            left = self._disconnect_at - clock.monotonic()
            if left <= 0:
                self._watch = None
                self.abort()
                return
            await clock.sleep(left)

    async def _take(self, packet: bytes) -> None:
        faults = self._wiring.faults
        plan = None
        if faults.of_packets:
            if faults.cuts(self.subject):
                self.abort()
                return
            plan = faults.plan_packet(self.subject)
        if plan is None and not self._line_in.busy:
            await self._accept(packet)
        else:
            self._line_in.put(packet, plan)
            await self._line_in.room()

    async def _accept(self, packet: bytes) -> None:
        if packet[:8] == bytes(8):
            self._write(pack_plain(self._plain_id(), self._handshake.answer(packet)))
            return
        entry = self._wiring.keys.get(packet[:8])
        if entry is None:
            self._write(_KEY_NOT_FOUND)
            self._close_after_writing()
            return
        if len(packet) <= _INLINE:
            plain = entry.key.open(packet)
        else:
            loop = asyncio.get_running_loop()
            plain = await loop.run_in_executor(self._wiring.executor, entry.key.open, packet)
        if not self._closed:
            self._wiring.receive(self, entry, plain)

    def _plain_id(self) -> int:
        self._last_plain_id = max(msg_id_at(self._wiring.time.now()), self._last_plain_id + 4)
        return self._last_plain_id | 0b01

    def _deliver(self, entry: KeyEntry, session: Session, message: Message) -> None:
        if not self._queue:
            asyncio.get_running_loop().call_soon(self._flush)
        self._queue.append((entry, session, message))

    def _flush(self) -> None:
        """Send what has gathered during one turn of the event loop, small messages in containers."""
        queue, self._queue = self._queue, []
        batch: list[Message] = []
        size = 0
        for place, (entry, session, message) in enumerate(queue):
            batch.append(message)
            size += len(message.body)
            following = queue[place + 1] if place + 1 < len(queue) else None
            if (
                following is None
                or following[1] is not session
                or size + len(following[2].body) > _CONTAINER
                or max(len(message.body), len(following[2].body)) > _ALONE
                or len(batch) == _CONTAINED
            ):
                self._emit_batch(entry, session, batch)
                batch, size = [], 0

    def _emit_batch(self, entry: KeyEntry, session: Session, batch: list[Message]) -> None:
        if len(batch) == 1:
            self._emit(entry, session, batch[0])
        else:
            self._emit(entry, session, session.compose(pack_container(batch), content=False, response=False))

    def _emit(self, entry: KeyEntry, session: Session, message: Message) -> None:
        head = ENVELOPE.pack(entry.salt, session.id, message.msg_id, message.seqno, len(message.body))
        plain = head + message.body
        if self._sealing is not None:
            self._waiting.append((entry, plain))
        elif len(plain) <= _INLINE:
            self._write(entry.key.seal(plain))
        else:
            self._waiting.append((entry, plain))
            self._sealing = asyncio.get_running_loop().create_task(self._seal_waiting())

    async def _seal_waiting(self) -> None:
        # One after another, since a packet may not overtake the one before it.
        loop = asyncio.get_running_loop()
        while self._waiting:
            entry, plain = self._waiting.popleft()
            self._write(await loop.run_in_executor(self._wiring.executor, entry.key.seal, plain))
        self._sealing = None

    def _write(self, packet: bytes) -> None:
        if self._transport is None or self._closed:
            return
        framed = self._transport.frame(packet)
        faults = self._wiring.faults
        plan = faults.plan_packet(self.subject) if faults.of_packets else None
        if plan is not None or self._line_out.busy:
            self._line_out.put(framed, plan)
            return
        self._send(framed)

    async def _put_out(self, framed: bytes) -> None:
        self._send(framed)

    def _send(self, framed: bytes) -> None:
        self._writer.write(framed)
        if self._writer.transport.get_write_buffer_size() > _UNREAD:
            _log.info("connection %d is dropped: its client reads too slowly", self.id)
            self.abort()

    def _close_after_writing(self) -> None:
        self._writer.close()
