"""Tells onlookers of the messages that pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from sandbox.mtproto.codec import Message
from sandbox.mtproto.wire_time import WireTime

if TYPE_CHECKING:
    from sandbox.mtproto.session import Session

Kind = Literal["request", "answer", "update", "ack", "service", "refusal"]

_OUTWARD = ("answer", "update")


@dataclass(frozen=True, slots=True)
class WireEvent:
    """One message that passed, or that was refused."""

    time: float
    """Unix time in seconds, by the server's clock."""
    direction: Literal["in", "out"]
    kind: Kind
    connection: int | None
    """The connection's id; None for what waits until its session is connected again."""
    session: str
    """The session's id in hexadecimal."""
    name: str
    """The method's or constructor's name; of an answer, the method that it answers."""
    msg_id: int
    size: int
    """Bytes of the message's body."""
    error: str | None
    user_id: int | None
    body: bytes = field(default=b"", repr=False, compare=False)
    """The message itself, as it passed."""


Observer = Callable[[WireEvent], None]


class Observers:
    """The onlookers; falsy while there is none, so that nothing is built for nobody."""

    def __init__(self, time: WireTime) -> None:
        self._time = time
        self._observers: list[Observer] = []

    def __bool__(self) -> bool:
        return bool(self._observers)

    def add(self, observer: Observer) -> Callable[[], None]:
        """Tell `observer` of everything from now on; the result takes it away again."""
        self._observers.append(observer)

        def remove() -> None:
            if observer in self._observers:
                self._observers.remove(observer)

        return remove

    def tell(
        self, session: Session, message: Message, kind: Kind, name: str, error: str | None = None
    ) -> None:
        """Tell everybody of one message."""
        connection = session.carrier
        event = WireEvent(
            time=self._time.now(),
            direction="out" if kind in _OUTWARD else "in",
            kind=kind,
            connection=connection.id if connection is not None else None,
            session=session.id.hex(),
            name=name,
            msg_id=message.msg_id,
            size=len(message.body),
            error=error,
            user_id=connection.entry.user_id if connection is not None and connection.entry else None,
            body=message.body,
        )
        for observer in list(self._observers):
            observer(event)
