"""Videos and sounds: checked, put into a container that the model takes, free of what they tell of places.

Blocking, and not to be trusted with the bot's memory: it runs in a process of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
from av.error import FFmpegError

from core.media.sniffing import CLIPS, sniff
from core.media.wants import Prepared, Unfit, Wants, too_large, wrong_kind

_DEMUXERS = {
    "mp4": "mov",
    "mov": "mov",
    "m4a": "mov",
    "webm": "matroska",
    "mkv": "matroska",
    "avi": "avi",
    "mp3": "mp3",
    "wav": "wav",
    "ogg": "ogg",
    "flac": "flac",
    "aac": "aac",
}
"""The reader for each form: named, so that no playlist or script is ever read as one."""
_MUXERS = {"m4a": "ipod", "webm": "webm", "mkv": "matroska", "aac": "adts"}
_MIME_TYPES = {
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "mkv": "video/x-matroska",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "m4a": "audio/mp4",
    "aac": "audio/aac",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
}
_COMMON_VIDEO = frozenset({"h264", "hevc"})
_COMMON_SOUND = frozenset({"aac", "mp3", ""})
_COPIED_VIDEO = {
    "mp4": _COMMON_VIDEO,
    "mov": _COMMON_VIDEO,
    "webm": frozenset({"vp8", "vp9", "av1"}),
    "mkv": _COMMON_VIDEO | {"vp8", "vp9", "av1"},
}
_COPIED_SOUND = {
    "mp3": frozenset({"mp3"}),
    "wav": frozenset({"pcm_s16le"}),
    "m4a": frozenset({"aac"}),
    "aac": frozenset({"aac"}),
    "ogg": frozenset({"opus", "vorbis"}),
    "flac": frozenset({"flac"}),
}
_ENCODERS = {
    "mp3": ("libmp3lame", 192_000),
    "m4a": ("aac", 192_000),
    "ogg": ("libopus", 128_000),
    "wav": ("pcm_s16le", 0),
    "flac": ("flac", 0),
    "aac": ("aac", 192_000),
}
"""In the order in which they are preferred."""
_RATE = 48_000
_SLACK = 0.05
"""Seconds by which a length may pass its limit: containers round."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a clip turned out to be. `sound` is the codec of its sound, empty without one."""

    form: str
    codec: str
    seconds: float
    sound: str = ""
    width: int = 0
    height: int = 0


def prepare_clip(source: Path, target: Path, wants: Wants) -> Prepared:
    """Write to `target` what the model takes of the video or sound `source`.

    Raises:
        Unfit: it is nothing that the model can take, in words.

    """
    form = sniff(source)
    if form not in CLIPS:
        raise wrong_kind(wants)
    try:
        seen = _look(source, form, wants)
        _check_length(seen.seconds, wants)
        written = _write_video(source, target, seen, wants) if wants.kind == "video" else None
        written = written or _write_sound(source, target, seen, wants)
    except FFmpegError as error:
        raise Unfit("media-broken") from error
    size = target.stat().st_size
    if size > wants.max_bytes:
        raise too_large(size, wants.max_bytes)
    return Prepared(_MIME_TYPES[written], size, seen.seconds, seen.width, seen.height)


def _look(source: Path, form: str, wants: Wants) -> _Seen:
    """Read all of it once, and decode its beginning."""
    with _reading(source, form) as container:
        main = _main_stream(container, wants.kind)
        sound = _main_stream(container, "audio")
        if main is None:
            raise wrong_kind(wants)
        width = height = 0
        frame = next(container.decode(main), None)
        if frame is None:
            raise Unfit("media-broken")
        if wants.kind == "video":
            width, height = frame.width, frame.height
            if frame.rotation % 180:
                width, height = height, width
        codec = main.codec_context.name
        heard = sound.codec_context.name if sound is not None and wants.kind == "video" else ""
    seconds = _length(source, form, wants.kind)
    return _Seen(form, _codec(codec), seconds, _codec(heard), width, height)


def _length(source: Path, form: str, kind: str) -> float:
    """Seconds from the first packet to the end of the last: what the header says is not believed."""
    first: float | None = None
    last = 0.0
    with _reading(source, form) as container:
        stream = _main_stream(container, kind)
        for packet in container.demux(stream):
            if packet.pts is None:
                continue
            begins = float(packet.pts * packet.time_base)
            first = begins if first is None else min(first, begins)
            last = max(last, begins + float((packet.duration or 0) * packet.time_base))
    if first is None or last <= first:
        raise Unfit("media-broken")
    return round(last - first, 3)


