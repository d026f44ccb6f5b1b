"""Reports at their local times: queued once each under the day's name, however many instances run."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from plugins.monitoring.config import WEEKDAYS
from plugins.monitoring.figures import Gathering
from plugins.monitoring.report_words import report_words
from starloom.api import Bulletin, Html, NotificationType, Translator, moment_of

_NOON = 12
_LATE = timedelta(hours=12)
"""A report that is later than this, as nothing ran, is left out."""
_DAYS = 7
_LAST = "reports_until"


class Reports(Gathering):
    """What comes by itself."""

    async def look_at_clock(self) -> None:
        """Queue what has become due since the last look, and watch the credits."""
        now = self.context.clock.now()
        last = await self.context.store.get(_LAST)
        since = max(datetime.fromisoformat(last), now - _LATE) if last else now
        for day in self._days(since, now):
            if self.config.daily_summary_enabled and self._due(
                day, self.config.daily_summary_time, since, now
            ):
                await self._queue(NotificationType.DAILY_SUMMARY, self._reported_day(day), f"daily:{day}")
            if WEEKDAYS[day.weekday()] == self.config.weekly_report_day:
                await self._weekly(day, since, now)
        if last is None or now - datetime.fromisoformat(last) >= timedelta(seconds=30):
            await self.context.store.set(_LAST, now.isoformat())

    async def draw_report(self, bulletin: Bulletin, t: Translator) -> Html | None:
        """A report in words, made when it is told; None for what is no report of ours."""
        newest = bulletin.newest
        day = newest.details.get("day")
        if newest.source != f"plugin:{self.name}" or not isinstance(day, str):
            return None
        last = date.fromisoformat(day)
        days = _DAYS if newest.type is NotificationType.WEEKLY_REPORT else 1
        report = await self.report(last - timedelta(days=days - 1), last)
        return report_words(report, t, title=t.plain(f"monitoring-type-{newest.type.value}"))

    async def send_test(self, key: str, at: datetime) -> bool:
        """Queue a test notification, once for each `key`; its words are made for each reader."""
        return await self.context.notifications.queue_notification(
            NotificationType.SCHEDULER_STATUS,
            details={"state": "test", "at": at.isoformat()},
            chat_ids=self.chats("all"),
            key=f"test:{key}",
        )

    async def _weekly(self, day: date, since: datetime, now: datetime) -> None:
        config = self.config
        if not self._due(day, config.weekly_report_time, since, now):
            return
        if config.weekly_report_enabled:
            await self._queue(NotificationType.WEEKLY_REPORT, day - timedelta(days=1), f"weekly:{day}")
        if config.weekly_test:
            await self.send_test(f"weekly:{day}", now)

    async def _queue(self, kind: NotificationType, day: date, key: str) -> None:
        await self.context.notifications.queue_notification(kind, details={"day": day.isoformat()}, key=key)

    def _reported_day(self, day: date) -> date:
        """In the morning the day before is told of, later the day itself."""
        return day if self.config.daily_summary_time.hour >= _NOON else day - timedelta(days=1)

    def _due(self, day: date, at: time, since: datetime, now: datetime) -> bool:
        return since < moment_of(day, at, self.zone) <= now

    def _days(self, since: datetime, now: datetime) -> list[date]:
        first, last = since.astimezone(self.zone).date(), now.astimezone(self.zone).date()
        # An hour that is skipped at midnight puts a time of one day into the next.
        first -= timedelta(days=1)
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]
