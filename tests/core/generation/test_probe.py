"""What a file is, told from its bytes as they pass, however they are cut, and whatever they are."""

from __future__ import annotations

import io
import random
import struct
import tracemalloc
from pathlib import Path

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from support.media_samples import animation, clip, picture, tone

from core.generation.probe import keeping
from core.generation.probe.facts import FileForm, MediaFacts
from core.generation.probe.lending import LEAST, KeptBytes
from core.generation.probe.probe import MediaProbe
from core.media.first_picture import thumbnail_of

MIB = 1024 * 1024
STARTS = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"GIF89a",
    b"OggS",
    b"fLaC",
    b"ID3",
    b"\xff\xfb",
    b"\xff\xf1",
)
BOXED = (b"RIFF\0\0\0\0WEBP", b"RIFF\0\0\0\0WAVE", b"\0\0\0\x18ftypisom", b"\x1a\x45\xdf\xa3")


def _probe(content: bytes, cut: int = 0) -> MediaProbe:
    probe, chance, place = MediaProbe(), random.Random(cut), 0
    while place < len(content):
        step = cut or chance.choice((1, 3, 50, 1000, 65536))
        probe.feed(content[place : place + step])
        place += step
    probe.end()
    return probe


def _facts(content: bytes, cut: int = 0) -> MediaFacts:
    return _probe(content, cut).facts()


def _rewritten(path: Path, target: Path, form: str, **options: str) -> bytes:
    """The same streams in another container."""
    with av.open(str(path)) as inside, av.open(str(target), "w", format=form, options=options) as outside:
        streams = {stream.index: outside.add_stream_from_template(stream) for stream in inside.streams}
        for packet in inside.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                outside.mux(packet)
    return target.read_bytes()


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip(tmp_path_factory.mktemp("films") / "a.mp4", size=(320, 180))


# Videos


@pytest.mark.parametrize(
    ("form", "options", "mime_type"),
    [
        ("mp4", {}, "video/mp4"),
        ("mp4", {"movflags": "faststart"}, "video/mp4"),
        ("mp4", {"movflags": "frag_keyframe+empty_moov+default_base_moof"}, "video/mp4"),
        ("mov", {}, "video/quicktime"),
        ("matroska", {}, "video/x-matroska"),
        ("matroska", {"live": "1"}, "video/x-matroska"),
    ],
    ids=["index-at-the-end", "index-at-the-start", "fragments", "mov", "mkv", "mkv-live"],
)
def test_a_film_wherever_its_index_lies(
    film: Path, tmp_path: Path, form: str, options: dict[str, str], mime_type: str
) -> None:
    probe = _probe(_rewritten(film, tmp_path / "film", form, **options))
    facts = probe.facts()
    assert (facts.form, facts.mime_type) == (FileForm.VIDEO, mime_type)
    assert (facts.width, facts.height, facts.codec, facts.sound) == (320, 180, "h264", "aac")
    guessed = "live" in options or "frag" in options.get("movflags", "")
    # One that says nothing of its length is as long as its pieces, of which the last may reach further.
    assert facts.duration == pytest.approx(2.0, abs=0.25 if guessed else 0.06)
    still = probe.still()
    assert still is not None
    assert Image.open(io.BytesIO(thumbnail_of(still) or b"")).size == (320, 180)


def test_webm(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.webm", form="webm", codec="libvpx", sound="libopus")
    facts = _facts(path.read_bytes())
    assert (facts.mime_type, facts.codec, facts.sound) == ("video/webm", "vp8", "opus")
    assert (facts.width, facts.height) == (160, 120)
    assert facts.duration == pytest.approx(2.0, abs=0.05)


def test_a_film_without_sound_says_so(tmp_path: Path) -> None:
    assert _facts(clip(tmp_path / "a.mp4", sound="").read_bytes()).sound == ""


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize("kept", [100, 20_000])
def test_no_more_is_kept_of_a_film_than_its_beginning_and_its_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fast: bool, kept: int
) -> None:
    path = clip(tmp_path / "a.mp4", seconds=8, size=(640, 360))
    content = _rewritten(path, tmp_path / "b.mp4", "mp4", **({"movflags": "faststart"} if fast else {}))
    monkeypatch.setattr(keeping, "KEPT", kept)
    monkeypatch.setattr(keeping, "_BEHIND_INDEX", 30_000)
    still = _probe(content, 777).still()
    assert still is not None
    held = sum(len(piece.data) for piece in still.pieces)
    assert held < len(content)
    assert all(content[piece.offset :].startswith(piece.data) for piece in still.pieces)
    if fast or kept > 10_000:
        assert Image.open(io.BytesIO(thumbnail_of(still) or b"")).size == (320, 180)


