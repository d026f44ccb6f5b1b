"""The clock of the test kit: hours pass at once, with what plugins have scheduled in them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from core.plugins.status import PluginState, PluginStatus
from sandbox.studio import Studio
from starloom.testing import StudioClock


class StillBot:
    """A bot that only keeps its works by the clock: `refresh` each minute, `remind` each morning at nine."""

    def __init__(self, clock: StudioClock, *, busy: bool) -> None:
        self.app = object()
        self.clock = clock
        self.busy = busy
        self.done: list[tuple[str, datetime]] = []
        self.launches = 0
        self.service = SimpleNamespace(plugins=self)
        self._due = self._next()

    def _next(self) -> dict[str, datetime]:
        now = self.clock.now()
        nine = datetime.combine(now.date(), datetime.min.time(), UTC) + timedelta(hours=9)
        due = {"remind": nine if nine > now else nine + timedelta(days=1)}
        if self.busy:
            due["refresh"] = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
        return due

    def states(self) -> list[PluginStatus]:
        return [PluginStatus("diary", PluginState.ON, works=dict(self._due))]

    async def shut(self) -> None:
        """It keeps nothing that would have to go."""

    async def launch(self) -> None:
        self.launches += 1
        self._due = self._next()

    async def until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        moment = min(self._due.values())
        self.done += [(work, at) for work, at in self._due.items() if at == moment]
        self.clock._go_to(moment)
        self._due |= {work: self._next()[work] for work, at in self._due.items() if at == moment}
        assert await holds()


def still_bot(*, busy: bool) -> tuple[StudioClock, StillBot]:
    clock = StudioClock()
    bot = StillBot(clock, busy=busy)
    clock.serve(cast("Studio", bot))
    return clock, bot


async def test_a_day_passes_with_what_falls_due_in_it() -> None:
    clock, bot = still_bot(busy=False)
    await clock.advance(days=2)
    assert [(work, at.day, at.hour) for work, at in bot.done] == [("remind", 2, 9), ("remind", 3, 9)]


async def test_a_work_that_comes_too_often_is_named_at_once_and_can_be_left_out() -> None:
    clock, bot = still_bot(busy=True)
    with pytest.raises(ValueError, match=r'^diary: refresh falls due 1[34]\d\d times.*without=\["refresh"\]'):
        await clock.advance(hours=24)
    assert bot.launches == 1
    bot.done.clear()
    await clock.advance(hours=24, without=["refresh"])
    assert [work for work, _ in bot.done if work == "remind"] == ["remind"]
