"""People pay with Stars: refused in words where it does not fit, credited once, and served by itself."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from durability.processes import StartStudio
from support.database_wire import DatabaseWire, Trouble
from support.money_talk import accept_terms, approved, balance, credited
from support.studio_talk import IMAGE_PRICE, WITHOUT_QUEUE, arrive, caught_up, delivered, files, said

from core.billing.ledger import Balance
from core.billing.offers import Offer
from core.billing.orders import Order, OrderKind
from core.roles import Role
from core.storage.users import UserStore
from core.telegram.random_ids import random_id
from core.telegram.types import Invoice, Payment
from core.users import User
from sandbox.clock import ManualClock
from sandbox.people.payments import PaymentRefused
from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio

RICH = 1000
FREE_OF_GIFTS = {"WELCOME_BALANCE_RUB": "0", "AMOUNT_OF_FREE_IMAGES": "0"}
PROMPT = "a red fox in the snow"


@pytest.fixture
def plugins(plugins: dict[str, Any]) -> dict[str, Any]:
    """The project's plugins, where nothing is free."""
    plugins["billing"] = {**plugins.get("billing", {}), "free_per_day": 0}
    return plugins


@pytest.fixture
async def studio(start_studio: StartStudio) -> Studio:
    """A running bot that gives nobody anything for nothing."""
    return await start_studio(admins=1, settings=FREE_OF_GIFTS)


def record(person: Person) -> User:
    return User(person.id, telegram_language=person.language)


async def place(studio: Studio, person: Person, stars: int = 100, **about: Any) -> Order:
    fields: dict[str, Any] = {"key": "k", "plugin": "start", "kind": OrderKind.STARS, **about}
    return await studio.service.billing.orders.place(
        user=record(person), chat_id=person.id, stars=stars, **fields
    )


async def invoiced(studio: Studio, person: Person, order: Order, **changes: Any) -> MessageView:
    """An invoice that says of an order what is in `changes`, in the chat of `person`."""
    fields = {
        "title": "Stars",
        "description": "For the balance",
        "payload": studio.service.billing.orders.payload(order),
        "amount": order.stars,
        **changes,
    }
    await studio.service.outbox.send_invoice(
        person.id, Invoice(**fields), random_id=random_id(str(sorted(fields.items(), key=str)))
    )
    return await person.expect(kind="invoice")


async def offered(studio: Studio, person: Person, request: str = "r1") -> Offer:
    """The offer to pay for one image."""
    billing, generations = studio.service.billing, studio.service.studio.generations
    model = next(model for model in generations.models() if generations.quote(model.id).stars == IMAGE_PRICE)
    quote = generations.quote(model.id)
    return await billing.offers.for_generation(record(person), person.id, quote, PROMPT, request)


def told(studio: Studio, person: Person, key: str) -> str:
    return studio.running.i18n.translator(person.language).plain(key)


async def refused(studio: Studio, person: Person, invoice: MessageView, key: str) -> None:
    """Paying it is refused for that reason, in the person's language, and nothing is charged."""
    before = person.stars
    with pytest.raises(PaymentRefused) as refusal:
        await person.pay(invoice)
    assert refusal.value.reason == told(studio, person, key)
    assert person.stars == before


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_what_cannot_be_paid(start_studio: StartStudio, plugins: dict[str, Any], language: str) -> None:
    clock = ManualClock()
    studio = await start_studio(admins=1, settings=FREE_OF_GIFTS, clock=clock, plugins=plugins)
    person = await arrive(studio, "Саша", language, stars=RICH)
    other = await arrive(studio, "Other", stars=RICH)
    order = await place(studio, person)
    mine = await invoiced(studio, person, order)
    await refused(studio, person, mine, "order-terms")
    await accept_terms(studio, person)
    payload = studio.service.billing.orders.payload(order)
    for changes, key in (
        ({"payload": payload[:-1] + b"z"}, "order-unknown"),
        ({"payload": b"o:nobody:00"}, "order-unknown"),
        ({"amount": 1}, "order-changed"),
        ({"amount": 101}, "order-changed"),
    ):
        await refused(studio, person, await invoiced(studio, person, order, **changes), key)
    theirs = await place(studio, other)
    await refused(studio, person, await invoiced(studio, person, theirs), "order-foreign")
    switchable = await place(studio, person, plugin="admin", key="other")
    off = await invoiced(studio, person, switchable)
    await studio.service.plugins.disable("admin")
    await refused(studio, person, off, "order-off")
    async with studio.database() as database:
        users = UserStore(database, clock)
        await users.ban(person.id, None, "spam")
        await refused(studio, person, mine, "order-banned")
        await users.unban(person.id)
    await credited(studio, (await person.pay(mine)).charge_id)
    await refused(studio, person, mine, "order-paid")
    # While nobody is on duty: a lease is not kept over a day that passes at once.
    await studio.shut()
    await clock.advance(25 * 3600)
    await studio.launch()
    await refused(studio, person, off, "order-expired")
    assert await balance(studio, person) == Balance(100, 0)
    assert person.stars == RICH - 100


