"""The settings of a plugin: what each is and may be, and its change from the chat."""

from __future__ import annotations

from plugins.admin.part import Part, fitting, operator_name, short_id
from starloom.api import (
    AdminRole,
    Button,
    CallbackEvent,
    Event,
    Html,
    MessageEvent,
    PluginState,
    PluginStatus,
    Screen,
    SettingKind,
    SettingLine,
    SettingRefused,
    Translator,
    callback,
    panel_button,
    step,
)

_VALUE = "setting-value"
_IN_A_ROW = 2
_LONGEST = 34
"""Characters of a name or a choice on a button."""
_AS_BEFORE = "-"
"""What stands in a button in the place of the number of a choice, to undo."""
_SWITCH = ("true", "false")


class PluginSettings(Part):
    """A page for each plugin, and one for each of its settings."""

    @callback("plugin-settings", role=AdminRole.ADMIN)
    async def show_settings(self, event: CallbackEvent) -> None:
        """Show what a plugin can be set to, and is."""
        status = self.context.panel.plugins.get(event.arguments[0]) if event.arguments else None
        if status is None:
            await self.old_button(event)
            return
        await self.leave(event)
        await self.show(event, self._settings(event.t, status))

    @callback("set-one", role=AdminRole.ADMIN)
    async def show_setting(self, event: CallbackEvent) -> None:
        """Show one setting, with the ways to change it."""
        status, line = self._meant(event)
        if status is None or line is None:
            await self.old_button(event)
            return
        await self.leave(event)
        await self.show(event, _card(event.t, status, line))

    @callback("set-to", role=AdminRole.ADMIN)
    async def choose(self, event: CallbackEvent) -> None:
        """Take one of the choices, or what `plugins.toml` has."""
        status, line = self._meant(event)
        if status is None or line is None or len(event.arguments) != 4:
            await self.old_button(event)
            return
        seen, chosen = event.arguments[2:]
        options = _SWITCH if line.changed_by is SettingKind.SWITCH else line.choices
        if chosen == _AS_BEFORE:
            await self._change(event, status, line, None, seen)
        elif chosen.isdecimal() and int(chosen) < len(options):
            await self._change(event, status, line, options[int(chosen)], seen)
        else:
            await self.old_button(event)

    @callback("set-ask", role=AdminRole.ADMIN)
    async def ask(self, event: CallbackEvent) -> None:
        """Ask for a value in words."""
        status, line = self._meant(event)
        if status is None or line is None:
            await self.old_button(event)
            return
        await event.answer()
        data = {"plugin": status.name, "setting": line.name, "seen": status.serial}
        await event.begin(_VALUE, data)
        text = event.t("admin-set-ask", setting=line.name, takes=_takes(event.t, line))
        back = Button(event.t.plain("admin-no"), "set-one", (status.name, short_id(line.name)))
        await event.reply(text, keyboard=((back,),))

    @step(_VALUE, role=AdminRole.ADMIN)
    async def take(self, event: MessageEvent) -> None:
        """Take the value that was written."""
        data = event.dialogue.data if event.dialogue is not None else {}
        status = self.context.panel.plugins.get(str(data.get("plugin", "")))
        line = self._setting(status, str(data.get("setting", "")))
        if status is None or line is None:
            await event.leave()
            await event.say("admin-set-gone")
        else:
            await self._change(event, status, line, event.message.text, str(data.get("seen", "")))

    async def _change(
        self, event: Event, status: PluginStatus, line: SettingLine, written: str | None, seen: str
    ) -> None:
        plugins = self.context.panel.plugins
        try:
            claim = await plugins.configure(status.name, line.name, written, seen=int(seen), by=event.user.id)
        except SettingRefused as error:
            takes = _takes(event.t, line)
            await self.tell(event, "admin-set-refused", takes=takes, reason=error.reason or "none")
            return
        await self.leave(event)
        after = plugins.get(status.name)
        now = self._setting(after, line.name)
        if after is None or now is None:
            await self.tell(event, "admin-set-gone")
            return
        works = after.state in (PluginState.ON, PluginState.OFF)
        word = "done" if works else "broken"
        if not claim.first:
            word = "second" if claim.by not in (0, event.user.id) else "stale"
        who = operator_name(event.t, claim.by, event.user.id)
        told = {"plugin": status.name, "setting": line.name, "value": now.value, "who": who}
        await self.tell(event, f"admin-set-{word}", **told)
        await self.show(event, _card(event.t, after, now))

    def _meant(self, event: CallbackEvent) -> tuple[PluginStatus | None, SettingLine | None]:
        """The plugin and the setting that a button names."""
        if len(event.arguments) < 2:
            return None, None
        name, token = event.arguments[:2]
        found = self.context.panel.plugins.settings(name)
        line = next((each for each in found if short_id(each.name) == token), None)
        return self.context.panel.plugins.get(name), line

    def _setting(self, status: PluginStatus | None, setting: str) -> SettingLine | None:
        found = self.context.panel.plugins.settings(status.name) if status is not None else ()
        return next((each for each in found if each.name == setting), None)

    def _settings(self, t: Translator, status: PluginStatus) -> Screen:
        settings = self.context.panel.plugins.settings(status.name)
        lines = fitting(
            t,
            (
                t(
                    "admin-plugin-setting",
                    name=each.name,
                    kind=each.kind,
                    value=each.value,
                    origin=_origin(each),
                    about=each.about or "none",
                )
                for each in settings
            ),
        )
        doors = []
        for each in settings:
            place = (status.name, short_id(each.name))
            doors.append(Button(_cut(f"▫️ {each.name}"), "set-one", place))
        rows = [tuple(doors[start : start + _IN_A_ROW]) for start in range(0, len(doors), _IN_A_ROW)]
        text = t("admin-plugin-settings", name=status.name, count=len(settings), lines=lines)
        if status.reason:
            text = Html(f"{text}\n\n{t('admin-plugin-reason', reason=status.reason)}")
        back = Button(t.plain("admin-plugin-back"), "plugin", (status.name,))
        return Screen(text, (*rows, (back, panel_button(t))))


