"""Monthly plans: every charge brings the grant once, and people hear what becomes of their plans."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from ledger_tools import ALICE, BOB, assert_sound, give
from letter_box import I18N, Mailbox
from pydantic import ValidationError

from core.billing.ledger import Ledger
from core.billing.orders import Order, Orders
from core.billing.payment_letters import PaymentLetters
from core.billing.payments import Payments
from core.billing.settings import BillingSettings, Plan
from core.billing.subscriptions import PlanOffer, Subscription, Subscriptions, SubscriptionState
from core.errors import TelegramError, UserFacingError
from core.plugins.status import Alert
from core.storage.database import Database
from core.storage.orders import OrderStore
from core.storage.payments import PaymentStore
from core.storage.subscriptions import SubscriptionStore
from core.telegram.parse import IncomingSubscription
from core.telegram.types import Payment, SubscriptionChange
from core.users import User
from sandbox.clock import ManualClock

MONTH = timedelta(days=30)
PLANS = {
    "basic": Plan(stars=100, grant=120, title={"en": "Basic", "ru": "Базовый"}),
    "plain": Plan(stars=50, grant=50),
}
CANCELED, RESTORED, FAILED = (
    SubscriptionChange.CANCELED,
    SubscriptionChange.RESTORED,
    SubscriptionChange.PAYMENT_FAILED,
)


@dataclass
class LocalTelegram:
    """Makes links, and knows which subscriptions the bot has cancelled; `names` are charges that name one."""

    ended: set[str] = field(default_factory=set)
    calls: list[tuple[str, bool]] = field(default_factory=list)
    names: set[str] | None = None
    lose: int = 0
    sold: list[Order] = field(default_factory=list)

    async def link(self, order: Order) -> str:
        self.sold.append(order)
        return f"https://t.me/$order-{order.id}"

    async def cancel_subscription(self, user_id: int, charge_id: str, restore: bool = False) -> None:
        self.calls.append((charge_id, restore))
        if self.names is not None and charge_id not in self.names:
            raise TelegramError(400, "CHARGE_NOT_FOUND")
        if (charge_id in self.ended) is not restore:
            raise TelegramError(400, "SUBSCRIPTION_NOT_MODIFIED")
        if restore:
            self.ended.discard(charge_id)
        else:
            self.ended.add(charge_id)
        if self.lose:
            self.lose -= 1
            raise TelegramError(503, "NO_ANSWER")


@dataclass
class Kiosk:
    """The plans of one instance, with payments as Telegram reports them."""

    subscriptions: Subscriptions
    payments: Payments
    orders: Orders
    ledger: Ledger
    mailbox: Mailbox
    telegram: LocalTelegram
    clock: ManualClock

    async def buy(
        self, plan: str = "basic", charge: str = "stx1", *, user_id: int = ALICE, key: str = "c:1"
    ) -> Order:
        """Somebody begins a plan."""
        await self.subscriptions.sell(User(user_id, language="en"), user_id, plan, key=key, plugin="buy")
        order = self.telegram.sold[-1]
        await self.pay(order, charge, first=True)
        return order

    async def pay(
        self,
        order: Order,
        charge: str,
        *,
        first: bool = False,
        found_by: str = "telegram",
        until: datetime | None = None,
    ) -> None:
        """Telegram tells of a charge."""
        known = found_by == "telegram"
        payment = Payment(
            charge_id=charge,
            currency="XTR",
            amount=order.stars,
            payload=self.orders.payload(order),
            is_recurring=not first or not known,
            is_first_recurring=first and known,
            subscription_until=until or self.clock.now() + MONTH,
        )
        await self.payments.take(User(order.user_id), payment, found_by=found_by)

    async def told(self, order: Order, change: SubscriptionChange, number: int = 1) -> None:
        """Telegram tells of a change."""
        payload = self.orders.payload(order)
        await self.subscriptions.changed(
            IncomingSubscription(f"s:{order.user_id}:{number}", order.user_id, payload, change)
        )

    async def the_only(self, user_id: int = ALICE) -> Subscription:
        """The person's one plan."""
        (known,) = await self.subscriptions.of_user(user_id)
        return known

    async def available(self, user_id: int = ALICE) -> int:
        return (await self.ledger.balance(user_id)).available