def test_what_is_kept_of_fifty_films_is_bounded_and_each_has_its_picture(film: Path) -> None:
    content = film.read_bytes()
    index = content.rindex(b"moov") - 4
    passing = (content[:index] + struct.pack(">I4s", 2 * MIB, b"free")).ljust(index + 2 * MIB, b"\0")
    kept = KeptBytes(total=8 * MIB)
    tracemalloc.start()
    try:
        probes = [MediaProbe(kept) for _ in range(50)]
        for place in range(0, len(passing), MIB // 4):
            chunk = passing[place : place + MIB // 4]
            for probe in probes:
                probe.feed(chunk)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept.held == kept.total
    assert held < kept.total + 50 * LEAST * 1.2
    for probe in probes:
        probe.feed(content[index:])
        probe.end()
        assert (probe.facts().width, round(probe.facts().duration)) == (320, 2)
    for probe in (probes[0], probes[-1]):
        still = probe.still()
        assert still is not None
        assert thumbnail_of(still)
    for probe in probes:
        probe.drop()
        probe.drop()
    assert kept.held == 0


def test_a_large_index_passes_unread_where_there_is_no_room_for_it(film: Path) -> None:
    content = film.read_bytes()
    begin = content.rindex(b"moov") - 4
    (size,) = struct.unpack_from(">I", content, begin)
    padding = struct.pack(">I4s", MIB, b"free").ljust(MIB, b"\0")
    large = content[:begin] + struct.pack(">I4s", size + MIB, b"moov") + content[begin + 8 :] + padding
    for total, width in ((4 * MIB, 320), (0, 0)):
        probe = MediaProbe(KeptBytes(total))
        for place in range(0, len(large), MIB):
            probe.feed(large[place : place + MIB])
        probe.end()
        assert probe.facts().mime_type == "video/mp4"
        assert probe.facts().width == width
        assert (probe.still() is not None) == bool(width)


def test_one_that_lies_on_its_side_is_shown_upright(film: Path) -> None:
    content = bytearray(film.read_bytes())
    matrix = content.index(b"tkhd") + 4 + 40
    content[matrix : matrix + 20] = struct.pack(">5i", 0, 65536, 0, -65536, 0)
    probe = _probe(bytes(content))
    assert (probe.facts().width, probe.facts().height) == (180, 320)
    still = probe.still()
    assert still is not None
    assert Image.open(io.BytesIO(thumbnail_of(still) or b"")).size == (180, 320)


def test_a_length_that_is_none_is_not_believed() -> None:
    for length in (0, 2**31, 2**32 - 1):
        movie = struct.pack(">I4s4B8xII", 28, b"mvhd", 0, 0, 0, 0, 1, length)
        content = b"\0\0\0\x10ftypisom\0\0\0\0" + struct.pack(">I4s", 8 + len(movie), b"moov") + movie
        assert _facts(content + bytes(64)).duration == 0


# Sounds


@pytest.mark.parametrize(
    ("form", "codec", "mime_type", "sound"),
    [
        ("mp3", "libmp3lame", "audio/mpeg", "mp3"),
        ("ogg", "libopus", "audio/ogg", "opus"),
        ("wav", "pcm_s16le", "audio/x-wav", "pcm"),
        ("flac", "flac", "audio/flac", "flac"),
        ("ipod", "aac", "audio/mp4", "aac"),
        ("mp4", "aac", "audio/mp4", "aac"),
        ("adts", "aac", "audio/aac", "aac"),
        ("webm", "libopus", "audio/webm", "opus"),
    ],
)
def test_a_sound(tmp_path: Path, form: str, codec: str, mime_type: str, sound: str) -> None:
    probe = _probe(tone(tmp_path / "a", form=form, codec=codec, seconds=3).read_bytes())
    facts = probe.facts()
    assert (facts.form, facts.mime_type, facts.sound) == (FileForm.AUDIO, mime_type, sound)
    assert facts.duration == pytest.approx(3.0, abs=0.06)
    assert probe.still() is None


def _named(path: Path, form: str, codec: str) -> bytes:
    with av.open(str(path), "w", format=form) as container:
        container.metadata.update({"title": "Маяк", "artist": "The Fog"})
        stream = container.add_stream(codec, rate=48_000, layout="mono")
        frame = av.AudioFrame(format="s16", layout="mono", samples=960)
        frame.planes[0].update(bytes(1920))
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path.read_bytes()


@pytest.mark.parametrize(
    ("form", "codec"), [("mp3", "libmp3lame"), ("ogg", "libopus"), ("flac", "flac"), ("ipod", "aac")]
)
def test_a_sound_tells_its_title_and_who_performs_it(tmp_path: Path, form: str, codec: str) -> None:
    facts = _facts(_named(tmp_path / "a", form, codec))
    assert (facts.title, facts.performer) == ("Маяк", "The Fog")


def test_an_mp3_without_a_header_of_its_own_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    with av.open(
        str(path), "w", format="mp3", options={"write_xing": "0", "id3v2_version": "0"}
    ) as container:
        stream = container.add_stream("libmp3lame", rate=44_100, layout="stereo")
        stream.codec_context.qscale = True
        for _ in range(100):
            frame = av.AudioFrame(format="s16p", layout="stereo", samples=1152)
            frame.sample_rate = 44_100
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert _facts(path.read_bytes()).duration == pytest.approx(100 * 1152 / 44_100, abs=0.06)


def test_a_wav_that_was_written_as_a_stream_is_counted(tmp_path: Path) -> None:
    content = bytearray(tone(tmp_path / "a.wav", form="wav", codec="pcm_s16le").read_bytes())
    size = content.index(b"data") + 4
    content[size : size + 4] = b"\xff\xff\xff\xff"
    assert _facts(bytes(content)).duration == pytest.approx(2.0, abs=0.01)


# Pictures


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_is_as_large_as_its_bytes_say(form: str) -> None:
    facts = _facts(picture((64, 48), form=form))
    assert (facts.form, facts.mime_type) == (FileForm.IMAGE, f"image/{form.lower()}")
    assert (facts.width, facts.height, facts.animated) == (64, 48, False)


@pytest.mark.parametrize("form", ["PNG", "WEBP", "GIF"])
def test_a_picture_that_moves_says_so(form: str) -> None:
    facts = _facts(animation(form))
    assert (facts.width, facts.height, facts.animated) == (120, 80, True)
    assert facts.duration == (0.0 if form == "PNG" else 0.2)


def test_webp_without_loss_and_one_that_shines_through() -> None:
    assert _facts(picture((65, 49), form="WEBP", lossless=True)).width == 65
    assert _facts(picture((65, 49), "RGBA", form="WEBP", lossless=True)).height == 49


def test_a_photo_that_lies_on_its_side_is_shown_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    facts = _facts(picture((64, 48), form="JPEG", exif=exif))
    assert (facts.width, facts.height) == (48, 64)


# Anything


@pytest.mark.parametrize("cut", [1, 7, 64, 4096, 10**9])
def test_it_does_not_matter_how_a_file_is_cut(film: Path, cut: int) -> None:
    content = film.read_bytes()
    assert _facts(content, cut) == _facts(content)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(STARTS + BOXED), st.binary(max_size=600), st.integers(1, 200))
def test_whatever_comes_it_answers(start: bytes, noise: bytes, cut: int) -> None:
    probe = _probe(start + noise, cut)
    facts = probe.facts()
    assert facts.size == len(start + noise)
    assert facts.duration >= 0
    probe.still()


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_damaged_film_is_no_fault(film: Path, data: st.DataObject) -> None:
    content = bytearray(film.read_bytes())
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    _probe(bytes(content[: data.draw(st.integers(0, len(content)))]), 1000).still()


def test_an_unknown_file_is_nothing_known() -> None:
    assert _facts(b"nothing we know" * 10) == MediaFacts(size=150)
    assert _facts(b"") == MediaFacts()
