"""The auth keys that the server knows, the account of each, and its sessions."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from itertools import count
from typing import TypedDict

from sandbox.mtproto.cipher import AuthKey
from sandbox.mtproto.session import Role, Session
from sandbox.mtproto.wire_time import WireTime

_MAX_SESSIONS = 128  # of one key


class ExportedKey(TypedDict):
    """An auth key in a saved world."""

    auth_key: str
    user_id: int | None
    main_session: str | None


class KeyEntry:
    """One auth key with its account, salt and sessions."""

    def __init__(
        self, key: AuthKey, time: WireTime, *, user_id: int | None, main_session: bytes | None
    ) -> None:
        self.key = key
        self.user_id = user_id
        self.salt = new_salt()
        self.sessions: dict[bytes, Session] = {}
        self._main_session = main_session
        self._time = time
        self._births = count()

    def session(self, session_id: bytes) -> Session:
        """The session of that id, new if it is unknown; of too many the oldest unconnected one goes."""
        session = self.sessions.get(session_id)
        if session is None:
            session = Session(session_id, next(self._births), self._time)
            if session_id == self._main_session:
                session.role = Role.SUBSCRIBED
            self.sessions[session_id] = session
            if len(self.sessions) > _MAX_SESSIONS:
                self._drop_oldest()
        return session

    def main_session(self) -> Session | None:
        """The connected session that gets the account's updates.

        It is the newest of those that asked for the state of updates; without any, the newest that made
        an ordinary call outside `invokeWithoutUpdates`; never a media session (see `Role`).
        """
        fit = [s for s in self.sessions.values() if s.carrier is not None and s.role >= Role.ORDINARY]
        return max(fit, key=lambda session: (session.role, session.born), default=None)

    def export(self) -> ExportedKey:
        """The key as a saved world keeps it."""
        subscribed = [s for s in self.sessions.values() if s.role is Role.SUBSCRIBED]
        newest = max(subscribed, key=lambda session: session.born, default=None)
        main = newest.id if newest is not None else self._main_session
        return {
            "auth_key": self.key.data.hex(),
            "user_id": self.user_id,
            "main_session": main.hex() if main is not None else None,
        }

    def _drop_oldest(self) -> None:
        for session_id, session in self.sessions.items():
            if session.carrier is None and not session.running:
                del self.sessions[session_id]
                return


class Keyring:
    """All auth keys."""

    def __init__(self, time: WireTime) -> None:
        self._time = time
        self._entries: dict[bytes, KeyEntry] = {}
        self._by_user: dict[int, dict[bytes, KeyEntry]] = {}

    def __iter__(self) -> Iterator[KeyEntry]:
        return iter(list(self._entries.values()))

    def get(self, key_id: bytes) -> KeyEntry | None:
        """The entry of an auth key's id."""
        return self._entries.get(key_id)

    def add(self, key: AuthKey, *, user_id: int | None = None, main_session: bytes | None = None) -> bool:
        """Keep a new key; False where its id is taken."""
        if key.id in self._entries:
            return False
        self._entries[key.id] = KeyEntry(key, self._time, user_id=None, main_session=main_session)
        if user_id is not None:
            self.bind(key.id, user_id)
        return True

    def remove(self, key_id: bytes) -> None:
        """Forget a key and its sessions."""
        self.unbind(key_id)
        self._entries.pop(key_id, None)

    def bind(self, key_id: bytes, user_id: int) -> None:
        """Log a key in to an account.

        Raises:
            KeyError: where the key is unknown.
        """
        entry = self._entries[key_id]
        self.unbind(key_id)
        entry.user_id = user_id
        self._by_user.setdefault(user_id, {})[key_id] = entry

    def unbind(self, key_id: bytes) -> None:
        """Log a key out."""
        entry = self._entries.get(key_id)
        if entry is not None and entry.user_id is not None:
            self._by_user[entry.user_id].pop(key_id, None)
            entry.user_id = None

    def of_user(self, user_id: int) -> list[KeyEntry]:
        """The keys that are logged in to an account."""
        return list(self._by_user.get(user_id, {}).values())

    def export(self) -> list[ExportedKey]:
        """All keys, as plain values that JSON can hold."""
        return [entry.export() for entry in self]

    def load(self, exported: list[ExportedKey]) -> None:
        """Add the keys that `export` gave; those already known keep their sessions.

        Raises:
            ValueError: where a key is not 256 bytes in hexadecimal.
        """
        for item in exported:
            data = bytes.fromhex(item["auth_key"])
            if len(data) != 256:
                raise ValueError("an auth key has 256 bytes")
            main = bytes.fromhex(item["main_session"]) if item["main_session"] else None
            key = AuthKey(data)
            if not self.add(key, user_id=item["user_id"], main_session=main) and item["user_id"] is not None:
                self.bind(key.id, item["user_id"])


def new_salt() -> int:
    """A random server salt; never 0, the one that clients begin with."""
    return secrets.randbelow(2**63 - 1) + 1
