"""`/schedule`, `/pause` and `/resume`: the series as operators see and stop it."""

from __future__ import annotations

from datetime import datetime, timedelta

from plugins.production.config import ProductionConfig
from starloom.api import (
    AdminRole,
    Event,
    Html,
    MessageEvent,
    NotificationType,
    Plugin,
    Production,
    Run,
    RunState,
    Translator,
    command,
)

__all__ = ["ProductionConfig", "ProductionPlugin"]

_NEXT, _LAST = 6, 5


class ProductionPlugin(Plugin[ProductionConfig]):
    """Declares the series, and lets operators look at it, stop it and let it go on."""

    name = "production"
    version = "1.0"
    Config = ProductionConfig

    @property
    def production(self) -> Production:
        """What makes the series."""
        return self.context.operations.production

    async def start(self) -> None:
        """Begin the series, if one is declared."""
        series = self.config.series(tuple(self.context.operations.admins()))
        if series is not None:
            self.context.spawn(self.production.run(series))

    @command("schedule", description="production-schedule-command", role=AdminRole.VIEWER)
    async def schedule(self, event: MessageEvent) -> None:
        """Show what is next, and what became of the last ones."""
        t, production = self._speak(event), self.production
        if production.series is None:
            await event.say("production-none")
            return
        switch = await production.switched()
        parts = [t("production-head")]
        if switch.paused and switch.at is not None:
            parts.append(t("production-paused-by", name=switch.by, day=switch.at, at=switch.at))
        moments = await production.upcoming(_NEXT)
        turns = await production.next_characters(len(moments))
        lines = [
            t("production-next", day=moment, at=moment, name=name)
            for moment, name in zip(moments, turns, strict=True)
        ]
        parts.append(Html("\n".join(lines)) if lines else t("production-never"))
        parts.append(t(f"production-missed-{production.series.missed.value}"))
        last = await self._last(t)
        if last:
            parts.append(Html("\n".join((t("production-last"), *last))))
        await event.reply(Html("\n\n".join(parts)))

    @command("pause", description="production-pause-command", role=AdminRole.ADMIN)
    async def pause(self, event: MessageEvent) -> None:
        """Begin nothing more."""
        await self._switch(event, paused=True)

    @command("resume", description="production-resume-command", role=AdminRole.ADMIN)
    async def resume(self, event: MessageEvent) -> None:
        """Go on."""
        await self._switch(event, paused=False)

    async def _switch(self, event: MessageEvent, *, paused: bool) -> None:
        if self.production.series is None:
            await event.say("production-none")
            return
        name = event.user.first_name or event.user.username or str(event.user.id)
        act = self.production.pause if paused else self.production.resume
        done = await act(name)
        t, switch = self._speak(event), await self.production.switched()
        if not done and switch.at is None:
            await event.reply(t("production-runs-already"))
            return
        if not done:
            key = "production-was-paused" if paused else "production-was-resumed"
            await event.reply(t(key, name=switch.by, day=switch.at, at=switch.at))
            return
        await self.context.operations.note(
            event.user.id, "production.switch", {"paused": not paused}, {"paused": paused}
        )
        if paused:
            await event.reply(t("production-paused"))
            await self._tell("paused", name, event)
        else:
            await event.reply(t(f"production-resumed-{self.production.series.missed.value}"))
            await self._tell("resumed", name, event)

    async def _tell(self, state: str, name: str, event: Event) -> None:
        """Let the others know."""
        await self.context.notifications.queue_notification(
            NotificationType.SCHEDULER_STATUS, details={"state": state, "by": name}, key=event.key
        )

    async def _last(self, t: Translator) -> list[Html]:
        today = self.production.today
        runs = await self.production.runs.between(today - timedelta(days=1), today)
        return [self._line(run, t) for run in runs[-_LAST:]]

    def _line(self, run: Run, t: Translator) -> Html:
        key = f"production-run-{run.state.value}"
        name = run.character or "—"
        return t(key, at=run.at, name=name) if run.state is not RunState.SKIPPED else t(key, at=run.at)

    def _speak(self, event: Event, at: datetime | None = None) -> Translator:
        """A translator for whoever asks, with the operator's clock."""
        moment = (at or self.context.clock.now()).astimezone(self.production.zone)
        offset = moment.utcoffset() or timedelta(0)
        return self.context.catalogue.translator(event.t.language, offset)
