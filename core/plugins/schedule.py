"""Work that a plugin wants done by the clock, by one of all instances each time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Protocol

from core.clock import Clock
from core.errors import PluginError
from core.limits import PluginLimits
from core.plugin_powers import Work
from core.plugins.guard import Interrupted
from core.plugins.running import ReportError, RunningPlugin

_LATE = timedelta(hours=1)
"""What was missed by less than this is done late."""
_KEPT = timedelta(days=2)
"""How long it is remembered who took a turn."""


class Turns(Protocol):
    """Who does what only one of all instances may do; `core.storage.turns.TurnStore` has it."""

    async def take(self, name: str, until: datetime) -> bool:
        """Whether this one takes the turn `name`, which is remembered until `until`."""
        ...


class AllTurns:
    """Where there is one instance: every turn is its own."""

    async def take(self, name: str, until: datetime) -> bool:
        """Take it."""
        return True


class Schedule:
    """The work of one running plugin, `core.plugin_powers.PluginSchedule`."""

    def __init__(
        self, running: RunningPlugin, *, turns: Turns, clock: Clock, limits: PluginLimits, report: ReportError
    ) -> None:
        self._running = running
        self._turns = turns
        self._clock = clock
        self._limits = limits
        self._report = report
        self._names: set[str] = set()

    def every(self, seconds: float, work: Work, *, name: str = "") -> None:
        """Do `work` every so many seconds; the moments are the same for all instances."""
        if seconds < 1:
            raise PluginError(f"work every {seconds:g} s is too often; once a second is the most")

        def last(now: datetime) -> datetime:
            return datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)

        self._begin(name, work, last, lambda moment: moment + timedelta(seconds=seconds), late=timedelta(0))

    def daily(self, at: time, work: Work, *, zone: tzinfo = UTC, name: str = "") -> None:
        """Do `work` once a day."""

        def last(now: datetime) -> datetime:
            moment = datetime.combine(now.astimezone(zone).date(), at, zone)
            return moment if moment <= now else datetime.combine(moment.date() - timedelta(days=1), at, zone)

        def following(moment: datetime) -> datetime:
            # By the clock on the wall: a day in which the clock is put on has 23 hours.
            return datetime.combine(moment.astimezone(zone).date() + timedelta(days=1), at, zone)

        self._begin(name, work, last, following, late=_LATE)

    def _begin(
        self,
        name: str,
        work: Work,
        last: Callable[[datetime], datetime],
        following: Callable[[datetime], datetime],
        *,
        late: timedelta,
    ) -> None:
        name = name or getattr(work, "__name__", "work")
        if name in self._names:
            raise PluginError(f"there is work called {name} already; give one of them another name")
        self._names.add(name)
        self._running.spawn(self._keep(name, work, last, following, late))

    async def _keep(
        self,
        name: str,
        work: Work,
        last: Callable[[datetime], datetime],
        following: Callable[[datetime], datetime],
        late: timedelta,
    ) -> None:
        now = self._clock.now()
        moment = last(now)
        if now - moment >= late:
            moment = following(moment)
        while True:
            self._running.due[name] = moment
            # The clock on the wall may be behind one's own patience: no work begins before its moment.
            while (wait := (moment - self._clock.now()).total_seconds()) > 0:
                await self._clock.sleep(wait)
            await self._do(name, work, moment)
            # Moments that passed meanwhile are left out.
            moment = max(following(moment), following(last(self._clock.now())))

    async def _do(self, name: str, work: Work, moment: datetime) -> None:
        turn = f"{self._running.name}:{name}:{moment.astimezone(UTC).isoformat()}"
        try:
            if await self._turns.take(turn, self._clock.now() + _KEPT):
                await self._running.run(_done(work), f"work {name}", "scheduled_seconds")
        except Interrupted:
            raise
        except Exception as error:
            self._report(f"work {name}", error)


async def _done(work: Work) -> None:
    await work()
