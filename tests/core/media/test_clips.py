"""Videos and sounds as people send them, and as models get them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import pytest
from support.media_samples import clip, picture, tone

from core.media.clips import prepare_clip
from core.media.wants import Prepared, Unfit, Wants


def wants(kind: Any, *formats: str, **changes: Any) -> Wants:
    return Wants(**{"kind": kind, "formats": formats, "max_bytes": 10_000_000, **changes})


def prepare(source: Path, wanted: Wants) -> Prepared:
    target = source.with_name("target")
    prepared = prepare_clip(source, target, wanted)
    with av.open(str(target)) as container:
        stream = container.streams.video[0] if wanted.kind == "video" else container.streams.audio[0]
        assert sum(1 for _ in container.decode(stream)) > 0
        assert {name.lower() for name in container.metadata} <= {
            "major_brand", "minor_version", "compatible_brands", "encoder"
        }  # fmt: skip
    assert prepared.size == target.stat().st_size
    return prepared


def refused(source: Path, wanted: Wants) -> Unfit:
    with pytest.raises(Unfit) as caught:
        prepare_clip(source, source.with_name("target"), wanted)
    return caught.value


def test_a_video_is_taken_with_its_facts_and_without_its_place(tmp_path: Path) -> None:
    source = clip(tmp_path / "a.mp4", seconds=2.5, metadata={"location": "+52.5+013.4/", "title": "At home"})
    assert b"At home" in source.read_bytes()
    assert b"loci" in source.read_bytes()
    prepared = prepare(source, wants("video", "mp4"))
    assert (prepared.mime_type, prepared.width, prepared.height) == ("video/mp4", 160, 120)
    assert prepared.seconds == pytest.approx(2.5, abs=0.11)
    written = (tmp_path / "target").read_bytes()
    assert b"At home" not in written
    assert b"loci" not in written
    with av.open(str(tmp_path / "target")) as container:
        assert [stream.codec_context.name for stream in container.streams.audio] == ["aac"]


@pytest.mark.parametrize(
    ("made", "formats", "mime_type"),
    [
        (("mov", "libx264", "aac"), ("mp4",), "video/mp4"),
        (("mov", "libx264", "aac"), ("mp4", "mov"), "video/quicktime"),
        (("matroska", "libx264", "aac"), ("mp4", "mov"), "video/mp4"),
        (("matroska", "libx264", "aac"), ("mp4", "mkv"), "video/x-matroska"),
        (("avi", "libx264", ""), ("mp4",), "video/mp4"),
        (("mp4", "libx264", ""), ("mov",), "video/quicktime"),
        (("webm", "libvpx", "libopus"), ("webm",), "video/webm"),
    ],
)
def test_a_container_that_is_not_taken_is_exchanged(
    tmp_path: Path, made: tuple[str, str, str], formats: tuple[str, ...], mime_type: str
) -> None:
    form, codec, sound = made
    source = clip(tmp_path / "a", form=form, codec=codec, sound=sound)
    assert prepare(source, wants("video", *formats)).mime_type == mime_type


def test_a_codec_that_is_not_taken_is_refused_in_words(tmp_path: Path) -> None:
    source = clip(tmp_path / "a", form="webm", codec="libvpx", sound="libopus")
    unfit = refused(source, wants("video", "mp4", "mov"))
    assert (unfit.key, unfit.variables) == ("media-codec", {"codec": "VP8/OPUS", "formats": "MP4, MOV"})


def test_a_video_that_was_turned_stays_turned(tmp_path: Path) -> None:
    source = clip(tmp_path / "a.mp4")
    content = source.read_bytes()
    # The matrix of the track's header: by 90 degrees.
    plain = bytes.fromhex("00010000" + "00" * 12 + "00010000" + "00" * 12 + "40000000")
    turned = bytes.fromhex("00000000" + "00010000" + "00000000" + "ffff0000" + "00" * 16 + "40000000")
    place = content.index(plain, content.index(b"tkhd"))
    source.write_bytes(content[:place] + turned + content[place + len(plain) :])
    prepared = prepare(source, wants("video", "mp4"))
    assert (prepared.width, prepared.height) == (120, 160)
    again = prepare(_moved(tmp_path / "target"), wants("video", "mp4"))
    assert (again.width, again.height) == (120, 160)


def _moved(path: Path) -> Path:
    return path.replace(path.with_name("again.mp4"))


@pytest.mark.parametrize(
    ("form", "codec", "formats", "mime_type"),
    [
        ("ogg", "libopus", ("mp3",), "audio/mpeg"),
        ("ogg", "libopus", ("wav",), "audio/wav"),
        ("ogg", "libopus", ("ogg", "mp3"), "audio/ogg"),
        ("wav", "pcm_s16le", ("mp3", "wav"), "audio/wav"),
        ("mp3", "libmp3lame", ("mp3",), "audio/mpeg"),
        ("mp3", "libmp3lame", ("m4a",), "audio/mp4"),
        ("ipod", "aac", ("m4a",), "audio/mp4"),
        ("adts", "aac", ("aac",), "audio/aac"),
        ("adts", "aac", ("wav",), "audio/wav"),
        ("flac", "flac", ("ogg",), "audio/ogg"),
        ("flac", "flac", ("aac",), "audio/aac"),
    ],
)
def test_sounds_become_what_is_taken(
    tmp_path: Path, form: str, codec: str, formats: tuple[str, ...], mime_type: str
) -> None:
    source = tone(tmp_path / "a", form=form, codec=codec)
    prepared = prepare(source, wants("audio", *formats))
    assert prepared.mime_type == mime_type
    assert prepared.seconds == pytest.approx(2.0, abs=0.1)


def test_a_sound_that_is_too_heavy_is_encoded_lighter_where_that_is_taken(tmp_path: Path) -> None:
    source = tone(tmp_path / "a", form="wav", codec="pcm_s16le", seconds=4)
    assert source.stat().st_size > 300_000
    prepared = prepare(source, wants("audio", "wav", "mp3", max_bytes=200_000))
    assert prepared.mime_type == "audio/mpeg"
    unfit = refused(source, wants("audio", "wav", max_bytes=200_000))
    assert unfit.key == "media-too-large"
    assert unfit.variables["size"] == 0.4


def test_the_sound_of_a_video_is_a_sound(tmp_path: Path) -> None:
    assert prepare(clip(tmp_path / "a.mp4"), wants("audio", "mp3")).mime_type == "audio/mpeg"


@pytest.mark.parametrize(
    ("seconds", "least", "most", "key"),
    [(3.0, None, 2, "media-too-long"), (3.0, 4, None, "media-too-short"), (3.0, 3, 3, "")],
)
def test_lengths_are_checked_with_numbers(
    tmp_path: Path, seconds: float, least: int | None, most: int | None, key: str
) -> None:
    source = clip(tmp_path / "a.mp4", seconds=seconds, sound="")
    wanted = wants("video", "mp4", seconds_min=least, seconds_max=most)
    if not key:
        assert prepare(source, wanted).seconds == 3.0
        return
    unfit = refused(source, wanted)
    assert (unfit.key, unfit.variables["seconds"]) == (key, 3.0)
    assert least in unfit.variables.values() or most in unfit.variables.values()


def test_a_length_that_the_header_invents_is_not_believed(tmp_path: Path) -> None:
    source = tone(tmp_path / "a", form="wav", codec="pcm_s16le", seconds=3)
    content = bytearray(source.read_bytes())
    place = content.index(b"data") + 4
    content[place : place + 4] = (0x7FFFFFFF).to_bytes(4, "little")
    source.write_bytes(content)
    assert prepare(source, wants("audio", "wav", "mp3")).seconds == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.5, 0.7, 0.9])
def test_what_breaks_off_is_refused_or_shorter(tmp_path: Path, share: float) -> None:
    for source in (
        clip(tmp_path / "a.mp4"),
        tone(tmp_path / "a.ogg"),
        clip(tmp_path / "a.mkv", form="matroska"),
    ):
        content = source.read_bytes()
        source.write_bytes(content[: int(len(content) * share)])
        kind = "audio" if source.suffix == ".ogg" else "video"
        try:
            prepared = prepare(source, wants(kind, "mp4", "mp3", "ogg", "mkv"))
        except Unfit as unfit:
            found = unfit.key
        else:
            found = "" if prepared.seconds < 2.05 else "too long"
        assert found in ("", "media-broken", f"media-not-{kind}")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"<?xml version='1.0'?><MPD/>",
        picture(),
    ],
)
def test_what_is_no_clip_is_refused_by_its_content(tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "a.mp4"
    source.write_bytes(content)
    assert refused(source, wants("video", "mp4")).key == "media-not-video"
    assert refused(source, wants("audio", "mp3")).key == "media-not-audio"


def test_a_sound_is_no_video_and_a_silent_video_no_sound(tmp_path: Path) -> None:
    assert refused(tone(tmp_path / "a.ogg"), wants("video", "mp4")).key == "media-not-video"
    assert refused(clip(tmp_path / "a.mp4", sound=""), wants("audio", "mp3")).key == "media-not-audio"
