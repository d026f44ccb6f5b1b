"""People looked through by operators: found by what is known of them, counted, and chosen by the hundred."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from core.clock import Clock
from core.storage.codec import stored
from core.storage.collection import Document
from core.storage.database import Database

_FIELDS = ("first_name", "username", "language", "telegram_language", "created_at", "seen_on")
_MARKS = ("banned_until", "blocked_bot", "arrived")


class Activity(StrEnum):
    """When people of an audience were last here."""

    ANY = "any"
    WEEK = "week"
    """In the last 7 days."""
    MONTH = "month"
    """In the last 30 days."""
    AWAY = "away"
    """Not in the last 30 days."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is meant: everybody, or those of a language and of an activity. An empty language means any."""

    language: str = ""
    activity: Activity = Activity.ANY


@dataclass(frozen=True, slots=True)
class PersonRow:
    """What a list of people says of one. `seen_on` is the last day (UTC) on which they wrote or pressed."""

    id: int
    name: str
    username: str
    language: str
    created_on: date | None
    seen_on: date | None
    banned: bool
    blocked_bot: bool


class PeopleSearch:
    """Reads people's records as a whole.

    `language_of` makes of a chosen and of Telegram's language the one that a person is spoken to in.
    """

    def __init__(
        self, database: Database, clock: Clock, language_of: Callable[[str | None, str | None], str]
    ) -> None:
        self._rows = database.collection("users")
        self._clock = clock
        self._language_of = language_of

    async def count(self) -> int:
        """How many people have ever written to the bot and not left."""
        return await self._rows.count({"arrived": True})

    async def count_seen_today(self) -> int:
        """How many of them were here today (UTC)."""
        return await self._rows.count({"seen_on": self._clock.now().date().isoformat()})

    async def find(self, words: str, limit: int) -> list[PersonRow]:
        """People whose id, username or name is, or has in it, what somebody wrote; exact ones first.

        Reads every record unless it is an id.
        """
        wanted = words.strip().removeprefix("@").casefold()
        if not wanted:
            return []
        if wanted.isdecimal():
            row = await self._rows.find_one({"_id": stored(int(wanted))}) if len(wanted) < 19 else None
            if row is not None:
                return [self._person(row)]
        found: list[PersonRow] = []
        async for person in self._all():
            if wanted in person.username.casefold() or wanted in person.name.casefold():
                found.append(person)
        exact = {wanted}
        found.sort(key=lambda each: (each.username.casefold() not in exact, each.name.casefold(), each.id))
        return found[:limit]

    async def everybody(self) -> AsyncIterator[PersonRow]:
        """All people, by their ids."""
        async for person in self._all():
            yield person

    async def of(self, audience: Audience, *, after: int = 0) -> AsyncIterator[PersonRow]:
        """Those of an audience who can be written to, by their ids, beginning behind the id `after`.

        Who is banned, or known to have blocked the bot, cannot.
        """
        today = self._clock.now().date()
        async for person in self._all(after):
            reachable = not person.banned and not person.blocked_bot
            if reachable and audience.language in ("", person.language) and _fits(person, audience, today):
                yield person

    async def _all(self, after: int = 0) -> AsyncIterator[PersonRow]:
        fields, arrived = [*_FIELDS, *_MARKS], {"arrived": True, "_id": {"$gt": stored(after)}}
        async for batch in self._rows.batches(arrived, fields=fields, order=["_id"]):
            for row in batch:
                yield self._person(row)

    def _person(self, row: Document) -> PersonRow:
        until, seen, created = row.get("banned_until"), row.get("seen_on"), row.get("created_at")
        created_on = created.date() if created is not None else None
        return PersonRow(
            id=int(row["_id"]),
            name=row.get("first_name") or "",
            username=row.get("username") or "",
            language=self._language_of(row.get("language"), row.get("telegram_language")),
            created_on=created_on,
            seen_on=date.fromisoformat(seen) if seen else created_on,
            banned=until is not None and until > self._clock.now(),
            blocked_bot=bool(row.get("blocked_bot")),
        )


_DAYS: dict[Any, int] = {Activity.WEEK: 7, Activity.MONTH: 30, Activity.AWAY: 30}


def _fits(person: PersonRow, audience: Audience, today: date) -> bool:
    days = _DAYS.get(audience.activity)
    if days is None:
        return True
    recent = person.seen_on is not None and person.seen_on > today - timedelta(days=days)
    return recent is not (audience.activity is Activity.AWAY)
