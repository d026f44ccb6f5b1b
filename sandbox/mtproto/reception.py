"""Takes decrypted packets apart, refuses what breaks the protocol's rules, and passes the rest on."""

from __future__ import annotations

import secrets

from pyrogram import raw
from pyrogram.raw.core import TLObject

from sandbox.mtproto.calls import Calls
from sandbox.mtproto.codec import ENVELOPE, Malformed, Message, contained, is_container, name_of, parse
from sandbox.mtproto.connection import Connection
from sandbox.mtproto.keyring import KeyEntry
from sandbox.mtproto.observers import Kind, Observers
from sandbox.mtproto.rules import BadMsg, Seqno
from sandbox.mtproto.service import ServiceMessages
from sandbox.mtproto.session import Session
from sandbox.rpc import RpcError

_PADDING = range(12, 1025)
_OF_CLOCK = (BadMsg.ID_TOO_LOW, BadMsg.ID_TOO_HIGH)


class Reception:
    """Where every decrypted packet arrives."""

    def __init__(self, calls: Calls, service: ServiceMessages, observers: Observers) -> None:
        self._calls = calls
        self._service = service
        self._observers = observers

    def receive(self, connection: Connection, entry: KeyEntry, plain: bytes) -> None:
        """Handle one packet.

        Raises:
            Malformed: where its lengths do not fit; the connection has to go.
        """
        if len(plain) < ENVELOPE.size:
            raise Malformed("a packet is too short")
        salt, session_id, msg_id, seqno, length = ENVELOPE.unpack_from(plain)
        if length < 4 or length % 4 or len(plain) - ENVELOPE.size - length not in _PADDING:
            raise Malformed("a message's length or padding is out of bounds")
        session = entry.session(session_id)
        connection.carry(entry, session)
        message = Message(msg_id, seqno, plain[ENVELOPE.size : ENVELOPE.size + length])
        bad = session.received.judge_id(msg_id, *session.moments)
        if bad is not None:
            self._refuse(session, message, bad)
        elif salt != entry.salt:
            self._correct_salt(entry, session, message)
        elif is_container(message.body):
            self._take_container(connection, entry, session, message)
        else:
            self._take(connection, entry, session, message)

    def _take_container(
        self, connection: Connection, entry: KeyEntry, session: Session, container: Message
    ) -> None:
        received = session.received
        bad = received.judge_seqno(container.msg_id, container.seqno, Seqno.EVEN)
        if container.msg_id in received:
            bad = BadMsg.CONTAINER_ID_REPEATED
        try:
            messages = list(contained(container.body))
        except Malformed:
            messages, bad = [], bad or BadMsg.INVALID_CONTAINER
        if any(message.msg_id >= container.msg_id for message in messages):
            bad = bad or BadMsg.INVALID_CONTAINER
        if bad is not None:
            self._refuse(session, container, bad)
            return
        received.add(container.msg_id, container.seqno)
        for message in messages:
            bad = received.judge_id(message.msg_id, *session.moments)
            if bad is None:
                self._take(connection, entry, session, message)
            else:
                self._refuse(session, message, bad)

    def _take(self, connection: Connection, entry: KeyEntry, session: Session, message: Message) -> None:
        if message.msg_id in session.received and self._answer_again(session, message):
            return
        try:
            thing = parse(message.body)
        except Malformed:
            session.received.add(message.msg_id, message.seqno)
            error = RpcError(400, "INPUT_CONSTRUCTOR_INVALID")
            self._calls.refuse(session, message, error)
            return
        repeated = message.msg_id in session.received
        demand = self._service.demand(thing)
        if repeated and demand is Seqno.ODD:
            self._refuse(session, message, BadMsg.TOO_OLD_TO_TELL)
            return
        if not repeated:
            bad = session.received.judge_seqno(message.msg_id, message.seqno, demand)
            if bad is not None:
                self._refuse(session, message, bad)
                return
            session.received.add(message.msg_id, message.seqno)
        self._announce(entry, session, message)
        self._pass_on(connection, entry, session, message, thing)

    def _pass_on(
        self, connection: Connection, entry: KeyEntry, session: Session, message: Message, thing: TLObject
    ) -> None:
        if not self._service.handle(connection, entry, session, message.msg_id, thing):
            self._calls.start(connection, entry, session, message, thing)
        elif self._observers:
            kind: Kind = "ack" if isinstance(thing, raw.types.MsgsAck) else "service"
            self._observers.tell(session, message, kind, name_of(thing))

    def _answer_again(self, session: Session, message: Message) -> bool:
        """Answer a call that was received before, without running it again; False where no answer is kept."""
        if message.msg_id in session.running:
            acks = raw.types.MsgsAck(msg_ids=[message.msg_id])
            session.send(acks.write(), content=False, response=False)
            return True
        kept = session.answers.get(message.msg_id)
        if kept is None:
            return False
        session.unacknowledged.take(kept.msg_id)
        session.answers.put(message.msg_id, session.send(kept.body, content=True, response=True))
        return True

    def _announce(self, entry: KeyEntry, session: Session, message: Message) -> None:
        if session.announced:
            return
        session.announced = True
        created = raw.types.NewSessionCreated(
            first_msg_id=message.msg_id, unique_id=secrets.randbits(63), server_salt=entry.salt
        )
        session.send(created.write(), content=True, response=False)

    def _refuse(self, session: Session, message: Message, bad: BadMsg) -> None:
        notification = raw.types.BadMsgNotification(
            bad_msg_id=message.msg_id, bad_msg_seqno=message.seqno, error_code=int(bad)
        ).write()
        if bad in _OF_CLOCK:
            session.send_clock(notification)
        else:
            session.send(notification, content=False, response=True)
        if self._observers:
            self._observers.tell(session, message, "refusal", "?", bad.name)

    def _correct_salt(self, entry: KeyEntry, session: Session, message: Message) -> None:
        correction = raw.types.BadServerSalt(
            bad_msg_id=message.msg_id,
            bad_msg_seqno=message.seqno,
            error_code=int(BadMsg.WRONG_SALT),
            new_server_salt=entry.salt,
        )
        session.send(correction.write(), content=False, response=True)
        if self._observers:
            self._observers.tell(session, message, "refusal", "?", BadMsg.WRONG_SALT.name)
