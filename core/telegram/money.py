"""Where updates about payments and refunds go: to the ledger first, then to the plugin whose sale it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from core.events import MessageEvent
from core.plugins.status import CallOutcome, CallResult
from core.routes import Route, Routes
from core.storage.payments import Paid
from core.telegram.answers import SetDialogue, UpdateAnswers
from core.telegram.files import FileOutbox
from core.telegram.outbox import Outbox
from core.telegram.people import People
from core.telegram.stars import STARS
from core.telegram.types import Chat, ChatKind, Message, Payment, Profile
from core.users import User

_log = structlog.stdlib.get_logger(__name__)

FOUND_BY = "telegram"
"""Who found a payment that Telegram told of by itself."""


class PluginCaller(Protocol):
    """What is needed of the plugin manager."""

    async def call(self, route: Route, event: MessageEvent) -> CallOutcome:
        """Call a handler inside its plugin's guard."""
        ...


class PaymentTaker(Protocol):
    """What is needed of `core.billing.payments`."""

    async def take(
        self, user: User, payment: Payment, *, found_by: str, plugin: str = "", message_id: int = 0
    ) -> Paid | None:
        """Credit a payment and serve it."""
        ...


class RefundTaker(Protocol):
    """What is needed of `core.billing.refunds`."""

    async def take(self, user: User, payment: Payment) -> None:
        """Book a refund."""
        ...


class SalesCounter:
    """Calls the handlers that plugins declared with `@on_payment`.

    A payment is the same event whoever brings it, an update or a sweep, with the charge's own key: a handler
    that is called again makes no second message.
    """

    def __init__(
        self,
        *,
        routes: Routes,
        plugins: PluginCaller,
        people: People,
        outbox: Outbox,
        files: FileOutbox,
        set_dialogue: SetDialogue,
    ) -> None:
        self._routes = routes
        self._plugins = plugins
        self._people = people
        self._outbox = outbox
        self._files = files
        self._set_dialogue = set_dialogue

    def owner(self, payload: bytes) -> str:
        """The plugin that takes payments with this payload, if one that is on does; else empty."""
        route = self._routes.payment(payload)
        return route.plugin if route is not None else ""

    def is_served(self, payload: bytes) -> bool:
        """Whether a plugin that is on takes payments with this payload."""
        return self._routes.payment(payload) is not None

    async def sell(self, user: User, paid: Paid) -> CallOutcome:
        """Tell a plugin of a payment."""
        message = Message(
            id=paid.message_id,
            chat=Chat(paid.user_id, ChatKind.PRIVATE),
            sender=Profile(user.id, user.first_name, username=user.username),
            date=paid.at,
            payment=Payment(
                charge_id=paid.charge_id,
                currency=STARS,
                amount=paid.stars,
                payload=paid.payload,
                is_recurring=paid.recurring,
                is_first_recurring=paid.first_recurring,
                subscription_until=paid.subscription_until,
            ),
        )
        return await self._tell(user, message, paid.payload, f"pay:{paid.charge_id}")

    async def tell_refund(self, user: User, message: Message, refund: Payment) -> CallOutcome:
        """Tell a plugin that a payment was given back."""
        return await self._tell(user, message, refund.payload, f"refund:{refund.charge_id}")

    async def _tell(self, user: User, message: Message, payload: bytes, key: str) -> CallOutcome:
        route = self._routes.payment(payload)
        if route is None:
            return CallOutcome(CallResult.OFF)
        answers = UpdateAnswers(
            self._outbox, self._files, self._set_dialogue, key=key, chat_id=message.chat.id, user_id=user.id
        )
        answers.plugin = route.plugin
        event = MessageEvent(
            key=key,
            user=user,
            chat=message.chat,
            t=self._people.translator(user),
            answers=answers,
            role=self._people.role(user.id),
            plugin=route.plugin,
            message=message,
        )
        return await self._plugins.call(route, event)


class MoneyDesk:
    """Takes updates about money; what the router hands them to."""

    def __init__(self, *, payments: PaymentTaker, refunds: RefundTaker, counter: SalesCounter) -> None:
        self._payments = payments
        self._refunds = refunds
        self._counter = counter

    async def __call__(self, user: User, message: Message) -> bool:
        """Take a payment or a refund; False if a plugin is to be told of the refund again.

        Raises:
            DatabaseAway: nothing is certain; take it again.

        """
        if message.payment is not None:
            await self._payments.take(
                user,
                message.payment,
                found_by=FOUND_BY,
                plugin=self._counter.owner(message.payment.payload),
                message_id=message.id,
            )
            return True
        return message.refund is None or await self._refund(user, message, message.refund)

    async def _refund(self, user: User, message: Message, refund: Payment) -> bool:
        if refund.currency != STARS:
            _log.error("refund_of_another_currency", currency=refund.currency)
            return True
        await self._refunds.take(user, refund)
        outcome = await self._counter.tell_refund(user, message, refund)
        told = outcome.result not in (CallResult.FAILED, CallResult.TIMED_OUT)
        if not told:
            _log.error("plugin_not_told_of_refund", plugin=self._counter.owner(refund.payload))
        return told


MoneyTaker = Callable[[User, Message], Awaitable[bool]]
"""Takes a payment or a refund that an update tells of; False if it is to be handled again."""
