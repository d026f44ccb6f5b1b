"""In which form Telegram shows a result, and what it is told of it."""

from __future__ import annotations

from dataclasses import dataclass

from core.generation.probe.facts import MediaFacts
from core.telegram.types import MediaDetails, MediaKind

PHOTO_MAX_BYTES = 10 * 1024 * 1024
PHOTO_MAX_SIDES = 10_000
PHOTO_MAX_RATIO = 20
"""Telegram takes larger pictures (width plus height, pixels), and longer strips, as documents only.

Source: https://core.telegram.org/bots/api#sendphoto
"""

_PHOTO_TYPES = ("image/jpeg", "image/png", "image/webp")
_VIDEO_TYPES = ("video/mp4",)
_VOICE = ("audio/ogg", "opus")
"""Source: https://core.telegram.org/bots/api#sendvoice"""


@dataclass(frozen=True, slots=True)
class Names:
    """The file's name, and for what is heard a title and a performer where the file does not say them."""

    file: str
    title: str = ""
    performer: str = ""


def kind_of(facts: MediaFacts, *, size: int, speech: bool = False) -> MediaKind:
    """The form in which Telegram shows a file of `size` bytes; `speech` can be a voice message.

    Videos other than MP4 are documents: most of Telegram's apps cannot play them.
    """
    if facts.mime_type in _PHOTO_TYPES:
        return MediaKind.PHOTO if _fits_a_photo(facts, size) else MediaKind.DOCUMENT
    if facts.mime_type in _VIDEO_TYPES:
        return MediaKind.VIDEO
    if facts.mime_type == "image/gif":
        return MediaKind.ANIMATION
    if facts.mime_type.startswith("audio/"):
        return MediaKind.VOICE if speech and (facts.mime_type, facts.sound) == _VOICE else MediaKind.AUDIO
    return MediaKind.DOCUMENT


def details_of(facts: MediaFacts, kind: MediaKind, names: Names, *, size: int) -> MediaDetails:
    """What Telegram is told of a file that it is to show as `kind`."""
    heard = kind is MediaKind.AUDIO
    return MediaDetails(
        kind=kind,
        mime_type=facts.mime_type or "application/octet-stream",
        file_name=names.file,
        size=size,
        width=facts.width,
        height=facts.height,
        duration=facts.duration,
        title=(facts.title or names.title) if heard else "",
        performer=(facts.performer or names.performer) if heard else "",
        codec=facts.codec,
    )


def _fits_a_photo(facts: MediaFacts, size: int) -> bool:
    """Whether Telegram takes it as a photo, and it loses nothing but sharpness there."""
    if facts.animated or size > PHOTO_MAX_BYTES:
        return False
    shorter, longer = sorted((facts.width, facts.height))
    return shorter + longer <= PHOTO_MAX_SIDES and (not shorter or longer <= PHOTO_MAX_RATIO * shorter)
