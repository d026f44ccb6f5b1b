"""The clock of the bot under test: time passes by itself, and moves on by hours when a test says so."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import partial

from core.clock import SystemClock
from sandbox.clock import START
from sandbox.studio import Studio

_BEFORE = timedelta(milliseconds=50)
"""How long before a moment of a plugin's work the bot is started again, so that it waits for it."""
_MOST = 100
"""How often one work may fall due while a test lets time pass."""


class StudioClock(SystemClock):
    """It begins at noon (UTC) of the first of January 2030; from then on time passes as everywhere else.

    `await clock.advance(hours=24)` lets a day pass. The bot does what plugins have `schedule`d in the
    meantime, each at its own moment, and is stopped and started in between: what a plugin keeps in memory
    alone is gone, as after any restart.
    """

    def __init__(self, start: datetime = START) -> None:
        self._ahead = start - super().now()
        self._held: datetime | None = None
        self._studio: Studio | None = None

    def serve(self, studio: Studio) -> None:
        """Be the clock of this studio, which was started with it."""
        self._studio = studio

    def now(self) -> datetime:
        """The wall-clock time, aware, in UTC."""
        return self._held or super().now() + self._ahead

    async def advance(
        self,
        seconds: float = 0,
        *,
        minutes: float = 0,
        hours: float = 0,
        days: float = 0,
        without: Collection[str] = (),
    ) -> None:
        """Let so much time pass, and the bot do all that falls due in it, one moment after the other.

        Each such moment restarts the bot, which takes about a second. Works that come too often for that are
        named in `without`, by the name of their function or the one that they were scheduled with: their
        moments are left out, as while a bot is off.

        Raises:
            ValueError: time does not go back, or a work falls due more than a hundred times.
            TimeoutError: a plugin's work does not come to an end.

        """
        passing = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        if passing < timedelta(0):
            raise ValueError("time does not go back")
        target = self.now() + passing
        studio = self._studio
        if studio is None or studio.app is None:
            self._go_to(target)
            return
        while due := {work: at for work, at in _works(studio, without).items() if at <= target}:
            moment = min(due.values())
            if moment - _BEFORE > self.now():
                await self._restart(studio, moment - _BEFORE)
            await studio.until(partial(_is_done, studio, moment, without))
            _refuse_too_many(due, _works(studio, without), target)
        if self.now() < target:
            await self._restart(studio, target)

    async def _restart(self, studio: Studio, moment: datetime) -> None:
        """Start the bot anew at `moment`: the time that it takes to start does not pass."""
        await studio.shut()
        self._held = moment
        try:
            await studio.launch()
        finally:
            self._held = None
            self._go_to(moment)

    def _go_to(self, moment: datetime) -> None:
        self._ahead = moment - super().now()


_Works = Mapping[tuple[str, str], datetime]
"""When works fall due, by the plugin and the name of each."""


def _works(studio: Studio, without: Collection[str]) -> _Works:
    return {
        (each.name, work): moment
        for each in studio.service.plugins.states()
        for work, moment in each.works.items()
        if work not in without
    }


async def _is_done(studio: Studio, moment: datetime, without: Collection[str]) -> bool:
    return all(following > moment for following in _works(studio, without).values())


def _refuse_too_many(before: _Works, after: _Works, target: datetime) -> None:
    """Say which work falls due again and again until `target`, once it was seen twice."""
    for (plugin, work), moment in after.items():
        if (last := before.get((plugin, work), moment)) == moment:
            continue
        more = (target - moment) // (moment - last)
        if more > _MOST:
            raise ValueError(
                f"{plugin}: {work} falls due {more} times more, and each time the bot is started anew: let "
                f'less time pass, or leave it out: advance(..., without=["{work}"])'
            )
