"""What plugins sell under payloads of their own: credited, held, handed over, and only then earned."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol

import structlog

from core.billing.ledger import Ledger
from core.billing.payment_letters import PaymentLetters
from core.clock import Clock
from core.errors import InsufficientStars, StarloomError, UnknownHold, UserFacingError
from core.plugins.status import Alert, CallOutcome, CallResult
from core.storage.payments import Paid, PaymentStore
from core.users import User

_log = structlog.stdlib.get_logger(__name__)

PATIENCE = timedelta(hours=24)
"""How long a handler that fails is called again before the person has the Stars back."""


class SaleNotTaken(StarloomError):
    """The handler failed; the payment is to be handed over again."""


class Counter(Protocol):
    """How a payment reaches the handler that a plugin declared with `@on_payment`."""

    def is_served(self, payload: bytes) -> bool:
        """Whether a plugin that is on takes payments with this payload."""
        ...

    async def sell(self, user: User, paid: Paid) -> CallOutcome:
        """Call the handler."""
        ...


class Sales:
    """Hands payments over to plugins.

    The Stars are on the person's balance first. They are held while the plugin does its part: settled when it
    is done, released when it refuses, is off, or has failed for a day.
    """

    def __init__(
        self,
        *,
        store: PaymentStore,
        ledger: Ledger,
        letters: PaymentLetters,
        counter: Counter,
        alert: Callable[[Alert], Awaitable[None]],
        clock: Clock,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._letters = letters
        self._counter = counter
        self._alert = alert
        self._clock = clock

    async def hand_over(self, user: User, paid: Paid) -> None:
        """Let the plugin do its part, once more if it has not done it yet.

        Raises:
            SaleNotTaken: its handler failed; hand over again later.

        """
        hold = _hold_of(paid)
        if await self._ledger.entry(user.id, f"settle:{user.id}:{hold}") is not None:
            return
        if paid.kept or not self._counter.is_served(paid.payload):
            await self._give_back(user, paid, "payment-sale-off")
            return
        actor = f"plugin:{paid.plugin or '-'}"
        try:
            await self._ledger.hold(user.id, hold, paid.stars, actor=actor, reason="sale")
        except InsufficientStars:
            await self._give_back(user, paid, "payment-sale-short")
            return
        outcome = await self._counter.sell(user, paid)
        error = outcome.error
        if outcome.result is CallResult.DONE:
            await self._ledger.settle(user.id, hold, actor=actor, reason="sale")
        elif isinstance(error, UserFacingError):
            reason = self._letters.in_words(user, error.key, **error.variables)
            await self._give_back(user, paid, "payment-sale-refused", reason=reason)
        elif outcome.result is CallResult.OFF:
            await self._give_back(user, paid, "payment-sale-off")
        elif self._clock.now() - paid.at >= PATIENCE:
            await self._give_back(user, paid, "payment-sale-failed")
        else:
            _log.error("payment_not_taken", plugin=paid.plugin, result=outcome.result.value)
            raise SaleNotTaken(outcome.result.value)

    async def let_go(self, paid: Paid) -> None:
        """Hold nothing for a plugin any more: the payment itself went back before the plugin did its part."""
        with contextlib.suppress(UnknownHold):
            await self._ledger.release(paid.user_id, _hold_of(paid), actor="payments", reason="no sale")

    async def _give_back(self, user: User, paid: Paid, key: str, **variables: object) -> None:
        """Leave the Stars on the balance, for good: what the person is told of stays true."""
        await self._store.keep(paid.charge_id)
        await self.let_go(paid)
        await self._letters.write(user, paid, key, **variables)
        if key != "payment-sale-refused":
            details = {"plugin": paid.plugin or "–", "stars": paid.stars, "charge": paid.charge_id}
            await self._alert(Alert("alert-payment-sale", details))


def _hold_of(paid: Paid) -> str:
    return f"sale:{paid.charge_id}"