def _check_length(seconds: float, wants: Wants) -> None:
    if wants.seconds_max is not None and seconds > wants.seconds_max + _SLACK:
        raise Unfit("media-too-long", seconds=-(-seconds * 10 // 1) / 10, limit=wants.seconds_max)
    if wants.seconds_min is not None and seconds < wants.seconds_min - _SLACK:
        raise Unfit("media-too-short", seconds=seconds * 10 // 1 / 10, least=wants.seconds_min)


def _write_video(source: Path, target: Path, seen: _Seen, wants: Wants) -> str:
    """Copy the streams into a container that is taken."""
    for form in dict.fromkeys((seen.form, "mp4", "mov", *wants.formats)):
        fits = seen.codec in _COPIED_VIDEO.get(form, ())
        heard = form not in ("mp4", "mov") or seen.sound in _COMMON_SOUND
        if form in wants.formats and fits and heard:
            with _reading(source, seen.form) as inside, _writing(target, form) as outside:
                streams = [_main_stream(inside, kind) for kind in ("video", "audio")]
                _copy(inside, outside, [stream for stream in streams if stream is not None])
            return form
    formats = ", ".join(name.upper() for name in wants.formats)
    codec = "/".join(name.upper() for name in (seen.codec, seen.sound) if name)
    raise Unfit("media-codec", codec=codec, formats=formats)


def _write_sound(source: Path, target: Path, seen: _Seen, wants: Wants) -> str:
    """Copy the sound where that is taken, or else encode it anew."""
    if seen.form in wants.formats and seen.codec in _COPIED_SOUND.get(seen.form, ()):
        with _reading(source, seen.form) as inside, _writing(target, seen.form) as outside:
            _copy(inside, outside, [_main_stream(inside, "audio")])
        if target.stat().st_size <= wants.max_bytes:
            return seen.form
    for form in (name for name in _ENCODERS if name in wants.formats):
        with _reading(source, seen.form) as inside, _writing(target, form) as outside:
            _encode(inside, outside, form)
        return form
    if seen.form in wants.formats:
        return seen.form
    raise wrong_kind(wants)


def _copy(inside: Any, outside: Any, streams: list[Any]) -> None:
    copies = {stream.index: outside.add_stream_from_template(stream) for stream in streams}
    for packet in _timed(inside.demux(streams)):
        packet.stream = copies[packet.stream.index]
        outside.mux(packet)


def _timed(packets: Iterable[Any]) -> Iterator[Any]:
    """The packets with a decoding time each: readers of Matroska leave the first ones without."""
    waiting: dict[int, list[Any]] = {}
    for packet in packets:
        if not packet.size:
            continue
        early = waiting.setdefault(packet.stream.index, [])
        if packet.dts is None:
            early.append(packet)
            continue
        for number, before in enumerate(early):
            before.dts = packet.dts - (len(early) - number) * max(1, before.duration or 0)
            yield before
        early.clear()
        yield packet
    for early in waiting.values():
        for packet in early:
            packet.dts = packet.pts
            yield packet


def _encode(inside: Any, outside: Any, form: str) -> None:
    codec, bits = _ENCODERS[form]
    source = _main_stream(inside, "audio")
    layout = "mono" if source.codec_context.channels == 1 else "stereo"
    stream = outside.add_stream(codec, rate=_RATE, layout=layout)
    if bits:
        stream.bit_rate = bits
    resampler = av.AudioResampler(
        format=stream.codec_context.format,
        layout=layout,
        rate=_RATE,
        frame_size=stream.codec_context.frame_size or None,
    )
    for frame in inside.decode(source):
        for ready in resampler.resample(frame):
            outside.mux(stream.encode(ready))
    for ready in resampler.resample(None):
        outside.mux(stream.encode(ready))
    outside.mux(stream.encode(None))


def _main_stream(container: Any, kind: str) -> Any:
    """The first stream of a kind; a cover is no video."""
    for stream in getattr(container.streams, kind):
        if not (kind == "video" and stream.disposition & av.stream.Disposition.attached_pic):
            return stream
    return None


def _codec(name: str) -> str:
    """The codec by its common name: some readers have names of their own."""
    return {"mp3float": "mp3", "libopus": "opus", "libvorbis": "vorbis", "libdav1d": "av1"}.get(name, name)


@contextmanager
def _reading(source: Path, form: str) -> Iterator[Any]:
    with av.open(str(source), format=_DEMUXERS[form], options={"protocol_whitelist": "file"}) as container:
        yield container


@contextmanager
def _writing(target: Path, form: str) -> Iterator[Any]:
    options = {"movflags": "+faststart"} if form in ("mp4", "mov", "m4a") else {}
    options["fflags"] = "+bitexact"
    with av.open(str(target), "w", format=_MUXERS.get(form, form), options=options) as container:
        yield container
