"""What operators set about spending, in the `[budgets]` table of `plugins.toml`."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.budgets.levels import WARNING_PERCENT

_Usd = Annotated[Decimal, Field(gt=0, le=1_000_000_000)]


class Limits(BaseModel):
    """The most that may be spent, in USD; without a number nothing is limited."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    day_usd: _Usd | None = None
    """USD that may be spent in a day; nothing said: as much as is ordered."""
    month_usd: _Usd | None = None
    """USD that may be spent in a month."""


class BudgetSettings(Limits):
    """Limits over all providers, and of each of them, by days and months of the statistics' time zone."""

    providers: dict[str, Limits] = Field(default_factory=dict)
    """The same of each provider, by its name."""
    warning_percent: Annotated[Decimal, Field(gt=0, le=100)] = Decimal(WARNING_PERCENT)
    """From this share on operators are warned."""
    stop_percent: Annotated[Decimal, Field(gt=0, le=100)] = Decimal(100)
    """What would bring the spending above this share is not ordered any more."""

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.warning_percent > self.stop_percent:
            raise ValueError("warning_percent must not be above stop_percent")
        return self

    @property
    def any(self) -> bool:
        """Whether anything is limited."""
        tables = (self, *self.providers.values())
        return any(table.day_usd is not None or table.month_usd is not None for table in tables)
