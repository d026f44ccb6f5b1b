"""What people write where a prompt is due, and what should not be there: clear answers, nothing lost."""

from __future__ import annotations

import hashlib
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from support.studio_talk import (
    IMAGE_PRICE,
    arrive,
    ask,
    assert_sound,
    assert_usable,
    begin,
    caught_up,
    delivered,
    files,
    shared_studio,
)

from core.generation.model import Category
from core.storage.generations import JobStore
from providers.demo.making import Order, make
from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")

WORDS_ONLY = {"en": "I need words here", "ru": "Здесь нужны слова"}
NO_FILES = {"en": "works from words alone", "ru": "только по описанию"}
OFFERED = {"en": "What shall we make of it", "ru": "Что из этого сделаем"}
EMPTY = {"en": "That’s empty", "ru": "Здесь пусто"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    async with shared_studio(database_uri, tmp_path_factory.mktemp("prompts")) as studio:
        yield studio


def picture() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(content, "PNG")
    return content.getvalue()


def styles(message: MessageView) -> set[str]:
    """How stretches of the text stand out, other than what the screen itself makes bold or quotes."""
    return {entity.kind for entity in message.entities} - {"bold", "blockquote"}


async def at_prompt(person: Person) -> None:
    """Choose a model first: now the prompt is due."""
    await ask(person, "/generate")
    await person.press("🖼")
    await person.expect(kind="edit")


@pytest.mark.parametrize(
    "prompt",
    [
        "x",
        "👨‍👩‍👧‍👦🏳️‍🌈",
        "\u200f\u202eabc\u202c שלום",
        "<b>bold</b> <a href='http://example.com'>link</a> </blockquote> &amp; &lt;br&gt;",
        "*bold* _italic_ `code` [link](http://example.com) ||spoiler|| ~~gone~~",
        "{ $prompt } {prompt} %s ${HOME}",
        "fault:nothing 'quotes\" \\ ; DROP TABLE jobs; {'$gt': ''}",
    ],
)
async def test_what_a_person_writes_is_shown_back_as_it_is(studio: Studio, prompt: str) -> None:
    person = await arrive(studio)
    choice = await ask(person, prompt)
    assert prompt in choice.text
    assert styles(choice) <= {"url"}
    await person.press("🖼")
    confirmation = await person.expect(kind="edit")
    assert prompt in confirmation.text
    assert styles(confirmation) <= {"url"}
    assert "Nothing was charged" in (await ask(person, "/cancel")).text
    await assert_sound(studio, person)


async def test_what_a_person_writes_comes_to_the_provider_as_it_is(studio: Studio, tmp_path: Path) -> None:
    """The same words make the same file, so words that were changed on the way would make another."""
    person = await arrive(studio)
    prompt = "<b>fox</b> & *co* {x} \u200f\u202eabc\u202c 👨‍👩‍👧‍👦"
    await begin(person, prompt, "🎵")
    content = await person.download(await delivered(person))
    await studio.settled(person)
    options = studio.service.studio.generations.quote("demo-audio").options
    made = make(Order(Category.AUDIO, prompt, options), tmp_path / "again")
    assert hashlib.sha256(content).hexdigest() == made.sha256


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("prompt", ["\u200f\u200e", "\u200b\u00a0\u200b", "\u00ad\u200d"])
async def test_a_prompt_of_nothing_visible_is_empty(studio: Studio, language: str, prompt: str) -> None:
    person = await arrive(studio, language=language)
    await at_prompt(person)
    assert EMPTY[language] in (await ask(person, prompt)).text
    assert "a red fox" in (await ask(person, "a red fox")).text
    await assert_sound(studio, person)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "That’s 4,096 characters, and this model takes 2,000 at most"), ("ru", "не больше 2\u00a0000")],
)
async def test_five_thousand_characters(studio: Studio, language: str, words: str) -> None:
    """An app cuts them in two messages, of which the first is too long by itself."""
    person = await arrive(studio, language=language)
    await at_prompt(person)
    await person.send("a" * 5000)
    answer = await person.expect(kind="new")
    assert words in answer.text
    assert (await person.expect(kind="new")).labels[0].startswith("✨")
    assert (await ask(person, "b" * 2000)).labels[0].startswith("✨")
    await assert_sound(studio, person)
    await assert_usable(studio, person)


