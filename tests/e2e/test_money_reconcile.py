"""Payments that the bot was never told of, on the whole bot: Telegram's own list tells."""

from __future__ import annotations

import asyncio

import pytest
from durability.processes import StartStudio
from support.money_talk import approved, balance, buy, credited
from support.studio_talk import arrive, said

from core.billing.ledger import Balance
from sandbox.people.person import Person
from sandbox.studio import Studio

RICH = 1000
A_DAY = 86400


@pytest.fixture
async def studio(start_studio: StartStudio) -> Studio:
    """A running bot that gives nobody anything for nothing."""
    return await start_studio(admins=1, settings={"WELCOME_BALANCE_RUB": "0"})


async def pay_unheard(studio: Studio, person: Person, stars: int, key: str = "k") -> str:
    """Pay so that no update tells of it; the charge id."""
    checkout = await approved(studio, person, stars, key=key)
    studio.sandbox.world.stars.hide_payments()
    return (await checkout.confirm()).charge_id


async def test_a_lost_payment_is_credited_once_and_told_of(studio: Studio) -> None:
    person = await arrive(studio, stars=RICH)
    charge_id = await pay_unheard(studio, person, 100)
    reports = await asyncio.gather(*(studio.service.billing.reconciler.run_now() for _ in range(5)))
    assert sum(report.credited for report in reports) == 1
    await credited(studio, charge_id)
    assert await balance(studio, person) == Balance(100, 0)
    await person.expect(lambda message: "100" in message.text and message.service is None, kind="new")
    before = len(said(person, "100"))
    await studio.restart()
    report = await studio.service.billing.reconciler.run_now()
    assert (report.credited, report.missing, report.complete) == (0, 0, True)
    assert len(said(person, "100")) == before


async def test_paid_while_the_bot_was_off_and_never_told(studio: Studio) -> None:
    person = await arrive(studio, stars=RICH)
    checkout = await approved(studio, person, 100)
    await studio.shut()
    studio.sandbox.world.stars.hide_payments()
    receipt = await checkout.confirm()
    await studio.launch()
    await credited(studio, receipt.charge_id)
    assert await balance(studio, person) == Balance(100, 0)


async def test_over_many_pages_from_the_mark(studio: Studio) -> None:
    person = await arrive(studio, stars=RICH)
    stars = studio.sandbox.world.stars
    for _ in range(130):
        stars.grant(studio.bot.id, 1)
    first = await pay_unheard(studio, person, 100, "first")
    report = await studio.service.billing.reconciler.run_now()
    assert (report.pages, report.seen, report.credited) == (2, 1, 1)
    for _ in range(130):
        stars.withdraw(studio.bot.id, 1)
    second = await pay_unheard(studio, person, 50, "second")
    await studio.restart()
    for charge_id in (first, second):
        await credited(studio, charge_id)
    report = await studio.service.billing.reconciler.run_now()
    assert (report.pages, report.credited, report.complete) == (1, 0, True)
    assert await balance(studio, person) == Balance(150, 0)


async def test_a_refund_that_nobody_told_of(studio: Studio) -> None:
    """The message about it is lost; the list has it."""
    person = await arrive(studio, stars=RICH)
    charge_id = await buy(studio, person, 100)
    stars = studio.sandbox.world.stars
    paid = next(each for each in stars.book.transactions(studio.bot.id) if each.id == charge_id)
    stars.book.write(studio.bot.id, -100, id=charge_id, date=paid.date, partner_id=person.id, refund=True)
    report = await studio.service.billing.reconciler.run_now()
    assert report.refunds == 1
    assert await balance(studio, person) == Balance(0, 0)
    await person.expect(lambda message: "took your payment of 100 ⭐ back" in message.text, kind="new")


async def test_history_of_another_database_is_told_to_the_operator_once(studio: Studio) -> None:
    person = await arrive(studio, stars=RICH)
    admin = studio.sandbox.people[0]
    await admin.start()
    stars = studio.sandbox.world.stars
    for number in range(3):
        stars.book.write(
            studio.bot.id,
            10,
            id=f"stxOLD{number}",
            date=studio.sandbox.world.now() - A_DAY,
            partner_id=person.id,
            payload=b"o:of-another-age:x",
        )
    for _ in range(2):
        report = await studio.service.billing.reconciler.run_now()
        assert (report.credited, report.history.count) == (0, 3)
    assert await balance(studio, person) == Balance(0, 0)
    await admin.expect(lambda message: "3 payments (30 ⭐ in all)" in message.text, kind="new")
    assert len(said(admin, "from before this database")) == 1
