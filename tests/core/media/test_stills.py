"""Thumbnails are made in a process of their own: whatever becomes of that, the bot stands."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from support.media_samples import clip

from core.media.stills import THUMBNAIL_BYTES, Piece, Still, StillLimits, Stills, decoded, encoded


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return clip(tmp_path_factory.mktemp("films") / "a.mp4", size=(640, 1280), seconds=0.3).read_bytes()


async def test_a_thumbnail_is_a_small_jpeg_of_the_first_picture(film: bytes) -> None:
    thumbnail = await Stills().thumbnail(Still("mov", (Piece(0, film),)))
    assert thumbnail is not None
    assert len(thumbnail) <= THUMBNAIL_BYTES
    image = Image.open(io.BytesIO(thumbnail))
    assert (image.format, image.size) == ("JPEG", (160, 320))
    assert image.convert("RGB").getpixel((80, 160)) == pytest.approx((0, 60, 120), abs=8)


async def test_what_cannot_be_decoded_has_none(film: bytes) -> None:
    stills = Stills()
    assert await stills.thumbnail(Still("mov", (Piece(0, film[:500]),))) is None
    assert await stills.thumbnail(Still("matroska", (Piece(0, film),))) is None


@pytest.mark.parametrize("limits", [StillLimits(memory=1024 * 1024), StillLimits(seconds=0.01)])
async def test_a_process_that_falls_is_no_fault(film: bytes, limits: StillLimits) -> None:
    assert await Stills(limits).thumbnail(Still("mov", (Piece(0, film),))) is None


def test_an_order_arrives_as_it_was_given() -> None:
    pieces = (Piece(0, b"one\n"), Piece(1 << 40, b"\ntwo"))
    assert decoded(encoded("mov", pieces)) == Still("mov", pieces)
