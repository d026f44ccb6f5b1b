"""A result on its way: whole or not at all, no part of it twice, and what is never taken for one."""

from __future__ import annotations

import asyncio
import hashlib
import io
import random
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from PIL import Image
from support.broken_sources import RelayWorld, Source

from core.errors import ProviderError
from core.generation.probe.facts import FileForm
from core.generation.probe.lending import LEAST
from core.generation.provider import Result
from core.generation.relay import RestartNeeded
from core.http.fetching import FileHead
from core.http.reply import FetchRefused, NotResumed
from sandbox.clock import ManualClock

MP4 = b"\0\0\0\x20ftypisom" + bytes(64)
OGG = b"OggS" + bytes(64)
FILE = random.Random(7).randbytes(300_000)
RESET = ConnectionResetError("secret words")


@pytest.fixture
def world() -> RelayWorld:
    return RelayWorld(ManualClock())


def _picture(form: str, size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size).save(out, form)
    return out.getvalue()


def _cut(content: bytes, size: int = 4096) -> list[bytes]:
    return [content[start : start + size] for start in range(0, len(content), size)]


# What it is


@pytest.mark.parametrize(
    ("head", "first", "form", "mime_type"),
    [
        (FileHead("image/png", "x"), b"?", FileForm.IMAGE, "image/png"),
        (FileHead("video/mp4", "x"), b"?", FileForm.VIDEO, "video/mp4"),
        (FileHead("application/octet-stream", "song.mp3"), b"?", FileForm.AUDIO, "audio/mpeg"),
        (FileHead("binary/octet-stream", "clip.mp4"), b"?", FileForm.VIDEO, "video/mp4"),
        (FileHead("", "picture.webp"), b"?", FileForm.IMAGE, "image/webp"),
        (FileHead("", "file"), MP4, FileForm.VIDEO, "video/mp4"),
        (FileHead("text/plain", "file.txt"), OGG, FileForm.AUDIO, "audio/ogg"),
        (FileHead("video/mp4", "file.mp4"), _picture("GIF"), FileForm.IMAGE, "image/gif"),
        (FileHead("", ""), b"nothing we know", FileForm.OTHER, ""),
    ],
)
async def test_its_first_bytes_count_more_than_what_is_said_of_it(
    world: RelayWorld, head: FileHead, first: bytes, form: FileForm, mime_type: str
) -> None:
    relay = world.relay(Source(first, head=head))
    assert await world.whole(relay) == first
    assert (relay.facts().form, relay.facts().mime_type) == (form, mime_type)


async def test_what_its_bytes_do_not_tell_its_provider_does(world: RelayWorld) -> None:
    said = Result("u", mime_type="video/mp4", width=640, height=360, duration=5.0, file_name="a.mp4")
    relay = world.relay(Source(b"??"), result=said)
    await world.whole(relay)
    facts = relay.facts()
    assert (facts.form, facts.mime_type, facts.size) == (FileForm.VIDEO, "video/mp4", 2)
    assert (facts.width, facts.height, facts.duration) == (640, 360, 5.0)
    assert relay.name("job") == "a.mp4"


async def test_its_bytes_are_believed_before_its_provider(world: RelayWorld) -> None:
    content = _picture("PNG", (64, 48))
    relay = world.relay(Source(content), result=Result("u", mime_type="video/mp4", width=1, height=1))
    await world.whole(relay)
    assert (relay.facts().mime_type, relay.facts().width) == ("image/png", 64)
    assert relay.name("job") == "job.png"


# What is known before all of it is there


async def test_only_whoever_sends_it_says_how_long_it_is(world: RelayWorld) -> None:
    sizes: list[int | None] = []
    for head in (FileHead("", "", len(FILE)), None):
        relay = world.relay(Source(FILE, head=head), result=Result("u", size=len(FILE)))
        await world.whole(relay, lambda relay=relay: sizes.append(relay.size))
        assert relay.expected == len(FILE)
    assert sizes == [len(FILE), None]


async def test_a_wrong_announcement_does_no_harm(world: RelayWorld) -> None:
    relay = world.relay(Source(FILE, head=FileHead("", "", len(FILE))), result=Result("u", size=7))
    assert await world.whole(relay) == FILE
    relay = world.relay(Source(FILE), result=Result("u", size=7))
    assert await world.whole(relay) == FILE


async def test_where_nobody_else_tells_what_is_short_is_looked_at_again(world: RelayWorld) -> None:
    said = Result("u", size=len(FILE))
    assert await world.whole(world.relay(Source(FILE[:100]), Source(FILE), result=said)) == FILE
    assert (
        await world.whole(world.relay(Source(FILE), Source(FILE), result=replace(said, size=2**30))) == FILE
    )


# Going on


async def test_what_breaks_off_goes_on_without_a_byte_twice(world: RelayWorld) -> None:
    chance = random.Random(20)
    for _ in range(30):
        ends = sorted(chance.sample(range(1, len(FILE)), chance.randint(1, 3)))
        failures = [RESET, NotResumed("x"), FetchRefused(503)]
        broken = [
            Source(*_cut(FILE[:end], chance.choice((1000, 65536))), error=chance.choice(failures))
            for end in ends
        ]
        relay = world.relay(*broken, Source(*_cut(FILE, 50_000)))
        assert await world.whole(relay) == FILE
        assert all(source.closed for source in broken)


async def test_an_empty_chunk_is_no_end(world: RelayWorld) -> None:
    assert await world.whole(world.relay(Source(b"one", b"", b"two"))) == b"onetwo"


