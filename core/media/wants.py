"""What a model wants a given file to be, what became of one, and why one is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from core.errors import UserFacingError

if TYPE_CHECKING:
    from core.generation.options import MediaInput

Kind = Literal["image", "video", "audio"]
MEGABYTE = 1024 * 1024
SMALLEST_SIDE = 32
LARGEST_SIDE = 4096
"""Pixels of a picture's side, where the model does not say: what is larger is made smaller."""
_OTHER_NAMES = {
    "jpg": "jpeg",
    "mpeg": "mp3",
    "quicktime": "mov",
    "x-matroska": "mkv",
    "matroska": "mkv",
    "x-m4a": "m4a",
    "x-wav": "wav",
}


@dataclass(frozen=True, slots=True)
class Wants:
    """What a media input takes; sizes are bytes, sides pixels, lengths seconds."""

    kind: Kind
    formats: tuple[str, ...]
    max_bytes: int
    seconds_min: int | None = None
    seconds_max: int | None = None
    side_min: int = SMALLEST_SIDE
    side_max: int = LARGEST_SIDE

    @classmethod
    def of(cls, media: MediaInput) -> Wants:
        """What a model's media input takes."""
        return cls(
            kind=media.kind,
            formats=tuple(dict.fromkeys(_format(name, media.kind) for name in media.formats)),
            max_bytes=media.max_bytes,
            seconds_min=media.seconds_min,
            seconds_max=media.seconds_max,
        )


@dataclass(frozen=True, slots=True)
class Note:
    """Something to tell about a file that was taken, as a message key with its variables."""

    key: str
    variables: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file as it can be sent. `size` is bytes, `seconds` its length, `width` and `height` pixels."""

    mime_type: str
    size: int
    seconds: float = 0.0
    width: int = 0
    height: int = 0
    notes: tuple[Note, ...] = ()


class Unfit(UserFacingError):
    """A file that the model cannot take, in words: what it is, and what it may be."""


def megabytes(size: int) -> float:
    """Bytes in megabytes, as people are told; never less than they are."""
    return -(-size * 10 // MEGABYTE) / 10


def too_large(size: int, limit: int) -> Unfit:
    """The refusal of a file of `size` bytes where `limit` are taken."""
    return Unfit("media-too-large", size=megabytes(size), limit=limit / MEGABYTE)


def wrong_kind(wants: Wants) -> Unfit:
    """The refusal of what is no picture, no video, no sound, or in no form that is taken."""
    names = ", ".join(name.upper() for name in wants.formats)
    return Unfit(f"media-not-{wants.kind}", formats=names)


def _format(name: str, kind: Kind) -> str:
    short = name.lower().lstrip(".")
    if kind == "audio" and short == "mp4":
        return "m4a"
    return _OTHER_NAMES.get(short, short)