class Nobody:
    """Knows nobody; sells nothing."""

    async def get(self, user_id: int) -> None:
        return None


def kiosk_on(
    database: Database,
    clock: ManualClock,
    ledger: Ledger,
    telegram: LocalTelegram,
    plans: dict[str, Plan] | None = None,
) -> Kiosk:
    async def unexpected(alert: Alert) -> None:
        raise AssertionError(alert)

    mailbox = Mailbox()
    nobody = cast(Any, Nobody())
    orders = Orders(store=OrderStore(database), secret=b"s" * 32, clock=clock, hours=24)
    payments = Payments(
        store=PaymentStore(database),
        ledger=ledger,
        orders=orders,
        generations=nobody,
        sales=nobody,
        letters=PaymentLetters(cast(Any, mailbox), ledger, lambda user: I18N.translator("en")),
        users=nobody,
        alert=unexpected,
        clock=clock,
    )
    subscriptions = Subscriptions(
        database=database,
        plans=PLANS if plans is None else plans,
        orders=orders,
        links=telegram,
        telegram=telegram,
        ledger=ledger,
        letters=mailbox,
        translators=I18N.translator,
        clock=clock,
    )
    payments.listeners.append(subscriptions.charged)
    return Kiosk(subscriptions, payments, orders, ledger, mailbox, telegram, clock)


@pytest.fixture
def kiosk(database: Database, clock: ManualClock, ledger: Ledger) -> Kiosk:
    return kiosk_on(database, clock, ledger, LocalTelegram())


@pytest.fixture
async def other_kiosk(
    kiosk: Kiosk, database: Database, database_uri: str, clock: ManualClock, other_ledger: Ledger
) -> AsyncIterator[Kiosk]:
    """The same in another instance."""
    embedded = "TEST_DATABASE_URL" not in os.environ
    other = await Database.connect(database_uri, database.name, embedded=embedded, clock=clock)
    yield kiosk_on(other, clock, other_ledger, kiosk.telegram)
    await other.close()


def refused(error: pytest.ExceptionInfo[UserFacingError]) -> str:
    return error.value.key


def test_plans_are_called_in_the_persons_language(kiosk: Kiosk) -> None:
    assert kiosk.subscriptions.offers("ru") == (
        PlanOffer("basic", "Базовый", 100, 120),
        PlanOffer("plain", "Подписка на месяц · 50 ⭐", 50, 50),
    )
    assert [offer.title for offer in kiosk.subscriptions.offers("en")] == ["Basic", "Monthly plan · 50 ⭐"]


def test_a_plan_gives_at_least_what_is_paid() -> None:
    with pytest.raises(ValidationError, match="at least the 100 Stars"):
        BillingSettings.model_validate({"plans": {"basic": {"stars": 100, "grant": 99}}})


async def test_a_plan_is_sold_by_a_link_for_its_own_order(kiosk: Kiosk) -> None:
    alice = User(ALICE, language="ru")
    link = await kiosk.subscriptions.sell(alice, ALICE, "basic", key="c:1", plugin="buy")
    assert await kiosk.subscriptions.sell(alice, ALICE, "basic", key="c:1", plugin="buy") == link
    order = kiosk.telegram.sold[-1]
    assert (order.stars, order.bonus, order.plan, order.title) == (100, 20, "basic", "Базовый")
    with pytest.raises(UserFacingError) as error:
        await kiosk.subscriptions.sell(alice, ALICE, "gold", key="c:2", plugin="buy")
    assert refused(error) == "plan-gone"


