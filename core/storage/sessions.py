"""What a Telegram session keeps: its authorisation, how far it has read, and whom it has met."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.storage.codec import plain, stored
from core.storage.collection import Document, Upsert
from core.storage.database import Database

SessionPeer = tuple[int, int, str, str | None]
"""Somebody or something the session has met: id, access hash, Pyrogram's word for its type, phone number."""
SessionState = tuple[int, int | None, int | None, int | None, int | None]
"""How far updates were read: id (0, or that of a channel), pts, qts, date, seq."""

_NUMBERS = ("pts", "qts", "date", "seq")


class SessionStore:
    """The session `name`. One instance uses it at a time."""

    def __init__(self, database: Database, name: str) -> None:
        self._sessions = database.collection("sessions")
        self._peers = database.collection("session_peers")
        self._name = name

    async def load(self) -> dict[str, Any]:
        """Every field that was saved; empty for a new session."""
        row = await self._sessions.find_one({"_id": self._name})
        return dict(plain((row or {}).get("fields", {})))

    async def save(self, fields: Mapping[str, Any]) -> None:
        """Keep these fields beside those saved before; bytes, numbers, texts and None."""
        if fields:
            changed = {f"fields.{key}": stored(value) for key, value in fields.items()}
            await self._sessions.update_one({"_id": self._name}, {"$set": changed}, upsert=True)

    async def delete(self) -> None:
        """Forget the session and everybody it has met."""
        await self._sessions.delete_one({"_id": self._name})
        await self._peers.delete_many({"session": self._name})

    async def states(self) -> list[SessionState]:
        """How far updates were read, of the session and of each channel."""
        row = await self._sessions.find_one({"_id": self._name}, fields=["states"])
        found = plain((row or {}).get("states", {}))
        return [
            (int(state_id), state.get("pts"), state.get("qts"), state.get("date"), state.get("seq"))
            for state_id, state in found.items()
        ]

    async def set_state(self, *states: SessionState) -> None:
        """Keep how far updates were read, in one round trip; a None leaves the number kept before."""
        changed = {
            f"states.{state_id}.{name}": stored(number)
            for state_id, *numbers in states
            for name, number in zip(_NUMBERS, numbers, strict=True)
            if number is not None
        }
        if changed:
            await self._sessions.update_one({"_id": self._name}, {"$set": changed}, upsert=True)

    async def delete_state(self, *state_ids: int) -> None:
        """Forget how far updates of these boxes were read."""
        if state_ids:
            gone = {f"states.{state_id}": "" for state_id in state_ids}
            await self._sessions.update_one({"_id": self._name}, {"$unset": gone})

    async def save_peers(self, peers: Iterable[SessionPeer]) -> None:
        """Keep what is known of each, in one round trip."""
        upserts = []
        for peer_id, access_hash, kind, phone in peers:
            row = {"session": self._name, "id": peer_id, "access_hash": access_hash, "type": kind}
            change = {"$set": stored(row)}
            if phone is None:
                change["$unset"] = {"phone": ""}
            else:
                change["$set"]["phone"] = phone
            upserts.append(Upsert({"_id": self._key(peer_id)}, change))
        await self._peers.upsert_many(upserts)

    async def save_usernames(self, usernames: Iterable[tuple[int, Sequence[str]]]) -> None:
        """Keep the usernames of each instead of those kept before; whoever had one of them has lost it.

        Two round trips.
        """
        taken = {peer_id: [name.lower() for name in names] for peer_id, names in usernames}
        every_name = [name for names in taken.values() for name in names]
        if every_name:
            await self._peers.update_many(
                {"usernames": {"$in": every_name}, "session": self._name},
                {"$pull": {"usernames": {"$in": every_name}}},
            )
        await self._peers.upsert_many(
            [
                Upsert(
                    {"_id": self._key(peer_id)},
                    {"$set": {"usernames": names}} if names else {"$unset": {"usernames": ""}},
                )
                for peer_id, names in taken.items()
            ]
        )

    async def peer(self, peer_id: int) -> SessionPeer | None:
        """Whom the session met under this id."""
        return _peer(await self._peers.find_one({"_id": self._key(peer_id)}))

    async def peer_by_username(self, username: str) -> SessionPeer | None:
        """Whom the session knows under this username, in whatever case it is written."""
        return _peer(await self._peers.find_one({"usernames": username.lower(), "session": self._name}))

    async def peer_by_phone(self, phone: str) -> SessionPeer | None:
        """Whom the session knows under this phone number."""
        return _peer(await self._peers.find_one({"phone": phone, "session": self._name}))

    def _key(self, peer_id: int) -> str:
        return f"{self._name}:{peer_id}"


def _peer(row: Document | None) -> SessionPeer | None:
    if row is None or "access_hash" not in row:
        return None
    return int(row["id"]), int(row["access_hash"]), row["type"], row.get("phone")
