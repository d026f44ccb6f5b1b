"""What can be asked back: a person's own payments, and the generations that they paid for of late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from plugins.buy.part import short_id
from starloom.api import Entry

PAYMENT, GENERATION = "payment", "generation"


@dataclass(frozen=True, slots=True)
class Item:
    """Something that can be asked back: a payment by its charge id, or a generation by its request id.

    `stars` were paid, `at` is when.
    """

    kind: str
    id: str
    stars: int
    at: datetime

    @property
    def token(self) -> str:
        """Eight characters that name it in a button."""
        return short_id(f"{self.kind}:{self.id}")

    @property
    def case_id(self) -> str:
        """The id of the case in which it is asked for."""
        return f"refund:{self.id}" if self.kind == PAYMENT else f"refund-job:{self.id}"


def items_in(entries: Sequence[Entry], user_id: int, *, since: datetime) -> list[Item]:
    """The items in a person's statement, in its order; generations only from `since` on."""
    own = f"user:{user_id}"
    free = {entry.key for entry in entries if entry.key.startswith("hold:") and entry.debit != own}
    items = []
    for entry in entries:
        if entry.key.startswith("stars:") and entry.credit == own:
            items.append(Item(PAYMENT, entry.key.removeprefix("stars:"), entry.amount, entry.at))
        elif entry.key.startswith("settle:") and entry.at >= since:
            hold_id = entry.key.removeprefix(f"settle:{user_id}:")
            # Holds of other features than generations name their feature first.
            if ":" not in hold_id and f"hold:{user_id}:{hold_id}" not in free:
                items.append(Item(GENERATION, hold_id, entry.amount, entry.at))
    return items
