"""The welcome balance."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_tools import ALICE, assert_sound

from core.billing.amounts import Amounts
from core.billing.ledger import Balance, Ledger
from core.billing.rates import Rates, stars_for_rub
from core.billing.welcome import Welcome
from core.storage.database import Database
from core.storage.settings import SettingsStore
from sandbox.clock import ManualClock

STAR = Decimal("0.013")
Make = Callable[..., Welcome]


@pytest.fixture
def welcome(ledger: Ledger, database: Database, clock: ManualClock) -> Make:
    def make(rub: str, rate: str = "81.5") -> Welcome:
        rates = Rates(store=SettingsStore(database), clock=clock, configured=Decimal(rate))
        return Welcome(ledger, Amounts(rates, star_usd=STAR), rub=Decimal(rub))

    return make


@pytest.mark.parametrize(
    ("rub", "usd_rub", "star_usd", "stars"),
    [
        ("100", "81.5", "0.013", 94),
        ("0", "81.5", "0.013", 0),
        ("1", "81.5", "0.013", 0),
        ("1.0595", "81.5", "0.013", 1),
        ("1.0594", "81.5", "0.013", 0),
        ("-5", "81.5", "0.013", 0),
        ("3", "3", "0.1", 10),
    ],
)
def test_roubles_become_whole_stars_rounded_down(rub: str, usd_rub: str, star_usd: str, stars: int) -> None:
    assert stars_for_rub(Decimal(rub), Decimal(usd_rub), Decimal(star_usd)) == stars


@given(
    st.decimals("0", "1000000", places=2),
    st.decimals("0.01", "999", places=4),
    st.decimals("0.001", "1", places=4),
)
def test_never_a_star_more_than_paid_for_and_less_than_one_too_few(
    rub: Decimal, usd_rub: Decimal, star_usd: Decimal
) -> None:
    stars = stars_for_rub(rub, usd_rub, star_usd)
    assert stars * usd_rub * star_usd <= rub < (stars + 1) * usd_rub * star_usd


@pytest.mark.parametrize(("usd_rub", "star_usd"), [("0", "1"), ("1", "0"), ("-1", "1")])
def test_a_rate_is_above_zero(usd_rub: str, star_usd: str) -> None:
    with pytest.raises(ValueError, match="above 0"):
        stars_for_rub(Decimal(1), Decimal(usd_rub), Decimal(star_usd))


async def test_a_newcomer_is_given_it_once_with_the_rate_in_the_entry(ledger: Ledger, welcome: Make) -> None:
    assert await welcome("100").grant(ALICE) == 94
    assert await welcome("100").grant(ALICE) == 0
    assert await ledger.balance(ALICE) == Balance(94, 0)
    (entry,) = await ledger.statement(ALICE)
    assert (entry.key, entry.debit, entry.amount) == (f"welcome:{ALICE}", "promo", 94)
    assert entry.reference == "RUB 100 at USD/RUB 81.5 of 2030-01-01, set by the operator"
    await assert_sound(ledger)


async def test_another_rate_later_gives_nothing_more(ledger: Ledger, welcome: Make) -> None:
    await welcome("100").grant(ALICE)
    assert await welcome("100", "90").grant(ALICE) == 0
    assert await ledger.balance(ALICE) == Balance(94, 0)


async def test_no_welcome_balance_makes_no_entry(ledger: Ledger, welcome: Make) -> None:
    assert await welcome("0").grant(ALICE) == 0
    assert await welcome("1").grant(ALICE) == 0
    assert await ledger.statement(ALICE) == []
