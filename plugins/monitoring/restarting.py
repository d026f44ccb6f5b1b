"""`/restart`: asks, lets the process begin anew, and says when it is back."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from plugins.monitoring.config import MonitoringConfig
from plugins.monitoring.part import Part
from starloom.api import (
    AdminRole,
    Button,
    CallbackEvent,
    MessageEvent,
    MessageRef,
    PluginContext,
    callback,
    command,
)

_KEY = "restart"
_YES, _NO = "yes", "no"
_FRESH = timedelta(minutes=5)
_FORGOTTEN = timedelta(hours=1)


class Restarting(Part):
    """A restart, asked for in the chat."""

    def __init__(self, context: PluginContext[MonitoringConfig]) -> None:
        super().__init__(context)
        self._deciding = asyncio.Lock()

    @command("restart", description="monitoring-restart-command", role=AdminRole.ADMIN)
    async def ask_restart(self, event: MessageEvent) -> None:
        """Ask whether it is meant."""
        at = str(int(self.context.clock.now().timestamp()))
        yes = Button(event.t.plain("monitoring-restart-yes"), "restart", (_YES, at))
        no = Button(event.t.plain("monitoring-restart-no"), "restart", (_NO, at))
        await event.say("monitoring-restart-ask", keyboard=((yes, no),))

    @callback("restart", role=AdminRole.ADMIN)
    async def restart(self, event: CallbackEvent) -> None:
        """Do it, once for each question; an old question is none any more."""
        choice, asked = event.arguments
        now = self.context.clock.now()
        if choice == _NO:
            await event.edit(event.t("monitoring-restart-not"))
            return
        if now.timestamp() - int(asked) > _FRESH.total_seconds():
            await event.edit(event.t("monitoring-restart-old"))
            return
        async with self._deciding:
            first = await self._who_was_first(int(asked), now)
            if first is None:
                await self.context.store.set(_KEY, _row(event, now))
        if first is not None:
            await event.answer(event.t.plain("monitoring-restart-already", name=first), alert=True)
            return
        await event.edit(event.t("monitoring-restart-goes"))
        await self.context.operations.note(event.user.id, "restart", "running", "restarting")
        self.context.operations.restart()

    async def say_back(self) -> None:
        """Say that it is back, where a restart was asked for."""
        pending = await self.context.store.get(_KEY)
        if pending is None or pending.get("back"):
            return
        await self.context.store.set(_KEY, {**pending, "back": True})
        since = self.context.clock.now() - datetime.fromisoformat(pending["at"])
        if since > _FORGOTTEN:
            return
        t = self.here(pending["language"])
        text = t("monitoring-restart-back", seconds=max(1, round(since.total_seconds())), name=pending["by"])
        key = f"restart:{pending['at']}"
        message = MessageRef(pending["chat"], pending["message"])
        await self.context.outbox.edit(message, t("monitoring-restart-done"))
        await self.context.outbox.send(pending["chat"], text, key=key, durable=True)

    async def _who_was_first(self, asked: int, now: datetime) -> str | None:
        """Who has let it begin anew already, since this was asked or just now; None if nobody has."""
        row = await self.context.store.get(_KEY)
        if row is None:
            return None
        at = datetime.fromisoformat(row["at"])
        if now - at > _FRESH or (row.get("back") and asked > at.timestamp()):
            return None
        return str(row["by"])


def _row(event: CallbackEvent, now: datetime) -> dict[str, object]:
    """Who is to be told when it is back, and where."""
    return {
        "at": now.isoformat(),
        "by": event.user.first_name or event.user.username or str(event.user.id),
        "chat": event.chat.id,
        "message": event.message_id,
        "language": event.t.language,
    }
