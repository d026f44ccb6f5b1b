"""Keeps of a passing video what its first picture is decoded from: its beginning, and its index."""

from __future__ import annotations

from core.media.stills import Piece

KEPT = 4 * 1024 * 1024
"""Bytes of a video's beginning that are kept."""
_BEHIND_INDEX = 2 * 1024 * 1024
"""Bytes that are kept behind an index which takes up all of the beginning."""


class Keeper:
    """Sees a video go by; what it keeps does not grow with the file."""

    def __init__(self, *, needs_index: bool) -> None:
        self._needs_index = needs_index
        self._head = bytearray()
        self._behind = bytearray()
        self._index: Piece | None = None
        self._seen = 0

    @property
    def ready(self) -> bool:
        """Whether nothing that passes later is kept."""
        if self._needs_index and self._index is None:
            return False
        behind = len(self._behind) >= _BEHIND_INDEX if self._is_large_index() else True
        return len(self._head) >= KEPT and behind

    def see(self, chunk: bytes, index: Piece | None) -> None:
        """Look at what comes next; `index` is known as soon as its last byte is in `chunk`."""
        self._head += chunk[: KEPT - len(self._head)]
        self._index = index
        if index is not None and self._is_large_index():
            begin = max(0, index.offset + len(index.data) - self._seen)
            self._behind += chunk[begin : begin + _BEHIND_INDEX - len(self._behind)]
        self._seen += len(chunk)

    def pieces(self) -> tuple[Piece, ...]:
        """What was kept, in order; nothing where the index is missing."""
        index = self._index
        if self._needs_index and index is None:
            return ()
        head = Piece(0, bytes(self._head))
        if index is None or index.offset + len(index.data) <= len(head.data):
            return (head,)
        if not self._behind:
            return (head, index)
        return (head, index, Piece(index.offset + len(index.data), bytes(self._behind)))

    def _is_large_index(self) -> bool:
        """Whether an index begins in the beginning and ends behind it."""
        index = self._index
        return index is not None and index.offset < KEPT <= index.offset + len(index.data)