def _card(t: Translator, status: PluginStatus, line: SettingLine) -> Screen:
    """One setting: what it is, where that comes from, what it may be, and buttons."""
    text = t(
        "admin-set",
        plugin=status.name,
        setting=line.name,
        value=line.value,
        origin=_origin(line),
        default=line.default or "none",
        takes=_takes(t, line),
        about=line.about or "none",
    )
    place = (status.name, short_id(line.name))
    rows: list[tuple[Button, ...]] = []
    if line.changed_by is SettingKind.SWITCH:
        on = line.value == _SWITCH[0]
        to = "1" if on else "0"
        title = t.plain("admin-set-switch-off" if on else "admin-set-switch-on")
        rows.append((Button(title, "set-to", (*place, str(status.serial), to)),))
    elif line.changed_by is SettingKind.CHOICE:
        rows += [
            (Button(_marked(line, choice), "set-to", (*place, str(status.serial), str(number))),)
            for number, choice in enumerate(line.choices)
        ]
    elif line.changed_by is not SettingKind.FIXED:
        rows.append((Button(t.plain("admin-set-write"), "set-ask", place),))
    if line.is_chosen:
        undo = Button(t.plain("admin-set-undo"), "set-to", (*place, str(status.serial), _AS_BEFORE))
        rows.append((undo,))
    back = Button(t.plain("admin-plugin-back"), "plugin-settings", (status.name,))
    return Screen(text, (*rows, (back, panel_button(t))))


def _takes(t: Translator, line: SettingLine) -> Html:
    """What a setting may be, in words."""
    listed = Html(", ".join(t("admin-code", value=choice) for choice in line.choices))
    text = t(f"admin-set-takes-{line.changed_by.value}", choices=listed)
    if not (line.least or line.most):
        return text
    return t("admin-set-bounds", takes=text, least=line.least or "none", most=line.most or "none")


def _origin(line: SettingLine) -> str:
    if line.is_chosen:
        return "chosen"
    return "default" if line.is_default else "file"


def _marked(line: SettingLine, choice: str) -> str:
    mark = "●" if line.value.strip('"') == choice else "○"
    return _cut(f"{mark} {choice}")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
