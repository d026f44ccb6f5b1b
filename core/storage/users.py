"""People's records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from core.clock import Clock
from core.storage.codec import field_key, field_name, plain, stored, to_milliseconds
from core.storage.collection import Document
from core.storage.database import Database
from core.telegram.types import Profile
from core.users import Dialogue, User

DIALOGUE_LIFE = timedelta(hours=24)
"""How long a dialogue waits for its next step."""
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
"""The end of a ban that has none."""


class FormerPeople(Protocol):
    """What is needed of `core.storage.erasures`."""

    async def left_on(self, user_id: int) -> date | None:
        """On which day somebody's data was erased; None for who was never here."""
        ...


class UserStore:
    """People by their Telegram ids."""

    def __init__(self, database: Database, clock: Clock, *, former: FormerPeople | None = None) -> None:
        """`former` knows who was here before; without it nobody was."""
        self._former = former
        self._rows = database.collection("users")
        self._clock = clock

    async def touch(self, profile: Profile) -> User:
        """The record of somebody who just wrote, made or brought up to date as needed.

        One round trip when Telegram's description of the person has not changed and they were here today
        before. Whoever writes has not blocked the bot any more.
        """
        row = await self._rows.find_one({"_id": stored(profile.id)})
        described = _described(profile)
        if row is None:
            now = to_milliseconds(self._clock.now())
            seen = {"created_at": now, "seen_on": now.date().isoformat()}
            new = {"_id": stored(profile.id), **described, **seen}
            left_on = await self._former.left_on(profile.id) if self._former is not None else None
            if left_on is not None:
                new["left_on"] = left_on.isoformat()
            if await self._rows.insert_one(new):
                return self._user(new)
            row = await self._rows.find_one({"_id": stored(profile.id)}) or new
        described["seen_on"] = self._clock.now().date().isoformat()
        changed = {key: value for key, value in described.items() if row.get(key) != value}
        if "created_at" not in row:
            changed["created_at"] = to_milliseconds(self._clock.now())
        if changed:
            await self._rows.update_one({"_id": stored(profile.id)}, {"$set": changed})
        user = self._user({**row, **changed})
        return replace(user, has_returned=True) if row.get("blocked_bot") else user

    async def get(self, user_id: int) -> User | None:
        """The record, or None for somebody who never wrote."""
        row = await self._rows.find_one({"_id": stored(user_id)})
        return self._user(row) if row is not None else None

    async def set_arrived(self, user_id: int) -> None:
        """Note that everything was done that is done for a newcomer; until then the record says `is_new`."""
        await self._update(user_id, {"$set": {"arrived": True}})

    async def set_dialogue(self, user_id: int, dialogue: Dialogue | None, chat_id: int | None = None) -> None:
        """Put the person into a dialogue, from now, or out of any, in a group or (without one) in private."""
        in_group = chat_id is not None and chat_id != user_id
        name = f"dialogues.{chat_id}" if in_group else "dialogue"
        if dialogue is None:
            await self._update(user_id, {"$unset": {name: ""}})
            return
        row = {
            "plugin": dialogue.plugin,
            "step": dialogue.step,
            "data": stored(dialogue.data),
            "message_id": stored(dialogue.message_id),
            "at": to_milliseconds(self._clock.now()),
        }
        await self._update(user_id, {"$set": {name: row}})

    async def set_language(self, user_id: int, language: str | None) -> None:
        """Keep the language that the person chose; None goes by Telegram's own setting again."""
        await self._update(user_id, {"$set": {"language": language}})

    async def set_setting(self, user_id: int, key: str, value: Any) -> None:
        """Keep one JSON-like setting of the person; None forgets it."""
        await self.set_settings(user_id, {key: value})

    async def set_settings(self, user_id: int, changes: Mapping[str, Any]) -> None:
        """Keep several settings of the person in one write; None forgets one."""
        fields = {f"settings.{field_name(key)}": value for key, value in changes.items()}
        kept = {name: stored(value) for name, value in fields.items() if value is not None}
        gone = {name: "" for name, value in fields.items() if value is None}
        update = {operator: values for operator, values in (("$set", kept), ("$unset", gone)) if values}
        if update:
            await self._update(user_id, update)

    async def set_blocked(self, user_id: int, blocked: bool) -> None:
        """Note whether the person has blocked the bot."""
        await self._update(user_id, {"$set": {"blocked_bot": blocked}})

    async def ban(self, user_id: int, until: datetime | None, reason: str) -> None:
        """Shut somebody out until then, or for good; also somebody who never wrote."""
        banned = {"banned_until": to_milliseconds(until or FOREVER), "ban_reason": reason}
        await self._rows.update_one({"_id": stored(user_id)}, {"$set": banned}, upsert=True)

    async def unban(self, user_id: int) -> None:
        """Let somebody in again."""
        await self._update(user_id, {"$set": {"banned_until": None, "ban_reason": ""}})

    async def _update(self, user_id: int, update: dict[str, Any]) -> None:
        await self._rows.update_one({"_id": stored(user_id)}, update)

    def _user(self, row: Document) -> User:
        in_groups = {int(chat_id): self._dialogue(kept) for chat_id, kept in row.get("dialogues", {}).items()}
        return User(
            id=int(row["_id"]),
            first_name=row.get("first_name", ""),
            username=row.get("username"),
            telegram_language=row.get("telegram_language"),
            language=row.get("language"),
            created_at=row.get("created_at"),
            banned_until=row.get("banned_until"),
            ban_reason=row.get("ban_reason", ""),
            blocked_bot=row.get("blocked_bot", False),
            dialogue=self._dialogue(row.get("dialogue")),
            group_dialogues={chat_id: found for chat_id, found in in_groups.items() if found is not None},
            expired_in=frozenset(chat_id for chat_id, found in in_groups.items() if found is None),
            settings={field_key(name): plain(value) for name, value in row.get("settings", {}).items()},
            left_on=date.fromisoformat(row["left_on"]) if "left_on" in row else None,
            is_new=not row.get("arrived", False),
        )

    def _dialogue(self, row: Document | None) -> Dialogue | None:
        if row is None or row["at"] + DIALOGUE_LIFE <= self._clock.now():
            return None
        return Dialogue(
            row["plugin"], row["step"], plain(row["data"]), row["at"], plain(row.get("message_id", 0))
        )


def _described(profile: Profile) -> Document:
    return {
        "first_name": profile.first_name,
        "username": profile.username,
        "telegram_language": profile.language_code,
        "blocked_bot": False,
    }
