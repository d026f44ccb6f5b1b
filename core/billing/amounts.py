"""Amounts for people: Stars in words, in credits and in money; and roubles in Stars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, Protocol

from core.billing.rates import RubleRate, stars_for_rub
from core.i18n import Html, Translator, with_places
from core.preferences import Units

CREDIT = 100
"""Stars; how many make a credit."""
_CENT = Decimal("0.01")

Currency = Literal["USD", "RUB"]


class RubleRates(Protocol):
    """Where the rate of the day comes from; see `core.billing.rates`."""

    def current(self) -> RubleRate:
        """The rate that is known just now."""
        ...

    async def learned(self) -> RubleRate:
        """The rate of the day, asked for where it is not known yet."""
        ...


@dataclass(frozen=True, slots=True)
class RubStars:
    """What roubles are worth: whole Stars, at so many roubles a US dollar, of which day and whose rate."""

    stars: int
    rate: Decimal
    day: date
    official: bool

    def reference(self, rub: Decimal) -> str:
        """What an entry of the ledger keeps about it."""
        return RubleRate(self.rate, self.day, self.official).reference(rub)


class Amounts:
    """Says amounts of Stars. `star_usd` is what one Star brings, in USD."""

    def __init__(self, rates: RubleRates, *, star_usd: Decimal, currency: Currency = "USD") -> None:
        self._rates = rates
        self._star_usd = star_usd
        self._currency = currency

    @property
    def star_usd(self) -> Decimal:
        """What one Star brings when it is withdrawn, in USD."""
        return self._star_usd

    def words(self, t: Translator, stars: int, units: Units = Units.ALL, *, said: Html | None = None) -> Html:
        """Stars and what stands beside them for this person: `150 Stars (1.5 credits, ≈ $1.95)` with all.

        `said` is how the Stars are written, where it is not as usual.
        """
        said = said if said is not None else t("stars", stars=stars)
        if stars == 0 or units is Units.STARS:
            return said
        credits = t("credits", credits=Decimal(stars) / CREDIT)
        if units is Units.CREDITS:
            return t("amount-beside", stars=said, amount=credits)
        if units is Units.MONEY:
            return t("amount-beside", stars=said, amount=self.money(t, stars))
        return t("amount-words", stars=said, credits=credits, money=self.money(t, stars))

    def approx(self, t: Translator, stars: int) -> Html:
        """The money alone, as in `≈ $0.13`."""
        if self._currency == "USD":
            return t("amount-usd", value=_shown(stars * self._star_usd))
        rate = self._rates.current()
        return t("amount-rub", value=_shown(stars * self._star_usd * rate.usd_rub))

    def money(self, t: Translator, stars: int) -> Html:
        """The money, and for roubles whose rate it is, as in `≈ 10.40 ₽ at our own rate`."""
        approx = self.approx(t, stars)
        if self._currency == "USD":
            return approx
        rate = self._rates.current()
        if rate.official:
            return t("amount-at-bank-rate", money=approx, day=rate.day)
        return t("amount-at-own-rate", money=approx)

    async def rub_to_stars(self, rub: Decimal) -> RubStars:
        """Whole Stars for roubles at the rate of the day: `floor(rub / (usd_rub * star_usd))`."""
        rate = await self._rates.learned()
        stars = stars_for_rub(rub, rate.usd_rub, self._star_usd)
        return RubStars(stars, rate.usd_rub, rate.day, rate.official)


def _shown(value: Decimal) -> object:
    return with_places(value.quantize(_CENT, ROUND_HALF_UP), 2)
