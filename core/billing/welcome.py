"""The welcome balance: an amount in roubles, given to each newcomer once as Stars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.billing.ledger import Ledger
from core.billing.operations import PROMO
from core.errors import KeyConflict

_ACTOR = "welcome"


@dataclass(frozen=True, slots=True)
class RubleRate:
    """How many roubles a US dollar costs, and of which day that is."""

    usd_rub: Decimal
    day: date


def welcome_stars(rub: Decimal, usd_rub: Decimal, star_usd: Decimal) -> int:
    """Whole Stars for roubles: `floor(rub / (usd_rub * star_usd))`.

    Raises:
        ValueError: a rate is not above 0.

    """
    if usd_rub <= 0 or star_usd <= 0:
        raise ValueError("rates are above 0")
    # Not a quotient made whole: one that was rounded up on the way would make a Star too many.
    return max(0, int(rub // (usd_rub * star_usd)))


class Welcome:
    """Gives the welcome balance. `rub` is roubles, 0 for none; `star_usd` the price of a Star in USD."""

    def __init__(self, ledger: Ledger, *, rub: Decimal, rate: RubleRate, star_usd: Decimal) -> None:
        self._ledger = ledger
        self._rub = rub
        self._rate = rate
        self._star_usd = star_usd

    async def grant(self, user_id: int) -> int:
        """Give it; how many Stars came now: 0 when there is none to give, or it was given before.

        The entry keeps the amount in roubles, the rate and its day.
        """
        stars = welcome_stars(self._rub, self._rate.usd_rub, self._star_usd)
        if stars == 0:
            return 0
        try:
            given = await self._ledger.credit(
                user_id,
                stars,
                source=PROMO,
                key=f"welcome:{user_id}",
                reference=f"RUB {self._rub} at USD/RUB {self._rate.usd_rub} of {self._rate.day.isoformat()}",
                actor=_ACTOR,
                reason="welcome balance",
            )
        except KeyConflict:
            # It was given before at another rate.
            return 0
        return stars if given else 0
