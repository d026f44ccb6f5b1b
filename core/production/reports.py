"""Hears what outside systems report of the videos that a webhook has given them, whichever plugins are on."""

from __future__ import annotations

from collections.abc import Iterable

from core.notifications.notification import AnyType, Notification, NotificationType
from core.production.run import UploadState
from core.storage.runs import RunStore

_REPORTED: dict[AnyType, UploadState] = {
    NotificationType.UPLOAD_COMPLETED: UploadState.UPLOADED,
    NotificationType.UPLOAD_FAILED: UploadState.FAILED,
}
# It may be quicker than the answer to what it was sent.
_AWAITED = (UploadState.SENT, UploadState.WAITING)


class UploadReports:
    """Notes reports at the runs that they are about. Any instance does: the run's own row decides."""

    def __init__(self, runs: RunStore) -> None:
        self._runs = runs

    async def hear(self, notifications: Iterable[Notification]) -> None:
        """Note whatever is a report of an upload; what is heard twice counts once."""
        for notification in notifications:
            state = _REPORTED.get(notification.type)
            run, platform = (notification.details.get(name) for name in ("run", "platform"))
            if state is not None and isinstance(run, str) and isinstance(platform, str):
                await self.reported(run, platform, state)

    async def reported(self, run: str, platform: str, state: UploadState) -> bool:
        """Note what became of an upload; False when nobody waits for it."""
        known = await self._runs.get(run)
        if known is None or platform not in known.uploads:
            return False
        return any([await self._runs.upload(run, platform, was, state) for was in _AWAITED])
