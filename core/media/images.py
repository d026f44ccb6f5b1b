"""Pictures: checked, turned upright, made what the model takes, free of what they tell of their maker.

Blocking, and not to be trusted with the bot's memory: it runs in a process of its own.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageCms, ImageOps

from core.media.sniffing import IMAGES, sniff
from core.media.wants import Note, Prepared, Unfit, Wants, too_large, wrong_kind

MOST_PIXELS = 100_000_000
_READ = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF")
_WRITTEN = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}
_QUALITIES = (95, 88, 80)
_SHRINK = 0.8
_WHITE = (255, 255, 255)
_ORIENTATION = 0x0112
_DEEP = ("I", "I;16", "I;16L", "I;16B")


def prepare_image(source: Path, target: Path, wants: Wants) -> Prepared:
    """Write to `target` what the model takes of the picture `source`.

    The first picture of an animation is taken, and the person told. EXIF, with places and cameras, is gone.

    Raises:
        Unfit: it is no picture that the model can take, in words.

    """
    form = sniff(source)
    if form == "heic":
        raise Unfit("media-heic")
    if form not in IMAGES:
        raise wrong_kind(wants)
    try:
        with _unlimited(), Image.open(source, formats=_READ) as opened:
            return _prepare(opened, form, target, wants)
    except Unfit:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, IndexError) as error:
        raise Unfit("media-broken") from error


def _prepare(opened: Image.Image, form: str, target: Path, wants: Wants) -> Prepared:
    width, height = opened.size
    if width * height > MOST_PIXELS:
        limit = MOST_PIXELS // 1_000_000
        raise Unfit("media-too-many-pixels", width=width, height=height, limit=limit)
    if min(width, height) < wants.side_min:
        raise Unfit("media-too-small", width=width, height=height, least=wants.side_min)
    notes = []
    if getattr(opened, "n_frames", 1) > 1:
        opened.seek(0)
        notes.append(Note("media-first-frame", {}))
    opened.load()
    image = _plain(opened)
    upright = image.size
    image = _fitted(image, wants.side_max)
    image, written, content = _encoded(image, form, wants)
    if image.size != upright:
        was, now = (f"{wide} × {high}" for wide, high in (upright, image.size))
        notes.append(Note("media-made-smaller", {"was": was, "now": now}))
    target.write_bytes(content)
    width, height = image.size
    return Prepared(f"image/{written}", len(content), width=width, height=height, notes=tuple(notes))


def _plain(opened: Image.Image) -> Image.Image:
    """The picture upright, as RGB or RGBA in sRGB, with nothing attached."""
    # Only where it was turned: the copy that this makes is as large as the picture.
    image = ImageOps.exif_transpose(opened) if opened.getexif().get(_ORIENTATION, 1) != 1 else opened
    clear = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info
    wanted = "RGBA" if clear else "RGB"
    image = _in_srgb(image, opened.info.get("icc_profile"))
    if image.mode in _DEEP:
        # Converting alone would cut 16 bits off at white.
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    plain = Image.new(wanted, image.size)
    plain.paste(image.convert(wanted))
    return plain


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if not profile or image.mode not in ("RGB", "RGBA", "CMYK"):
        return image
    try:
        inside = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        changed = ImageCms.profileToProfile(image, inside, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return changed or image


def _fitted(image: Image.Image, side: int) -> Image.Image:
    longest = max(image.size)
    return image if longest <= side else _scaled(image, side / longest)


def _scaled(image: Image.Image, share: float) -> Image.Image:
    width, height = (max(1, round(side * share)) for side in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS)


def _encoded(image: Image.Image, form: str, wants: Wants) -> tuple[Image.Image, str, bytes]:
    """The picture in a form that is taken and small enough; it is made smaller where nothing else helps."""
    size = 0
    while min(image.size) >= wants.side_min:
        for written, quality in _ways(image, form, wants):
            content = _written(image, written, quality)
            size = len(content)
            if size <= wants.max_bytes:
                return image, written, content
        image = _scaled(image, _SHRINK)
    raise too_large(size, wants.max_bytes)


def _ways(image: Image.Image, form: str, wants: Wants) -> Iterator[tuple[str, int]]:
    """The forms in which it may be written, the best for this picture first."""
    known = [name for name in _WRITTEN if name in wants.formats]
    if not known:
        raise wrong_kind(wants)
    lossless = [name for name in ("png",) if name in known and (form != "jpeg" or image.mode == "RGBA")]
    first = [form] if form in known and form != "png" else []
    if image.mode == "RGBA":
        first = [name for name in first if name != "jpeg"]
        rest = [*lossless, *(name for name in ("webp", "jpeg") if name in known)]
    else:
        rest = [*lossless, *(name for name in ("jpeg", "webp") if name in known)]
    for name in dict.fromkeys([*first, *rest] or known):
        if name == "png":
            yield name, 0
        else:
            for quality in _QUALITIES:
                yield name, quality


def _written(image: Image.Image, form: str, quality: int) -> bytes:
    buffer = io.BytesIO()
    if form == "png":
        image.save(buffer, "PNG", compress_level=6)
    else:
        flat = _flattened(image) if form == "jpeg" else image
        flat.save(buffer, _WRITTEN[form], quality=quality)
    return buffer.getvalue()


def _flattened(image: Image.Image) -> Image.Image:
    """The picture on white: JPEG knows nothing that shines through."""
    if image.mode != "RGBA":
        return image
    flat = Image.new("RGB", image.size, _WHITE)
    flat.paste(image, mask=image.getchannel("A"))
    return flat


@contextmanager
def _unlimited() -> Iterator[None]:
    """Without Pillow's own limit of pixels: ours is looked at before anything is decoded.

    What it warns of (odd tags, for the most part) is nothing that anybody could act on.
    """
    was = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        Image.MAX_IMAGE_PIXELS = was
