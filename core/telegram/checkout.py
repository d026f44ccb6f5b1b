"""Pre-checkout queries: a lane of their own, answered in time whatever else is going on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from core.billing.orders import ORDER_PAYLOAD
from core.clock import Clock
from core.errors import StarloomError, UserFacingError
from core.events import PreCheckoutEvent
from core.plugins.status import CallResult
from core.routes import Routes
from core.telegram.answers import UpdateAnswers
from core.telegram.middleware import reference_of
from core.telegram.parse import IncomingPreCheckout
from core.telegram.people import People
from core.telegram.router import PluginCaller
from core.telegram.types import Chat, ChatKind, Profile
from core.users import User
from core.waiting import finishes

_log = structlog.stdlib.get_logger(__name__)

CHECKOUT_SECONDS = 8.0
"""Telegram cancels the purchase after 10 s; the rest is for the way of the answer."""


CheckOrder = Callable[[User, bytes, str, int], Awaitable[None]]
"""Raises `UserFacingError` unless a person may pay an order: its payload, the currency, the amount."""


class CheckoutDesk:
    """Checks orders, asks the plugin whose invoice another payload is, and refuses what nobody approves.

    The answer is there in time, whatever is slow or away.

    `answers` makes the ways to answer of a key, a chat, a person and a query. Where nothing `sells`, every
    payment is refused, a plugin's own as well.
    """

    def __init__(
        self,
        *,
        routes: Routes,
        plugins: PluginCaller,
        people: People,
        answers: Callable[[str, int, int, int], UpdateAnswers],
        clock: Clock,
        check_order: CheckOrder,
        sells: bool = True,
        seconds: float = CHECKOUT_SECONDS,
    ) -> None:
        self._routes = routes
        self._plugins = plugins
        self._people = people
        self._answers = answers
        self._clock = clock
        self._check_order = check_order
        self._sells = sells
        self._seconds = seconds

    async def __call__(self, incoming: IncomingPreCheckout) -> None:
        """Answer one query; a payment that nobody approved is refused in the person's language."""
        profile = incoming.sender
        event = PreCheckoutEvent(
            key=incoming.key,
            user=_as_told(profile),
            chat=Chat(profile.id, ChatKind.PRIVATE),
            t=self._people.translator(_as_told(profile)),
            answers=self._answers(incoming.key, profile.id, profile.id, incoming.query_id),
            role=self._people.role(profile.id),
            query_id=incoming.query_id,
            currency=incoming.currency,
            amount=incoming.amount,
            payload=incoming.payload,
        )
        key, variables = "payment-late", {}
        try:
            with structlog.contextvars.bound_contextvars(update=reference_of(incoming.key)):
                if await finishes(self._ask(event, profile), self._clock, self._seconds):
                    key = "payment-unavailable"
                else:
                    _log.error("pre_checkout_late")
        except UserFacingError as error:
            key, variables = error.key, error.variables
        except StarloomError:
            _log.exception("pre_checkout_failed")
        if not event.answered:
            try:
                await event.refuse(event.t(key, **variables))
            except StarloomError as error:
                _log.error("pre_checkout_not_answered", error=str(error))

    async def _ask(self, event: PreCheckoutEvent, profile: Profile) -> None:
        event.user = await self._people.load(profile)
        event.t = self._people.translator(event.user)
        if self._is_banned(event.user):
            raise UserFacingError("order-banned")
        if not self._sells:
            raise UserFacingError("order-rehearsal")
        if event.payload.startswith(ORDER_PAYLOAD):
            await self._check_order(event.user, event.payload, event.currency, event.amount)
            await event.approve()
            return
        route = self._routes.pre_checkout(event.payload)
        if route is None:
            _log.error("pre_checkout_of_nobody")
            return
        event.plugin = route.plugin
        outcome = await self._plugins.call(route, event)
        if isinstance(outcome.error, UserFacingError):
            raise outcome.error
        if outcome.result is not CallResult.DONE:
            _log.error("pre_checkout_handler_failed", plugin=route.plugin, result=outcome.result.value)

    def _is_banned(self, user: User) -> bool:
        banned = user.banned_until is not None and user.banned_until > self._clock.now()
        return banned and self._people.role(user.id) is None


def _as_told(profile: Profile) -> User:
    """The person as the update describes them, until the record is read."""
    return User(profile.id, profile.first_name, profile.username, profile.language_code)
