"""The clock of the bot under test: time passes by itself, and moves on by hours when a test says so."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from core.clock import SystemClock
from sandbox.clock import START
from sandbox.studio import Studio

_BEFORE = timedelta(milliseconds=50)
"""How long before a moment of a plugin's work the bot is started again, so that it waits for it."""


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
        self, seconds: float = 0, *, minutes: float = 0, hours: float = 0, days: float = 0
    ) -> None:
        """Let so much time pass, and the bot do all that falls due in it, one moment after the other.

        Each such moment restarts the bot, which takes about a second: for work that comes every minute let
        minutes pass, and no days.

        Raises:
            ValueError: time does not go back.
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
        while (moment := _next_work(studio)) is not None and moment <= target:
            if moment - _BEFORE > self.now():
                await self._restart(studio, moment - _BEFORE)
            await studio.until(partial(_is_done, studio, moment))
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


def _next_work(studio: Studio) -> datetime | None:
    moments = [each.next_work for each in studio.service.plugins.states()]
    return min((each for each in moments if each is not None), default=None)


async def _is_done(studio: Studio, moment: datetime) -> bool:
    following = _next_work(studio)
    return following is None or following > moment