async def test_one_update_three_times_in_each_of_two_bots(studio: Studio) -> None:
    person = await arrive(studio, stars=RICH)
    checkout = await approved(studio, person, 100)
    payload = checkout.invoice.payload
    second = studio.instance(role=Role.WORKER, name="two")
    await second.start()
    try:
        service = await second.on_duty()
        receipt = await checkout.confirm()
        payment = Payment(receipt.charge_id, "XTR", 100, payload)
        takes = [
            one.billing.payments.take(record(person), payment, found_by="telegram")
            for one in (studio.service, service) * 3
        ]
        assert len(await asyncio.gather(*takes)) == 6
    finally:
        await second.stop()
    await caught_up(person)
    assert len(said(person, "You paid 100 ⭐")) == 1
    assert await balance(studio, person) == Balance(100, 0)


async def test_approved_twice_and_paid_twice(studio: Studio) -> None:
    person = await arrive(studio, stars=RICH)
    await accept_terms(studio, person)
    order = await place(studio, person)
    invoice = await invoiced(studio, person, order)
    checkouts = [await person.checkout(invoice) for _ in range(2)]
    receipts = [await checkout.confirm() for checkout in checkouts]
    for receipt in receipts:
        await credited(studio, receipt.charge_id)
    assert len({receipt.charge_id for receipt in receipts}) == 2
    assert await balance(studio, person) == Balance(200, 0)
    await caught_up(person)
    assert len(said(person, "You paid 100 ⭐")) == 2


@pytest.mark.parametrize("which", ["exact", "package"])
async def test_a_generation_goes_on_once_it_is_paid(studio: Studio, which: str) -> None:
    person = await arrive(studio, stars=RICH)
    await accept_terms(studio, person)
    offer = await offered(studio, person)
    order = offer.exact if which == "exact" else offer.package
    assert order is not None
    await studio.service.billing.invoices.send(order)
    await person.pay(await person.expect(kind="invoice"))
    await delivered(person)
    await studio.settled(person)
    assert await balance(studio, person) == Balance(order.stars - IMAGE_PRICE, 0)
    assert len(files(person)) == 1
    # What showed the progress is gone, and so are the person's words.
    assert said(person, "is starting", "Paid:") == []
    kept = await studio.service.billing.orders.get(order.id)
    assert kept is not None
    assert (kept.draft, kept.paid) == (None, True)


async def test_a_generation_paid_while_the_bot_is_off(studio: Studio) -> None:
    person = await arrive(studio, stars=RICH)
    await accept_terms(studio, person)
    offer = await offered(studio, person)
    await studio.service.billing.invoices.send(offer.exact)
    checkout = await person.checkout(await person.expect(kind="invoice"))
    await studio.shut()
    await checkout.confirm()
    await studio.launch()
    await delivered(person)
    await studio.settled(person)
    assert await balance(studio, person) == Balance(0, 0)
    assert len(files(person)) == 1


BUSY = {
    "en": ("as much running and waiting as there is room for", "Your balance is 3 ⭐ now"),
    "ru": ("сколько помещается", "Теперь на балансе 3 ⭐"),
}


