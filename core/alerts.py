"""How admins hear of what needs a person: a message in their own language, and a line in the log."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from core.clock import Clock
from core.errors import StarloomError
from core.generation.job import Job
from core.i18n import I18n
from core.plugins.status import Alert
from core.storage.users import UserStore
from core.telegram.outbox import Outbox
from core.telegram.random_ids import random_id

_log = structlog.stdlib.get_logger(__name__)

_SAME_ALERT_SECONDS = 600
"""The same alert is told once in this time, however often and by however many instances it is raised."""


class AdminAlerts:
    """Tells all admins. Nothing that goes wrong here reaches the caller."""

    def __init__(
        self, outbox: Outbox, users: UserStore, i18n: I18n, admins: Sequence[int], clock: Clock
    ) -> None:
        self._outbox = outbox
        self._users = users
        self._i18n = i18n
        self._admins = admins
        self._clock = clock

    async def tell(self, alert: Alert) -> None:
        """Tell every admin."""
        _log.error("alert", alert=alert.key)
        period = int(self._clock.now().timestamp()) // _SAME_ALERT_SECONDS
        for admin in self._admins:
            try:
                await self._tell_one(
                    admin, alert, f"alert:{alert.key}:{sorted(alert.variables.items())}:{period}"
                )
            except StarloomError as error:
                _log.warning("an admin could not be told", alert=alert.key, error=type(error).__name__)

    async def alert(self, kind: str, job: Job, detail: str) -> None:
        """Tell of a generation that needs a person; see `core.generation.ports.Alerts`."""
        await self.tell(
            Alert(
                "alert-generation",
                {"kind": kind, "request": job.id, "provider": job.provider, "detail": detail},
            )
        )

    async def _tell_one(self, admin: int, alert: Alert, key: str) -> None:
        user = await self._users.get(admin)
        language = self._i18n.choose_language(
            user.language if user else None, user.telegram_language if user else None
        )
        text = self._i18n.translator(language)(alert.key, **alert.variables)
        await self._outbox.send_text(admin, text, random_id=random_id(f"{key}:{admin}"))
