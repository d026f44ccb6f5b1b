"""Payments and their refunds together: what goes back before it was served buys nothing any more."""

from __future__ import annotations

import pytest
from payment_house import House, Outside, sale
from refund_desk import LocalStars, Mailbox
from support.generation_world import World

from core.billing.cases import Cases
from core.billing.ledger import Balance
from core.billing.orders import Order
from core.billing.refund_ending import RefundEnding
from core.billing.refunds import RefundResult, Refunds
from core.errors import TelegramError
from core.plugins.status import CallOutcome, CallResult
from core.storage.database import Database
from core.storage.payments import Paid
from core.storage.refunds import RefundState, RefundStore, Shortage
from sandbox.clock import ManualClock


@pytest.fixture
def house(database: Database, clock: ManualClock) -> House:
    """Where payments are taken."""
    return House(Outside(World(database, clock), database))


@pytest.fixture
def telegram(clock: ManualClock) -> LocalStars:
    """Telegram's side of the money."""
    return LocalStars(clock)


@pytest.fixture
def refunds(house: House, telegram: LocalStars, database: Database, clock: ManualClock) -> Refunds:
    """Where they are given back."""
    store, ledger = RefundStore(database), house.world.ledger
    cases = Cases(database=database, clock=clock, alert=house.outside.alert)
    return Refunds(
        payments=house.store,
        store=store,
        ledger=ledger,
        telegram=telegram,
        ending=RefundEnding(store=store, ledger=ledger, letters=Mailbox(), cases=cases, clock=clock),
        record=house.payments.record_refunded,
        clock=clock,
    )


async def credited(house: House, telegram: LocalStars, order: Order) -> str:
    """A payment that was credited and recorded when the process died; its charge id."""
    payment = house.payment(order)
    telegram.pay(house.person.id, payment.charge_id, payment.amount)
    await house.world.ledger.credit(
        house.person.id,
        payment.amount,
        source="telegram:stars",
        key=f"stars:{payment.charge_id}",
        reference=order.id,
        actor="telegram",
        reason="payment",
    )
    paid = Paid(
        payment.charge_id,
        house.person.id,
        payment.amount,
        payment.payload,
        order.created_at,
        "telegram",
        bonus=order.bonus,
        order_id=order.id,
        kind=order.kind.value,
    )
    assert await house.store.insert(paid)
    return payment.charge_id


async def whole(house: House) -> Balance:
    """What the person has, after the ledger was proved."""
    await house.assert_sound()
    return await house.world.ledger.balance(house.person.id)


async def give_back(refunds: Refunds, charge_id: str) -> RefundResult:
    """An operator's command."""
    outcome = await refunds.refund(charge_id, actor="admin:1", reason="test", shortage=Shortage.DEBT)
    return outcome.result


async def test_a_generation_does_not_begin_with_stars_that_went_back(
    house: House, refunds: Refunds, telegram: LocalStars
) -> None:
    before = await whole(house)
    charge_id = await credited(house, telegram, (await house.offer()).exact)
    assert await give_back(refunds, charge_id) is RefundResult.DONE
    assert house.heard == []
    assert await house.payments.sweep() == 0
    assert await house.studio.generations.active(house.person.id) == []
    assert house.outside.post.letters(charge_id) == []
    assert house.heard == []
    await refunds.sweep()
    paid = await house.store.get(charge_id)
    assert paid is not None
    assert (paid.served, paid.refund) == (True, RefundState.DONE)
    assert await whole(house) == before


async def test_a_bonus_that_was_not_given_yet_comes_to_nothing_too(
    house: House, refunds: Refunds, telegram: LocalStars
) -> None:
    before = await whole(house)
    charge_id = await credited(house, telegram, await house.order(bonus=7))
    await give_back(refunds, charge_id)
    await house.payments.sweep()
    assert await whole(house) == before


async def test_a_payment_waits_while_its_refund_is_under_way(
    house: House, refunds: Refunds, telegram: LocalStars
) -> None:
    """Telegram refuses in the end: the payment is served as it was meant."""
    charge_id = await credited(house, telegram, await house.order())
    telegram.away = True
    assert await give_back(refunds, charge_id) is RefundResult.WAITING
    assert await house.payments.sweep() == 1
    assert house.outside.post.letters(charge_id) == []
    telegram.away = False
    telegram.refusal = "BALANCE_TOO_LOW"
    await refunds.sweep()
    assert await house.payments.sweep() == 0
    assert "You paid 100 ⭐" in house.outside.post.letters(charge_id)[0]
    assert house.heard == [charge_id]
    assert (await whole(house)).available == 100


async def test_a_payment_after_its_refund_buys_nothing(house: House, refunds: Refunds) -> None:
    before = await whole(house)
    order = await house.order(bonus=7)
    payment = house.payment(order)
    await refunds.take(house.person, payment)
    assert await whole(house) == before
    await house.take(payment)
    assert await house.payments.sweep() == 0
    assert await whole(house) == before
    assert house.outside.post.letters(house.charge) == []


async def test_a_refund_in_another_currency_is_left_alone(house: House, refunds: Refunds) -> None:
    before = await whole(house)
    payment = house.payment(await house.order(), currency="EUR")
    await refunds.take(house.person, payment)
    assert await house.store.get(house.charge) is None
    assert await whole(house) == before


async def test_a_letter_of_the_payment_that_failed_does_not_come_after_its_refund(
    house: House, refunds: Refunds, telegram: LocalStars
) -> None:
    payment = house.payment(await house.order(bonus=7))
    telegram.pay(house.person.id, payment.charge_id, payment.amount)
    house.outside.post.errors = [TelegramError(503, "NO_ANSWER")]
    await house.take(payment)
    await give_back(refunds, house.charge)
    await house.payments.sweep()
    assert house.outside.post.letters(house.charge) == []
    assert (await whole(house)).owed == 0


@pytest.mark.parametrize("shortage", [Shortage.DEBT, Shortage.FORGIVE])
async def test_a_sale_that_no_plugin_has_taken_yet_holds_nothing_after_its_refund(
    house: House, refunds: Refunds, telegram: LocalStars, shortage: Shortage
) -> None:
    """The Stars are held for the plugin that failed: what goes back is owed until they are let go."""
    before = await whole(house)
    house.outside.counter.outcomes = [CallOutcome(CallResult.FAILED, RuntimeError("no"))]
    payment = sale(house)
    telegram.pay(house.person.id, payment.charge_id, payment.amount)
    await house.take(payment)
    assert (await whole(house)).held == payment.amount
    await refunds.refund(payment.charge_id, actor="admin:1", reason="test", shortage=shortage)
    assert await house.payments.sweep() == 0
    await refunds.sweep()
    paid = await house.store.get(payment.charge_id)
    assert paid is not None
    assert (paid.served, paid.refund) == (True, RefundState.DONE)
    assert await whole(house) == before
    assert house.outside.counter.sold == [payment.charge_id]
