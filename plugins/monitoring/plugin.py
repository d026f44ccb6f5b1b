"""The plugin itself: all its parts together, and what it does by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from plugins.monitoring.commands import Commands
from plugins.monitoring.config import MonitoringConfig
from plugins.monitoring.feed import Feed
from plugins.monitoring.reports import Reports
from plugins.monitoring.restarting import Restarting
from plugins.monitoring.switches import Switches
from plugins.monitoring.telling import Telling
from plugins.monitoring.words import words_of
from starloom.api import (
    AdminPage,
    AdminRole,
    Bulletin,
    DatabaseAway,
    Event,
    Html,
    Screen,
    TelegramError,
    Translator,
    hookimpl,
)

_CLOCK_SECONDS = 5.0


class MonitoringPlugin(Telling, Switches, Reports, Commands, Restarting, Feed):
    """Tells operators what happens, and answers what they ask."""

    name = "monitoring"
    version = "1.0"
    Config = MonitoringConfig

    async def start(self) -> None:
        """Begin to tell."""
        operations = self.context.operations
        window = timedelta(minutes=self.config.group_minutes)
        self.context.spawn(operations.deliveries.run(self.tell, window=window))
        if operations.leads:
            self.context.spawn(self._follow_clock())

    async def draw(self, bulletin: Bulletin, t: Translator) -> Html:
        """A bulletin's text; a report is made when it is told."""
        return await self.draw_report(bulletin, t) or words_of(bulletin, t, self.title_in(t))

    @hookimpl
    async def admin_pages(self) -> Sequence[AdminPage]:
        """What is told to whom, in the panel as well."""
        return [AdminPage("notifications", "monitoring-page", AdminRole.ADMIN, self._panel_page)]

    async def _panel_page(self, event: Event) -> Screen:
        text, keyboard = await self.page(event)
        return Screen(text, keyboard)

    async def _follow_clock(self) -> None:
        """Look at the clock again and again, and at the credits whenever a provider told something new."""
        told, read = False, None
        while True:
            try:
                if not told:
                    await self.say_back()
                    told = True
                await self.look_at_clock()
                readings = self.context.accounts.readings()
                if readings != read:
                    await self.watch_credits()
                    read = readings
            except (DatabaseAway, TelegramError) as error:
                self.context.log.warning("monitoring waits", error=type(error).__name__)
            except Exception:
                # One report that goes wrong must not end those of the days to come.
                self.context.log.exception("monitoring: a look at the clock went wrong")
            await self.context.clock.sleep(_CLOCK_SECONDS)
