"""The plugin: /start, /help, /lang, and /cancel, the way out of everything."""

from __future__ import annotations

from plugins.start.help import Help
from plugins.start.languages import Languages
from plugins.start.welcome import Welcome
from starloom.api import Job, MessageEvent, command


class StartPlugin(Languages, Help, Welcome):
    """The way in and out of everything."""

    name = "start"
    version = "1.1"

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
