"""What is told of a file, and what its readers fill in while it passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from core.media.stills import Piece


class FileForm(StrEnum):
    """What a file holds."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What a file is. `size` is bytes, `width` and `height` pixels as it is shown, `duration` seconds.

    Zeros and empty words stand for what nobody tells. `codec` is the picture's, `sound` the sound's. A GIF,
    WebP or PNG of several pictures is `animated`. `title` and `performer` are what a sound says of itself.
    """

    form: FileForm = FileForm.OTHER
    mime_type: str = ""
    size: int = 0
    width: int = 0
    height: int = 0
    duration: float = 0.0
    codec: str = ""
    sound: str = ""
    animated: bool = False
    title: str = ""
    performer: str = ""


def _always(size: int) -> bool:
    return True


@dataclass(slots=True)
class Found:
    """What a reader has found so far. `position` is how many bytes it has passed.

    `may_keep` is asked before so many bytes are read at once that they count among what all videos hold.
    """

    mime_type: str = ""
    width: int = 0
    height: int = 0
    duration: float = 0.0
    codec: str = ""
    sound: str = ""
    animated: bool = False
    title: str = ""
    performer: str = ""
    position: int = 0
    index: Piece | None = None
    """The index of an MP4 file, as soon as it has passed."""
    may_keep: Callable[[int], bool] = _always
    ended: bool = False
    """Whether the file is over: what was measured so far is all there is."""
