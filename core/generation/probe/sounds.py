"""Reads MP3, AAC, OGG, WAV and FLAC files: how long they sound, and what they say of themselves.

Sources: ISO/IEC 11172-3 and 13818-3, the Xing and VBRI headers, ID3v2.3 and 2.4, ISO/IEC 13818-7 (ADTS),
RFC 3533 (Ogg), RFC 7845 (Opus), the Vorbis I specification, RFC 9639 (FLAC), RIFF/WAVE.
"""

from __future__ import annotations

import struct

from core.generation.probe.facts import Found
from core.generation.probe.walking import Steps, skip

_MOST_TAGS = 1024 * 1024
_MOST_GARBAGE = 64 * 1024
"""Bytes between the frames of a sound after which it is taken for none."""
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
"""Samples a second by MPEG version: 3 is MPEG-1, 2 is MPEG-2, 0 is MPEG-2.5."""
_BITRATES = {
    (True, 3): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 1): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 3): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 1): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""Thousands of bits a second by whether it is MPEG-1, and the layer's bits: 3 is layer I, 1 is layer III."""
_AAC_RATES = (
    96_000,
    88_200,
    64_000,
    48_000,
    44_100,
    32_000,
    24_000,
    22_050,
    16_000,
    12_000,
    11_025,
    8_000,
    7_350,
)
_AAC_SAMPLES = 1024
_ENCODINGS = ("latin-1", "utf-16", "utf-16-be", "utf-8")
_TITLE, _PERFORMER = b"TIT2", b"TPE1"
_OPUS_RATE = 48_000
_NO_GRANULE = 0xFFFFFFFFFFFFFFFF
_UNKNOWN_SIZE = (0, 0xFFFFFFFF)


def read_mp3(found: Found) -> Steps[None]:
    """With a Xing or VBRI header the length is known at once; without one all frames are counted."""
    found.sound = "mp3"
    start = yield 4
    if start[:3] == b"ID3":
        start = yield from _read_id3(start, found)
    seconds, frames, garbage = 0.0, 0, 0
    while garbage < _MOST_GARBAGE:
        frame = _mp3_frame(start)
        if frame is None:
            garbage += 1
            start = start[1:] + (yield 1)
            continue
        length, samples, rate = frame
        body = (yield length - 4) if not frames else b""
        if count := _announced_frames(body):
            found.duration = count * samples / rate
            return
        yield from skip(length - 4 - len(body))
        frames += 1
        seconds += samples / rate
        found.duration = seconds
        start = yield 4


def read_aac(found: Found) -> Steps[None]:
    """All frames are counted: nothing else tells."""
    found.sound = "aac"
    seconds = 0.0
    while True:
        head = yield 7
        length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
        if head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or length < 7:
            return
        seconds += _AAC_SAMPLES * (1 + (head[6] & 3)) / _AAC_RATES[head[2] >> 2 & 15]
        found.duration = seconds
        yield from skip(length - 7)


def read_ogg(found: Found) -> Steps[None]:
    """The last page of a sound says how long it is."""
    rates: dict[bytes, tuple[int, int]] = {}
    found.mime_type = "audio/ogg"
    while True:
        magic, _, kind, granule, serial, _, _, count = struct.unpack("<4sBBQ4sIIB", (yield 27))
        if magic != b"OggS":
            return
        size = sum((yield count))
        begins, known = bool(kind & 2), rates.get(serial)
        if begins:
            rates[serial] = _ogg_stream((yield size), found)
            continue
        if known and found.sound and not granule and size <= _MOST_TAGS:
            _read_comments((yield size), found)
            continue
        if known and known[0] and granule != _NO_GRANULE:
            found.duration = max(found.duration, (granule - known[1]) / known[0])
        yield from skip(size)


def read_wav(found: Found) -> Steps[None]:
    """One that was written as a stream does not know its length: then all that comes is counted."""
    yield 12
    a_second = 0
    while True:
        name, size = struct.unpack("<4sI", (yield 8))
        if name == b"fmt ":
            layout = yield size + size % 2
            kind, _, _, a_second = struct.unpack_from("<HHII", layout)
            found.sound = "pcm" if kind in (1, 3, 0xFFFE) else f"wav-{kind}"
        elif name == b"data" and a_second and size in _UNKNOWN_SIZE:
            begin = found.position
            try:
                while True:
                    yield -a_second
            finally:
                found.duration = (found.position - begin) / a_second
        elif name == b"data" and a_second:
            found.duration = size / a_second
            return
        else:
            yield from skip(size + size % 2)