async def test_each_charge_brings_the_grant_once(kiosk: Kiosk, clock: ManualClock) -> None:
    order = await kiosk.buy()
    begun = await kiosk.the_only()
    assert (begun.id, begun.state, begun.until) == ("stx1", SubscriptionState.ACTIVE, clock.now() + MONTH)
    assert (begun.stars, begun.grant, begun.title) == (100, 120, "Basic")
    await kiosk.pay(order, "stx1", first=True)
    assert await kiosk.available() == 120
    await clock.advance(MONTH.total_seconds())
    await kiosk.pay(order, "stx2")
    await kiosk.pay(order, "stx2", found_by="reconcile")
    assert await kiosk.available() == 240
    renewed = await kiosk.the_only()
    assert (renewed.id, renewed.until, renewed.charges) == ("stx1", clock.now() + MONTH, ("stx1", "stx2"))
    entries = await kiosk.ledger.statement(ALICE)
    assert [(entry.debit, entry.amount) for entry in entries] == [("promo", 20), ("telegram:stars", 100)] * 2
    assert kiosk.mailbox.keys() == ["plan-started", "plan-renewed"]
    first, second = (letter[2] for letter in kiosk.mailbox.letters.values())
    assert "you paid 100 ⭐, and 120 ⭐ came to your account" in first["en"]
    assert "вы заплатили 100 ⭐, на счёт пришло 120 ⭐" in second["ru"]
    assert "Jan 31, 2030" in first["en"]
    assert "до 2 мар. 2030\u202fг. — посмотреть" in second["ru"]
    await assert_sound(kiosk.ledger)


async def test_one_charge_told_of_everywhere_at_once_is_one(kiosk: Kiosk, other_kiosk: Kiosk) -> None:
    await kiosk.subscriptions.sell(User(ALICE), ALICE, "basic", key="c:1", plugin="buy")
    order = kiosk.telegram.sold[-1]
    await asyncio.gather(
        *(
            at.pay(order, "stx1", first=True, found_by=how)
            for at in (kiosk, other_kiosk)
            for how in ("telegram", "reconcile", "telegram")
        )
    )
    assert await kiosk.available() == 120
    assert (await kiosk.the_only()).charges == ("stx1",)
    assert {*kiosk.mailbox.letters, *other_kiosk.mailbox.letters} == {"plan:stx1"}


async def test_renewals_missed_while_the_bot_was_off_are_found(kiosk: Kiosk, clock: ManualClock) -> None:
    """In any order, also when Telegram's message about a later one comes first."""
    order = await kiosk.buy()
    start = clock.now()
    await clock.advance(100 * 86_400)
    await kiosk.pay(order, "stx4", until=start + 4 * MONTH)
    assert (await kiosk.the_only()).until == start + 4 * MONTH
    await kiosk.pay(order, "stx2", until=start + 2 * MONTH, found_by="reconcile")
    await kiosk.pay(order, "stx3", until=start + 3 * MONTH, found_by="reconcile")
    known = await kiosk.the_only()
    assert (known.until, sorted(known.charges)) == (start + 4 * MONTH, ["stx1", "stx2", "stx3", "stx4"])
    assert await kiosk.available() == 4 * 120
    await kiosk.pay(order, "stx2", until=start + 2 * MONTH, found_by="reconcile")
    assert await kiosk.available() == 4 * 120


async def test_a_plan_whose_beginning_was_missed_is_known_from_its_renewal(
    kiosk: Kiosk, clock: ManualClock
) -> None:
    await kiosk.subscriptions.sell(User(ALICE), ALICE, "basic", key="c:1", plugin="buy")
    order, start = kiosk.telegram.sold[-1], clock.now()
    await clock.advance(MONTH.total_seconds())
    await kiosk.pay(order, "stx2", until=start + 2 * MONTH)
    await kiosk.pay(order, "stx1", first=True, until=start + MONTH)
    known = await kiosk.the_only()
    assert (known.until, known.charges) == (start + 2 * MONTH, ("stx1", "stx2"))


async def test_a_plan_that_is_not_sold_any_more_goes_on(
    kiosk: Kiosk, database: Database, clock: ManualClock, ledger: Ledger
) -> None:
    order = await kiosk.buy()
    later = kiosk_on(database, clock, ledger, kiosk.telegram, plans={})
    assert later.subscriptions.offers("en") == ()
    await clock.advance(MONTH.total_seconds())
    await later.pay(order, "stx2")
    assert await kiosk.available() == 240
    assert "Basic" in later.mailbox.last()


