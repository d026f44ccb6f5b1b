"""Monthly subscriptions paid in Stars: who has one, until when, and whether it goes on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from pyrogram.raw import types as T
from pyrogram.raw.core import TLObject

from sandbox.world.invoices import SUBSCRIPTION_PERIOD
from sandbox.world.state import Peer, PeerKind


class SubscriptionChange(StrEnum):
    """What a bot is told of a subscription (`updateBotStarsSubscription`)."""

    CANCELED = "canceled"
    RESTORED = "restored"
    PAYMENT_FAILED = "payment_failed"


@dataclass(slots=True, eq=False)
class Subscription:
    """One person's subscription to what one bot's link sells. `id` is the charge id of its first payment."""

    id: str
    buyer_id: int
    slug: str
    bot_id: int
    title: str
    payload: bytes
    amount: int
    """Stars for every period."""
    until: int
    """Unix seconds to which it is paid."""
    canceled: bool = False
    """By the person."""
    bot_canceled: bool = False
    missing_balance: bool = False

    @property
    def goes_on(self) -> bool:
        """Whether it will be charged again at the end of its period."""
        return not self.canceled and not self.bot_canceled

    def update(self, change: SubscriptionChange, qts: int) -> TLObject:
        """What its bot is told of a change."""
        return T.UpdateBotStarsSubscription(
            user_id=self.buyer_id, payload=self.payload, qts=qts, **{change.value: True}
        )

    def raw(self) -> TLObject:
        """The same as Telegram's own `StarsSubscription`, as the person sees it."""
        return T.StarsSubscription(
            id=self.id,
            peer=Peer(PeerKind.USER, self.bot_id).raw(),
            until_date=self.until,
            pricing=T.StarsSubscriptionPricing(period=SUBSCRIPTION_PERIOD, amount=self.amount),
            canceled=self.canceled or None,
            bot_canceled=self.bot_canceled or None,
            missing_balance=self.missing_balance or None,
            title=self.title,
            invoice_slug=self.slug,
        )

    def to_json(self) -> dict[str, Any]:
        """The subscription as JSON can hold it."""
        return asdict(self) | {"payload": self.payload.hex()}

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Subscription:
        """What `to_json` made, as a subscription again."""
        return cls(**row | {"payload": bytes.fromhex(row["payload"])})
