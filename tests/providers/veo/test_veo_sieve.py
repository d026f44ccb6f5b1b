"""Videos are taken out of a reply however it is cut into pieces."""

from __future__ import annotations

import base64
import io
import json
from typing import Any, BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.veo.sieve import VideoSieve
from starloom.api import BadReply


class _Kept(io.BytesIO):
    """A file whose content outlives its closing."""

    content = b""

    def close(self) -> None:
        self.content = self.getvalue()
        super().close()


def _sift(text: bytes, cuts: list[int]) -> tuple[Any, list[bytes]]:
    files: list[_Kept] = []

    def create(number: int) -> BinaryIO:
        assert number == len(files)
        files.append(_Kept())
        return files[-1]

    sieve = VideoSieve(create)
    ends = sorted({min(cut, len(text)) for cut in cuts} | {len(text)})
    kept, start = b"", 0
    for end in ends:
        kept += sieve(text[start:end])
        start = end
    sieve.close()
    return json.loads(kept), [file.content for file in files]


_SPOKEN = 'he said "data": "no", and \\"bytesBase64Encoded\\":\\"'


@settings(max_examples=150, deadline=None)
@given(
    videos=st.lists(st.binary(max_size=300), max_size=3),
    cuts=st.lists(st.integers(0, 2000), max_size=40),
    words=st.text(max_size=20),
    spaced=st.booleans(),
    name=st.sampled_from(["data", "bytesBase64Encoded"]),
)
def test_what_goes_in_comes_out(
    videos: list[bytes], cuts: list[int], words: str, spaced: bool, name: str
) -> None:
    told = [{name: base64.b64encode(video).decode(), "mimeType": "video/mp4"} for video in videos]
    body = {"words": words + _SPOKEN, "data2": "x", "videos": told, "dat": {"data": 5}, "end": words}
    text = json.dumps(body, indent=2 if spaced else None).encode()
    kept, files = _sift(text, cuts)
    assert files == videos
    assert kept == {**body, "videos": [{**video, name: str(at)} for at, video in enumerate(told)]}


@settings(max_examples=60, deadline=None)
@given(video=st.binary(min_size=1, max_size=80), cuts=st.lists(st.integers(0, 300), max_size=20))
def test_escapes_and_other_alphabets_are_read(video: bytes, cuts: list[int]) -> None:
    plain = base64.b64encode(video).decode()
    written = [
        plain.replace("/", "\\/").replace("=", "\\u003d"),
        plain.replace("=", "\\u003D"),
        "\\n".join(plain[at : at + 4] for at in range(0, len(plain), 4)),
        base64.urlsafe_b64encode(video).decode().rstrip("="),
    ]
    for each in written:
        kept, files = _sift(b'{"data" :\t"%s"}' % each.encode(), cuts)
        assert (kept, files) == ({"data": "0"}, [video])


@pytest.mark.parametrize("text", [b'{"data":"a*b"}', b'{"data":"abcde"}', b'{"data":"ab\\u0020"}'])
def test_what_is_no_base64_is_a_bad_reply(text: bytes) -> None:
    with pytest.raises(BadReply):
        _sift(text, [])


def test_a_video_that_breaks_off_leaves_no_file_open() -> None:
    file = _Kept()
    sieve = VideoSieve(lambda _: file)
    sieve(b'{"data": "YWJj')
    sieve.close()
    assert file.closed
