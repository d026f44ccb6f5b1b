"""Maintenance: while it is on, only admins are served. Stored, so all instances follow within seconds."""

from __future__ import annotations

import structlog

from core.clock import Clock
from core.errors import DatabaseAway
from core.storage.settings import SettingsStore

_log = structlog.stdlib.get_logger(__name__)

_NAMESPACE = "maintenance"
_KEY, _NOTICE = "on", "notice"


class Maintenance:
    """The switch, as this instance last read it."""

    def __init__(self, settings: SettingsStore, clock: Clock, *, follow_seconds: float) -> None:
        self._settings = settings
        self._clock = clock
        self._follow_seconds = follow_seconds
        self.revision = -1
        """Rises with every change of the switch."""
        self.on = False
        self.notice = ""
        """What people are told while it is on, in the operators' own words; empty for the usual ones."""

    async def switch(self, *, on: bool, notice: str = "") -> None:
        """Switch it for all instances."""
        await self._settings.set(_NAMESPACE, _NOTICE, notice)
        await self._settings.set(_NAMESPACE, _KEY, on)
        self.on, self.notice = on, notice

    async def read(self) -> bool:
        """Read the switch, if it was touched since the last time."""
        revision = await self._settings.revision(_NAMESPACE)
        if revision != self.revision:
            values = await self._settings.all(_NAMESPACE)
            self.on, self.notice = bool(values.get(_KEY, False)), str(values.get(_NOTICE, ""))
            self.revision = revision
        return self.on

    async def follow(self) -> None:
        """Read the switch again and again, until cancelled."""
        while True:
            try:
                await self.read()
            except DatabaseAway:
                _log.warning("the maintenance switch cannot be read just now")
            await self._clock.sleep(self._follow_seconds)
