"""Keeps of a passing video what its first picture is decoded from: its beginning, and its index."""

from __future__ import annotations

from core.generation.probe.lending import Loan
from core.media.stills import Piece

KEPT = 4 * 1024 * 1024
"""Bytes of a video's beginning that are kept."""
_BEHIND_INDEX = 2 * 1024 * 1024
"""Bytes that are kept behind an index which takes up all of the beginning."""


class Keeper:
    """Sees a video go by; what it keeps does not grow with the file, and is less while memory is short."""

    def __init__(self, loan: Loan, *, needs_index: bool) -> None:
        self._needs_index = needs_index
        self._head = _Kept(loan, KEPT)
        self._behind = _Kept(loan, _BEHIND_INDEX)
        self._index: Piece | None = None
        self._seen = 0

    @property
    def ready(self) -> bool:
        """Whether nothing that passes later is kept."""
        if self._needs_index and self._index is None:
            return False
        return self._head.full and (self._behind.full or not self._is_large_index())

    def see(self, chunk: bytes, index: Piece | None) -> None:
        """Look at what comes next; `index` is known as soon as its last byte is in `chunk`."""
        self._head.add(chunk)
        self._index = index
        if index is not None and self._is_large_index():
            self._behind.add(chunk[max(0, index.offset + len(index.data) - self._seen) :])
        self._seen += len(chunk)

    def pieces(self) -> tuple[Piece, ...]:
        """What was kept, in order; nothing where the index is missing."""
        index = self._index
        if self._needs_index and index is None:
            return ()
        head = Piece(0, bytes(self._head.data))
        if index is None or index.offset + len(index.data) <= len(head.data):
            return (head,)
        if not self._behind.data:
            return (head, index)
        return (head, index, Piece(index.offset + len(index.data), bytes(self._behind.data)))

    def _is_large_index(self) -> bool:
        """Whether an index begins in the beginning and ends behind it."""
        index = self._index
        return index is not None and index.offset < self._head.most <= index.offset + len(index.data)


class _Kept:
    """The first bytes of a stretch: `most` of them, or as many as are lent."""

    def __init__(self, loan: Loan, most: int) -> None:
        self._loan = loan
        self.most = most
        self.data = bytearray()

    @property
    def full(self) -> bool:
        return len(self.data) >= self.most

    def add(self, chunk: bytes) -> None:
        wanted = min(len(chunk), self.most - len(self.data))
        lent = self._loan.take(wanted)
        self.data += chunk[:lent]
        if lent < wanted:
            # What comes after a gap is of no use.
            self.most = len(self.data)
