"""Maintenance: while it is on, only admins are served. Stored, so all instances follow within seconds."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

import structlog

from core.clock import Clock
from core.errors import DatabaseAway
from core.storage.settings import SettingsStore

_log = structlog.stdlib.get_logger(__name__)

_NAMESPACE = "maintenance"
_KEY, _NOTICES = "on", "notices"
ANY_LANGUAGE = "any"
"""Under what name the words for people of all other languages stand."""
_LABEL = re.compile(r"\s*([A-Za-z-]{2,8})\s*[:：]\s*(.*)", re.DOTALL)


def notices_in(text: str, languages: Collection[str]) -> dict[str, str]:
    """An operator's words by language: what follows `ru:` at the start of a line is for people of that one.

    What has no such name before it is for everybody else.
    """
    found: dict[str, list[str]] = {}
    language = ANY_LANGUAGE
    for line in text.strip().splitlines():
        label = _LABEL.fullmatch(line)
        if label is None or label[1].lower() not in languages:
            found.setdefault(language, []).append(line)
        else:
            language = label[1].lower()
            found.setdefault(language, []).append(label[2])
    words = {language: "\n".join(lines).strip() for language, lines in found.items()}
    return {language: each for language, each in words.items() if each}


class Maintenance:
    """The switch, as this instance last read it."""

    def __init__(self, settings: SettingsStore, clock: Clock, *, follow_seconds: float) -> None:
        self._settings = settings
        self._clock = clock
        self._follow_seconds = follow_seconds
        self.revision = -1
        """Rises with every change of the switch."""
        self.on = False
        self.notices: Mapping[str, str] = {}
        """What people are told while it is on, in the operators' own words by language."""

    def notice(self, language: str) -> str:
        """What people of a language are told while it is on; empty for the usual words."""
        return self.notices.get(language) or self.notices.get(ANY_LANGUAGE, "")

    async def switch(self, *, on: bool, notices: Mapping[str, str] | None = None) -> None:
        """Switch it for all instances."""
        words = dict(notices or {})
        await self._settings.set(_NAMESPACE, _NOTICES, words)
        await self._settings.set(_NAMESPACE, _KEY, on)
        self.on, self.notices = on, words

    async def read(self) -> bool:
        """Read the switch, if it was touched since the last time."""
        revision = await self._settings.revision(_NAMESPACE)
        if revision != self.revision:
            values = await self._settings.all(_NAMESPACE)
            self.on, self.notices = bool(values.get(_KEY, False)), values.get(_NOTICES, {})
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
