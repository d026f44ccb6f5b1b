"""Maintenance for everybody, the log's level, the instances at work, and what went wrong lately."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from core.clock import Clock
from core.errors import DatabaseAway, UserFacingError
from core.maintenance import Maintenance, notices_in
from core.storage.audit import AuditLog
from core.storage.claims import Claim, Claims
from core.storage.errors import ErrorRow, ErrorStore
from core.storage.instances import InstanceStore
from core.storage.leases import WORKER_LEASE, Leases
from core.storage.settings import SettingsStore

_log = structlog.stdlib.get_logger(__name__)

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
"""How much the log says, from all to the least."""
LONGEST_NOTICE = 500
_NAMESPACE, _KEY = "log", "level"
_UPDATES = "updates"
_ERRORS = 10


@dataclass(frozen=True, slots=True)
class Instance:
    """A process: whether it reads updates and makes generations just now; one that does neither stands by."""

    name: str
    reads: bool
    works: bool
    since: datetime


class LogLevel:
    """How much is logged, for all instances; `apply` sets it in this process."""

    def __init__(
        self, settings: SettingsStore, clock: Clock, apply: Callable[[str], None], *, follow_seconds: float
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._apply = apply
        self._follow_seconds = follow_seconds
        self._revision = 0

    @property
    def now(self) -> str:
        """The level of this process."""
        return logging.getLevelName(logging.getLogger("core").getEffectiveLevel())

    @property
    def serial(self) -> int:
        """Rises with each change of it: what an operator saw is told by it."""
        return self._revision

    async def set(self, level: str) -> None:
        """Set it for all instances."""
        await self._settings.set(_NAMESPACE, _KEY, level)
        await self.read()

    async def read(self) -> None:
        """Do as it was set anywhere."""
        revision = await self._settings.revision(_NAMESPACE)
        if revision != self._revision:
            self._apply(str(await self._settings.get(_NAMESPACE, _KEY, "INFO")))
            self._revision = revision

    async def follow(self) -> None:
        """Do as it was set anywhere, until cancelled."""
        while True:
            try:
                await self.read()
            except DatabaseAway:
                _log.warning("the log's level cannot be read just now")
            await self._clock.sleep(self._follow_seconds)


class Upkeep:
    """What operators do to the bot as a whole. `languages` are those that it speaks."""

    def __init__(
        self,
        *,
        maintenance: Maintenance,
        level: LogLevel,
        leases: Leases,
        instances: InstanceStore,
        errors: ErrorStore,
        claims: Claims,
        audit: AuditLog,
        languages: Callable[[], Collection[str]],
    ) -> None:
        self._maintenance = maintenance
        self._level = level
        self._leases = leases
        self._instances = instances
        self._errors = errors
        self._claims = claims
        self._audit = audit
        self._languages = languages

    @property
    def paused(self) -> bool:
        """Whether only operators are served."""
        return self._maintenance.on

    @property
    def notices(self) -> Mapping[str, str]:
        """What people are told meanwhile by language, `any` for all others; the usual words where empty."""
        return self._maintenance.notices

    @property
    def serial(self) -> int:
        """Rises with each switch: what an operator saw is told by it."""
        return self._maintenance.revision

    @property
    def level(self) -> str:
        """How much is logged."""
        return self._level.now

    async def pause(self, notice: str, *, seen: int, by: int) -> Claim:
        """Serve operators only, and tell everybody else so.

        A part of `notice` that begins with a language and a colon on a new line (`ru: …`) is for people of
        that language, the rest for all others.

        Raises:
            UserFacingError: the notice is too long.

        """
        words = notice.strip()
        if len(words) > LONGEST_NOTICE:
            raise UserFacingError("broadcast-bad-text", limit=LONGEST_NOTICE)
        return await self._switch(on=True, notices=notices_in(words, self._languages()), seen=seen, by=by)

    async def resume(self, *, seen: int, by: int) -> Claim:
        """Serve everybody again."""
        return await self._switch(on=False, notices={}, seen=seen, by=by)

    @property
    def level_serial(self) -> int:
        """Rises with each change of the level."""
        return self._level.serial

    async def set_level(self, level: str, *, seen: int, by: int) -> Claim:
        """Log so much, at all instances. `seen` is the `level_serial` that the operator saw.

        Raises:
            UserFacingError: there is no such level.

        """
        if level not in LEVELS:
            raise UserFacingError("button-expired")
        await self._level.read()
        stale, before = seen != self.level_serial, self.level
        claim = await self._claims.take(f"log.level:{seen}", level, by=by, stale=stale)
        if claim.first:
            await self._level.set(level)
            await self._audit.write(f"user:{by}", "log.level", before=before, after=level)
        return claim

    async def instances(self) -> list[Instance]:
        """All of them, by name."""
        leases = await self._leases.held("")
        readers = {lease.owner for lease in leases if lease.name == _UPDATES}
        workers = {lease.name.removeprefix(WORKER_LEASE) for lease in leases}
        return [
            Instance(row.name, row.name in readers, row.name in workers, row.since)
            for row in await self._instances.living()
        ]

    async def errors(self) -> list[ErrorRow]:
        """The last ones of all instances, newest first."""
        return await self._errors.last(_ERRORS)

    async def _switch(self, *, on: bool, notices: Mapping[str, str], seen: int, by: int) -> Claim:
        await self._maintenance.read()
        stale, word = seen != self.serial, "on" if on else "off"
        claim = await self._claims.take(f"maintenance:{seen}", word, by=by, stale=stale)
        if claim.first:
            before = {"on": self.paused, "notices": dict(self.notices)}
            await self._maintenance.switch(on=on, notices=notices)
            await self._maintenance.read()
            after = {"on": on, "notices": dict(notices)}
            await self._audit.write(f"user:{by}", "maintenance", before=before, after=after)
        return claim
