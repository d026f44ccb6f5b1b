"""A person's past generations: pages, favourites, kept words, and what the ledger did for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from core.billing.holding import hold_key, release_key, settle_key
from core.billing.ledger import Entry
from core.errors import UserFacingError
from core.generation.job import Job, JobState
from core.generation.media import media_from
from core.storage.history import HistoryRow, HistoryStore
from core.storage.notes import NoteStore
from core.telegram.types import MediaKind, OutgoingMedia

MOST_FAVOURITES = 200
"""How many favourites a person may have: their list is read whole."""
_WIDTHS = (64, 512)
"""How many numbers are looked through at a time where rows were deleted, until a page is full."""


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Some rows, the newest first, and whether there may be others on either side.

    `before` is the number below which the next older page begins, `after` the one above which the newer one
    ends.
    """

    rows: tuple[HistoryRow, ...] = ()
    newer: bool = False
    older: bool = False
    after: int = 0
    before: int = 0


class MoneyMoved(StrEnum):
    """What the ledger did for a generation."""

    NOTHING = "nothing"
    """Nothing was ever set aside."""
    HELD = "held"
    CHARGED = "charged"
    RETURNED = "returned"
    FREE = "free"
    """It was given for nothing."""
    FREE_HELD = "free-held"
    FREE_RETURNED = "free-returned"
    """It was to be free and failed: the free generation is the person's again."""


@dataclass(frozen=True, slots=True)
class JobMoney:
    """What the ledger did, and how many Stars that moved."""

    moved: MoneyMoved
    stars: int = 0


class LedgerEntries(Protocol):
    """What is needed of the ledger."""

    async def entry(self, user_id: int, key: str) -> Entry | None:
        """The entry of a person with this key."""
        ...


