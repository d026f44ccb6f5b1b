"""Telegram Stars on the local Telegram: invoices, purchases, refunds and subscriptions of one world."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING, Any, Protocol

from pyrogram.raw.core import TLObject

from sandbox.rpc import RpcError
from sandbox.world.charges import Charge
from sandbox.world.checkout import Approval, Checkouts, NotEnoughStars, PaymentRefused
from sandbox.world.feed import Delta
from sandbox.world.invoices import (
    LINK_PREFIX,
    SUBSCRIPTION_PERIOD,
    Invoice,
    link_keyboard,
    paid_media,
    pay_keyboard,
    read_invoice,
    shown_photo,
    slug_of,
)
from sandbox.world.stars_book import StarsBook, Transaction
from sandbox.world.state import Media, Peer, PeerKind, StoredMessage
from sandbox.world.subscriptions import Subscription, SubscriptionChange

if TYPE_CHECKING:
    from sandbox.world.world import World

_LETTERS = string.ascii_letters + string.digits
_CHARGE_ID = re.compile(r"stx[A-Za-z0-9]{40}")
_INVOICE = "invoice"
"""Under this name a message's media remembers the slug of its invoice."""


class HasId(Protocol):
    """An account, or the person behind one."""

    @property
    def id(self) -> int:
        """The account's id."""
        ...


