"""People's own view of their generations: found by number, marked, and taken out of sight."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.generation.job import ACTIVE_STATES, ENDED_BADLY, Job
from core.storage.codec import stored
from core.storage.collection import Document
from core.storage.database import Database
from core.storage.generations import job_of
from core.storage.history_marks import COUNTER, place

_BUSY = [state.value for state in (*ACTIVE_STATES, *ENDED_BADLY)]
_OUT_OF_SIGHT = ("listed", "favourite_of", "prompt_of", "kept_prompt")


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A generation as its person sees it. `prompt` is empty where it is not kept."""

    job: Job
    favourite: bool = False
    prompt: str = ""


class HistoryStore:
    """The rows of the collection `generations` that are in their people's view.

    A row is found by its number, which a few exact questions to an index answer; nothing is sorted or
    skipped, however long a history is.
    """

    def __init__(self, database: Database) -> None:
        self._rows = database.collection("generations")
        self._people = database.collection("users")

    async def last_number(self, user_id: int) -> int:
        """The greatest number that a generation of the person's has been given; 0 for none."""
        row = await self._people.find_one({"_id": stored(user_id)}, fields=[COUNTER])
        return int((row or {}).get(COUNTER, 0))

    async def listed(self, user_id: int, numbers: Iterable[int]) -> list[int]:
        """Those of the numbers whose rows are in the person's view, falling."""
        places = [place(user_id, number) for number in numbers]
        rows = await self._rows.find({"listed": {"$in": places}}, fields=["number"])
        return sorted((int(row["number"]) for row in rows), reverse=True)

    async def favourites(self, user_id: int) -> list[int]:
        """The numbers of the person's favourites, falling."""
        rows = await self._rows.find({"favourite_of": stored(user_id)}, fields=["number"])
        return sorted((int(row["number"]) for row in rows), reverse=True)

    async def rows(self, user_id: int, numbers: Sequence[int]) -> list[HistoryRow]:
        """The rows of these numbers, the newest first; those out of sight are left out."""
        places = [place(user_id, number) for number in numbers]
        found = await self._rows.find({"listed": {"$in": places}}) if places else []
        return sorted(map(_row, found), key=lambda row: row.job.number, reverse=True)

    async def of_job(self, user_id: int, job_id: str) -> HistoryRow | None:
        """The row of a job, if it is this person's and in their view."""
        found = await self._rows.find_one({"_id": job_id})
        if found is None or "listed" not in found or int(found["user_id"]) != user_id:
            return None
        return _row(found)

    async def set_favourite(self, row: HistoryRow, *, on: bool) -> bool:
        """Make a row a favourite, or none; False if it is out of sight by now."""
        mark = {"favourite_of": stored(row.job.user_id)}
        change = {"$set": mark} if on else {"$unset": dict.fromkeys(mark, "")}
        return (await self._rows.update_one(_in_sight(row), change)).matched == 1

    async def remove(self, row: HistoryRow) -> bool:
        """Take a row out of its person's view for good, with the words and the file ids kept in it.

        False while something is still to be done for its generation, or if it is out of sight already. What
        statistics need stays.
        """
        change = {
            "$set": {"uploaded": [], "messages": [], "keep_prompt": False},
            "$unset": dict.fromkeys(_OUT_OF_SIGHT, ""),
        }
        done = {**_in_sight(row), "state": {"$nin": _BUSY}}
        return (await self._rows.update_one(done, change)).matched == 1

    async def forget_prompts(self, user_id: int) -> int:
        """Erase every prompt that is kept for a person; how many there were."""
        change = {"$set": {"keep_prompt": False}, "$unset": {"kept_prompt": "", "prompt_of": ""}}
        return (await self._rows.update_many({"prompt_of": stored(user_id)}, change)).matched

    async def forget_prompt(self, row: HistoryRow) -> bool:
        """Erase the prompt that is kept in a row; False if there is none."""
        change = {"$set": {"keep_prompt": False}, "$unset": {"kept_prompt": "", "prompt_of": ""}}
        mine = {"_id": row.job.id, "prompt_of": stored(row.job.user_id)}
        return (await self._rows.update_one(mine, change)).matched == 1


def _in_sight(row: HistoryRow) -> Document:
    return {"_id": row.job.id, "listed": place(row.job.user_id, row.job.number)}


def _row(document: Document) -> HistoryRow:
    return HistoryRow(job_of(document), "favourite_of" in document, document.get("kept_prompt", ""))