@pytest.mark.parametrize("found_by", ["telegram", "reconcile"])
async def test_two_plans_of_one_person_and_two_of_one_order(
    kiosk: Kiosk, clock: ManualClock, found_by: str
) -> None:
    first = await kiosk.buy("basic", "stx1")
    await kiosk.buy("plain", "stx2", key="c:2")
    await clock.advance(60)
    await kiosk.pay(first, "stx3", first=True, found_by=found_by)
    assert [plan.id for plan in await kiosk.subscriptions.of_user(ALICE)] == ["stx3", "stx2", "stx1"]
    await clock.advance(MONTH.total_seconds() - 60)
    await kiosk.pay(first, "stx4")
    await clock.advance(60)
    await kiosk.pay(first, "stx5")
    charges = {plan.id: plan.charges for plan in await kiosk.subscriptions.of_user(ALICE)}
    assert charges == {"stx1": ("stx1", "stx4"), "stx2": ("stx2",), "stx3": ("stx3", "stx5")}
    assert await kiosk.available() == 4 * 120 + 50


async def test_a_debt_is_repaid_first_and_said(kiosk: Kiosk) -> None:
    await give(kiosk.ledger, ALICE, 10, "p")
    await kiosk.ledger.claw_back(
        ALICE, 120, target="refund", key="r", reference="r", actor="test", reason="test"
    )
    await kiosk.buy()
    assert await kiosk.available() == 10
    assert "110 ⭐ of them paid off what you owed" in kiosk.mailbox.last()
    assert "110 ⭐ ушло на погашение долга" in kiosk.mailbox.last("ru")


async def test_a_letter_that_does_not_go_is_written_by_the_payments_sweep(kiosk: Kiosk) -> None:
    kiosk.mailbox.fail = 1
    await kiosk.buy()
    assert await kiosk.available() == 120
    assert kiosk.mailbox.keys() == []
    assert await kiosk.payments.sweep() == 0
    assert kiosk.mailbox.keys() == ["plan-started"]
    assert (await kiosk.the_only()).charges == ("stx1",)
    assert await kiosk.available() == 120


async def test_cancelled_in_telegram_restored_there(kiosk: Kiosk) -> None:
    order = await kiosk.buy()
    await kiosk.told(order, CANCELED)
    await kiosk.told(order, CANCELED)
    assert (await kiosk.the_only()).state is SubscriptionState.CANCELED
    assert "will not charge it again" in kiosk.mailbox.last()
    assert "больше ничего за неё не спишет" in kiosk.mailbox.last("ru")
    with pytest.raises(UserFacingError) as error:
        await kiosk.subscriptions.resume(ALICE, "stx1")
    assert refused(error) == "plan-resume-there"
    await kiosk.told(order, RESTORED, 2)
    assert (await kiosk.the_only()).goes_on
    assert kiosk.mailbox.keys() == ["plan-started", "plan-canceled", "plan-restored"]
    await kiosk.told(order, CANCELED, 3)
    assert kiosk.mailbox.keys()[-1] == "plan-canceled"
    assert kiosk.telegram.calls == []


async def test_cancelled_and_resumed_through_the_bot(kiosk: Kiosk) -> None:
    await kiosk.buy()
    both = await asyncio.gather(*(kiosk.subscriptions.cancel(ALICE, "stx1") for _ in range(2)))
    assert {plan.state for plan in both} == {SubscriptionState.CANCELED}
    assert kiosk.telegram.ended == {"stx1"}
    assert (await kiosk.subscriptions.cancel(ALICE, "stx1")).state is SubscriptionState.CANCELED
    assert (await kiosk.subscriptions.resume(ALICE, "stx1")).goes_on
    assert (await kiosk.subscriptions.resume(ALICE, "stx1")).goes_on
    assert kiosk.telegram.ended == set()
    assert (await kiosk.the_only()).goes_on


async def test_cancelled_here_and_told_back_by_telegram_is_one_cancelling(kiosk: Kiosk) -> None:
    order = await kiosk.buy()
    await kiosk.subscriptions.cancel(ALICE, "stx1")
    await kiosk.told(order, CANCELED)
    assert kiosk.mailbox.keys() == ["plan-started"]
    assert (await kiosk.subscriptions.resume(ALICE, "stx1")).goes_on


