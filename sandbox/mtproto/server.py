"""The MTProto server: listens on loopback and joins clients to the API."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count

from pyrogram.raw.core import TLObject

from core.clock import Clock, SystemClock
from core.telegram.endpoint import Endpoint
from sandbox.faults import Faults, Subject
from sandbox.mtproto.calls import Calls
from sandbox.mtproto.codec import name_of
from sandbox.mtproto.connection import Connection, ConnectionInfo, Wiring
from sandbox.mtproto.handshake import Handshake
from sandbox.mtproto.keyring import ExportedKey, KeyEntry, Keyring, new_salt
from sandbox.mtproto.keys import ServerKey
from sandbox.mtproto.observers import Observer, Observers
from sandbox.mtproto.reception import Reception
from sandbox.mtproto.service import ServiceMessages
from sandbox.mtproto.session import Session
from sandbox.mtproto.wire_time import WireTime
from sandbox.rpc import Api

_READ_AHEAD = 2 * 1024 * 1024  # bytes that a connection buffers


class MTProtoServer:
    """Serves `api` to MTProto clients, and is the `Wire` by which the world reaches them.

    `clock` is the world's time, by which message ids are made and judged. `line_clock` is the time of
    the line itself: delays, bandwidth, the time limits of pings. It is real time unless a test hands in
    its own, since the clients on the other end live in real time.
    """

    def __init__(
        self,
        api: Api,
        *,
        key: ServerKey | None = None,
        clock: Clock | None = None,
        line_clock: Clock | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        faults: Faults | None = None,
    ) -> None:
        self.key = key or ServerKey.development()
        self.faults = faults or Faults()
        self._line_clock = line_clock or SystemClock()
        self._host = host
        self._port = port
        self._time = WireTime(clock or SystemClock(), self._line_clock)
        self._keys = Keyring(self._time)
        self._observers = Observers(self._time)
        self._calls = Calls(api, self.faults, self._line_clock, self._observers)
        service = ServiceMessages(self._keys, self._time)
        self._reception = Reception(self._calls, service, self._observers)
        self._numbers = count(1)
        self._listener: asyncio.Server | None = None
        self._executor: ThreadPoolExecutor | None = None
        self._serving: dict[Connection, asyncio.Task[None]] = {}
        self._came_or_went = asyncio.Event()

    async def start(self) -> None:
        """Listen; afterwards `endpoint` is known. After `stop`, the same port is listened on again.

        Raises:
            OSError: where the address is taken.
        """
        executor = ThreadPoolExecutor(min(4, os.cpu_count() or 1), thread_name_prefix="mtproto")
        wiring = Wiring(
            keys=self._keys,
            faults=self.faults,
            time=self._time,
            line_clock=self._line_clock,
            executor=executor,
            receive=self._reception.receive,
        )
        self._listener = await asyncio.start_server(
            partial(self._connected, wiring), self._host, self._port, limit=_READ_AHEAD
        )
        self._executor = executor
        self._port = self._listener.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening, break all connections, cancel all calls; keys and sessions are kept."""
        listener, self._listener = self._listener, None
        if listener is None:
            return
        listener.close()
        for connection in list(self._serving):
            connection.abort()
        waiting = [*self._serving.values(), *self._calls.stop()]
        await asyncio.gather(*waiting, return_exceptions=True)
        await listener.wait_closed()
        if self._executor is not None:
            self._executor.shutdown(wait=False)

    @property
    def endpoint(self) -> Endpoint:
        """Where clients find this server, and by which key they know it."""
        return self.key.endpoint(self._host, self._port)

    @property
    def connections(self) -> tuple[ConnectionInfo, ...]:
        """The connections that are open now."""
        return tuple(connection.info for connection in self._serving)

    async def connections_are(self, fitting: Callable[[tuple[ConnectionInfo, ...]], bool]) -> None:
        """Wait until the connections that are open fit; they are looked at whenever one came or went."""
        while not fitting(self.connections):
            self._came_or_went.clear()
            await self._came_or_went.wait()

    def drop_connections(self, predicate: Callable[[ConnectionInfo], bool] = lambda _: True) -> int:
        """Break the connections that fit, and say how many they were."""
        chosen = [connection for connection in self._serving if predicate(connection.info)]
        for connection in chosen:
            connection.abort()
        return len(chosen)

    def on_event(self, callback: Observer) -> Callable[[], None]:
        """Tell `callback` of every message that passes; the result ends that."""
        return self._observers.add(callback)

    def rotate_salts(self) -> None:
        """Make all server salts invalid, as Telegram does from time to time."""
        for entry in self._keys:
            entry.salt = new_salt()

    def export_keys(self) -> list[ExportedKey]:
        """The auth keys and the accounts they are logged in to, as plain values that JSON can hold."""
        return self._keys.export()

    def import_keys(self, exported: list[ExportedKey]) -> None:
        """Add what `export_keys` gave, so that clients need not log in again.

        Raises:
            ValueError: where a key is malformed.
        """
        self._keys.load(exported)

    def log_in(self, auth_key_id: bytes, user_id: int) -> None:
        """Bind an auth key to an account; its sessions' later calls carry `user_id`.

        Raises:
            KeyError: where the key is unknown.
        """
        self._keys.bind(auth_key_id, user_id)

    def log_out(self, auth_key_id: bytes) -> None:
        """Unbind an auth key."""
        self._keys.unbind(auth_key_id)

    def push(self, user_id: int, updates: TLObject, *, besides: bytes | None = None) -> int:
        """Send `updates` to the main session of every auth key of the account but `besides`.

        Returns to how many connected sessions they went; where there is none, they are dropped and the
        client has to ask for the difference.
        """
        targets = self._listening(user_id, besides)
        body = updates.write() if targets else b""
        for entry, session in targets:
            self._push_to(entry, session, name_of(updates), body)
        return len(targets)

    def listens(self, user_id: int, *, besides: bytes | None = None) -> bool:
        """Whether `push` would reach anybody: updates for nobody need not be made."""
        return bool(self._listening(user_id, besides))

    def _listening(self, user_id: int, besides: bytes | None) -> list[tuple[KeyEntry, Session]]:
        entries = [entry for entry in self._keys.of_user(user_id) if entry.key.id != besides]
        sessions = ((entry, entry.main_session()) for entry in entries)
        return [(entry, session) for entry, session in sessions if session is not None]

    def _push_to(self, entry: KeyEntry, session: Session, name: str, body: bytes) -> None:
        carrier = session.carrier
        number = carrier.id if carrier is not None else None

        def deliver() -> None:
            if session.carrier is None:
                return
            sent = session.send(body, content=True, response=False)
            if self._observers:
                self._observers.tell(session, sent, "update", name)

        self.faults.route_update(Subject(number, False, entry.user_id), deliver)

    def _connected(self, wiring: Wiring, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handshake = Handshake(self.key, self._time.now, self._keys.add)
        connection = Connection(next(self._numbers), reader, writer, wiring, handshake)
        task = asyncio.get_running_loop().create_task(connection.serve())
        self._serving[connection] = task
        self._came_or_went.set()
        task.add_done_callback(lambda _: self._gone(connection))

    def _gone(self, connection: Connection) -> None:
        self._serving.pop(connection, None)
        self._came_or_went.set()
