"""Reads WebM and Matroska files, those without a length in their header as well.

Source: RFC 8794 (EBML) and RFC 9559 (Matroska).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from core.generation.probe.facts import Found
from core.generation.probe.walking import Steps, skip

_MOST_HEADER = 1024 * 1024
_LONGEST = 24 * 3600
_HEADER, _SEGMENT, _INFO, _TRACKS, _CLUSTER = 0x1A45DFA3, 0x18538067, 0x1549A966, 0x1654AE6B, 0x1F43B675
_DOC_TYPE, _SCALE, _DURATION, _TITLE = 0x4282, 0x2AD7B1, 0x4489, 0x7BA9
_TRACK, _CODEC, _VIDEO, _AUDIO, _USUAL = 0xAE, 0x86, 0xE0, 0xE1, 0x23E383
_SIDES = (0xB0, 0xBA)
_SHOWN, _UNIT = (0x54B0, 0x54BA), 0x54B2
_TIME, _SIMPLE, _GROUP, _BLOCK, _LASTS = 0xE7, 0xA3, 0xA0, 0xA1, 0x9B
_OPENED = (_SEGMENT, _CLUSTER, _GROUP)
"""Elements of which the insides are walked through."""
_BLOCK_HEAD = 4
_USUAL_SCALE = 1_000_000
_BILLION = 1_000_000_000
_CODECS = {
    "V_VP8": "vp8",
    "V_VP9": "vp9",
    "V_AV1": "av1",
    "V_MPEG4/ISO/AVC": "h264",
    "V_MPEGH/ISO/HEVC": "hevc",
    "A_OPUS": "opus",
    "A_VORBIS": "vorbis",
    "A_AAC": "aac",
    "A_MPEG/L3": "mp3",
    "A_FLAC": "flac",
    "A_PCM/INT/LIT": "pcm",
}


def read_matroska(found: Found) -> Steps[None]:
    """Walk through the elements of a file; of its blocks only the times are looked at."""
    film = _Film(found)
    while not film.all_told:
        name, size = yield from _element()
        if name in _OPENED:
            continue
        if name in film.readers and size <= _MOST_HEADER:
            film.readers[name]((yield size))
        elif name in (_SIMPLE, _BLOCK) and size >= _BLOCK_HEAD:
            film.read_block((yield _BLOCK_HEAD))
            yield from skip(size - _BLOCK_HEAD)
        else:
            yield from skip(size)


class _Film:
    """What has been read of one file."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self._form = "matroska"
        self._scale = _USUAL_SCALE
        self._cluster = 0
        self._last = 0
        self._step = 0
        self._says_length = False
        self.all_told = False
        self.readers: dict[int, Callable[[bytes], None]] = {
            _HEADER: self._read_header,
            _INFO: self._read_info,
            _TRACKS: self._read_tracks,
            _TIME: self._read_time,
            _LASTS: self._read_lasts,
        }

    def read_block(self, head: bytes) -> None:
        """Note when a block is shown."""
        # A track's number of one byte, and two of time; tracks behind the 126th are not looked at.
        if head[0] & 0x80:
            time = self._cluster + int.from_bytes(head[1:3], "big", signed=True)
            self._last = max(self._last, time)
            self._found.duration = _bounded((self._last * self._scale + self._step) / _BILLION)

    def _read_header(self, content: bytes) -> None:
        self._form = dict(_elements(content)).get(_DOC_TYPE, b"").rstrip(b"\0").decode("latin-1")

    def _read_info(self, content: bytes) -> None:
        for name, value in _elements(content):
            if name == _SCALE:
                self._scale = int.from_bytes(value, "big")
            elif name == _DURATION:
                (ticks,) = struct.unpack(">f" if len(value) == 4 else ">d", value)
                self._found.duration = _bounded(ticks * self._scale / _BILLION)
                self._says_length = self._found.duration > 0
            elif name == _TITLE:
                self._found.title = value.decode("utf-8", "replace")

    def _read_tracks(self, content: bytes) -> None:
        found = self._found
        for name, entry in _elements(content):
            if name != _TRACK:
                continue
            track = dict(_elements(entry))
            codec = _codec(track.get(_CODEC, b"").rstrip(b"\0").decode("latin-1"))
            if _VIDEO in track and not found.codec:
                found.codec = codec
                found.width, found.height = _sides(dict(_elements(track[_VIDEO])))
                self._step = int.from_bytes(track.get(_USUAL, b""), "big")
            elif _AUDIO in track and not found.sound:
                found.sound = codec
        kind = "webm" if self._form == "webm" else "x-matroska"
        found.mime_type = f"video/{kind}" if found.codec or not found.sound else f"audio/{kind}"
        self.all_told = self._says_length

    def _read_time(self, content: bytes) -> None:
        self._cluster = int.from_bytes(content, "big")

    def _read_lasts(self, content: bytes) -> None:
        last = self._last + int.from_bytes(content, "big")
        self._found.duration = max(self._found.duration, _bounded(last * self._scale / _BILLION))


def _element() -> Steps[tuple[int, int]]:
    """The name and the size of the next element; one of unknown size counts as huge."""
    first = (yield 1)[0]
    name = bytes((first,)) + (yield 8 - first.bit_length())
    first = (yield 1)[0]
    length = 9 - first.bit_length()
    mask = (1 << (8 - length)) - 1
    rest = yield length - 1
    size = int.from_bytes(bytes((first & mask,)) + rest, "big")
    return int.from_bytes(name, "big"), size


def _elements(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The elements in these bytes."""
    place = 0
    while place < len(content):
        length = 9 - content[place].bit_length()
        name = int.from_bytes(content[place : place + length], "big")
        place += length
        length = 9 - content[place].bit_length()
        size = int.from_bytes(content[place : place + length], "big") & ((1 << (7 * length)) - 1)
        place += length
        yield name, content[place : place + size]
        place += size


def _codec(name: str) -> str:
    return _CODECS.get(name) or name.partition("_")[2].partition("/")[0].lower()


def _sides(video: dict[int, bytes]) -> tuple[int, int]:
    sides = tuple(int.from_bytes(video.get(name, b""), "big") for name in _SIDES)
    shown = tuple(int.from_bytes(video.get(name, b""), "big") for name in _SHOWN)
    in_pixels = not int.from_bytes(video.get(_UNIT, b""), "big")
    width, height = shown if in_pixels and all(shown) else sides
    return width, height


def _bounded(seconds: float) -> float:
    return seconds if 0 < seconds <= _LONGEST else 0.0
