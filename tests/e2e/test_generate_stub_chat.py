"""A large catalogue whose jobs the demo provider takes: names, options in words, variations, larger ones."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from support.media_samples import clip, picture
from support.studio_talk import (
    WELCOME,
    Screen,
    all_read,
    arrive,
    ask,
    assert_readable,
    delivered,
    pressed,
    project_plugins,
    shared_studio,
)

from core.generation.job import Job
from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")
both_languages = pytest.mark.parametrize("language", ["en", "ru"])
WORDS = {
    "en": {
        "retired": "The model “sora-2” isn’t offered any more; Veo 3.1 Fast takes its place.",
        "unknown": "I know no model called “zzzzzz”",
        "fox": "a red fox",
        "file": "send me the file that it works on",
        "one": "1 file",
        "seed": "Seed (a number)",
        "avoid": "What to avoid",
        "blur": "blur",
        "refused": "That’s not possible here",
        "done": "Done",
        "views": ("seen from another angle", "in different light", "closer", "from farther away"),
    },
    "ru": {
        "retired": "Модели «sora-2» больше нет; вместо неё теперь Veo 3.1 Fast.",
        "unknown": "Модели «zzzzzz» я не знаю",
        "fox": "рыжая лиса",
        "file": "пришлите файл, с которым ей работать",
        "one": "1 файл",
        "seed": "Зерно (число)",
        "avoid": "Чего избегать",
        "blur": "размытость",
        "refused": "Так здесь не получится",
        "done": "Готово",
        "views": ("с другого ракурса", "при другом освещении", "крупнее", "издалека"),
    },
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    directory = tmp_path_factory.mktemp("stub")
    plugins: dict[str, Any] = project_plugins(directory)
    plugins["billing"] = {"free_per_day": 0}
    # Nobody listens there: a request that left this machine's demo would fail.
    settings = {"KIE_STUB": "1", "KIE_BASE_URL": "http://127.0.0.1:9"}
    async with shared_studio(database_uri, directory, plugins=plugins, settings=settings) as studio:
        yield studio


@both_languages
async def test_a_name_that_is_no_more_leads_to_what_takes_its_place(studio: Studio, language: str) -> None:
    w = WORDS[language]
    person = await arrive(studio, language=language)
    shown = await ask(person, "/setmodel sora-2")
    assert w["retired"] in shown.text
    assert shown.labels[0] == "Veo 3.1 Fast"
    assert "Veo 3.1 Fast" in (await pressed(person, "Veo 3.1 Fast", shown)).text.splitlines()[0]
    assert w["unknown"] in (await ask(person, "/setmodel zzzzzz")).text


async def write_option(person: Person, options: MessageView, label: str, value: str) -> MessageView:
    """Go to an option's page, press it, and write its value; the options then."""
    while not any(label in text for text in options.labels):
        options = await pressed(person, next(text for text in options.labels if "›" in text), options)
    await pressed(person, label, options)
    return await ask(person, value)


@both_languages
async def test_options_are_written_and_a_variation_takes_another_seed(studio: Studio, language: str) -> None:
    w = WORDS[language]
    person = await arrive(studio, language=language)
    screen = Screen(person)
    await ask(person, "/setmodel google/imagen4-fast")
    options = await pressed(person, "⚙", await ask(person, str(w["fox"])))
    assert w["refused"] in (await write_option(person, options, str(w["seed"]), "?")).text
    options = await ask(person, "7")
    options = await write_option(person, options, str(w["avoid"]), str(w["blur"]))
    confirmation = await pressed(person, str(w["done"]), options)
    for line in (f"{w['seed']}: 7", f"{w['avoid']}: {w['blur']}", str(w["fox"])):
        assert line in confirmation.text
    await person.press("✨", confirmation)
    result = await delivered(person)
    await studio.settled(person)
    (row,) = await studio.service.studio.generations.history.recent(person.id)
    assert row.job.options["seed"] == 7
    assert w["blur"] not in str(row.job), "words of options are words, too"
    await all_read(person)
    await person.press("🎲", result)
    varied = await person.expect(str(w["fox"]), kind="new")
    seed = re.search(re.escape(str(w["seed"])) + r": (\d+)", varied.text)
    assert seed is not None
    assert seed[1] != "7"
    assert f"{w['avoid']}: {w['blur']}" in varied.text
    assert not any(view in varied.text for view in w["views"])
    assert_readable(screen, allowed=("Alex", "Imagen 4 Fast", "UTC", "png"))


