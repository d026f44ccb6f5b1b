"""The comparison with Telegram's own list: what we lack is credited once, what it lacks is told once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from ledger_tools import assert_sound
from refund_desk import ALICE, CHARGE, Desk, World

from core.billing.ledger import Balance
from core.billing.reconcile import Reconciler, ReconcileReport
from core.errors import DatabaseAway, TelegramError
from core.storage.database import Database
from core.storage.orders import Order, OrderKind
from core.storage.payments import Paid
from core.storage.reconciling import ReconcileStore
from core.storage.refunds import RefundState
from core.telegram.stars import StarsTransaction
from core.telegram.types import Payment
from core.users import User
from sandbox.clock import ManualClock

ORDERED = b"o:known:mac"
LONG_AGO = timedelta(days=400)
PAGE = 4


class Office:
    """An instance with its reconciler; payments are taken as the billing's own part does."""

    def __init__(self, database: Database, world: World) -> None:
        self.desk = Desk(database, world)
        self.telegram = world.telegram
        self.alerts = world.alerts
        self.clock = world.clock
        self.taken: list[Payment] = []
        self.broken: dict[str, Exception] = {}
        self.refuses: set[str] = set()
        self.store = ReconcileStore(database)
        self.reconciler = Reconciler(
            telegram=world.telegram,
            store=self.store,
            known=self.desk.payments,
            refund_store=self.desk.store,
            payments=self,
            refunds=self.desk.refunds,
            users=self,
            orders=self,
            alert=world.alarm,
            clock=world.clock,
            minutes=5,
            page=PAGE,
        )

    async def take(self, user: User, payment: Payment, *, found_by: str) -> Paid | None:
        assert found_by == "reconcile"
        self.taken.append(payment)
        if payment.charge_id in self.broken:
            raise self.broken[payment.charge_id]
        if payment.charge_id in self.refuses:
            return None
        return await self.desk.credit(payment.charge_id, payment.amount, user_id=user.id)

    async def get(self, user_id: int) -> User | None:
        return None

    async def of_payload(self, payload: bytes) -> Order | None:
        now = self.clock.now()
        known = Order("known", ALICE, ALICE, "en", "buy", OrderKind.STARS, 10, now, now)
        return known if payload == ORDERED else None

    async def compare(self) -> ReconcileReport:
        return await self.reconciler.run_now()

    def told(self, key: str) -> list[dict[str, Any]]:
        """What operators were told under a key."""
        return [dict(alert.variables) for alert in self.alerts if alert.key == f"alert-reconcile-{key}"]


@pytest.fixture
def world(clock: ManualClock) -> World:
    """Telegram, the mail and the operators' alerts."""
    return World.begin(clock)


@pytest.fixture
def office(database: Database, world: World) -> Office:
    """The instance on duty."""
    return Office(database, world)


@pytest.fixture
def other(database: Database, world: World) -> Office:
    """The instance after a restart."""
    return Office(database, world)


async def test_a_lost_payment_is_credited_once(office: Office, other: Office) -> None:
    await office.compare()
    office.telegram.pay(ALICE, CHARGE, 100, payload=ORDERED)
    report = await office.compare()
    assert (report.seen, report.credited, report.stars, report.complete) == (1, 1, 100, True)
    for each in (office, other):
        again = await each.compare()
        assert (again.seen, again.credited) == (1, 0)
    assert await office.desk.balance() == Balance(100, 0)
    (taken,) = office.taken
    assert taken == Payment(CHARGE, "XTR", 100, ORDERED)


async def test_a_renewal_keeps_its_period(office: Office, clock: ManualClock) -> None:
    await office.compare()
    office.telegram.pay(ALICE, CHARGE, 100, subscription_period=2_592_000)
    await office.compare()
    (taken,) = office.taken
    assert taken.is_recurring
    assert taken.subscription_until == clock.now() + timedelta(days=30)


async def test_what_we_know_is_not_taken_again(office: Office) -> None:
    await office.desk.pay()
    report = await office.compare()
    assert (report.seen, report.credited, office.taken) == (1, 0, [])


