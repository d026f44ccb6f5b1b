"""What is found out of a result whose provider says little of it, and what is never taken for one."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator

import pytest
from PIL import Image

from core.errors import ProviderError
from core.generation.completion import completed
from core.generation.media import PHOTO_MAX_BYTES, Download, kind_of
from core.generation.provider import Result
from core.http.fetching import FileHead
from core.telegram.types import MediaKind

MP4 = b"\0\0\0\x20ftypisom" + bytes(64)
OGG = b"OggS" + bytes(64)


def _picture(form: str, size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size).save(out, form)
    return out.getvalue()


class Source(AsyncIterator[bytes]):
    """Bytes with a head, as `fetch` gives them; notes whether it was closed."""

    def __init__(self, *chunks: bytes, head: FileHead | None = None, error: Exception | None = None) -> None:
        self.head = head
        self.closed = False
        self.taken = 0
        self._chunks = list(chunks)
        self._error = error

    async def __anext__(self) -> bytes:
        if self._chunks:
            self.taken += 1
            return self._chunks.pop(0)
        if self._error is not None:
            raise self._error
        raise StopAsyncIteration

    async def aclose(self) -> None:
        self.closed = True


def _download(source: AsyncIterator[bytes], result: Result | None = None) -> Download:
    return Download(source, result or Result("https://files/1"), seconds=60)


async def _all(download: Download) -> bytes:
    return b"".join([chunk async for chunk in download])


@pytest.mark.parametrize(
    ("head", "first", "kind"),
    [
        (FileHead("image/png", "x", 100), b"?", MediaKind.PHOTO),
        (FileHead("video/mp4", "x", 100), b"?", MediaKind.VIDEO),
        (FileHead("application/octet-stream", "song.mp3", 100), b"?", MediaKind.AUDIO),
        (FileHead("binary/octet-stream", "clip.mp4", 100), b"?", MediaKind.VIDEO),
        (FileHead("", "picture.webp", 100), b"?", MediaKind.PHOTO),
        (FileHead("", "file", 100), MP4, MediaKind.VIDEO),
        (FileHead("text/plain", "file.txt", 100), OGG, MediaKind.AUDIO),
        (FileHead("", "", 100), _picture("GIF"), MediaKind.ANIMATION),
        (FileHead("", "", 100), b"nothing we know", MediaKind.DOCUMENT),
    ],
)
def test_the_type_comes_from_the_server_the_name_or_the_first_bytes(
    head: FileHead, first: bytes, kind: MediaKind
) -> None:
    assert kind_of(completed(Result("https://files/1"), head, first)) is kind


def test_what_the_provider_says_stays() -> None:
    said = Result("u", mime_type="audio/ogg", size=7, width=1, height=2, file_name="a.ogg")
    assert completed(said, FileHead("video/mp4", "b.mp4", 9), _picture("PNG")) == said


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_as_large_as_its_bytes_say(form: str) -> None:
    found = completed(Result("u"), None, _picture(form, (64, 48)))
    assert (found.width, found.height, found.mime_type) == (64, 48, f"image/{form.lower()}")


def test_a_broken_picture_has_no_size() -> None:
    found = completed(Result("u"), None, _picture("PNG")[:12])
    assert (found.width, found.height, found.mime_type) == (0, 0, "image/png")


@pytest.mark.parametrize("mime_type", ["text/html", "application/json"])
async def test_a_page_is_no_result(mime_type: str) -> None:
    source = Source(b"<html>", head=FileHead(mime_type, "x.mp4", 6))
    download = _download(source, Result("u", mime_type="video/mp4"))
    with pytest.raises(ProviderError, match="in place of a file"):
        await download.described()
    assert download.failure is not None
    assert source.closed


async def test_the_whole_file_comes_after_it_was_described() -> None:
    picture = _picture("PNG")
    source = Source(picture[:20], b"", picture[20:], head=FileHead("image/png", "a.png", len(picture)))
    download = _download(source)
    assert (await download.described()).size == len(picture)
    assert source.taken == 1, "only the first bytes are awaited"
    assert await _all(download) == picture
    assert source.closed


async def test_a_download_that_nobody_described_comes_as_it_is() -> None:
    assert await _all(_download(Source(b"one", b"two"))) == b"onetwo"


async def test_a_picture_of_unknown_size_is_measured() -> None:
    picture = _picture("PNG") + bytes(5000)
    download = _download(Source(picture[:100], picture[100:]))
    described = await download.described()
    assert (described.size, kind_of(described)) == (len(picture), MediaKind.PHOTO)
    assert await _all(download) == picture


async def test_a_huge_picture_of_unknown_size_is_a_file_and_not_held_in_memory() -> None:
    part = bytes(1024 * 1024)
    source = Source(_picture("PNG"), *[part] * 50)
    download = _download(source)
    described = await download.described()
    assert (described.size, kind_of(described)) == (None, MediaKind.DOCUMENT)
    assert source.taken <= PHOTO_MAX_BYTES // len(part) + 2
    assert len(await _all(download)) == len(_picture("PNG")) + 50 * len(part)


async def test_a_video_of_unknown_size_is_not_waited_for() -> None:
    """No more than its beginning, which may say how large and long it is."""
    source = Source(MP4, *[bytes(32 * 1024)] * 10)
    download = _download(source)
    described = await download.described()
    assert (described.size, described.mime_type, source.taken) == (None, "video/mp4", 3)
    assert len(await _all(download)) == len(MP4) + 10 * 32 * 1024


async def test_a_video_of_which_all_is_known_is_not_looked_into() -> None:
    source = Source(MP4, bytes(10))
    said = Result("u", mime_type="video/mp4", size=99, width=1, height=2, duration=3.0)
    assert await _download(source, said).described() == said
    assert source.taken == 1


@pytest.mark.parametrize(
    ("chunks", "result", "sentence"),
    [
        ((), Result("u"), "empty file"),
        ((b"ab",), Result("u", size=3), "2 bytes of 3"),
        ((b"abcd",), Result("u", size=3), "4 bytes of 3"),
        ((b"ab",), Result("u", sha256=hashlib.sha256(b"ba").hexdigest()), "other bytes"),
    ],
)
async def test_what_is_not_as_announced_fails(
    chunks: tuple[bytes, ...], result: Result, sentence: str
) -> None:
    download = _download(Source(*chunks), result)
    await download.described()
    with pytest.raises(ProviderError, match=sentence):
        await _all(download)
    assert download.failure is not None


@pytest.mark.parametrize("described", [True, False])
async def test_whatever_the_source_raises_is_the_providers_error(described: bool) -> None:
    source = Source(error=ConnectionResetError("secret words"))
    download = _download(source)
    with pytest.raises(ProviderError) as caught:
        await (download.described() if described else _all(download))
    assert str(caught.value) == str(download.failure) == "download: ConnectionResetError"
    assert source.closed


async def test_a_source_that_stands_still_is_given_up() -> None:
    async def silent() -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""

    download = Download(silent(), Result("u"), seconds=0.01)
    with pytest.raises(ProviderError, match="TimeoutError"):
        await download.described()
