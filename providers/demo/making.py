"""Makes the files: PNG or WebP, MP4 with H.264 and AAC, OGG with Opus. Blocking; for a thread.

What was given is used: a picture is what moves or what is edited, a sound is what is heard.

The same order gives the same bytes: encoders run in one thread and write neither dates nor random numbers.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from providers.demo.art import SAMPLE_RATE, Moving, Picture, melody
from providers.demo.given import Pan, edited_picture, even_size, given_samples, opened_picture
from starloom.api import Category

USUAL_FRAMES = 24
"""Frames a second of a video."""
_IMAGE_SHORT_SIDE = 768
_SHORT_SIDES = {"360p": 360, "480p": 480, "720p": 720}
_AUDIO_BLOCK = 960
_MOST_SECONDS = 20
_BITEXACT = {"fflags": "+bitexact"}


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made. Options that are not known here only change the seed."""

    category: Category
    prompt: str
    options: Mapping[str, Any]
    pictures: tuple[Path, ...] = ()
    sounds: tuple[Path, ...] = ()
    frames: int = USUAL_FRAMES

    @property
    def seed(self) -> bytes:
        """What the picture and the melody are made of."""
        words = json.dumps(
            [self.category.value, self.prompt, dict(self.options)],
            ensure_ascii=False,
            sort_keys=True,
            default=str,
        )
        return hashlib.sha256(words.encode()).digest()


@dataclass(frozen=True, slots=True)
class Made:
    """A finished file: `size` is bytes, `width` and `height` pixels, `duration` seconds."""

    file_name: str
    mime_type: str
    size: int
    sha256: str
    width: int = 0
    height: int = 0
    duration: float = 0.0


def make(order: Order, path: Path) -> Made:
    """Make the file at `path`, which appears only once it is whole."""
    # Another process on this folder may be making the same.
    part = path.with_name(f"{path.stem}-{secrets.token_hex(4)}.part")
    try:
        made = _MAKERS[order.category](order, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return made


def _make_image(order: Order, path: Path) -> Made:
    edited = edited_picture(order.pictures, order.seed) if order.pictures else None
    width, height = edited.size if edited else _dimensions(order, _IMAGE_SHORT_SIDE, "1:1")
    form = "webp" if order.options.get("format") == "webp" else "png"
    image = edited or Picture(order.seed, width, height).at(0.0)
    with path.open("wb") as file:
        if form == "webp":
            image.save(file, format="WEBP", quality=90, method=4)
        else:
            image.save(file, format="PNG", compress_level=6)
    return _made(path, f"image.{form}", f"image/{form}", width=width, height=height)


def _make_video(order: Order, path: Path) -> Made:
    given = given_samples(order.sounds[0], _MOST_SECONDS) if order.sounds else b""
    seconds = max(1, round(len(given) / 2 / SAMPLE_RATE)) if given else _seconds(order, 5)
    short_side = _SHORT_SIDES.get(str(order.options.get("resolution")), _SHORT_SIDES["480p"])
    first = opened_picture(order.pictures[0]) if order.pictures else None
    width, height = even_size(first, short_side) if first else _dimensions(order, short_side, "16:9")
    picture = Pan(first, width, height, seconds) if first else Picture(order.seed, width, height)
    sound = given.ljust(seconds * SAMPLE_RATE * 2, b"\x00") if given else melody(order.seed, seconds)
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart", **_BITEXACT}) as container:
        video = _video_stream(container, width, height, order.frames)
        audio = _audio_stream(container, "aac", "48000")
        for second in range(seconds):
            _encode_second(container, video, picture, second, order.frames)
            begin, end = second * SAMPLE_RATE * 2, (second + 1) * SAMPLE_RATE * 2
            _encode_sound(container, audio, sound[begin:end], begin // 2)
        for stream in (video, audio):
            container.mux(stream.encode(None))
    return _made(path, "video.mp4", "video/mp4", width=width, height=height, duration=float(seconds))


def _make_audio(order: Order, path: Path) -> Made:
    seconds = _seconds(order, 10)
    with av.open(str(path), "w", format="ogg", options=dict(_BITEXACT)) as container:
        audio = _audio_stream(container, "libopus", "64000")
        _encode_sound(container, audio, melody(order.seed, seconds), 0)
        container.mux(audio.encode(None))
    return _made(path, "melody.ogg", "audio/ogg", duration=float(seconds))


_MAKERS: dict[Category, Callable[[Order, Path], Made]] = {
    Category.IMAGE: _make_image,
    Category.VIDEO: _make_video,
    Category.AUDIO: _make_audio,
}


def _video_stream(container: Any, width: int, height: int, frames: int) -> Any:
    stream = container.add_stream("libx264", rate=frames)
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    stream.time_base = Fraction(1, frames)
    stream.codec_context.thread_count = 1
    stream.options = {"preset": "superfast", "crf": "26", "threads": "1", "flags": "+bitexact"}
    return stream


def _audio_stream(container: Any, codec: str, bits_per_second: str) -> Any:
    stream = container.add_stream(codec, rate=SAMPLE_RATE, layout="mono")
    stream.options = {"b": bits_per_second, "flags": "+bitexact"}
    stream.codec_context.thread_count = 1
    return stream


def _encode_second(container: Any, stream: Any, picture: Moving, second: int, frames: int) -> None:
    for number in range(second * frames, (second + 1) * frames):
        frame = av.VideoFrame.from_image(picture.at(number / frames))
        frame.pts, frame.time_base = number, Fraction(1, frames)
        container.mux(stream.encode(frame))


def _encode_sound(container: Any, stream: Any, samples: bytes, first: int) -> None:
    for begin in range(0, len(samples), _AUDIO_BLOCK * 2):
        block = samples[begin : begin + _AUDIO_BLOCK * 2]
        frame = av.AudioFrame(format="s16", layout="mono", samples=len(block) // 2)
        frame.planes[0].update(block)
        frame.sample_rate = SAMPLE_RATE
        frame.pts, frame.time_base = first + begin // 2, Fraction(1, SAMPLE_RATE)
        container.mux(stream.encode(frame))


def _dimensions(order: Order, short_side: int, usual: str) -> tuple[int, int]:
    """Width and height in pixels, both even as H.264 wants them."""
    aspect = str(order.options.get("aspect", usual))
    across, _, down = aspect.partition(":")
    wide, high = (int(across), int(down)) if across.isdecimal() and down.isdecimal() else (16, 9)
    if not (0 < wide <= 4 * high <= 16 * wide):
        wide, high = 16, 9
    long_side = round(short_side * max(wide, high) / min(wide, high) / 2) * 2
    return (long_side, short_side) if wide >= high else (short_side, long_side)


def _seconds(order: Order, usual: int) -> int:
    """The duration asked for, within what this machine makes in reasonable time."""
    asked = order.options.get("duration", usual)
    return max(1, min(_MOST_SECONDS, round(float(asked)))) if isinstance(asked, int | float) else usual


def _made(
    path: Path, name: str, mime_type: str, *, width: int = 0, height: int = 0, duration: float = 0.0
) -> Made:
    content = path.read_bytes()
    return Made(
        file_name=name,
        mime_type=mime_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        width=width,
        height=height,
        duration=duration,
    )