def read_flac(found: Found) -> Steps[None]:
    """Its first block tells how long it is, a later one what it is."""
    found.sound = "flac"
    yield 4
    last = False
    while not last:
        head = yield 4
        last, kind, size = bool(head[0] & 0x80), head[0] & 0x7F, int.from_bytes(head[1:], "big")
        if kind == 0:
            bits = int.from_bytes((yield size)[10:18], "big")
            rate, samples = bits >> 44, bits & (1 << 36) - 1
            found.duration = samples / rate
        elif kind == 4 and size <= _MOST_TAGS:
            _read_vorbis_comment((yield size), found)
        else:
            yield from skip(size)


def _read_id3(start: bytes, found: Found) -> Steps[bytes]:
    """Read or pass the tag; answers the bytes behind it."""
    head = start + (yield 6)
    size = _seven_bits(head[6:10])
    if size > _MOST_TAGS:
        yield from skip(size)
    else:
        _read_frames((yield size), head[3], found)
    return (yield 4)


def _read_frames(tag: bytes, version: int, found: Found) -> None:
    place = 0
    while version in (3, 4) and place + 10 <= len(tag) and tag[place]:
        name = tag[place : place + 4]
        size = tag[place + 4 : place + 8]
        length = _seven_bits(size) if version == 4 else int.from_bytes(size, "big")
        content = tag[place + 10 : place + 10 + length]
        if name in (_TITLE, _PERFORMER) and content[0] < len(_ENCODINGS):
            text = content[1:].decode(_ENCODINGS[content[0]], "replace").strip("\0\ufeff ")
            if name == _TITLE:
                found.title = text
            else:
                found.performer = text
        place += 10 + length


def _seven_bits(content: bytes) -> int:
    size = 0
    for each in content:
        size = size << 7 | each & 0x7F
    return size


def _mp3_frame(head: bytes) -> tuple[int, int, int] | None:
    """Bytes, samples, and samples a second of the frame that begins so; None if none does."""
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bitrate, rate = head[2] >> 4, head[2] >> 2 & 3
    if head[0] != 0xFF or head[1] < 0xE0 or version == 1 or not layer or bitrate in (0, 15) or rate == 3:
        return None
    first = version == 3
    bits, hertz = _BITRATES[first, layer][bitrate - 1] * 1000, _RATES[version][rate]
    padding = head[2] >> 1 & 1
    if layer == 3:
        return (12 * bits // hertz + padding) * 4, 384, hertz
    samples = 1152 if layer == 2 or first else 576
    return samples // 8 * bits // hertz + padding, samples, hertz


def _announced_frames(body: bytes) -> int:
    """How many frames a file says that it has, in what looks like its first one; zero if it does not."""
    for name, flags, place in ((b"Xing", 4, 8), (b"Info", 4, 8), (b"VBRI", 0, 14)):
        begin = body.find(name, 0, 64)
        if begin < 0:
            continue
        if flags and not body[begin + 7] & 1:
            continue
        return int.from_bytes(body[begin + place : begin + place + 4], "big")
    return 0


def _ogg_stream(head: bytes, found: Found) -> tuple[int, int]:
    """Samples a second of a stream that begins so, and how many of them are not heard; zeros for a video."""
    if head.startswith(b"OpusHead"):
        found.sound = "opus"
        return _OPUS_RATE, int.from_bytes(head[10:12], "little")
    if head.startswith(b"\x01vorbis"):
        found.sound = "vorbis"
        return int.from_bytes(head[12:16], "little"), 0
    if head.startswith(b"\x7fFLAC"):
        found.sound = "flac"
        return int.from_bytes(head[27:30], "big") >> 4, 0
    if head.startswith(b"\x80theora"):
        found.codec, found.mime_type = "theora", "video/ogg"
        found.width, found.height = (int.from_bytes(head[place : place + 3], "big") for place in (14, 17))
    return 0, 0


def _read_comments(page: bytes, found: Found) -> None:
    for name in (b"OpusTags", b"\x03vorbis"):
        if page.startswith(name):
            _read_vorbis_comment(page[len(name) :], found)


def _read_vorbis_comment(content: bytes, found: Found) -> None:
    place = 4 + int.from_bytes(content[:4], "little")
    count = int.from_bytes(content[place : place + 4], "little")
    place += 4
    for _ in range(min(count, 1000)):
        length = int.from_bytes(content[place : place + 4], "little")
        if place + 4 + length > len(content):
            return
        name, _, value = content[place + 4 : place + 4 + length].decode("utf-8", "replace").partition("=")
        if name.casefold() == "title":
            found.title = value
        elif name.casefold() == "artist":
            found.performer = value
        place += 4 + length
