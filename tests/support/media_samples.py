"""Pictures, videos and sounds made on the spot."""

from __future__ import annotations

import io
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from PIL import Image, ImageDraw

RATE = 48_000


def picture(
    size: tuple[int, int] = (320, 200), mode: str = "RGB", form: str = "JPEG", **options: Any
) -> bytes:
    """A picture that is red on its left and blue on its right."""
    image = Image.new("RGB", size, "blue")
    ImageDraw.Draw(image).rectangle((0, 0, size[0] // 2 - 1, size[1]), fill="red")
    buffer = io.BytesIO()
    image.convert(mode).save(buffer, form, **options)
    return buffer.getvalue()


def animation(form: str, size: tuple[int, int] = (120, 80)) -> bytes:
    """Two pictures, first red and then green."""
    frames = [Image.new("RGB", size, colour) for colour in ("red", "green")]
    buffer = io.BytesIO()
    frames[0].save(buffer, form, save_all=True, append_images=frames[1:], duration=100)
    return buffer.getvalue()


def clip(
    path: Path,
    *,
    seconds: float = 2.0,
    size: tuple[int, int] = (160, 120),
    form: str = "mp4",
    codec: str = "libx264",
    sound: str = "aac",
    metadata: dict[str, str] | None = None,
) -> Path:
    """A video, with a tone unless `sound` is empty."""
    with av.open(str(path), "w", format=form) as container:
        container.metadata.update(metadata or {})
        video = container.add_stream(codec, rate=10)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        audio = container.add_stream(sound, rate=RATE, layout="mono") if sound else None
        for number in range(round(seconds * 10)):
            image = Image.new("RGB", size, (number * 8 % 256, 60, 120))
            frame = av.VideoFrame.from_image(image)
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio is not None:
            _tone(container, audio, seconds)
    return path


def tone(
    path: Path, *, seconds: float = 2.0, form: str = "ogg", codec: str = "libopus", **metadata: str
) -> Path:
    """A sound."""
    with av.open(str(path), "w", format=form) as container:
        _tone(container, container.add_stream(codec, rate=RATE, layout="mono"), seconds)
    return path


def _tone(container: Any, stream: Any, seconds: float) -> None:
    wave = [int(8000 * math.sin(2 * math.pi * 440 * number / RATE)) for number in range(960)]
    block = b"".join(value.to_bytes(2, "little", signed=True) for value in wave)
    for number in range(round(seconds * RATE / 960)):
        frame = av.AudioFrame(format="s16", layout="mono", samples=960)
        frame.planes[0].update(block)
        frame.sample_rate, frame.pts, frame.time_base = RATE, number * 960, Fraction(1, RATE)
        for packet in stream.encode(frame):
            container.mux(packet)
    container.mux(stream.encode(None))
