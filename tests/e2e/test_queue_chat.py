"""A person's queue as they see it: their turn, how it moves by itself, and what a stop means for money."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from support.golden import Golden
from support.money_talk import accept_terms, balance
from support.studio_talk import (
    IMAGE_PRICE,
    WELCOME,
    all_read,
    arrive,
    ask,
    assert_sound,
    begin,
    delivered,
    files,
    said,
    shared_studio,
    spend,
    to_confirmation,
)

from core.billing.ledger import Balance
from core.storage.durations import DurationStore
from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio

WORDS = {
    "en": ("Next in your queue", "Number 2 in your queue", "Nothing will be charged", "3 Stars are back"),
    "ru": (
        "Следующий в вашей очереди",
        "Номер 2 в вашей очереди",
        "Ничего не будет списано",
        "3 звезды вернулись",
    ),
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


SLOW = {"en": "is taking longer", "ru": "сегодня дольше"}
REQUEST = (re.compile(r"^  [a-z2-7]{12}$", re.MULTILINE), "  REQUEST")


class _Waiting(Golden):
    """What somebody reads who waits: their turn, and the reminder, stand still long enough."""

    def is_screen(self, message: MessageView) -> bool:
        language = self.person.language
        told = any(words in message.text for words in (*WORDS[language][:2], SLOW[language]))
        return told or super().is_screen(message)


@pytest.mark.parametrize("language", WORDS)
async def test_who_waits_long_hears_of_it_once_and_takes_orders_back_at_no_cost(
    studio: Studio, language: str
) -> None:
    generations = studio.service.studio.generations
    following, second, _, returned = WORDS[language]
    person = await arrive(studio, "Саша", language)
    golden = _Waiting(person, passing=(REQUEST,))
    await golden.tap("✨", on=await to_confirmation(person, "fault:hang"), shows=None)
    await _shows(person, "3")
    (job,) = await generations.active(person.id)
    for _ in range(20):
        await DurationStore(studio.running.database).note(job.model_id, 120)
    generations._durations._known.clear()
    orders = []
    for prompt, turn in (("1", following), ("2", second)):
        await golden.tap("✨", on=await golden.write(prompt), shows=None)
        orders.append(await _shows(person, turn))
    for _ in range(2):
        await studio.service.plugins.notify("generation_slow", job=job)
    reminder = await person.expect(SLOW[language], kind="new")
    for message in (*reversed(orders), reminder):
        await golden.tap("🛑", on=message, shows=None)
        await person.expect(returned, kind="new")
    await assert_sound(studio, person)
    assert len(said(person, SLOW[language])) == 1
    golden.same_as("queue")


PAY = {"en": "Pay {} ⭐", "ru": "Оплатить {} ⭐"}


async def _shown(person: Person, *parts: str) -> bool:
    return all(said(person, part) for part in parts)


async def _order_and_pay(person: Person, prompt: str, missing: int) -> None:
    """Order without the Stars for it, and pay exactly what is missing."""
    await person.press("✨", await to_confirmation(person, prompt))
    label = PAY[person.language].format(missing)
    screen = await person.expect(lambda message: any(label in text for text in message.labels), kind="edit")
    await person.press(label, screen)
    invoice = await person.expect(kind="invoice")
    await (await person.checkout(invoice)).confirm()
    await all_read(person)


@pytest.mark.parametrize("language", WORDS)
async def test_orders_that_are_paid_one_by_one_wait_in_line_and_are_delivered(
    studio: Studio, language: str
) -> None:
    following, second, _, returned = WORDS[language]
    person = await arrive(studio, "Саша", language, stars=100)
    await accept_terms(studio, person)
    ledger = studio.running.ledger
    await spend(studio, person, WELCOME - 2)
    await _order_and_pay(person, "fault:hang a red fox", 1)
    await _order_and_pay(person, "a blue whale", 3)
    await _order_and_pay(person, "a green frog", 3)
    await studio.until(lambda: _shown(person, following, second))
    hanging = next(message for message in person.messages() if any("🛑" in text for text in message.labels))
    assert person.stars == 100 - 7
    assert await balance(studio, person) == Balance(0, 3 * IMAGE_PRICE)
    await person.press("🛑", hanging)
    await person.expect(returned, kind="new")
    await delivered(person)
    await delivered(person)
    await studio.settled(person)
    assert len(files(person)) == 2
    assert await balance(studio, person) == Balance(2 + 7 - 2 * IMAGE_PRICE, 0)
    entries = await ledger.statement(person.id, 50)
    paid = sorted(entry.amount for entry in entries if entry.debit == "telegram:stars")
    earned = [entry.amount for entry in entries if entry.credit == "revenue"]
    assert (paid, sorted(earned)) == ([1, 3, 3], [3, 3, WELCOME - 2])
    report = await ledger.check()
    assert (report.total, report.problems) == (0, ())


async def _switch_reminders_off(person: Person) -> None:
    settings = await ask(person, "/settings")
    await person.press("🔔", settings)
    shown = await person.expect(lambda message: "✅" in message.labels[0], kind="edit")
    await person.press(shown.labels[0], shown)
    await person.expect(lambda message: "☐" in message.labels[0], kind="edit")


async def test_the_reminder_comes_once_over_a_restart_and_not_to_who_wants_none(studio: Studio) -> None:
    usual = studio.tuning
    hurried = replace(usual.generation.patience, slow_unknown=0.2, slow_least=0.2)
    told = [await arrive(studio, "Саша", language) for language in WORDS]
    untold = await arrive(studio, "Саша")
    await _switch_reminders_off(untold)
    everybody = (*told, untold)

    async def epochs() -> set[int]:
        """The spells of duty in which it was found for each of them that it takes long."""
        generations = studio.service.studio.generations
        return {job.slow_told for person in everybody for job in await generations.active(person.id)}

    async def all_found() -> bool:
        found = await epochs()
        return len(found) == 1 and 0 not in found and found != before

    before: set[int] = {0}
    studio.tuning = replace(usual, generation=replace(usual.generation, patience=hurried))
    try:
        await studio.restart()
        for person in everybody:
            await begin(person, "fault:hang a red fox", "🎵")
        for person in told:
            await person.expect(SLOW[person.language], kind="new", within=20)
        await studio.until(all_found)
        before = await epochs()
        await studio.restart()
        await studio.until(all_found)
    finally:
        studio.tuning = usual
        # What plugins were told of before is done when they have stopped.
        await studio.restart()
    for person in told:
        assert len(said(person, SLOW[person.language])) == 1
    assert said(untold, *SLOW.values()) == []
    for person in everybody:
        await person.send("/cancel")
    for person in everybody:
        await assert_sound(studio, person)