class Stars:
    """Everything about Stars in one world (`world.stars`)."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.book = StarsBook()
        self.checkouts = Checkouts(world)
        self.invoices: dict[str, Invoice] = {}
        self.charges: dict[str, Charge] = {}
        self.subscriptions: dict[str, Subscription] = {}
        self._payments_to_hide = 0

    # Balances

    def balance(self, account: int | HasId) -> int:
        """Stars of an account."""
        return self.book.balance(_id(account))

    def grant(self, account: int | HasId, amount: int) -> Transaction:
        """Let somebody buy `amount` Stars in the store.

        Raises:
            ValueError: for less than one.
        """
        if amount < 1:
            raise ValueError("grant at least one Star")
        return self._write(_id(account), amount, self._charge_id())

    def withdraw(self, account: int | HasId, amount: int) -> Transaction:
        """Take `amount` Stars out of Telegram, as a bot's owner does.

        Raises:
            ValueError: for less than one, or more than there are.
        """
        if not 1 <= amount <= self.balance(account):
            raise ValueError("withdraw at least one Star and no more than there are")
        return self._write(_id(account), -amount, self._charge_id())

    # Invoices

    def invoice_media(self, bot_id: int, media: TLObject) -> Media:
        """What hangs on the message that a bot sends with an `InputMediaInvoice`.

        Raises:
            RpcError: where Telegram would refuse the invoice.
        """
        invoice = self._add_invoice(bot_id, media, link=False)
        return Media(raw=invoice.raw_media(shown_photo(media.photo)), details={_INVOICE: invoice.slug})

    def invoice_link(self, bot_id: int, media: TLObject) -> str:
        """A link under which an invoice can be paid, by anybody and any number of times.

        Raises:
            RpcError: where Telegram would refuse the invoice.
        """
        return LINK_PREFIX + self._add_invoice(bot_id, media, link=True).slug

    def invoice_in(self, stored: StoredMessage) -> Invoice | None:
        """The invoice that hangs on a message."""
        slug = stored.media.details.get(_INVOICE) if stored.media is not None else None
        return None if slug is None else self.invoices[str(slug)]

    def payable_in_place(self, stored: StoredMessage) -> bool:
        """Whether a message can be paid where it is: a forwarded invoice only if it has no `start_param`."""
        invoice = self.invoice_in(stored)
        return invoice is not None and (stored.forward is None or not invoice.start_param)

    def forwarded_keyboard(self, stored: StoredMessage) -> TLObject | None:
        """The keyboard of an invoice sent on: to pay it in place, or to the bot if it has a `start_param`.

        None for what is no invoice.
        """
        invoice = self.invoice_in(stored)
        if invoice is None:
            return None
        if not invoice.start_param:
            return pay_keyboard(invoice.amount)
        username = self._world.accounts[invoice.bot_id].username
        return link_keyboard(invoice.amount, f"https://t.me/{username}?start={invoice.start_param}")

    # Purchases

    async def check_out(self, buyer_id: int, target: StoredMessage | str) -> Approval:
        """Press the pay button of a message, or open an invoice link, and wait for the bot's word.

        Raises:
            PaymentFailed: PaymentRefused, PaymentTimedOut or NotEnoughStars.
        """
        message = None if isinstance(target, str) else target
        invoice = self._linked(target) if isinstance(target, str) else self._shown(target)
        self._require_stars(buyer_id, invoice.amount)
        await self.checkouts.ask(buyer_id, invoice)
        return Approval(buyer_id, invoice, message)

    def confirm(self, approval: Approval) -> Charge:
        """Move the Stars for an approved purchase, and tell both sides.

        Raises:
            PaymentFailed: NotEnoughStars, or PaymentRefused (FORM_SUBMIT_DUPLICATE) for one used before.
        """
        if approval.paid:
            raise PaymentRefused("FORM_SUBMIT_DUPLICATE")
        invoice, buyer_id = approval.invoice, approval.buyer_id
        self._require_stars(buyer_id, invoice.amount)
        approval.paid = True
        charge = Charge(
            id=self._charge_id(),
            buyer_id=buyer_id,
            bot_id=invoice.bot_id,
            slug=invoice.slug,
            amount=invoice.amount,
            payload=invoice.payload,
            by_link=invoice.link,
        )
        if invoice.subscription_period is not None:
            self._subscribe(charge, invoice)
        self._move(charge, approval.message)
        return charge

    def hide_payments(self, count: int = 1) -> None:
        """Let the messages about the next `count` payments be lost: only the transactions tell of them."""
        self._payments_to_hide += count

    # Refunds

    def refund(self, bot_id: int, buyer_id: int, charge_id: str) -> Delta:
        """Give a payment back, as its bot asks; the service message about it.

        Raises:
            RpcError: CHARGE_ID_EMPTY, CHARGE_ID_INVALID, CHARGE_NOT_FOUND, CHARGE_ALREADY_REFUNDED or
                BALANCE_TOO_LOW.
        """
        charge = self._charge_of(bot_id, buyer_id, charge_id)
        if charge.refunded:
            raise RpcError(400, "CHARGE_ALREADY_REFUNDED")
        if self.balance(bot_id) < charge.amount:
            raise RpcError(400, "BALANCE_TOO_LOW")
        self._write_refund(charge)
        return self._world.post(charge.refunded_draft(), answered=bot_id)[0]

    def charge_back(self, charge_id: str) -> None:
        """Let the store take a payment back without asking the bot, whose balance may become negative.

        The buyer has the money back from the store, not the Stars.

        Raises:
            KeyError: if there is no such payment.
            ValueError: if it is refunded already.
        """
        charge = self.charges[charge_id]
        if charge.refunded:
            raise ValueError("the payment is refunded already")
        self._write_refund(charge, to_buyer=False)
        self._world.post(charge.refunded_draft())

    # Subscriptions

    def renew(self, subscription: str | Subscription) -> Charge | None:
        """Let a subscription's period end: it is charged again, or its bot hears why not.

        None if the buyer has too few Stars (the bot is told that the payment failed) or if it was cancelled.
        """
        known = self._subscription(subscription)
        if not known.goes_on:
            return None
        known.missing_balance = self.balance(known.buyer_id) < known.amount
        if known.missing_balance:
            self._tell_change(known, SubscriptionChange.PAYMENT_FAILED)
            return None
        known.until += SUBSCRIPTION_PERIOD
        charge = Charge(
            id=self._charge_id(),
            buyer_id=known.buyer_id,
            bot_id=known.bot_id,
            slug=known.slug,
            amount=known.amount,
            payload=known.payload,
            subscription_id=known.id,
            subscription_until=known.until,
            by_link=True,
        )
        self._move(charge, None)
        return charge

    def cancel(self, subscription: str | Subscription) -> None:
        """Let the person cancel; it stays good to the end of the period that is paid."""
        known = self._subscription(subscription)
        if not known.canceled:
            known.canceled = True
            self._tell_change(known, SubscriptionChange.CANCELED)

    def resume(self, subscription: str | Subscription) -> None:
        """Let the person take a cancelled subscription up again."""
        known = self._subscription(subscription)
        if known.canceled:
            known.canceled = False
            self._tell_change(known, SubscriptionChange.RESTORED)

    def cancel_by_bot(self, bot_id: int, buyer_id: int, charge_id: str, *, restore: bool) -> None:
        """Let the bot end a subscription, or (`restore`) allow it again; any of its payments names it.

        Raises:
            RpcError: CHARGE_ID_EMPTY, CHARGE_ID_INVALID, CHARGE_NOT_FOUND or SUBSCRIPTION_NOT_MODIFIED.
        """
        charge = self._charge_of(bot_id, buyer_id, charge_id)
        known = self.subscriptions.get(charge.subscription_id)
        if known is None:
            raise RpcError(400, "CHARGE_NOT_FOUND")
        if known.bot_canceled is not restore:
            raise RpcError(400, "SUBSCRIPTION_NOT_MODIFIED")
        known.bot_canceled = not restore

    def subscriptions_of(self, buyer_id: int) -> list[Subscription]:
        """A person's subscriptions, oldest first."""
        return [known for known in self.subscriptions.values() if known.buyer_id == buyer_id]

    # Saving

    def to_json(self) -> dict[str, Any]:
        """Everything as JSON can hold it; purchases that wait for an answer are not kept."""
        return {
            "book": self.book.to_json(),
            "invoices": [invoice.to_json() for invoice in self.invoices.values()],
            "charges": [charge.to_json() for charge in self.charges.values()],
            "subscriptions": [known.to_json() for known in self.subscriptions.values()],
        }

    def load_json(self, rows: dict[str, Any]) -> None:
        """Take over what `to_json` made."""
        self.book.load_json(rows["book"])
        self.invoices = {row["slug"]: Invoice.from_json(row) for row in rows["invoices"]}
        self.charges = {row["id"]: Charge.from_json(row) for row in rows["charges"]}
        self.subscriptions = {row["id"]: Subscription.from_json(row) for row in rows["subscriptions"]}

    # Inside

    def _add_invoice(self, bot_id: int, media: TLObject, *, link: bool) -> Invoice:
        invoice = read_invoice(media, bot_id=bot_id, slug=self._letters(16), link=link)
        self.invoices[invoice.slug] = invoice
        return invoice

    def _linked(self, link: str) -> Invoice:
        invoice = self.invoices.get(slug_of(link) or "")
        if invoice is None or not invoice.link:
            raise PaymentRefused("SLUG_INVALID")
        return invoice

    def _shown(self, stored: StoredMessage) -> Invoice:
        invoice = self.invoice_in(stored)
        if invoice is None or not self.payable_in_place(stored):
            raise PaymentRefused("MESSAGE_ID_INVALID")
        return invoice

    def _require_stars(self, buyer_id: int, amount: int) -> None:
        balance = self.balance(buyer_id)
        if balance < amount:
            raise NotEnoughStars(amount, balance)

    def _subscribe(self, charge: Charge, invoice: Invoice) -> None:
        charge.first = True
        charge.subscription_id = charge.id
        charge.subscription_until = self._world.now() + SUBSCRIPTION_PERIOD
        self.subscriptions[charge.id] = Subscription(
            id=charge.id,
            buyer_id=charge.buyer_id,
            slug=invoice.slug,
            bot_id=invoice.bot_id,
            title=invoice.title,
            payload=invoice.payload,
            amount=invoice.amount,
            until=charge.subscription_until,
        )

    def _move(self, charge: Charge, message: StoredMessage | None) -> None:
        invoice = self.invoices[charge.slug]
        about = {
            "title": invoice.title,
            "description": invoice.description,
            "subscription_id": charge.subscription_id,
            "subscription_period": invoice.subscription_period,
        }
        self.charges[charge.id] = charge
        self._write(charge.buyer_id, -charge.amount, charge.id, partner_id=charge.bot_id, **about)
        self._write(
            charge.bot_id,
            charge.amount,
            charge.id,
            partner_id=charge.buyer_id,
            payload=charge.payload,
            **about,
        )
        if self._payments_to_hide:
            self._payments_to_hide -= 1
            return
        here = message is not None and {charge.bot_id, charge.buyer_id} == message.ids.keys()
        told = self._world.post(charge.paid_draft(message.key if message is not None and here else None))[0]
        if message is not None and message.media is not None and here:
            message.media = paid_media(message.media, charge.buyer_id, told.message.ids[charge.buyer_id])

    def _write_refund(self, charge: Charge, *, to_buyer: bool = True) -> None:
        charge.refunded = True
        invoice = self.invoices[charge.slug]
        about = {"refund": True, "title": invoice.title, "subscription_id": charge.subscription_id}
        if to_buyer:
            self._write(charge.buyer_id, charge.amount, charge.id, partner_id=charge.bot_id, **about)
        self._write(
            charge.bot_id,
            -charge.amount,
            charge.id,
            partner_id=charge.buyer_id,
            payload=charge.payload,
            **about,
        )

    def _write(
        self, account_id: int, amount: int, charge_id: str, *, partner_id: int | None = None, **about: Any
    ) -> Transaction:
        return self.book.write(
            account_id, amount, id=charge_id, date=self._world.now(), partner_id=partner_id, **about
        )

    def _charge_of(self, bot_id: int, buyer_id: int, charge_id: str) -> Charge:
        if not charge_id:
            raise RpcError(400, "CHARGE_ID_EMPTY")
        if not _CHARGE_ID.fullmatch(charge_id):
            raise RpcError(400, "CHARGE_ID_INVALID")
        charge = self.charges.get(charge_id)
        if charge is None or (charge.bot_id, charge.buyer_id) != (bot_id, buyer_id):
            raise RpcError(400, "CHARGE_NOT_FOUND")
        return charge

    def _subscription(self, subscription: str | Subscription) -> Subscription:
        return self.subscriptions[subscription] if isinstance(subscription, str) else subscription

    def _tell_change(self, known: Subscription, change: SubscriptionChange) -> None:
        self._world.push_counted(
            known.bot_id, lambda qts: known.update(change, qts), (Peer(PeerKind.USER, known.buyer_id),)
        )

    def _charge_id(self) -> str:
        return f"stx{self._letters(40)}"

    def _letters(self, count: int) -> str:
        return "".join(self._world.random.choices(_LETTERS, k=count))


def _id(account: int | HasId) -> int:
    return account if isinstance(account, int) else account.id
