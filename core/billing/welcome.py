"""The welcome balance: an amount in roubles, given to each newcomer once as Stars."""

from __future__ import annotations

from decimal import Decimal

from core.billing.amounts import Amounts
from core.billing.ledger import Ledger
from core.billing.operations import PROMO
from core.errors import KeyConflict

_ACTOR = "welcome"


class Welcome:
    """Gives the welcome balance. `rub` is roubles, 0 for none."""

    def __init__(self, ledger: Ledger, amounts: Amounts, *, rub: Decimal) -> None:
        self._ledger = ledger
        self._amounts = amounts
        self._rub = rub

    async def grant(self, user_id: int) -> int:
        """Give it; how many Stars came now: 0 when there is none to give, or it was given before.

        The entry keeps the amount in roubles, the rate, its day and whose it is.
        """
        if self._rub <= 0:
            return 0
        worth = await self._amounts.rub_to_stars(self._rub)
        if worth.stars == 0:
            return 0
        try:
            given = await self._ledger.credit(
                user_id,
                worth.stars,
                source=PROMO,
                key=f"welcome:{user_id}",
                reference=worth.reference(self._rub),
                actor=_ACTOR,
                reason="welcome balance",
            )
        except KeyConflict:
            # It was given before at another rate.
            return 0
        return worth.stars if given else 0
