"""Maintenance: the pause for everybody, instances, the log's level, and what went wrong lately."""

from __future__ import annotations

from plugins.admin.part import Part, fitting, moment, operator_name
from starloom.api import (
    LEVELS,
    AdminRole,
    Button,
    CallbackEvent,
    Event,
    Html,
    Instance,
    MessageEvent,
    Screen,
    Translator,
    callback,
    command,
    panel_button,
    step,
)

_NOTICE = "pause-notice"
_NONE = "-"


class Maintenance(Part):
    """The bot as a whole."""

    @command("maintenance", description="admin-upkeep-command", role=AdminRole.ADMIN, private=True)
    async def show_upkeep(self, event: MessageEvent) -> None:
        """Lead to the page."""
        screen = await self.upkeep_page(event)
        await event.reply(screen.text, keyboard=(*screen.keyboard, (panel_button(event.t),)))

    async def upkeep_page(self, event: Event) -> Screen:
        """How it stands."""
        t, upkeep = event.t, self.context.panel.upkeep
        instances = Html("\n".join(_instance(t, each) for each in await upkeep.instances()))
        text = t(
            "admin-upkeep",
            paused="yes" if upkeep.paused else "no",
            notice=self._notices(t) or "none",
            level=upkeep.level,
            instances=instances,
        )
        seen = str(upkeep.serial)
        pause = (
            Button(t.plain("admin-upkeep-resume"), "resume", (seen,))
            if upkeep.paused
            else Button(t.plain("admin-upkeep-pause"), "pause", (seen,))
        )
        serial = str(upkeep.level_serial)
        levels = tuple(
            Button(
                t.plain("admin-level", level=level, chosen=str(level == upkeep.level)),
                "level",
                (level, serial),
            )
            for level in LEVELS
        )
        return Screen(text, ((pause,), levels, (Button(t.plain("admin-errors-open"), "errors"),)))

    @callback("pause", role=AdminRole.ADMIN)
    async def ask_notice(self, event: CallbackEvent) -> None:
        """Ask what people are to be told meanwhile."""
        if len(event.arguments) != 1:
            await self.old_button(event)
            return
        await event.begin(_NOTICE, {"seen": int(event.arguments[0])})
        await event.answer()
        languages = " ".join(f"{code}:" for code in self.context.catalogue.languages())
        await event.say("admin-upkeep-ask", languages=languages)

    @step(_NOTICE, role=AdminRole.ADMIN)
    async def take_notice(self, event: MessageEvent) -> None:
        """Pause, with these words or with the usual ones."""
        words = event.message.text.strip()
        seen = int(event.dialogue.data["seen"]) if event.dialogue is not None else -1
        claim = await self.context.panel.upkeep.pause(
            "" if words == _NONE else words, seen=seen, by=event.user.id
        )
        await event.leave()
        if not claim.first:
            who = operator_name(event.t, claim.by, event.user.id)
            await event.say("admin-upkeep-second", who=who)
        await self.show_upkeep(event)

    @callback("resume", role=AdminRole.ADMIN)
    async def resume(self, event: CallbackEvent) -> None:
        """Serve everybody again."""
        if len(event.arguments) != 1:
            await self.old_button(event)
            return
        claim = await self.context.panel.upkeep.resume(seen=int(event.arguments[0]), by=event.user.id)
        if not claim.first:
            await self.tell(event, "admin-upkeep-second", who=operator_name(event.t, claim.by, event.user.id))
        await self._show_again(event)

    @callback("level", role=AdminRole.ADMIN)
    async def set_level(self, event: CallbackEvent) -> None:
        """Log more or less."""
        if len(event.arguments) != 2:
            await self.old_button(event)
            return
        level, seen = event.arguments
        claim = await self.context.panel.upkeep.set_level(level, seen=int(seen), by=event.user.id)
        if not claim.first:
            who = operator_name(event.t, claim.by, event.user.id)
            await self.tell(event, "admin-level-second", who=who, level=claim.what or "none")
        await self._show_again(event)

    @callback("errors", role=AdminRole.ADMIN)
    async def show_errors(self, event: CallbackEvent) -> None:
        """Show what went wrong lately."""
        t = event.t
        rows = await self.context.panel.upkeep.errors()
        lines = fitting(
            t,
            (
                t(
                    "admin-error",
                    at=moment(row.at),
                    source=row.source,
                    words=row.words,
                    reference=row.reference or "none",
                    instance=row.instance,
                )
                for row in rows
            ),
        )
        back = Button(t.plain("admin-upkeep-back"), "page", ("admin", "upkeep"))
        text = t("admin-errors", count=len(rows), lines=lines)
        await self.show(event, Screen(text, ((back,), (panel_button(t),))))

    def _notices(self, t: Translator) -> Html:
        """What people read meanwhile, a line for each language that has words of its own."""
        names = self.context.catalogue.languages()
        notices = self.context.panel.upkeep.notices
        return Html(
            "\n".join(
                t("admin-upkeep-notice", language=names.get(language, "any"), words=words)
                for language, words in notices.items()
            )
        )

    async def _show_again(self, event: CallbackEvent) -> None:
        screen = await self.upkeep_page(event)
        await self.show(event, Screen(screen.text, (*screen.keyboard, (panel_button(event.t),))))


def _instance(t: Translator, each: Instance) -> Html:
    duty = {(True, True): "both", (True, False): "reads", (False, True): "works"}
    words = duty.get((each.reads, each.works), "waits")
    return t("admin-instance", name=each.name, duty=words, since=moment(each.since))
