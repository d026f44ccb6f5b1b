"""What follows, all over the house, from what happens in one part of it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from core.admin.presence import Presence
from core.admin.team import Team
from core.billing.orders import Orders
from core.billing.welcome import Welcome
from core.clock import Clock
from core.errors import DatabaseAway, UserFacingError
from core.generation.job import FINAL_STATES, Job
from core.menu import CommandMenu
from core.observability.metrics import Metrics
from core.plugin_manager import PluginManager
from core.statistics.counter import Counter
from core.statistics.statistics import StatisticsBook
from core.storage.generations import JobStore
from core.storage.users import UserStore
from core.users import User


class Reactions:
    """Told of a newcomer, of a generation that changes, of a promo code before it is redeemed.

    `orders` is asked for late, as billing itself tells what happens.
    """

    def __init__(
        self,
        *,
        plugins: PluginManager,
        users: UserStore,
        welcome: Welcome,
        team: Team,
        menu: CommandMenu,
        presence: Presence,
        jobs: JobStore,
        statistics: StatisticsBook,
        counter: Counter,
        orders: Callable[[], Orders],
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._plugins = plugins
        self._users = users
        self._welcome = welcome
        self._team = team
        self._menu = menu
        self._presence = presence
        self._jobs = jobs
        self._statistics = statistics
        self._counter = counter
        self._orders = orders
        self._metrics = metrics
        self._clock = clock

    def person_seen(self, user: User) -> None:
        """Note who writes or presses."""
        self._presence.note(user.id)
        self._menu.follow(user)

    async def person_arrived(self, user: User) -> None:
        """Give the welcome balance before the first answer tells of it."""
        if user.left_on is None:
            await self._welcome.grant(user.id)
        await self._plugins.notify("person_arrived", user=user)
        # Noted last: after a crash on the way the person arrives once more, and the grant has its own key.
        await self._users.set_arrived(user.id)
        if self._team.role_of(user.id) is not None:
            # There is a chat now in which the operator's own menu can be set.
            self._menu.refresh()

    async def generation_changed(self, job: Job) -> None:
        """Count it, let go of what only a running generation needs, and tell plugins."""
        self._metrics.jobs.labels(job.state.value, job.provider, job.model_id).inc()
        if job.state in FINAL_STATES:
            await self._generation_ended(job)
        await self._plugins.notify("generation_changed", job=job)

    async def generation_given_back(self, job_id: str, key: str, stars: int) -> None:
        """Let the statistics say what the ledger says of a generation whose price went back."""
        job = await self._jobs.get(job_id)
        if job is not None and await self._statistics.correct(job, key=key, stars=stars):
            self._counter.wake()

    async def check_promo(self, user_id: int, code: str) -> None:
        """Let plugins object to a promo code.

        Raises:
            UserFacingError: one does.

        """
        refusal = await self._plugins.decide("may_redeem", user_id=user_id, code=code)
        if refusal is not None:
            raise UserFacingError(refusal.key, **refusal.variables)

    async def _generation_ended(self, job: Job) -> None:
        if job.created_at is not None:
            seconds = (self._clock.now() - job.created_at).total_seconds()
            self._metrics.job_seconds.labels(job.provider, job.state.value).observe(seconds)
        self._counter.wake()
        # Where this is missed, the orders forget by themselves when they expire.
        with contextlib.suppress(DatabaseAway):
            await self._orders().forget(job.id)
