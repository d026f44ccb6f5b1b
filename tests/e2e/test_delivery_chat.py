"""Results of every form in the chat, through the whole bot and the local Telegram."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import av
import pytest
import pytest_asyncio
from support.file_provider import FileProvider
from support.media_samples import animation, clip, picture, tone
from support.studio_talk import WELCOME, arrive, files, project_plugins, write_plugin

from core.errors import UserFacingError
from sandbox.faults import Fault, FaultKind
from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")

BUTTONS = """
class Below(Plugin):
    name = "below"

    @hookimpl
    async def result_keyboard(self, job):
        return ((Button("Again", "again", (job.id,)),),)

    @callback("again")
    async def again(self, event):
        await self.context.generations.send_again(event.user.id, event.arguments[0], key=event.key)

    @hookimpl
    async def delivery_progress(self, job, progress):
        SEEN.append(progress)

SEEN = []
"""


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> FileProvider:
    return FileProvider(tmp_path_factory.mktemp("studio"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, provider: FileProvider) -> AsyncIterator[Studio]:
    directory = provider.directory
    plugins = project_plugins(directory)
    plugins["providers"] = {"files": provider.install()}
    plugins["plugins"] = {
        "start": plugins["plugins"]["start"],
        "below": write_plugin(directory, "below", BUTTONS),
    }
    async with await Studio.start(database_uri=database_uri, directory=directory, plugins=plugins) as studio:
        yield studio


@pytest_asyncio.fixture(loop_scope="module")
async def alice(studio: Studio) -> Person:
    return await arrive(studio)


def at_once(path: Path, target: Path) -> bytes:
    """A video with its index before everything else."""
    with av.open(str(path)) as inside, av.open(str(target), "w", options={"movflags": "faststart"}) as out:
        streams = {stream.index: out.add_stream_from_template(stream) for stream in inside.streams}
        for packet in inside.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                out.mux(packet)
    content = target.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    return content


async def result(person: Person, count: int = 1) -> list[MessageView]:
    """So many messages with files."""
    return [
        await person.expect(lambda each: each.media is not None, kind="new", within=40) for _ in range(count)
    ]


def made(directory: Path, kind: str) -> bytes:
    """A file of this kind."""
    path = directory / f"sample.{kind}"
    if kind in ("png", "jpeg", "webp"):
        return picture((640, 480), form=kind.upper())
    if kind == "gif":
        return animation("GIF")
    if kind == "mp4":
        return clip(path, seconds=2).read_bytes()
    if kind == "m4v":
        # Square, and its index stands first.
        return at_once(clip(path, seconds=2, size=(160, 160), form="mp4"), path.with_suffix(".mp4"))
    if kind == "webm":
        return clip(path, form="webm", codec="libvpx", sound="libopus").read_bytes()
    codecs = {"ogg": "libopus", "mp3": "libmp3lame", "wav": "pcm_s16le"}
    return tone(path, form=kind, codec=codecs[kind]).read_bytes()


FORMS = [
    ("png", "files-image", "photo"),
    ("jpeg", "files-image", "photo"),
    ("webp", "files-image", "photo"),
    ("gif", "files-image", "animation"),
    ("mp4", "files-video", "video"),
    ("m4v", "files-video", "video"),
    ("webm", "files-video", "document"),
    ("mp3", "files-audio", "audio"),
    ("wav", "files-audio", "audio"),
    ("ogg", "files-audio", "audio"),
    ("ogg", "files-speech", "voice"),
]


@pytest.mark.parametrize("form", FORMS, ids="-".join)
async def test_each_file_comes_in_its_form(
    studio: Studio, provider: FileProvider, alice: Person, tmp_path: Path, form: tuple[str, str, str]
) -> None:
    file, model, kind = form
    content = made(tmp_path, file)
    await provider.order(studio, alice, {f"a.{file}": content}, model=model)
    (message,) = await result(alice)
    assert message.media is not None
    assert message.media.kind == kind, alice.transcript()
    assert message.labels == ["Again"]
    if kind != "photo":
        assert await alice.download(message) == content
    if kind == "photo":
        assert (message.media.width, message.media.height) == (640, 480)
    if kind == "video":
        assert (message.media.width, message.media.height) == (160, 160 if file == "m4v" else 120)
        assert message.media.duration == pytest.approx(2.0, abs=0.2)
        assert message.media.streaming
    if kind == "animation":
        assert (message.media.width, message.media.height) == (120, 80)
        assert message.media.duration == pytest.approx(0.2, abs=0.01)
    if file in ("mp4", "m4v", "webm"):
        assert message.media.has_thumbnail
        assert message.media.mime == ("video/webm" if file == "webm" else "video/mp4")
    if kind in ("audio", "voice"):
        assert message.media.duration == pytest.approx(2.0, abs=1)
    if kind == "audio":
        assert (message.media.title, message.media.performer) == ("Your audio", "Files")
    await studio.settled(alice)


async def test_pictures_that_are_no_photos_come_as_documents(
    studio: Studio, provider: FileProvider, alice: Person
) -> None:
    strip = picture((2100, 100), form="PNG")
    await provider.order(studio, alice, {"strip.png": strip})
    (message,) = await result(alice)
    assert message.kind == "document"
    assert await alice.download(message) == strip


@pytest.mark.parametrize(
    ("language", "question"), [("en", "What shall we do next?"), ("ru", "Что делаем дальше?")]
)
@pytest.mark.parametrize("count", [2, 10])
async def test_albums_come_whole_with_their_buttons_below(
    studio: Studio, provider: FileProvider, language: str, question: str, count: int
) -> None:
    person = await arrive(studio, language=language)
    contents = {f"{number:02}.png": picture((64 + number, 64), form="PNG") for number in range(count)}
    await provider.order(studio, person, contents)
    album = await result(person, count)
    assert len({message.album_id for message in album}) == 1
    assert [message.media.width for message in album if message.media] == [64 + n for n in range(count)]
    assert [bool(message.text) for message in album] == [True] + [False] * (count - 1)
    below = await person.expect(question)
    assert below.labels == ["Again"]
    await studio.settled(person)
    assert len(files(person)) == count


async def test_once_more_after_the_references_have_expired(
    studio: Studio, provider: FileProvider, alice: Person
) -> None:
    contents = {f"{number}.png": picture((80 + number, 64), form="PNG") for number in range(3)}
    job = await provider.order(studio, alice, contents)
    first = await result(alice, 3)
    below = await alice.expect("What shall we do next?")
    await studio.settled(alice)
    before = provider.opened
    studio.sandbox.world.files.expire_references()
    await alice.press("Again", below)
    again = await result(alice, 3)
    assert provider.opened == before, "nothing is fetched, and so nothing uploaded, a second time"
    assert [each.media for each in again] == [each.media for each in first]
    for message in [*first, *again]:
        await alice.delete(message)
    studio.sandbox.world.files.expire_references()
    generations = studio.service.studio.generations
    with pytest.raises(UserFacingError, match="result-gone"):
        await generations.send_again(alice.id, job.id)


async def test_a_reference_that_expires_before_the_send_costs_one_more_upload(
    studio: Studio, provider: FileProvider, alice: Person
) -> None:
    expired = 0

    def expire(event: Any) -> None:
        nonlocal expired
        if event.name == "messages.UploadMedia" and event.direction == "out" and not expired:
            expired += 1
            studio.sandbox.world.files.expire_references()

    forget = studio.sandbox.server.on_event(expire)
    content = made(provider.directory, "mp4")
    await provider.order(studio, alice, {"late.mp4": content}, model="files-video")
    (message,) = await result(alice)
    forget()
    assert await alice.download(message) == content
    assert provider.opened.count("late.mp4") == 2
    await studio.settled(alice)
    assert len(files(alice)) == 1


FAULTS = {
    "a lost reply": Fault(kind=FaultKind.LOSE_REPLY, method="messages.SendMedia", times=1),
    "a dropped connection": Fault(kind=FaultKind.DROP_AFTER, method="messages.SendMedia", times=1),
    "500s": Fault(kind=FaultKind.ERROR, method="messages.SendMedia", times=3),
    "a flood wait": Fault(
        kind=FaultKind.ERROR, method="messages.SendMedia", code=420, message="FLOOD_WAIT_3", times=1
    ),
    "a flood wait before": Fault(
        kind=FaultKind.ERROR, method="messages.UploadMedia", code=420, message="FLOOD_WAIT_3", times=1
    ),
    "lost parts": Fault(kind=FaultKind.LOSE_REPLY, method="upload.SaveFilePart", times=1),
    "a lost registration": Fault(kind=FaultKind.DROP_AFTER, method="messages.UploadMedia", times=1),
}


async def test_whatever_goes_wrong_there_is_one_message_and_one_payment(
    studio: Studio, provider: FileProvider
) -> None:
    content = made(provider.directory, "mp4")
    people = [await arrive(studio, f"Person {number}") for number in range(len(FAULTS))]
    for person, fault in zip(people, FAULTS.values(), strict=True):
        with studio.sandbox.faults.add(fault) as handle:
            await provider.order(studio, person, {"a.mp4": content}, model="files-video")
            (message,) = await result(person)
            assert handle.hits
        assert await person.download(message) == content
    for person in people:
        await studio.settled(person)
        assert len(files(person)) == 1, person.transcript()
        assert (await studio.running.ledger.balance(person.id)).available == WELCOME - 1
    assert (await studio.running.ledger.check()).problems == ()


async def test_a_stop_while_it_arrives_gives_the_star_back(
    studio: Studio, provider: FileProvider, alice: Person
) -> None:
    provider.hold()
    job = await provider.order(studio, alice, {"a.mp4": made(provider.directory, "mp4")}, model="files-video")

    async def under_way() -> bool:
        return bool(alice.actions)

    await studio.until(under_way)
    assert alice.actions[-1].name == "upload_video"
    assert await studio.service.studio.generations.cancel(alice.id, job.id)
    notice = await alice.expect("Stopped")
    provider.go_on()
    assert "1 Star is back on your balance" in notice.text
    await studio.settled(alice)
    assert files(alice) == []
    assert (await studio.running.ledger.balance(alice.id)).available == WELCOME


async def test_a_person_who_blocked_the_bot_finds_the_result_when_they_return(
    studio: Studio, provider: FileProvider, alice: Person
) -> None:
    alice.block()
    content = made(provider.directory, "mp4")
    job = await provider.order(studio, alice, {"a.mp4": content}, model="files-video")
    generations = studio.service.studio.generations

    async def waits() -> bool:
        current = await generations.get(job.id)
        return current is not None and current.unreachable_since is not None

    await studio.until(waits)
    assert (await studio.running.ledger.balance(alice.id)).held == 1
    await alice.start()
    (message,) = await result(alice)
    assert await alice.download(message) == content
    await studio.settled(alice)
    assert len(files(alice)) == 1
