"""Brings bulletins to their chats: where they go, when, and what stands below them."""

from __future__ import annotations

from datetime import datetime, timedelta

from plugins.monitoring.config import MonitoringConfig
from plugins.monitoring.hours import quiet_until
from plugins.monitoring.part import Part
from plugins.monitoring.words import words_of
from starloom.api import (
    ALERTS,
    AdminRole,
    Bulletin,
    Button,
    CallbackEvent,
    FloodWaited,
    Html,
    Keyboard,
    NotificationType,
    PersonUnreachable,
    PluginContext,
    Severity,
    TelegramError,
    Translator,
    callback,
)

_REPORTS = (NotificationType.DAILY_SUMMARY, NotificationType.WEEKLY_REPORT)
_GONE = "unreachable"
_LEFT_ALONE = timedelta(hours=24)
"""How long a chat that cannot be written to is not tried again."""
_PASSING = 500
"""Telegram's codes from here on are about Telegram, those below about the message or the chat."""
_EDIT_PAUSE = timedelta(seconds=5)
"""The least time between two changes of one message."""
_REMEMBERED = 200


class Telling(Part):
    """Telling, and the buttons below what is told."""

    def __init__(self, context: PluginContext[MonitoringConfig]) -> None:
        super().__init__(context)
        self._shown: dict[str, datetime] = {}
        """When bulletins were last told, the newest first."""

    async def tell(self, bulletin: Bulletin) -> datetime | None:
        """Bring a bulletin to its chats; when to go on, if not now."""
        now, newest = self.context.clock.now(), bulletin.newest
        if not bulletin.taken_by:
            later = await self._later(bulletin, now)
            if later is not None:
                return later
            if await self.context.operations.deliveries.muted_until(newest.group):
                return None
        chats = newest.chat_ids or self.chats(await self.audience(newest.type))
        if newest.source == ALERTS:
            # Admins are told of these by the core, at once and whatever this plugin does.
            chats = tuple(each for each in chats if each not in self.chats("admins"))
        for chat_id in chats:
            await self._tell_chat(bulletin, chat_id, now)
        self._shown = {bulletin.id: now, **dict(list(self._shown.items())[:_REMEMBERED])}
        return None

    async def _later(self, bulletin: Bulletin, now: datetime) -> datetime | None:
        """When to tell it if not now: in the morning, or together with what comes in the next seconds."""
        newest, shown = bulletin.newest, self._shown.get(bulletin.id)
        if shown is not None and now - shown < _EDIT_PAUSE:
            return shown + _EDIT_PAUSE
        if newest.severity is Severity.CRITICAL or newest.type in _REPORTS or bulletin.told:
            return None
        return quiet_until(now, self.config.quiet_from, self.config.quiet_until, self.zone)

    async def draw(self, bulletin: Bulletin, t: Translator) -> Html:
        """A bulletin's text."""
        return words_of(bulletin, t, self.title_in(t))

    @callback("take", role=AdminRole.SUPPORT)
    async def take(self, event: CallbackEvent) -> None:
        """Note that somebody looks after it; the first one counts."""
        deliveries, t = self.context.operations.deliveries, event.t
        name = event.user.first_name or event.user.username or str(event.user.id)
        if await deliveries.take(event.arguments[0], name):
            about = {"bulletin": event.arguments[0]}
            await self.context.operations.note(
                event.user.id, "notifications.take", {**about, "by": None}, {**about, "by": name}
            )
            await event.answer(t.plain("monitoring-you-took"))
            return
        bulletin = await deliveries.bulletin(event.arguments[0])
        key = "monitoring-was-taken" if bulletin is not None else "monitoring-old"
        await event.answer(t.plain(key, name=bulletin.taken_by if bulletin else ""), alert=True)

    @callback("mute", role=AdminRole.ADMIN)
    async def mute(self, event: CallbackEvent) -> None:
        """Hear nothing of it for some hours; the first one counts."""
        until = self.context.clock.now() + timedelta(hours=self.config.mute_hours)
        name = event.user.first_name or event.user.username or str(event.user.id)
        operations, t = self.context.operations, self.speak(event)
        muted = await operations.deliveries.mute(event.arguments[0], until, name)
        if muted is None:
            await event.answer(t.plain("monitoring-old"), alert=True)
            return
        if muted.first:
            about = {"bulletin": event.arguments[0]}
            await operations.note(
                event.user.id, "notifications.mute", {**about, "until": None}, {**about, "until": until}
            )
        key = "monitoring-muted" if muted.first else "monitoring-was-muted"
        await event.answer(t.plain(key, at=muted.until, day=muted.until, name=muted.by), alert=True)

    async def _tell_chat(self, bulletin: Bulletin, chat_id: int, now: datetime) -> None:
        gone: dict[str, str] = await self.context.store.get(_GONE, {})
        since = gone.get(str(chat_id))
        if since is not None and now - datetime.fromisoformat(since) < _LEFT_ALONE:
            return
        t = self.here(await self.language_of(chat_id), bulletin.first_at)
        # What is sent first is the same after a crash, so that the same random id has the same words.
        text, keyboard = await self.draw(bulletin, t), self._keyboard(bulletin, t)
        try:
            message = await self.context.outbox.send(
                chat_id, text, key=f"bulletin:{bulletin.id}:{chat_id}", keyboard=keyboard, durable=True
            )
            if bulletin.told or bulletin.taken_by:
                await self.context.outbox.edit(message, text, keyboard=keyboard)
        except FloodWaited:
            raise
        except TelegramError as error:
            if error.code >= _PASSING:
                raise
            await self._lost(chat_id, error, now)
            return
        if since is not None:
            await self.context.store.update(
                _GONE, lambda known: {name: at for name, at in known.items() if name != str(chat_id)}, {}
            )

    async def _lost(self, chat_id: int, error: TelegramError, now: datetime) -> None:
        """Leave a chat alone that was deleted or threw the bot out, and tell the others of it."""
        self.context.log.warning("chat cannot be told", error=error.name)
        await self.context.store.update(_GONE, lambda known: {**known, str(chat_id): now.isoformat()}, {})
        others = [each for each in self.chats("admins") if each != chat_id]
        reason = "chat_gone" if isinstance(error, PersonUnreachable) else error.name
        if others:
            await self.context.notifications.queue_notification(
                NotificationType.SYSTEM_ERROR,
                details={"reason": reason, "chat": str(chat_id)},
                chat_ids=others,
                key=f"gone:{chat_id}:{now.date()}",
            )

    def _keyboard(self, bulletin: Bulletin, t: Translator) -> Keyboard:
        if bulletin.newest.severity is Severity.INFO:
            return ()
        mute = Button(t.plain("monitoring-mute", hours=self.config.mute_hours), "mute", (bulletin.id,))
        if bulletin.taken_by:
            return ((mute,),)
        return ((Button(t.plain("monitoring-take"), "take", (bulletin.id,)), mute),)
