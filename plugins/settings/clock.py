"""The person's clock: Telegram does not tell where anybody is, so they are asked what time it is."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from plugins.settings.part import Part, Screen, argument, back_button
from starloom.api import Button, CallbackEvent, Event, MessageEvent, Preference, Translator, callback, step

_TIME = "time"
_HOURS = range(-11, 13)
_ROW = 4
_QUARTER = 15
_DAY = 24 * 60
_EAST = 12 * 60
"""Minutes ahead of UTC; a time that would be further ahead is taken for one that is behind."""
_WRITTEN = re.compile(r"(\d{1,2})(?:[:.\s-](\d{2}))?\s*(?:([ap])\.?m\.?)?", re.IGNORECASE)


class Clocks(Part):
    """Finds out how far a person's clock is from UTC."""

    @callback("clock")
    async def ask_time(self, event: CallbackEvent) -> None:
        """Ask what time it is where the person is."""
        await event.begin(_TIME)
        await self.show(event, self._question(event))

    @callback("zone")
    async def choose_time(self, event: CallbackEvent) -> None:
        """Take a time that was offered: the button has its distance from UTC in minutes."""
        chosen = argument(event)
        if not re.fullmatch(r"-?\d{1,3}", chosen):
            await self.ask_time(event)
            return
        await self._take_minutes(event, int(chosen))

    @step(_TIME)
    async def take_time(self, event: MessageEvent) -> None:
        """Take a time in words, for clocks that are half an hour away from the others."""
        text = event.message.text.strip() if event.message.media is None else ""
        minutes = minutes_ahead(self.context.clock.now(), text)
        if minutes is None:
            await self.show(event, self._question(event), note=event.t("settings-clock-refused"))
        else:
            await self._take_minutes(event, minutes)

    async def _take_minutes(self, event: Event, minutes: int) -> None:
        await self.save(event, {Preference.TIME_ZONE: minutes})
        if isinstance(event, CallbackEvent):
            await event.answer(event.t.plain("settings-saved"))
        event.t = self._translator(event, minutes)
        await self.show(event, await self.main_screen(event))

    def _question(self, event: Event) -> Screen:
        now = self.context.clock.now()
        minutes = [hours * 60 for hours in _HOURS]
        times = [self._translator(event, each).plain("clock", at=now) for each in minutes]
        buttons = [Button(time, "zone", (str(each),)) for each, time in zip(minutes, times, strict=True)]
        rows = [tuple(buttons[start : start + _ROW]) for start in range(0, len(buttons), _ROW)]
        return Screen(event.t("settings-clock", now=now), (*rows, (back_button(event),)))

    def _translator(self, event: Event, minutes: int) -> Translator:
        return self.context.catalogue.translator(event.t.language, timedelta(minutes=minutes))


def minutes_ahead(now: datetime, written: str) -> int | None:
    """How far ahead of UTC a clock is that shows the time that somebody wrote; None if that is no time."""
    found = _WRITTEN.fullmatch(written)
    if found is None:
        return None
    hours, minutes = int(found[1]), int(found[2] or 0)
    if found[3] is not None:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if found[3].lower() == "p" else 0)
    if hours > 23 or minutes > 59:
        return None
    ahead = hours * 60 + minutes - (now.hour * 60 + now.minute)
    if found[2] is None:
        ahead = round(ahead / 60) * 60
    ahead = round(ahead / _QUARTER) * _QUARTER % _DAY
    return ahead if ahead <= _EAST else ahead - _DAY
