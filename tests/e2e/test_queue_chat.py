"""A person's queue as they see it: their turn, how it moves by itself, and what a stop means for money."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from support.studio_talk import (
    IMAGE_PRICE,
    WELCOME,
    arrive,
    assert_sound,
    begin,
    delivered,
    files,
    said,
    shared_studio,
)

from core.storage.durations import DurationStore
from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio

WORDS = {
    "en": ("You’re next", "Number 2 in your queue", "Nothing will be charged", "3 Stars are back"),
    "ru": ("Вы следующий", "Номер 2 в вашей очереди", "Ничего не будет списано", "3 звезды вернулись"),
}


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    directory: Path = tmp_path_factory.mktemp("queue")
    async with shared_studio(database_uri, directory) as studio:
        yield studio


async def _shows(person: Person, words: str) -> MessageView:
    return await person.expect(lambda message: words in message.text, kind="edit", within=20)


@pytest.mark.parametrize("language", WORDS)
async def test_orders_wait_in_line_move_up_and_are_delivered_in_order(studio: Studio, language: str) -> None:
    following, second, toast, returned = WORDS[language]
    person = await arrive(studio, "Саша", language)
    await begin(person, "fault:hang a red fox")
    await _shows(person, "3")
    await begin(person, "a blue whale")
    waiting = await _shows(person, following)
    await begin(person, "a green frog")
    last = await _shows(person, second)
    balance = await studio.running.ledger.balance(person.id)
    assert (balance.available, balance.held) == (WELCOME - 3 * IMAGE_PRICE, 3 * IMAGE_PRICE)
    hanging = next(
        message for message in person.messages() if "🛑" in str(message.labels) and message.id < waiting.id
    )
    assert toast in (await person.press("🛑", hanging)).text
    assert returned in (await person.expect(returned, kind="new")).text
    moved = await person.expect(lambda message: message.id == last.id, kind="edit", within=20)
    assert second not in moved.text
    await delivered(person)
    await delivered(person)
    await assert_sound(studio, person, spent=2 * IMAGE_PRICE)
    assert len(files(person)) == 2
    assert said(person, following, second) == [], "what showed the progress is gone"


@pytest.mark.parametrize("language", WORDS)
async def test_what_waits_can_be_taken_back_and_nothing_is_charged(studio: Studio, language: str) -> None:
    following, _, toast, returned = WORDS[language]
    person = await arrive(studio, "Саша", language)
    await begin(person, "fault:hang a red fox")
    await _shows(person, "3")
    await begin(person, "a blue whale")
    waiting = await _shows(person, following)
    assert toast in (await person.press("🛑", waiting)).text
    await person.expect(returned, kind="new")
    await person.send("/cancel")
    await person.expect(returned, kind="new")
    await assert_sound(studio, person)


@pytest.mark.parametrize(
    ("language", "usual", "slow"),
    [
        ("en", "usually it’s about 2 minutes", "is taking longer"),
        ("ru", "обычно это занимает около 2 минут", "сегодня дольше"),
    ],
)
async def test_a_person_who_waits_long_hears_of_it_once(
    studio: Studio, language: str, usual: str, slow: str
) -> None:
    generations = studio.service.studio.generations
    person = await arrive(studio, "Саша", language)
    await begin(person, "fault:hang a red fox")
    await _shows(person, "3")
    (job,) = await generations.active(person.id)
    for _ in range(20):
        await DurationStore(studio.running.database).note(job.model_id, 120)
    generations._durations._known.clear()
    for _ in range(2):
        await studio.service.plugins.notify("generation_slow", job=job)
    reminder = await person.expect(slow, kind="new")
    assert usual in reminder.text
    assert "3 ⭐" in reminder.text
    await person.press("🛑", reminder)
    await person.expect(WORDS[language][3], kind="new")
    assert len(said(person, slow)) == 1
    await assert_sound(studio, person)