async def test_a_payment_that_could_not_be_booked_once_is_booked_later(office: Office) -> None:
    await office.compare()
    for number in range(1, 10):
        office.telegram.pay(ALICE, f"charge{number}", number)
    office.broken = {"charge3": ValueError("no")}
    for _ in range(3):
        report = await office.compare()
        assert (report.failed, report.complete) == (1, True)
    assert (await office.desk.balance()).available == 45 - 3
    assert office.told("failed") == [{"charge": "charge3", "reason": "ValueError"}]
    office.broken = {}
    assert (await office.compare()).credited == 1
    assert await office.desk.balance() == Balance(45, 0)


async def test_what_is_refused_holds_nothing_up_and_is_not_asked_for_again(office: Office) -> None:
    await office.compare()
    office.refuses = {CHARGE}
    office.telegram.pay(ALICE, CHARGE, 5)
    for number in range(1, 10):
        office.telegram.pay(ALICE, f"charge{number}", number)
    assert (await office.compare()).credited == 9
    assert (await office.compare()).pages == 1
    assert [payment.charge_id for payment in office.taken].count(CHARGE) == 1


class TestPages:
    async def test_the_next_pass_begins_with_the_last_page(self, office: Office, other: Office) -> None:
        await office.compare()
        for number in range(10):
            office.telegram.pay(ALICE, f"charge{number}", 1)
        first = await office.compare()
        assert (first.pages, first.credited) == (3, 10)
        for number in range(10, 13):
            office.telegram.pay(ALICE, f"charge{number}", 1)
        later = await other.compare()
        assert (later.pages, later.seen, later.credited) == (2, 5, 3)
        assert await office.desk.balance() == Balance(13, 0)

    async def test_a_page_that_was_full_is_read_again_when_the_list_grew(self, office: Office) -> None:
        await office.compare()
        for number in range(PAGE):
            office.telegram.pay(ALICE, f"charge{number}", 1)
        assert (await office.compare()).pages == 1
        office.telegram.pay(ALICE, "next", 1)
        report = await office.compare()
        assert (report.pages, report.credited) == (2, 1)

    async def test_a_mark_that_telegram_does_not_know_any_more(self, office: Office) -> None:
        await office.compare()
        for number in range(10):
            office.telegram.pay(ALICE, f"charge{number}", 1)
        await office.compare()
        mark = await office.store.mark(office.clock.now())
        await office.store.advance(mark.offset, "of-another-age", mark.history)
        office.telegram.pay(ALICE, "next", 1)
        report = await office.compare()
        assert (report.pages, report.seen, report.credited, report.complete) == (3, 11, 1, True)
        assert (await office.store.mark(office.clock.now())).offset == mark.offset

    async def test_telegram_gone_half_way_goes_on_from_there(self, office: Office) -> None:
        await office.compare()
        for number in range(10):
            office.telegram.pay(ALICE, f"charge{number}", 1)
        transactions = office.telegram.transactions

        async def gone_at_the_third(offset: str, limit: int) -> object:
            if offset == str(2 * PAGE):
                raise TelegramError(503, "NO_ANSWER")
            return await transactions(offset, limit)

        office.telegram.transactions = gone_at_the_third
        report = await office.compare()
        assert (report.pages, report.credited, report.complete, report.error) == (2, 8, False, "NO_ANSWER")
        office.telegram.transactions = transactions
        report = await office.compare()
        assert (report.pages, report.credited, report.complete) == (1, 2, True)

    async def test_a_pass_has_an_end(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        await office.compare()
        for number in range(10):
            office.telegram.pay(ALICE, f"charge{number}", 1)
        monkeypatch.setattr(office.reconciler, "_pages", 1)
        reports = [await office.compare() for _ in range(3)]
        assert [report.complete for report in reports] == [False, False, True]
        assert sum(report.credited for report in reports) == 10

    async def test_the_database_gone_half_way_through_a_page(self, office: Office) -> None:
        await office.compare()
        office.telegram.pay(ALICE, "charge1", 1)
        office.telegram.pay(ALICE, "charge2", 1)
        office.broken = {"charge2": DatabaseAway("gone")}
        report = await office.compare()
        assert (report.credited, report.failed, report.error) == (1, 0, "DatabaseAway")
        office.broken = {}
        assert (await office.compare()).credited == 1
        assert await office.desk.balance() == Balance(2, 0)


class TestWhatWaits:
    @pytest.mark.parametrize("why", ["pending", "failed"])
    async def test_is_credited_once_it_has_gone_through(self, office: Office, why: str) -> None:
        await office.compare()
        for number in range(10):
            office.telegram.pay(ALICE, f"charge{number}", 1, **({why: True} if number == 2 else {}))
        for _ in range(2):
            report = await office.compare()
            assert (report.waiting, report.complete) == (1, True)
        assert await office.desk.balance() == Balance(9, 0)
        waiting = office.telegram.listed[2]
        office.telegram.listed[2] = StarsTransaction(
            waiting.charge_id, ALICE, 1, waiting.at, payload=waiting.payload
        )
        assert (await office.compare()).credited == 1
        assert await office.desk.balance() == Balance(10, 0)

    async def test_is_not_waited_for_for_ever(self, office: Office, clock: ManualClock) -> None:
        await office.compare()
        office.telegram.pay(ALICE, "never", 1, failed=True)
        for number in range(10):
            office.telegram.pay(ALICE, f"charge{number}", 1)
        await office.compare()
        assert (await office.compare()).pages == 3
        await clock.advance(8 * 24 * 3600)
        await office.compare()
        assert (await office.compare()).pages == 1

    async def test_a_refund_that_has_not_gone_through_changes_nothing(self, office: Office) -> None:
        await office.desk.pay()
        office.telegram.listed.append(
            StarsTransaction(CHARGE, ALICE, -100, office.clock.now(), refund=True, pending=True)
        )
        await office.compare()
        assert await office.desk.balance() == Balance(100, 0)


class TestRefunds:
    async def test_one_that_only_the_list_tells_of_is_booked_once(
        self, office: Office, other: Office
    ) -> None:
        await office.desk.pay()
        await office.desk.spend(30)
        office.telegram.give_back(CHARGE)
        assert (await office.compare()).refunds == 1
        for each in (office, other):
            assert (await each.compare()).refunds == 0
        assert await office.desk.balance() == Balance(0, 0, 30)
        assert len(await office.desk.cases.open_ones("debt")) == 1
        assert "You owe 30 ⭐" in office.desk.letter.english
        assert office.telegram.asked == 0

    async def test_an_operators_refund_is_only_marked(self, office: Office) -> None:
        await office.desk.pay()
        await office.desk.refund()
        report = await office.compare()
        assert (report.refunds, report.seen) == (0, 2)
        assert (await office.desk.state()).attempt == 1
        assert await office.desk.balance() == Balance(0, 0)

    async def test_payment_and_refund_both_lost_come_to_nothing(self, office: Office) -> None:
        await office.compare()
        office.telegram.pay(ALICE, CHARGE, 100)
        office.telegram.give_back(CHARGE)
        report = await office.compare()
        assert (report.credited, report.refunds) == (1, 1)
        assert await office.desk.balance() == Balance(0, 0)
        assert [entry.key for entry in await office.desk.ledger.statement(ALICE)] == [
            f"refund:{CHARGE}:1",
            f"stars:{CHARGE}",
        ]

    async def test_of_a_payment_from_before_this_database_is_nothing_of_ours(
        self, office: Office, clock: ManualClock
    ) -> None:
        office.telegram.pay(ALICE, CHARGE, 100)
        await clock.advance(LONG_AGO.total_seconds())
        await office.compare()
        office.telegram.give_back(CHARGE)
        report = await office.compare()
        assert (report.refunds, report.credited) == (0, 0)
        assert await office.desk.balance() == Balance(0, 0)


class TestWhatTheListDoesNotShow:
    async def test_is_told_once(self, office: Office, other: Office, clock: ManualClock) -> None:
        await office.desk.credit()
        await clock.advance(599)
        assert (await office.compare()).missing == 0
        await clock.advance(2)
        for each in (office, other, office):
            assert (await each.compare()).missing == 1
        assert office.told("unlisted") == [{"charge": CHARGE, "stars": 100}]

    async def test_a_listed_payment_is_never_told_of(self, office: Office, clock: ManualClock) -> None:
        for number in range(2 * PAGE):
            await office.desk.pay(f"charge{number}", 1)
        await office.compare()
        await clock.advance(86400)
        assert (await office.compare()).missing == 0
        assert office.alerts == []

    async def test_nothing_is_told_before_the_list_was_read_to_its_end(
        self, office: Office, clock: ManualClock
    ) -> None:
        await office.desk.credit()
        await clock.advance(86400)
        office.telegram.away = True
        await office.compare()
        assert office.alerts == []

    async def test_a_refund_that_counts_here_and_is_not_listed(
        self, office: Office, clock: ManualClock
    ) -> None:
        await office.desk.pay()
        office.telegram.refusal = "CHARGE_ALREADY_REFUNDED"
        await office.desk.refund()
        await office.compare()
        await clock.advance(601)
        for _ in range(2):
            await office.compare()
        assert office.told("refund-unlisted") == [{"charge": CHARGE, "stars": 100}]

    async def test_a_refund_that_was_refused_is_not_looked_for(
        self, office: Office, clock: ManualClock
    ) -> None:
        await office.desk.pay()
        office.telegram.refusal = "BALANCE_TOO_LOW"
        await office.desk.refund()
        await clock.advance(601)
        await office.compare()
        assert office.alerts == []


class TestHistory:
    async def test_is_not_credited_and_told_once_with_a_count(
        self, office: Office, other: Office, clock: ManualClock
    ) -> None:
        for number in range(6):
            office.telegram.pay(ALICE, f"old{number}", 10)
        await clock.advance(LONG_AGO.total_seconds())
        office.telegram.pay(ALICE, "new", 1)
        for each in (office, other, office):
            report = await each.compare()
            assert (report.history.count, report.history.stars) == (6, 60)
        assert office.told("history") == [{"count": 6, "stars": 60}]
        assert await office.desk.balance() == Balance(1, 0)

    async def test_with_an_order_of_ours_is_credited(self, office: Office, clock: ManualClock) -> None:
        office.telegram.pay(ALICE, "old", 10, payload=ORDERED)
        await clock.advance(LONG_AGO.total_seconds())
        assert (await office.compare()).credited == 1

    async def test_clocks_that_differ_a_little_make_no_history(
        self, office: Office, clock: ManualClock
    ) -> None:
        office.telegram.pay(ALICE, CHARGE, 10)
        await clock.advance(120)
        assert (await office.compare()).credited == 1


async def test_what_is_no_payment_to_us_is_left_alone(office: Office) -> None:
    await office.compare()
    now = office.clock.now()
    office.telegram.listed += [
        StarsTransaction("withdrawal", None, -1000, now),
        StarsTransaction("advertising", None, -50, now, payload=b"x"),
        StarsTransaction("gift", ALICE, 25, now),
        StarsTransaction("sent", ALICE, -25, now, payload=b"x"),
        StarsTransaction("store", None, 10, now, payload=b"x"),
    ]
    report = await office.compare()
    assert (report.seen, report.credited, report.refunds) == (0, 0, 0)
    await assert_sound(office.desk.ledger)
    assert office.taken == []


async def test_ten_commands_at_once_credit_once(office: Office, other: Office) -> None:
    await office.compare()
    for number in range(10):
        office.telegram.pay(ALICE, f"charge{number}", 1)
    await asyncio.gather(*(each.compare() for each in (office, other) for _ in range(5)))
    assert await office.desk.balance() == Balance(10, 0)


async def test_compares_at_the_start_and_every_so_many_minutes(office: Office, clock: ManualClock) -> None:
    office.telegram.pay(ALICE, CHARGE, 100)
    running = asyncio.create_task(office.reconciler.run())
    await clock.until_asleep()
    assert len(office.taken) == 1
    office.telegram.pay(ALICE, "next", 100)
    await clock.advance(299)
    assert len(office.taken) == 1
    await clock.advance(1)
    await clock.until_asleep()
    assert len(office.taken) == 2
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_refund_that_the_list_tells_of_ends_the_one_under_way(office: Office) -> None:
    await office.desk.pay()
    office.telegram.away = True
    await office.desk.refund()
    office.telegram.away = False
    office.telegram.give_back(CHARGE)
    await office.compare()
    refund = await office.desk.state()
    assert (refund.state, refund.attempt) == (RefundState.DONE, 1)
    assert await office.desk.balance() == Balance(0, 0)
