"""Invoices for orders: as messages, which only the buyer can pay in place, and as links."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from core.billing.orders import START_PREFIX, Order, OrderKind, Orders
from core.billing.settings import PLAN_SECONDS
from core.i18n import Translator
from core.telegram.random_ids import random_id
from core.telegram.types import Button, Invoice, Keyboard, MessageRef

_TITLE = 32
_DESCRIPTION = 255
"""What Telegram takes at most, in characters. https://core.telegram.org/bots/api#sendinvoice"""


class InvoiceMessages(Protocol):
    """The part of the outbox that sends invoices."""

    async def send_invoice(
        self, chat_id: int, invoice: Invoice, *, keyboard: Keyboard = (), random_id: int
    ) -> MessageRef:
        """Send an invoice; one that was sent under this `random_id` before counts as sent."""
        ...


class InvoiceLinks(Protocol):
    """The part of `TelegramStars` that makes links."""

    async def invoice_link(self, invoice: Invoice) -> str:
        """A link at which an invoice is shown."""
        ...


class Invoices:
    """Shows orders to those who may pay them. `translators` speaks a language.

    Every method raises `TelegramError`, and `UserFacingError` where no Stars are taken.
    """

    def __init__(
        self,
        *,
        orders: Orders,
        messages: InvoiceMessages,
        links: InvoiceLinks,
        translators: Callable[[str | None], Translator],
    ) -> None:
        self._orders = orders
        self._messages = messages
        self._links = links
        self._translators = translators

    async def send(self, order: Order, *, keyboard_below: Keyboard = (), again: str = "") -> MessageRef:
        """Send the invoice to the order's chat, below the pay button `keyboard_below`.

        Once for each `again`, the key of whatever asks for another copy. A forwarded copy leads whoever taps
        it to the bot.
        """
        t = self._translators(order.language)
        pay = Button(t.plain("invoice-pay", stars=order.stars), pay=True)
        return await self._messages.send_invoice(
            order.chat_id,
            self._invoice(t, order, start_param=self._orders.start_param(order)),
            keyboard=((pay,), *keyboard_below) if keyboard_below else (),
            random_id=random_id(f"invoice:{order.id}:{again}"),
        )

    async def link(self, order: Order) -> str:
        """A link to the invoice, for a button or a message; a plan can be sold in no other way."""
        return await self._links.invoice_link(self._invoice(self._translators(order.language), order))

    async def open_again(self, parameter: str, user_id: int, *, key: str) -> str:
        """Answer the link of a forwarded copy: its buyer gets the invoice again, once for each `key`.

        The key of a text for everybody else and for an order that cannot be paid; empty for the buyer.
        """
        order = await self._orders.get(parameter.removeprefix(START_PREFIX))
        if order is None:
            return "order-link-unknown"
        if order.user_id != user_id:
            return "order-link-foreign"
        if order.paid:
            return "order-link-paid"
        if self._orders.has_expired(order):
            return "order-link-expired"
        await self.send(order, again=key)
        return ""

    def _invoice(self, t: Translator, order: Order, *, start_param: str = "") -> Invoice:
        self._orders.must_sell()
        kind = order.kind.value
        return Invoice(
            title=(order.title or t.plain("stars", stars=order.stars))[:_TITLE],
            description=t.plain(f"invoice-about-{kind}", stars=order.stars + order.bonus)[:_DESCRIPTION],
            payload=self._orders.payload(order),
            amount=order.stars,
            start_param=start_param,
            subscription_period=PLAN_SECONDS if order.kind is OrderKind.PLAN else None,
        )
