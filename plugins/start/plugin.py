"""/start, /help, /lang and /cancel."""

from __future__ import annotations

from starloom.api import (
    Button,
    CallbackEvent,
    Event,
    Html,
    Job,
    Keyboard,
    MessageEvent,
    Plugin,
    PluginConfig,
    Translator,
    callback,
    command,
)

_WAYS = (
    (("generate", "menu-create", "open"),),
    (("buy", "menu-top-up", "open"), ("balance", "menu-balance", "balance")),
)
"""The buttons of the welcome, in rows: a command that has to be there, the label, and its plugin's action."""


class StartPlugin(Plugin[PluginConfig]):
    """The way in and out of everything."""

    name = "start"
    version = "1.0"

    @command("start", description="start-command")
    async def welcome(self, event: MessageEvent) -> None:
        """Say hello, the balance, and what one can do; whatever dialogue there was is over."""
        if event.user.dialogue is not None:
            await event.leave()
        balance = await self.context.ledger.balance(event.user.id)
        t = event.t
        lines = [
            t(
                "start-welcome" if event.user.is_new else "start-welcome-back",
                name=event.user.first_name or t.plain("start-friend"),
                balance=t("stars", stars=balance.available),
            )
        ]
        if balance.held:
            lines.append(t("start-held", held=t("stars", stars=balance.held)))
        await event.reply(Html("\n\n".join(lines)), keyboard=self._menu(event))

    @command("help", description="help-command")
    async def help(self, event: MessageEvent) -> None:
        """List what is enabled."""
        await event.reply(self._help_text(event))

    @callback("help")
    async def help_pressed(self, event: CallbackEvent) -> None:
        """The same, below the welcome."""
        await event.answer()
        await event.reply(self._help_text(event))

    @command("lang", description="lang-command")
    async def choose_language(self, event: MessageEvent) -> None:
        """Offer the languages there are."""
        await event.say("lang-choose", keyboard=self._languages(event.t))

    @callback("languages")
    async def choose_language_pressed(self, event: CallbackEvent) -> None:
        """The same, below the welcome."""
        await event.answer()
        await event.say("lang-choose", keyboard=self._languages(event.t))

    @callback("lang")
    async def set_language(self, event: CallbackEvent) -> None:
        """Speak the chosen language from now on, this answer included."""
        chosen = event.arguments[0] if event.arguments else ""
        names = self.context.catalogue.languages()
        if chosen not in names:
            await event.answer(event.t.plain("lang-gone"), alert=True)
            return
        await self.context.people.set_language(event.user.id, chosen)
        t = self.context.catalogue.translator(chosen)
        await event.answer(t.plain("lang-chosen-short", language=names[chosen]))
        await event.edit(t("lang-chosen", language=names[chosen]), keyboard=self._languages(t))

    @command("cancel", description="cancel-command")
    async def cancel(self, event: MessageEvent) -> None:
        """Leave the dialogue; outside of one, stop the newest generation."""
        running = await self.context.generations.active(event.user.id)
        if event.user.dialogue is not None:
            await event.leave()
            await event.say("cancel-left-running" if running else "cancel-left")
        elif running:
            await event.say("cancel-stopping" if await self._stop(running[-1]) else "cancel-too-late")
        else:
            await event.say("cancel-nothing")

    async def _stop(self, job: Job) -> bool:
        return job.stoppable and await self.context.generations.cancel(job.user_id, job.id)

    def _menu(self, event: Event) -> Keyboard:
        t = event.t
        commands = {each.name: each for each in self.context.catalogue.commands(admin=event.is_admin)}
        rows = [
            tuple(
                Button(t.plain(label), action, plugin=commands[name].plugin)
                for name, label, action in ways
                if name in commands
            )
            for ways in _WAYS
        ]
        rest = (Button(t.plain("menu-language"), "languages"), Button(t.plain("menu-help"), "help"))
        return (*(row for row in rows if row), rest)

    def _help_text(self, event: Event) -> Html:
        t = event.t
        lines = [
            t("help-line", command=each.name, description=t.plain(each.description))
            for each in self.context.catalogue.commands(admin=event.is_admin)
        ]
        return t("help", commands=Html("\n".join(lines)))

    def _languages(self, t: Translator) -> Keyboard:
        return tuple(
            (Button(t.plain("lang-current", language=name) if code == t.language else name, "lang", (code,)),)
            for code, name in self.context.catalogue.languages().items()
        )
