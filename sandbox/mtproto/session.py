"""One MTProto session: what it received, what it sent and was not acknowledged, what it is for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from pyrogram import raw

from sandbox.mtproto.codec import Message
from sandbox.mtproto.rules import ReceivedLog
from sandbox.mtproto.wire_time import NOTICEABLE, WireTime, msg_id_at

if TYPE_CHECKING:
    import asyncio

    from sandbox.mtproto.connection import Connection

_MAX_KEPT = 1024  # messages
_MAX_KEPT_BYTES = 8 * 1024 * 1024
_KEPT_SECONDS = 240.0
"""How long a message waits for its acknowledgement; Pyrogram discards what is older than 300 s."""


class Role(IntEnum):
    """What a session is for, as its calls so far show; the greater, the better it fits for updates.

    Pyrogram opens a session of the same auth key for media, which calls nothing but `upload.*`; a client
    without updates wraps all its calls in `invokeWithoutUpdates`; only the main session calls
    `updates.getState`. Every session begins with `initConnection(help.getConfig)`, which tells nothing.
    """

    UNKNOWN = 0
    QUIET = 1
    MEDIA = 2
    ORDINARY = 3
    SUBSCRIBED = 4

    @classmethod
    def shown_by(cls, method: str, *, without_updates: bool) -> Role:
        """The role that a call of `method` speaks for."""
        if without_updates:
            return cls.QUIET
        if method == "help.GetConfig":
            return cls.UNKNOWN
        if method.startswith("upload."):
            return cls.MEDIA
        return cls.SUBSCRIBED if method.startswith("updates.") else cls.ORDINARY


class Kept:
    """Bodies by message id, bounded in number and bytes; the oldest make room."""

    __slots__ = ("_messages", "_size")

    def __init__(self) -> None:
        self._messages: OrderedDict[int, Message] = OrderedDict()
        self._size = 0

    def put(self, key: int, message: Message) -> None:
        """Keep `message` under `key`."""
        self.take(key)
        self._messages[key] = message
        self._size += len(message.body)
        while len(self._messages) > _MAX_KEPT or (self._size > _MAX_KEPT_BYTES and len(self._messages) > 1):
            self._size -= len(self._messages.popitem(last=False)[1].body)

    def take(self, key: int) -> Message | None:
        """Remove and return what is kept under `key`."""
        message = self._messages.pop(key, None)
        if message is not None:
            self._size -= len(message.body)
        return message

    def get(self, key: int) -> Message | None:
        """What is kept under `key`."""
        return self._messages.get(key)

    def younger_than(self, msg_id: int) -> list[Message]:
        """Drop the messages with ids below `msg_id` and return the rest, in order of their ids."""
        for key in [key for key, message in self._messages.items() if message.msg_id < msg_id]:
            self.take(key)
        return sorted(self._messages.values())


class Session:
    """One session of an auth key; it outlives the connections that carry it.

    `carrier` is the connection that carries it now, `running` the calls that are not yet answered,
    `dropped` those of them whose answer nobody wants, `owed_acks` those not yet acknowledged.
    """

    def __init__(self, session_id: bytes, born: int, time: WireTime) -> None:
        self.id = session_id
        self.born = born
        self.role = Role.UNKNOWN
        self.layer = 0
        self.details: dict[str, Any] = {}
        self.received = ReceivedLog()
        self.announced = False
        self.unacknowledged = Kept()
        self.answers = Kept()
        self.running: dict[int, asyncio.Task[None]] = {}
        self.dropped: set[int] = set()
        self.owed_acks: set[int] = set()
        self.carrier: Connection | None = None
        self._deliver: Callable[[Message], None] | None = None
        self._time = time
        self._told = self._told_before = time.offset
        self._content_sent = 0
        self._last_msg_id = 0

    @property
    def moments(self) -> tuple[float, float, float]:
        """The server's time, what the client was told last, and before that (Unix seconds).

        What a client sent before it heard of the clock's last leap is under way for a while after it.
        """
        now = self._time.now()
        running = now - self._time.offset
        return now, running + self._told, running + self._told_before

    def send(self, body: bytes, *, content: bool, response: bool) -> Message:
        """Send a message, now or (with `content`) when the session is connected again; return it.

        A message with `content` is kept until the client acknowledges it; `response` says that it
        answers one of the client's.
        """
        self._tell_time(content)
        message = self.compose(body, content=content, response=response)
        if content:
            self.unacknowledged.put(message.msg_id, message)
        self.redeliver(message)
        return message

    def compose(self, body: bytes, *, content: bool, response: bool) -> Message:
        """Number a message without sending it."""
        msg_id = msg_id_at(self._time.now()) | (0b01 if response else 0b11)
        if msg_id <= self._last_msg_id:
            msg_id = (self._last_msg_id & ~0b11) + 4 | (msg_id & 0b11)
        self._last_msg_id = msg_id
        seqno = self._content_sent * 2 + content
        self._content_sent += content
        return Message(msg_id, seqno, body)

    def send_clock(self, body: bytes) -> Message:
        """Send a message with sequence number 0, from which Pyrogram takes the server's time."""
        message = self.compose(body, content=False, response=True)._replace(seqno=0)
        if self._told != self._time.offset:
            self._told_before, self._told = self._told, self._time.offset
        self.redeliver(message)
        return message

    def acknowledge(self, msg_ids: list[int]) -> None:
        """Forget the messages that the client has received."""
        for msg_id in msg_ids:
            self.unacknowledged.take(msg_id)

    def redeliver(self, message: Message) -> None:
        """Send a composed message over the present connection, if there is one."""
        if self._deliver is not None:
            self._deliver(message)

    def attach(self, carrier: Connection, deliver: Callable[[Message], None]) -> list[Message]:
        """Carry the session over a new connection; return what has to be sent again, ahead of all else.

        They are the messages that were not acknowledged, oldest first and with the ids they had: Pyrogram
        drops those it has seen, and discards a message older than all it received on a connection.
        """
        self.carrier, self._deliver = carrier, deliver
        believed = min(self.moments)
        return self.unacknowledged.younger_than(msg_id_at(believed - _KEPT_SECONDS))

    def detach(self) -> None:
        """Be without a connection."""
        self.carrier = self._deliver = None

    def _tell_time(self, content: bool) -> None:
        self._time.now()
        if self._content_sent == 0 and not content:
            self._told = self._time.offset
        elif self._time.offset - self._told > NOTICEABLE:
            self.send_clock(raw.types.Pong(msg_id=0, ping_id=0).write())
