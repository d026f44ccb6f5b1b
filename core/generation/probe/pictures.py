"""Reads PNG, GIF, WebP and JPEG files: how large the picture is, and whether it moves.

Sources: the PNG specification (third edition), GIF89a, RFC 9649 (WebP), ITU-T T.81 (JPEG).
"""

from __future__ import annotations

import struct

from core.generation.probe.facts import Found
from core.generation.probe.walking import Steps, skip

_MARKERS_OF_SIZE = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset((0x01, *range(0xD0, 0xD9)))
"""Markers of JPEG that nothing belongs to."""
_SCAN, _EXIF, _FILL = 0xDA, 0xE1, 0xFF
_ORIENTATION = 0x0112
_LYING = range(5, 9)
"""Orientations that show a picture turned by a quarter."""
_EXTENSION, _IMAGE = 0x21, 0x2C
_CONTROL = 0xF9
_ANIMATION = 0x02
_HUNDREDTHS = 100
_THOUSANDTHS = 1000


def read_png(found: Found) -> Steps[None]:
    """A picture that has `acTL` before its first data moves."""
    yield 8
    while True:
        size, name = struct.unpack(">I4s", (yield 8))
        if name == b"IHDR":
            header = yield size
            found.width, found.height = struct.unpack_from(">II", header)
            yield from skip(4)
        elif name == b"acTL":
            frames = struct.unpack(">I", (yield 4))[0]
            found.animated = frames > 1
            return
        elif name == b"IDAT":
            return
        else:
            yield from skip(size + 4)


def read_gif(found: Found) -> Steps[None]:
    """All pictures of it are counted, with how long each is shown."""
    _, found.width, found.height, flags, _ = struct.unpack("<6sHHB2s", (yield 13))
    yield from skip(_table(flags))
    pictures = hundredths = 0
    while True:
        kind = (yield 1)[0]
        if kind == _IMAGE:
            flags = (yield 9)[8]
            yield from skip(_table(flags) + 1)
            pictures += 1
            found.animated = pictures > 1
        elif kind == _EXTENSION:
            label = (yield 1)[0]
            if label == _CONTROL:
                # A picture without a time of its own is shown for a tenth of a second by everybody.
                hundredths += int.from_bytes((yield 5)[2:4], "little") or 10
        else:
            return
        while size := (yield 1)[0]:
            yield from skip(size)
        if found.animated:
            found.duration = hundredths / _HUNDREDTHS


def read_webp(found: Found) -> Steps[None]:
    """The frames of one that moves are followed to its end."""
    yield 12
    thousandths = 0
    while True:
        name, size = struct.unpack("<4sI", (yield 8))
        padded = size + size % 2
        if name == b"VP8X":
            header = yield padded
            found.animated = bool(header[0] & _ANIMATION)
            found.width, found.height = (1 + _triple(header, place) for place in (4, 7))
            if not found.animated:
                return
        elif name == b"ANMF":
            header = yield 16
            thousandths += _triple(header, 12)
            found.duration = thousandths / _THOUSANDTHS
            yield from skip(padded - 16)
        elif name == b"VP8 ":
            header = yield 10
            found.width, found.height = (side & 0x3FFF for side in struct.unpack_from("<HH", header, 6))
            return
        elif name == b"VP8L":
            (bits,) = struct.unpack_from("<I", (yield 5), 1)
            found.width, found.height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
            return
        else:
            yield from skip(padded)


def read_jpeg(found: Found) -> Steps[None]:
    """The picture is as large as it is shown: turned as its camera says."""
    yield 2
    lying = False
    while True:
        mark, marker = yield 2
        while mark == _FILL == marker:
            marker = (yield 1)[0]
        if mark != _FILL or marker == _SCAN:
            return
        if marker in _ALONE:
            continue
        size = int.from_bytes((yield 2), "big") - 2
        if marker in _MARKERS_OF_SIZE:
            height, width = struct.unpack_from(">HH", (yield 5), 1)
            found.width, found.height = (height, width) if lying else (width, height)
            return
        if marker == _EXIF:
            lying = lying or _is_lying((yield size))
        else:
            yield from skip(size)


def _table(flags: int) -> int:
    """Bytes of a table of colours."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _triple(content: bytes, place: int) -> int:
    return int.from_bytes(content[place : place + 3], "little")


def _is_lying(segment: bytes) -> bool:
    """Whether an EXIF segment says that the picture is shown turned by a quarter."""
    if segment[:6] != b"Exif\0\0":
        return False
    exif = segment[6:]
    order = "<" if exif[:2] == b"II" else ">"
    (start,) = struct.unpack_from(f"{order}I", exif, 4)
    if start + 2 > len(exif):
        return False
    (count,) = struct.unpack_from(f"{order}H", exif, start)
    for number in range(count):
        place = start + 2 + 12 * number
        if place + 12 > len(exif):
            return False
        tag, _, _, value = struct.unpack_from(f"{order}HHIH", exif, place)
        if tag == _ORIENTATION:
            return value in _LYING
    return False
