"""The server's time as message ids carry it."""

from __future__ import annotations

from core.clock import Clock

NOTICEABLE = 5.0
"""How many seconds the server's time may leap before a session is told of it."""


class WireTime:
    """The injected clock's time, made fit for message ids: it never stands still and never goes back.

    A client's own clock runs in real time from the last moment it was told, and it discards messages
    from more than 30 s ahead or 300 s behind. So when the world's clock is held or set back (as tests
    do), the wire's time runs on; when it leaps forward, the wire leaps with it.
    """

    def __init__(self, clock: Clock, line_clock: Clock) -> None:
        self._clock = clock
        self._line = line_clock
        self._offset = clock.now().timestamp() - line_clock.monotonic()

    def now(self) -> float:
        """Unix time in seconds."""
        running = self._line.monotonic()
        self._offset = max(self._offset, self._clock.now().timestamp() - running)
        return self._offset + running

    @property
    def offset(self) -> float:
        """Seconds between the line's clock and `now`; grows when the time leaps."""
        return self._offset


def msg_id_at(moment: float) -> int:
    """The message id of a Unix time in seconds, its two low bits clear."""
    return int(moment * 2**32) & ~0b11
