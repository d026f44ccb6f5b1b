"""Monthly plans: sold by a link, charged by Telegram every 30 days, cancelled and resumed by the person.

What a charge brings is credited like any payment (`core.billing.payments`), the rest of the plan's grant with
it as the order's bonus; so a renewal of a plan that is not sold any more brings what it always brought. Here
each plan's record is kept, and people are told what became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import structlog

from core.billing.ledger import Ledger
from core.billing.orders import Order, OrderKind
from core.billing.plan_changes import (
    begun,
    canceled_here,
    ended,
    meant,
    paid_plan,
    patience,
    renewed,
    resumed_here,
    told_by_telegram,
    written,
)
from core.billing.settings import Plan
from core.clock import Clock
from core.errors import DatabaseAway, StarloomError, TelegramError, UserFacingError
from core.i18n import Translator
from core.storage.database import Database
from core.storage.payments import Paid
from core.storage.subscriptions import Subscription, SubscriptionState, SubscriptionStore
from core.telegram.parse import IncomingSubscription
from core.users import User

__all__ = ["PlanOffer", "Subscription", "SubscriptionState", "Subscriptions"]

_log = structlog.stdlib.get_logger(__name__)

_RACES = 20
_SWEEP_SECONDS = 60.0
_UNCHANGED = "SUBSCRIPTION_NOT_MODIFIED"
_UNKNOWN_CHARGE = "CHARGE_"


@dataclass(frozen=True, slots=True)
class PlanOffer:
    """A plan as it is sold: `stars` every 30 days for `grant` Stars."""

    name: str
    title: str
    stars: int
    grant: int


class PlanOrders(Protocol):
    """Places and finds orders; see `core.billing.orders`."""

    async def place(
        self,
        *,
        key: str,
        user: User,
        chat_id: int,
        plugin: str,
        kind: OrderKind,
        stars: int,
        bonus: int = 0,
        title: str = "",
        plan: str = "",
    ) -> Order:
        """Place an order."""
        ...

    async def get(self, order_id: str) -> Order | None:
        """The order of this id."""
        ...

    async def of_payload(self, payload: bytes) -> Order | None:
        """The order that a payload names."""
        ...


class PlanLinks(Protocol):
    """Makes links; see `core.billing.invoices`."""

    async def link(self, order: Order) -> str:
        """A link to the order's invoice."""
        ...


class TelegramSubscriptions(Protocol):
    """The call to Telegram; see `core.telegram.stars`."""

    async def cancel_subscription(self, user_id: int, charge_id: str, restore: bool = False) -> None:
        """End a subscription with its period, or let the person go on with it."""
        ...


class Writer(Protocol):
    """Writes letters; see `core.billing.letters`."""

    async def write(self, user_id: int, key: str, *, about: str, **variables: object) -> None:
        """Send a text once for each `about`."""
        ...