async def test_an_answer_of_telegram_that_is_lost_is_found_out(kiosk: Kiosk) -> None:
    await kiosk.buy()
    kiosk.telegram.lose = 1
    with pytest.raises(TelegramError):
        await kiosk.subscriptions.cancel(ALICE, "stx1")
    assert (await kiosk.the_only()).goes_on
    assert (await kiosk.subscriptions.cancel(ALICE, "stx1")).state is SubscriptionState.CANCELED


async def test_whichever_charge_names_the_subscription_it_is_found(kiosk: Kiosk) -> None:
    order = await kiosk.buy()
    await kiosk.clock.advance(MONTH.total_seconds())
    await kiosk.pay(order, "stx2")
    kiosk.telegram.names = {"stx2"}
    await kiosk.subscriptions.cancel(ALICE, "stx1")
    assert kiosk.telegram.calls == [("stx1", False), ("stx2", False)]
    kiosk.telegram.names = set()
    with pytest.raises(TelegramError, match="CHARGE_NOT_FOUND"):
        await kiosk.subscriptions.resume(ALICE, "stx1")


async def test_nobody_touches_a_plan_of_somebody_else(kiosk: Kiosk) -> None:
    await kiosk.buy()
    for asked in (kiosk.subscriptions.cancel(BOB, "stx1"), kiosk.subscriptions.resume(ALICE, "stx9")):
        with pytest.raises(UserFacingError) as error:
            await asked
        assert refused(error) == "plan-unknown"
    assert kiosk.telegram.calls == []


async def test_a_failed_charge_is_told_once_and_may_still_come(kiosk: Kiosk, clock: ManualClock) -> None:
    order = await kiosk.buy()
    await clock.advance(MONTH.total_seconds())
    await kiosk.told(order, FAILED)
    await kiosk.told(order, FAILED, 2)
    assert (await kiosk.the_only()).state is SubscriptionState.FAILED
    assert kiosk.mailbox.keys() == ["plan-started", "plan-failed"]
    assert "nothing was charged and nothing was credited" in kiosk.mailbox.last()
    assert "ничего не списано и не зачислено" in kiosk.mailbox.last("ru")
    assert await kiosk.available() == 120
    await clock.advance(86_400)
    await kiosk.pay(order, "stx2")
    assert (await kiosk.the_only()).state is SubscriptionState.ACTIVE
    await clock.advance(MONTH.total_seconds())
    await kiosk.told(order, FAILED, 3)
    assert kiosk.mailbox.keys() == ["plan-started", "plan-failed", "plan-renewed", "plan-failed"]


async def test_a_letter_about_a_change_is_written_later_if_it_does_not_go(
    kiosk: Kiosk, other_kiosk: Kiosk
) -> None:
    order = await kiosk.buy()
    kiosk.mailbox.fail = 1
    await kiosk.told(order, CANCELED)
    assert kiosk.mailbox.keys() == ["plan-started"]
    assert await other_kiosk.subscriptions.sweep() == 1
    assert other_kiosk.mailbox.keys() == ["plan-canceled"]
    assert await other_kiosk.subscriptions.sweep() == 0


@pytest.mark.parametrize(
    ("how", "days", "letter"),
    [
        ("here", 30, "plan-ended"),
        ("there", 30, "plan-ended"),
        ("failed", 33, "plan-lapsed"),
        ("", 33, "plan-lapsed"),
    ],
)
async def test_a_plan_ends_with_its_month(
    kiosk: Kiosk, clock: ManualClock, how: str, days: int, letter: str
) -> None:
    order = await kiosk.buy()
    if how == "here":
        await kiosk.subscriptions.cancel(ALICE, "stx1")
    elif how:
        await kiosk.told(order, CANCELED if how == "there" else FAILED)
    await clock.advance(days * 86_400 - 1)
    await kiosk.subscriptions.sweep()
    assert (await kiosk.the_only()).state is not SubscriptionState.ENDED
    await clock.advance(1)
    await kiosk.subscriptions.sweep()
    await kiosk.subscriptions.sweep()
    assert (await kiosk.the_only()).state is SubscriptionState.ENDED
    assert kiosk.mailbox.keys().count(letter) == 1
    assert "The Stars on your balance stay yours" in kiosk.mailbox.last()
    for asked in (kiosk.subscriptions.cancel(ALICE, "stx1"), kiosk.subscriptions.resume(ALICE, "stx1")):
        with pytest.raises(UserFacingError) as error:
            await asked
        assert refused(error) == "plan-over"
    assert await kiosk.available() == 120
    await kiosk.pay(order, "stx2")
    assert (await kiosk.the_only()).state is SubscriptionState.ACTIVE
    assert await kiosk.available() == 240


