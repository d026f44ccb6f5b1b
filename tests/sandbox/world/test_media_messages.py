"""Media both ways: how it is sent, what the other side sees, and that the bytes are the same."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pyrogram import Client, errors, filters, raw, types
from pyrogram.handlers import MessageHandler

from sandbox.people.person import Person
from sandbox.server import Sandbox

T, F = raw.types, raw.functions


def picture(width: int = 64, height: int = 48, colour: str = "red") -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(data, "PNG")
    return data.getvalue()


def named(data: bytes, name: str) -> io.BytesIO:
    file = io.BytesIO(data)
    file.name = name
    return file


async def test_a_video_arrives_with_all_that_was_said_of_it(client: Client, alice: Person) -> None:
    data = bytes(range(256)) * 5000
    thumb = named(picture(), "thumb.jpg")
    await client.send_video(
        alice.id,
        named(data, "clip.mp4"),
        "Look",
        duration=4,
        width=640,
        height=360,
        thumb=thumb,
        supports_streaming=True,
    )
    shown = await alice.expect("Look", kind="video")
    media = shown.media
    assert media is not None
    assert (media.mime, media.size, media.width, media.height, media.duration) == (
        "video/mp4",
        len(data),
        640,
        360,
        4,
    )
    assert (media.file_name, media.streaming, media.has_thumbnail) == ("clip.mp4", True, True)
    assert await alice.download(shown) == data
    assert "[video clip.mp4, 640x360, 4.0 s, 1.3 MB] Look" in alice.transcript()


@pytest.mark.parametrize(
    ("kind", "send"),
    [
        ("audio", lambda c, i, f: c.send_audio(i, named(f, "a.mp3"), title="T", performer="P", duration=3)),
        ("voice", lambda c, i, f: c.send_voice(i, named(f, "a.ogg"), duration=3)),
        ("video_note", lambda c, i, f: c.send_video_note(i, named(f, "a.mp4"), duration=3, length=240)),
        ("animation", lambda c, i, f: c.send_animation(i, named(f, "a.mp4"), duration=3)),
        ("document", lambda c, i, f: c.send_document(i, named(f, "a.zip"), force_document=True)),
    ],
)
async def test_each_kind_of_document(client: Client, alice: Person, kind: str, send: Any) -> None:
    await send(client, alice.id, b"bytes of the file")
    shown = await alice.expect(kind=kind)
    assert await alice.download(shown) == b"bytes of the file"


async def test_a_photo_is_shown_in_its_sizes(client: Client, alice: Person) -> None:
    sent = await client.send_photo(alice.id, named(picture(1000, 500), "p.png"), caption="Red")
    shown = await alice.expect("Red", kind="photo")
    assert shown.media is not None
    assert (shown.media.width, shown.media.height) == (1000, 500)
    loaded = await client.download_media(sent, in_memory=True)
    assert Image.open(io.BytesIO(loaded.getvalue())).size == (1000, 500)
    assert await alice.download(shown) == loaded.getvalue()


async def test_a_known_file_is_sent_again_without_an_upload(
    sandbox: Sandbox, client: Client, alice: Person
) -> None:
    first = await client.send_document(alice.id, named(b"once", "a.zip"), force_document=True)
    await client.send_document(alice.id, first.document.file_id)
    assert await alice.download(alice.last) == b"once"
    sandbox.world.files.expire_references()
    with pytest.raises(errors.FileReferenceExpired):
        await client.send_document(alice.id, first.document.file_id)
    fresh = await client.get_messages(alice.id, first.id)
    await client.send_document(alice.id, fresh.document.file_id)


async def test_a_media_is_named_before_it_is_sent(client: Client, alice: Person) -> None:
    peer = await client.resolve_peer(alice.id)
    file = await client.save_file(named(b"bytes", "a.bin"))
    uploaded = T.InputMediaUploadedDocument(file=file, mime_type="video/mp4", attributes=[])
    media = await client.invoke(F.messages.UploadMedia(peer=T.InputPeerSelf(), media=uploaded))
    assert len(alice.messages()) == 1
    document = media.document
    known = T.InputMediaDocument(
        id=T.InputDocument(
            id=document.id, access_hash=document.access_hash, file_reference=document.file_reference
        )
    )
    await client.invoke(F.messages.SendMedia(peer=peer, media=known, message="sent", random_id=1))
    assert await alice.download(await alice.expect("sent")) == b"bytes"


async def test_an_album_is_one(client: Client, alice: Person) -> None:
    photos = [named(picture(colour=colour), f"{colour}.png") for colour in ("red", "blue", "green")]
    sent = await client.send_media_group(
        alice.id, [types.InputMediaPhoto(photos[0], caption="Three"), *map(types.InputMediaPhoto, photos[1:])]
    )
    shown = [await alice.expect(kind="photo") for _ in range(3)]
    assert len({message.album_id for message in shown}) == 1
    assert shown[0].album_id is not None
    assert [message.text for message in shown] == ["Three", "", ""]
    assert len(sent) == 3


async def test_albums_that_do_not_go_together(client: Client, alice: Person) -> None:
    mixed = [
        types.InputMediaPhoto(named(picture(), "a.png")),
        types.InputMediaAudio(named(b"x", "a.mp3")),
    ]
    with pytest.raises(errors.MediaInvalid):
        await client.send_media_group(alice.id, mixed)


async def test_a_media_is_exchanged_and_a_caption_too_long_is_refused(client: Client, alice: Person) -> None:
    sent = await client.send_photo(alice.id, named(picture(), "a.png"), caption="one")
    with pytest.raises(errors.MediaCaptionTooLong):
        await sent.edit_caption("x" * 1025)
    with pytest.raises(errors.MessageNotModified):
        await sent.edit_caption("one")
    await sent.edit_media(types.InputMediaDocument(named(b"zip", "b.zip"), caption="two"))
    assert alice.last.kind == "document"
    assert (alice.last.text, await alice.download(alice.last)) == ("two", b"zip")
    await sent.edit_caption("")
    assert alice.last.text == ""


async def test_a_text_becomes_a_media(client: Client, alice: Person) -> None:
    sent = await client.send_message(alice.id, "wait")
    await client.edit_message_media(
        alice.id, sent.id, types.InputMediaPhoto(named(picture(), "a.png"), caption="here")
    )
    assert (alice.last.kind, alice.last.text) == ("photo", "here")


@pytest.mark.parametrize("kind", ["photo", "document", "video", "voice", "audio", "sticker"])
async def test_what_a_person_sends_can_be_loaded_by_the_bot(
    client: Client, alice: Person, tmp_path: Path, kind: str
) -> None:
    async def load(_client: Client, message: types.Message) -> None:
        loaded = await client.download_media(message, in_memory=True)
        await message.reply(f"{message.media.value}: {len(loaded.getvalue())}")

    client.add_handler(MessageHandler(load, filters.media))
    data = picture() if kind in ("photo", "sticker") else b"\0" * 70_000
    sent = await getattr(alice, f"send_{kind}")(data)
    size = len(await alice.download(sent))
    await alice.expect(f"{kind}: {size}")


async def test_an_album_of_a_person(client: Client, alice: Person) -> None:
    first = await alice.send_album([picture(), picture(colour="blue")], "both")
    (one, two) = alice.messages()[1:]
    assert first.album_id is not None
    assert (one.album_id, two.album_id) == (first.album_id, first.album_id)
    assert (one.text, two.text) == ("both", "")
