"""What the operator sets about selling Stars: the `[billing]` table of `plugins.toml`."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

MAX_PAYMENT = 100_000
"""Stars; the largest amount that one payment may have. https://core.telegram.org/bots/payments-stars"""
MAX_PLAN_PAYMENT = 10_000
"""Stars; the largest price of a subscription for 30 days. https://core.telegram.org/bots/api#createinvoicelink"""
PLAN_SECONDS = 2_592_000
"""The only period of a subscription that Telegram knows: 30 days."""


class Plan(BaseModel):
    """A monthly plan: `stars` are paid every 30 days, `grant` Stars are credited for them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stars: PositiveInt = Field(le=MAX_PLAN_PAYMENT)
    grant: PositiveInt
    title: dict[str, str] = Field(default_factory=dict)
    """The plan's name by language; without one it is called by its Stars."""

    @model_validator(mode="after")
    def _gives_what_is_paid(self) -> Self:
        if self.grant < self.stars:
            raise ValueError(f"grant must be at least the {self.stars} Stars that are paid")
        return self


class BillingSettings(BaseModel):
    """How Stars are sold. Amounts are Stars."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    packages: tuple[Annotated[int, Field(ge=1, le=MAX_PAYMENT)], ...] = (50, 100, 250, 500, 1000, 2500)
    """The amounts offered by /buy, in this order."""
    plans: dict[str, Plan] = Field(default_factory=dict)
    """Monthly plans by their names."""
    order_hours: PositiveFloat = 24
    """An invoice that was not paid for so long cannot be paid any more."""
    reconcile_minutes: PositiveFloat = 5
    """How often the payments that Telegram knows are compared with the ledger."""
    free_per_day: NonNegativeInt = 3
    """Generations a day that one person may make for nothing with the free models; 0 for none."""
    referral_bonus: NonNegativeInt = 0
    """What somebody is given for a friend's first purchase; 0 switches the links off."""
    topup_least_rub: PositiveInt = 100
    """Roubles; the smallest card transfer that can be asked for."""
    topup_most_rub: PositiveInt = 50_000
    """Roubles; the largest."""