@both_languages
async def test_a_picture_is_varied_in_words_and_made_larger(studio: Studio, language: str) -> None:
    w = WORDS[language]
    person = await arrive(studio, language=language)
    screen = Screen(person)
    await ask(person, "/setmodel nano-banana")
    await person.press("✨", await ask(person, str(w["fox"])))
    result = await delivered(person)
    await studio.settled(person)
    await all_read(person)
    await person.press("🎲", result)
    varied = await person.expect(str(w["fox"]), kind="new")
    assert any(f"{w['fox']}, {view}" in varied.text for view in w["views"])
    await person.press("🔍", result)
    choice = await person.expect(kind="new")
    assert [label.split()[1] for label in choice.labels[:2]] == ["Recraft", "Topaz"]
    confirmation = await pressed(person, "Recraft", choice)
    assert w["fox"] not in confirmation.text
    await person.press("✨", confirmation)
    larger = await delivered(person)
    assert larger.media is not None
    assert larger.media.kind == "photo"
    await studio.settled(person)
    spent = [each.price for each in await jobs_of(studio, person)]
    assert (await studio.running.ledger.balance(person.id)).available == WELCOME - sum(spent)
    assert len(spent) == 2
    names = ("Alex", "UTC", "Nano Banana", "Recraft", "Topaz", "JPEG", "PNG", "WEBP", "png", "jpeg")
    assert_readable(screen, allowed=names)


@both_languages
async def test_a_video_that_somebody_sends_is_worked_on(
    studio: Studio, language: str, tmp_path: Path
) -> None:
    w = WORDS[language]
    person = await arrive(studio, language=language)
    screen = Screen(person)
    assert w["file"] in (await ask(person, "/setmodel topaz-video")).text
    await person.send_video(clip(tmp_path / "v.mp4").read_bytes(), duration=2)
    confirmation = await person.expect(str(w["one"]), kind="new")
    await person.press("✨", confirmation)
    made = await delivered(person)
    assert made.media is not None
    assert made.media.kind == "video"
    await studio.settled(person)
    (job,) = await jobs_of(studio, person)
    assert (await studio.running.ledger.balance(person.id)).available == WELCOME - job.price
    assert_readable(screen, allowed=("Alex", "UTC", "Topaz"))


@both_languages
async def test_from_every_step_of_an_order_back_leads_to_the_screen_before(
    studio: Studio, language: str
) -> None:
    w = WORDS[language]
    person = await arrive(studio, language=language)

    async def there_and_back(before: MessageView, *way: str) -> MessageView:
        """Go this way, of buttons and at last the one that leads back: to the very screen before."""
        shown = before
        for label in way:
            shown = await pressed(person, next(text for text in shown.labels if label in text), shown)
        assert (shown.text, shown.labels) == (before.text, before.labels), way
        return shown

    first = await ask(person, "/generate")
    for way in (("🔎", "↩️"), ("💡", "↩️"), ("💡", "✍️", "↩️"), ("🖼", "⬆️"), ("🖼", "›", "‹", "⬆️")):
        await there_and_back(first, *way)
    found = await ask(person, "seedream 4.5 edit")
    question = await pressed(person, "Seedream 4.5", found)
    assert any("↩️" in label for label in question.labels)
    await person.send_photo(picture(), str(w["fox"]))
    confirmation = await person.expect(str(w["one"]), kind="new")
    options = await pressed(person, "⚙️", confirmation)
    for label in options.labels[:-2]:
        await there_and_back(options, label, "↩️")
    done = await pressed(person, "✅", options)
    assert (done.text, done.labels) == (confirmation.text, confirmation.labels)
    again = await pressed(person, "↩️", done)
    assert str(w["fox"]) in again.text
    assert "/generate" in (await pressed(person, "✖️", again)).text
    assert await jobs_of(studio, person) == []


async def jobs_of(studio: Studio, person: Person) -> list[Job]:
    """What was made for a person."""
    return [row.job for row in await studio.service.studio.generations.history.recent(person.id)]
