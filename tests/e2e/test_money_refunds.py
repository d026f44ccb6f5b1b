"""Payments that go back, on the whole bot: Telegram, the ledger and the letter say the same."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from durability.processes import StartStudio
from support.money_talk import approved, balance, buy, refund_ended
from support.studio_talk import IMAGE_PRICE, arrive, begin, delivered, said

from core.billing.ledger import Balance
from core.billing.refunds import RefundOutcome, RefundResult
from core.storage.refunds import RefundState, Shortage
from core.telegram.types import Payment
from core.users import User
from sandbox.faults import Fault, FaultKind
from sandbox.people.person import Person
from sandbox.studio import Studio

REFUND = "payments.RefundStarsCharge"
RICH = 1000
NOBODY_WELCOMED = {"WELCOME_BALANCE_RUB": "0"}


@pytest.fixture
async def studio(start_studio: StartStudio) -> Studio:
    """A running bot that gives nobody anything for nothing."""
    return await start_studio(admins=2, settings=NOBODY_WELCOMED)


async def refund(
    studio: Studio, charge_id: str, shortage: Shortage = Shortage.STOP, by: str = "admin:1"
) -> RefundOutcome:
    return await studio.service.billing.refunds.refund(
        charge_id, actor=by, reason="operator", shortage=shortage
    )


async def entries(studio: Studio, person: Person) -> list[str]:
    """The person's entries, oldest first, without what comes behind the charge's id."""
    return [entry.key for entry in reversed(await studio.running.ledger.statement(person.id))]


async def letter(person: Person, *parts: str) -> str:
    """The one letter that has any of `parts` in it."""
    await person.expect(lambda message: any(part in message.text for part in parts), kind="new")
    (text,) = said(person, *parts)
    return text


@pytest.mark.parametrize(
    ("language", "back", "owe"),
    [("en", "100 Stars back on your Telegram", "owe"), ("ru", "100 звёзд снова на вашем балансе", "долг")],
)
async def test_an_operator_gives_a_payment_back(studio: Studio, language: str, back: str, owe: str) -> None:
    person = await arrive(studio, language=language, stars=RICH)
    charge_id = await buy(studio, person, 100, bonus=10)
    assert await balance(studio, person) == Balance(110, 0)
    outcome = await refund(studio, charge_id)
    assert outcome.result is RefundResult.DONE
    assert person.stars == RICH
    await refund_ended(studio, charge_id)
    assert await balance(studio, person) == Balance(0, 0)
    text = await letter(person, "↩️")
    assert back in text
    assert owe not in text
    assert "110 ⭐" in text
    again = await refund(studio, charge_id, by="admin:2")
    assert (again.result, again.refund.actor) == (RefundResult.BEFORE, "admin:1")
    assert person.stars == RICH
    assert await entries(studio, person) == [
        f"stars:{charge_id}",
        f"bonus:{charge_id}",
        f"refund:{charge_id}:1",
        f"refund:{charge_id}:1:bonus",
    ]


@pytest.mark.parametrize("kind", [FaultKind.LOSE_REPLY, FaultKind.DROP_AFTER, FaultKind.DROP_BEFORE])
async def test_a_lost_reply_is_found_out(studio: Studio, kind: FaultKind) -> None:
    person = await arrive(studio, stars=RICH)
    charge_id = await buy(studio, person, 100)
    with studio.sandbox.faults.add(Fault(kind=kind, method=REFUND, times=1)):
        outcome = await refund(studio, charge_id)
    assert outcome.result is RefundResult.DONE
    assert person.stars == RICH
    assert await balance(studio, person) == Balance(0, 0)
    assert len(await entries(studio, person)) == 2


async def test_no_reply_at_all_is_finished_at_the_next_start(studio: Studio) -> None:
    """Telegram gives the Stars back, and the bot never hears of that before it is stopped."""
    person = await arrive(studio, stars=RICH)
    charge_id = await buy(studio, person, 100)
    lost = Fault(kind=FaultKind.LOSE_REPLY, method=REFUND)
    with studio.sandbox.faults.add(lost), studio.sandbox.faults.add(Fault(kind=FaultKind.HOLD_UPDATES)):
        asking = asyncio.create_task(refund(studio, charge_id))

        async def gone() -> bool:
            return person.stars == RICH

        await studio.until(gone)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await studio.shut()
    await studio.launch()
    ended = await refund_ended(studio, charge_id)
    assert (ended.state, ended.attempt) == (RefundState.DONE, 1)
    assert person.stars == RICH
    assert await balance(studio, person) == Balance(0, 0)
    assert len(await entries(studio, person)) == 2
    await letter(person, "↩️")


async def test_telegram_refuses_and_nothing_has_changed(studio: Studio) -> None:
    person = await arrive(studio, stars=RICH)
    charge_id = await buy(studio, person, 100)
    studio.sandbox.world.stars.withdraw(studio.bot.id, 50)
    outcome = await refund(studio, charge_id)
    assert (outcome.result, outcome.refund.error) == (RefundResult.REFUSED, "BALANCE_TOO_LOW")
    assert await balance(studio, person) == Balance(100, 0)
    assert person.stars == RICH - 100
    assert said(person, "↩️") == []
    await buy(studio, person, 60, key="more")
    assert (await refund(studio, charge_id)).result is RefundResult.DONE
    assert await balance(studio, person) == Balance(60, 0)
    assert person.stars == RICH - 60


@pytest.mark.parametrize(
    ("shortage", "owed", "words"),
    [
        (Shortage.STOP, None, ""),
        (Shortage.DEBT, IMAGE_PRICE, f"You owe {IMAGE_PRICE} ⭐"),
        (Shortage.FORGIVE, 0, f"The {IMAGE_PRICE} ⭐ you had already spent are on us"),
    ],
)
async def test_some_of_it_was_spent(studio: Studio, shortage: Shortage, owed: int | None, words: str) -> None:
    person = await arrive(studio, stars=RICH)
    charge_id = await buy(studio, person, 100)
    await begin(person)
    await delivered(person)
    await studio.settled(person)
    outcome = await refund(studio, charge_id, shortage)
    if owed is None:
        assert (outcome.result, outcome.refund.missing) == (RefundResult.SHORT, IMAGE_PRICE)
        assert await balance(studio, person) == Balance(100 - IMAGE_PRICE, 0)
        assert person.stars == RICH - 100
        return
    assert outcome.result is RefundResult.DONE
    assert await balance(studio, person) == Balance(0, 0, owed)
    assert person.stars == RICH
    assert words in await letter(person, "↩️")


@pytest.mark.parametrize("running", [True, False], ids=["while-it-runs", "while-it-is-off"])
async def test_the_store_takes_a_payment_back(studio: Studio, running: bool) -> None:
    person = await arrive(studio, stars=RICH)
    charge_id = await buy(studio, person, 100)
    await begin(person)
    await delivered(person)
    await studio.settled(person)
    if not running:
        await studio.shut()
    studio.sandbox.world.stars.charge_back(charge_id)
    if not running:
        await studio.launch()
    ended = await refund_ended(studio, charge_id)
    assert (ended.by_telegram, ended.owed) == (True, IMAGE_PRICE)
    assert await balance(studio, person) == Balance(0, 0, IMAGE_PRICE)
    text = await letter(person, "↩️")
    assert "took your payment of 100 ⭐ back" in text
    assert f"You owe {IMAGE_PRICE} ⭐" in text
    (case,) = await studio.service.billing.cases.open_ones("debt")
    assert case.data["owed"] == IMAGE_PRICE
    await studio.service.billing.cases.decide(case.id, "forgive", 1)
    assert await balance(studio, person) == Balance(0, 0)
    assert "You owe nothing now" in await letter(person, "🤝")
    await buy(studio, person, 5, key="next")
    assert await balance(studio, person) == Balance(5, 0)


async def test_a_refund_whose_payment_was_never_told_of(studio: Studio) -> None:
    person = await arrive(studio, stars=RICH)
    checkout = await approved(studio, person, 100, bonus=10)
    studio.sandbox.world.stars.hide_payments()
    receipt = await checkout.confirm()
    studio.sandbox.world.stars.charge_back(receipt.charge_id)
    await refund_ended(studio, receipt.charge_id)
    assert await balance(studio, person) == Balance(0, 0)
    assert await entries(studio, person) == [f"stars:{receipt.charge_id}", f"refund:{receipt.charge_id}:1"]
    report = await studio.service.billing.reconciler.run_now()
    assert (report.credited, report.refunds) == (0, 0)
    assert await balance(studio, person) == Balance(0, 0)


async def test_two_operators_and_telegrams_own_message_at_once(studio: Studio) -> None:
    person = await arrive(studio, stars=RICH)
    charge_id = await buy(studio, person, 100)
    billing = studio.service.billing
    told = User(person.id), Payment(charge_id, "XTR", 100, b"")
    outcomes = await asyncio.gather(*(refund(studio, charge_id, by=f"admin:{number}") for number in range(8)))
    await asyncio.gather(*(billing.refunds.take(*told) for _ in range(4)))
    await billing.reconciler.run_now()
    await refund_ended(studio, charge_id)
    assert [outcome.result for outcome in outcomes].count(RefundResult.DONE) == 1
    assert len({outcome.refund.actor for outcome in outcomes}) == 1
    assert person.stars == RICH
    assert await balance(studio, person) == Balance(0, 0)
    assert len(await entries(studio, person)) == 2
    await letter(person, "↩️")


Ending = Callable[[Studio, Person], Awaitable[None]]


async def let_it_succeed(studio: Studio, person: Person) -> None:
    await delivered(person)


async def cancel_it(studio: Studio, person: Person) -> None:
    await person.send("/cancel")


@pytest.mark.parametrize(
    ("end", "after"),
    [(let_it_succeed, Balance(0, 0, IMAGE_PRICE)), (cancel_it, Balance(0, 0))],
    ids=["succeeds", "is-cancelled"],
)
async def test_a_refund_while_a_generation_runs(
    start_studio: StartStudio, plugins: dict[str, Any], end: Ending, after: Balance
) -> None:
    """What is held is not taken but owed, and comes back to that debt if the generation ends badly."""
    plugins["providers"]["demo"]["seconds"] = 3
    studio = await start_studio(settings=NOBODY_WELCOMED)
    person = await arrive(studio, stars=RICH)
    charge_id = await buy(studio, person, 100)
    await begin(person)

    async def held() -> bool:
        return (await balance(studio, person)).held == IMAGE_PRICE

    await studio.until(held)
    outcome = await refund(studio, charge_id, Shortage.DEBT)
    assert (outcome.refund.taken, outcome.refund.owed) == (100 - IMAGE_PRICE, IMAGE_PRICE)
    assert f"{IMAGE_PRICE} ⭐ are set aside" in await letter(person, "↩️")
    await end(studio, person)
    await studio.settled(person)
    assert await balance(studio, person) == after
    assert person.stars == RICH
