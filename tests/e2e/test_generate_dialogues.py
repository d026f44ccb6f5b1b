"""The dialogues that people have most, as they read them, in both languages; and what may come in between."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio
from support.golden import Golden
from support.media_samples import picture, tone
from support.studio_talk import (
    Screen,
    arrive,
    ask,
    assert_readable,
    assert_sound,
    delivered,
    said,
    shared_studio,
    spend,
    to_confirmation,
)

from core.billing.pricing import PriceOverride
from sandbox.people.person import Person
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")
LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])
WORDS = {
    "en": {
        "create": "Create",
        "fox": "a red fox in the snow",
        "whale": "a blue whale",
        "other": "Another model",
        "motion": "photo in motion",
        "options": "Options",
        "length": "Length",
        "five": "5 s",
        "done": "Done",
        "ideas": "Ideas",
        "own": "My own idea",
        "nature": "Nature",
        "idea": "That’s my idea",
        "cancel": "Cancel",
        "image": "Demo image",
        "find": "Demo image",
    },
    "ru": {
        "create": "Создать",
        "fox": "рыжая лиса на снегу",
        "whale": "синий кит",
        "other": "Другая модель",
        "motion": "фото в движении",
        "options": "Настройки",
        "length": "Длина",
        "five": "5 с",
        "done": "Готово",
        "ideas": "Идеи",
        "own": "Своя идея",
        "nature": "Природа",
        "idea": "Это моя идея",
        "cancel": "Отмена",
        "image": "Демо-картинка",
        "find": "Демо-картинка",
    },
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    """One studio for all; each test has a person of its own."""
    async with shared_studio(database_uri, tmp_path_factory.mktemp("dialogues")) as studio:
        yield studio


@LANGUAGES
async def test_a_newcomer_needs_few_taps_and_whoever_comes_back_needs_one(
    studio: Studio, language: str
) -> None:
    w = WORDS[language]
    person = studio.person("Alex", language)
    golden = Golden(person)
    await person.start()
    await golden.new()
    await golden.tap(w["create"], shows="new")
    await golden.tap(w["image"])
    await golden.write(w["fox"])
    await golden.tap("✨", shows=None)
    assert (await golden.result()).media is not None
    assert golden.taps <= 4
    assert golden.words == 1
    await studio.settled(person)
    golden.taps = golden.words = 0
    await golden.write(w["whale"])
    await golden.tap("✨", shows=None)
    await golden.result()
    assert (golden.words, golden.taps) == (1, 1)
    await studio.settled(person)
    golden.same_as("newcomer_and_back")
    await assert_sound(studio, person, spent=6)


@LANGUAGES
async def test_a_photo_with_words_goes_to_a_model_that_takes_it_and_options_change_the_price(
    studio: Studio, language: str
) -> None:
    w = WORDS[language]
    person = await arrive(studio, language=language)
    golden = Golden(person)
    await person.send_photo(picture(), w["fox"])
    await golden.new()
    await golden.tap(w["motion"])
    await golden.tap(w["options"])
    await golden.tap(w["length"])
    await golden.tap(w["five"])
    await golden.tap(w["done"])
    await golden.tap("✨", shows=None)
    await golden.result()
    await studio.settled(person)
    golden.same_as("photo_and_options")
    await assert_sound(studio, person, spent=5)


@LANGUAGES
async def test_a_result_goes_on_as_another_a_variation_a_file_and_a_video(
    studio: Studio, language: str
) -> None:
    w = WORDS[language]
    person = await arrive(studio, language=language)
    await to_confirmation(person, w["fox"])
    golden = Golden(person)
    await golden.tap("✨", shows=None)
    result = await golden.result()
    await studio.settled(person)
    await golden.tap("🔁", on=result, shows="new")
    await golden.tap(w["cancel"])
    await golden.tap("📄", on=result, shows=None)
    original = await golden.result()
    assert original.media is not None
    assert original.media.kind == "document"
    await golden.tap("🧩", on=result, shows="new")
    await golden.tap(w["cancel"])
    await golden.tap("🎬", on=result, shows="new")
    await golden.tap(w["motion"])
    await golden.tap("✨", shows=None)
    video = await golden.result()
    assert video.media is not None
    assert video.media.kind == "video"
    await studio.settled(person)
    golden.same_as("from_a_result")
    await assert_sound(studio, person, spent=6)


@LANGUAGES
async def test_ideas_names_and_ways_back(studio: Studio, language: str) -> None:
    w = WORDS[language]
    person = await arrive(studio, language=language)
    golden = Golden(person)
    await golden.write("/generate")
    await golden.tap(w["ideas"])
    await golden.tap(w["own"])
    await golden.write(w["fox"])
    await golden.write(w["find"])
    await golden.tap(w["idea"])
    await golden.tap(w["image"])
    await golden.tap(w["other"])
    await golden.tap(w["motion"])
    await golden.tap(w["cancel"])
    golden.same_as("ideas_and_ways_back")
    await assert_sound(studio, person)


@LANGUAGES
async def test_what_is_not_asked_for_is_answered_and_the_dialogue_goes_on(
    studio: Studio, language: str, tmp_path: Path
) -> None:
    w = WORDS[language]
    person = await arrive(studio, language=language)
    golden, screen = Golden(person), Screen(person)
    await golden.write("/generate")
    await golden.tap(w["image"])
    await person.send_voice(tone(tmp_path / "v.ogg", seconds=1).read_bytes())
    await golden.new()
    await person.send_sticker(picture((64, 64), form="WEBP"))
    await golden.new()
    await person.send_photo(picture())
    await golden.new()
    await golden.write("/lang")
    await golden.write("x" * 3000)
    sent = await person.send(w["fox"])
    confirmation = await golden.new()
    await person.edit(sent, w["whale"])
    await person.expect(w["whale"], kind="edit")
    await golden.write("/generate")
    await golden.tap(w["motion"])
    await golden.write(w["whale"])
    await person.send_photo(picture(), "y" * 3000)
    await golden.new()
    await golden.write("/cancel")
    await golden.tap("✨", on=confirmation)
    golden.same_as("off_the_path")
    names = ("Demo", "Alex", "JPEG", "PNG", "png", "x" * 3000, "y" * 3000, "English", "Русский")
    assert_readable(screen, allowed=names)
    await assert_sound(studio, person)


async def test_a_price_that_changes_between_the_choice_and_the_last_word_is_asked_about(
    studio: Studio,
) -> None:
    file, goldens = studio.file, []
    for language, w in WORDS.items():
        person = await arrive(studio, language=language)
        goldens.append(Golden(person))
        await to_confirmation(person, w["fox"])
    dearer = PriceOverride(usd=Decimal("0.039"), confirmed=True)
    try:
        studio.file = replace(file, prices={"demo-image": dearer})
        await studio.restart()
        for golden in goldens:
            await golden.tap("✨")
            await golden.tap("✨", shows=None)
            await golden.result()
            await studio.settled(golden.person)
    finally:
        studio.file = file
        await studio.restart()
    for golden in goldens:
        golden.same_as("price_changes")
        await assert_sound(studio, golden.person, spent=6)


@pytest.mark.parametrize(
    ("language", "gone"), [("en", "isn’t available any more"), ("ru", "больше недоступна")]
)
async def test_a_model_that_is_switched_off_before_the_last_word_is_told_and_others_are_offered(
    studio: Studio, language: str, gone: str
) -> None:
    person = await arrive(studio, language=language)
    confirmation = await to_confirmation(person, WORDS[language]["fox"])
    registry = studio.service.studio.generations._registry
    registry.switch_off("demo-image", "test", by="test")
    try:
        await person.press("✨", confirmation)
        choice = await person.expect(gone, kind="edit")
        assert WORDS[language]["fox"] in choice.text
        assert not any("🖼" in label for label in choice.labels)
    finally:
        registry.switch_on("demo-image", by="test")
    await person.press("🎵", choice)
    await person.press("✨", await person.expect(WORDS[language]["fox"], kind="edit"))
    await delivered(person)
    await studio.settled(person)
    await assert_sound(studio, person, spent=2)


@LANGUAGES
async def test_a_balance_spent_meanwhile_is_told_with_numbers(studio: Studio, language: str) -> None:
    person = await arrive(studio, language=language)
    golden = Golden(person)
    await to_confirmation(person, WORDS[language]["fox"])
    await spend(studio, person, 190)
    await golden.tap("✨")
    golden.same_as("balance_spent")
    await assert_sound(studio, person, spent=190)


async def test_a_restart_at_each_step_loses_nothing(studio: Studio) -> None:
    """With a dialogue by buttons and one with a file and words, in either language."""
    pressing = [(await arrive(studio, language=language), w) for language, w in WORDS.items()]
    giving = [(await arrive(studio, language=language), w) for language, w in WORDS.items()]
    for person, _ in (*pressing, *giving):
        await ask(person, "/generate")
    for step in ("ideas", "nature", "image", "options", "done"):
        await studio.restart()
        for person, w in pressing:
            await person.press(w[step])
            await person.expect(kind="edit")
        for person, w in giving:
            await _give(person, w, step)
    await studio.restart()
    for person, _ in (*pressing, *giving):
        await person.press("✨")
        await delivered(person)
        await studio.settled(person)
        assert said(person, "устарела", "out of date") == []
        await assert_sound(studio, person, spent=3)


async def _give(person: Person, w: Mapping[str, str], step: str) -> None:
    """One step of the way to a video made of a photo; the last of the five is no step of it."""
    match step:
        case "ideas":
            await person.press(w["motion"])
            await person.expect(kind="edit")
        case "nature":
            await person.send_photo(picture())
            await person.expect(kind="new")
        case "image":
            await ask(person, w["fox"])
        case "options":
            # Nobody needs the same words twice; better ones are taken all the same.
            assert w["whale"] in (await ask(person, w["whale"])).text
