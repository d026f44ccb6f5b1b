"""Rounds of telling: nothing is lost or counted twice, wherever one breaks off."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from core.errors import DatabaseAway, TelegramError
from core.notifications.notification import Bulletin, Notification, NotificationType
from core.notifications.queue import Deliveries, NotificationQueue
from core.storage.database import Database
from core.storage.notifications import NotificationStore
from sandbox.clock import ManualClock

WINDOW = timedelta(minutes=10)


class Chat:
    """What was told, as the newest words for each bulletin."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.clock = clock
        self.store = NotificationStore(database, clock)
        self.queue = NotificationQueue(self.store, clock)
        self.heard: list[str] = []
        self.shown: dict[str, int] = {}
        self.trouble: Exception | None = None
        self.deliveries = self.restarted()

    def restarted(self) -> Deliveries:
        return Deliveries(self.queue, self.clock, leads=True, heard=self._hear)

    async def put(self, *keys: str, title: str = "Disk full", **more: Any) -> int:
        made = [self.queue.made("system_error", title, source="t", key=key, **more) for key in keys]
        return await self.queue.put(made)

    async def round(self) -> None:
        await self.deliveries.round(self._tell, window=WINDOW)

    async def _tell(self, bulletin: Bulletin) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.shown[bulletin.id] = bulletin.count

    async def _hear(self, notification: Notification) -> None:
        self.heard.append(notification.id)


@pytest.fixture
def chat(database: Database, clock: ManualClock) -> Chat:
    return Chat(database, clock)


async def test_equal_ones_are_counted_until_the_window_is_over(chat: Chat, clock: ManualClock) -> None:
    assert await chat.put("a") == 1
    await chat.round()
    assert await chat.put("a", "b", "c") == 2
    await chat.round()
    assert list(chat.shown.values()) == [3]
    await clock.advance(601)
    await chat.put("d")
    await chat.round()
    assert list(chat.shown.values()) == [3, 1]
    assert chat.heard == ["t:a", "t:b", "t:c", "t:d"]


@pytest.mark.parametrize("broken", ["release", "gather"])
async def test_a_round_that_breaks_off_is_made_good(
    chat: Chat, broken: str, monkeypatch: pytest.MonkeyPatch, clock: ManualClock
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise DatabaseAway("gone")

    await chat.put("a", "b")
    with monkeypatch.context() as away:
        away.setattr(chat.store, broken, fail)
        with pytest.raises(DatabaseAway):
            await chat.round()
    # The window is over by the time somebody comes back; what was counted stays counted.
    await clock.advance(700)
    chat.deliveries = chat.restarted()
    await chat.put("c")
    await chat.round()
    assert sum(chat.shown.values()) == 3
    await chat.round()
    assert sum(chat.shown.values()) == 3


@pytest.mark.parametrize("trouble", [TelegramError(500, "INTERNAL"), RuntimeError("a plugin's own")])
async def test_what_cannot_be_told_now_is_told_later(
    chat: Chat, trouble: Exception, clock: ManualClock
) -> None:
    await chat.put("a")
    await chat.put("x", title="Something else")
    chat.trouble = trouble
    await chat.round()
    chat.trouble = None
    await chat.round()
    assert chat.shown == {}
    await clock.advance(301)
    await chat.round()
    assert len(chat.shown) == 2


async def test_who_takes_it_first_has_it(chat: Chat) -> None:
    await chat.put("a")
    await chat.round()
    (bulletin_id,) = chat.shown
    assert await chat.deliveries.take(bulletin_id, "Ann")
    assert not await chat.deliveries.take(bulletin_id, "Bob")
    found = await chat.deliveries.bulletin(bulletin_id)
    assert found is not None
    assert found.taken_by == "Ann"
    chat.shown.clear()
    await chat.round()
    assert list(chat.shown) == [bulletin_id], "the chats are told who has it"
    assert not await chat.deliveries.take("nothing", "Bob")


async def test_muting_ends(chat: Chat, clock: ManualClock) -> None:
    await chat.put("a")
    await chat.round()
    (bulletin_id,) = chat.shown
    until = clock.now() + timedelta(hours=8)
    asked = await asyncio.gather(*(chat.deliveries.mute(bulletin_id, until, name) for name in ("Ann", "Bob")))
    (first,) = {each.by for each in asked if each is not None}
    assert [each.first for each in asked if each is not None and each.by == first].count(True) == 1
    bulletin = await chat.deliveries.bulletin(bulletin_id)
    assert bulletin is not None
    assert await chat.deliveries.muted_until(bulletin.newest.group) == until
    await clock.advance(8 * 3600)
    assert await chat.deliveries.muted_until(bulletin.newest.group) is None
    again = await chat.deliveries.mute(bulletin_id, until + timedelta(hours=8), "Cid")
    assert again is not None
    assert (again.first, again.by) == (True, "Cid"), "it had ended"


def test_the_types_are_those_that_sources_outside_know() -> None:
    """Systems outside and settings name them: none may change its name or go."""
    assert [kind.value for kind in NotificationType] == [
        *("video_started", "video_completed", "video_failed"),
        *("upload_started", "upload_completed", "upload_failed"),
        *("credits_low", "credits_critical", "budget_warning", "system_error"),
        *("daily_summary", "weekly_report", "scheduler_status", "proxy_status"),
    ]


async def test_words_are_cut_and_types_are_known(chat: Chat) -> None:
    made = chat.queue.made("video_failed", "x" * 500, "y" * 5000, {str(n): n for n in range(50)}, source="t")
    assert (len(made.title), len(made.message), len(made.details)) == (200, 2000, 20)
    with pytest.raises(ValueError, match="nonsense"):
        chat.queue.made("nonsense", source="t")