class Subscriptions:
    """People's plans. `plans` are those on sale by name; `translators` speaks a language.

    `charged` belongs among the listeners of payments, `changed` is for what Telegram tells of subscriptions.

    Raises:
        DatabaseAway: by every method that asks the database; ask again.

    """

    def __init__(
        self,
        *,
        database: Database,
        plans: Mapping[str, Plan],
        orders: PlanOrders,
        links: PlanLinks,
        telegram: TelegramSubscriptions,
        ledger: Ledger,
        letters: Writer,
        translators: Callable[[str | None], Translator],
        clock: Clock,
    ) -> None:
        self._store = SubscriptionStore(database)
        self._plans = plans
        self._orders = orders
        self._links = links
        self._telegram = telegram
        self._ledger = ledger
        self._letters = letters
        self._translators = translators
        self._clock = clock

    def offers(self, language: str | None) -> tuple[PlanOffer, ...]:
        """The plans on sale, as the operator ordered them, called in this language."""
        t = self._translators(language)
        return tuple(
            PlanOffer(name, _title(plan, t), plan.stars, plan.grant) for name, plan in self._plans.items()
        )

    async def sell(self, user: User, chat_id: int, plan: str, *, key: str, plugin: str) -> str:
        """A link by which the person can begin a plan; the same for the same `key` while it can be paid.

        Raises:
            UserFacingError: `plan-gone`: it is not on sale any more.
            TelegramError: no link can be had just now.

        """
        offers = {offer.name: offer for offer in self.offers(user.language or user.telegram_language)}
        offer = offers.get(plan)
        if offer is None:
            raise UserFacingError("plan-gone")
        order = await self._orders.place(
            key=key,
            user=user,
            chat_id=chat_id,
            plugin=plugin,
            kind=OrderKind.PLAN,
            stars=offer.stars,
            bonus=offer.grant - offer.stars,
            title=offer.title,
            plan=offer.name,
        )
        return await self._links.link(order)

    async def of_user(self, user_id: int) -> list[Subscription]:
        """A person's plans, newest first; those that have ended too."""
        return await self._store.of_user(user_id)

    async def cancel(self, user_id: int, subscription_id: str) -> Subscription:
        """Let a plan end with the month that is paid; as it is when it does so anyway.

        Raises:
            UserFacingError: `plan-unknown`: it is not this person's; `plan-over`.
            TelegramError: Telegram did not do it, or has not answered.

        """
        known = await self._own(user_id, subscription_id)
        if known.state is SubscriptionState.CANCELED:
            return known
        await self._tell_telegram(known, restore=False)
        return await self._change(known, canceled_here)

    async def resume(self, user_id: int, subscription_id: str) -> Subscription:
        """Let a plan go on that the person cancelled here; as it is when it goes on anyway.

        Raises:
            UserFacingError: `plan-unknown`: it is not this person's; `plan-over`; `plan-resume-there`: it was
                cancelled in Telegram's settings and can go on only from there.
            TelegramError: Telegram did not do it, or has not answered.

        """
        known = await self._own(user_id, subscription_id)
        if known.goes_on:
            return known
        if known.until <= self._clock.now():
            raise UserFacingError("plan-over")
        if known.canceled_here:
            await self._tell_telegram(known, restore=True)
            known = await self._change(known, resumed_here)
        if known.canceled_there:
            raise UserFacingError("plan-resume-there", title=known.title)
        return known

    async def charged(self, paid: Paid) -> None:
        """Note a payment for a plan, its first or a renewal, and write of it; nothing for other payments.

        Raises:
            TelegramError: the letter could not be sent; tell of the payment again.

        """
        if paid.kind != OrderKind.PLAN.value:
            return
        order = await self._orders.get(paid.order_id)
        if order is None:
            raise StarloomError("a payment for a plan has no order")
        known = await self._noted(paid, order)
        repaid = [
            await self._ledger.repaid(paid.user_id, f"{what}:{paid.charge_id}") for what in ("stars", "bonus")
        ]
        await self._letters.write(
            paid.user_id,
            "plan-started" if known.charges[:1] == (paid.charge_id,) else "plan-renewed",
            about=f"plan:{paid.charge_id}",
            title=known.title,
            stars=paid.stars,
            grant=paid.stars + paid.bonus,
            repaid=sum(repaid),
            until=known.until,
        )

    async def changed(self, told: IncomingSubscription) -> None:
        """Note what a person did with a plan in Telegram itself, or that it could not be charged."""
        order = await self._orders.of_payload(told.payload)
        found = [] if order is None else await self._store.of_order(order.id)
        known = meant([each for each in found if each.user_id == told.user_id], told.change)
        if known is None:
            _log.warning("subscription changed that is not known", change=told.change.value)
            return
        await self._change(known, partial(told_by_telegram, told=told))
        await self._write_soon(known.id)

    async def sweep(self) -> int:
        """End what is over and write what was not written; how many plans that were."""
        now = self._clock.now()
        over = [each for each in await self._store.over(now) if each.until + patience(each) <= now]
        for known in over:
            await self._change(known, partial(ended, at=now))
        unwritten = await self._store.unwritten()
        for known in unwritten:
            await self._write_soon(known.id)
        return len(unwritten)

    async def run(self) -> None:
        """Sweep now and every minute, until cancelled."""
        while True:
            try:
                await self.sweep()
            except StarloomError as error:
                _log.warning("plans not swept", error=type(error).__name__)
            await self._clock.sleep(_SWEEP_SECONDS)

    async def _own(self, user_id: int, subscription_id: str) -> Subscription:
        known = await self._store.get(subscription_id)
        if known is None or known.user_id != user_id:
            raise UserFacingError("plan-unknown")
        if known.state is SubscriptionState.ENDED:
            raise UserFacingError("plan-over")
        return known

    async def _tell_telegram(self, known: Subscription, *, restore: bool) -> None:
        """Cancel or restore; that it was so already counts as done: an answer may have been lost.

        Telegram says nowhere whether the first charge or the last one names a subscription: both are tried.
        """
        for charge_id in (known.id, known.charges[-1]):
            try:
                await self._telegram.cancel_subscription(known.user_id, charge_id, restore=restore)
            except TelegramError as error:
                if error.name == _UNCHANGED:
                    return
                if not error.name.startswith(_UNKNOWN_CHARGE) or charge_id == known.charges[-1]:
                    raise
            else:
                return

    async def _noted(self, paid: Paid, order: Order) -> Subscription:
        """The plan that a payment is for, with the payment among its charges."""
        for _ in range(_RACES):
            plans = await self._store.of_order(order.id)
            known = paid_plan(plans, paid)
            if known is not None:
                return await self._change(known, partial(renewed, paid=paid))
            if await self._store.insert(begun(paid, order)):
                _log.info("plan begun")
        raise StarloomError("a plan was changed by others again and again")

    async def _change(
        self, known: Subscription, change: Callable[[Subscription], Subscription]
    ) -> Subscription:
        """Apply a change to the plan as it is now; the plan after it."""
        for _ in range(_RACES):
            changed = change(known)
            if changed == known:
                return known
            if await self._store.save(changed):
                return replace(changed, version=changed.version + 1)
            known = await self._store.get(known.id) or known
        raise StarloomError("a plan was changed by others again and again")

    async def _write_soon(self, subscription_id: str) -> None:
        """Write what is to be written of a plan; what does not go now is left to the sweep."""
        known = await self._store.get(subscription_id)
        if known is None:
            return
        for key, about in known.letters:
            try:
                await self._write(known, key, about)
            except DatabaseAway:
                raise
            except Exception as error:
                _log.warning("letter about a plan not written yet", error=type(error).__name__)
                return
            known = await self._change(known, partial(written, key=key, about=about))

    async def _write(self, known: Subscription, key: str, about: str) -> None:
        await self._letters.write(
            known.user_id,
            key,
            about=about,
            title=known.title,
            stars=known.stars,
            until=known.until,
        )


def _title(plan: Plan, t: Translator) -> str:
    """What a plan is called; one without a title in any language goes by its Stars."""
    return (
        plan.title.get(t.language)
        or next(iter(plan.title.values()), "")
        or t.plain("plan-title", stars=plan.grant)
    )
