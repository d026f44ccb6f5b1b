"""/stats of everybody and /mystats of one's own: a picture, figures below it, buttons for the period."""

from __future__ import annotations

from typing import Literal

from plugins.stats.picture import picture_of
from plugins.stats.view import View
from plugins.stats.words import words_of
from starloom.api import (
    Button,
    CallbackEvent,
    ChartNotDrawn,
    ChatKind,
    Event,
    Html,
    Keyboard,
    MessageEvent,
    Period,
    Plugin,
    PluginConfig,
    callback,
    command,
)

Audience = Literal["everybody", "admins", "nobody"]
_EVERYBODY, _MINE = "all", "mine"
"""In a button: whose figures they are."""
_IN_A_ROW = 2


class StatsConfig(PluginConfig):
    """Who sees what about money in `/stats`: everybody, admins in their private chats alone, or nobody."""

    stars: Audience = "everybody"
    """Who sees the Stars that were spent: everybody, admins (in their private chats alone) or nobody."""
    cost: Audience = "everybody"
    """Who sees what providers were paid, in dollars: everybody, admins (as above) or nobody.

    Beside the Stars it tells what is earned: `admins` is for whom that is nobody's business.
    """


class StatsPlugin(Plugin[StatsConfig]):
    """What happened, for a phone."""

    name = "stats"
    version = "1.0"
    Config = StatsConfig

    @command("stats", description="stats-command")
    async def stats(self, event: MessageEvent) -> None:
        """Show the last days of everybody."""
        await self._answer(event, _EVERYBODY)

    @command("mystats", description="stats-command-mine", private=True)
    async def my_stats(self, event: MessageEvent) -> None:
        """Show the last days of the person who asks."""
        await self._answer(event, _MINE)

    @callback("show")
    async def show(self, event: CallbackEvent) -> None:
        """Show another period, or the same as it is now."""
        who, period = event.arguments[0], Period(event.arguments[1])
        await event.answer()
        view = await self._view(event, who, period)
        text, keyboard = words_of(view), await self._keyboard(event, who, period)
        try:
            picture = await self.context.charts.draw(picture_of(view))
        except ChartNotDrawn:
            await event.edit(Html(f"{text}\n\n{event.t('stats-no-picture')}"), keyboard=keyboard)
        else:
            await event.edit_photo(picture, caption=text, keyboard=keyboard)

    @callback("section")
    async def show_section(self, event: CallbackEvent) -> None:
        """Show what a plugin adds, below the same picture."""
        period, number = Period(event.arguments[0]), int(event.arguments[1])
        sections = await self.context.statistics.sections(event.user, period)
        if number >= len(sections):
            await event.answer(event.t.plain("stats-section-gone"), alert=True)
            return
        await event.answer()
        section = sections[number]
        back = Button(event.t.plain("stats-back"), "show", (_EVERYBODY, period.value))
        text = event.t("stats-section", title=section.title, text=Html(section.text))
        await event.edit(text, keyboard=((back,),))

    async def _answer(self, event: MessageEvent, who: str) -> None:
        view = await self._view(event, who, Period.WEEK)
        text, keyboard = words_of(view), await self._keyboard(event, who, Period.WEEK)
        try:
            picture = await self.context.charts.draw(picture_of(view))
        except ChartNotDrawn:
            await event.reply(text, keyboard=keyboard)
        else:
            await event.reply_photo(picture, caption=text, keyboard=keyboard)

    async def _view(self, event: Event, who: str, period: Period) -> View:
        statistics, mine = self.context.statistics, who == _MINE
        told = statistics.of_person(event.user.id, period) if mine else statistics.of_all(period)
        return View(
            summary=await told,
            t=event.t,
            title_of=lambda model_id: self.context.generations.title(model_id, event.t.language),
            mine=mine,
            stars=mine or self._sees(event, self.config.stars),
            cost=not mine and self._sees(event, self.config.cost),
        )

    async def _keyboard(self, event: Event, who: str, chosen: Period) -> Keyboard:
        t = event.t
        periods = []
        for period in Period:
            label = t.plain(f"stats-period-{period.value}")
            shown = t.plain("stats-chosen", label=label) if period is chosen else label
            periods.append(Button(shown, "show", (who, period.value)))
        rows = [tuple(periods[:_IN_A_ROW]), tuple(periods[_IN_A_ROW:])]
        if who == _EVERYBODY:
            for number, section in enumerate(await self.context.statistics.sections(event.user, chosen)):
                label = t.plain("stats-more", title=section.title)
                rows.append((Button(label, "section", (chosen.value, str(number))),))
        return tuple(rows)

    def _sees(self, event: Event, audience: Audience) -> bool:
        private = event.chat.kind is ChatKind.PRIVATE
        return audience == "everybody" or (audience == "admins" and event.is_admin and private)
