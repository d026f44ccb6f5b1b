"""Everything about money, put together for one spell of duty."""

from __future__ import annotations

from dataclasses import dataclass

from core.billing.letters import Letters
from core.billing.settings import BillingSettings


@dataclass(frozen=True, slots=True)
class Billing:
    """The parts that move people's Stars, for the core and for plugins that are granted `billing`."""

    settings: BillingSettings
    letters: Letters