async def test_what_stands_still_is_opened_again(world: RelayWorld) -> None:
    relay = world.relay(Source(FILE[:1000], silent=True), Source(FILE), silence=0.05)
    assert await world.whole(relay) == FILE


async def test_an_expired_address_is_renewed_in_the_middle(world: RelayWorld) -> None:
    world.fresh = [Result("https://files/2")]
    relay = world.relay(Source(FILE[:1000], error=FetchRefused(403)), Source(FILE))
    assert await world.whole(relay) == FILE
    assert world.opened == ["https://files/1", "https://files/2"]


async def test_a_fresh_address_that_is_refused_as_well_is_not_renewed_again(world: RelayWorld) -> None:
    world.fresh = [Result("https://files/2")]
    relay = world.relay(Source(error=FetchRefused(404)), Source(error=FetchRefused(410)))
    with pytest.raises(FetchRefused, match="410"):
        await world.whole(relay)


async def test_a_provider_that_has_no_fresh_address_ends_it(world: RelayWorld) -> None:
    world.fresh = [ProviderError("the result is not there any more")]
    with pytest.raises(ProviderError, match="not there any more"):
        await world.whole(world.relay(Source(error=FetchRefused(403))))


async def test_what_breaks_off_again_and_again_fails_after_a_while(world: RelayWorld) -> None:
    sources = [Source(FILE[:1000], error=RESET) for _ in range(4)]
    relay = world.relay(*sources)
    with pytest.raises(ProviderError) as caught:
        await world.whole(relay)
    assert str(caught.value) == str(relay.failure) == "download: ConnectionResetError"
    assert len(world.opened) == 5 - 1
    assert world.clock.monotonic() > 0, "it was waited in between"


# What it is not


@pytest.mark.parametrize("at", [1, 1000, 4096, 5000])
async def test_a_file_that_changed_is_never_mixed_with_what_it_was(world: RelayWorld, at: int) -> None:
    other = bytearray(FILE)
    other[at - 1] ^= 1
    relay = world.relay(Source(*_cut(FILE[:5000]), error=RESET), Source(*_cut(bytes(other))))
    with pytest.raises(RestartNeeded):
        await world.whole(relay)


async def test_a_file_of_another_size_has_changed(world: RelayWorld) -> None:
    first = Source(FILE[:1000], head=FileHead("", "", len(FILE)), error=RESET)
    again = Source(FILE, head=FileHead("", "", len(FILE) + 1))
    with pytest.raises(RestartNeeded, match="another size"):
        await world.whole(world.relay(first, again))


async def test_other_bytes_than_announced_are_no_result(world: RelayWorld) -> None:
    announced = Result("u", sha256=hashlib.sha256(b"ba").hexdigest())
    with pytest.raises(RestartNeeded, match="other bytes"):
        await world.whole(world.relay(Source(b"ab"), result=announced))


@pytest.mark.parametrize("mime_type", ["text/html", "application/json"])
async def test_a_page_is_no_result(world: RelayWorld, mime_type: str) -> None:
    source = Source(b"<html>", head=FileHead(mime_type, "x.mp4", 6))
    with pytest.raises(ProviderError, match="in place of a file"):
        await world.whole(world.relay(source, result=Result("u", mime_type="video/mp4")))
    assert source.closed


async def test_nothing_is_no_result(world: RelayWorld) -> None:
    with pytest.raises(ProviderError, match="empty file"):
        await world.whole(world.relay(Source()))


# Memory


async def test_what_is_kept_of_a_film_is_given_back_with_the_relay(world: RelayWorld) -> None:
    relay = world.relay(Source(MP4, *[bytes(LEAST)] * 3, silent=True))
    await relay.begin()
    async for _ in relay:
        if world.ahead.kept.held:
            break
    await relay.aclose()
    assert world.ahead.kept.held == 0


async def test_the_download_waits_for_the_upload_and_goes_ahead_of_it(world: RelayWorld) -> None:
    world.limit(each=20_000, total=10**9)
    source = Source(*[bytes(4096)] * 100)
    relay = world.relay(source)
    await relay.begin()
    for _ in range(200):
        await asyncio.sleep(0)
    assert source.taken == 5, "20,000 bytes hold four chunks, and the fifth waits for room"
    await anext(relay)
    for _ in range(20):
        await asyncio.sleep(0)
    assert source.taken == 6
    await relay.aclose()
    assert world.ahead.held == 0
    assert source.closed


async def test_all_downloads_together_are_bounded_and_none_starves(world: RelayWorld) -> None:
    world.limit(each=10**9, total=50_000)
    slow = world.relay(Source(*[bytes(4096)] * 50))
    await slow.begin()
    for _ in range(200):
        await asyncio.sleep(0)
    assert 40_000 < world.ahead.held <= 50_000
    other = RelayWorld(world.clock)
    other.ahead = world.ahead
    assert len(await other.whole(other.relay(Source(*[bytes(4096)] * 50)))) == 50 * 4096
    await slow.aclose()
    assert world.ahead.held == 0


async def test_whoever_leaves_early_leaves_nothing_open(world: RelayWorld) -> None:
    before = asyncio.all_tasks()
    source = Source(FILE, silent=True)
    relay = world.relay(source)
    await relay.begin()
    assert await anext(relay) == FILE
    await relay.aclose()
    await relay.aclose()
    assert source.closed
    assert asyncio.all_tasks() == before


async def test_a_fault_of_our_own_is_no_end(world: RelayWorld) -> None:
    async def odd() -> AsyncIterator[bytes]:
        yield b"one"
        raise RuntimeError("odd")

    with pytest.raises(ProviderError, match="RuntimeError"):
        await world.whole(world.relay(*(odd() for _ in range(4))))
