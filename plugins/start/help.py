"""/help: what is enabled, by plugins, for whoever asks and wherever they ask."""

from __future__ import annotations

from starloom.api import (
    CallbackEvent,
    ChatKind,
    EnabledCommand,
    Event,
    Html,
    MessageEvent,
    Plugin,
    PluginConfig,
    Translator,
    callback,
    command,
)


class Help(Plugin[PluginConfig]):
    """What there is to be done."""

    @command("help", description="help-command")
    async def help(self, event: MessageEvent) -> None:
        """List what is enabled."""
        await event.reply(self._help_text(event))

    @callback("help")
    async def help_pressed(self, event: CallbackEvent) -> None:
        """The same, below the welcome."""
        await event.answer()
        await event.reply(self._help_text(event))

    def _help_text(self, event: Event) -> Html:
        """The commands of each plugin under its heading, those for operators last."""
        commands = self.context.catalogue.commands(role=event.role)
        in_group = event.chat.kind is not ChatKind.PRIVATE
        if in_group:
            commands = tuple(each for each in commands if not each.private and each.role is None)
        groups: dict[str, list[EnabledCommand]] = {}
        for each in commands:
            groups.setdefault(_FOR_OPERATORS if each.role is not None else each.plugin, []).append(each)
        operators = groups.pop(_FOR_OPERATORS, [])
        if operators:
            groups[_FOR_OPERATORS] = operators
        text = Html("\n\n".join(_group(event.t, name, found) for name, found in groups.items()))
        return event.t("help-in-group" if in_group else "help", commands=text)


_FOR_OPERATORS = "admins"


def _group(t: Translator, name: str, commands: list[EnabledCommand]) -> Html:
    lines = [t("help-line", command=each.name, description=t.plain(each.description)) for each in commands]
    if t.has(f"help-of-{name}"):
        lines.insert(0, t("help-heading", title=t.plain(f"help-of-{name}")))
    return Html("\n".join(lines))
