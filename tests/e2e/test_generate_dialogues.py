"""The dialogues that people have most, as they read them, in both languages; and what may come in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
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
    caught_up,
    delivered,
    files,
    said,
    shared_studio,
    to_confirmation,
)

from core.billing.pricing import PriceOverride
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
        "skip": "without",
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
        "skip": "без этого",
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
    confirmation = await golden.write(w["fox"])
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


@LANGUAGES
async def test_a_price_that_changes_between_the_choice_and_the_last_word_is_asked_about(
    studio: Studio, language: str
) -> None:
    person = await arrive(studio, language=language)
    golden, file = Golden(person), studio.file
    await to_confirmation(person, WORDS[language]["fox"])
    dearer = PriceOverride(usd=Decimal("0.039"), confirmed=True)
    try:
        studio.file = replace(file, prices={"demo-image": dearer})
        await studio.restart()
        await golden.tap("✨")
        await golden.tap("✨", shows=None)
        await golden.result()
        await studio.settled(person)
    finally:
        studio.file = file
        await studio.restart()
    golden.same_as("price_changes")
    await assert_sound(studio, person, spent=6)


@LANGUAGES
async def test_a_balance_spent_meanwhile_is_told_with_numbers(studio: Studio, language: str) -> None:
    person = await arrive(studio, language=language)
    golden = Golden(person)
    await to_confirmation(person, WORDS[language]["fox"])
    ledger = studio.running.ledger
    await ledger.hold(person.id, f"elsewhere-{language}", 190, actor="test", reason="test")
    await golden.tap("✨")
    await ledger.release(person.id, f"elsewhere-{language}", actor="test", reason="test")
    golden.same_as("balance_spent")
    await assert_sound(studio, person)


async def test_two_taps_at_once_make_one_generation(studio: Studio) -> None:
    person = await arrive(studio)
    confirmation = await to_confirmation(person)
    taps = [person.press_nowait("✨", confirmation) for _ in range(2)]
    await asyncio.gather(*(tap.answer() for tap in taps))
    await delivered(person)
    await studio.settled(person)
    await caught_up(person)
    assert len(files(person)) == 1
    await assert_sound(studio, person, spent=3)


async def test_a_restart_at_each_step_loses_nothing(studio: Studio) -> None:
    person = await arrive(studio, language="ru")
    w = WORDS["ru"]
    await ask(person, "/generate")
    for way in (w["ideas"], w["nature"], w["image"], w["options"], w["done"]):
        await studio.restart()
        await person.press(way)
        await person.expect(kind="edit")
    await studio.restart()
    await person.press("✨")
    await delivered(person)
    await studio.settled(person)
    assert said(person, "устарела") == []
    await assert_sound(studio, person, spent=3)
