"""Payments that were made, and the service messages that tell of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from pyrogram.raw import types as T
from pyrogram.raw.core import TLObject

from sandbox.world.invoices import CURRENCY
from sandbox.world.state import Draft, Peer, PeerKind


@dataclass(slots=True, eq=False)
class Charge:
    """One payment: `id` is what a refund asks for (`telegram_payment_charge_id`). `amount` is in Stars."""

    id: str
    buyer_id: int
    bot_id: int
    slug: str
    amount: int
    payload: bytes
    subscription_id: str = ""
    subscription_until: int | None = None
    first: bool = False
    """Whether it began its subscription."""
    by_link: bool = False
    refunded: bool = False

    def paid_draft(self, reply_to: int | None) -> Draft:
        """The service message about the payment; the bot sees charge and payload, the buyer does not."""
        common = {
            "currency": CURRENCY,
            "total_amount": self.amount,
            "recurring_init": self.first or None,
            "recurring_used": bool(self.subscription_id) or None,
            "subscription_until_date": self.subscription_until,
        }
        for_buyer = T.MessageActionPaymentSent(**common, invoice_slug=self.slug if self.by_link else None)
        for_bot = T.MessageActionPaymentSentMe(**common, payload=self.payload, charge=self._raw())
        return Draft(
            sender=self._buyer,
            peer=self._bot,
            reply_to=reply_to,
            action=for_buyer,
            action_for={self.bot_id: for_bot, self.buyer_id: for_buyer},
        )

    def refunded_draft(self) -> Draft:
        """The service message about the refund."""
        common = {
            "peer": self._bot.raw(),
            "currency": CURRENCY,
            "total_amount": self.amount,
            "charge": self._raw(),
        }
        for_buyer = T.MessageActionPaymentRefunded(**common)
        for_bot = T.MessageActionPaymentRefunded(**common, payload=self.payload)
        return Draft(
            sender=self._bot,
            peer=self._buyer,
            action=for_buyer,
            action_for={self.bot_id: for_bot, self.buyer_id: for_buyer},
        )

    def to_json(self) -> dict[str, Any]:
        """The charge as JSON can hold it."""
        return asdict(self) | {"payload": self.payload.hex()}

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Charge:
        """What `to_json` made, as a charge again."""
        return cls(**row | {"payload": bytes.fromhex(row["payload"])})

    @property
    def _buyer(self) -> Peer:
        return Peer(PeerKind.USER, self.buyer_id)

    @property
    def _bot(self) -> Peer:
        return Peer(PeerKind.USER, self.bot_id)

    def _raw(self) -> TLObject:
        return T.PaymentCharge(id=self.id, provider_charge_id=f"{self.buyer_id}_{self.id[-12:]}")
