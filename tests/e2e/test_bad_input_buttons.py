"""Buttons that are old, forged, another chat's, or tapped too often: one job, one charge, a clear answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
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
    project_plugins,
    shared_studio,
    to_confirmation,
)

from sandbox.people.views import MessageView
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")

EXPIRED = {"en": "This button no longer works", "ru": "Эта кнопка больше не работает"}
OLD = {
    "en": "This button is out of date. Nothing was charged",
    "ru": "Эта кнопка устарела. Ничего не списано",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    directory = tmp_path_factory.mktemp("buttons")
    plugins = project_plugins(directory)
    plugins["limits"] = {"updates": {"same_button_seconds": 2}}
    async with shared_studio(database_uri, directory, plugins=plugins) as studio:
        yield studio


def data_of(message: MessageView, label: str) -> bytes:
    """What the button of this label carries."""
    (data,) = [button.data for row in message.buttons for button in row if label in button.label]
    assert data is not None
    return data


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize(
    "data",
    [b"\x01forged", b"\x00", b"\xff" * 64, b"model:0", b"\x01" + b"\0" * 8 + b"generate\x1fmake\x1fx"],
)
async def test_forged_buttons_do_nothing(studio: Studio, language: str, data: bytes) -> None:
    person = await arrive(studio, language=language)
    confirmation = await to_confirmation(person)
    answer = await person.press_data(data, confirmation).answer()
    assert (answer.alert, EXPIRED[language] in answer.text) == (True, True)
    assert person.refresh(confirmation).text == confirmation.text
    await assert_sound(studio, person)


async def test_a_changed_button_does_nothing(studio: Studio) -> None:
    person = await arrive(studio)
    confirmation = await to_confirmation(person)
    real = data_of(confirmation, "✨")
    for position in (1, 8, len(real) - 1):
        forged = real[:position] + bytes([real[position] ^ 1]) + real[position + 1 :]
        answer = await person.press_data(forged, confirmation).answer()
        assert EXPIRED["en"] in answer.text
    await person.press("✨", confirmation)
    await delivered(person)
    await assert_sound(studio, person, spent=IMAGE_PRICE)


async def test_a_button_of_another_chat_does_nothing(studio: Studio) -> None:
    alice, mallory = await arrive(studio, "Alice"), await arrive(studio, "Mallory", "ru")
    hers, his = await to_confirmation(alice), await to_confirmation(mallory)
    for label in ("✨", "↩️", "✖️"):
        answer = await mallory.press_data(data_of(hers, label), his).answer()
        assert EXPIRED["ru"] in answer.text
    await alice.press("✨", hers)
    await delivered(alice)
    await assert_sound(studio, alice, spent=IMAGE_PRICE)
    await assert_sound(studio, mallory)
    assert files(mallory) == []


async def test_somebody_elses_generation_cannot_be_stopped(studio: Studio) -> None:
    alice, mallory = await arrive(studio, "Alice"), await arrive(studio, "Mallory")
    await begin(alice, "fault:hang a red fox")
    progress = await alice.expect(lambda message: "🛑 Stop" in message.labels, kind="edit")
    welcome = mallory.messages()[-1]
    answer = await mallory.press_data(data_of(progress, "🛑"), welcome).answer()
    assert EXPIRED["en"] in answer.text
    assert (await studio.running.ledger.balance(alice.id)).held == IMAGE_PRICE
    await alice.press("🛑")
    assert "3 Stars are back" in (await alice.expect("Stopped")).text
    await assert_sound(studio, alice, mallory)


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_two_taps_at_once_make_one_job(studio: Studio, language: str) -> None:
    person = await arrive(studio, language=language)
    confirmation = await to_confirmation(person)
    taps = [person.press_nowait("✨", confirmation) for _ in range(2)]
    answers = [await tap.answer() for tap in taps]
    assert sorted(bool(answer.text) for answer in answers) == [False, True]
    await delivered(person)
    await assert_sound(studio, person, spent=IMAGE_PRICE)
    assert len(files(person)) == 1


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_ten_taps_make_one_job(studio: Studio, language: str) -> None:
    person = await arrive(studio, language=language)
    confirmation = await to_confirmation(person)
    await asyncio.gather(*(person.press_nowait("✨", confirmation).answer() for _ in range(10)))
    await delivered(person)
    await assert_sound(studio, person, spent=IMAGE_PRICE)
    assert len(files(person)) == 1


async def test_the_same_button_twice_within_two_seconds_acts_once(studio: Studio) -> None:
    person = await arrive(studio)
    welcome = person.messages()[-1]
    taps = [person.press_nowait("❔", welcome) for _ in range(3)]
    for tap in taps:
        assert (await tap.answer()).text in (None, "")
    await person.expect("Here’s what I can do")
    await caught_up(person)
    assert person.unexpected == ()


async def test_confirmations_of_two_models_make_what_the_newest_says(studio: Studio) -> None:
    """What was confirmed before is out of date, says so, and charges nothing."""
    person = await arrive(studio)
    first = await to_confirmation(person, "a red fox")
    second = await ask(person, "a blue whale")
    answer = await person.press("✨", first)
    assert OLD["en"] in answer.text
    assert (await person.expect(OLD["en"], kind="edit")).id == first.id
    assert (await studio.running.ledger.balance(person.id)).held == 0
    await person.press("✨", second)
    await delivered(person)
    await assert_sound(studio, person, spent=IMAGE_PRICE)


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_a_confirmation_that_was_left_is_out_of_date(studio: Studio, language: str) -> None:
    person = await arrive(studio, language=language)
    confirmation = await to_confirmation(person)
    await ask(person, "/cancel")
    answer = await person.press("✨", confirmation)
    assert OLD[language] in answer.text
    assert (await person.expect(OLD[language], kind="edit")).labels == []
    await assert_sound(studio, person)


async def test_buttons_of_before_a_restart(studio: Studio) -> None:
    """All go on where they were, in the middle of a dialogue and in its last question."""
    people = [await arrive(studio, "Alex"), await arrive(studio, "Саша", "ru")]
    choices = [await ask(person, "a red fox") for person in people]
    asked = await to_confirmation(people[0])
    await studio.restart()
    await people[1].press("🖼", choices[1])
    confirmation = await people[1].expect(kind="edit")
    assert "a red fox" in confirmation.text
    for person, message in zip(people, (asked, confirmation), strict=True):
        await person.press("✨", message)
        await delivered(person)
    await assert_sound(studio, *people, spent=IMAGE_PRICE)
    for person in people:
        await person.press("❔", person.messages()[1])
        await person.expect("/generate")
        await assert_usable(studio, person)
