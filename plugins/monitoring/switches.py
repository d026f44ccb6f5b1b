"""`/notifications`: what is told to whom, switched in the chat; `/id`; a test notification."""

from __future__ import annotations

import asyncio

from plugins.monitoring.config import Audience, MonitoringConfig
from plugins.monitoring.reports import Reports
from plugins.monitoring.words import icon_of, short_name
from starloom.api import (
    AdminRole,
    AnyType,
    Button,
    CallbackEvent,
    Event,
    Html,
    Keyboard,
    MessageEvent,
    PluginContext,
    callback,
    command,
)

_IN_TURN: tuple[Audience, ...] = ("all", "admins", "monitoring", "nobody")


class Switches(Reports):
    """What is told to whom."""

    def __init__(self, context: PluginContext[MonitoringConfig]) -> None:
        super().__init__(context)
        self._switching = asyncio.Lock()

    @command("id", description="monitoring-id-command", role=AdminRole.VIEWER, unsigned=True)
    async def tell_id(self, event: MessageEvent) -> None:
        """Tell the id of the chat, as the settings want it."""
        if event.message.sender is None:
            await event.say("monitoring-id-unsigned", chat=str(event.chat.id))
        else:
            await event.say("monitoring-id", chat=str(event.chat.id), person=str(event.user.id))

    @command("notifications", description="monitoring-notifications-command", admin=True)
    async def notifications(self, event: MessageEvent) -> None:
        """Show all types and who is told of each."""
        text, keyboard = await self.page(event)
        await event.reply(text, keyboard=keyboard)

    @command("testnotification", description="monitoring-test-command", admin=True)
    async def test(self, event: MessageEvent) -> None:
        """Send a test notification to everybody who is told of anything."""
        await self._test(event)

    @callback("test", role=AdminRole.ADMIN)
    async def test_pressed(self, event: CallbackEvent) -> None:
        """Send a test notification."""
        await event.answer()
        await self._test(event)

    @callback("switch", role=AdminRole.ADMIN)
    async def switch(self, event: CallbackEvent) -> None:
        """Send a type to the next audience."""
        wanted, shown = event.arguments[0], event.arguments[1]
        kind = next((each for each in self.context.operations.types() if each.value == wanted), None)
        if kind is None:
            # Its plugin is off by now: the page shows what there is.
            text, keyboard = await self.page(event)
            await event.edit(text, keyboard=keyboard)
            return
        async with self._switching:
            await self._switch(event, kind, shown)
        text, keyboard = await self.page(event)
        await event.edit(text, keyboard=keyboard)

    async def _switch(self, event: CallbackEvent, kind: AnyType, shown: str) -> None:
        """Send a type on, unless somebody else has since it was `shown`."""
        now = (await self.audiences())[kind]
        if now == shown:
            # Without monitoring chats there is only one audience, or none.
            turns = _IN_TURN if self.config.monitoring_chat_ids else (_IN_TURN[0], _IN_TURN[-1])
            following = turns.index(now) + 1 if now in turns else 0
            audience = turns[following % len(turns)]
            name = event.user.first_name or event.user.username or str(event.user.id)
            await self.choose(kind, audience, name)
            about = {"type": kind.value}
            await self.context.operations.note(
                event.user.id, "notifications.switch", {**about, "to": now}, {**about, "to": audience}
            )
        else:
            name = await self.chooser(kind)
            key = "monitoring-changed-by" if name else "monitoring-changed-meanwhile"
            await event.answer(event.t.plain(key, name=name))

    async def _test(self, event: Event) -> None:
        await self.send_test(event.key, self.context.clock.now())
        await event.say("monitoring-test-sent", count=len(self.chats("all")))

    async def page(self, event: Event) -> tuple[Html, Keyboard]:
        """All types and who is told of each."""
        t = event.t
        audiences = await self.audiences()
        rows = [
            (
                Button(
                    t.plain(
                        "monitoring-switch",
                        icon=icon_of(kind),
                        type=short_name(kind, t),
                        audience=t.plain(f"monitoring-audience-{audience}"),
                    ),
                    "switch",
                    (kind.value, audience),
                ),
            )
            for kind, audience in audiences.items()
        ]
        rows.append((Button(t.plain("monitoring-test-button"), "test"),))
        text = t(
            "monitoring-notifications",
            admins=len(self.chats("admins")),
            monitoring=len(self.config.monitoring_chat_ids),
        )
        return text, tuple(rows)