async def test_too_long_words_are_told_of_before_the_model_is_confirmed(studio: Studio) -> None:
    person = await arrive(studio)
    await ask(person, "a" * 3000)
    await person.press("Demo image")
    assert "3,000 characters" in (await person.expect(kind="edit")).text
    confirmation = await ask(person, "shorter")
    assert "shorter" in confirmation.text
    await assert_sound(studio, person)


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_files_where_words_are_due(studio: Studio, language: str) -> None:
    person = await arrive(studio, language=language)

    async def send_all(answer: str, to_a_document: str) -> None:
        for sending, said in (
            (person.send_sticker(b"RIFF\0\0\0\0WEBP"), answer),
            (person.send_photo(picture()), answer),
            (person.send_voice(b"OggS"), answer),
            (person.send_document(b"%PDF", "prompt.pdf", "application/pdf"), to_a_document),
            (person.send_video(b"\0\0\0\x18ftyp"), answer),
        ):
            await sending
            assert said in (await person.expect(kind="new")).text

    await send_all(OFFERED[language], WORDS_ONLY[language])
    await ask(person, "/generate")
    await send_all(OFFERED[language], WORDS_ONLY[language])
    await at_prompt(person)
    await send_all(NO_FILES[language], NO_FILES[language])
    await ask(person, "a red fox")
    await send_all(NO_FILES[language], NO_FILES[language])
    await assert_sound(studio, person)
    await assert_usable(studio, person)


async def test_an_album_gets_one_answer_and_the_dialogue_goes_on(studio: Studio) -> None:
    person = await arrive(studio)
    await at_prompt(person)
    await person.send_album([picture(), picture(), picture()], "all of these")
    assert NO_FILES["en"] in (await person.expect(kind="new")).text
    confirmation = await ask(person, "a red fox")
    assert "a red fox" in confirmation.text
    await person.send_album([picture(), picture()])
    assert NO_FILES["en"] in (await person.expect(kind="new")).text
    await caught_up(person)
    assert person.unexpected == ()
    await assert_sound(studio, person)


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_the_last_question_follows_an_edited_prompt_until_it_is_answered(
    studio: Studio, language: str
) -> None:
    person = await arrive(studio, language=language)
    await ask(person, "/generate")
    await person.press("🖼")
    await person.expect(kind="edit")
    first = await person.send("a red fox")
    confirmation = await person.expect(kind="new")
    await person.edit(first, "a blue whale")
    await person.expect("a blue whale", kind="edit")
    assert "a blue whale" in person.refresh(confirmation).text
    await person.press("✨", person.refresh(confirmation))
    message = await delivered(person)
    await person.edit(first, "a green bird")
    await caught_up(person)
    assert [shown for shown in person.unexpected if "bird" in shown.text] == []
    assert message.media is not None
    await assert_sound(studio, person, spent=IMAGE_PRICE)


async def test_plain_words_begin_a_generation_without_any_command(studio: Studio) -> None:
    person = studio.person("Alex")
    choice = await ask(person, "a red fox")
    assert "a red fox" in choice.text
    await person.press("Demo image")
    await person.expect(kind="edit")
    await person.press("✨")
    await delivered(person)
    await assert_sound(studio, person, spent=IMAGE_PRICE)


async def test_prompts_are_forgotten_when_the_job_has_ended(studio: Studio) -> None:
    person = await arrive(studio)
    await begin(person, "something private")
    await delivered(person)
    await studio.settled(person)
    entries = await studio.running.ledger.statement(person.id, 50)
    (settled,) = [entry for entry in entries if entry.credit == "revenue"]
    jobs = JobStore(studio.running.database, studio.clock)

    async def forgotten() -> bool:
        job = await jobs.get(settled.reference)
        return job is not None and not job.active and job.prompt == ""

    await studio.until(forgotten)
    assert len(files(person)) == 1
