"""Payments: credited once to whoever paid, whatever crashes or repeats, and served as they were meant."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from payment_house import PROMPT, House, Outside, advance, sale
from structlog.testing import capture_logs
from support.generation_world import PRICE, Killed, Killer, World

from core.errors import DatabaseAway, InsufficientStars, StarloomError, TelegramError, UserFacingError
from core.generation.job import Job, JobState
from core.generation.settings import GenerationSettings
from core.hooks import Refusal
from core.plugins.status import CallOutcome, CallResult
from core.storage.database import Database
from core.telegram.types import Payment, Profile
from sandbox.clock import ManualClock

FAILED = CallOutcome(CallResult.FAILED, RuntimeError("no"))


@pytest.fixture
def outside(database: Database, clock: ManualClock) -> Outside:
    return Outside(World(database, clock), database)


@pytest.fixture
def house(outside: Outside) -> House:
    return House(outside)


async def test_one_payment_told_six_times_by_two_instances(house: House) -> None:
    other = House(house.outside, name="two")
    order = await house.order(bonus=7)
    paid = house.payment(order)
    taken = await asyncio.gather(*(one.take(paid) for one in (house, other, house, other, house, other)))
    assert [each is not None and each.served for each in taken] == [True] * 6
    assert await house.credits() == [100]
    assert await house.balance() == 107
    assert house.outside.post.letters(house.charge) == [
        "✅ Thank you! You paid 100 ⭐ and got 7 ⭐ on top. Your balance is 107 ⭐ now.\n\n"
        "Make something: /generate"
    ]
    assert set(house.heard + other.heard) == {house.charge}
    assert await house.payments.sweep() == 0
    assert house.outside.alerts == []
    await house.assert_sound()


async def test_an_invoice_paid_twice_is_credited_twice(house: House) -> None:
    order = await house.order()
    for charge in ("stxA", "stxB"):
        await house.take(house.payment(order, charge))
    assert await house.credits() == [100, 100]
    for charge in ("stxA", "stxB"):
        assert len(house.outside.post.letters(charge)) == 1
    known = await house.orders.get(order.id)
    assert known is not None
    assert known.charge_id == "stxA"


async def test_an_order_for_a_generation_paid_twice_makes_one(house: House) -> None:
    order = (await house.offer()).exact
    for charge in ("stxA", "stxB"):
        await house.take(house.payment(order, charge))
    await house.world.run(house.studio)
    assert (await house.world.job()).state is JobState.DELIVERED
    assert await house.credits() == [PRICE, PRICE]
    assert await house.balance() == PRICE
    assert "Thank you" in house.outside.post.letters("stxB")[0]
    await house.assert_sound()


@pytest.mark.parametrize("what", ["unknown", "forged", "foreign", "amount"])
async def test_a_payment_without_an_order_of_its_payer_is_theirs(house: House, what: str) -> None:
    order = await house.order()
    payment = house.payment(order)
    person = house.person
    if what == "unknown":
        payment = replace(payment, payload=b"o:nobody:0000")
    elif what == "forged":
        payment = replace(payment, payload=payment.payload[:-1] + b"!")
    elif what == "amount":
        payment = replace(payment, amount=3)
    else:
        person = replace(person, id=person.id + 1000)
    await house.payments.take(person, payment, found_by="telegram")
    assert (await house.world.ledger.balance(person.id)).available == payment.amount
    (letter,) = house.outside.post.letters(house.charge)
    assert "is not known here" in letter
    assert house.outside.alerted == ["alert-payment-unknown"]
    known = await house.orders.get(order.id)
    assert known is not None
    assert not known.paid


async def test_another_currency_is_not_credited(house: House) -> None:
    payment = house.payment(await house.order(), currency="USD")
    assert await house.take(payment) is None
    assert await house.balance() == 0
    assert house.outside.alerted == ["alert-payment-currency"]
    assert await house.store.get(house.charge) is None


async def test_a_charge_that_was_somebody_elses_is_not_credited_again(house: House) -> None:
    payment = house.payment(await house.order())
    await house.take(payment)
    assert await house.take(replace(payment, amount=101)) is None
    stranger = replace(house.person, id=house.person.id + 1000)
    assert await house.payments.take(stranger, payment, found_by="reconcile") is None
    assert await house.balance() == 100
    assert (await house.world.ledger.balance(stranger.id)).available == 0
    assert house.outside.alerted == ["alert-payment-conflict"] * 2


async def test_a_payment_repays_what_is_owed_first(house: House) -> None:
    await house.world.ledger.claw_back(
        house.person.id, 30, target="refund", key="c", reference="", actor="t", reason="t"
    )
    await house.take(house.payment(await house.order()))
    (letter,) = house.outside.post.letters(house.charge)
    assert "30 ⭐ of that went to what you owed. Your balance is 70 ⭐ now." in letter
    await house.assert_sound()


async def test_a_payment_that_only_its_refund_tells_of(house: House) -> None:
    payment = house.payment(await house.order(bonus=7))
    paid = await house.payments.record_refunded(house.person, payment)
    assert (paid.served, paid.bonus, paid.found_by) == (True, 0, "refund")
    assert await house.take(payment) == paid
    assert await house.balance() == 100
    assert house.outside.post.sent == {}


async def test_a_person_without_a_record_is_credited(house: House) -> None:
    assert await house.users.get(house.person.id) is None
    await house.take(house.payment(await house.order()))
    assert await house.balance() == 100


# Generations


async def test_a_paid_generation_goes_on_by_itself(house: House) -> None:
    with capture_logs() as logs:
        order = (await house.offer()).exact
        await house.take(house.payment(order))
        await house.world.run(house.studio)
    job = await house.world.job()
    assert (job.state, job.price) == (JobState.DELIVERED, PRICE)
    assert house.world.provider.submissions[0].prompt == PROMPT
    assert job.progress_message_id in {ref.message_id for ref in house.world.telegram.deleted}
    assert house.outside.post.letters(house.charge) == ["✅ Paid: 10 ⭐. <b>Scripted</b> is starting…"]
    assert await house.balance() == 0
    known = await house.orders.get(order.id)
    assert known is not None
    assert (known.draft, known.finished) == (None, True)
    assert PROMPT not in str(logs)
    await house.assert_sound()


async def test_what_a_package_leaves_is_told_and_stays(house: House) -> None:
    order = (await house.offer()).package
    assert order is not None
    await house.take(house.payment(order))
    await house.world.run(house.studio)
    (_, letter) = house.outside.post.letters(house.charge)
    assert "You paid 50 ⭐. Your balance is 40 ⭐ now." in letter
    assert await house.balance() == 40
    assert (await house.world.job()).state is JobState.DELIVERED


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("stars", "Вы заплатили 100 ⭐ и получили ещё 3 ⭐ в подарок. Теперь на балансе 103 ⭐."),
        ("unknown", "Вы заплатили 40 ⭐. Теперь на балансе 40 ⭐."),
        ("off", "Вы заплатили 40 ⭐. Теперь на балансе 40 ⭐."),
        ("busy", "Вы заплатили 10 ⭐. Теперь на балансе 10 ⭐."),
    ],
)
async def test_letters_tell_the_truth_in_russian(house: House, what: str, said: str) -> None:
    house.world.person = replace(house.person, language="ru")
    await house.users.touch(Profile(house.person.id, "Саша", language_code="ru"))
    house.outside.counter.on = False
    if what == "busy":
        await _too_many(house)
    kinds = {"off": "sale", "busy": "generation"}
    await house.take(await _payment_of(house, kinds.get(what, what)))
    (letter,) = house.outside.post.letters(house.charge)
    assert said in letter
    assert f"балансе {await house.balance()} ⭐" in letter
    assert not re.search(r"(?<!/)\b[A-Za-z]{2,}", letter)


async def _too_many(house: House) -> None:
    house.world.settings = GenerationSettings(max_queued=0)
    house.studio = house.world.studio()
    await house.world.pay(PRICE)
    await house.world.create(house.studio, "another")


async def _dearer(house: House) -> None:
    offered = house.world.provider.offered
    (model,) = offered.models
    price = model.price.model_copy(update={"usd": model.price.usd * 2})
    house.world.provider.offered = type(offered)((model.model_copy(update={"price": price}),))
    house.studio = house.world.studio()


async def _gone(house: House) -> None:
    house.world.provider.offered = type(house.world.provider.offered)(())
    house.studio = house.world.studio()


async def _refused(house: House) -> None:
    house.world.plugins.refusal = Refusal("prompt-empty", {"limit": 5})


async def _dry(house: House) -> None:
    house.world.settings = GenerationSettings(dry_run=True)
    house.studio = house.world.studio()


async def _spent(house: House) -> None:
    await house.world.ledger.claw_back(
        house.person.id, 4, target="refund", key="c", reference="", actor="t", reason="t"
    )


@pytest.mark.parametrize(
    ("obstacle", "said", "balance"),
    [
        (_too_many, "as much running and waiting as there is room for", PRICE),
        (_dearer, "changed from 10 ⭐ to 20 ⭐", PRICE),
        (_gone, "This model isn’t available any more", PRICE),
        (_refused, "up to 5 characters", PRICE),
        (_dry, "This is a test run", PRICE),
        (_spent, "it costs 10 ⭐, and 4 ⭐ are missing now", PRICE - 4),
    ],
)
async def test_a_generation_that_cannot_start_leaves_the_stars_and_says_why(
    house: House, obstacle: Callable[[House], Awaitable[None]], said: str, balance: int
) -> None:
    order = (await house.offer()).exact
    await obstacle(house)
    jobs = len(await house.world.all_jobs())
    paid = await house.take(house.payment(order))
    assert paid is not None
    assert paid.served
    (letter,) = house.outside.post.letters(house.charge)
    assert said in letter
    assert f"Your balance is {balance} ⭐ now" in letter
    assert await house.balance() == balance
    assert len(await house.world.all_jobs()) == jobs
    assert PROMPT not in str(await house.order_store._rows.find({"_id": order.id}))
    await house.assert_sound()


async def test_a_job_that_was_not_covered_does_not_swallow_the_new_one(house: House) -> None:
    order = (await house.offer()).exact
    await house.world.pay(PRICE)
    house.world.plugins.listeners.append(lambda job: _spend(house, job))
    with pytest.raises(InsufficientStars):
        await house.world.create(house.studio, "r1")
    await house.take(house.payment(order))
    await house.world.run(house.studio)
    assert sorted(job.state.value for job in await house.world.all_jobs()) == ["delivered", "released"]
    assert await house.balance() == 0
    await house.assert_sound()


async def _spend(house: House, job: Job) -> None:
    """Leave nothing for a job that was written and whose price is not held yet."""
    balance = await house.balance()
    if job.state is JobState.CREATED and balance:
        house.world.plugins.listeners.clear()
        await house.world.ledger.debit(
            house.person.id, balance, target="adjustment", key="spent", reference="", actor="t", reason="t"
        )


async def test_what_the_button_began_is_not_begun_again(house: House) -> None:
    order = (await house.offer()).exact
    await house.world.pay(PRICE)
    await house.world.create(house.studio, "r1")
    await house.take(house.payment(order))
    await house.world.run(house.studio)
    assert (await house.world.job()).state is JobState.DELIVERED
    (letter,) = house.outside.post.letters(house.charge)
    assert "had been started already" in letter
    assert await house.balance() == PRICE


async def test_the_old_button_begins_nothing_more(house: House) -> None:
    order = (await house.offer()).exact
    await house.take(house.payment(order))
    await house.world.pay(PRICE)
    again = await house.world.create(house.studio, "r1")
    assert again.id == (await house.world.job()).id
    assert await house.balance() == PRICE


async def test_a_generation_that_ended_is_forgotten_in_every_order_for_it(house: House) -> None:
    offer = await house.offer()
    assert offer.package is not None
    await house.take(house.payment(offer.exact))
    await house.world.run(house.studio)
    await house.orders.forget((await house.world.job()).id)
    assert PROMPT not in str(await house.order_store._rows.find({}))
    await house.take(house.payment(offer.package, charge="second"))
    (letter,) = house.outside.post.letters("second")
    assert "had been started already" in letter
    assert len(await house.world.all_jobs()) == 1
    await house.assert_sound()


async def test_a_payment_that_comes_after_its_order_was_forgotten(house: House) -> None:
    order = (await house.offer()).exact
    await advance(house, hours=25)
    await house.orders.sweep()
    await house.take(house.payment(order))
    (letter,) = house.outside.post.letters(house.charge)
    assert "had expired" in letter
    assert await house.balance() == PRICE
    assert await house.world.all_jobs() == []


async def test_a_late_payment_of_a_kept_order_still_begins(house: House) -> None:
    """It was approved in time; nothing has been forgotten yet."""
    order = (await house.offer()).exact
    await advance(house, hours=25)
    await house.take(house.payment(order))
    assert (await house.world.job()).state is JobState.HELD


async def test_somebody_who_blocked_the_bot_gets_the_generation_all_the_same(house: House) -> None:
    order = (await house.offer()).exact
    house.outside.post.blocked = True
    await house.take(house.payment(order))
    job = await house.world.job()
    assert (job.state, job.progress_message_id) == (JobState.HELD, None)


# What plugins sell


async def test_a_sale_is_earned_when_the_plugin_is_done(house: House) -> None:
    payment = sale(house)

    async def look() -> None:
        balance = await house.world.ledger.balance(house.person.id)
        assert (balance.available, balance.held) == (0, 40)

    house.outside.counter.meanwhile = look
    for _ in range(3):
        await house.take(payment)
    assert house.outside.counter.sold == [house.charge]
    balance = await house.world.ledger.balance(house.person.id)
    assert (balance.available, balance.held) == (0, 0)
    assert house.outside.post.sent == {}
    paid = await house.store.get(house.charge)
    assert paid is not None
    assert (paid.plugin, paid.kind, paid.served) == ("shop", "sale", True)
    await house.assert_sound()


@pytest.mark.parametrize(
    ("outcome", "said", "alerts"),
    [
        (CallOutcome(CallResult.REFUSED, UserFacingError("maintenance")), "Maintenance is under way", 0),
        (CallOutcome(CallResult.OFF), "switched off at the moment", 1),
    ],
)
async def test_a_sale_that_does_not_come_about_leaves_the_stars(
    house: House, outcome: CallOutcome, said: str, alerts: int
) -> None:
    house.outside.counter.outcomes = [outcome]
    await house.take(sale(house))
    (letter,) = house.outside.post.letters(house.charge)
    assert said in letter
    assert "Your balance is 40 ⭐ now" in letter
    assert await house.balance() == 40
    assert house.outside.alerted == ["alert-payment-sale"] * alerts
    house.outside.counter.outcomes = [CallOutcome(CallResult.DONE)]
    await house.take(sale(house))
    assert len(house.outside.counter.sold) == 1
    await house.assert_sound()


async def test_a_plugin_that_is_off_leaves_the_stars_for_good(house: House) -> None:
    house.outside.counter.on = False
    house.outside.post.errors.append(TelegramError(500, "INTERNAL"))
    paid = await house.take(sale(house))
    assert paid is not None
    assert not paid.served
    house.outside.counter.on = True
    assert await house.payments.sweep() == 0
    assert house.outside.counter.sold == []
    assert await house.balance() == 40
    assert "switched off" in house.outside.post.letters(house.charge)[0]


async def test_a_handler_that_fails_is_called_again(house: House) -> None:
    house.outside.counter.outcomes = [FAILED, CallOutcome(CallResult.TIMED_OUT), CallOutcome(CallResult.DONE)]
    paid = await house.take(sale(house))
    assert paid is not None
    assert not paid.served
    assert (await house.world.ledger.balance(house.person.id)).held == 40
    assert await house.payments.sweep() == 1
    assert await House(house.outside, name="two").payments.sweep() == 0
    assert len(house.outside.counter.sold) == 3
    assert house.outside.post.sent == {}
    assert await house.balance() == 0
    await house.assert_sound()


async def test_a_handler_that_fails_for_a_day_gives_the_stars_back(house: House) -> None:
    house.outside.counter.outcomes = [FAILED]
    await house.take(sale(house))
    await advance(house, hours=23.9)
    assert await house.payments.sweep() == 1
    await advance(house, hours=0.2)
    assert await house.payments.sweep() == 0
    assert "did not work" in house.outside.post.letters(house.charge)[0]
    assert await house.balance() == 40
    assert house.outside.alerted == ["alert-payment-sale"]
    await house.assert_sound()


async def test_a_debt_comes_before_a_sale(house: House) -> None:
    await house.world.ledger.claw_back(
        house.person.id, 30, target="refund", key="c", reference="", actor="t", reason="t"
    )
    await house.take(sale(house))
    (letter,) = house.outside.post.letters(house.charge)
    assert "30 ⭐ of that went to what you owed. Your balance is 10 ⭐ now." in letter
    assert "does not cover" in letter
    assert house.outside.counter.sold == []


# The sweep


async def test_what_could_not_be_told_is_told_by_the_sweep(house: House) -> None:
    house.outside.post.errors.append(TelegramError(500, "INTERNAL"))
    paid = await house.take(house.payment(await house.order()))
    assert paid is not None
    assert not paid.served
    assert await house.balance() == 100
    assert await House(house.outside, name="two").payments.sweep() == 0
    assert len(house.outside.post.letters(house.charge)) == 1
    assert await house.credits() == [100]


async def test_a_payment_that_stays_unserved_is_told_to_admins_once(house: House) -> None:
    async def fail(_: object) -> None:
        raise StarloomError("no")

    house.payments.listeners.append(fail)
    await house.take(house.payment(await house.order()))
    for _ in range(10):
        assert await house.payments.sweep() == 1
    assert house.outside.alerted == ["alert-payment-stuck"]
    assert len(house.outside.post.letters(house.charge)) == 1


async def test_the_sweep_runs_at_start_and_every_minute(house: House) -> None:
    clock = house.world.clock
    house.outside.post.errors += [TelegramError(500, "INTERNAL")] * 2
    await house.take(house.payment(await house.order()))
    running = asyncio.create_task(House(house.outside, name="two").payments.run())
    await clock.until_asleep()
    assert house.outside.post.letters(house.charge) == []
    await clock.advance(60)
    await clock.until_asleep()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert len(house.outside.post.letters(house.charge)) == 1


# Crashes


async def _whole_life(house: House, what: str) -> None:
    """What a purchase of this kind does, from the order to the last step."""
    await house.take(await _payment_of(house, what))


async def _payment_of(house: House, what: str) -> Payment:
    if what == "sale":
        return sale(house)
    if what == "unknown":
        return Payment(house.charge, "XTR", 40, b"o:nobody:00")
    order = (await house.offer()).exact if what == "generation" else await house.order(bonus=3)
    return house.payment(order)


@pytest.mark.parametrize(
    "gone",
    [
        pytest.param(Killed, id="killed"),
        pytest.param(lambda: DatabaseAway("away"), id="away", marks=pytest.mark.soak),
    ],
)
@pytest.mark.parametrize("what", ["stars", "generation", "sale", "unknown"])
async def test_a_purchase_that_ends_after_any_step(
    database: Database, clock: ManualClock, what: str, gone: Callable[[], BaseException]
) -> None:
    async def live(number: int, killer: Killer) -> House:
        """Somebody buys; another process goes on where the first one has ended."""
        outside = Outside(World(database, clock, number=number), database)
        payment = await _payment_of(House(outside), what)
        with contextlib.suppress(Killed, DatabaseAway):
            await House(outside, killer).take(payment)
        again = House(outside, name="two")
        await again.take(payment)
        await again.payments.sweep()
        await _assert_served_once(again, what)
        return again

    whole = Killer()
    again = await live(0, whole)
    ends = whole.moments() if gone is Killed else range(1, len(whole.calls) + 1)
    assert len(ends) >= 4
    for at in ends:
        killer = Killer(at, gone)
        again = await live(at, killer)
        assert killer.count >= at
    await again.assert_sound()


async def _assert_served_once(house: House, what: str) -> None:
    paid = await house.store.get(house.charge)
    assert paid is not None
    assert paid.served
    amounts = {"stars": 100, "generation": PRICE}
    assert await house.credits() == [amounts.get(what, 40)]
    letters = house.outside.post.letters(house.charge)
    if what == "sale":
        assert letters == []
        assert await house.balance() == 0
        assert set(house.outside.counter.sold) == {house.charge}
    elif what == "generation":
        assert len(letters) == 1
        assert "is starting" in letters[0]
        await house.world.run(house.studio)
        assert (await house.world.job()).state is JobState.DELIVERED
        assert await house.balance() == 0
    else:
        assert len(letters) == 1
        assert await house.balance() == (103 if what == "stars" else 40)
