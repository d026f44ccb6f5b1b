"""What Telegram does to a photo: checks it, and makes JPEGs of its own sizes from it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import PurePosixPath

from PIL import Image, ImageOps, UnidentifiedImageError

from sandbox.rpc import RpcError

MAX_PHOTO_FILE = 10 << 20
MAX_WIDTH_PLUS_HEIGHT = 10_000
MAX_RATIO = 20
PHOTO_EXTENSIONS = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"})
THUMBNAIL_SIDE = 320

_JPEG_QUALITY = 87
_SIDES = (("m", 320), ("x", 800), ("y", 1280), ("w", 2560))
"""Telegram's letters for sizes, and the largest side of each. https://core.telegram.org/api/files#image-thumbnail-types"""


@dataclass(frozen=True, slots=True)
class Rendition:
    """One size of a picture: a JPEG of `width` by `height` pixels under Telegram's letter for the size."""

    letter: str
    width: int
    height: int
    data: bytes


def render_photo(data: bytes, name: str) -> list[Rendition]:
    """The sizes in which a photo is kept, smallest first; the last is the photo at its best (2560 at most).

    Raises:
        RpcError: PHOTO_EXT_INVALID, PHOTO_SAVE_FILE_INVALID, IMAGE_PROCESS_FAILED or
            PHOTO_INVALID_DIMENSIONS.
    """
    if PurePosixPath(name).suffix.lower() not in PHOTO_EXTENSIONS:
        raise RpcError(400, "PHOTO_EXT_INVALID")
    if len(data) > MAX_PHOTO_FILE:
        raise RpcError(400, "PHOTO_SAVE_FILE_INVALID")
    picture = _decode(data)
    longest = max(picture.size)
    smaller = [(letter, side) for letter, side in _SIDES if side < longest]
    top = next((letter for letter, side in _SIDES if side >= longest), None)
    wanted = smaller if top is None else [*smaller, (top, longest)]
    return [_render(picture, letter, side) for letter, side in wanted]


def render_thumbnail(data: bytes) -> Rendition | None:
    """A small picture for a document; None if the bytes are no picture that can be shown."""
    try:
        return _render(_decode(data), "m", THUMBNAIL_SIDE)
    except RpcError:
        return None


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels as the bytes say; None if they are no picture that can be shown."""
    try:
        return _decode(data).size
    except RpcError:
        return None


def _decode(data: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(data)) as picture:
            _check_dimensions(*picture.size)
            upright = ImageOps.exif_transpose(picture)
            return _opaque(upright)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise RpcError(400, "PHOTO_INVALID_DIMENSIONS") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise RpcError(400, "IMAGE_PROCESS_FAILED") from None


def _check_dimensions(width: int, height: int) -> None:
    if width + height > MAX_WIDTH_PLUS_HEIGHT or max(width, height) > MAX_RATIO * min(width, height):
        raise RpcError(400, "PHOTO_INVALID_DIMENSIONS")


def _opaque(picture: Image.Image) -> Image.Image:
    """The picture in RGB; what was transparent is white, since JPEG has no transparency."""
    if picture.mode == "RGB":
        return picture.copy()
    colours = picture.convert("RGBA")
    white = Image.new("RGBA", colours.size, "white")
    return Image.alpha_composite(white, colours).convert("RGB")


def _render(picture: Image.Image, letter: str, side: int) -> Rendition:
    longest = max(picture.size)
    if longest > side:
        width, height = (max(1, round(length * side / longest)) for length in picture.size)
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=_JPEG_QUALITY)
    return Rendition(letter, *picture.size, buffer.getvalue())
