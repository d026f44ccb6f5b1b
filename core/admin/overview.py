"""How it goes: the figures of the panel's front page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from core.admin.presence import Presence
from core.clock import Clock
from core.generation.accounts import AccountReading, Accounts
from core.generation.job import JobState
from core.statistics.periods import Period
from core.statistics.statistics import Statistics
from core.statistics.summary import Summary
from core.storage.errors import ErrorStore
from core.storage.generations import JobStore
from core.storage.people_search import PeopleSearch

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Money:
    """What a period brought: Stars, what they bring when withdrawn, and what providers took."""

    stars: int
    usd: Decimal
    cost_usd: Decimal

    @property
    def margin_usd(self) -> Decimal:
        """What is left."""
        return self.usd - self.cost_usd


@dataclass(frozen=True, slots=True)
class Glance:
    """How it goes just now.

    `people` is everybody, `today` those who were here today, `here` those of the last five minutes. `active`
    counts jobs that are not over by their state. `errors` are those of the last 24 hours.
    """

    people: int
    today: int
    here: int
    active: Mapping[JobState, int]
    summary: Summary
    money: Money
    week: Money
    accounts: tuple[AccountReading, ...]
    errors: int
    up_since: datetime


class Overview:
    """Reads the figures. `star_usd` is what a Star brings when it is withdrawn."""

    def __init__(
        self,
        *,
        people: PeopleSearch,
        jobs: JobStore,
        statistics: Statistics,
        accounts: Accounts,
        errors: ErrorStore,
        presence: Presence,
        star_usd: Callable[[], Decimal],
        clock: Clock,
    ) -> None:
        self._people = people
        self._jobs = jobs
        self._statistics = statistics
        self._accounts = accounts
        self._errors = errors
        self._presence = presence
        self._star_usd = star_usd
        self._clock = clock
        self._up_since = clock.now()

    async def now(self) -> Glance:
        """All of it, as it is now. Today is that of the operator's time zone, but for the people of today."""
        today = await self._statistics.of_all(Period.TODAY)
        return Glance(
            people=await self._people.count(),
            today=await self._people.count_seen_today(),
            here=self._presence.count(),
            active=await self._jobs.active_by_state(),
            summary=today,
            money=self.money_of(today),
            week=self.money_of(await self._statistics.of_all(Period.WEEK)),
            accounts=self._accounts.readings(),
            errors=await self._errors.count_since(self._clock.now() - _DAY),
            up_since=self._up_since,
        )

    def money_of(self, summary: Summary) -> Money:
        """What a period brought."""
        return Money(summary.stars, summary.stars * self._star_usd(), summary.cost_usd)
