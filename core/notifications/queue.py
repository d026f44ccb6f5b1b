"""The queue of notifications: taken once under their ids, kept over restarts, told in bulletins."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from core.clock import Clock
from core.errors import DatabaseAway, TelegramError
from core.notifications.notification import (
    MESSAGE_LENGTH,
    MOST_CHATS,
    TITLE_LENGTH,
    AnyType,
    Bulletin,
    Notification,
    NotificationType,
    OwnType,
    Severity,
    group_of,
    severity_of,
    trimmed,
)
from core.storage.notifications import Mute, NotificationStore, OpenBulletin
from core.waiting import happens

_log = structlog.stdlib.get_logger(__name__)

Tell = Callable[[Bulletin], Awaitable[datetime | None]]
"""Brings a bulletin to its chats; answers when to try (or go on) if not now, None if the chats know it."""
Heard = Callable[[Notification], Awaitable[None]]
"""Told of each notification when it is first seen."""

_LOOK_SECONDS = 3.0
_AT_ONCE = 1000
_OWN_MESSAGES = 20
"""So many different things of one type have messages of their own within a window; more share one."""
_AGAIN = timedelta(seconds=30)
_BROKEN = timedelta(minutes=5)


class NotificationQueue:
    """Takes notifications in, whoever they come from."""

    def __init__(self, store: NotificationStore, clock: Clock) -> None:
        self.store = store
        self.news = asyncio.Event()
        self._clock = clock

    def made(
        self,
        kind: AnyType | str,
        title: str = "",
        message: str = "",
        details: Mapping[str, object] | None = None,
        chat_ids: Iterable[int] = (),
        *,
        source: str,
        key: str = "",
        severity: Severity | None = None,
    ) -> Notification:
        """A notification, not kept yet. Under the same `key` of the same source it is the same one.

        Raises:
            ValueError: there is no such type.

        """
        known = kind if isinstance(kind, OwnType) else NotificationType(kind)
        chats = tuple(dict.fromkeys(chat_ids))[:MOST_CHATS]
        title, message = title.strip()[:TITLE_LENGTH], message.strip()[:MESSAGE_LENGTH]
        kept = trimmed(details or {})
        return Notification(
            id=f"{source}:{key or uuid.uuid4().hex}",
            type=known,
            severity=severity or severity_of(known),
            title=title,
            message=message,
            details=kept,
            chat_ids=chats,
            source=source,
            at=self._clock.now(),
            group=group_of(known, title, message, kept, chats),
        )

    async def put(self, notifications: Sequence[Notification]) -> int:
        """Keep notifications until they are told; how many were new.

        Raises:
            DatabaseAway: it is not certain that they are kept; put them again.

        """
        new = await self.store.add(notifications)
        if new:
            self.news.set()
        return new


class Deliveries:
    """Brings the queue to the chats. One instance does it at a time: `leads` tells whether it is this one.

    `window` is how long equal notifications go into one message.
    """

    def __init__(
        self, queue: NotificationQueue, clock: Clock, *, leads: bool, heard: Heard | None = None
    ) -> None:
        self._queue = queue
        self._store = queue.store
        self._clock = clock
        self._leads = leads
        self._heard = heard
        self._later: dict[str, datetime] = {}

    async def run(self, tell: Tell, *, window: timedelta) -> None:
        """Tell whatever comes, until cancelled."""
        while True:
            self._queue.news.clear()
            if self._leads:
                try:
                    await self.round(tell, window=window)
                except DatabaseAway as error:
                    _log.warning("notifications wait: database away", error=str(error))
                except Exception:
                    # One round that goes wrong must not end the telling of everything else.
                    _log.exception("notifications could not be told")
            await happens(self._queue.news, self._clock, _LOOK_SECONDS)

    async def round(self, tell: Tell, *, window: timedelta) -> None:
        """Gather what waits and tell what is due."""
        while await self._gather(window):
            pass
        now = self._clock.now()
        unfinished = await self._store.unfinished()
        self._later = {each.id: self._later[each.id] for each in unfinished if each.id in self._later}
        for bulletin in unfinished:
            if self._later.get(bulletin.id, now) <= now:
                await self._tell(tell, bulletin)

    async def take(self, bulletin_id: str, name: str) -> bool:
        """Note who looks after a bulletin; False when somebody does already, or it is gone."""
        taken = await self._store.take(bulletin_id, name)
        self._later.pop(bulletin_id, None)
        self._queue.news.set()
        return taken

    async def mute(self, bulletin_id: str, until: datetime, by: str) -> Mute | None:
        """Tell nothing more of what a bulletin is about until then, or as was said first; None: gone."""
        bulletin = await self._store.bulletin(bulletin_id)
        return await self._store.mute(bulletin.newest.group, until, by) if bulletin is not None else None

    async def bulletin(self, bulletin_id: str) -> Bulletin | None:
        """The bulletin of this id."""
        return await self._store.bulletin(bulletin_id)

    async def muted_until(self, group: str) -> datetime | None:
        """Until when nothing is told of a group; None where it is told of."""
        return (await self._store.muted()).get(group)

    async def _gather(self, window: timedelta) -> bool:
        waiting = await self._store.waiting(_AT_ONCE)
        if not waiting:
            return False
        groups = {name for each in waiting for name in (each.group, _shared(each))}
        places = await self._store.open_bulletins(groups)
        counted = {known for place in places.values() for known in place.ids}
        old = {name for name, place in places.items() if place.first_at <= self._clock.now() - window}
        await self._store.release([each for each in waiting if each.id in counted])
        await self._store.close([places.pop(name).id for name in old])
        opened: dict[AnyType, int] = {}
        gathered: dict[str, list[Notification]] = {}
        for notification in (each for each in waiting if each.id not in counted):
            if self._heard is not None:
                await self._heard(notification)
            place = places.get(notification.group)
            place = place or await self._open(notification, window, places, opened)
            place.ids.add(notification.id)
            gathered.setdefault(place.id, []).append(notification)
        counts = {place.id: len(place.ids) for place in places.values()}
        for bulletin, notifications in gathered.items():
            await self._store.gather(bulletin, notifications, count=counts[bulletin])
        return len(waiting) == _AT_ONCE

    async def _open(
        self,
        notification: Notification,
        window: timedelta,
        places: dict[str, OpenBulletin],
        opened: dict[AnyType, int],
    ) -> OpenBulletin:
        """A bulletin for what is in none yet: one of its own, or the one that the rest of its type shares."""
        kind, group = notification.type, notification.group
        if kind not in opened:
            opened[kind] = await self._store.opened_since(kind, self._clock.now() - window)
        overflow = opened[kind] >= _OWN_MESSAGES
        if overflow:
            group = _shared(notification)
        else:
            opened[kind] += 1
        if group not in places:
            places[group] = await self._store.open(group, notification, overflow=overflow)
        return places[group]

    async def _tell(self, tell: Tell, bulletin: Bulletin) -> None:
        try:
            later = await tell(bulletin)
        except TelegramError as error:
            _log.warning("bulletin waits", error=error.name)
            later = self._clock.now() + _AGAIN
        except DatabaseAway:
            raise
        except Exception:
            _log.exception("a bulletin could not be told", type=bulletin.newest.type.value)
            later = self._clock.now() + _BROKEN
        if later is not None:
            self._later[bulletin.id] = later
        else:
            await self._store.told(bulletin)


def _shared(notification: Notification) -> str:
    """The group of all of a type that are too many to have messages of their own."""
    return f"more:{notification.type.value}:{sorted(notification.chat_ids)}"
