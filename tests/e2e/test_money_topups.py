"""Card transfers from /buy to the letter, with two operators and real forwards."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from support.money_talk import accept_terms, balance
from support.studio_talk import WELCOME, arrive, ask, caught_up

from core.storage.cases import CaseState, CaseStore
from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio

StartStudio = Callable[..., Awaitable[Studio]]

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
CARD = {
    "PAYMENT_BANK": "Bank",
    "PAYMENT_CARD": "2200 0000 0000 0004",
    "PAYMENT_CARD_HOLDER": "A. OWNER",
    "USD_TO_RUB": "80",
}
STARS = 961
"""What 1,000 roubles are worth at 80 roubles a dollar."""
CREDITED = {"en": f"{STARS} ⭐ came to your account", "ru": f"на счёт пришло {STARS} ⭐"}


@pytest.fixture
async def studio(start_studio: StartStudio, plugins: dict[str, Any]) -> Studio:
    """A bot whose operator takes transfers, with two operators who have pressed Start."""
    with_money(plugins)
    studio = await start_studio(plugins=plugins, settings=CARD, admins=2)
    for name in ("Admin 1", "Admin 2"):
        admin = studio.sandbox.person(name)
        await admin.start()
        await admin.expect(kind="new")
    return studio


def with_money(plugins: dict[str, Any]) -> None:
    """The plugins that sell Stars and decide, whether the project's file has them on or not."""
    for name, grants in (("buy", ["billing"]), ("admin", ["billing", "panel"])):
        plugins["plugins"][name] = {"module": f"plugins.{name}", "grants": grants}


def operators(studio: Studio) -> tuple[Person, Person]:
    return studio.sandbox.person("Admin 1"), studio.sandbox.person("Admin 2")


async def request(studio: Studio, person: Person, roubles: str = "1000") -> MessageView:
    """From /buy to the instructions."""
    await accept_terms(studio, person)
    await ask(person, "/buy")
    await person.press("💳")
    return await ask(person, roubles)


async def hand_in(studio: Studio, person: Person, roubles: str = "1000") -> None:
    """From /buy to a receipt with the operators."""
    await request(studio, person, roubles)
    await person.press("📎")
    await person.expect("📎", kind="new")
    await person.send_document(JPEG, "receipt.jpg", "image/jpeg", "my receipt")
    await person.expect("🕓", kind="new")


async def card_of(admin: Person) -> MessageView:
    """The receipt, and the card beside it."""
    receipt = await admin.expect("my receipt", kind="new")
    assert receipt.media is not None
    return await admin.expect("💳", kind="new")


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_from_an_amount_to_the_stars(studio: Studio, language: str) -> None:
    first, second = operators(studio)
    person = await arrive(studio, language=language)
    shown = await request(studio, person)
    assert "2200 0000 0000 0004" in shown.text
    assert "961" in shown.text
    await person.press("📎", shown)
    await person.expect("📎", kind="new")
    await person.send_document(JPEG, "receipt.jpg", "image/jpeg", "my receipt")
    await person.expect("🕓", kind="new")
    cards = [await card_of(admin) for admin in (first, second)]
    assert (await balance(studio, person)).available == WELCOME
    await first.press("✅", cards[0])
    await person.expect(CREDITED[language], kind="new")
    assert (await balance(studio, person)).available == WELCOME + STARS
    late = await second.press("❌", cards[1])
    assert "Admin 1" in (late.text or "") or str(first.id) in (late.text or "")
    assert (await balance(studio, person)).available == WELCOME + STARS
    (entry,) = await studio.running.ledger.statement(person.id, 1)
    assert (entry.debit, entry.actor) == ("manual", f"admin:{first.id}")
    assert entry.reference.startswith("RUB 1000 at USD/RUB 80 of ")


