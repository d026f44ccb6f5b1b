"""A club: whoever joins gets an idea for a picture every day, and a word of praise for each day's picture."""

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field

from starloom.api import (
    Button,
    CallbackEvent,
    Job,
    JobState,
    MessageEvent,
    PersonUnreachable,
    Plugin,
    PluginConfig,
    PluginContext,
    User,
    callback,
    command,
    hookimpl,
)


class ClubConfig(PluginConfig):
    """When ideas come, and how many there are to choose from."""

    at: time = time(9)
    """By the clock of `timezone`."""
    timezone: str = "UTC"
    ideas: int = Field(default=7, ge=1)
    """The texts `daily-prompt-idea-1` and so on; write more of them into `texts` of your own."""


class DailyPromptPlugin(Plugin[ClubConfig]):
    """`/club` joins and leaves; `/club_today` sends today's idea now."""

    name = "daily_prompt"
    version = "1.0.0"
    api = ">=1.0,<2"
    Config = ClubConfig

    def __init__(self, context: PluginContext[ClubConfig]) -> None:
        super().__init__(context)
        self._zone = ZoneInfo(self.config.timezone)
        self._members = context.collection("members")

    async def start(self) -> None:
        """Begin the daily round."""
        self.context.schedule.daily(self.config.at, self.send_idea, zone=self._zone)

    @command("club", description="daily-prompt-command", private=True)
    async def show_club(self, event: MessageEvent) -> None:
        """Say what the club is, with the button to join or leave."""
        row = await self._members.get(str(event.user.id))
        action = "leave" if row else "join"
        button = Button(event.t.plain(f"daily-prompt-{action}"), action)
        await event.say("daily-prompt-about", days=row["days"] if row else 0, keyboard=((button,),))

    @callback("join")
    async def join(self, event: CallbackEvent) -> None:
        """Take somebody in. The club speaks German, too, where the rest of the bot does not yet."""
        language = event.user.language or event.user.telegram_language or event.t.language
        await self._members.put(str(event.user.id), {"language": language, "days": 0, "last": ""})
        await event.edit(event.t("daily-prompt-joined"))

    @callback("leave")
    async def leave(self, event: CallbackEvent) -> None:
        """Let somebody go."""
        await self._members.delete(str(event.user.id))
        await event.edit(event.t("daily-prompt-left"))

    @command("club_today", admin=True)
    async def send_now(self, event: MessageEvent) -> None:
        """Let an admin send today's idea now; nobody gets it twice."""
        await self.send_idea()
        await event.say("daily-prompt-sent", members=await self._members.count())

    async def send_idea(self) -> None:
        """Send today's idea to all members. One who blocked the bot leaves the club."""
        day = self._today()
        number = int(day.replace("-", "")) % self.config.ideas + 1
        async for row in self._members.each():
            t = self.context.catalogue.translator(row["language"])
            text = t("daily-prompt-today", idea=t.plain(f"daily-prompt-idea-{number}"))
            try:
                await self.context.outbox.send(int(row["key"]), text, key=f"{day}:{row['key']}", durable=True)
            except PersonUnreachable:
                await self._members.delete(row["key"])

    @hookimpl
    async def generation_changed(self, job: Job) -> None:
        """Praise a member for the first picture of a day. A change may be told twice; praise comes once."""
        member = str(job.user_id)
        row = await self._members.get(member) if job.state is JobState.DELIVERED else None
        day = self._today()
        if row is None or row["last"] == day:
            return
        if await self._members.change(
            member, {"last": day, "days": row["days"] + 1}, where={"last": row["last"]}
        ):
            t = self.context.catalogue.translator(row["language"])
            praise = t("daily-prompt-praise", days=row["days"] + 1)
            await self.context.outbox.send(job.user_id, praise, key=f"praise:{day}:{member}", durable=True)

    @hookimpl
    async def export_person(self, user: User) -> Mapping[str, Any] | None:
        """What the club knows of somebody."""
        row = await self._members.get(str(user.id))
        return {"days": row["days"], "last": row["last"]} if row else None

    @hookimpl
    async def erase_person(self, user: User) -> None:
        """Forget somebody."""
        await self._members.delete(str(user.id))

    def _today(self) -> str:
        """The day by the club's clock; one that begins before ideas come still belongs to the last."""
        now = self.context.clock.now().astimezone(self._zone)
        before = timedelta(hours=self.config.at.hour, minutes=self.config.at.minute)
        return (now - before).date().isoformat()
