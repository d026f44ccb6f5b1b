"""Of a result that is an album: the picture that a person chooses is the one that is worked on."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import av
import pytest
import pytest_asyncio
from PIL import Image
from support.file_provider import FileProvider
from support.studio_talk import (
    Screen,
    arrive,
    assert_readable,
    assert_sound,
    delivered,
    pressed,
    shared_studio,
)

from core.generation.job import Job
from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")

COLOURS = ("red", "lime", "blue")
FOUND_AS = dict(zip(COLOURS, range(3), strict=True))
"""Which channel of a pixel is the brightest."""
WORDS = {
    "en": {
        "animate": "🎬 Animate",
        "change": "🖌 Change",
        "question": "This result has 3 files",
        "together": "✅ All of them",
        "motion": "photo in motion",
        "edit": "photo edit",
        "one": "1 file",
        "three": "3 files",
        "prompt": "make it warm",
    },
    "ru": {
        "animate": "🎬 Оживить",
        "change": "🖌 Изменить",
        "question": "В этом результате 3 файла",
        "together": "✅ Все сразу",
        "motion": "фото в движении",
        "edit": "правка фото",
        "one": "1 файл",
        "three": "3 файла",
        "prompt": "сделай теплее",
    },
}
ALLOWED = ("Demo", "Alex", "JPEG", "PNG", "png", "mp4")
both_languages = pytest.mark.parametrize("language", ["en", "ru"])


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> FileProvider:
    return FileProvider(tmp_path_factory.mktemp("albums"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, provider: FileProvider) -> AsyncIterator[Studio]:
    directory, plugins = provider.directory, provider.beside_demo()
    async with shared_studio(database_uri, directory, plugins=plugins) as studio:
        yield studio


def flat(colour: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (320, 240), colour).save(content, "PNG")
    return content.getvalue()


async def album_of(studio: Studio, provider: FileProvider, person: Person) -> tuple[Job, MessageView]:
    """A result of three pictures; the job, and the message below it with the buttons."""
    pictures = {f"{number}.png": flat(colour) for number, colour in enumerate(COLOURS)}
    job = await provider.order(studio, person, pictures)
    for _ in pictures:
        await delivered(person)
    below = await person.expect(lambda message: bool(message.labels), kind="new")
    await studio.settled(person)
    return job, below


async def asked_which(
    studio: Studio, provider: FileProvider, screen: Screen, button: str
) -> tuple[Job, MessageView]:
    """Press a button below an album; its job, and the question which of the pictures is meant."""
    job, below = await album_of(studio, provider, screen.person)
    words = WORDS[screen.person.language]
    await screen.press(words[button], below)
    return job, await screen.person.expect(words["question"], kind="new")


async def confirmed(person: Person, prompt: str) -> MessageView:
    """Say what is to be made; the last word before money."""
    await person.send(prompt)
    return await person.expect(lambda message: prompt in message.text, kind="new")


async def order(screen: Screen, studio: Studio, confirmation: MessageView) -> tuple[MessageView, int]:
    """Press the last button before money; what was made, and how many Stars that took."""
    person, ledger = screen.person, studio.running.ledger
    before = (await ledger.balance(person.id)).available
    await screen.press("✨", confirmation)
    made = await delivered(person)
    await studio.settled(person)
    return made, before - (await ledger.balance(person.id)).available


def brightest(image: Image.Image) -> int:
    pixel = image.convert("RGB").resize((1, 1)).getpixel((0, 0))
    assert isinstance(pixel, tuple)
    return pixel.index(max(pixel))


def lightness(image: Image.Image) -> int:
    pixel = image.convert("L").resize((1, 1)).getpixel((0, 0))
    assert isinstance(pixel, int)
    return pixel


@pytest.mark.parametrize(("language", "number"), [("en", 2), ("ru", 3)])
async def test_the_chosen_picture_moves_and_no_other(
    studio: Studio, provider: FileProvider, language: str, number: int
) -> None:
    words, screen = WORDS[language], Screen(await arrive(studio, language=language))
    person = screen.person
    job, question = await asked_which(studio, provider, screen, "animate")
    assert question.labels[:3] == ["1", "2", "3"]
    assert words["together"] not in question.labels, "no model makes one video of three pictures"
    models = await pressed(person, str(number), question)
    await pressed(person, words["motion"], models)
    confirmation = await confirmed(person, words["prompt"])
    assert words["one"] in confirmation.text
    video, stars = await order(screen, studio, confirmation)
    with av.open(io.BytesIO(await person.download(video))) as container:
        frame = next(container.decode(video=0)).to_image()
    assert brightest(frame) == FOUND_AS[COLOURS[number - 1]]
    assert_readable(screen, allowed=(*ALLOWED, words["prompt"]))
    await assert_sound(studio, person, spent=job.price + stars)


@both_languages
async def test_all_pictures_are_taken_where_a_model_has_room_for_them(
    studio: Studio, provider: FileProvider, language: str
) -> None:
    words, screen = WORDS[language], Screen(await arrive(studio, language=language))
    person = screen.person
    job, question = await asked_which(studio, provider, screen, "change")
    models = await pressed(person, words["together"], question)
    await pressed(person, words["edit"], models)
    confirmation = await confirmed(person, words["prompt"])
    assert words["three"] in confirmation.text
    made, stars = await order(screen, studio, confirmation)
    image = Image.open(io.BytesIO(await person.download(made)))
    width, height = image.size
    thirds = [image.crop((width * each // 3, 0, width * (each + 1) // 3, height)) for each in range(3)]
    # Whatever style the model works in, as greys lime is the lightest and blue the darkest.
    red, lime, blue = (lightness(third) for third in thirds)
    assert blue < red < lime
    assert_readable(screen, allowed=(*ALLOWED, words["prompt"]))
    await assert_sound(studio, person, spent=job.price + stars)
