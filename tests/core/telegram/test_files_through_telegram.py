"""Files both ways, byte for byte, while they are still arriving."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator

import pytest
from telegram_house import House

from core.errors import TelegramError
from core.events import MessageEvent
from core.telegram.types import MediaDetails, MediaKind
from core.telegram.uploader import BIG, PART, Uploader, UploadLimits, UploadRefused
from sandbox.faults import Fault, FaultKind
from sandbox.mtproto import WireEvent
from sandbox.people.person import Person
from sandbox.server import Sandbox


@pytest.fixture
async def uploader(house: House, alice: Person) -> AsyncIterator[Uploader]:
    await alice.start()
    await alice.expect("hello")
    uploader = Uploader(house.client, UploadLimits(connections=2, in_flight=4))
    yield uploader
    await uploader.stop()


def content(size: int) -> bytes:
    return random.Random(size).randbytes(size)


async def pieces(data: bytes, size: int = 100_000) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def document(size: int | None) -> MediaDetails:
    return MediaDetails(MediaKind.DOCUMENT, "application/octet-stream", "file.bin", size=size)


@pytest.mark.parametrize("size", [1, PART - 1, PART, PART + 1, BIG, BIG + 1, 12 * 1024 * 1024 + 7])
@pytest.mark.parametrize("known", [True, False], ids=["known length", "unknown length"])
async def test_the_same_bytes_arrive(
    house: House, uploader: Uploader, alice: Person, size: int, known: bool
) -> None:
    data, seen = content(size), []
    media = await uploader.upload(
        alice.id, pieces(data), document(size if known else None), progress=seen.append
    )
    await house.outbox.send_media(alice.id, media, "here <b>it</b> is", random_id=size)
    message = await alice.expect("here it is")
    assert hashlib.sha256(await alice.download(message)).digest() == hashlib.sha256(data).digest()
    assert sorted(seen) == seen
    assert seen[-1] == size


async def test_nothing_and_too_much_are_refused(uploader: Uploader, alice: Person) -> None:
    with pytest.raises(UploadRefused, match="FILE_EMPTY"):
        await uploader.upload(alice.id, pieces(b""), document(None))
    with pytest.raises(UploadRefused, match="FILE_TOO_LARGE"):
        await uploader.upload(alice.id, pieces(b"x"), document(4_000 * PART + 1))


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind=FaultKind.DROP_AFTER, method="upload.SaveBigFilePart", skip=3, times=2),
        Fault(kind=FaultKind.ERROR, method="upload.SaveBigFilePart", times=3),
        Fault(
            kind=FaultKind.ERROR,
            method="upload.SaveBigFilePart",
            times=1,
            code=420,
            message="FLOOD_WAIT_1",
        ),
    ],
    ids=["dropped", "500", "flood"],
)
async def test_a_part_that_fails_is_sent_again(
    house: House, sandbox: Sandbox, uploader: Uploader, alice: Person, fault: Fault
) -> None:
    data = content(BIG + 3 * PART)
    with sandbox.faults.add(fault):
        media = await uploader.upload(alice.id, pieces(data), document(len(data)))
    await house.outbox.send_media(alice.id, media, random_id=9)
    assert await alice.download(await alice.expect(kind="document")) == data


async def test_a_lost_part_raises(sandbox: Sandbox, uploader: Uploader, alice: Person) -> None:
    fault = Fault(
        kind=FaultKind.ERROR, method="upload.SaveBigFilePart", code=400, message="FILE_PART_INVALID"
    )
    data = content(BIG + 3 * PART)
    with sandbox.faults.add(fault), pytest.raises(TelegramError, match="FILE_PART_INVALID"):
        await uploader.upload(alice.id, pieces(data), document(len(data)))


async def test_an_upload_that_is_cancelled_while_connecting_leaves_no_connection(
    sandbox: Sandbox, uploader: Uploader, alice: Person
) -> None:
    connecting = asyncio.Event()
    main = {connection.id for connection in sandbox.server.connections}

    def watch(event: WireEvent) -> None:
        if event.connection not in main:
            connecting.set()

    sandbox.server.on_event(watch)
    uploading = asyncio.create_task(uploader.upload(alice.id, pieces(content(1000)), document(1000)))
    await connecting.wait()
    uploading.cancel()
    await asyncio.gather(uploading, return_exceptions=True)
    await uploader.stop()
    await sandbox.server.connections_are(lambda now: {each.id for each in now} <= main)


async def test_a_source_that_breaks_raises_its_own_error(uploader: Uploader, alice: Person) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield content(BIG + 1)
        raise EOFError("the provider hung up")

    with pytest.raises(EOFError):
        await uploader.upload(alice.id, broken(), document(None))


async def test_a_video_shows_what_it_is(
    house: House, sandbox: Sandbox, uploader: Uploader, alice: Person
) -> None:
    asked: list[bytes] = []

    def note(event: WireEvent) -> None:
        if event.kind == "request" and event.name == "messages.UploadMedia":
            asked.append(event.body)

    sandbox.server.on_event(note)
    details = MediaDetails(
        MediaKind.VIDEO, "video/mp4", "clip.mp4", size=1000, width=640, height=360, duration=2.5, codec="hevc"
    )
    media = await uploader.upload(alice.id, pieces(content(1000)), details)
    await house.outbox.send_media(alice.id, media, random_id=9)
    shown = (await alice.expect(kind="video")).media
    assert shown is not None
    assert (shown.width, shown.height, shown.duration) == (640, 360, 2.5)
    assert [b"h265" in query for query in asked] == [True]


async def test_a_refused_duplicate_of_an_album_counts_as_sent(
    house: House, sandbox: Sandbox, uploader: Uploader, alice: Person
) -> None:
    media = [await uploader.upload(alice.id, pieces(content(n)), document(n)) for n in (10, 20)]
    sandbox.world.rules.duplicate_random_id = "error"
    sandbox.faults.add(Fault(kind=FaultKind.LOSE_REPLY, method="messages.SendMultiMedia", times=1))
    sent = await house.outbox.send_album(alice.id, media, "both", random_ids=(4, 5))
    shown = [each for each in alice.messages() if each.media is not None]
    assert len(shown) == 2
    # The first is found by its words; the others have none.
    assert [each.message_id for each in sent] == [shown[0].id, 0]


async def test_an_album_is_one_message_each_and_once(house: House, uploader: Uploader, alice: Person) -> None:
    media = [await uploader.upload(alice.id, pieces(content(n)), document(n)) for n in (10, 20)]
    sent = await house.outbox.send_album(alice.id, media, "both", random_ids=(4, 5))
    assert await house.outbox.send_album(alice.id, media, "both", random_ids=(4, 5)) == sent
    shown = [message for message in alice.messages() if message.media is not None]
    assert [message.text for message in shown] == ["both", ""]
    assert [message.id for message in shown] == [ref.message_id for ref in sent]
    assert len({message.album_id for message in shown}) == 1


async def test_a_file_from_a_person_can_be_read(house: House, uploader: Uploader, alice: Person) -> None:
    data = content(3_000_000)
    await alice.send_document(data, "notes.txt", "text/plain", "look")
    await alice.expect("echo look")
    event = house.plugin.seen[-1]
    assert isinstance(event, MessageEvent)
    media = event.message.media
    assert media is not None
    assert (media.kind, media.size, media.file_name) == (MediaKind.DOCUMENT, len(data), "notes.txt")
    assert b"".join([chunk async for chunk in uploader.download(media)]) == data
