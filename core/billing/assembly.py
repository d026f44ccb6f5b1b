"""Everything about money, put together for one spell of duty."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

import structlog

from core.billing.amounts import Amounts
from core.billing.cases import Cases
from core.billing.desk import Desk
from core.billing.invoices import Invoices
from core.billing.ledger import Ledger
from core.billing.ledger_watch import LedgerWatch
from core.billing.letters import Letters
from core.billing.offers import Offers
from core.billing.orders import Discard, Orders
from core.billing.paid_generations import PaidGenerations
from core.billing.payment_letters import PaymentLetters
from core.billing.payments import Payments
from core.billing.promo import PromoCodes
from core.billing.reconcile import Reconciler
from core.billing.referrals import Referrals
from core.billing.refund_cases import Correct, RefundCases
from core.billing.refund_ending import RefundEnding
from core.billing.refunds import Refunds
from core.billing.sales import Counter, Sales
from core.billing.settings import BillingSettings
from core.billing.subscriptions import Subscriptions
from core.billing.topups import Requisites, TopUps
from core.clock import Clock
from core.config import Settings
from core.generation.registry import Registry
from core.generation.service import Generations
from core.i18n import I18n, Translator
from core.observability.tracebacks import frames, in_words
from core.plugins.status import Alert
from core.preferences import translator_for
from core.storage.database import Database
from core.storage.erasures import ErasureStore
from core.storage.orders import OrderStore
from core.storage.payments import PaymentStore
from core.storage.reconciling import ReconcileStore
from core.storage.refunds import RefundStore
from core.storage.users import UserStore
from core.telegram.client import TelegramClient
from core.telegram.outbox import Outbox
from core.telegram.stars import TelegramStars
from core.users import User

_log = structlog.stdlib.get_logger(__name__)

_AGAIN_SECONDS = 60.0


class _Part(Protocol):
    async def run(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Support:
    """Where people find help; what is not configured is empty."""

    telegram: str = ""
    text: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Billing:
    """The parts that move people's Stars, for the core and for plugins that are granted `billing`."""

    settings: BillingSettings
    support: Support
    ledger: Ledger
    letters: Letters
    amounts: Amounts
    telegram: TelegramStars
    orders: Orders
    invoices: Invoices
    offers: Offers
    payments: Payments
    refunds: Refunds
    refund_cases: RefundCases
    reconciler: Reconciler
    cases: Cases
    topups: TopUps
    subscriptions: Subscriptions
    promo: PromoCodes
    referrals: Referrals
    desk: Desk
    watch: LedgerWatch
    link: Callable[[str], str]
    """The address that opens the bot with a `/start` parameter."""
    clock: Clock

    async def run(self) -> None:
        """Compare, repair and carry out what was left undone, until cancelled."""
        parts = (
            self.payments,
            self.refunds,
            self.cases,
            self.promo,
            self.subscriptions,
            self.reconciler,
            self.watch,
        )
        async with asyncio.TaskGroup() as group:
            for part in parts:
                group.create_task(self._keep_running(part), name=f"billing: {type(part).__name__}")

    async def _keep_running(self, part: _Part) -> None:
        """Run a part, again when it fails in a way that nobody foresaw: the others must not end with it."""
        while True:
            try:
                await part.run()
            except Exception as error:
                _log.error(
                    "billing part failed",
                    part=type(part).__name__,
                    error=in_words(error),
                    frames=frames(error),
                )
            await self.clock.sleep(_AGAIN_SECONDS)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the parts are made of. `secrets` sign orders: the first is used, the others are still accepted."""

    settings: Settings
    billing: BillingSettings
    database: Database
    erasures: ErasureStore
    ledger: Ledger
    amounts: Amounts
    registry: Registry
    client: TelegramClient
    outbox: Outbox
    users: UserStore
    i18n: I18n
    clock: Clock
    secrets: tuple[bytes, ...]
    alert: Callable[[Alert], Awaitable[None]]
    counter: Counter
    generations: Callable[[], Generations]
    discard: Discard
    correct: Correct
    check_promo: Callable[[int, str], Awaitable[None]]


def build_billing(around: Surroundings) -> Billing:
    """Make the parts and let them know each other."""
    database, ledger, clock, alert = around.database, around.ledger, around.clock, around.alert
    settings, billing = around.settings, around.billing
    letters = Letters(around.outbox, around.users, around.i18n)
    stars = TelegramStars(around.client)
    payment_store, refund_store = PaymentStore(database), RefundStore(database)

    def translator(user: User) -> Translator:
        return translator_for(around.i18n, user)

    async def is_running(job_id: str) -> bool:
        job = await around.generations().get(job_id) if job_id else None
        return job is not None and job.active

    secret, *previous = around.secrets
    orders = Orders(
        store=OrderStore(database),
        secret=secret,
        previous=previous,
        clock=clock,
        hours=billing.order_hours,
        sells=settings.sells_stars,
        discard=around.discard,
        is_running=is_running,
    )

    payment_letters = PaymentLetters(letters, ledger, translator)
    payments = Payments(
        store=payment_store,
        ledger=ledger,
        orders=orders,
        generations=PaidGenerations(
            orders=orders,
            maker=around.generations,
            messages=around.outbox,
            letters=payment_letters,
        ),
        sales=Sales(
            store=payment_store,
            ledger=ledger,
            letters=payment_letters,
            counter=around.counter,
            alert=alert,
            clock=clock,
        ),
        letters=payment_letters,
        users=around.users,
        alert=alert,
        clock=clock,
    )
    cases = Cases(database=database, clock=clock, alert=alert)
    refunds = Refunds(
        payments=payment_store,
        store=refund_store,
        ledger=ledger,
        telegram=stars,
        ending=RefundEnding(store=refund_store, ledger=ledger, letters=letters, cases=cases, clock=clock),
        record=payments.record_refunded,
        clock=clock,
    )
    speaking = around.i18n.translator
    invoices = Invoices(orders=orders, messages=around.outbox, links=stars, translators=speaking)
    subscriptions = Subscriptions(
        database=database,
        plans=billing.plans,
        orders=orders,
        links=invoices,
        telegram=stars,
        ledger=ledger,
        letters=letters,
        translators=speaking,
        clock=clock,
    )
    referrals = Referrals(
        database=database,
        ledger=ledger,
        letters=letters,
        clock=clock,
        bonus=billing.referral_bonus,
    )
    payments.listeners += [subscriptions.charged, referrals.purchased]
    refunds.listeners.append(referrals.refunded)
    return Billing(
        settings=billing,
        support=Support(settings.support_telegram, settings.support_text, settings.support_email),
        ledger=ledger,
        letters=letters,
        amounts=around.amounts,
        telegram=stars,
        orders=orders,
        invoices=invoices,
        offers=Offers(
            orders=orders,
            ledger=ledger,
            packages=billing.packages,
            title=around.registry.title,
            translator=translator,
        ),
        payments=payments,
        refunds=refunds,
        refund_cases=RefundCases(
            refunds=refunds, ledger=ledger, letters=letters, cases=cases, correct=around.correct
        ),
        reconciler=Reconciler(
            telegram=stars,
            store=ReconcileStore(database),
            known=payment_store,
            refund_store=refund_store,
            payments=payments,
            refunds=refunds,
            users=around.users,
            orders=orders,
            alert=alert,
            clock=clock,
            minutes=billing.reconcile_minutes,
        ),
        cases=cases,
        topups=TopUps(
            cases=cases,
            ledger=ledger,
            letters=letters,
            requisites=Requisites.of(settings),
            rub_to_stars=around.amounts.rub_to_stars,
            star_usd=settings.star_usd,
            limits=(Decimal(billing.topup_least_rub), Decimal(billing.topup_most_rub)),
            clock=clock,
        ),
        subscriptions=subscriptions,
        promo=PromoCodes(
            database=database,
            ledger=ledger,
            letters=letters,
            clock=clock,
            used_before=around.erasures.has_used,
            check=around.check_promo,
        ),
        referrals=referrals,
        desk=Desk(
            database=database,
            ledger=ledger,
            payments=payment_store,
            refunds=refund_store,
            letters=letters,
            people=around.users,
        ),
        watch=LedgerWatch(ledger, alert, clock),
        link=lambda parameter: f"https://t.me/{around.client.me.username}?start={parameter}",
        clock=clock,
    )
