"""/settings and /reset: the screen of all settings, and the smaller ones on it."""

from __future__ import annotations

from datetime import timedelta

from plugins.settings.clock import Clocks
from plugins.settings.defaults import Defaults
from plugins.settings.models import Models
from plugins.settings.part import Screen, argument, back_button, in_button
from starloom.api import (
    Button,
    CallbackEvent,
    Event,
    Keyboard,
    MenuPlace,
    MessageEvent,
    Preference,
    Preferences,
    Units,
    callback,
    command,
)

_SWITCHES = {
    "reminders": Preference.REMINDERS,
    "sound": Preference.SOUND,
    "news": Preference.NEWS,
}
"""What can be heard of or not, by the words that stand in texts and buttons."""
_EXAMPLE = 150
"""Stars; an amount to show units with."""


class SettingsPlugin(Models, Defaults, Clocks):
    """What each person sets for themselves. All of it stands on one message that changes."""

    name = "settings"
    version = "1.0"
    requires = ("start",)

    @command("settings", description="settings-command", private=True)
    async def open(self, event: MessageEvent) -> None:
        """Show all settings; whatever else was asked is left."""
        if event.user.dialogue is not None:
            await event.leave()
        await self.show(event, await self.main_screen(event))

    @callback("open")
    async def open_pressed(self, event: CallbackEvent) -> None:
        """The same, from a button elsewhere."""
        await event.answer()
        screen = await self.main_screen(event)
        await event.reply(screen.text, keyboard=screen.keyboard)

    @callback("home")
    async def go_home(self, event: CallbackEvent) -> None:
        """The same, in the place of what was chosen from it."""
        await self.done_asking(event)
        await self.show(event, await self.main_screen(event))

    @callback("units")
    async def choose_units(self, event: CallbackEvent) -> None:
        """Choose what is shown beside Stars, or take what was chosen."""
        chosen = argument(event)
        if chosen in list(Units):
            await self.save(event, {Preference.UNITS: chosen})
            await event.answer(event.t.plain("settings-saved"))
        await self.show(event, self._units_screen(event))

    @callback("notify")
    async def choose_notifications(self, event: CallbackEvent) -> None:
        """Show what the bot writes by itself, or turn one kind of it on or off."""
        setting = _SWITCHES.get(argument(event))
        if setting is not None:
            now = event.user.settings.get(setting) is not False
            await self.save(event, {setting: not now})
            await event.answer(event.t.plain("settings-saved"))
        await self.show(event, self._notifications(event))

    @callback("keep")
    async def choose_keeping(self, event: CallbackEvent) -> None:
        """Ask whether prompts may be kept, or take the answer."""
        answer = argument(event)
        if answer:
            await self.save(event, {Preference.KEEP_PROMPTS: answer == "yes"})
            await event.answer(event.t.plain("settings-saved"))
            await self.show(event, await self.main_screen(event))
            return
        t = event.t
        kept = Preferences.of(event.user).keep_prompts
        other = Button(
            t.plain("settings-keep-no" if kept else "settings-keep-yes"), "keep", ("no" if kept else "yes",)
        )
        text = t("settings-keep", kept="yes" if kept else "no")
        await self.show(event, Screen(text, ((other,), (back_button(event),))))

    @command("reset", description="reset-command", private=True)
    async def reset(self, event: MessageEvent) -> None:
        """Ask once before all settings go."""
        await self.show(event, self._reset_screen(event))

    @callback("reset")
    async def reset_pressed(self, event: CallbackEvent) -> None:
        """The same from a button, and what is done after the answer."""
        if argument(event) != "yes":
            await self.show(event, self._reset_screen(event))
            return
        # Also where prompts may not be kept: the words of the last orders go with the leave.
        await self.save(event, dict.fromkeys((*Preference.set_by(event.user), Preference.KEEP_PROMPTS)))
        await event.answer(event.t.plain("settings-saved"))
        await self.show(event, await self.main_screen(event), note=event.t("settings-reset-done"))

    async def main_screen(self, event: Event) -> Screen:
        """All settings, and the ways to change them."""
        t, preferences, model = event.t, Preferences.of(event.user), self.model_of(event)
        own = len(preferences.options_for(model)) if model else 0
        chosen = self.generations.title(preferences.model, t.language) if preferences.model else ""
        text = t(
            "settings",
            model=chosen or t.plain("settings-none"),
            off="yes" if chosen and model is None else "no",
            options=own,
            language=self.context.catalogue.languages().get(t.language, t.language),
            units=t.plain(f"settings-units-{preferences.units.value}"),
            now=self.context.clock.now(),
            offset=_offset(preferences.time_zone),
            keeps="yes" if preferences.keep_prompts else "no",
        )
        others = await self.context.catalogue.menu(MenuPlace.SETTINGS, event.user)
        return Screen(text, (*self._ways(event, chosen), *others))

    def _ways(self, event: Event, chosen: str) -> Keyboard:
        t, model = event.t, self.model_of(event)
        first = (
            t.plain("settings-to-model", model=in_button(chosen))
            if chosen
            else t.plain("settings-to-any-model")
        )
        rows: list[tuple[Button, ...]] = [(Button(first, "model"),)]
        if model is not None and model.options:
            rows.append(
                (Button(t.plain("settings-to-options"), "tune", (self.generations.token(model.id),)),)
            )
        language = Button(t.plain("settings-to-language"), "languages", plugin="start")
        rows += [
            (language, Button(t.plain("settings-to-units"), "units")),
            (Button(t.plain("settings-to-notify"), "notify"), Button(t.plain("settings-to-clock"), "clock")),
            (Button(t.plain("settings-to-keep"), "keep"),),
        ]
        if Preference.set_by(event.user):
            rows.append((Button(t.plain("settings-to-reset"), "reset"),))
        return tuple(rows)

    def _units_screen(self, event: Event) -> Screen:
        t, now = event.t, Preferences.of(event.user).units
        rows = []
        for units in Units:
            label = t.plain(f"settings-units-{units.value}")
            shown = t.plain("options-chosen", value=label) if units is now else label
            rows.append((Button(shown, "units", (units.value,)),))
        text = t("settings-units", example=self.context.amounts.words(t, _EXAMPLE, now))
        return Screen(text, (*rows, (back_button(event),)))

    def _notifications(self, event: Event) -> Screen:
        t, rows = event.t, []
        for name, setting in _SWITCHES.items():
            on = event.user.settings.get(setting) is not False
            rows.append((Button(t.plain(f"settings-{name}", on="yes" if on else "no"), "notify", (name,)),))
        return Screen(t("settings-notify"), (*rows, (back_button(event),)))

    def _reset_screen(self, event: Event) -> Screen:
        yes = Button(event.t.plain("settings-reset-yes"), "reset", ("yes",))
        return Screen(event.t("settings-reset"), ((yes,), (back_button(event),)))


def _offset(offset: timedelta) -> str:
    """How far a clock is from UTC, as in `+3` or `−3:30`."""
    minutes = round(offset.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else "+"
    return f"{sign}{hours}:{rest:02}" if rest else f"{sign}{hours}"
