"""Everything that people meet about their Stars, from /buy to a friend's first purchase."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image
from support.money_talk import accept_terms, balance, credited
from support.studio_talk import (
    FOREIGN_NAME,
    IMAGE_PRICE,
    WELCOME,
    Screen,
    arrive,
    ask,
    assert_readable,
    begin,
    caught_up,
    delivered,
    project_plugins,
    shared_studio,
)

from core.storage.cases import CaseState
from core.storage.refunds import Shortage
from sandbox.people.payments import PaymentRefused
from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")

RICH = 100_000
SETTINGS = {
    "PAYMENT_BANK": "Банк",
    "PAYMENT_CARD": "2200 0000 0000 0004",
    "PAYMENT_CARD_HOLDER": "Алиса",
    "PAYMENT_PHONE": "+7 900 000-00-00",
    "USD_TO_RUB": "80",
    "SUPPORT_TELEGRAM": "@starloom_help",
    "SUPPORT_TEXT": "9–18 <UTC>",
    "SUPPORT_EMAIL": "help@example.org",
}
_STATES = ("with the operators", "Given back", "was declined")
STICKER = b"RIFF\0\0\0\0WEBP"

both_languages = pytest.mark.parametrize("language", ["en", "ru"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    directory = tmp_path_factory.mktemp("buy")
    plugins: dict[str, Any] = project_plugins(directory)
    plugins["billing"] = {
        "plans": {"basic": {"stars": 100, "grant": 120, "title": {"en": "Basic", "ru": "Базовый"}}},
        "referral_bonus": 20,
    }
    async with shared_studio(database_uri, directory, plugins=plugins, settings=SETTINGS) as studio:
        await studio.service.billing.promo.create(30, 1000, by=1, request="first", name="ЗВЕЗДА")
        yield studio


def picture() -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(held, "JPEG")
    return held.getvalue()


async def buyer(studio: Studio, language: str = "en", **details: Any) -> Person:
    """Somebody with Stars on Telegram who has accepted the terms."""
    person = await arrive(studio, language=language, stars=RICH, **details)
    await accept_terms(studio, person)
    return person


async def news(person: Person, text: str = "") -> MessageView:
    """The next message that the bot has written."""
    return await person.expect(lambda message: message.service is None and text in message.text, kind="new")


async def invoice(person: Person) -> MessageView:
    return await person.expect(kind="invoice")


async def pay(studio: Studio, person: Person, bill: MessageView) -> str:
    """Pay and wait until everything that follows is done; the charge id."""
    receipt = await person.pay(bill)
    await credited(studio, receipt.charge_id)
    await news(person, "⭐")
    return receipt.charge_id


async def bought(studio: Studio, person: Person, stars: int) -> str:
    await person.send(f"/buy {stars}")
    return await pay(studio, person, await invoice(person))


def invoices(person: Person) -> list[int]:
    return [message.invoice.amount for message in person.messages() if message.invoice is not None]


@pytest.mark.parametrize(
    ("language", "top_up", "accept", "thanks"),
    [("en", "Top up", "I accept", "Thank you!"), ("ru", "Пополнить", "Принимаю", "Спасибо!")],
)
async def test_from_start_over_the_terms_to_stars_on_the_balance(
    studio: Studio, language: str, top_up: str, accept: str, thanks: str
) -> None:
    person = await arrive(studio, language=language, stars=200)
    await person.press(top_up)
    shop = await person.expect(kind="new")
    assert ("100 ⭐ · ≈ $1.30" if language == "en" else "100 ⭐ · ≈ 1,30 $") in shop.labels
    await person.press("100 ⭐", shop)
    terms = await person.expect("/paysupport", kind="edit")
    assert invoices(person) == []
    assert (await person.press(accept, terms)).text == thanks
    bill = await invoice(person)
    assert bill.invoice is not None
    assert bill.invoice.amount == 100
    await pay(studio, person, bill)
    assert person.stars == 100
    assert (await balance(studio, person)).available == WELCOME + 100
    shown = await ask(person, "/balance")
    assert str(WELCOME + 100) in shown.text
    assert "+100 ⭐" in shown.text
    assert f"+{WELCOME} ⭐" in shown.text
    # The terms are asked for once.
    await person.send("/buy 50")
    assert (await invoice(person)).invoice is not None
    day = str(studio.clock.now().day)
    assert day in (await ask(person, "/terms")).text.splitlines()[-1]


async def test_declined_terms_sell_nothing_and_can_be_accepted_later(studio: Studio) -> None:
    person = await arrive(studio, stars=200)
    await ask(person, "/buy")
    await person.press("50 ⭐")
    await person.expect("I ask only once", kind="edit")
    await person.press("Never mind")
    assert "Nothing was charged" in (await person.expect(kind="edit")).text
    assert invoices(person) == []
    await ask(person, "/terms")
    await person.press("I accept")
    assert "You accepted them on" in (await person.expect(kind="edit")).text
    await person.send("/buy 7")
    await invoice(person)
    assert person.stars == 200


async def test_ten_taps_on_a_package_are_one_invoice(studio: Studio) -> None:
    person = await buyer(studio)
    shop = await ask(person, "/buy")
    taps = [person.press_nowait("250 ⭐", shop) for _ in range(10)]
    await asyncio.gather(*(tap.answer() for tap in taps))
    await caught_up(person)
    assert invoices(person) == [250]
    await person.press("Something else")
    await person.press("250 ⭐", await person.expect("Top up your balance", kind="edit"))
    await caught_up(person)
    assert invoices(person) == [250, 250]


async def test_ten_taps_on_accept_are_one_invoice(studio: Studio) -> None:
    person = await arrive(studio, stars=200)
    await ask(person, "/buy")
    await person.press("50 ⭐")
    terms = await person.expect("I ask only once", kind="edit")
    taps = [person.press_nowait("I accept", terms) for _ in range(10)]
    await asyncio.gather(*(tap.answer() for tap in taps))
    await caught_up(person)
    assert invoices(person) == [50]


UNCLEAR = {
    "en": ("digits", "whole", "smallest top-up is 1 Star", "at most in one payment"),
    "ru": ("цифрами", "дробь", "самое маленькое пополнение", "не больше 100\u00a0000 ⭐"),
}


@both_languages
async def test_any_amount_and_what_is_none(studio: Studio, language: str) -> None:
    person = await buyer(studio, language)
    words, fraction, little, much = UNCLEAR[language]
    most = "100,000" if language == "en" else "100\u00a0000"
    await ask(person, "/buy")
    await person.press("✏️")
    assert most in (await person.expect(kind="edit")).text
    said = {"0": little, "-1": little, "1.5": fraction, "1,5": fraction, "10^9": much, "100001": much}
    said |= {"sto": words, "сто": words, "50 or 100": words, "100 рублей": words, "9" * 4000: much}
    for written, told in said.items():
        answer = (await ask(person, written)).text
        assert told in answer, written
        assert most in answer, written
    await person.send_sticker(STICKER)
    assert words in (await person.expect(kind="new")).text
    await person.send_album([picture()] * 3)
    assert words in (await person.expect(kind="new")).text
    assert invoices(person) == []
    await person.send("٣٥")
    await pay(studio, person, await invoice(person))
    assert (await balance(studio, person)).available == WELCOME + 35
    assert invoices(person) == [35]
    # The question is answered: words are a prompt again.
    assert words not in (await ask(person, "a red fox")).text
    assert [message.text for message in person.unexpected if words in message.text] == []


async def test_an_amount_that_was_asked_for_before_a_restart(studio: Studio) -> None:
    person = await buyer(studio)
    await ask(person, "/buy")
    await person.press("✏️")
    await person.expect(kind="edit")
    await studio.restart()
    await person.send("1 000 stars")
    await pay(studio, person, await invoice(person))
    assert (await balance(studio, person)).available == WELCOME + 1000


async def test_while_it_is_off_old_buttons_say_so_and_work_again_afterwards(studio: Studio) -> None:
    person = await buyer(studio)
    shop = await ask(person, "/buy")
    await ask(person, "/start")
    await studio.service.plugins.disable("buy")
    try:
        assert "off at the moment" in ((await person.press("50 ⭐", shop)).text or "")
        assert "off at the moment" in (await ask(person, "/balance")).text
        labels = (await ask(person, "/start")).labels
        assert not [label for label in labels if "Top up" in label or "Balance" in label]
    finally:
        await studio.service.plugins.enable("buy")
    await person.press("50 ⭐", shop)
    await pay(studio, person, await invoice(person))
    assert (await balance(studio, person)).available == WELCOME + 50


async def test_what_was_bought_comes_also_while_it_is_off(studio: Studio) -> None:
    person = await buyer(studio)
    await person.send("/buy 60")
    checkout = await person.checkout(await invoice(person))
    await studio.service.plugins.disable("buy")
    try:
        await credited(studio, (await checkout.confirm()).charge_id)
        assert (await balance(studio, person)).available == WELCOME + 60
        bills = [message for message in person.messages() if message.invoice is not None]
        with pytest.raises(PaymentRefused):
            await person.pay(bills[-1])
    finally:
        await studio.service.plugins.enable("buy")


async def test_a_forwarded_invoice_leads_its_buyer_and_others_to_their_own(studio: Studio) -> None:
    person, friend = await buyer(studio), await arrive(studio, "Bob", stars=RICH)
    await person.send("/buy 70")
    await invoice(person)
    async with studio.database() as database:
        row = await database.collection("orders").find_one({"user_id": person.id, "stars": 70})
    assert row is not None
    await friend.start(f"order_{row['_id']}")
    await friend.expect("somebody else’s", kind="new")
    await friend.expect("Your balance", kind="new")
    await person.start(f"order_{row['_id']}")
    assert (await invoice(person)).invoice is not None
    assert invoices(person) == [70, 70]


async def test_in_a_group_nothing_is_said_about_money(studio: Studio) -> None:
    person = await buyer(studio)
    group = studio.sandbox.add_group("Friends", [person, studio.bot])
    for command in ("/balance", "/buy", "/refund", "/plan", "/promo", "/invite"):
        await person.send(command, to=group)
        said = await person.expect("between the two of us", kind="new", chat=group)
        assert str(WELCOME) not in said.text


@both_languages
async def test_the_balance_in_words(studio: Studio, language: str) -> None:
    person = await buyer(studio, language)
    await bought(studio, person, 500)
    await begin(person)
    await delivered(person)
    await studio.settled(person)
    await begin(person, "fault:fail a fox")
    await news(person, "/generate")
    await studio.settled(person)
    text = (await ask(person, "/balance")).text
    have = WELCOME + 500 - IMAGE_PRICE
    words = {
        "en": ("credits", "put back", "welcome gift", "bought"),
        "ru": ("кредит", "возвращено", "подарок", "куплено"),
    }
    assert str(have) in text
    assert f"−{IMAGE_PRICE} ⭐" in text
    assert f"+{IMAGE_PRICE} ⭐" in text
    for word in words[language]:
        assert word in text
    assert text.count("⭐") == 5
    assert text.count(" · ") == 5
    assert "○" not in text


async def test_the_statement_has_pages(studio: Studio) -> None:
    person = await buyer(studio)
    ledger = studio.running.ledger
    for number in range(1, 25):
        await ledger.credit(
            person.id,
            number,
            source="manual",
            key=f"topup:{person.id}:{number}",
            reference="",
            actor="t",
            reason="t",
        )
    first = (await ask(person, "/balance")).text
    assert re.findall(r"\+(\d+) ⭐", first) == [str(number) for number in range(24, 14, -1)]
    assert await turned(person, "Older") == [str(number) for number in range(14, 4, -1)]
    assert await turned(person, "Older") == ["4", "3", "2", "1", str(WELCOME)]
    assert not [label for label in person.last.labels if "Older" in label]
    assert await turned(person, "Newer") == [str(number) for number in range(14, 4, -1)]


async def test_a_page_is_full_also_where_much_repeats_itself(studio: Studio) -> None:
    person = await buyer(studio)
    ledger = studio.running.ledger
    note = {"actor": "t", "reason": "t"}
    for number in range(1, 26):
        await ledger.hold(person.id, f"test:{number}", number % 7 + 1, **note)
    for number in range(1, 26):
        await ledger.settle(person.id, f"test:{number}", **note)
    told = re.findall(r"−(\d+) ⭐", (await ask(person, "/balance")).text)
    assert told == [str(number % 7 + 1) for number in range(25, 15, -1)]


async def turned(person: Person, label: str) -> list[str]:
    await person.press(label)
    return re.findall(r"\+(\d+) ⭐", (await person.expect(kind="edit")).text)


async def test_whom_to_write_to(studio: Studio) -> None:
    person = await arrive(studio)
    for command in ("/support", "/paysupport"):
        shown = await ask(person, command)
        assert "9–18 <UTC>" in shown.text
        assert "help@example.org" in shown.text
        assert str(person.id) in shown.text
        assert (await person.press("💬 Write to us", shown)).url == "https://t.me/starloom_help"
    assert "/refund" in shown.text


async def test_a_payment_is_asked_back_once_and_given_back(studio: Studio) -> None:
    person = await buyer(studio)
    charge = await bought(studio, person, 80)
    await ask(person, "/refund")
    await person.press("⭐ 80")
    await person.expect("What went wrong?", kind="edit")
    assert "Words, please" in (await send_sticker(person)).text
    assert "room for 500" in (await ask(person, "x" * 501)).text
    assert "<i>by</i> mistake" in (await ask(person, "<i>by</i> mistake")).text
    confirmation = await ask(person, "clicked by mistake")
    taps = [person.press_nowait("Send the request", confirmation) for _ in range(10)]
    await asyncio.gather(*(tap.answer() for tap in taps))
    await caught_up(person)
    assert "with the operators" in person.refresh(confirmation).text
    assert "a red fox" in (await ask(person, "a red fox")).text
    cases = studio.service.billing.cases
    (case,) = [case for case in await cases.open_ones("refund") if case.user_id == person.id]
    assert case.private == {"words": "clicked by mistake"}
    assert (case.data["charge_id"], case.data["stars"]) == (charge, 80)
    assert await state_of(person, "⭐ 80") == ("⏳", "with the operators")
    await cases.decide(case.id, "refund", 1)
    await person.expect("is refunded", kind="new")
    assert person.stars == RICH
    assert (await balance(studio, person)).available == WELCOME
    assert await state_of(person, "⭐ 80") == ("✅", "Given back")
    assert "payment refunded" in (await ask(person, "/balance")).text


async def test_what_operators_gave_back_unasked_is_marked(studio: Studio) -> None:
    person = await buyer(studio)
    charge = await bought(studio, person, 82)
    refunds = studio.service.billing.refunds
    await refunds.refund(charge, actor="admin:1", reason="test", shortage=Shortage.STOP)
    await news(person, "is refunded")
    assert await state_of(person, "⭐ 82") == ("✅", "Given back")


async def test_a_declined_request_says_so(studio: Studio) -> None:
    person = await buyer(studio)
    await bought(studio, person, 81)
    await ask(person, "/refund")
    await person.press("⭐ 81")
    await person.expect(kind="edit")
    await person.press("Skip")
    assert "You give no reason" in (await person.expect(kind="edit")).text
    await person.press("Send the request")
    await person.expect("Sent: the operators", kind="edit")
    cases = studio.service.billing.cases
    (case,) = [case for case in await cases.open_ones("refund") if case.user_id == person.id]
    await cases.decide(case.id, "decline", 1)
    await person.expect("could not agree", kind="new")
    assert await state_of(person, "⭐ 81") == ("✖️", "was declined")
    assert (await balance(studio, person)).available == WELCOME + 81


async def test_a_generation_is_asked_back_and_given_back(studio: Studio) -> None:
    person = await arrive(studio)
    assert "nothing to give back" in (await ask(person, "/refund")).text
    await begin(person)
    await delivered(person)
    await studio.settled(person)
    await ask(person, "/refund")
    await person.press("Demo image")
    await person.expect(kind="edit")
    await ask(person, "not a fox")
    await person.press("Send the request")
    await person.expect("Sent: the operators", kind="edit")
    cases = studio.service.billing.cases
    (case,) = [case for case in await cases.open_ones("refund") if case.user_id == person.id]
    await cases.decide(case.id, "refund", 1)
    await person.expect("given back", kind="new")
    assert (await balance(studio, person)).available == WELCOME
    assert await state_of(person, "Demo image") == ("✅", "Given back")
    decided = await cases.get(case.id)
    assert decided is not None
    assert decided.state is CaseState.DONE


async def send_sticker(person: Person) -> MessageView:
    await person.send_sticker(STICKER)
    return await news(person)


async def state_of(person: Person, label: str) -> tuple[str, str]:
    """The mark in the list of what can be asked back, and how the state is told."""
    shown = await ask(person, "/refund")
    mark = next(found for found in shown.labels if label in found).split()[0]
    await person.press(label, shown)
    told = person.refresh(shown).text
    return mark, next((words for words in _STATES if words in told), told)


async def test_an_old_request_does_not_ask_for_another_item(studio: Studio) -> None:
    person = await buyer(studio)
    for stars in (11, 22):
        await bought(studio, person, stars)
    confirmations = []
    for stars in (11, 22):
        await ask(person, "/refund")
        await person.press(f"⭐ {stars}")
        await person.expect(kind="edit")
        confirmations.append(await ask(person, f"reason {stars}"))
    answer = await person.press("Send the request", confirmations[0])
    assert "out of date" in (answer.text or "")
    cases = studio.service.billing.cases
    assert [case for case in await cases.open_ones("refund") if case.user_id == person.id] == []
    await person.press("Send the request", confirmations[1])
    (case,) = [case for case in await cases.open_ones("refund") if case.user_id == person.id]
    assert case.data["stars"] == 22
    await cases.decide(case.id, "decline", 1)


async def test_a_plan_is_bought_by_a_link_cancelled_and_resumed(studio: Studio) -> None:
    person = await buyer(studio)
    assert "no monthly plan" in (await ask(person, "/plan")).text
    await person.press("See the plans")
    await person.expect("Top up your balance", kind="edit")
    await person.press("Basic · 100 ⭐/month")
    offer = await person.expect("120 Stars", kind="edit")
    link = (await person.press("Subscribe", offer)).url
    assert link is not None
    await credited(studio, (await person.pay(link)).charge_id)
    await person.expect("has begun", kind="new")
    assert (await balance(studio, person)).available == WELCOME + 120
    assert "Next charge: 100 Stars" in (await ask(person, "/plan")).text
    assert (await person.press("Cancel the plan")).text == "Cancelled"
    assert "won’t be charged again" in (await person.expect(kind="edit")).text
    assert person.subscriptions[0].bot_canceled
    await person.press("Resume the plan")
    assert "Next charge" in (await person.expect(kind="edit")).text
    assert not person.subscriptions[0].bot_canceled
    # Nobody buys the same plan twice without noticing.
    await ask(person, "/buy")
    await person.press("Basic")
    assert "is on" in (await person.expect(kind="edit")).text


async def test_a_promo_code_and_each_way_it_is_none(studio: Studio) -> None:
    promo = studio.service.billing.promo
    await promo.create(5, 1, by=1, request="single", name="SINGLE")
    await promo.create(5, 9, by=1, request="ended", name="ENDED")
    await promo.end("ENDED", by=1)
    person, other = await arrive(studio), await arrive(studio, "Bob")
    await ask(other, "/promo single")
    await ask(person, "/buy")
    await person.press("promo code")
    await person.expect("Send me your promo code", kind="new")
    assert "I don’t know this code" in (await ask(person, "nonsense")).text
    assert "as text" in (await send_sticker(person)).text
    assert "30 Stars came" in (await ask(person, " звезда ")).text
    assert "a red fox" in (await ask(person, "a red fox")).text
    assert "used this code before" in (await ask(person, "/promo ЗВЕЗДА")).text
    assert "as often as it could be" in (await ask(person, "/promo SINGLE")).text
    assert "not valid any more" in (await ask(person, "/promo ended")).text
    assert "+30 ⭐ · promo code" in (await ask(person, "/balance")).text
    assert (await balance(studio, person)).available == WELCOME + 30


async def test_ten_times_the_same_code_is_one_gift(studio: Studio) -> None:
    person = await arrive(studio)
    for _ in range(10):
        await person.send("/promo ЗВЕЗДА")
    await caught_up(person)
    told = [message.text for message in person.unexpected]
    assert sum("30 Stars came to your account. You can" in text for text in told) == 1
    assert sum("used this code before" in text for text in told) == 9
    assert (await balance(studio, person)).available == WELCOME + 30


def link_in(message: MessageView) -> str:
    found = re.search(r"https://\S+", message.text)
    assert found is not None
    return found[0]


async def test_a_friend_comes_by_the_link_and_buys(studio: Studio) -> None:
    person = await arrive(studio, "Ann")
    shown = await ask(person, "/invite")
    address, _, parameter = link_in(shown).partition("?start=")
    assert address == f"https://t.me/{studio.bot.username}"
    assert parameter in ((await person.press("Share", shown)).url or "")
    friend = studio.person("Ben", stars=RICH)
    await friend.start(parameter)
    await friend.expect("Hello, Ben!", kind="new")
    await accept_terms(studio, friend)
    assert "Bought: 0" in (await ask(person, "/invite")).text
    await bought(studio, friend, 50)
    await person.expect("20 Stars are yours", kind="new")
    assert (await balance(studio, person)).available == WELCOME + 20
    assert "1 person. Bought: 1. Your bonus: 20 ⭐" in (await ask(person, "/invite")).text


async def test_a_card_transfer_from_the_amount_to_the_receipt(studio: Studio) -> None:
    person = await buyer(studio)
    await ask(person, "/buy")
    await person.press("Card transfer")
    assert "How many roubles" in (await person.expect(kind="edit")).text
    for written, told in {
        "ten": "in digits",
        "50 ⭐": "in digits",
        "1.5555": "kopeck",
        "1": "100 ₽ to 50,000 ₽",
    }.items():
        assert told in (await ask(person, written)).text, written
    shown = await ask(person, "1 000 ₽")
    for told in ("961 Stars", "2200 0000 0000 0004", "+7 900", "Алиса", "Банк", "80 ₽ for $1"):
        assert told in shown.text
    assert "exactly 1000 ₽" in shown.text
    copied = [entity for entity in shown.entities if entity.kind == "code"]
    assert len(copied) == 3
    assert "photo or a file" in (await send_sticker(person)).text
    assert "photo or a file" in (await ask(person, "I paid")).text
    await person.send_album([picture()] * 3)
    await person.expect("is with the operators", kind="new")
    await caught_up(person)
    assert [message.text for message in person.unexpected] == []
    cases = studio.service.billing.cases
    assert len([case for case in await cases.open_ones("topup") if case.user_id == person.id]) == 1
    await ask(person, "/buy")
    await person.press("Card transfer")
    assert "is with the operators" in (await person.expect(kind="edit")).text
    assert "with the operators" in ((await person.press("Don’t transfer", shown)).text or "")
    assert (await balance(studio, person)).available == WELCOME


async def test_after_the_receipt_words_are_a_prompt_again(studio: Studio) -> None:
    person = await buyer(studio)
    await ask(person, "/buy")
    await person.press("Card transfer")
    await person.expect(kind="edit")
    await ask(person, "300,50")
    await person.send_photo(picture())
    await news(person, "is with the operators")
    assert "a red fox" in (await ask(person, "a red fox")).text


async def test_a_card_transfer_that_waits_is_gone_on_with_or_called_off(studio: Studio) -> None:
    person = await buyer(studio)
    await ask(person, "/buy")
    await person.press("Card transfer")
    await person.expect(kind="edit")
    shown = await ask(person, "200")
    await ask(person, "/cancel")
    await studio.restart()
    await person.press("Send the receipt", shown)
    await person.expect("Send the receipt now", kind="new")
    await ask(person, "/buy")
    await person.press("Card transfer")
    assert "200 ₽ → 192 Stars" in (await person.expect(kind="edit")).text
    await person.press("Don’t transfer")
    assert "called off" in (await person.expect(kind="edit")).text
    await person.press("Send the receipt", shown)
    assert "no transfer waiting" in (await person.expect(kind="edit")).text


async def test_somebody_who_blocks_the_bot_loses_nothing(studio: Studio) -> None:
    person = await buyer(studio)
    await person.send("/buy 90")
    checkout = await person.checkout(await invoice(person))
    person.block()
    await credited(studio, (await checkout.confirm()).charge_id)
    person.unblock()
    assert (await balance(studio, person)).available == WELCOME + 90
    assert "+90 ⭐" in (await ask(person, "/balance")).text


@both_languages
async def test_every_screen_in_one_language(studio: Studio, language: str) -> None:
    person = studio.person(FOREIGN_NAME[language], language, stars=RICH)
    screen = Screen(person)
    await person.start()
    await person.expect(kind="new")
    link = link_in(await ask(person, "/invite"))
    for command in ("/support", "/paysupport", "/terms", "/refund", "/plan", "/balance", "/promo"):
        await ask(person, command)
    await ask(person, "???")
    await ask(person, "ЗВЕЗДА")
    await ask(person, "/buy")
    await screen.press("🔁")
    await screen.press("✅")
    await person.expect("120", kind="edit")
    await person.send("/buy 40")
    await pay(studio, person, await invoice(person))
    await begin(person, "лиса" if language == "en" else "fox")
    await delivered(person)
    await studio.settled(person)
    for label in ("⭐ 40", f"{IMAGE_PRICE} ⭐"):
        await ask(person, "/refund")
        await screen.press(label)
        await person.expect(kind="edit")
        await ask(person, "?!")
        await screen.press("📨")
        await person.expect("📨", kind="edit")
        await ask(person, "/refund")
        await screen.press("⏳")
        await person.expect(kind="edit")
    await ask(person, "/buy")
    await screen.press("💳")
    await person.expect(kind="edit")
    for written in ("?", "1.5555", "1", "500"):
        await ask(person, written)
    await screen.press("📎")
    await person.expect(kind="new")
    await ask(person, "?")
    await screen.press("✖️")
    await person.expect(kind="edit")
    await ask(person, "/balance")
    screen.read_menu()
    screen.texts = [text.replace(link, "") for text in screen.texts]
    own = (FOREIGN_NAME[language], "лиса", "fox", "ЗВЕЗДА", "png", *SETTINGS.values())
    assert_readable(screen, allowed=(*own, "Telegram Stars", "Telegram"))