async def test_ten_taps_of_two_operators_are_one_credit(studio: Studio) -> None:
    person = await arrive(studio)
    await hand_in(studio, person)
    pressed = []
    for admin in operators(studio):
        card = await card_of(admin)
        pressed += [admin.press_nowait("✅", card) for _ in range(5)]
    await asyncio.gather(*(tap.answer() for tap in pressed))
    await person.expect(CREDITED["en"], kind="new")
    await caught_up(person)
    assert (await balance(studio, person)).available == WELCOME + STARS
    assert [message for message in person.unexpected if "⭐ came" in message.text] == []


async def test_a_declined_transfer_credits_nothing_and_another_may_follow(studio: Studio) -> None:
    first, second = operators(studio)
    person = await arrive(studio)
    await hand_in(studio, person)
    await first.press("Unreadable", await card_of(first))
    await person.expect("the receipt could not be read", kind="new")
    assert (await balance(studio, person)).available == WELCOME
    await card_of(second)
    await hand_in(studio, person, "500 ₽")
    await second.press("300 ₽", await card_of(second))
    await person.expect("300 ₽ arrived, so 288 ⭐ came", kind="new")
    assert (await balance(studio, person)).available == WELCOME + 288


async def test_an_operator_writes_what_has_come(studio: Studio) -> None:
    first, _ = operators(studio)
    person = await arrive(studio)
    await hand_in(studio, person)
    await first.press("✏️", await card_of(first))
    await first.expect("How much has really come", kind="new")
    await first.send("sto")
    await first.expect("no amount I can credit", kind="new")
    await first.send("٩٤")
    await person.expect("credited 94 ⭐ instead of the 961 ⭐", kind="new")
    assert (await balance(studio, person)).available == WELCOME + 94


async def test_a_request_can_be_withdrawn_before_its_receipt(studio: Studio) -> None:
    person = await arrive(studio)
    shown = await request(studio, person)
    await person.press("✖️", shown)
    assert await studio.service.billing.topups.waiting(person.id) is None
    await caught_up(person)
    await hand_in(studio, person, "100")
    assert len(await studio.service.billing.cases.open_ones("topup")) == 1


async def test_a_bot_that_dies_after_the_decision_carries_it_out_at_its_start(studio: Studio) -> None:
    first, _ = operators(studio)
    person = await arrive(studio)
    await hand_in(studio, person)
    (case,) = await studio.service.billing.cases.open_ones()
    await studio.shut()
    async with studio.database() as database:
        store = CaseStore(database, studio.clock)
        decided = {"decision": "approve", "by": first.id}
        await store.advance(case.id, expected=CaseState.OPEN, to=CaseState.DECIDED, changes=decided)
    await studio.launch()
    await person.expect(CREDITED["en"], kind="new")
    assert (await balance(studio, person)).available == WELCOME + STARS
    await studio.restart()
    await caught_up(person)
    assert [message for message in person.unexpected if "⭐ came" in message.text] == []
    assert (await balance(studio, person)).available == WELCOME + STARS


async def test_a_person_who_has_gone_keeps_nobody_from_deciding(studio: Studio) -> None:
    first, second = operators(studio)
    second.block()
    person = await arrive(studio)
    await hand_in(studio, person)
    person.block()
    card = await card_of(first)
    await first.press("✅", card)

    async def done() -> bool:
        case = await studio.service.billing.cases.by_token(card_token)
        return case is not None and case.state is CaseState.DONE

    async with studio.database() as database:
        (row,) = await database.collection("cases").find({})
        card_token = row["token"]
    await studio.until(done)
    assert (await balance(studio, person)).available == WELCOME + STARS


async def test_without_a_card_nothing_of_it_is_shown(
    start_studio: StartStudio, plugins: dict[str, Any]
) -> None:
    with_money(plugins)
    studio = await start_studio(plugins=plugins)
    person = await arrive(studio)
    shown = await ask(person, "/buy")
    assert [label for label in shown.labels if "💳" in label] == []
