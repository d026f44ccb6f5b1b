"""/privacy: what is known about a person, a copy of it, and its end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from plugins.history.part import Part, Screen, number_in
from starloom.api import (
    Button,
    CallbackEvent,
    Event,
    Html,
    MessageEvent,
    Preference,
    Preferences,
    Standing,
    TelegramError,
    callback,
    command,
)


class PrivacyPages(Part):
    """What is held about people is theirs to see and to erase. Needs `grants = ["privacy"]`."""

    @command("privacy", description="privacy-command", private=True)
    async def show_privacy(self, event: MessageEvent) -> None:
        """Say what is kept and for how long, and what can be done about it."""
        await self.show(event, self._overview(event, keeps=Preferences.of(event.user).keep_prompts))

    @callback("privacy")
    async def show_privacy_pressed(self, event: CallbackEvent) -> None:
        """The same in the place of another screen."""
        await self.show(event, self._overview(event, keeps=Preferences.of(event.user).keep_prompts))

    @callback("keep-words")
    async def keep_words(self, event: CallbackEvent) -> None:
        """Let the history keep the person's words from now on, or erase all that it has kept."""
        keeps = bool(number_in(event, 0))
        await self.context.people.set_setting(event.user.id, Preference.KEEP_PROMPTS, keeps)
        await event.answer(event.t.plain("privacy-words-on" if keeps else "privacy-words-off"), alert=True)
        await self.show(event, self._overview(event, keeps=keeps))

    @callback("export")
    async def export(self, event: CallbackEvent) -> None:
        """Send all that is held about the person as a file."""
        await event.answer(event.t.plain("privacy-export-begun"))
        held = await self.context.privacy.export(event.user)
        today = self.context.clock.now().date().isoformat()
        await event.reply_document(
            json.dumps(held, ensure_ascii=False, indent=2, default=_told).encode(),
            file_name=f"starloom-{today}.json",
            mime_type="application/json",
            caption=event.t("privacy-export"),
        )

    @callback("erase")
    async def ask_to_erase(self, event: CallbackEvent) -> None:
        """Say what would go and what would stay; or what has to be settled first."""
        t = event.t
        standing = await self.context.privacy.standing(event.user)
        if standing.obstacles:
            await self.show(event, self._obstacles(event, standing))
            return
        parts = [t("privacy-erase"), *self._losses(event, standing), t("privacy-erase-sure")]
        go_on = Button(t.plain("privacy-erase-go-on"), "erase-sure")
        back = Button(t.plain("privacy-erase-keep"), "privacy")
        await self.show(event, Screen(Html("\n\n".join(parts)), ((go_on,), (back,))))

    @callback("erase-sure")
    async def ask_again(self, event: CallbackEvent) -> None:
        """Ask for the last time, with what is lost in the button."""
        t = event.t
        standing = await self.context.privacy.standing(event.user)
        if standing.obstacles:
            await self.show(event, self._obstacles(event, standing))
            return
        stars = standing.available
        label = t.plain("privacy-erase-yes-stars", stars=stars) if stars else t.plain("privacy-erase-yes")
        yes = Button(label, "erase-now", (str(stars),))
        back = Button(t.plain("privacy-erase-keep"), "privacy")
        parts = [t("privacy-erase-last"), *self._losses(event, standing)]
        await self.show(event, Screen(Html("\n\n".join(parts)), ((yes,), (back,))))

    @callback("erase-now")
    async def erase(self, event: CallbackEvent) -> None:
        """Erase. The farewell comes in between: afterwards nobody is known to whom it could be said."""
        if event.user.dialogue is not None:
            await event.leave()
        try:
            await self.context.privacy.begin(event.user, forfeit=number_in(event, 0))
        except TelegramError as error:
            self.context.log.warning("plan not cancelled", error=error.name)
            await event.answer(event.t.plain("privacy-telegram-away"), alert=True)
            return
        try:
            await event.edit(event.t("privacy-erased"))
        finally:
            await self.context.privacy.finish(event.user)

    def _overview(self, event: Event, *, keeps: bool) -> Screen:
        t = event.t
        text = t("privacy", words=t("privacy-words-kept" if keeps else "privacy-words-not-kept"))
        words = Button(
            t.plain("privacy-stop-keeping" if keeps else "privacy-start-keeping"),
            "keep-words",
            ("0" if keeps else "1",),
        )
        return Screen(
            text,
            (
                (words,),
                (Button(t.plain("privacy-get"), "export"),),
                (Button(t.plain("privacy-erase-ask"), "erase"),),
            ),
        )

    def _obstacles(self, event: Event, standing: Standing) -> Screen:
        t = event.t
        lines = [t(f"privacy-first-{name}", stars=standing.owed) for name in standing.obstacles]
        text = Html("\n\n".join([t("privacy-not-yet"), *lines]))
        return Screen(text, ((Button(t.plain("privacy-back"), "privacy"),),))

    def _losses(self, event: Event, standing: Standing) -> list[Html]:
        t = event.t
        lines = [t("privacy-loses-plan", plan=plan.title) for plan in standing.plans]
        if standing.available:
            lines.insert(0, t("privacy-loses-stars", stars=standing.available))
        return lines


def _told(value: object) -> Any:
    """What JSON has no word for."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    raise TypeError(f"{type(value).__name__} cannot be told")
