"""Payments in Stars: each is credited to its payer first, then served; every step can be done again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol
from weakref import WeakValueDictionary

import structlog

from core.billing.ledger import Ledger
from core.billing.operations import PROMO, TELEGRAM_STARS
from core.billing.orders import ORDER_PAYLOAD, Order, OrderKind, Orders
from core.billing.paid_generations import PaidGenerations
from core.billing.payment_letters import PaymentLetters
from core.billing.sales import Sales
from core.clock import Clock
from core.errors import DatabaseAway, KeyConflict, StarloomError
from core.plugins.status import Alert
from core.storage.codec import to_milliseconds
from core.storage.payments import Paid, PaymentStore
from core.storage.refunds import GIVEN_BACK, UNDER_WAY
from core.telegram.stars import STARS
from core.telegram.types import Payment
from core.users import User

_log = structlog.stdlib.get_logger(__name__)

Listener = Callable[[Paid], Awaitable[None]]

SALE = "sale"
"""The kind of a payment whose payload is a plugin's own."""
UNKNOWN = "unknown"
"""The kind of a payment that no order of its payer stands behind."""
_ACTOR = "telegram"
_SWEEP_SECONDS = 60.0
_STUCK_AFTER = 5


class Records(Protocol):
    """What is needed of people's records."""

    async def get(self, user_id: int) -> User | None:
        """A person's record."""
        ...


