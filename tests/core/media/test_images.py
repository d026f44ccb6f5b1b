"""Pictures as people send them, and as models get them."""

from __future__ import annotations

import io
import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms
from support.media_samples import animation, picture

from core.media.images import MOST_PIXELS, prepare_image
from core.media.wants import Prepared, Unfit, Wants

ALL = ("jpeg", "png", "webp")


def wants(*formats: str, **changes: Any) -> Wants:
    return Wants(**{"kind": "image", "formats": formats or ALL, "max_bytes": 10_000_000, **changes})


def prepare(tmp_path: Path, content: bytes, wanted: Wants | None = None) -> tuple[Prepared, Image.Image]:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(content)
    prepared = prepare_image(source, target, wanted or wants())
    image = Image.open(io.BytesIO(target.read_bytes()))
    image.load()
    assert (prepared.width, prepared.height) == image.size
    assert prepared.size == target.stat().st_size
    assert prepared.mime_type == Image.MIME[image.format or ""]
    return prepared, image


def refused(tmp_path: Path, content: bytes, wanted: Wants | None = None) -> Unfit:
    with pytest.raises(Unfit) as caught:
        prepare(tmp_path, content, wanted)
    return caught.value


def colours(image: Image.Image) -> tuple[str, str]:
    """What stands on the left and on the right."""
    names = []
    for x in (image.width // 4, image.width * 3 // 4):
        pixel = image.convert("RGB").getpixel((x, image.height // 2))
        assert isinstance(pixel, tuple)
        names.append(("red", "green", "blue")[max(range(3), key=lambda number: pixel[number])])
    return names[0], names[1]


@pytest.mark.parametrize(
    ("mode", "form"),
    [
        ("RGB", "JPEG"), ("CMYK", "JPEG"), ("RGB", "PNG"), ("RGBA", "PNG"), ("P", "PNG"), ("P", "GIF"),
        ("RGB", "WEBP"), ("RGBA", "WEBP"), ("RGB", "BMP"), ("RGB", "TIFF"), ("CMYK", "TIFF"), ("RGB", "AVIF"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("formats", [("jpeg",), ("png",), ("webp",), ("jpeg", "png")])
def test_every_form_becomes_one_that_is_taken(
    tmp_path: Path, mode: str, form: str, formats: tuple[str, ...]
) -> None:
    prepared, image = prepare(tmp_path, picture(mode=mode, form=form), wants(*formats))
    assert prepared.mime_type.removeprefix("image/") in formats
    assert image.mode in ("RGB", "RGBA")
    assert image.size == (320, 200)
    assert colours(image) == ("red", "blue")
    assert prepared.notes == ()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "I;16"])
def test_grey_and_deep_pictures_stay_as_light_as_they_are(tmp_path: Path, mode: str) -> None:
    grey = Image.new("L", (100, 100), 128) if mode != "1" else Image.new("L", (100, 100), 255)
    image = Image.new("I;16", (100, 100), 128 * 256) if mode == "I;16" else grey.convert(mode)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    _, prepared = prepare(tmp_path, buffer.getvalue(), wants("png"))
    shade = prepared.convert("L").getpixel((50, 50))
    assert shade in ((255,) if mode == "1" else (127, 128, 129))


def test_what_shines_through_is_white_in_a_jpeg(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (100, 100), (255, 0, 0, 0)).save(buffer, "PNG")
    _, image = prepare(tmp_path, buffer.getvalue(), wants("jpeg"))
    assert image.getpixel((50, 50)) == (255, 255, 255)
    _, image = prepare(tmp_path, buffer.getvalue(), wants("jpeg", "png"))
    assert (image.format, image.mode) == ("PNG", "RGBA")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_turned_picture_stands_upright_and_tells_nothing_of_its_maker(tmp_path: Path, form: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Spycam"
    exif.get_ifd(0x8825)[1] = "N"
    content = picture((320, 200), form=form, exif=exif.tobytes())
    assert b"Spycam" in content
    prepared, image = prepare(tmp_path, content)
    assert image.size == (200, 320)
    upper = image.convert("RGB").getpixel((100, 80))
    assert isinstance(upper, tuple)
    assert upper[0] > 200
    assert dict(image.getexif()) == {}
    assert b"Spycam" not in (tmp_path / "target").read_bytes()
    assert prepared.notes == ()


def test_texts_and_colour_profiles_inside_are_gone(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for form in ("JPEG", "PNG", "WEBP"):
        _, image = prepare(tmp_path, picture(form=form, icc_profile=profile))
        assert "icc_profile" not in image.info
        assert colours(image) == ("red", "blue")
    _, image = prepare(tmp_path, picture(form="JPEG", icc_profile=b"no profile at all"))
    assert colours(image) == ("red", "blue")


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_of_what_moves_the_first_picture_is_taken_and_that_is_said(tmp_path: Path, form: str) -> None:
    prepared, image = prepare(tmp_path, animation(form))
    assert [note.key for note in prepared.notes] == ["media-first-frame"]
    assert colours(image) == ("red", "red")
    assert getattr(image, "n_frames", 1) == 1


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_what_breaks_off_is_refused(tmp_path: Path, form: str) -> None:
    content = picture((600, 600), form=form)
    assert refused(tmp_path, content[: len(content) // 2]).key == "media-broken"


@pytest.mark.parametrize("share", range(0, 100, 7))
def test_no_cut_and_no_flipped_byte_makes_another_error(tmp_path: Path, share: int) -> None:
    chance = random.Random(share)
    for form in ("JPEG", "PNG", "WEBP", "GIF", "TIFF"):
        content = bytearray(picture((64, 64), form=form))
        del content[max(20, len(content) * share // 100) :]
        content[chance.randrange(12, len(content))] ^= 0xFF
        with suppress(Unfit):
            prepare(tmp_path, bytes(content))


@pytest.mark.parametrize(
    "content", [b"", b"just words", b"<svg/>", b"%PDF-1.7", b"MZ\x90", b"\x00" * 500, b"#EXTM3U\n/etc/passwd"]
)
def test_what_is_no_picture_is_refused_by_its_content(tmp_path: Path, content: bytes) -> None:
    unfit = refused(tmp_path, content, wants("jpeg", "png"))
    assert (unfit.key, unfit.variables) == ("media-not-image", {"formats": "JPEG, PNG"})


def test_a_heic_is_refused_with_a_way_out(tmp_path: Path) -> None:
    assert refused(tmp_path, b"\x00\x00\x00\x18ftypheic" + b"\x00" * 50).key == "media-heic"


def test_what_is_larger_than_models_take_is_made_smaller_and_that_is_said(tmp_path: Path) -> None:
    prepared, image = prepare(tmp_path, picture((1000, 500)), wants(side_max=400))
    assert image.size == (400, 200)
    assert [(note.key, note.variables) for note in prepared.notes] == [
        ("media-made-smaller", {"was": "1000 × 500", "now": "400 × 200"})
    ]


def test_a_heavy_picture_is_made_lighter_until_it_fits(tmp_path: Path) -> None:
    noise = Image.frombytes("RGB", (700, 700), random.Random(1).randbytes(700 * 700 * 3))
    buffer = io.BytesIO()
    noise.save(buffer, "PNG")
    prepared, image = prepare(tmp_path, buffer.getvalue(), wants("jpeg", "png", max_bytes=150_000))
    assert prepared.size <= 150_000
    assert image.format == "JPEG"
    assert [note.key for note in prepared.notes] == ["media-made-smaller"]
    unfit = refused(tmp_path, buffer.getvalue(), wants("png", max_bytes=1000))
    assert unfit.key == "media-too-large"
    assert unfit.variables["limit"] < 0.001


def test_a_small_picture_is_refused_with_numbers(tmp_path: Path) -> None:
    unfit = refused(tmp_path, picture((31, 500)))
    assert (unfit.key, unfit.variables) == ("media-too-small", {"width": 31, "height": 500, "least": 32})


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    side = 10_240
    assert side * side > MOST_PIXELS
    buffer = io.BytesIO()
    Image.new("1", (side, side)).save(buffer, "PNG", compress_level=1)
    limit = Image.MAX_IMAGE_PIXELS
    unfit = refused(tmp_path, buffer.getvalue())
    assert unfit.key == "media-too-many-pixels"
    assert unfit.variables == {"width": side, "height": side, "limit": 100}
    assert limit == Image.MAX_IMAGE_PIXELS
