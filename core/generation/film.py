"""Size and length of a film, read from the beginning of its file, for Telegram to show it as what it is.

Only MP4 and QuickTime files whose index stands before the film tell; nothing is decoded.
Source: ISO/IEC 14496-12, boxes `moov`, `mvhd` and `tkhd`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

ENOUGH = 64 * 1024
"""Bytes in which the index of an ordinary film says what is asked for."""
_LONGEST = 24 * 3600
"""Seconds; what says more is mistaken."""
_FRACTION = 65536


@dataclass(frozen=True, slots=True)
class Film:
    """Width and height in pixels, as it is shown, and the length in seconds; zeros for what is not known."""

    width: int = 0
    height: int = 0
    seconds: float = 0.0


def film_of(head: bytes) -> Film:
    """What the first bytes of a file say of the film in it; they may be anything."""
    try:
        return _read(head)
    except struct.error:
        # Cut off in the middle of what was looked for.
        return Film()


def _read(head: bytes) -> Film:
    seconds, sizes = 0.0, [(0, 0)]
    for name, index in _boxes(head):
        if name != b"moov":
            continue
        for inner, content in _boxes(index):
            if inner == b"mvhd":
                seconds = _seconds(content)
            elif inner == b"trak":
                sizes += [_size(track) for kind, track in _boxes(content) if kind == b"tkhd"]
    width, height = max(sizes)
    return Film(width, height, seconds)


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The boxes that begin in these bytes, by name; the last one may be cut off."""
    position = 0
    while position + 8 <= len(content):
        size, name = struct.unpack_from(">I4s", content, position)
        begin = position + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", content, begin)
            begin += 8
        elif size == 0:
            size = len(content) - position
        if size < begin - position:
            return
        yield name, content[begin : position + size]
        position += size


def _seconds(header: bytes) -> float:
    layout = ">4x16xIQ" if header[:1] == b"\x01" else ">4x8xII"
    scale, length = struct.unpack_from(layout, header)
    return length / scale if scale and length / scale <= _LONGEST else 0.0


def _size(header: bytes) -> tuple[int, int]:
    begin = 52 if header[:1] == b"\x01" else 40
    upright, _, _, turned, *_ = struct.unpack_from(">9i", header, begin)
    width, height = struct.unpack_from(">II", header, begin + 36)
    shown = (width // _FRACTION, height // _FRACTION)
    return shown if upright or not turned else shown[::-1]
