"""Reads MP4, QuickTime and M4A files, wherever their index stands, and those in fragments.

Source: ISO/IEC 14496-12; for the tags, the QuickTime File Format.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from core.generation.probe.facts import Found
from core.generation.probe.walking import Steps, skip, skip_rest
from core.media.stills import Piece

MOST_INDEX = 16 * 1024 * 1024
"""Bytes of an index that is still read: hours of film have less."""
_SMALL_INDEX = 256 * 1024
"""Bytes of an index that is read however much is kept of others: minutes of film have less."""
_MOST_FRAGMENT = 1024 * 1024
_LONGEST = 24 * 3600
"""Seconds; what says more is mistaken."""
_FRACTION = 65536
_UNKNOWN = (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
_CODECS = {
    b"avc1": "h264",
    b"avc3": "h264",
    b"hvc1": "hevc",
    b"hev1": "hevc",
    b"av01": "av1",
    b"vp08": "vp8",
    b"vp09": "vp9",
    b"mp4v": "mpeg4",
    b"mp4a": "aac",
    b"Opus": "opus",
    b"fLaC": "flac",
    b".mp3": "mp3",
    b"ac-3": "ac3",
    b"ec-3": "eac3",
}
_TITLE, _ARTIST = b"\xa9nam", b"\xa9ART"


@dataclass(slots=True)
class _Track:
    """One track. `step` is the usual length of a sample, `length` of all, in `scale`ths of a second."""

    number: int = 0
    kind: bytes = b""
    codec: str = ""
    width: int = 0
    height: int = 0
    scale: int = 0
    step: int = 0
    length: int = 0


def read_mp4(found: Found) -> Steps[None]:
    """Walk through the boxes of a file; what lies between them passes by."""
    tracks: dict[int, _Track] = {}
    while True:
        begin = found.position
        header = yield 8
        size, name = struct.unpack(">I4s", header)
        if size == 1:
            header += yield 8
            (size,) = struct.unpack_from(">Q", header, 8)
        elif size == 0:
            yield from skip_rest()
        content = size - len(header)
        if content < 0:
            return
        if name == b"moov" and (
            content <= _SMALL_INDEX or (content <= MOST_INDEX and found.may_keep(content))
        ):
            movie = yield content
            found.index = Piece(begin, header + movie)
            tracks = _read_movie(movie, found)
        elif name == b"moof" and content <= _MOST_FRAGMENT:
            _read_fragment((yield content), tracks, found)
        else:
            yield from skip(content)


def _read_movie(movie: bytes, found: Found) -> dict[int, _Track]:
    tracks: list[_Track] = []
    steps: dict[int, int] = {}
    for name, content in _boxes(movie):
        if name == b"mvhd":
            found.duration = _seconds(content)
        elif name == b"trak":
            tracks.append(_track(content))
        elif name == b"mvex":
            steps = {_long(box, 4): _long(box, 12) for inner, box in _boxes(content) if inner == b"trex"}
        elif name in (b"udta", b"meta"):
            _read_tags(name, content, found)
    for track in tracks:
        track.step = steps.get(track.number, 0)
    _tell(tracks, found)
    return {track.number: track for track in tracks if track.scale}


def _tell(tracks: list[_Track], found: Found) -> None:
    films = [track for track in tracks if track.kind == b"vide"]
    sounds = [track for track in tracks if track.kind == b"soun"]
    if films:
        film = max(films, key=lambda track: track.width * track.height)
        found.width, found.height, found.codec = film.width, film.height, film.codec
    elif sounds:
        found.mime_type = "audio/mp4"
    if sounds:
        found.sound = sounds[0].codec


def _track(content: bytes) -> _Track:
    track = _Track()
    for name, box in _within(content, b"mdia", b"minf", b"stbl"):
        if name == b"tkhd":
            track.number = _long(box, 20 if box[:1] == b"\x01" else 12)
            track.width, track.height = _size(box)
        elif name == b"mdhd":
            track.scale = _long(box, 20 if box[:1] == b"\x01" else 12)
        elif name == b"hdlr" and not track.kind:
            track.kind = box[8:12]
        elif name == b"stsd":
            _read_sample_entry(box, track)
    return track


def _read_sample_entry(box: bytes, track: _Track) -> None:
    code = box[12:16]
    track.codec = _CODECS.get(code) or code.decode("latin-1").strip(" .\0").lower()
    if track.kind == b"vide" and not (track.width and track.height):
        track.width, track.height = struct.unpack_from(">HH", box, 40)


def _read_fragment(content: bytes, tracks: dict[int, _Track], found: Found) -> None:
    for name, box in _boxes(content):
        if name != b"traf":
            continue
        track, step = None, 0
        for inner, part in _boxes(box):
            if inner == b"tfhd":
                track = tracks.get(_long(part, 4))
                step = _usual_step(part, track.step if track else 0)
            elif inner == b"trun" and track is not None:
                track.length += _run_length(part, step)
    longest = max((track.length / track.scale for track in tracks.values()), default=0.0)
    if 0 < longest <= _LONGEST:
        found.duration = longest


def _usual_step(header: bytes, step: int) -> int:
    flags = _long(header, 0)
    place = 8 + 8 * bool(flags & 0x1) + 4 * bool(flags & 0x2)
    return _long(header, place) if flags & 0x8 else step


def _run_length(run: bytes, step: int) -> int:
    flags, count = _long(run, 0) & 0xFFFFFF, _long(run, 4)
    if not flags & 0x100:
        return count * step
    width = 4 * sum(bool(flags & each) for each in (0x100, 0x200, 0x400, 0x800))
    place = 8 + 4 * bool(flags & 0x1) + 4 * bool(flags & 0x4)
    return sum(_long(run, place + number * width) for number in range(count))


def _read_tags(name: bytes, content: bytes, found: Found) -> None:
    """Title and performer, as iTunes writes them: `udta/meta/ilst`."""
    if name == b"udta":
        for inner, box in _boxes(content):
            if inner == b"meta":
                _read_tags(inner, box, found)
        return
    for inner, items in _boxes(content[4:]):
        if inner != b"ilst":
            continue
        for tag, item in _boxes(items):
            text = next(
                (box[8:].decode("utf-8", "replace") for kind, box in _boxes(item) if kind == b"data"), ""
            )
            if tag == _TITLE:
                found.title = text
            elif tag == _ARTIST:
                found.performer = text


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The boxes in these bytes, by name; the last one may be cut off."""
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


def _within(content: bytes, *names: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The boxes in these bytes, and those in the ones that are named."""
    for name, box in _boxes(content):
        if name in names:
            yield from _within(box, *names)
        else:
            yield name, box


def _long(content: bytes, place: int) -> int:
    return int.from_bytes(content[place : place + 4], "big")


def _seconds(header: bytes) -> float:
    layout = ">4x16xIQ" if header[:1] == b"\x01" else ">4x8xII"
    scale, length = struct.unpack_from(layout, header)
    if not scale or length in _UNKNOWN:
        return 0.0
    return length / scale if length / scale <= _LONGEST else 0.0


def _size(header: bytes) -> tuple[int, int]:
    begin = 52 if header[:1] == b"\x01" else 40
    upright, _, _, turned, *_ = struct.unpack_from(">9i", header, begin)
    width, height = struct.unpack_from(">II", header, begin + 36)
    shown = (width // _FRACTION, height // _FRACTION)
    return shown if upright or not turned else shown[::-1]
