"""Every screen in both languages: no word of the other one, no key, no markup, no long button."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from support.studio_talk import (
    FOREIGN_NAME,
    Screen,
    arrive,
    ask,
    assert_readable,
    assert_sound,
    assert_usable,
    delivered,
    project_plugins,
    shared_studio,
    to_confirmation,
)

from core.storage.users import UserStore
from sandbox.people.person import Person
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")

"""In the other letters, so that a name is told from the bot's own words."""
PROMPT = {"en": "рыжая лиса", "ru": "red fox"}
OPTIONS = ("png", "webp")

both_languages = pytest.mark.parametrize("language", ["en", "ru"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    directory = tmp_path_factory.mktemp("languages")
    plugins: dict[str, Any] = project_plugins(directory)
    async with shared_studio(database_uri, directory, plugins=plugins) as studio:
        yield studio


def newcomer(studio: Studio, language: str) -> tuple[Person, Screen]:
    person = studio.person(FOREIGN_NAME[language], language)
    return person, Screen(person)


def assert_own_words(screen: Screen, *more: str) -> None:
    language = screen.person.language
    assert len(screen.everything) > 1
    assert_readable(screen, allowed=(FOREIGN_NAME[language], PROMPT[language], *OPTIONS, *more))


@both_languages
async def test_every_screen_on_the_way_to_a_file(studio: Studio, language: str) -> None:
    person, screen = newcomer(studio, language)
    await person.start()
    await person.expect(kind="new")
    for text in ("/start", "/help", "/lang", "/cancel", "/nosuch", "/generate"):
        await ask(person, text)
    screen.read_menu()
    for button in ("🎬", "↩️", "🎵", "↩️", "🖼"):
        await screen.press(button)
        await person.expect(kind="edit")
    await person.send_sticker(b"RIFF\0\0\0\0WEBP")
    await person.expect(kind="new")
    await ask(person, "a" * 2001)
    await ask(person, "\u200f")
    stale = await ask(person, PROMPT[language])
    newest = await ask(person, PROMPT[language])
    await screen.press("✨", stale)
    await screen.press("✨", newest)
    await delivered(person)
    await studio.settled(person)
    await screen.press("✨", person.messages()[1])
    await screen.press("✖️")
    await ask(person, "/cancel")
    forged = await person.press_data(b"forged", person.messages()[1]).answer()
    screen.texts.append(forged.text or "")
    assert_own_words(screen)


@both_languages
async def test_every_screen_of_a_video_and_a_melody(studio: Studio, language: str) -> None:
    person, screen = newcomer(studio, language)
    # A video takes seconds to make; what is said beside one stands among the transcripts.
    await screen.press("✖️", await to_confirmation(person, PROMPT[language], "🎬"))
    await person.expect(kind="edit")
    await screen.press("✨", await to_confirmation(person, PROMPT[language], "🎵"))
    await delivered(person)
    await studio.settled(person)
    assert_own_words(screen)


@both_languages
@pytest.mark.parametrize("fault", ["fail", "safety", "rejected", "busy"])
async def test_every_notice_of_a_failure(studio: Studio, language: str, fault: str) -> None:
    person, screen = newcomer(studio, language)
    confirmation = await to_confirmation(person, f"fault:{fault} {PROMPT[language]}")
    await screen.press("✨", confirmation)
    notice = await person.expect("/generate", kind="new")
    reference = notice.text.splitlines()[-1]
    await assert_sound(studio, person)
    assert_own_words(screen, f"fault:{fault}", reference)


@both_languages
async def test_busy_stopping_and_what_is_set_aside(studio: Studio, language: str) -> None:
    person, screen = newcomer(studio, language)
    confirmation = await to_confirmation(person, f"fault:hang {PROMPT[language]}")
    await screen.press("✨", confirmation)
    await person.expect(lambda message: any("🛑" in label for label in message.labels), kind="edit")
    await ask(person, "/generate")
    await ask(person, "/start")
    await screen.press("🛑")
    stopped = await person.expect("3", kind="new")
    await assert_sound(studio, person)
    assert_own_words(screen, "fault:hang", stopped.text.splitlines()[-1])


@both_languages
async def test_what_is_said_where_a_feature_is_off(studio: Studio, language: str) -> None:
    person, screen = newcomer(studio, language)
    confirmation = await to_confirmation(person, PROMPT[language])
    await studio.service.plugins.disable("generate")
    try:
        await screen.press("✨", confirmation)
        for text in ("/generate", PROMPT[language], PROMPT[language], "/help", "/start", "/cancel"):
            await ask(person, text)
    finally:
        await studio.service.plugins.enable("generate")
    assert_own_words(screen)


@both_languages
async def test_what_is_said_in_maintenance_and_to_the_banned(studio: Studio, language: str) -> None:
    person, screen = newcomer(studio, language)
    await person.start()
    await person.expect(kind="new")
    await studio.service.maintenance.switch(on=True)
    try:
        await ask(person, "/help")
    finally:
        await studio.service.maintenance.switch(on=False)
    users = UserStore(studio.running.database, studio.clock)
    await users.ban(person.id, studio.clock.now() + timedelta(hours=1), PROMPT[language])
    assert PROMPT[language] in (await ask(person, "/help")).text
    assert_own_words(screen)


@pytest.mark.parametrize(
    ("languages", "choose", "chosen", "help_line"),
    [
        (("en", "ru"), "Русский", "Язык выбран: Русский", "/help — Всё, что я умею"),
        (("ru", "en"), "English", "From now on I speak English", "/help — Everything I can do"),
    ],
)
async def test_the_language_changes_at_once_and_stays(
    studio: Studio, languages: tuple[str, str], choose: str, chosen: str, help_line: str
) -> None:
    first, second = languages
    person = await arrive(studio, language=first)
    await ask(person, "/lang")
    answer = await person.press(choose)
    assert answer.text == f"{choose} ✓"
    changed = await person.expect(chosen, kind="edit")
    assert f"✓ {choose}" in changed.labels
    assert help_line in (await ask(person, "/help")).text
    await studio.restart()
    assert help_line in (await ask(person, "/help")).text
    person.account.language = second
    screen = Screen(person)
    await assert_usable(studio, person)
    await ask(person, "/start")
    assert_readable(screen, allowed=(person.name, "a red fox", *OPTIONS))


@pytest.mark.parametrize(
    ("language", "description"),
    [("en", "Everything I can do"), ("ru", "Всё, что я умею"), ("de", "Everything I can do")],
)
async def test_the_menu_is_in_the_language_of_the_app(
    studio: Studio, language: str, description: str
) -> None:
    person = studio.person("Alex", language)
    assert ("help", description) in person.commands()
    assert description in (await ask(person, "/help")).text


async def test_a_language_that_is_not_there_gets_the_fallback(studio: Studio) -> None:
    person = studio.person("Jörg", "de")
    await person.start()
    assert "Hello, Jörg!" in (await person.expect(kind="new")).text
    await assert_usable(studio, person)
