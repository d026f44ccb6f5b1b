"""Too much, too poor, too early, gone: people who cannot be served are told so, and lose nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from support.studio_talk import (
    IMAGE_PRICE,
    WELCOME,
    WITHOUT_QUEUE,
    arrive,
    ask,
    assert_sound,
    assert_usable,
    begin,
    caught_up,
    delivered,
    files,
    said,
    to_confirmation,
)

from core.storage.inbox import Inbox
from sandbox.clock import ManualClock
from sandbox.studio import Studio

StartStudio = Callable[..., Awaitable[Studio]]

PRICE = {"en": "3 Stars · made in", "ru": "3 звезды · готово за"}
TOO_MUCH = {"en": "That was a lot at once", "ru": "Слишком много действий сразу"}


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_too_many_actions_get_one_notice_and_then_silence(
    start_studio: StartStudio, plugins: dict[str, Any], clock: ManualClock, language: str
) -> None:
    plugins["limits"] = {"updates": {"actions_per_minute": 20, "burst": 30}}
    studio = await start_studio(plugins=plugins, clock=clock)
    person = await arrive(studio, language=language)
    for _ in range(29):
        await ask(person, "/nothing")
    assert TOO_MUCH[language] in (await ask(person, "/nothing")).text
    for _ in range(10):
        await person.send("/nothing")
    pressed = person.press_nowait("❔")
    inbox = Inbox(studio.running.database, clock)

    async def all_handled() -> bool:
        await clock.advance(0.02)
        return not await inbox.pending()

    await studio.until(all_handled)
    # Three seconds later one more action is allowed.
    await clock.advance(3)
    other = await arrive(studio, "Somebody else")
    assert "/generate" in (await ask(other, "/help")).text
    assert "/generate" in (await ask(person, "/help")).text
    assert person.unexpected == ()
    assert not pressed.query.answer.done() or not pressed.query.answer.result().text
    assert TOO_MUCH[language] in (await ask(person, "/nothing")).text
    assert len(said(person, TOO_MUCH[language])) == 2


async def test_admins_are_exempt(
    start_studio: StartStudio, plugins: dict[str, Any], clock: ManualClock
) -> None:
    plugins["limits"] = {"updates": {"actions_per_minute": 20, "burst": 5}}
    studio = await start_studio(plugins=plugins, clock=clock, admins=1)
    (admin,) = [person for person in studio.sandbox.people if person.name == "Admin 1"]
    for _ in range(20):
        assert "/generate" in (await ask(admin, "/help")).text
    assert said(admin, TOO_MUCH["en"]) == []


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("en", "this costs 3 ⭐, and you have 0 ⭐ — 3 ⭐ short. Nothing was charged."),
        ("ru", "нужно 3 ⭐, на балансе 0 ⭐ — не хватает 3 ⭐. Ничего не списано."),
    ],
)
async def test_without_stars_nothing_is_held_and_the_numbers_are_told(
    start_studio: StartStudio, language: str, lines: str
) -> None:
    studio = await start_studio(settings={"WELCOME_BALANCE_RUB": "0"})
    person = await arrive(studio, language=language)
    confirmation = await to_confirmation(person)
    assert confirmation.labels[0].startswith("✨")
    await person.press("✨")
    short = await person.expect(lines, kind="edit")
    balance = await studio.running.ledger.balance(person.id)
    assert (balance.available, balance.held) == (0, 0)
    await person.press("🔄", short)
    await caught_up(person)
    assert files(person) == []
    # The offer holds: as soon as the Stars are there, the same button begins it.
    await studio.running.ledger.credit(
        person.id, 5, source="manual", key="gift", reference="gift", actor="test", reason="a gift"
    )
    await person.press("🔄")
    await delivered(person)
    await studio.settled(person)
    balance = await studio.running.ledger.balance(person.id)
    assert (balance.available, balance.held) == (2, 0)
    assert (await studio.running.ledger.check()).problems == ()


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_one_generation_at_a_time(start_studio: StartStudio, language: str) -> None:
    studio = await start_studio(tuning=WITHOUT_QUEUE)
    person = await arrive(studio, language=language)
    await begin(person, "fault:hang a red fox")
    await person.expect(lambda message: any("🛑" in label for label in message.labels), kind="edit")
    for text in ("/generate", "another fox"):
        busy = await ask(person, text)
        assert busy.text.startswith("⏳")
        assert [label[:1] for label in busy.labels] == ["🛑"]
    assert (await studio.running.ledger.balance(person.id)).held == IMAGE_PRICE
    await person.press("🛑", busy)
    assert "🛑" in (await person.expect("3", kind="new")).text
    await assert_sound(studio, person)
    await assert_usable(studio, person)


async def test_who_blocks_the_bot_finds_the_result_when_they_return(
    start_studio: StartStudio, plugins: dict[str, Any]
) -> None:
    plugins["providers"]["demo"]["seconds"] = 0.5
    studio = await start_studio(plugins=plugins)
    person = await arrive(studio)
    await begin(person)
    person.block()

    async def found_blocked() -> bool:
        (job,) = await studio.service.studio.generations.active(person.id)
        return job.unreachable_since is not None

    await studio.until(found_blocked)
    balance = await studio.running.ledger.balance(person.id)
    assert (balance.available, balance.held) == (WELCOME - IMAGE_PRICE, IMAGE_PRICE)
    assert files(person) == []
    person.unblock()
    await delivered(person)
    await assert_sound(studio, person, spent=IMAGE_PRICE)
    assert len(files(person)) == 1
    await assert_usable(studio, person)


async def test_who_returns_while_the_bot_is_off_finds_the_result_too(
    start_studio: StartStudio, plugins: dict[str, Any]
) -> None:
    plugins["providers"]["demo"]["seconds"] = 0.5
    studio = await start_studio(plugins=plugins)
    people = [await arrive(studio, language=language) for language in TOO_MUCH]
    for person in people:
        await begin(person)
        person.block()
    await studio.shut()
    for person in people:
        person.unblock()
    await studio.launch()
    for person in people:
        assert PRICE[person.language] in (await delivered(person)).text
        await assert_sound(studio, person, spent=IMAGE_PRICE)


async def test_a_failure_while_the_person_is_gone_gives_the_stars_back(
    start_studio: StartStudio, plugins: dict[str, Any]
) -> None:
    plugins["providers"]["demo"]["seconds"] = 0.5
    studio = await start_studio(plugins=plugins)
    person = await arrive(studio)
    await begin(person, "fault:fail a red fox")
    person.block()
    await assert_sound(studio, person)
    person.unblock()
    assert str(WELCOME) in (await ask(person, "/start")).text
    await assert_usable(studio, person)
