"""The hands of a person on invoices: paying in Telegram Stars, at once or in two steps."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sandbox.people.handles import Addressable
from sandbox.people.reading import PersonError, Reading
from sandbox.people.views import MessageView
from sandbox.world.checkout import (
    Approval,
    NotEnoughStars,
    PaymentFailed,
    PaymentRefused,
    PaymentTimedOut,
)
from sandbox.world.invoices import Invoice
from sandbox.world.stars import Stars
from sandbox.world.state import StoredMessage
from sandbox.world.subscriptions import Subscription

__all__ = [
    "Checkout",
    "NotEnoughStars",
    "PaymentFailed",
    "PaymentRefused",
    "PaymentTimedOut",
    "Payments",
    "Receipt",
]

PAYMENT_PATIENCE = 15.0
"""Real seconds after which a person gives up a payment; the bot itself has ten by the world's clock."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was paid: `charge_id` is Telegram's (`telegram_payment_charge_id`), `amount` in whole Stars."""

    charge_id: str
    amount: int


class Checkout:
    """A purchase that the bot has approved and that waits for the person's last tap."""

    def __init__(self, stars: Stars, approval: Approval) -> None:
        self._stars = stars
        self._approval = approval

    @property
    def invoice(self) -> Invoice:
        """What is being bought."""
        return self._approval.invoice

    async def confirm(self) -> Receipt:
        """Pay.

        Raises:
            NotEnoughStars: if the Stars have gone in the meantime.
            PaymentRefused: FORM_SUBMIT_DUPLICATE, if this purchase was confirmed before.
        """
        charge = self._stars.confirm(self._approval)
        return Receipt(charge.id, charge.amount)


class Payments(Reading):
    """The part of a person's hands that pays."""

    async def pay(
        self,
        target: MessageView | int | str | None = None,
        *,
        chat: Addressable | None = None,
        within: float = PAYMENT_PATIENCE,
    ) -> Receipt:
        """Pay an invoice: a message, its id in `chat`, a link, or (None) the newest invoice of the chat.

        Raises:
            NotEnoughStars: before the bot was asked.
            PaymentRefused: with the bot's reason.
            PaymentTimedOut: if the bot did not answer in time.
            PersonError: if there is no such message.
        """
        return await (await self.checkout(target, chat=chat, within=within)).confirm()

    async def checkout(
        self,
        target: MessageView | int | str | None = None,
        *,
        chat: Addressable | None = None,
        within: float = PAYMENT_PATIENCE,
    ) -> Checkout:
        """The first half of `pay`: the bot is asked and agrees; nothing is charged before `confirm`.

        Raises:
            PaymentFailed: NotEnoughStars, PaymentRefused or PaymentTimedOut, as `pay` does.
            PersonError: if there is no such message.
        """
        stars = self.world.stars
        try:
            async with asyncio.timeout(within):
                approval = await stars.check_out(self.id, self._payable(target, chat))
        except TimeoutError:
            raise PaymentTimedOut(f"the bot did not answer in {within} s") from None
        return Checkout(stars, approval)

    @property
    def subscriptions(self) -> list[Subscription]:
        """The person's subscriptions, oldest first."""
        return self.world.stars.subscriptions_of(self.id)

    def cancel_subscription(self, subscription: Subscription | None = None) -> None:
        """Cancel a subscription (the newest, if none is named); it is good to the end of its period.

        Raises:
            PersonError: if the person has none.
        """
        self.world.stars.cancel(self._own(subscription))

    def resume_subscription(self, subscription: Subscription | None = None) -> None:
        """Take a cancelled subscription up again (the newest, if none is named).

        Raises:
            PersonError: if the person has none.
        """
        self.world.stars.resume(self._own(subscription))

    def _own(self, subscription: Subscription | None) -> Subscription:
        found = self.subscriptions
        if subscription is None and not found:
            raise PersonError("there is no subscription")
        return found[-1] if subscription is None else subscription

    def _payable(
        self, target: MessageView | int | str | None, chat: Addressable | None
    ) -> StoredMessage | str:
        if isinstance(target, str):
            return target
        if target is not None:
            return self.stored(target, chat)
        stars = self.world.stars
        found = self.newest(lambda stored: stars.invoice_in(stored) is not None, chat)
        if found is None:
            raise PersonError("there is no invoice in this chat")
        return found
