"""Files through the plain client: sent, kept, fetched; and what is refused on the way."""

from __future__ import annotations

import asyncio
import hashlib
import io
import random
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pyrogram import Client, raw, types
from pyrogram.errors import BadRequest, FilePartMissing

from sandbox.people.person import Person
from sandbox.server import Sandbox

F, T = raw.functions, raw.types
KIB = 1024
MIB = 1024 * KIB


def noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def picture(width: int, height: int, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(buffer, kind)
    return buffer.getvalue()


def named(data: bytes, name: str) -> io.BytesIO:
    file = io.BytesIO(data)
    file.name = name
    return file


async def refused(call: Awaitable[Any]) -> str:
    with pytest.raises(BadRequest) as error:
        await call
    return str(error.value.ID)


async def fetched(client: Client, what: Any) -> bytes:
    file = await client.download_media(what, in_memory=True)
    assert isinstance(file, io.BytesIO)
    return file.getvalue()


def location_of(document: Any, **other: Any) -> Any:
    known = {
        "id": document.id,
        "access_hash": document.access_hash,
        "file_reference": document.file_reference,
    }
    return T.InputDocumentFileLocation(**known | {"thumb_size": ""} | other)


async def sent_raw(client: Client, person: Person, media: Any) -> Any:
    peer = await client.resolve_peer(person.id)
    query = F.messages.SendMedia(peer=peer, media=media, message="", random_id=client.rnd_id())
    updates = await client.invoke(query)
    return next(u.message for u in updates.updates if isinstance(u, T.UpdateNewMessage))


@pytest.mark.parametrize("size", [1, 512 * KIB, 3 * MIB + 7, 10 * MIB, 10 * MIB + 1, 21 * MIB])
async def test_a_document_arrives_as_it_was_sent_and_can_be_fetched(
    client: Client, alice: Person, tmp_path: Path, size: int
) -> None:
    data = noise(size)
    source = tmp_path / "data.bin"
    source.write_bytes(data)
    sent = await client.send_document(alice.id, str(source))
    assert sent is not None
    shown = await alice.expect(kind="document")
    assert shown.media is not None
    assert (shown.media.size, shown.media.file_name) == (size, "data.bin")
    digest = hashlib.sha256(data).hexdigest()
    assert hashlib.sha256(await alice.download(shown)).hexdigest() == digest
    assert hashlib.sha256(await fetched(client, sent)).hexdigest() == digest


async def test_a_photo_is_made_anew_and_its_sizes_can_be_fetched(client: Client, alice: Person) -> None:
    original = picture(3000, 1500)
    sent = await client.send_photo(alice.id, named(original, "big.png"))
    assert sent is not None
    assert sent.photo is not None
    assert (sent.photo.width, sent.photo.height) == (2560, 1280)
    data = await fetched(client, sent)
    assert data != original
    with Image.open(io.BytesIO(data)) as shown:
        assert (shown.format, shown.size) == ("JPEG", (2560, 1280))
    assert sent.photo.thumbs is not None
    assert [(thumb.width, thumb.height) for thumb in sent.photo.thumbs] == [
        (320, 160),
        (800, 400),
        (1280, 640),
    ]
    with Image.open(io.BytesIO(await fetched(client, sent.photo.thumbs[0].file_id))) as thumb:
        assert thumb.size == (320, 160)
    assert (await alice.expect(kind="photo")).media is not None


async def test_a_video_keeps_its_bytes_and_its_thumbnail(client: Client, alice: Person) -> None:
    film = noise(700 * KIB)
    sent = await client.send_video(
        alice.id,
        named(film, "film.mp4"),
        caption="Look",
        duration=3,
        width=640,
        height=360,
        thumb=named(picture(640, 360, "JPEG"), "thumb.jpg"),
        supports_streaming=True,
    )
    assert sent is not None
    assert sent.video is not None
    assert sent.video.thumbs is not None
    assert (sent.video.width, sent.video.height, sent.video.duration) == (640, 360, 3)
    with Image.open(io.BytesIO(await fetched(client, sent.video.thumbs[0].file_id))) as thumb:
        assert thumb.size == (320, 180)
    shown = await alice.expect("Look", kind="video")
    assert shown.media is not None
    assert (shown.media.streaming, shown.media.has_thumbnail) == (True, True)
    assert await alice.download(shown) == film


async def test_a_file_is_sent_again_by_its_id(client: Client, alice: Person) -> None:
    first = await client.send_document(alice.id, named(b"report", "r.txt"))
    assert first is not None
    assert first.document is not None
    second = await client.send_document(alice.id, first.document.file_id)
    assert second is not None
    assert second.document is not None
    assert second.document.file_unique_id == first.document.file_unique_id
    for _ in range(2):
        assert await alice.download(await alice.expect(kind="document")) == b"report"


async def test_an_uploaded_media_is_named_then_sent(client: Client, alice: Person) -> None:
    file = await client.save_file(named(b"once", "o.txt"))
    peer = await client.resolve_peer(alice.id)
    media = T.InputMediaUploadedDocument(file=file, mime_type="text/plain", attributes=[])
    kept = await client.invoke(F.messages.UploadMedia(peer=peer, media=media))
    document = kept.document
    known = T.InputDocument(
        id=document.id, access_hash=document.access_hash, file_reference=document.file_reference
    )
    await sent_raw(client, alice, T.InputMediaDocument(id=known))
    shown = await alice.expect(kind="document")
    assert await alice.download(shown) == b"once"


async def test_what_a_person_sends_can_be_fetched(client: Client, alice: Person) -> None:
    document = await alice.send_document(noise(2 * MIB), "mine.bin")
    photo = await alice.send_photo(picture(900, 900))
    for shown in (document, photo):
        message = await client.get_messages(alice.id, shown.id)
        assert isinstance(message, types.Message)
        assert await fetched(client, message) == await alice.download(shown)


async def test_references_expire_and_are_renewed_by_the_message(
    sandbox: Sandbox, client: Client, alice: Person
) -> None:
    sent = await client.send_document(alice.id, named(b"report", "r.txt"))
    assert sent is not None
    assert sent.document is not None
    stale = sent.document.file_id
    sandbox.world.files.expire_references()
    assert await refused(fetched(client, stale)) == "FILE_REFERENCE_EXPIRED"
    assert await refused(client.send_document(alice.id, stale)) == "FILE_REFERENCE_EXPIRED"
    again = await client.get_messages(alice.id, sent.id)
    assert isinstance(again, types.Message)
    assert again.document is not None
    assert await fetched(client, again.document.file_id) == b"report"
    await client.send_document(alice.id, again.document.file_id)


@pytest.mark.parametrize(
    ("data", "name", "error"),
    [
        (b"no picture", "p.jpg", "IMAGE_PROCESS_FAILED"),
        (picture(10, 10), "p.txt", "PHOTO_EXT_INVALID"),
        (picture(21, 1), "p.png", "PHOTO_INVALID_DIMENSIONS"),
        (picture(9999, 500), "p.png", "PHOTO_INVALID_DIMENSIONS"),
        (picture(64, 64) + bytes(10 * MIB), "p.png", "PHOTO_SAVE_FILE_INVALID"),
    ],
)
async def test_what_is_no_photo_is_refused(
    client: Client, alice: Person, data: bytes, name: str, error: str
) -> None:
    assert await refused(client.send_photo(alice.id, named(data, name))) == error


async def test_the_client_fills_a_gap_that_is_named_to_it(client: Client, alice: Person) -> None:
    data = noise(3 * 512 * KIB)
    number = client.rnd_id()
    for part in (0, 2):
        piece = data[part * 512 * KIB : (part + 1) * 512 * KIB]
        await client.invoke(F.upload.SaveFilePart(file_id=number, file_part=part, bytes=piece))
    media = T.InputMediaUploadedDocument(
        file=T.InputFile(id=number, parts=3, name="g.bin", md5_checksum=""), mime_type="", attributes=[]
    )
    with pytest.raises(FilePartMissing) as error:
        await sent_raw(client, alice, media)
    assert error.value.value == 1
    await client.save_file(named(data, "g.bin"), file_id=number, file_part=1)
    await sent_raw(client, alice, media)
    assert await alice.download(await alice.expect(kind="document")) == data


async def test_wrong_parts_are_refused(client: Client, alice: Person) -> None:
    def small(part: int, data: bytes, number: int = 1) -> Awaitable[Any]:
        return client.invoke(F.upload.SaveFilePart(file_id=number, file_part=part, bytes=data))

    def big(part: int, total: int, data: bytes, number: int = 2) -> Awaitable[Any]:
        query = F.upload.SaveBigFilePart(file_id=number, file_part=part, file_total_parts=total, bytes=data)
        return client.invoke(query)

    assert await refused(small(0, b"")) == "FILE_PART_EMPTY"
    assert await refused(small(0, bytes(512 * KIB + 1))) == "FILE_PART_TOO_BIG"
    assert await refused(small(4000, b"x")) == "FILE_PART_INVALID"
    assert await refused(big(0, 2, bytes(3 * KIB))) == "FILE_PART_SIZE_INVALID"
    assert await refused(big(0, 4001, bytes(KIB))) == "FILE_PARTS_INVALID"
    assert await big(0, 3, bytes(4 * KIB))
    assert await refused(big(1, 3, bytes(2 * KIB))) == "FILE_PART_SIZE_CHANGED"
    assert await big(1, 2, bytes(2 * KIB), number=3)
    assert await refused(big(0, 2, bytes(KIB), number=3)) == "FILE_PART_LENGTH_INVALID"
    for part in range(20):
        assert await small(part, bytes(512 * KIB), number=4)
    assert await refused(small(20, b"x", number=4)) == "FILE_PARTS_INVALID"


async def test_wrong_checksums_and_counts_are_refused(client: Client, alice: Person) -> None:
    await client.invoke(F.upload.SaveFilePart(file_id=1, file_part=0, bytes=b"data"))

    def send(file: Any) -> Awaitable[Any]:
        media = T.InputMediaUploadedDocument(file=file, mime_type="", attributes=[])
        return sent_raw(client, alice, media)

    wrong = T.InputFile(id=1, parts=1, name="x", md5_checksum="0" * 32)
    assert await refused(send(wrong)) == "MD5_CHECKSUM_INVALID"
    assert await refused(send(T.InputFileBig(id=1, parts=4001, name="x"))) == "FILE_PARTS_INVALID"
    assert await refused(send(T.InputFileBig(id=1, parts=0, name="x"))) == "FILE_PARTS_INVALID"


async def test_a_stream_of_unknown_length_is_uploaded_over_several_calls(
    client: Client, alice: Person
) -> None:
    data = noise(12 * 256 * KIB + 11)
    parts = [data[start : start + 256 * KIB] for start in range(0, len(data), 256 * KIB)]

    def save(part: int, total: int) -> Awaitable[Any]:
        query = F.upload.SaveBigFilePart(
            file_id=77, file_part=part, file_total_parts=total, bytes=parts[part]
        )
        return client.invoke(query)

    await asyncio.gather(save(12, 13), *(save(part, -1) for part in range(12)))
    file = T.InputFileBig(id=77, parts=13, name="s.bin")
    await sent_raw(client, alice, T.InputMediaUploadedDocument(file=file, mime_type="", attributes=[]))
    assert await alice.download(await alice.expect(kind="document")) == data


async def test_pieces_are_asked_for_within_a_mebibyte(client: Client, alice: Person) -> None:
    data = noise(MIB + 5000)
    file = await client.save_file(named(data, "d.bin"))
    message = await sent_raw(
        client, alice, T.InputMediaUploadedDocument(file=file, mime_type="", attributes=[])
    )
    document = message.media.document
    location = location_of(document)

    def get(offset: int, limit: int, place: Any = location, **more: Any) -> Awaitable[Any]:
        return client.invoke(F.upload.GetFile(location=place, offset=offset, limit=limit, **more))

    for offset, limit in ((0, 4096), (4096, 4096), (MIB, MIB), (MIB - 4096, 4096)):
        assert (await get(offset, limit)).bytes == data[offset : offset + limit]
    assert (await get(3 * KIB, 5 * KIB, precise=True)).bytes == data[3 * KIB : 8 * KIB]
    assert (await get(2 * MIB, 4096)).bytes == b""
    for offset, limit, precise, error in (
        (1024, 4096, False, "OFFSET_INVALID"),
        (-4096, 4096, False, "OFFSET_INVALID"),
        (100, 1024, True, "OFFSET_INVALID"),
        (0, 0, False, "LIMIT_INVALID"),
        (0, 1000, False, "LIMIT_INVALID"),
        (0, 12 * KIB, False, "LIMIT_INVALID"),
        (0, 2 * MIB, True, "LIMIT_INVALID"),
        (MIB - 4096, 8192, False, "LIMIT_INVALID"),
    ):
        assert await refused(get(offset, limit, precise=precise)) == error
    for place, error in (
        (location_of(document, access_hash=1), "FILE_ID_INVALID"),
        (location_of(document, id=1), "FILE_ID_INVALID"),
        (location_of(document, file_reference=b""), "FILE_REFERENCE_EMPTY"),
        (location_of(document, file_reference=b"x"), "FILE_REFERENCE_INVALID"),
        (location_of(document, thumb_size="m"), "LOCATION_INVALID"),
        (T.InputTakeoutFileLocation(), "LOCATION_INVALID"),
    ):
        assert await refused(get(0, 4096, place)) == error
    hashes = await client.invoke(F.upload.GetFileHashes(location=location, offset=MIB))
    assert [(h.offset, h.limit, h.hash) for h in hashes] == [(MIB, 5000, hashlib.sha256(data[MIB:]).digest())]
    assert (
        await refused(client.invoke(F.upload.GetFileHashes(location=location, offset=5))) == "OFFSET_INVALID"
    )


async def test_files_outlive_a_restart(tmp_path: Path) -> None:
    async with await Sandbox.start(seed=3, directory=tmp_path / "world") as first:
        first.add_bot()
        carol = first.add_person("Carol")
        await carol.start()
        await carol.send_document(b"kept", "k.txt")
    async with await Sandbox.start(seed=3, directory=tmp_path / "world") as second:
        again = second.add_person("Carol")
        assert await again.download(again.last) == b"kept"
        second.world.files.expire_references()
        stored = again.stored(again.last)
        assert stored.media is not None
        assert stored.media.file_id is not None
        file = second.world.files.get(stored.media.file_id)
        assert stored.media.raw.document.file_reference == file.file_reference
