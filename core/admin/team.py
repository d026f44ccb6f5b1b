"""The people who operate the bot: owners by configuration, and whom they appoint in the chat."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import structlog

from core.admin.roles import AdminRole, may
from core.clock import Clock
from core.errors import DatabaseAway, UserFacingError
from core.storage.audit import AuditLog
from core.storage.team import Member, TeamStore

_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Appointed:
    """What came of a decision about somebody's role. `member` is how it stands now.

    It is not `first` when somebody else decided meanwhile: nothing was changed then.
    """

    first: bool
    member: Member


class Team:
    """Roles, as this instance last read them. `changed` is told of everybody whose role is another one."""

    def __init__(
        self,
        store: TeamStore,
        audit: AuditLog,
        clock: Clock,
        *,
        owners: Collection[int],
        follow_seconds: float,
        changed: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock
        self._owners = dict.fromkeys(owners, AdminRole.OWNER)
        self._follow_seconds = follow_seconds
        self._changed = changed
        self._appointed: dict[int, AdminRole] = {}
        self._reading = asyncio.Lock()

    def role_of(self, user_id: int) -> AdminRole | None:
        """What somebody may do; None for nobody of the team."""
        return self._owners.get(user_id) or self._appointed.get(user_id)

    def roles(self) -> Mapping[int, AdminRole]:
        """Everybody of the team, the configured owners first."""
        return {**self._owners, **{k: v for k, v in self._appointed.items() if k not in self._owners}}

    def is_configured(self, user_id: int) -> bool:
        """Whether the role is an owner's by configuration, which no chat can change."""
        return user_id in self._owners

    def who_run_it(self) -> tuple[int, ...]:
        """Those who are told what needs a person: owners and admins."""
        return tuple(each for each, role in self.roles().items() if may(role, AdminRole.ADMIN))

    async def appoint(
        self, user_id: int, role: AdminRole | None, *, seen: AdminRole | None, by: int
    ) -> Appointed:
        """Give somebody a role, or take it away with None. Of two owners at once the first decides.

        `seen` is the role that the decision started from.

        Raises:
            UserFacingError: only owners may, and nobody decides about a configured owner.

        """
        if not may(self.role_of(by), AdminRole.OWNER):
            raise UserFacingError("team-not-yours")
        if self.is_configured(user_id):
            raise UserFacingError("team-configured")
        async with self._reading:
            # What was read before a change would undo it here until the next time.
            member = await self._store.change(user_id, seen, role, by=by)
            if member is not None:
                self._note(user_id, role)
        if member is None:
            now = await self._store.get(user_id)
            await self.read()
            if now is None:
                raise UserFacingError("team-nobody")
            return Appointed(False, now)
        await self._audit.write(
            f"user:{by}",
            "team.appoint",
            before={"user": f"user:{user_id}", "role": seen},
            after={"user": f"user:{user_id}", "role": role},
        )
        return Appointed(True, member)

    async def read(self) -> None:
        """Read the roles anew.

        Raises:
            DatabaseAway: they cannot be read; they are as they were.

        """
        async with self._reading:
            known = {each.user_id: each.role for each in await self._store.all()}
            for user_id in {*known, *self._appointed}:
                self._note(user_id, known.get(user_id))

    async def follow(self) -> None:
        """Read them again and again, until cancelled."""
        while True:
            await self._clock.sleep(self._follow_seconds)
            try:
                await self.read()
            except DatabaseAway:
                _log.warning("the team cannot be read just now")

    def _note(self, user_id: int, role: AdminRole | None) -> None:
        if self._appointed.get(user_id) is role:
            return
        if role is None:
            del self._appointed[user_id]
        else:
            self._appointed[user_id] = role
        self._changed(user_id)
