"""Who is behind an update: the record, the language, whether it is an admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from core.admin.roles import AdminRole, may
from core.i18n import I18n, Translator
from core.preferences import translator_for
from core.telegram.types import Profile
from core.users import User


class UserRecords(Protocol):
    """What is needed of `core.storage.users`."""

    async def touch(self, profile: Profile) -> User:
        """Make or update a record."""
        ...

    async def get(self, user_id: int) -> User | None:
        """Read a record."""
        ...


class People:
    """Loads people's records and speaks their languages. `role_of` knows who operates the bot."""

    def __init__(
        self, users: UserRecords, i18n: I18n, role_of: Callable[[int], AdminRole | None] = lambda _: None
    ) -> None:
        self._users = users
        self._i18n = i18n
        self._role_of = role_of

    async def load(self, profile: Profile) -> User:
        """The person's record, made or brought up to date by what Telegram says of them.

        Where an update names somebody without describing them, the record stays as it is.

        Raises:
            DatabaseAway: it cannot be read.

        """
        if profile.first_name or profile.username:
            return await self._users.touch(profile)
        return await self._users.get(profile.id) or User(profile.id)

    async def name(self, user_id: int) -> str:
        """What somebody is called; empty for somebody who never wrote.

        Raises:
            DatabaseAway: it cannot be read.

        """
        user = await self._users.get(user_id)
        return user.first_name if user is not None else ""

    def translator(self, user: User | None) -> Translator:
        """The words of the person's language, and their clock."""
        return translator_for(self._i18n, user)

    def role(self, user_id: int) -> AdminRole | None:
        """What the person may do as one of those who operate the bot; None for everybody else."""
        return self._role_of(user_id)

    def is_admin(self, user_id: int) -> bool:
        """Whether the person runs the bot: an admin or an owner."""
        return may(self.role(user_id), AdminRole.ADMIN)
