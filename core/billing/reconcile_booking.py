"""Pages of Telegram's list of transactions, booked: payments that we lack, refunds that others made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from core.errors import DatabaseAway
from core.plugins.status import Alert
from core.storage.orders import Order
from core.storage.payments import Paid
from core.storage.reconciling import History, ReconcileStore
from core.storage.refunds import GIVEN_BACK, Refund, RefundStore
from core.telegram.stars import STARS, StarsTransaction
from core.telegram.types import Payment
from core.users import User

_log = structlog.stdlib.get_logger(__name__)

FOUND_BY = "reconcile"
MARGIN = timedelta(minutes=10)
"""A payment younger than this when a pass begins need not be in the list yet; nor need clocks be closer."""
_WAITING = timedelta(days=7)
"""How long the mark is held back for a transaction that has not gone through."""


@dataclass(slots=True)
class ReconcileReport:
    """What a pass has found.

    `seen` counts the payments to us in the list, and their refunds; `credited` payments that only the list
    told of, `stars` in all; `refunds` those booked because of the list; `missing` payments and refunds of
    ours that it does not show; `waiting` what has not gone through at Telegram; `failed` what was not booked;
    `history` payments older than this database. `complete` says whether the list was read to its end, `error`
    what kept the pass from that.
    """

    pages: int = 0
    seen: int = 0
    credited: int = 0
    stars: int = 0
    refunds: int = 0
    missing: int = 0
    waiting: int = 0
    failed: int = 0
    history: History = field(default_factory=History)
    complete: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """When this database began to compare, and when the pass did."""

    since: datetime
    began: datetime


class Taking(Protocol):
    """Credits and serves payments; see `core.billing.payments`."""

    async def take(self, user: User, payment: Payment, *, found_by: str) -> Paid | None:
        """Take a payment, however often it is told of; None for what is not credited, and said so."""
        ...


class RefundTaking(Protocol):
    """Books refunds; see `core.billing.refunds`."""

    async def take(self, user: User, payment: Payment) -> None:
        """Take a refund, however often it is told of."""
        ...


class KnownPayments(Protocol):
    """Which payments were recorded; see `core.storage.payments`."""

    async def known(self, charge_ids: Sequence[str]) -> set[str]:
        """Those of the charges that were recorded."""
        ...


class NamedOrders(Protocol):
    """Finds orders; see `core.billing.orders`."""

    async def of_payload(self, payload: bytes) -> Order | None:
        """The order that a payload names."""
        ...


class Records(Protocol):
    """People's records; see `core.storage.users`."""

    async def get(self, user_id: int) -> User | None:
        """A person's record."""
        ...


class Booking:
    """Books what pages show, each thing once however often it is shown."""

    def __init__(
        self,
        *,
        store: ReconcileStore,
        known: KnownPayments,
        refund_store: RefundStore,
        payments: Taking,
        refunds: RefundTaking,
        users: Records,
        orders: NamedOrders,
        alert: Callable[[Alert], Awaitable[None]],
    ) -> None:
        self._store = store
        self._known = known
        self._refund_store = refund_store
        self._payments = payments
        self._refunds = refunds
        self._users = users
        self._orders = orders
        self._alert = alert
        self._told: set[str] = set()
        self._not_ours: set[str] = set()

    async def book(
        self, transactions: Iterable[StarsTransaction], span: Span, report: ReconcileReport
    ) -> bool:
        """Book a page and count it in the report; False when it has to be read again.

        Raises:
            DatabaseAway: the page was not booked to its end.

        """
        ours = [each for each in transactions if _is_ours(each)]
        charges = [each.charge_id for each in ours]
        page = _Page(
            span, report, await self._known.known(charges), await self._refund_store.of_charges(charges)
        )
        whole = [await self._booked(each, page) for each in ours]
        await self._store.listed(page.listed, page.refunds_listed)
        return all(whole)

    async def _booked(self, transaction: StarsTransaction, page: _Page) -> bool:
        page.report.seen += 1
        if transaction.pending or transaction.failed:
            page.report.waiting += 1
            return page.span.began - transaction.at > _WAITING
        try:
            await (self._refund if transaction.refund else self._payment)(transaction, page)
        except DatabaseAway:
            raise
        except Exception as error:
            _log.exception("transaction not booked")
            page.report.failed += 1
            await self._tell(transaction.charge_id, error)
            return False
        return True

    async def _payment(self, transaction: StarsTransaction, page: _Page) -> None:
        charge_id = transaction.charge_id
        if charge_id not in page.known:
            old = transaction.at < page.span.since - MARGIN
            if old and await self._orders.of_payload(transaction.payload) is None:
                page.report.history += History(1, transaction.stars)
                return
            if charge_id in self._not_ours or not await self._take(transaction):
                self._not_ours.add(charge_id)
                page.report.failed += 1
                return
            page.known.add(charge_id)
            page.report.credited += 1
            page.report.stars += transaction.stars
        page.listed.append(charge_id)

    async def _refund(self, transaction: StarsTransaction, page: _Page) -> None:
        charge_id = transaction.charge_id
        if charge_id not in page.known:
            # Its payment came before it in the list and was not ours to credit.
            return
        refund = page.refunds.get(charge_id)
        if refund is None or refund.state not in GIVEN_BACK:
            await self._refunds.take(await self._person(transaction), _payment(transaction))
            page.report.refunds += 1
        page.refunds_listed.append(charge_id)

    async def _take(self, transaction: StarsTransaction) -> bool:
        user = await self._person(transaction)
        return await self._payments.take(user, _payment(transaction), found_by=FOUND_BY) is not None

    async def _person(self, transaction: StarsTransaction) -> User:
        if transaction.user_id is None:
            raise ValueError("a transaction without a person is nobody's payment")
        return await self._users.get(transaction.user_id) or User(transaction.user_id)

    async def _tell(self, charge_id: str, error: Exception) -> None:
        """Tell operators of what cannot be booked, once while this instance is on duty."""
        if charge_id not in self._told:
            self._told.add(charge_id)
            reason = type(error).__name__
            await self._alert(Alert("alert-reconcile-failed", {"charge": charge_id, "reason": reason}))


@dataclass(slots=True)
class _Page:
    """A page on its way through the books."""

    span: Span
    report: ReconcileReport
    known: set[str]
    refunds: dict[str, Refund]
    listed: list[str] = field(default_factory=list)
    refunds_listed: list[str] = field(default_factory=list)


def _is_ours(transaction: StarsTransaction) -> bool:
    """Whether a person paid an invoice of ours, or got that back; an invoice always has a payload."""
    paid = transaction.stars > 0 and bool(transaction.payload)
    return transaction.user_id is not None and (transaction.refund or paid)


def _payment(transaction: StarsTransaction) -> Payment:
    """What Telegram's message about it would have said; whether it is a plan's first is not listed."""
    period = transaction.subscription_period
    return Payment(
        charge_id=transaction.charge_id,
        currency=STARS,
        amount=abs(transaction.stars),
        payload=transaction.payload,
        is_recurring=period is not None,
        subscription_until=None if period is None else transaction.at + timedelta(seconds=period),
    )
