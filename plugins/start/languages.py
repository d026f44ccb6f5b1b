"""/lang: which language the bot speaks."""

from __future__ import annotations

from starloom.api import (
    Button,
    CallbackEvent,
    Keyboard,
    MessageEvent,
    Plugin,
    PluginConfig,
    Translator,
    callback,
    command,
)


class Speaking(Plugin[PluginConfig]):
    """What the welcome and the choice of a language share."""

    async def speak(self, event: CallbackEvent) -> Translator | None:
        """Take the language that a button names; None, and a word about it, where it is gone."""
        chosen = event.arguments[0] if event.arguments else ""
        names = self.context.catalogue.languages()
        if chosen not in names:
            await event.answer(event.t.plain("lang-gone"), alert=True)
            return None
        await self.context.people.set_language(event.user.id, chosen)
        t = self.context.catalogue.translator(chosen)
        await event.answer(t.plain("lang-chosen-short", language=names[chosen]))
        return t

    def other_languages(self, t: Translator, action: str) -> tuple[Button, ...]:
        """A small button for each other language; one for all, where those would be too many."""
        names = self.context.catalogue.languages()
        others = tuple(Button(name, action, (code,)) for code, name in names.items() if code != t.language)
        return others if len(others) <= _SIDE_BY_SIDE else (Button(t.plain("menu-language"), "languages"),)


class Languages(Speaking):
    """The choice of a language."""

    @command("lang", description="lang-command", private=True)
    async def choose_language(self, event: MessageEvent) -> None:
        """Offer the languages there are."""
        await event.say("lang-choose", keyboard=self._languages(event.t))

    @callback("languages")
    async def choose_language_pressed(self, event: CallbackEvent) -> None:
        """The same, from a button."""
        await event.answer()
        await event.say("lang-choose", keyboard=self._languages(event.t))

    @callback("lang")
    async def set_language(self, event: CallbackEvent) -> None:
        """Speak the chosen language from now on, this answer included."""
        t = await self.speak(event)
        if t is not None:
            name = self.context.catalogue.languages()[t.language]
            await event.edit(t("lang-chosen", language=name), keyboard=self._languages(t))

    def _languages(self, t: Translator) -> Keyboard:
        return tuple(
            (Button(t.plain("lang-current", language=name) if code == t.language else name, "lang", (code,)),)
            for code, name in self.context.catalogue.languages().items()
        )


_SIDE_BY_SIDE = 3
"""Languages beside each other in one row."""