class History:
    """Past generations, for plugins. Every method answers for that one person's generations alone.

    A page costs at most five questions to the database, however long the history is and whatever was deleted
    of it (twice as many where nothing newer is left); a row, one.

    Words that are to be forgotten go from the notes of plugins as well: there the last orders are remembered
    for a day, by the ids of their generations.
    """

    def __init__(self, store: HistoryStore, ledger: LedgerEntries, notes: NoteStore) -> None:
        self._store = store
        self._ledger = ledger
        self._notes = notes

    async def page(
        self, user_id: int, *, before: int = 0, favourites: bool = False, limit: int = 5
    ) -> HistoryPage:
        """The newest rows with a number below `before`; the newest of all where that is 0."""
        last = await self._store.last_number(user_id)
        top = min(before - 1, last) if before else last
        if favourites:
            numbers = await self._store.favourites(user_id)
            below = [number for number in numbers if number <= top]
            rows = await self._store.rows(user_id, below[:limit])
            return _page(rows, newer=below != numbers, older=len(below) > limit)
        found, lowest = await self._below(user_id, top, limit + 1)
        rows = await self._store.rows(user_id, found[:limit])
        page = _page(rows, newer=top < last, older=len(found) > limit or lowest > 1)
        if rows or not page.older:
            return page
        return HistoryPage(newer=page.newer, older=True, after=top, before=lowest)

    async def newer_page(
        self, user_id: int, *, after: int, favourites: bool = False, limit: int = 5
    ) -> HistoryPage:
        """The page whose oldest row is the next newer one than `after`."""
        if favourites:
            found = sorted(number for number in await self._store.favourites(user_id) if number > after)
        else:
            last = await self._store.last_number(user_id)
            found = await self._above(user_id, after, last, limit + 1)
        rows = await self._store.rows(user_id, found[:limit])
        if not rows:
            return await self.page(user_id, favourites=favourites, limit=limit)
        return _page(rows, newer=len(found) > limit, older=True)

    async def get(self, user_id: int, job_id: str) -> HistoryRow | None:
        """The row of a generation; None if it is not this person's, or deleted."""
        return await self._store.of_job(user_id, job_id)

    async def recent(self, user_id: int, limit: int = 200) -> tuple[HistoryRow, ...]:
        """The rows among a person's newest `limit` generations that have a file to show, the newest first."""
        last = await self._store.last_number(user_id)
        rows = await self._store.rows(user_id, range(last, max(0, last - limit), -1))
        return tuple(row for row in rows if row.job.state is JobState.DELIVERED and row.job.uploaded)

    async def money(self, job: Job) -> JobMoney:
        """What the ledger did for a generation, as its entries say."""
        keys = ((settle_key, "charged"), (release_key, "returned"), (hold_key, "held"))
        for key, moved in keys:
            entry = await self._ledger.entry(job.user_id, key(job.user_id, job.id))
            if entry is not None:
                return _moved(job, moved, entry.amount)
        return JobMoney(MoneyMoved.NOTHING)

    async def set_favourite(self, user_id: int, job_id: str, *, on: bool) -> HistoryRow | None:
        """Make a row a favourite, or none; the row as it is then, None where there is none.

        Raises:
            UserFacingError: `favourites-full`: there are as many as there may be.

        """
        row = await self._store.of_job(user_id, job_id)
        if row is None or row.favourite == on:
            return row
        if on and len(await self._store.favourites(user_id)) >= MOST_FAVOURITES:
            raise UserFacingError("favourites-full", most=MOST_FAVOURITES)
        await self._store.set_favourite(row, on=on)
        return await self._store.of_job(user_id, job_id)

    async def remove(self, user_id: int, job_id: str) -> bool:
        """Take a row out of the person's view for good, with its words and files; what statistics need stays.

        True also for one that is gone already, False while the generation is not over.
        """
        row = await self._store.of_job(user_id, job_id)
        gone = row is None or await self._store.remove(row) or await self.get(user_id, job_id) is None
        if gone:
            await self._notes.forget(user_id, job_id)
        return gone

    async def forget_prompts(self, user_id: int) -> int:
        """Erase every prompt that is kept for the person, and all notes; how many rows had one."""
        await self._notes.erase(user_id)
        return await self._store.forget_prompts(user_id)

    async def forget_prompt(self, user_id: int, job_id: str) -> HistoryRow | None:
        """Erase the prompt of one generation wherever it is kept; its row as it is then."""
        await self._notes.forget(user_id, job_id)
        row = await self._store.of_job(user_id, job_id)
        if row is not None:
            await self._store.forget_prompt(row)
        return await self._store.of_job(user_id, job_id)

    async def _below(self, user_id: int, top: int, wanted: int) -> tuple[list[int], int]:
        """Numbers of rows from `top` downwards, and the lowest number that was looked at."""
        found: list[int] = []
        for width in (wanted, *_WIDTHS):
            if top < 1 or len(found) >= wanted:
                break
            found += await self._store.listed(user_id, range(top, max(0, top - width), -1))
            top = max(0, top - width)
        return found[:wanted], top + 1

    async def _above(self, user_id: int, after: int, last: int, wanted: int) -> list[int]:
        """Numbers of rows above `after`, rising."""
        found: list[int] = []
        for width in (wanted, *_WIDTHS):
            if after >= last or len(found) >= wanted:
                break
            found += reversed(
                await self._store.listed(user_id, range(after + 1, min(last, after + width) + 1))
            )
            after += width
        return found


def files_of(job: Job) -> tuple[OutgoingMedia, ...]:
    """A delivered generation's files as they lie on Telegram's servers, ready to be shown again.

    What went out as a link is none of them.
    """
    kinds = set(MediaKind)
    return tuple(media_from(fields) for fields in job.uploaded if fields["file"] and fields["kind"] in kinds)


def _page(rows: Sequence[HistoryRow], *, newer: bool, older: bool) -> HistoryPage:
    if not rows:
        return HistoryPage(newer=newer, older=older)
    return HistoryPage(tuple(rows), newer, older, after=rows[0].job.number, before=rows[-1].job.number)


def _moved(job: Job, what: str, stars: int) -> JobMoney:
    if not job.free:
        return JobMoney(MoneyMoved(what), stars)
    free = {"charged": MoneyMoved.FREE, "returned": MoneyMoved.FREE_RETURNED, "held": MoneyMoved.FREE_HELD}
    return JobMoney(free[what], stars)
