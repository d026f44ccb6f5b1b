"""Size and length of films as their files say, and nothing from files that lie."""

from __future__ import annotations

import struct
from pathlib import Path

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.generation.completion import completed
from core.generation.film import Film, film_of
from core.generation.provider import Result


def _film(path: Path, *, fast: bool = True) -> bytes:
    with av.open(str(path), "w", options={"movflags": "faststart"} if fast else {}) as container:
        stream = container.add_stream("h264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for _ in range(48):
            for packet in stream.encode(av.VideoFrame(320, 180, "yuv420p")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path.read_bytes()


@pytest.mark.parametrize("suffix", ["mp4", "mov"])
def test_a_film_says_how_large_and_long_it_is(tmp_path: Path, suffix: str) -> None:
    film = film_of(_film(tmp_path / f"a.{suffix}")[:4096])
    assert (film.width, film.height) == (320, 180)
    assert film.seconds == pytest.approx(2.0, abs=0.05)


def test_a_film_whose_index_stands_behind_it_is_not_waited_for(tmp_path: Path) -> None:
    content = _film(tmp_path / "a.mp4", fast=False)
    assert film_of(content[:1000]) == Film()
    assert film_of(content).width == 320


def test_one_that_lies_on_its_side_is_shown_upright(tmp_path: Path) -> None:
    content = bytearray(_film(tmp_path / "a.mp4"))
    matrix = content.index(b"tkhd") + 4 + 40
    content[matrix : matrix + 20] = struct.pack(">5i", 0, 65536, 0, -65536, 0)
    film = film_of(bytes(content))
    assert (film.width, film.height) == (180, 320)


def _track(width: int, height: int) -> bytes:
    matrix = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 0)
    sides = struct.pack(">II", width << 16, height << 16)
    header = struct.pack(">I4s4B48x", 8 + 96, b"tkhd", 1, 0, 0, 0) + matrix + sides
    return struct.pack(">I4s", 8 + len(header), b"trak") + header


def test_long_headers_are_read_as_well_and_sound_has_no_size() -> None:
    movie = struct.pack(">I4s4B16xIQ", 40, b"mvhd", 1, 0, 0, 0, 1000, 2500)
    inside = movie + _track(0, 0) + _track(640, 360) + _track(0, 0)
    head = struct.pack(">I4sQ", 1, b"moov", 16 + len(inside)) + inside
    assert film_of(head) == Film(640, 360, 2.5)


@pytest.mark.parametrize("length", [0, 2**31])
def test_a_length_that_is_none_is_not_believed(length: int) -> None:
    movie = struct.pack(">I4s4B8xII", 28, b"mvhd", 0, 0, 0, 0, 1, length)
    assert film_of(struct.pack(">I4s", 8 + len(movie), b"moov") + movie) == Film()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 3))
def test_whatever_comes_it_answers(noise: bytes, depth: int) -> None:
    head = noise
    for name in (b"tkhd", b"trak", b"moov")[3 - depth :]:
        head = struct.pack(">I4s", 8 + len(head), name) + head
    film = film_of(head)
    assert film.seconds == 0


def test_a_result_is_completed_by_it(tmp_path: Path) -> None:
    content = _film(tmp_path / "a.mp4")
    found = completed(Result("u", mime_type="video/mp4"), None, content)
    assert (found.width, found.height) == (320, 180)
    assert found.duration == pytest.approx(2.0, abs=0.05)
    said = Result("u", mime_type="video/mp4", width=1, height=2, duration=3.0)
    assert completed(said, None, content) == said
