"""In which form each result is shown, and what goes together in one album."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.generation_world import a_job

from core.generation.albums import MOST, Envelope, anew, envelopes_of
from core.generation.forms import PHOTO_MAX_BYTES, Names, details_of, kind_of
from core.generation.probe.facts import MediaFacts
from core.telegram.types import MediaKind

PNG = MediaFacts(mime_type="image/png", width=1024, height=768)


@pytest.mark.parametrize(
    ("facts", "size", "kind"),
    [
        (PNG, PHOTO_MAX_BYTES, MediaKind.PHOTO),
        (PNG, PHOTO_MAX_BYTES + 1, MediaKind.DOCUMENT),
        (replace(PNG, width=6000, height=4000), 1, MediaKind.PHOTO),
        (replace(PNG, width=6000, height=4001), 1, MediaKind.DOCUMENT),
        (replace(PNG, width=2000, height=100), 1, MediaKind.PHOTO),
        (replace(PNG, width=2001, height=100), 1, MediaKind.DOCUMENT),
        (replace(PNG, width=0, height=0), 1, MediaKind.PHOTO),
        (replace(PNG, animated=True), 1, MediaKind.DOCUMENT),
        (replace(PNG, mime_type="image/webp"), 1, MediaKind.PHOTO),
        (MediaFacts(mime_type="image/gif", animated=True), 1, MediaKind.ANIMATION),
        (MediaFacts(mime_type="video/mp4"), 1, MediaKind.VIDEO),
        (MediaFacts(mime_type="video/webm"), 1, MediaKind.DOCUMENT),
        (MediaFacts(mime_type="audio/mpeg"), 1, MediaKind.AUDIO),
        (MediaFacts(mime_type="audio/ogg", sound="opus"), 1, MediaKind.AUDIO),
        (MediaFacts(mime_type="text/plain"), 1, MediaKind.DOCUMENT),
        (MediaFacts(), 1, MediaKind.DOCUMENT),
    ],
)
def test_each_file_is_shown_as_what_it_is(facts: MediaFacts, size: int, kind: MediaKind) -> None:
    assert kind_of(facts, size=size) is kind


def test_speech_in_opus_is_a_voice_message() -> None:
    opus = MediaFacts(mime_type="audio/ogg", sound="opus")
    assert kind_of(opus, size=1, speech=True) is MediaKind.VOICE
    assert kind_of(replace(opus, sound="vorbis"), size=1, speech=True) is MediaKind.AUDIO
    assert kind_of(MediaFacts(mime_type="audio/mpeg"), size=1, speech=True) is MediaKind.AUDIO


def test_a_song_has_a_title_and_a_performer_its_own_first() -> None:
    names = Names("a.mp3", title="Your audio", performer="A model")
    song = MediaFacts(mime_type="audio/mpeg", duration=3.0)
    details = details_of(song, MediaKind.AUDIO, names, size=5)
    assert (details.title, details.performer, details.duration) == ("Your audio", "A model", 3.0)
    own = details_of(replace(song, title="Sea", performer="Waves"), MediaKind.AUDIO, names, size=5)
    assert (own.title, own.performer) == ("Sea", "Waves")
    film = MediaFacts(mime_type="video/mp4", codec="av1")
    assert details_of(film, MediaKind.VIDEO, names, size=5).codec == "av1"
    assert details_of(PNG, MediaKind.DOCUMENT, names, size=5).title == ""


KINDS = [kind.value for kind in MediaKind if kind is not MediaKind.STICKER] + ["link"]


@given(st.lists(st.sampled_from(KINDS), min_size=1, max_size=40))
def test_everything_goes_out_once_in_albums_that_telegram_takes(kinds: list[str]) -> None:
    job = a_job(uploaded=tuple({"kind": kind, "file": {"id": 1}} for kind in kinds))
    envelopes = envelopes_of(job)
    assert sorted(file for each in envelopes for file in each.files) == list(range(len(kinds)))
    ids = [number for each in envelopes for number in each.random_ids]
    assert len(set(ids)) == len(ids) == len(kinds)
    assert envelopes[0].files[0] == 0
    assert envelopes[0].random_ids[0] == job.delivery_random_id
    for each in envelopes:
        inside = {kinds[file] for file in each.files}
        assert len(each.files) <= MOST
        assert len(each.files) == 1 or inside <= {"photo", "video"} or inside in ({"audio"}, {"document"})
        assert list(each.files) == sorted(each.files)
        assert Envelope.from_fields(each.fields()) == each
        assert not set(anew(each, "k").random_ids) & set(ids)


def test_eleven_pictures_are_two_albums_and_no_straggler() -> None:
    job = a_job(uploaded=tuple({"kind": "photo", "file": {"id": 1}} for _ in range(11)))
    assert [len(each.files) for each in envelopes_of(job)] == [5, 6]


def test_originals_follow_behind_everything_where_they_are_wanted() -> None:
    photo = {"kind": "photo", "file": {"id": 1}, "original": {"id": 2}}
    job = a_job(uploaded=(photo, {"kind": "video", "file": {"id": 3}}))
    assert [each.original for each in envelopes_of(job)] == [False]
    assert [(each.files, each.original) for each in envelopes_of(job, originals=True)] == [
        ((0, 1), False),
        ((0,), True),
    ]
