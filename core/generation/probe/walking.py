"""Drives a reader over bytes that come in pieces: it says what it wants next, and gets it in time."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeVar

from core.generation.probe.facts import Found

_ResultT = TypeVar("_ResultT")
Steps = Generator[int, bytes, _ResultT]
"""A reader: it yields how many bytes it wants, or below zero how many it does not, and is sent the former."""

_MOST_STEPS = 4_000_000
"""A file that is cut into more pieces than this is made to waste our time."""
_ALL = 1 << 62


def skip(count: int) -> Steps[None]:
    """Let bytes pass."""
    if count > 0:
        yield -count


def skip_rest() -> Steps[None]:
    """Let everything pass that is still to come."""
    yield -_ALL


class Walk:
    """One reader on its way through one file. It never raises: a reader that is at a loss stops."""

    def __init__(self, reader: Callable[[Found], Steps[None]], found: Found) -> None:
        self._found = found
        self._steps = reader(found)
        self._held = bytearray()
        self._left = _MOST_STEPS
        self._wanted: int | None = 0
        try:
            self._wanted = next(self._steps)
        except StopIteration:
            self._wanted = None

    @property
    def over(self) -> bool:
        """Whether the reader wants to see no more."""
        return self._wanted is None

    def feed(self, chunk: bytes) -> None:
        """Let the reader see what comes next."""
        place = 0
        while self._wanted is not None:
            if self._wanted < 0:
                step = min(-self._wanted, len(chunk) - place)
                self._wanted += step
                place += step
                self._found.position += step
                if self._wanted:
                    return
                self._go_on(b"")
                continue
            piece = chunk[place : place + self._wanted - len(self._held)]
            self._held += piece
            place += len(piece)
            self._found.position += len(piece)
            if len(self._held) < self._wanted:
                return
            read = bytes(self._held)
            self._held.clear()
            self._go_on(read)

    def end(self) -> None:
        """Say that nothing more comes; a reader may draw its conclusions."""
        self._found.ended = True
        self._wanted = None
        self._steps.close()

    def _go_on(self, read: bytes) -> None:
        self._left -= 1
        try:
            self._wanted = self._steps.send(read) if self._left > 0 else None
        except Exception:
            # At its end, or at a loss with a file that is not what it seems: what is known by now must do.
            self._wanted = None
