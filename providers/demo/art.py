"""Pictures and melodies from a seed: the same seed, the same picture, always."""

from __future__ import annotations

import array
import colorsys
import hashlib
import math
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from PIL import Image, ImageChops, ImageDraw, ImageOps

Colour = tuple[int, int, int]

SAMPLE_RATE = 48_000
"""Samples a second of every melody, one channel, 16 bits."""

_DISCS = 7
_SCALE = (0, 3, 5, 7, 10, 12, 15)
"""A pentatonic scale in semitones: any order of its notes sounds well."""
_ROOT_HZ = 220.0
_NOTE_SECONDS = 0.25
_LOUDNESS = 9000


@dataclass(frozen=True, slots=True)
class _Disc:
    x: float
    y: float
    radius: float
    speed: float
    phase: float
    colour: Colour


class Moving(Protocol):
    """Something that looks different at each moment."""

    def at(self, seconds: float) -> Image.Image:
        """How it looks at a moment of its motion."""
        ...


class Picture:
    """A gradient with discs that wander over it. `width` and `height` are pixels."""

    def __init__(self, seed: bytes, width: int, height: int) -> None:
        numbers = hashlib.shake_256(b"picture" + seed).digest(2 + 5 * _DISCS)
        hue = numbers[0] / 256
        dark, light = _colour(hue, 0.75, 0.35), _colour(hue + 0.12, 0.55, 0.95)
        gradient = Image.linear_gradient("L").resize((width, height * 2))
        mirrored = ImageChops.lighter(gradient, ImageOps.flip(gradient))
        # Its beginning once more at the end: it goes round, and each moment is one piece of it.
        once = ImageOps.colorize(mirrored, dark, light)
        self._backdrop = Image.new("RGB", (width, height * 3))
        self._backdrop.paste(once, (0, 0))
        self._backdrop.paste(once, (0, height * 2))
        self._size = (width, height)
        self._drift = 1 + numbers[1] % 3
        self._discs = tuple(_disc(numbers[2 + 5 * each : 7 + 5 * each], hue) for each in range(_DISCS))

    def at(self, seconds: float) -> Image.Image:
        """The picture at a moment of its motion."""
        width, height = self._size
        offset = int(seconds * self._drift * height / 8) % (height * 2)
        image = self._backdrop.crop((0, offset, width, offset + height))
        draw = ImageDraw.Draw(image)
        for disc in self._discs:
            angle = 2 * math.pi * (disc.phase + seconds * disc.speed)
            x = width * (disc.x + 0.15 * math.cos(angle))
            y = height * (disc.y + 0.15 * math.sin(angle))
            radius = disc.radius * min(width, height)
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=disc.colour)
        return image


def melody(seed: bytes, seconds: float) -> bytes:
    """A melody as signed 16-bit samples of one channel at SAMPLE_RATE, exactly `seconds` long."""
    count = round(seconds * SAMPLE_RATE)
    note_length = int(_NOTE_SECONDS * SAMPLE_RATE)
    order = hashlib.shake_256(b"melody" + seed).digest(count // note_length + 1)
    notes = [_note(semitones, note_length) for semitones in _SCALE]
    samples = b"".join(notes[number % len(notes)] for number in order)
    return samples[: count * 2]


@cache
def _note(semitones: int, length: int) -> bytes:
    step = 2 * math.pi * _ROOT_HZ * 2 ** (semitones / 12) / SAMPLE_RATE
    samples = array.array("h", bytes(2 * length))
    for number in range(length):
        fade = min(number / 480, 1.0) * (1 - number / length)
        samples[number] = int(
            _LOUDNESS * fade * (math.sin(step * number) + 0.3 * math.sin(2 * step * number))
        )
    return samples.tobytes()


def _disc(numbers: bytes, hue: float) -> _Disc:
    return _Disc(
        x=0.1 + 0.8 * numbers[0] / 255,
        y=0.1 + 0.8 * numbers[1] / 255,
        radius=0.05 + 0.17 * numbers[2] / 255,
        speed=0.1 + 0.3 * numbers[3] / 255,
        phase=numbers[4] / 256,
        colour=_colour(hue + 0.3 + 0.4 * numbers[4] / 256, 0.7, 0.9),
    )


def _colour(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)
