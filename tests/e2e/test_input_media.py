"""Photos, albums, videos and voice as people send them, from the chat to the file that is made of them."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import av
import pytest
import pytest_asyncio
from PIL import Image
from support.media_samples import animation, clip, picture, tone
from support.studio_talk import (
    Screen,
    arrive,
    ask,
    assert_readable,
    assert_sound,
    delivered,
    shared_studio,
)

from core.generation.job import JobState
from core.storage.generations import JobStore
from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")
both_languages = pytest.mark.parametrize("language", ["en", "ru"])
MOTION = {"en": "photo in motion", "ru": "фото в движении"}
EDIT = {"en": "photo edit", "ru": "правка фото"}
TALK = {"en": "talking photo", "ru": "говорящее фото"}
NAMES = ("Demo photo in motion", "Demo photo edit", "Demo talking photo", "Alex", "Admin")


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("media")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, directory: Path) -> AsyncIterator[Studio]:
    """One studio for all; each test has a person of its own and leaves no file behind."""
    async with shared_studio(database_uri, directory) as studio:
        yield studio


@pytest.fixture(autouse=True)
def nothing_left(studio: Studio) -> Iterator[None]:
    yield
    for path in _inputs(studio):
        path.unlink()


async def _choose(person: Person, model: str) -> MessageView:
    await ask(person, "/generate")
    await person.press(model)
    return await person.expect(kind="edit")


async def _answer(person: Person) -> MessageView:
    return await person.expect(lambda message: message.service is None, kind="new")


def _inputs(studio: Studio) -> list[Path]:
    return sorted((studio.settings.data_dir / "inputs").iterdir())


async def _job(studio: Studio, person: Person) -> Any:
    statement = await studio.running.ledger.statement(person.id, 50)
    (entry,) = [entry for entry in statement if entry.credit == "revenue"]
    return await JobStore(studio.running.database, studio.clock).get(entry.reference)


@both_languages
async def test_words_alone_are_never_answered_with_a_question_for_pictures(
    studio: Studio, language: str
) -> None:
    person = await arrive(studio, language=language)
    question = await _choose(person, "🖼")
    assert {"en": "Describe", "ru": "Опишите"}[language] in question.text
    confirmation = await ask(person, "a red fox")
    assert any("✨" in label for label in confirmation.labels)
    assert not any("📎" in label for label in confirmation.labels)


@both_languages
async def test_a_photo_becomes_a_video(studio: Studio, language: str) -> None:
    person = await arrive(studio, language=language)
    screen = Screen(person)
    await _choose(person, MOTION[language])
    photo = picture((640, 480), exif=_turned())
    await person.send_photo(photo, "fox" if language == "en" else "лиса")
    confirmation = await _answer(person)
    assert ("First frame: 1 file" if language == "en" else "1 файл") in confirmation.text
    assert len(_inputs(studio)) == 1
    await screen.press("✨", confirmation)
    message = await delivered(person)
    await studio.settled(person)
    assert _inputs(studio) == []
    job = await _job(studio, person)
    assert (job.state, job.prompt, job.inputs) == (JobState.DELIVERED, "", ())
    content = await person.download(message)
    with av.open(io.BytesIO(content)) as container:
        frame = next(container.decode(video=0)).to_image()
    corner = frame.getpixel((10, 10))
    assert max(corner) == corner[0] or max(corner) == corner[2]
    assert_readable(screen, allowed=("Demo", "fox", "лиса", "JPEG", "PNG", *NAMES))
    await assert_sound(studio, person, spent=job.price)


def _turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif.tobytes()


@pytest.mark.parametrize(
    ("language", "told", "words", "of_three"),
    [
        ("en", "Image: 3 files", "make it warm", "of 3"),
        ("ru", "Изображение: 3 файла", "сделай теплее", "из 3"),
    ],
)
async def test_an_album_keeps_its_order_and_is_answered_once(
    studio: Studio, language: str, told: str, words: str, of_three: str
) -> None:
    person = await arrive(studio, language=language)
    screen = Screen(person)
    await _choose(person, EDIT[language])
    sizes = [(300, 200), (100, 200), (200, 200)]
    await person.send_album([picture(size) for size in sizes], words)
    confirmation = await person.expect(told)
    assert words in confirmation.text
    row = await JobStore(studio.running.database, studio.clock).active_of(person.id)
    assert row == []
    await person.press("✨", confirmation)
    message = await delivered(person)
    await studio.settled(person)
    content = Image.open(io.BytesIO(await person.download(message)))
    # Side by side as they were sent: each is scaled to a height of 768, the widest to a width of 768.
    assert content.width / content.height == pytest.approx((768 + 384 + 768) / 768, rel=0.01)
    answers = [shown for shown in person.messages() if not shown.out and of_three in shown.text]
    assert answers == []
    assert_readable(screen, allowed=(words, "JPEG", "PNG", "WEBP", "png", *NAMES))


@pytest.mark.parametrize(
    ("language", "taken", "full"),
    [
        ("en", "Image: 3 files", "no room for more"),
        ("ru", "Изображение: 3 файла", "Больше таких файлов не поместится"),
    ],
)
async def test_more_than_the_model_takes_is_said_once(
    studio: Studio, language: str, taken: str, full: str
) -> None:
    person = await arrive(studio, language=language)
    await _choose(person, EDIT[language])
    await person.send_album([picture((100 + number, 100)) for number in range(5)], "warm")
    await person.expect(taken)
    await person.expect(full)
    assert len(_inputs(studio)) == 3
    texts = [shown.text for shown in person.messages() if full in shown.text]
    assert len(texts) == 1


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ("Image: send a picture", "voice message", "Price: 3 Stars")),
        ("ru", ("Изображение: пришлите картинку", "голосовое", "Цена: 3 звезды")),
    ],
)
async def test_a_voice_message_makes_a_photo_speak_and_is_paid_by_its_seconds(
    studio: Studio, tmp_path: Path, language: str, told: tuple[str, str, str]
) -> None:
    asked, then, price = told
    person = await arrive(studio, language=language)
    screen = Screen(person)
    question = await _choose(person, TALK[language])
    assert asked in question.text
    await person.send_photo(picture())
    question = await _answer(person)
    assert then in question.text
    voice = tone(tmp_path / "v.ogg", seconds=2.4).read_bytes()
    await person.send_voice(voice, duration=2)
    confirmation = await _answer(person)
    assert price in confirmation.text
    await person.press("✨", confirmation)
    message = await delivered(person)
    await studio.settled(person)
    job = await _job(studio, person)
    assert job.price == 3
    assert message.media is not None
    assert _inputs(studio) == []
    assert_readable(screen, allowed=("JPEG", "PNG", "MP3", "OGG", "WAV", "M4A", *NAMES))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("no picture", "HEIC", "damaged", "no picture", "31 × 500")),
        ("ru", ("не картинка", "HEIC", "повреждён", "не картинка", "31 × 500")),
    ],
)
async def test_what_cannot_be_taken_is_refused_in_words_and_the_question_stays(
    studio: Studio, tmp_path: Path, language: str, words: tuple[str, ...]
) -> None:
    person = await arrive(studio, language=language)
    await _choose(person, MOTION[language])
    photo = picture((600, 600), form="PNG")
    sent = [
        (b"%PDF-1.7 and so on", "a.pdf", "application/pdf"),
        (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 50, "IMG_1.HEIC", "image/heic"),
        (photo[: len(photo) // 2], "a.png", "image/png"),
        (clip(tmp_path / "a.mp4").read_bytes(), "a.png", "image/png"),
        (picture((31, 500), form="PNG"), "a.png", "image/png"),
    ]
    for (content, file, mime), said in zip(sent, words, strict=True):
        await person.send_document(content, file, mime)
        assert said in (await _answer(person)).text
    assert _inputs(studio) == []
    await person.send_document(animation("GIF"), "a.gif", "image/gif")
    taken = await _answer(person)
    assert ("first picture" if language == "en" else "первый кадр") in taken.text
    await assert_sound(studio, person)


async def test_a_file_that_is_too_large_is_refused_unseen(studio: Studio, tmp_path: Path) -> None:
    person = await arrive(studio)
    await _choose(person, MOTION["en"])
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.truncate(26 * 1024 * 1024)
    await person.send_document(path, "large.png", "image/png")
    answer = await _answer(person)
    assert "26 MB" in answer.text
    assert "25 MB" in answer.text
    assert not list((studio.settings.data_dir / "incoming").rglob("*.in"))


async def test_cmyk_and_webp_documents_are_made_what_the_model_takes(studio: Studio) -> None:
    person = await arrive(studio)
    for content in (picture(mode="CMYK"), picture(form="WEBP"), picture(mode="RGBA", form="PNG")):
        await _choose(person, MOTION["en"])
        await person.send_document(content, "a.bin", "application/octet-stream")
        question = await _answer(person)
        assert "Describe" in question.text
        (kept,) = _inputs(studio)
        image = Image.open(io.BytesIO(kept.read_bytes()))
        assert (image.format, image.mode) in (("JPEG", "RGB"), ("PNG", "RGB"), ("PNG", "RGBA"))
        await person.press("Cancel", question)
        await person.expect("never mind", kind="edit")
        assert _inputs(studio) == []


async def test_a_photo_out_of_the_blue_offers_what_can_be_made_of_it(studio: Studio) -> None:
    person = await arrive(studio)
    await person.send_photo(picture(), "a fox runs")
    offered = await _answer(person)
    assert [label for label in offered.labels if "Demo image" in label or "melody" in label] == []
    assert len([label for label in offered.labels if "⭐" in label]) == 3
    assert _inputs(studio) == []
    await person.press("photo in motion", offered)
    confirmation = await person.expect("First frame: 1 file", kind="edit")
    assert "a fox runs" in confirmation.text
    await person.press("✨", confirmation)
    await delivered(person)
    await studio.settled(person)
    assert _inputs(studio) == []


async def test_an_album_out_of_the_blue_is_offered_once_and_taken_whole(studio: Studio) -> None:
    person = await arrive(studio)
    await person.send_album([picture((100, 100)), picture((200, 100))])
    offered = await _answer(person)
    # The second photo of the album is noted without an answer; a text afterwards shows that it was handled.
    again = await ask(person, "make them warm")
    assert len(person.messages()) == len({shown.id for shown in person.messages()})
    await person.press("photo edit", again)
    assert "Image: 2 files" in (await person.expect("2", kind="edit")).text
    assert offered.id != again.id


async def test_the_dialogue_goes_on_after_a_restart_at_each_step(studio: Studio) -> None:
    person = await arrive(studio, language="ru")
    await _choose(person, TALK["ru"])
    await person.send_photo(picture())
    await _answer(person)
    await studio.restart()
    await person.send_audio(_wav(studio), name="a.wav")
    confirmation = await _answer(person)
    await studio.restart()
    await person.press("✨", confirmation)
    await delivered(person)
    await studio.settled(person)
    assert _inputs(studio) == []


def _wav(studio: Studio) -> bytes:
    return tone(studio.settings.data_dir / "tone.wav", form="wav", codec="pcm_s16le").read_bytes()
