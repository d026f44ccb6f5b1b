"""What the demo provider makes of pictures and sounds that people give. Blocking; for a thread."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import av
from PIL import Image, ImageEnhance, ImageOps

from providers.demo.art import SAMPLE_RATE

_EDITED_SIDE = 768
_ZOOM = 0.25
_ASPECT = 2.5
"""The most that a picture may be wider than high, or the reverse, and be shown whole."""
_STYLES = ("warm", "cool", "mono")


class Pan:
    """A camera that comes closer to a picture, as long as `seconds`. `width` and `height` are pixels."""

    def __init__(self, picture: Image.Image, width: int, height: int, seconds: float) -> None:
        self._picture = ImageOps.fit(picture, (width * 2, height * 2))
        self._size = (width, height)
        self._seconds = seconds

    def at(self, seconds: float) -> Image.Image:
        """What the camera sees at a moment."""
        wide, high = self._picture.size
        cut = _ZOOM / 2 * min(1.0, seconds / self._seconds)
        box = (wide * cut, high * cut, wide * (1 - cut), high * (1 - cut))
        return self._picture.resize(self._size, Image.Resampling.BILINEAR, box=box)


def opened_picture(path: Path) -> Image.Image:
    """A given picture, whole."""
    with Image.open(path) as image:
        return image.convert("RGB")


def even_size(picture: Image.Image, short_side: int) -> tuple[int, int]:
    """A size in the picture's shape, both sides even as H.264 wants them."""
    wide, high = picture.size
    aspect = min(_ASPECT, max(wide, high) / min(wide, high))
    long_side = round(short_side * aspect / 2) * 2
    return (long_side, short_side) if wide >= high else (short_side, long_side)


def edited_picture(paths: Sequence[Path], seed: bytes) -> Image.Image:
    """The given pictures side by side, in a style that the seed chooses."""
    pictures = [ImageOps.contain(opened_picture(path), (_EDITED_SIDE, _EDITED_SIDE)) for path in paths]
    canvas = Image.new("RGB", (sum(each.width for each in pictures), max(each.height for each in pictures)))
    left = 0
    for each in pictures:
        canvas.paste(each, (left, (canvas.height - each.height) // 2))
        left += each.width
    return _styled(canvas, _STYLES[hashlib.sha256(seed).digest()[0] % len(_STYLES)])


def given_samples(path: Path, most_seconds: int) -> bytes:
    """The samples of a given sound: signed, 16 bits, one channel at SAMPLE_RATE, no longer than that."""
    samples = bytearray()
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            for ready in resampler.resample(frame):
                samples += bytes(ready.planes[0])[: ready.samples * 2]
            if len(samples) >= most_seconds * SAMPLE_RATE * 2:
                break
    return bytes(samples[: most_seconds * SAMPLE_RATE * 2])


def _styled(picture: Image.Image, style: str) -> Image.Image:
    grey = ImageOps.grayscale(picture)
    if style == "mono":
        return grey.convert("RGB")
    dark, light = ((60, 20, 10), (255, 240, 200)) if style == "warm" else ((5, 20, 60), (220, 240, 255))
    tinted = ImageOps.colorize(grey, dark, light)
    return ImageEnhance.Color(Image.blend(picture, tinted, 0.5)).enhance(1.2)
