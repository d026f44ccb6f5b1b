"""Which messages of a client are refused, by their ids and sequence numbers."""

from __future__ import annotations

from bisect import bisect_left, insort
from enum import IntEnum

from sandbox.mtproto.wire_time import msg_id_at

_TOO_OLD = 300.0  # seconds
_TOO_NEW = 30.0  # seconds
_REMEMBERED = 4096  # messages


class BadMsg(IntEnum):
    """Why a message is refused, by the numbers of `bad_msg_notification`.

    Source: https://core.telegram.org/mtproto/service_messages_about_messages
    """

    ID_TOO_LOW = 16
    ID_TOO_HIGH = 17
    ID_LOW_BITS = 18
    CONTAINER_ID_REPEATED = 19
    TOO_OLD_TO_TELL = 20
    SEQNO_TOO_LOW = 32
    SEQNO_TOO_HIGH = 33
    SEQNO_ODD = 34
    SEQNO_EVEN = 35
    WRONG_SALT = 48
    INVALID_CONTAINER = 64


class Seqno(IntEnum):
    """What a message's kind demands of its sequence number."""

    ANY = 0
    EVEN = 1
    ODD = 2


class ReceivedLog:
    """The messages that a session has received of late, and the judgement of the next one."""

    def __init__(self) -> None:
        self._order: list[tuple[int, int]] = []  # (msg_id, seqno), ascending
        self._known: set[int] = set()
        self._forgotten = 0

    def __contains__(self, msg_id: int) -> bool:
        return msg_id in self._known

    def judge_id(self, msg_id: int, *moments: float) -> BadMsg | None:
        """Judge a message's id against the server's time; it has to fit one of `moments` (Unix seconds)."""
        if msg_id & 0b11:
            return BadMsg.ID_LOW_BITS
        if all(msg_id < msg_id_at(moment - _TOO_OLD) for moment in moments):
            return BadMsg.ID_TOO_LOW
        if all(msg_id > msg_id_at(moment + _TOO_NEW) for moment in moments):
            return BadMsg.ID_TOO_HIGH
        if msg_id <= self._forgotten:
            return BadMsg.TOO_OLD_TO_TELL
        return None

    def judge_seqno(self, msg_id: int, seqno: int, demand: Seqno) -> BadMsg | None:
        """Judge a new message's sequence number by its kind and by its neighbours in the order of ids."""
        if demand is Seqno.EVEN and seqno % 2:
            return BadMsg.SEQNO_ODD
        if demand is Seqno.ODD and not seqno % 2:
            return BadMsg.SEQNO_EVEN
        order = self._order
        if not order:
            return None
        place = len(order) if msg_id > order[-1][0] else bisect_left(order, (msg_id, seqno))
        if place and seqno < order[place - 1][1] + order[place - 1][1] % 2:
            return BadMsg.SEQNO_TOO_LOW
        if place < len(order) and seqno + seqno % 2 > order[place][1]:
            return BadMsg.SEQNO_TOO_HIGH
        return None

    def add(self, msg_id: int, seqno: int) -> None:
        """Remember a message that was accepted; the oldest make room."""
        self._known.add(msg_id)
        if not self._order or msg_id > self._order[-1][0]:
            self._order.append((msg_id, seqno))
        else:
            insort(self._order, (msg_id, seqno))
        if len(self._order) > _REMEMBERED:
            self._forget_oldest()

    def forget(self, msg_id: int) -> None:
        """Take a message back, as if it had never arrived."""
        self._known.discard(msg_id)
        self._order = [entry for entry in self._order if entry[0] != msg_id]

    def state_of(self, msg_id: int) -> int:
        """The byte of `msgs_state_info`: 1 too old to know, 2 or 3 not received, 4 received."""
        if msg_id in self._known:
            return 4
        if msg_id <= self._forgotten:
            return 1
        return 2 if self._order and msg_id < self._order[-1][0] else 3

    def _forget_oldest(self) -> None:
        # In one go, since taking from a list's front costs its whole length.
        leaving, self._order = self._order[: _REMEMBERED // 4], self._order[_REMEMBERED // 4 :]
        self._forgotten = leaving[-1][0]
        self._known.difference_update(msg_id for msg_id, _ in leaving)
