"""A generation for nothing, and one that is paid for when the balance is short, as people see them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from support.money_talk import accept_terms, balance
from support.studio_talk import IMAGE_PRICE, arrive, ask, begin, caught_up, delivered, files, to_confirmation

from core.billing.ledger import Balance
from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio

StartStudio = Callable[..., Awaitable[Studio]]

POOR = {"WELCOME_BALANCE_RUB": "2.1", "USD_TO_RUB": "80"}
"""Two Stars, of the three that a picture costs."""
WORDS = {
    "en": {
        "free": "free",
        "gift": "gift",
        "short": "Not enough",
        "begins": "by itself",
        "accept": "I accept",
    },
    "ru": {
        "free": "бесплатно",
        "gift": "подарок",
        "short": "Не хватает",
        "begins": "само",
        "accept": "Принимаю",
    },
}


async def _press(person: Person, label: str, on: MessageView) -> MessageView:
    await person.press(label, on)
    return await person.expect(kind="edit")


async def _short(person: Person) -> MessageView:
    """As far as the screen that says what is missing."""
    return await _press(person, "✨", await to_confirmation(person))


async def _pay(person: Person, screen: MessageView, label: str) -> None:
    await person.press(label, screen)
    invoice = await person.expect(kind="invoice")
    await (await person.checkout(invoice)).confirm()


async def _promo_given(studio: Studio, person: Person) -> int:
    entries = await studio.running.ledger.statement(person.id, 50)
    return sum(entry.amount for entry in entries if entry.debit == "promo" and entry.reason == "generation")


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_a_newcomers_free_picture_from_the_button_to_the_ledger(
    start_studio: StartStudio, plugins: dict[str, Any], language: str
) -> None:
    studio = await start_studio(plugins=plugins, settings={**POOR, "AMOUNT_OF_FREE_IMAGES": "1"})
    words = WORDS[language]
    person = await arrive(studio, language=language, stars=100)
    choice = await ask(person, "/generate")
    (label,) = [text for text in choice.labels if "🖼" in text]
    assert words["free"] in label
    question = await _press(person, "🖼", choice)
    assert words["free"] in question.text
    confirmation = await ask(person, "a red fox")
    assert words["gift"] in confirmation.text
    assert "⭐" not in confirmation.text
    await person.press("✨", confirmation)
    message = await delivered(person)
    assert words["gift"] in message.text
    await studio.settled(person)
    assert await balance(studio, person) == Balance(2, 0)
    assert await _promo_given(studio, person) == IMAGE_PRICE
    confirmation = await to_confirmation(person)
    assert words["gift"] not in confirmation.text
    await person.press("✨", confirmation)
    assert words["short"] in (await person.expect(words["short"], kind="edit")).text


async def test_a_free_picture_that_fails_is_still_free_afterwards(
    start_studio: StartStudio, plugins: dict[str, Any]
) -> None:
    studio = await start_studio(plugins=plugins, settings={**POOR, "AMOUNT_OF_FREE_IMAGES": "1"})
    person = await arrive(studio, stars=100)
    await begin(person, "a fox fault:fail")
    notice = await person.expect("gift is still yours", kind="new")
    assert "nothing was charged" in notice.text
    await studio.settled(person)
    assert await balance(studio, person) == Balance(2, 0)
    await begin(person)
    await delivered(person)
    await studio.settled(person)
    assert await balance(studio, person) == Balance(2, 0)


@pytest.mark.parametrize(("language", "label"), [("en", "Pay 1 ⭐"), ("ru", "Оплатить 1 ⭐")])
async def test_what_is_missing_is_paid_and_the_generation_goes_on_by_itself(
    start_studio: StartStudio, plugins: dict[str, Any], language: str, label: str
) -> None:
    studio = await start_studio(plugins=plugins, settings=POOR)
    words = WORDS[language]
    person = await arrive(studio, language=language, stars=100)
    screen = await _short(person)
    assert words["short"] in screen.text
    assert words["begins"] in screen.text
    question = await _press(person, label, screen)
    await person.press(words["accept"], question)
    invoice = await person.expect(kind="invoice")
    await (await person.checkout(invoice)).confirm()
    await delivered(person)
    await studio.settled(person)
    assert await balance(studio, person) == Balance(0, 0)
    assert len(files(person)) == 1
    await person.send("another idea")
    assert (await person.expect("another idea", kind="new")).labels


async def test_the_nearest_package_is_the_other_way_and_the_rest_stays(
    start_studio: StartStudio, plugins: dict[str, Any]
) -> None:
    studio = await start_studio(plugins=plugins, settings=POOR)
    person = await arrive(studio, stars=100)
    await accept_terms(studio, person)
    screen = await _short(person)
    await _pay(person, screen, "Take 50 ⭐")
    await delivered(person)
    await studio.settled(person)
    assert await balance(studio, person) == Balance(2 + 50 - IMAGE_PRICE, 0)
    assert len(files(person)) == 1


async def test_stars_that_came_meanwhile_begin_it_without_an_invoice(
    start_studio: StartStudio, plugins: dict[str, Any]
) -> None:
    studio = await start_studio(plugins=plugins, settings=POOR)
    person = await arrive(studio, stars=100)
    screen = await _short(person)
    await studio.running.ledger.credit(
        person.id, 5, source="manual", key="meanwhile", reference="", actor="test", reason="test"
    )
    await person.press("Pay 1 ⭐", screen)
    await delivered(person)
    await studio.settled(person)
    assert await balance(studio, person) == Balance(2 + 5 - IMAGE_PRICE, 0)


async def test_without_the_grant_the_person_is_told_what_is_missing(
    start_studio: StartStudio, plugins: dict[str, Any]
) -> None:
    plugins["plugins"]["generate"].pop("grants")
    studio = await start_studio(plugins=plugins, settings=POOR)
    person = await arrive(studio, stars=100)
    screen = await _short(person)
    assert WORDS["en"]["short"] in screen.text
    assert not any("Pay" in label for label in screen.labels)
    await caught_up(person)
