"""What a result is where its provider does not say: from the server's headers, its name, its first bytes."""

from __future__ import annotations

import io
import mimetypes
from dataclasses import replace

from PIL import Image

from core.errors import ProviderError
from core.generation.film import Film, film_of
from core.generation.provider import Result
from core.http.fetching import FileHead
from core.media.sniffing import form_of

FILMS = ("video/mp4", "video/quicktime")
"""Types of which the first bytes may tell size and length."""
_FAMILIES = ("image/", "video/", "audio/")
_PAGES = ("text/html", "application/xhtml+xml", "application/json", "application/problem+json")
_TYPES = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "bmp": "image/bmp",
    "tiff": "image/tiff",
    "avif": "image/avif",
    "heic": "image/heic",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "mkv": "video/x-matroska",
    "avi": "video/x-msvideo",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "wav": "audio/x-wav",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
    "aac": "audio/aac",
}
"""Types by the forms that `core.media.sniffing` tells apart."""


def completed(result: Result, head: FileHead | None, first: bytes) -> Result:
    """A result with its type, size and length, as far as anything tells; what its provider said stays.

    `head` is what the server said, and `first` are the first bytes.

    Raises:
        ProviderError: the server sent a page, and no file.

    """
    head = head or FileHead()
    if head.mime_type in _PAGES:
        raise ProviderError(f"download: {head.mime_type} in place of a file")
    mime_type = result.mime_type or _type_of(result, head, first)
    size = result.size if result.size is not None else head.size
    film = film_of(first) if mime_type in FILMS else Film(*_sides(first, mime_type))
    sides = (result.width, result.height) if result.width and result.height else (film.width, film.height)
    return replace(
        result,
        mime_type=mime_type,
        size=size,
        width=sides[0],
        height=sides[1],
        duration=result.duration or film.seconds,
    )


def _type_of(result: Result, head: FileHead, first: bytes) -> str:
    named = (mimetypes.guess_type(name, strict=False)[0] or "" for name in (result.file_name, head.file_name))
    found = (head.mime_type, *named, _TYPES.get(form_of(first), ""))
    return next((mime_type for mime_type in found if mime_type.startswith(_FAMILIES)), "")


def _sides(first: bytes, mime_type: str) -> tuple[int, int]:
    """Width and height of a picture, in pixels, from its first bytes; zeros where they do not tell."""
    if not mime_type.startswith("image/"):
        return 0, 0
    try:
        with Image.open(io.BytesIO(first)) as image:
            return image.size
    except Exception:
        # Whatever a broken picture does to the library: how large it is, is nice to know and no more.
        return 0, 0