async def test_a_plan_cancelled_here_cannot_be_resumed_after_its_month(
    kiosk: Kiosk, clock: ManualClock
) -> None:
    await kiosk.buy()
    await kiosk.subscriptions.cancel(ALICE, "stx1")
    await clock.advance(MONTH.total_seconds())
    with pytest.raises(UserFacingError) as error:
        await kiosk.subscriptions.resume(ALICE, "stx1")
    assert refused(error) == "plan-over"
    assert kiosk.telegram.ended == {"stx1"}


async def test_changes_of_what_nobody_bought_change_nothing(kiosk: Kiosk) -> None:
    order = await kiosk.buy()
    for stranger in (
        IncomingSubscription("s:1", ALICE, b"o:unknown:0", CANCELED),
        IncomingSubscription("s:2", BOB, kiosk.orders.payload(order), CANCELED),
        IncomingSubscription("s:3", ALICE, b"\xff", FAILED),
    ):
        await kiosk.subscriptions.changed(stranger)
    assert (await kiosk.the_only()).goes_on


async def test_changes_at_once_on_two_instances_are_both_kept(kiosk: Kiosk, other_kiosk: Kiosk) -> None:
    order = await kiosk.buy()
    await kiosk.clock.advance(MONTH.total_seconds())
    await asyncio.gather(
        kiosk.pay(order, "stx2"), other_kiosk.told(order, FAILED), other_kiosk.subscriptions.sweep()
    )
    known = await kiosk.the_only()
    assert known.charges == ("stx1", "stx2")
    assert known.until == kiosk.clock.now() + MONTH
    await kiosk.subscriptions.sweep()
    assert (await kiosk.the_only()).letters == ()


async def test_what_was_read_before_a_change_is_not_saved_over_it(kiosk: Kiosk, database: Database) -> None:
    await kiosk.buy()
    store, read = SubscriptionStore(database), await kiosk.the_only()
    assert await store.save(replace(read, charges=("stx1", "stx2")))
    assert not await store.save(replace(read, state=SubscriptionState.FAILED))
    assert await kiosk.the_only() == replace(read, charges=("stx1", "stx2"), version=1)


async def test_a_charge_tells_that_a_cancelled_plan_goes_on(kiosk: Kiosk, clock: ManualClock) -> None:
    """Telegram's word that it was restored may be lost; then cancelling and resuming here works as ever."""
    order = await kiosk.buy()
    await kiosk.told(order, CANCELED)
    await clock.advance(MONTH.total_seconds())
    await kiosk.pay(order, "stx2")
    assert (await kiosk.the_only()).goes_on
    await kiosk.subscriptions.cancel(ALICE, "stx1")
    assert (await kiosk.subscriptions.resume(ALICE, "stx1")).goes_on


async def test_more_charges_than_are_kept_are_each_credited_once(kiosk: Kiosk, clock: ManualClock) -> None:
    order = await kiosk.buy()
    for number in range(2, 31):
        await clock.advance(MONTH.total_seconds())
        await kiosk.pay(order, f"stx{number}")
    known = await kiosk.the_only()
    assert (known.id, len(known.charges), known.charges[-1]) == ("stx1", 24, "stx30")
    await kiosk.pay(order, "stx2")
    assert await kiosk.the_only() == known
    assert await kiosk.available() == 30 * 120
    assert replace(known, charges=()).grant == 120
