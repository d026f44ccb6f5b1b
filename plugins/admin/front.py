"""/admin: how it goes, the picture of it, and the way to the pages of all plugins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from plugins.admin.part import Part, usd
from plugins.admin.picture import picture_of
from starloom.api import (
    AccountReading,
    AdminRole,
    Button,
    CallbackEvent,
    ChartNotDrawn,
    Event,
    Glance,
    Html,
    JobState,
    Keyboard,
    MessageEvent,
    OwnedPage,
    Period,
    Screen,
    TelegramError,
    Translator,
    UserFacingError,
    callback,
    command,
)

_IN_A_ROW = 2


class Front(Part):
    """The first screen, and the pages behind it."""

    @command("admin", description="admin-command", role=AdminRole.VIEWER, private=True)
    async def open_panel(self, event: MessageEvent) -> None:
        """Show the front page."""
        await self.leave(event)
        await self.show(event, await self._front(event))

    @callback("admin", role=AdminRole.VIEWER)
    async def back_to_panel(self, event: CallbackEvent) -> None:
        """Show the front page in the place of another one, with the figures of now."""
        await self.leave(event)
        await self.show(event, await self._front(event))

    @callback("page", role=AdminRole.VIEWER)
    async def open_page(self, event: CallbackEvent) -> None:
        """Show a page, whichever plugin's it is. Its own role is asked for."""
        if len(event.arguments) != 2:
            await self.old_button(event)
            return
        screen = await self.context.panel.pages.render(*event.arguments, event)
        try:
            await self.show(event, screen)
        except (ValueError, TelegramError) as error:
            # A page of another plugin's may have what Telegram, or a button, has no room for.
            raise UserFacingError("admin-page-failed") from error

    @callback("chart", role=AdminRole.VIEWER)
    async def draw_chart(self, event: CallbackEvent) -> None:
        """Send the last days as a picture."""
        await event.answer()
        month = await self.context.statistics.of_all(Period.MONTH)
        try:
            picture = await self.context.charts.draw(picture_of(event.t, month))
        except ChartNotDrawn:
            await event.say("admin-no-chart")
        else:
            await event.reply_photo(picture)

    async def _front(self, event: Event) -> Screen:
        t = event.t
        glance = await self.context.panel.overview.now()
        since = self.context.clock.now() - glance.up_since
        pages = await self.context.panel.pages.of(event.role)
        look = (Button(t.plain("admin-chart"), "chart"), Button(t.plain("admin-again"), "admin"))
        return Screen(words_of(t, glance, since), (look, *_doors(t, pages)))


def words_of(t: Translator, glance: Glance, up: timedelta) -> Html:
    """The figures in words."""
    rate = glance.summary.success_rate
    waiting = glance.active.get(JobState.QUEUED, 0)
    parts = [
        t("admin-front"),
        t("admin-front-people", people=glance.people, today=glance.today, here=glance.here),
        t(
            "admin-front-jobs",
            running=sum(glance.active.values()) - waiting,
            waiting=waiting,
            ended=glance.summary.generations.count,
            rate="none" if rate is None else round(rate * 100),
        ),
        t(
            "admin-front-money",
            stars=glance.money.stars,
            usd=usd(glance.money.usd),
            cost=usd(glance.money.cost_usd),
            margin=usd(glance.money.margin_usd),
            week=glance.week.stars,
            week_usd=usd(glance.week.usd),
            week_margin=usd(glance.week.margin_usd),
        ),
        *(_credit(t, reading) for reading in glance.accounts),
        t("admin-front-health", errors=glance.errors, time=span(t, up)),
    ]
    return Html("\n".join(parts))


def span(t: Translator, time: timedelta) -> Html:
    """A stretch of time: days and hours, or hours and minutes."""
    minutes = int(time.total_seconds()) // 60
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return t("admin-span-days", days=days, hours=hours)
    return t("admin-span-hours", hours=hours, minutes=minutes % 60)


def _credit(t: Translator, reading: AccountReading) -> Html:
    account = reading.account
    return t(
        "admin-front-credit",
        provider=reading.provider,
        remaining=account.remaining.quantize(Decimal(1)),
        unit=account.unit,
        usd="none" if account.usd is None else usd(account.usd),
    )


def _doors(t: Translator, pages: Sequence[OwnedPage]) -> Keyboard:
    """A button for each page."""
    doors = [Button(t.plain(each.page.title), "page", (each.plugin, each.page.key)) for each in pages]
    return tuple(tuple(doors[start : start + _IN_A_ROW]) for start in range(0, len(doors), _IN_A_ROW))
