"""The buttons of a delivery, pressed: the one that stops it, and the one for the original file."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from support.file_provider import FileProvider
from support.media_samples import picture
from support.studio_talk import WELCOME, arrive, delivered, files, project_plugins, to_confirmation

from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")
MODELS = {"en": ("🖼", "Files"), "ru": ("🖼", "Файлы")}


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> FileProvider:
    return FileProvider(tmp_path_factory.mktemp("studio"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, provider: FileProvider) -> AsyncIterator[Studio]:
    plugins = project_plugins(provider.directory)
    plugins["providers"] = {"files": provider.install()}
    async with await Studio.start(
        database_uri=database_uri, directory=provider.directory, plugins=plugins
    ) as studio:
        yield studio


async def _ordered(provider: FileProvider, person: Person, name: str, content: bytes) -> MessageView:
    """An order from the chat; the message that shows how it stands."""
    words = f"{person.name} {person.language}"
    provider.lay_down(words, {name: content})
    question = await to_confirmation(person, words, MODELS[person.language])
    await person.press("✨", question)
    return question


@pytest.mark.parametrize(
    ("language", "button"), [("en", "📄 Original file"), ("ru", "📄 Исходный файл")], ids=["en", "ru"]
)
async def test_the_original_beside_the_photo(
    studio: Studio, provider: FileProvider, language: str, button: str
) -> None:
    person = await arrive(studio, "Olive", language)
    content = picture((1024, 1024), form="PNG")
    await _ordered(provider, person, "square.png", content)
    photo = await delivered(person)
    assert photo.media is not None
    assert (photo.kind, photo.media.width, photo.media.height) == ("photo", 1024, 1024)
    assert button in photo.labels
    await studio.settled(person)
    for _ in range(2):
        await person.press(button, photo)
        original = await person.expect(lambda message: message.kind == "document", kind="new")
        assert await person.download(original) == content
    assert provider.opened.count("square.png") <= 4
    assert (await studio.running.ledger.balance(person.id)).available == WELCOME - 1


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("🛑 Stop", "Sending it to you", "Stopped")),
        ("ru", ("🛑 Остановить", "Отправляю вам", "становлено")),
    ],
    ids=["en", "ru"],
)
async def test_the_button_stops_a_result_that_is_on_its_way(
    studio: Studio, provider: FileProvider, language: str, words: tuple[str, str, str]
) -> None:
    button, sending, notice = words
    person = await arrive(studio, "Stan", language)
    provider.hold()
    try:
        shown = await _ordered(provider, person, "a.bin", bytes(300_000))
        shown = await person.expect(lambda seen: seen.id == shown.id and sending in seen.text, within=40)
        assert button in shown.labels
        await person.press(button, shown)
        told = await person.expect(notice)
    finally:
        provider.go_on()
    assert "1" in told.text
    await studio.settled(person)
    assert files(person) == []
    assert (await studio.running.ledger.balance(person.id)).available == WELCOME
