"""/start: hello, the balance, and the ways to everything."""

from __future__ import annotations

from plugins.start.languages import Speaking
from starloom.api import (
    Button,
    CallbackEvent,
    ChatKind,
    Event,
    Html,
    Keyboard,
    MenuPlace,
    MessageEvent,
    Translator,
    callback,
    command,
)

_WAYS = (
    (("generate", "menu-create", "open"),),
    (("buy", "menu-top-up", "open"), ("balance", "menu-balance", "balance")),
)
"""The buttons of the welcome, in rows: a command that has to be there, the label, and its plugin's action."""
_SETTINGS = ("settings", "menu-settings", "open")
"""What takes the place of the choice of a language where it is on."""


class Welcome(Speaking):
    """The way in."""

    @command("start", description="start-command")
    async def welcome(self, event: MessageEvent) -> None:
        """Say hello, the balance, and what one can do; whatever dialogue there was is over."""
        if event.user.dialogue is not None:
            await event.leave()
        if event.chat.kind is ChatKind.PRIVATE:
            text = await self._greeting(event, event.t, new=event.user.is_new)
            await event.reply(text, keyboard=await self._menu(event, event.t, new=event.user.is_new))
        else:
            way = Button(event.t.plain("menu-private-chat"), url=self.context.catalogue.link())
            await event.say("start-in-group", keyboard=((way,),))

    @callback("greet")
    async def greet_again(self, event: CallbackEvent) -> None:
        """Say hello in the other language that a newcomer has chosen at once."""
        t = await self.speak(event)
        if t is not None:
            text = await self._greeting(event, t, new=True)
            await event.edit(text, keyboard=await self._menu(event, t, new=True))

    async def _greeting(self, event: Event, t: Translator, *, new: bool) -> Html:
        balance = await self.context.ledger.balance(event.user.id)
        lines = [
            t(
                "start-welcome" if new else "start-welcome-back",
                name=event.user.first_name or t.plain("start-friend"),
                balance=t("stars", stars=balance.available),
            )
        ]
        if balance.held:
            lines.append(t("start-held", held=t("stars", stars=balance.held)))
        return Html("\n\n".join(lines))

    async def _menu(self, event: Event, t: Translator, *, new: bool) -> Keyboard:
        plugins = {each.name: each.plugin for each in self.context.catalogue.commands(role=event.role)}

        def button(name: str, label: str, action: str) -> Button:
            return Button(t.plain(label), action, plugin=plugins[name])

        rows = [tuple(button(*way) for way in ways if way[0] in plugins) for ways in _WAYS]
        if new:
            first = self.other_languages(t, "greet")
        elif _SETTINGS[0] in plugins:
            first = (button(*_SETTINGS),)
        else:
            first = (Button(t.plain("menu-language"), "languages"),)
        rest = (*first, Button(t.plain("menu-help"), "help"))
        others = await self.context.catalogue.menu(MenuPlace.START, event.user)
        return (*(row for row in rows if row), *others, rest)