@pytest.mark.parametrize("language", BUSY)
async def test_a_generation_that_cannot_start_is_explained(
    start_studio: StartStudio, plugins: dict[str, Any], language: str
) -> None:
    plugins["providers"]["demo"]["seconds"] = 3600
    studio = await start_studio(settings=FREE_OF_GIFTS, plugins=plugins, tuning=WITHOUT_QUEUE)
    person = await arrive(studio, "Саша", language, stars=RICH)
    await accept_terms(studio, person)
    offers = [await offered(studio, person, request) for request in ("r1", "r2")]
    for offer in offers:
        await studio.service.billing.invoices.send(offer.exact)
        await credited(studio, (await person.pay(await person.expect(kind="invoice"))).charge_id)
    why, money = BUSY[language]
    assert money in (await person.expect(why, kind="new")).text
    assert await balance(studio, person) == Balance(IMAGE_PRICE, IMAGE_PRICE)


@pytest.mark.parametrize("trouble", [DatabaseWire.freeze, DatabaseWire.cut], ids=["slow", "away"])
async def test_without_a_database_a_payment_is_refused_in_time(
    database_uri: str, tmp_path: Path, plugins: dict[str, Any], trouble: Trouble
) -> None:
    """8 s by the bot's clock; Telegram would wait for 10."""
    clock = ManualClock()
    async with (
        DatabaseWire.to(database_uri) as wire,
        await Studio.start(
            database_uri=database_uri,
            directory=tmp_path,
            plugins=plugins,
            settings={**FREE_OF_GIFTS, "MONGODB_URI": wire.uri},
            clock=clock,
        ) as studio,
    ):
        person = await arrive(studio, "Саша", "ru", stars=RICH)
        await accept_terms(studio, person)
        order = await place(studio, person)
        invoice = await invoiced(studio, person, order)
        with wire.troubled(trouble):
            paying = asyncio.create_task(refused(studio, person, invoice, "payment-late"))

            async def is_asked() -> bool:
                return paying.done() or any(
                    "Desk._ask" in repr(task.get_coro()) for task in asyncio.all_tasks()
                )

            await studio.until(is_asked)
            await clock.advance(8.1)
            await paying
        await clock.advance(60)
        await person.pay(invoice)
        assert person.stars == RICH - 100


async def test_a_payment_while_the_database_is_away_is_credited_once_it_is_back(
    database_uri: str, tmp_path: Path, plugins: dict[str, Any]
) -> None:
    async with (
        DatabaseWire.to(database_uri) as wire,
        await Studio.start(
            database_uri=database_uri,
            directory=tmp_path,
            plugins=plugins,
            settings={**FREE_OF_GIFTS, "MONGODB_URI": wire.uri},
        ) as studio,
    ):
        person = await arrive(studio, stars=RICH)
        checkout = await approved(studio, person, 100)
        with wire.troubled(DatabaseWire.cut):
            receipt = await checkout.confirm()
        await credited(studio, receipt.charge_id)
        assert await balance(studio, person) == Balance(100, 0)
        await person.expect("You paid 100 ⭐")
        await caught_up(person)
        assert len(said(person, "You paid 100 ⭐")) == 1


async def test_a_forwarded_invoice_is_paid_by_its_buyer_alone(studio: Studio) -> None:
    person, friend = [await arrive(studio, name, stars=RICH) for name in ("Alex", "Friend")]
    for each in (person, friend):
        await accept_terms(studio, each)
    order = await place(studio, person)
    await studio.service.billing.invoices.send(order)
    await person.expect(kind="invoice")
    link = f"/start {studio.service.billing.orders.start_param(order)}"
    await friend.send(link)
    await friend.expect(told(studio, friend, "order-link-foreign"))
    assert not [message for message in friend.messages() if message.kind == "invoice"]
    await person.send(link)
    again = await person.expect(kind="invoice")
    receipt = await person.pay(again)
    await credited(studio, receipt.charge_id)
    await person.send(link)
    await person.expect(told(studio, person, "order-link-paid"))
    assert await balance(studio, person) == Balance(100, 0)
    assert await balance(studio, friend) == Balance(0, 0)


async def test_a_payment_for_an_order_that_nobody_knows(studio: Studio) -> None:
    """It cannot come about in the chat; it can by a database that was restored."""
    person = await arrive(studio, stars=RICH)
    checkout = await approved(studio, person, 100)
    async with studio.database() as database:
        await database.collection("orders").delete_many({})
    admin = studio.sandbox.person("Admin 1")
    await admin.start()
    receipt = await checkout.confirm()
    await credited(studio, receipt.charge_id)
    assert await balance(studio, person) == Balance(100, 0)
    await person.expect("is not known here")
    await admin.expect(receipt.charge_id)
