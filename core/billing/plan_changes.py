"""What becomes of a monthly plan: by a payment, by its person, by Telegram, by time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from core.billing.settings import PLAN_SECONDS
from core.storage.orders import Order
from core.storage.payments import Paid
from core.storage.subscriptions import Subscription, SubscriptionState
from core.telegram.parse import IncomingSubscription
from core.telegram.types import SubscriptionChange

_MONTH = timedelta(seconds=PLAN_SECONDS)
_GRACE = timedelta(days=3)
"""How long after its month Telegram may still charge a plan that was not cancelled."""
_CHARGES_KEPT = 24


def begun(paid: Paid, order: Order) -> Subscription:
    """A plan with its first payment."""
    return Subscription(
        id=paid.charge_id,
        user_id=paid.user_id,
        order_id=order.id,
        plan=order.plan,
        title=order.title,
        stars=order.stars,
        grant=order.stars + order.bonus,
        until=_paid_until(paid),
        started_at=paid.at,
        charges=(paid.charge_id,),
    )


def paid_plan(plans: Sequence[Subscription], paid: Paid) -> Subscription | None:
    """Of an order's plans the one that a payment is for; None if it begins another.

    An order has several only if it was agreed to twice before it was paid; two payments for the same month
    tell that. Telegram's list of transactions does not say whether a payment is a plan's first.
    """
    for known in plans:
        if paid.charge_id in known.charges:
            return known
    until = _paid_until(paid)
    others = [known for known in plans if abs(known.until - until) > _MONTH / 2]
    if paid.first_recurring:
        others = [known for known in others if known.until > until]
    return min(others, key=lambda known: abs(known.until + _MONTH - until), default=None)


def _paid_until(paid: Paid) -> datetime:
    return paid.subscription_until or paid.at + _MONTH


def renewed(now: Subscription, paid: Paid) -> Subscription:
    """With one more payment; a month that comes late, after a later one, changes nothing else."""
    if paid.charge_id in now.charges:
        return now
    until = _paid_until(paid)
    if until <= now.until:
        return replace(now, charges=(paid.charge_id, *now.charges)[-_CHARGES_KEPT:])
    return replace(
        now,
        until=until,
        charges=(*now.charges, paid.charge_id)[-_CHARGES_KEPT:],
        state=SubscriptionState.ACTIVE,
        canceled_here=False,
        canceled_there=False,
    )


def canceled_here(now: Subscription) -> Subscription:
    """After the person cancelled it through the bot."""
    return replace(now, canceled_here=True, state=SubscriptionState.CANCELED) if now.goes_on else now


def resumed_here(now: Subscription) -> Subscription:
    """After the person took it up again through the bot; cancelled in Telegram as well, it stays so."""
    if now.state is not SubscriptionState.CANCELED:
        return now
    state = SubscriptionState.CANCELED if now.canceled_there else SubscriptionState.ACTIVE
    return replace(now, canceled_here=False, state=state)


def meant(plans: Sequence[Subscription], change: SubscriptionChange) -> Subscription | None:
    """Of an order's plans the one that a change is about."""
    if change is SubscriptionChange.RESTORED:
        fitting = [known for known in plans if known.canceled_there]
    else:
        fitting = [known for known in plans if known.goes_on]
    return next(iter([*fitting, *plans]), None)


def told_by_telegram(now: Subscription, told: IncomingSubscription) -> Subscription:
    """After what Telegram told; it may repeat what is known, as the bot's own cancelling."""
    match told.change:
        case SubscriptionChange.CANCELED if now.goes_on:
            canceled = replace(now, canceled_there=True, state=SubscriptionState.CANCELED)
            return _with_letter(canceled, "plan-canceled", told.key)
        case SubscriptionChange.RESTORED if now.canceled_there and now.state is SubscriptionState.CANCELED:
            if now.canceled_here:
                return replace(now, canceled_there=False)
            restored = replace(now, canceled_there=False, state=SubscriptionState.ACTIVE)
            return _with_letter(restored, "plan-restored", told.key)
        case SubscriptionChange.PAYMENT_FAILED if now.state is SubscriptionState.ACTIVE:
            failed = replace(now, state=SubscriptionState.FAILED)
            return _with_letter(failed, "plan-failed", now.until.date().isoformat())
    return now


def patience(known: Subscription) -> timedelta:
    """How long after its month a plan counts as going on."""
    return timedelta(0) if known.state is SubscriptionState.CANCELED else _GRACE


def ended(now: Subscription, at: datetime) -> Subscription:
    """As it is at a moment: over, or unchanged."""
    if now.state is SubscriptionState.ENDED or now.until + patience(now) > at:
        return now
    key = "plan-ended" if now.state is SubscriptionState.CANCELED else "plan-lapsed"
    return _with_letter(replace(now, state=SubscriptionState.ENDED), key, now.until.date().isoformat())


def _with_letter(now: Subscription, key: str, occasion: str) -> Subscription:
    return replace(now, letters=(*now.letters, (key, f"plan:{now.id}:{key}:{occasion}")))


def written(now: Subscription, key: str, about: str) -> Subscription:
    """Without a letter that was written."""
    return replace(now, letters=tuple(each for each in now.letters if each != (key, about)))
