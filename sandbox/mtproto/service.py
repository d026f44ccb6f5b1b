"""The protocol's own messages: pings, acknowledgements, states, salts, sessions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyrogram import raw
from pyrogram.raw.core import FutureSalt, FutureSalts, TLObject

from sandbox.mtproto.codec import rpc_result
from sandbox.mtproto.connection import Connection
from sandbox.mtproto.keyring import KeyEntry, Keyring
from sandbox.mtproto.rules import Seqno
from sandbox.mtproto.session import Session
from sandbox.mtproto.wire_time import WireTime

_SALT_SECONDS = 3600

_Handler = Callable[["ServiceMessages", Connection, KeyEntry, Session, int, Any], None]


class ServiceMessages:
    """Answers what is not a call of Telegram's API."""

    def __init__(self, keys: Keyring, time: WireTime) -> None:
        self._keys = keys
        self._time = time

    def demand(self, message: TLObject) -> Seqno:
        """What the message's kind demands of its sequence number.

        Clients differ on whether pings and other service requests count as content, so either will do.
        """
        if isinstance(message, (raw.types.MsgsAck, raw.types.HttpWait)):
            return Seqno.EVEN
        return Seqno.ANY if type(message) in _HANDLERS else Seqno.ODD

    def handle(
        self, connection: Connection, entry: KeyEntry, session: Session, msg_id: int, message: TLObject
    ) -> bool:
        """Handle a service message; False where `message` is none."""
        handler = _HANDLERS.get(type(message))
        if handler is None:
            return False
        handler(self, connection, entry, session, msg_id, message)
        return True

    def _ping(self, _c: Connection, _e: KeyEntry, session: Session, msg_id: int, ping: Any) -> None:
        pong = raw.types.Pong(msg_id=msg_id, ping_id=ping.ping_id)
        session.send(pong.write(), content=False, response=True)
        if session.owed_acks:
            # Calls that take longer than the time between two pings are acknowledged beside the pong.
            acks = raw.types.MsgsAck(msg_ids=sorted(session.owed_acks))
            session.owed_acks.clear()
            session.send(acks.write(), content=False, response=False)

    def _ping_delay_disconnect(
        self, connection: Connection, entry: KeyEntry, session: Session, msg_id: int, ping: Any
    ) -> None:
        self._ping(connection, entry, session, msg_id, ping)
        connection.disconnect_in(ping.disconnect_delay)

    def _acks(self, _c: Connection, _e: KeyEntry, session: Session, _msg_id: int, acks: Any) -> None:
        session.acknowledge(acks.msg_ids)

    def _state(self, _c: Connection, _e: KeyEntry, session: Session, msg_id: int, request: Any) -> None:
        # One byte a message; Pyrogram's schema has them as a string.
        states = "".join(chr(session.received.state_of(asked)) for asked in request.msg_ids)
        info = raw.types.MsgsStateInfo(req_msg_id=msg_id, info=states)
        session.send(info.write(), content=True, response=True)

    def _resend(
        self, connection: Connection, entry: KeyEntry, session: Session, msg_id: int, request: Any
    ) -> None:
        found = [session.unacknowledged.get(asked) for asked in request.msg_ids]
        for message in found:
            if message is not None:
                session.redeliver(message)
        if None in found:
            self._state(connection, entry, session, msg_id, request)

    def _salts(self, _c: Connection, entry: KeyEntry, session: Session, msg_id: int, _r: Any) -> None:
        now = int(self._time.now())
        salts = FutureSalts(msg_id, now, [FutureSalt(now, now + _SALT_SECONDS, entry.salt)])
        session.send(salts.write(), content=False, response=True)

    def _drop_answer(self, _c: Connection, _e: KeyEntry, session: Session, msg_id: int, request: Any) -> None:
        asked = request.req_msg_id
        kept = session.answers.get(asked)
        answer: TLObject = raw.types.RpcAnswerUnknown()
        if asked in session.running:
            session.dropped.add(asked)
            answer = raw.types.RpcAnswerDroppedRunning()
        elif kept is not None and session.unacknowledged.take(kept.msg_id) is not None:
            answer = raw.types.RpcAnswerDropped(msg_id=kept.msg_id, seq_no=kept.seqno, bytes=len(kept.body))
        session.send(rpc_result(msg_id, answer), content=True, response=True)

    def _destroy_session(
        self, _c: Connection, entry: KeyEntry, session: Session, _msg_id: int, request: Any
    ) -> None:
        session_id = request.session_id.to_bytes(8, "little", signed=True)
        known = session_id != session.id and entry.sessions.pop(session_id, None) is not None
        kind = raw.types.DestroySessionOk if known else raw.types.DestroySessionNone
        session.send(kind(session_id=request.session_id).write(), content=True, response=True)

    def _destroy_key(self, _c: Connection, entry: KeyEntry, session: Session, msg_id: int, _r: Any) -> None:
        session.send(rpc_result(msg_id, raw.types.DestroyAuthKeyOk()), content=True, response=True)
        self._keys.remove(entry.key.id)

    def _ignore(self, _c: Connection, _e: KeyEntry, _s: Session, _msg_id: int, _m: Any) -> None:
        """Take what needs no answer over TCP."""


_HANDLERS: dict[type[Any], _Handler] = {
    raw.functions.Ping: ServiceMessages._ping,
    raw.functions.PingDelayDisconnect: ServiceMessages._ping_delay_disconnect,
    raw.functions.GetFutureSalts: ServiceMessages._salts,
    raw.functions.RpcDropAnswer: ServiceMessages._drop_answer,
    raw.functions.DestroySession: ServiceMessages._destroy_session,
    raw.functions.DestroyAuthKey: ServiceMessages._destroy_key,
    raw.types.MsgsAck: ServiceMessages._acks,
    raw.types.MsgsStateReq: ServiceMessages._state,
    raw.types.MsgResendReq: ServiceMessages._resend,
    raw.types.MsgsAllInfo: ServiceMessages._ignore,
    raw.types.MsgsStateInfo: ServiceMessages._ignore,
    raw.types.HttpWait: ServiceMessages._ignore,
}
