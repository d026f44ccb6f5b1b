"""Who was first: of several operators who act on one thing at once, one does, the others are told who."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.clock import Clock
from core.storage.codec import stored, to_milliseconds
from core.storage.database import Database

_PATIENCE = timedelta(minutes=1)
"""A claim whose thing is still as it was so much later was lost in a crash; the next one may act."""
_LIFE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody decided about a thing as it was. Not `first` when another operator was quicker.

    `by` is 0, and `what` empty, where it is not known who that was.
    """

    first: bool
    by: int
    what: str
    at: datetime


class Claims:
    """Claims by what they are about: a thing together with the state of it that was seen."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._rows = database.collection("claims")
        self._clock = clock

    async def take(self, about: str, what: str, *, by: int, stale: bool = False) -> Claim:
        """Claim a thing in one of its states; the same operator may do so again, as after a crash.

        `stale` says that the thing has left that state already: then nobody is first any more.
        """
        name = _name(about)
        if stale:
            return await self._late(name)
        now = to_milliseconds(self._clock.now())
        row = stored({"by": by, "what": what, "at": now, "expires_at": now + _LIFE})
        while not await self._rows.insert_one({"_id": name, **row}):
            held = await self._rows.find_one({"_id": name})
            if held is None:
                continue
            if (int(held["by"]), held["what"]) == (by, what):
                break
            if held["at"] + _PATIENCE > now:
                return Claim(False, int(held["by"]), held["what"], held["at"])
            lost = {"_id": name, "at": held["at"], "by": held["by"]}
            if (await self._rows.update_one(lost, {"$set": row})).matched:
                break
        return Claim(True, by, what, now)

    async def _late(self, name: str) -> Claim:
        held = await self._rows.find_one({"_id": name})
        if held is None:
            return Claim(False, 0, "", self._clock.now())
        return Claim(False, int(held["by"]), held["what"], held["at"])


def _name(about: str) -> str:
    """What a thing is called here: it may be a person, whose id is nobody's business in this collection."""
    return hashlib.blake2b(about.encode(), digest_size=16).hexdigest()
