"""The Pyrogram session in the database: kept in memory, written in batches.

The auth key and the account are written at once. Peers and the update state are written by `flush`, so
that an ordinary update costs no write for them: a crash loses only peers that the next update of the same
person brings again, and leaves an update state that is too old, never too new.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pyrogram import raw
from pyrogram.storage import Storage, UpdateState
from pyrogram.storage.sqlite_storage import get_input_peer

from core.storage.sessions import SessionPeer, SessionStore

_AT_ONCE = frozenset({"auth_key", "user_id"})
_PEERS_IN_MEMORY = 100_000


class SessionStorage(Storage):
    """Pyrogram's `Storage` over a `SessionStore`."""

    def __init__(self, store: SessionStore) -> None:
        self._store = store
        self._fields: dict[str, Any] = {}
        self._changed: set[str] = set()
        self._peers: dict[int, SessionPeer] = {}
        self._new_peers: dict[int, SessionPeer] = {}
        self._usernames: dict[int, list[str]] = {}
        self._new_usernames: dict[int, list[str]] = {}
        self._states: dict[int, UpdateState] = {}
        self._moved: set[int] = set()

    async def open(self) -> None:
        """Read the session; what another instance wrote since the last time is seen."""
        self._fields = dict(await self._store.load())
        self._changed.clear()
        self._states = {
            state_id: UpdateState(state_id, pts, qts, date, seq)
            for state_id, pts, qts, date, seq in await self._store.states()
        }
        self._moved.clear()

    async def flush(self) -> None:
        """Write what changed; what cannot be written stays to be written."""
        if self._changed:
            fields = {name: self._fields.get(name) for name in self._changed}
            await self._store.save(fields)
            self._changed -= fields.keys()
        if self._new_peers:
            peers = list(self._new_peers.values())
            await self._store.save_peers(peers)
            self._forget(self._new_peers, {peer[0]: peer for peer in peers})
        if self._new_usernames:
            usernames = dict(self._new_usernames)
            await self._store.save_usernames(list(usernames.items()))
            self._forget(self._new_usernames, usernames)
        moved = {state_id: self._states[state_id] for state_id in self._moved}
        if moved:
            await self._store.set_state(
                *((state.id, state.pts, state.qts, state.date, state.seq) for state in moved.values())
            )
            self._moved -= {number for number, state in moved.items() if self._states.get(number) is state}
        self._shrink()

    async def save(self) -> None:
        """Pyrogram's name for `flush`."""
        await self.flush()

    async def close(self) -> None:
        """Write what is left."""
        await self.flush()

    async def delete(self) -> None:
        """Forget the log-in: the next start makes a new auth key. Peers and update state stay true."""
        for name in ("auth_key", "user_id", "is_bot", "date"):
            self._fields[name] = None
            self._changed.add(name)
        await self.flush()

    def state(self, state_id: int) -> UpdateState | None:
        """Where a box stands."""
        return self._states.get(state_id)

    def states(self) -> tuple[UpdateState, ...]:
        """Where all boxes stand."""
        return tuple(self._states.values())

    async def update_peers(self, peers: Iterable[SessionPeer]) -> None:
        """Note peers; only those that are new or changed are written later."""
        for peer in peers:
            if self._peers.get(peer[0]) != peer:
                self._peers[peer[0]] = self._new_peers[peer[0]] = peer

    async def forget_peer(self, peer_id: int) -> None:
        """Know nothing of somebody until an update brings them again."""
        for peers in (self._peers, self._new_peers):
            peers.pop(peer_id, None)
        for usernames in (self._usernames, self._new_usernames):
            usernames.pop(peer_id, None)

    async def update_usernames(self, usernames: Iterable[tuple[int, list[str | None]]]) -> None:
        """Note usernames; only those that are new or changed are written later."""
        for peer_id, names in usernames:
            known = [name for name in names if name is not None]
            if self._usernames.get(peer_id) != known:
                self._usernames[peer_id] = self._new_usernames[peer_id] = known

    async def get_update_states(self, ids: int | Iterable[int] | None = None) -> list[UpdateState]:
        """Where boxes stand: all, or those with the given ids."""
        wanted = self._states if ids is None else [ids] if isinstance(ids, int) else ids
        return [self._states[state_id] for state_id in wanted if state_id in self._states]

    async def set_update_state(self, update_state: UpdateState | Iterable[UpdateState]) -> None:
        """Note where boxes stand; None in a field leaves it as it was."""
        for new in [update_state] if isinstance(update_state, UpdateState) else update_state:
            old = self._states.get(new.id) or UpdateState(new.id, None, None, None, None)
            merged = UpdateState(
                new.id,
                old.pts if new.pts is None else new.pts,
                old.qts if new.qts is None else new.qts,
                old.date if new.date is None else new.date,
                old.seq if new.seq is None else new.seq,
            )
            if merged != old:
                self._states[new.id] = merged
                self._moved.add(new.id)

    async def delete_update_state(self, state_id: int | Iterable[int]) -> None:
        """Forget where boxes stand."""
        for one in [state_id] if isinstance(state_id, int) else list(state_id):
            self._states.pop(one, None)
            self._moved.discard(one)
            await self._store.delete_state(one)

    async def get_peer_by_id(self, peer_id: int) -> Any:
        """The input peer for an id. Raises KeyError for an unknown one, as Pyrogram expects."""
        known = self._peers.get(peer_id)
        if known is not None:
            return get_input_peer(*known[:3])
        return self._found(await self._store.peer(peer_id), peer_id)

    async def get_peer_by_username(self, username: str) -> Any:
        """The input peer for a username. Raises KeyError for an unknown one."""
        for peer_id, names in self._new_usernames.items():
            if username in names and peer_id in self._peers:
                return get_input_peer(*self._peers[peer_id][:3])
        return self._found(await self._store.peer_by_username(username), username)

    async def get_peer_by_phone_number(self, phone_number: str) -> Any:
        """The input peer for a phone number. Raises KeyError for an unknown one."""
        return self._found(await self._store.peer_by_phone(phone_number), phone_number)

    async def dc_id(self, value: Any = object) -> Any:
        """Read or set the data centre."""
        return await self._field("dc_id", value)

    async def api_id(self, value: Any = object) -> Any:
        """Read or set the API id."""
        return await self._field("api_id", value)

    async def server_address(self, value: Any = object) -> Any:
        """Read or set the server's address."""
        return await self._field("server_address", value)

    async def port(self, value: Any = object) -> Any:
        """Read or set the server's port."""
        return await self._field("port", value)

    async def test_mode(self, value: Any = object) -> Any:
        """Read or set whether Telegram's test servers are meant."""
        return await self._field("test_mode", value)

    async def auth_key(self, value: Any = object) -> Any:
        """Read or set the auth key; written at once."""
        return await self._field("auth_key", value)

    async def date(self, value: Any = object) -> Any:
        """Read or set the session's date."""
        return await self._field("date", value)

    async def user_id(self, value: Any = object) -> Any:
        """Read or set the account's id; written at once."""
        return await self._field("user_id", value)

    async def is_bot(self, value: Any = object) -> Any:
        """Read or set whether the account is a bot."""
        return await self._field("is_bot", value)

    async def _field(self, name: str, value: Any) -> Any:
        if value is object:
            return self._fields.get(name)
        if self._fields.get(name) != value or name not in self._fields:
            self._fields[name] = value
            self._changed.add(name)
        if name in _AT_ONCE and name in self._changed:
            await self.flush()
        return None

    def _found(self, peer: SessionPeer | None, name: int | str) -> raw.base.InputPeer:
        if peer is None:
            raise KeyError(f"unknown peer {name}")
        self._peers.setdefault(peer[0], peer)
        return get_input_peer(*peer[:3])

    def _forget(self, waiting: dict[int, Any], written: dict[int, Any]) -> None:
        for peer_id, value in written.items():
            if waiting.get(peer_id) is value:
                del waiting[peer_id]

    def _shrink(self) -> None:
        """Keep the newest peers only; the others are in the database."""
        for kept, waiting in ((self._peers, self._new_peers), (self._usernames, self._new_usernames)):
            for peer_id in list(kept)[: max(0, len(kept) - _PEERS_IN_MEMORY)]:
                if peer_id not in waiting:
                    del kept[peer_id]
