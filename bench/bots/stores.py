"""Stand-ins for the stores of `core.storage`, held in memory: what the bot would cost without a database.

Each does what its original does and no more than the benchmark needs of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.clock import Clock
from core.storage.erasures import Erasure
from core.storage.inbox import InboxRow
from core.storage.sent import SentRecord
from core.storage.sessions import SessionPeer, SessionState
from core.storage.team import Member
from core.telegram.types import Profile
from core.users import Dialogue, User


class NoDatabase:
    """Where a database is handed on: whoever uses it after all is told by an AttributeError."""

    def collection(self, name: str) -> object:
        """Nothing that could be asked."""
        return object()


class MemoryInbox:
    """`core.storage.inbox.Inbox`."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._pending: dict[str, InboxRow] = {}

    async def record(self, rows: Sequence[InboxRow]) -> set[str]:
        """Keep updates; answers the keys that are new."""
        new = {row.key: row for row in rows if row.key not in self._keys}
        self._keys.update(new)
        self._pending.update(new)
        return set(new)

    async def pending(self) -> list[InboxRow]:
        """What is not handled yet."""
        return list(self._pending.values())

    async def done(self, keys: Collection[str]) -> None:
        """Note that updates are handled."""
        for key in keys:
            self._pending.pop(key, None)


class MemoryUsers:
    """`core.storage.users.UserStore`."""

    def __init__(self, clock: Clock) -> None:
        self._users: dict[int, User] = {}
        self._clock = clock

    async def touch(self, profile: Profile) -> User:
        """The record, made or brought up to date."""
        known = self._users.get(profile.id)
        if known is None:
            known = User(profile.id, created_at=self._clock.now(), is_new=True)
        user = replace(
            known,
            first_name=profile.first_name,
            username=profile.username,
            telegram_language=profile.language_code,
            blocked_bot=False,
        )
        self._users[profile.id] = user
        return user

    async def get(self, user_id: int) -> User | None:
        """The record, or None."""
        return self._users.get(user_id)

    async def set_arrived(self, user_id: int) -> None:
        """Note that a newcomer is none any more."""
        self._users[user_id] = replace(self._users[user_id], is_new=False)

    async def set_dialogue(self, user_id: int, dialogue: Dialogue | None, chat_id: int | None = None) -> None:
        """Put somebody into a dialogue, or out of any."""
        self._users[user_id] = replace(self._users[user_id], dialogue=dialogue)

    async def set_blocked(self, user_id: int, blocked: bool) -> None:
        """Note a block of the bot, or its end."""
        self._users[user_id] = replace(self._users[user_id], blocked_bot=blocked)


class MemorySettings:
    """`core.storage.settings.SettingsStore`: nothing was ever switched."""

    async def get(self, namespace: str, key: str, default: Any = None) -> Any:
        """The default."""
        return default

    async def all(self, namespace: str) -> dict[str, Any]:
        """Nothing."""
        return {}

    async def revision(self, namespace: str) -> int:
        """The same number each time."""
        return 0


class MemorySent:
    """`core.storage.sent.SentStore`."""

    def __init__(self) -> None:
        self._sent: dict[str, SentRecord] = {}

    async def reserve(self, key: str, random_id: int, chat_id: int) -> SentRecord:
        """The send that has this key."""
        return self._sent.setdefault(key, SentRecord(key, random_id, chat_id))

    async def sent(self, key: str, message_id: int) -> None:
        """Note which message the send became."""
        self._sent[key] = replace(self._sent[key], message_id=message_id)


class MemoryAudit:
    """`core.storage.audit.AuditLog`: nobody reads it here."""

    async def write(self, actor: str, command: str, before: Any = None, after: Any = None) -> None:
        """Forget it."""


class MemoryTeam:
    """`core.storage.team.TeamStore`: nobody operates the bot."""

    async def all(self) -> list[Member]:
        """Nobody."""
        return []


class MemoryErasures:
    """`core.storage.erasures.ErasureStore`: nobody ever left."""

    async def under_way(self) -> list[Erasure]:
        """None."""
        return []

    async def has_used(self, user_id: int, code: str) -> bool:
        """They have not."""
        return False


class MemorySession:
    """`core.storage.sessions.SessionStore`; `SessionStorage` before it keeps what is asked for again."""

    def __init__(self) -> None:
        self._peers: dict[int, SessionPeer] = {}

    async def load(self) -> dict[str, Any]:
        """A new session each time."""
        return {}

    async def save(self, fields: Mapping[str, Any]) -> None:
        """Forget it."""

    async def states(self) -> list[SessionState]:
        """A new session has read nothing."""
        return []

    async def set_state(self, *states: SessionState) -> None:
        """Forget it."""

    async def delete_state(self, *state_ids: int) -> None:
        """There is nothing to forget."""

    async def save_peers(self, peers: Iterable[SessionPeer]) -> None:
        """Keep what is known of each."""
        self._peers.update({peer[0]: peer for peer in peers})

    async def save_usernames(self, usernames: Iterable[tuple[int, Sequence[str]]]) -> None:
        """Forget them: nobody is looked for by name."""

    async def peer(self, peer_id: int) -> SessionPeer | None:
        """Whom the session met under this id."""
        return self._peers.get(peer_id)


def in_memory(clock: Clock) -> Mapping[str, Any]:
    """The stand-ins, by the names of the originals' fields in `core.storage.stores.Stores`."""
    return {
        "audit": MemoryAudit(),
        "erasures": MemoryErasures(),
        "inbox": MemoryInbox(),
        "sent": MemorySent(),
        "session": MemorySession(),
        "settings": MemorySettings(),
        "team": MemoryTeam(),
        "users": MemoryUsers(clock),
    }
