"""Plugins: how each is, what it may do, and the switch with all that hangs on it."""

from __future__ import annotations

from plugins.admin.part import Part, fitting, operator_name
from starloom.api import (
    AdminRole,
    Button,
    CallbackEvent,
    Event,
    Html,
    MessageEvent,
    PluginError,
    PluginState,
    PluginStatus,
    Screen,
    Translator,
    Unhealthy,
    callback,
    command,
    panel_button,
)

_ON = "on"
_IN_A_ROW = 2


class Plugins(Part):
    """The switches of the house."""

    @command("plugins", description="admin-plugins-command", role=AdminRole.ADMIN, private=True)
    async def show_plugins(self, event: MessageEvent) -> None:
        """Lead to the page."""
        screen = await self.plugins_page(event)
        await event.reply(screen.text, keyboard=(*screen.keyboard, (panel_button(event.t),)))

    async def plugins_page(self, event: Event) -> Screen:
        """All plugins, a line and a button each."""
        t = event.t
        found = self.context.panel.plugins.all()
        lines = fitting(t, (_line(t, status) for status in found))
        doors = [
            Button(t.plain("admin-plugin-open", name=each.name, state=_mark(each)), "plugin", (each.name,))
            for each in found
        ]
        rows = tuple(tuple(doors[start : start + _IN_A_ROW]) for start in range(0, len(doors), _IN_A_ROW))
        on = sum(each.state is PluginState.ON for each in found)
        return Screen(t("admin-plugins", count=len(found), on=on, lines=lines), rows)

    @callback("plugin", role=AdminRole.ADMIN)
    async def show_plugin(self, event: CallbackEvent) -> None:
        """Show one of them."""
        status = self.context.panel.plugins.get(event.arguments[0]) if event.arguments else None
        if status is None:
            await self.old_button(event)
        else:
            await self.show(event, self._plugin_card(event, status))

    @callback("plugin-ask", role=AdminRole.ADMIN)
    async def ask_switch(self, event: CallbackEvent) -> None:
        """Ask whether it is to be switched, naming what is switched with it."""
        if len(event.arguments) != 3:
            await self.old_button(event)
            return
        name, seen, word = event.arguments
        on, t = word == _ON, event.t
        others = self.context.panel.plugins.affected(name, on=on)
        names = Html(", ".join(t("admin-code", value=each) for each in others))
        text = t(f"admin-plugin-ask-{word}", name=name, count=len(others), others=names)
        yes = Button(t.plain(f"admin-plugin-{word}"), "plugin-switch", (name, seen, word))
        no = Button(t.plain("admin-no"), "plugin", (name,))
        await self.show(event, Screen(text, ((yes,), (no,))))

    @callback("plugin-switch", role=AdminRole.ADMIN)
    async def switch(self, event: CallbackEvent) -> None:
        """Switch it; of two operators the first does."""
        if len(event.arguments) != 3 or self._locked(event.arguments[0]):
            await self.old_button(event)
            return
        name, seen, word = event.arguments
        plugins = self.context.panel.plugins
        try:
            claim = await plugins.switch(name, on=word == _ON, seen=int(seen), by=event.user.id)
        except PluginError:
            await self.tell(event, "admin-plugin-not", name=name)
        else:
            if claim.first:
                await self.tell(event, f"admin-plugin-is-{word}", name=name)
            else:
                who = operator_name(event.t, claim.by, event.user.id)
                await self.tell(event, f"admin-plugin-second-{claim.what or word}", who=who)
        status = plugins.get(name)
        if status is not None:
            await self.show(event, self._plugin_card(event, status))

    def _plugin_card(self, event: Event, status: PluginStatus) -> Screen:
        t = event.t
        parts = [
            _line(t, status),
            t(
                "admin-plugin",
                module=status.module or status.name,
                time=round(status.import_seconds * 1000),
                hooks=", ".join(status.hooks) or "none",
                requires=", ".join(status.requires) or "none",
                required_by=", ".join(status.required_by) or "none",
                answers=len(status.answers),
                grants=", ".join(status.grants) or "none",
            ),
        ]
        if status.unhealthy is not None:
            parts.append(t("admin-plugin-unhealthy", reason=_found(t, status.unhealthy)))
        if status.errors:
            parts.append(t("admin-plugin-errors", count=status.errors, last=status.last_error))
        if status.reason:
            parts.append(t("admin-plugin-reason", reason=status.reason))
        if status.warnings:
            parts.append(t("admin-plugin-warnings", warnings="; ".join(status.warnings)))
        rows = []
        if not self._locked(status.name):
            word = "off" if status.state is PluginState.ON else _ON
            asked = (status.name, str(status.serial), word)
            rows.append((Button(t.plain(f"admin-plugin-{word}"), "plugin-ask", asked),))
        rows.append((Button(t.plain("admin-plugin-to-settings"), "plugin-settings", (status.name,)),))
        back = Button(t.plain("admin-plugin-all"), "page", ("admin", "plugins"))
        return Screen(Html("\n\n".join(parts)), (*rows, (back, panel_button(t))))

    def _locked(self, name: str) -> bool:
        """Whether switching it off would switch off the panel itself, which nobody could undo from here."""
        return name == self.context.name or self.context.name in self.context.panel.plugins.affected(
            name, on=False
        )


def _line(t: Translator, status: PluginStatus) -> Html:
    return t(
        "admin-plugin-line",
        name=status.name,
        version=status.version or "none",
        state=_mark(status),
        errors=status.errors,
    )


def _mark(status: PluginStatus) -> str:
    """Its state, or that it is on and something that it needs does not work."""
    return "unhealthy" if status.unhealthy is not None else status.state.value


def _found(t: Translator, unhealthy: Unhealthy) -> Html:
    """What its health check found, in its own words."""
    return t(unhealthy.key, **unhealthy.variables)