class Payments:
    """Takes what Telegram reports as paid, by whatever way it is heard of and however often.

    `listeners` are told of each payment once it is served by its kind, at least once each. A plan's own part
    (its record and its letter) is a listener's: here only its Stars are credited, with the order's bonus.
    """

    def __init__(
        self,
        *,
        store: PaymentStore,
        ledger: Ledger,
        orders: Orders,
        generations: PaidGenerations,
        sales: Sales,
        letters: PaymentLetters,
        users: Records,
        alert: Callable[[Alert], Awaitable[None]],
        clock: Clock,
    ) -> None:
        self.listeners: list[Listener] = []
        self._store = store
        self._ledger = ledger
        self._orders = orders
        self._generations = generations
        self._sales = sales
        self._letters = letters
        self._users = users
        self._alert = alert
        self._clock = clock
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def take(
        self, user: User, payment: Payment, *, found_by: str, plugin: str = "", message_id: int = 0
    ) -> Paid | None:
        """Credit a payment, record it and serve it; what was done before is not done again.

        `plugin` takes payments with this payload; `message_id` is the message that told of it. What cannot be
        served now is served by the sweep. None for what is not credited: another currency than Stars, or a
        charge that was another person's, or another amount, before.

        Raises:
            DatabaseAway: nothing is certain; take it again.
            AccountBusy: likewise.

        """
        if payment.currency != STARS:
            await self._alert_of(payment, "alert-payment-currency", currency=payment.currency)
            return None
        try:
            paid = await self._record(user, payment, found_by, plugin=plugin, message_id=message_id)
        except KeyConflict:
            await self._alert_of(payment, "alert-payment-conflict")
            return None
        return paid if paid.served else await self._try_to_serve(user, paid)

    async def record_refunded(self, user: User, payment: Payment) -> Paid:
        """Credit and record a payment that only its refund tells of: nothing else follows from it.

        Raises:
            KeyConflict: the charge was another person's, or another amount, before.
            DatabaseAway: nothing is certain; record it again.

        """
        return await self._record(user, payment, "refund", given_back=True)

    async def _record(
        self,
        user: User,
        payment: Payment,
        found_by: str,
        *,
        plugin: str = "",
        message_id: int = 0,
        given_back: bool = False,
    ) -> Paid:
        await self._ledger.credit(
            user.id,
            payment.amount,
            source=TELEGRAM_STARS,
            key=f"stars:{payment.charge_id}",
            reference=self._orders.id_in(payment.payload),
            actor=_ACTOR,
            reason="payment",
        )
        known = await self._store.get(payment.charge_id)
        if known is not None:
            return known
        paid = await self._classified(user.id, payment, found_by=found_by)
        paid = replace(paid, plugin=paid.plugin or plugin, message_id=message_id)
        if given_back:
            paid = replace(paid, bonus=0, served=True)
        if await self._store.insert(paid):
            return paid
        return await self._store.get(payment.charge_id) or paid

    async def sweep(self) -> int:
        """Serve what is not served yet; how many payments are left."""
        left = 0
        for paid in await self._store.unserved():
            user = await self._users.get(paid.user_id) or User(paid.user_id)
            left += not (await self._try_to_serve(user, paid)).served
        await self._orders.sweep()
        return left

    async def run(self) -> None:
        """Sweep now and every minute, until cancelled."""
        while True:
            try:
                await self.sweep()
            except StarloomError as error:
                _log.warning("payments not swept", error=type(error).__name__)
            await self._clock.sleep(_SWEEP_SECONDS)

    async def _classified(self, user_id: int, payment: Payment, *, found_by: str) -> Paid:
        """What was paid for."""
        paid = Paid(
            charge_id=payment.charge_id,
            user_id=user_id,
            stars=payment.amount,
            payload=payment.payload,
            at=to_milliseconds(self._clock.now()),
            found_by=found_by,
            kind=UNKNOWN if payment.payload.startswith(ORDER_PAYLOAD) else SALE,
            recurring=payment.is_recurring,
            first_recurring=payment.is_first_recurring,
            subscription_until=payment.subscription_until,
        )
        order = await self._orders.of_payload(payment.payload)
        if order is None or order.user_id != user_id or order.stars != payment.amount:
            return paid
        return replace(
            paid,
            order_id=order.id,
            kind=order.kind.value,
            bonus=order.bonus,
            plan=order.plan,
            plugin=order.plugin,
        )

    async def _try_to_serve(self, user: User, paid: Paid) -> Paid:
        """Serve a payment; what goes wrong leaves it to the sweep, as the Stars are safe by now."""
        async with self._turn(paid.charge_id):
            now = await self._store.get(paid.charge_id) or paid
            if now.served or now.refund in UNDER_WAY:
                return now
            try:
                await self._serve(user, now)
                await self._store.set_served(now.charge_id)
            except DatabaseAway:
                raise
            except Exception as error:
                _log.warning("payment not served yet", kind=now.kind, error=type(error).__name__)
                await self._store.count_attempt(now.charge_id)
                if now.attempts + 1 == _STUCK_AFTER:
                    await self._alert(
                        Alert("alert-payment-stuck", {"charge": now.charge_id, "stars": now.stars})
                    )
                return now
            return replace(now, served=True)

    async def _serve(self, user: User, paid: Paid) -> None:
        if paid.bonus:
            await self._ledger.credit(
                user.id,
                paid.bonus,
                source=PROMO,
                key=f"bonus:{paid.charge_id}",
                reference=paid.order_id,
                actor=_ACTOR,
                reason="bonus",
            )
        if paid.refund in GIVEN_BACK:
            await self._sales.let_go(paid)
            return
        if paid.kind == SALE:
            await self._sales.hand_over(user, paid)
        elif paid.kind == UNKNOWN:
            await self._letters.write(user, paid, "payment-unknown")
            await self._alert(
                Alert(
                    "alert-payment-unknown",
                    {"charge": paid.charge_id, "stars": paid.stars, "user": str(paid.user_id)},
                )
            )
        else:
            await self._serve_order(user, paid)
        for listener in self.listeners:
            await listener(paid)

    async def _serve_order(self, user: User, paid: Paid) -> None:
        order = await self._orders.get(paid.order_id)
        if order is None or not await self._is_first(order, paid):
            await self._letters.write(user, paid, "payment-received")
        elif order.kind is OrderKind.GENERATION:
            await self._generations.begin(user, order, paid)
        elif order.kind is OrderKind.STARS:
            await self._letters.write(user, paid, "payment-received")

    async def _is_first(self, order: Order, paid: Paid) -> bool:
        """Whether the order waits for this payment; a plan waits for one each month."""
        await self._orders.note_paid(order, paid.charge_id)
        if order.kind is OrderKind.PLAN:
            return True
        now = await self._orders.get(order.id)
        return now is not None and now.charge_id == paid.charge_id

    async def _alert_of(self, payment: Payment, key: str, **variables: object) -> None:
        await self._alert(Alert(key, {"charge": payment.charge_id, "stars": payment.amount, **variables}))

    def _turn(self, charge_id: str) -> asyncio.Lock:
        lock = self._turns.get(charge_id)
        if lock is None:
            lock = self._turns[charge_id] = asyncio.Lock()
        return lock
