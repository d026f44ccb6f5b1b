"""What operators are told of a refund: before it begins, and after their command."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.storage.payments import Paid
from core.storage.refunds import Refund, RefundState


class RefundResult(StrEnum):
    """What became of an operator's command."""

    DONE = "done"
    BEFORE = "before"
    """It was refunded before, by an operator or by Telegram."""
    UNDER_WAY = "under-way"
    """Somebody's attempt has not ended."""
    WAITING = "waiting"
    """Telegram has not answered; the attempt goes on by itself."""
    SHORT = "short"
    """The person has spent some of the Stars; nothing has changed."""
    REFUSED = "refused"
    """Telegram refused; nothing has changed."""


@dataclass(frozen=True, slots=True)
class RefundPreview:
    """What a refund would take, before it begins. Amounts are Stars.

    `wanted` is what the ledger would take back (the payment and its bonus), `missing` what the person's
    balance lacks of that. `held` is set aside for generations that run and cannot be taken.
    """

    paid: Paid
    wanted: int
    available: int
    held: int
    missing: int
    refund: Refund | None

    @property
    def state(self) -> RefundState | None:
        """How far the newest attempt is; None when there was none."""
        return self.refund.state if self.refund else None


@dataclass(frozen=True, slots=True)
class RefundOutcome:
    """What became of an operator's command; `refund` is the attempt that counts: whose it is, since when."""

    result: RefundResult
    paid: Paid
    refund: Refund
