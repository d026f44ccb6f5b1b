"""Generations: each one document, changed only from the state, and by the worker, that the caller expects."""

from __future__ import annotations

import dataclasses
import heapq
from collections import Counter
from collections.abc import Collection as Many
from collections.abc import Iterable, Mapping, Set
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.clock import Clock
from core.errors import DatabaseAway
from core.generation.job import ACTIVE_STATES, ENDED_BADLY, FINAL_STATES, Job, JobState
from core.storage.codec import plain, stored, to_milliseconds
from core.storage.collection import Document
from core.storage.database import Database
from core.storage.history_marks import COUNTER, history_marks
from core.storage.leases import WORKER_LEASE, Leases

_FIELDS = {field.name for field in dataclasses.fields(Job)}
_TUPLES = {"inputs", "results", "uploaded", "messages", "tried", "word_fields"}
_FIXED = {"id", "user_id", "number", "keep_prompt", "word_fields", "state", "worker", "epoch", "timings"}
_SLOTS = ("slot", "free_slot")
_NO_OWNER = ""
_WORDS = "words"
"""Where a document has those of the options that are its person's own words."""
_ROUSED = {"$set": {"roused": True}}
_MOST_READ = 5000
"""New jobs that are read at a time to find the oldest of them."""
_SEARCH_SECONDS = 60.0
_WAITS = JobState.RUNNING.value


@dataclasses.dataclass(slots=True)
class _Unclaimed:
    """Jobs that were found without a worker and are still to be claimed: `(id, owner)`, the next one last.

    What one look finds is worked off over many, for a search reads every job that is not finished.
    `begun` are those of a claim whose end nobody has seen yet. Where the database goes away in it they may be
    the worker's own already: then no search finds them again, for their worker is at work.
    """

    begun: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    new: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    left: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    working: frozenset[str] = frozenset()
    """The workers that were at work at the last search for jobs left behind, and when that was."""
    at: float = 0.0

    def is_due(self, working: Set[str], now: float) -> bool:
        """Whether some may have been left behind since the last search."""
        return working != self.working or (not self.left and now - self.at >= _SEARCH_SECONDS)

    def begin(self, limit: int) -> list[tuple[str, str]]:
        """At most so many: new jobs go before those of other workers, which nearly all wait anyway."""
        if not self.begun:
            new = self.new[-limit:]
            rest = limit - len(new)
            self.begun = [*new, *(self.left[-rest:] if rest else ())]
        return self.begun[-limit:]

    def forget(self, found: Many[tuple[str, str]]) -> None:
        """These have been claimed, here or elsewhere."""
        gone = set(found)
        self.begun = [each for each in self.begun if each not in gone]
        self.new = [each for each in self.new if each not in gone]
        self.left = [each for each in self.left if each not in gone]


class JobStore:
    """Generations by their request ids.

    Beside the job's own fields a document carries marks that keep its indexes small: `live` until nothing is
    left to do, `active_user` while the job is active, `owner` for the worker and epoch that may write,
    `roused` while that worker is to look at it at once, `uncounted` at its end until statistics have it.
    Those of `core.storage.history` begin with the job.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._rows = database.collection("generations")
        self._people = database.collection("users")
        self._leases = Leases(database, clock)
        self._clock = clock
        self._unclaimed = _Unclaimed()
        self.workers = 1
        """How many workers were at work at the last claim."""

    async def next_number(self, user_id: int) -> int:
        """A number for a person's next job, greater than all before it; one that is not used is left out.

        It is counted in the person's record.
        """
        who = {"_id": stored(user_id)}
        while True:
            row = await self._people.find_one(who, fields=[COUNTER])
            if row is None:
                if await self._people.insert_one({**who, COUNTER: stored(1)}):
                    return 1
                continue
            last = row.get(COUNTER)
            following = int(last or 0) + 1
            unchanged = {**who, COUNTER: {"$exists": False} if last is None else last}
            if (await self._people.update_one(unchanged, {"$set": {COUNTER: stored(following)}})).modified:
                return following

    async def insert(self, job: Job) -> bool:
        """Keep a new job; False when its id, its number, or one of its slots, is taken."""
        now = self._now()
        created = dataclasses.replace(
            job, created_at=job.created_at or now, timings={**job.timings, job.state.value: now}
        )
        return await self._rows.insert_one(job_document(created))

    async def get(self, job_id: str) -> Job | None:
        """The job as it is now, or None."""
        row = await self._rows.find_one({"_id": job_id})
        return job_of(row) if row is not None else None

    async def taken_free_slots(self, slots: Many[str]) -> set[str]:
        """Which of these slots of free generations jobs have."""
        rows = await self._rows.find({"free_slot": {"$in": sorted(slots)}}, fields=["free_slot"])
        return {row["free_slot"] for row in rows}

    async def has_slot(self, slot: str) -> bool:
        """Whether an active job has this slot."""
        return await self._rows.find_one({"slot": slot}, fields=["slot"]) is not None

    async def active_of(self, user_id: int) -> list[Job]:
        """A person's jobs that still run, oldest first."""
        return _oldest_first(await self._rows.find({"active_user": stored(user_id)}))

    async def newest(self, condition: Mapping[str, Any], limit: int) -> list[Job]:
        """The newest of the jobs that fit, the newest first."""
        return await self._last(stored(condition), "created_at", limit)

    async def newest_active(self, limit: int, states: Many[JobState] = ACTIVE_STATES) -> list[Job]:
        """The newest of those that are not over, the newest first."""
        found = heapq.nlargest(limit, await self._active(states), key=_age)
        return list(reversed(await self.get_many(row["_id"] for row in found)))

    async def _active(self, states: Many[JobState]) -> list[Document]:
        """State and age of the jobs in one of these states, all of which are active."""
        # By one condition alone: with another one beside it the embedded database reads everything.
        rows = await self._rows.find({"live": True}, fields=["state", "created_at"])
        return [row for row in rows if JobState(row["state"]) in states]

    async def last_in(self, state: JobState, limit: int) -> list[Job]:
        """Those that came into a state last, the last first; of those that are not over, the newest in it.

        What ended badly leaves that state as soon as its price is back, and counts still.
        """
        entered = f"timings.{state.value}"
        if state in ACTIVE_STATES:
            return await self.newest_active(limit, {state})
        return await self._last({entered: {"$exists": True}}, entered, limit)

    async def _last(self, condition: Document, by: str, limit: int) -> list[Job]:
        return [job_of(row) for row in await self._rows.find(condition, latest=by, limit=limit)]

    async def active_by_state(self) -> dict[JobState, int]:
        """How many jobs are not over, by their state."""
        return dict(Counter(JobState(row["state"]) for row in await self._active(ACTIVE_STATES)))

    async def advance(
        self,
        job_id: str,
        *,
        expected: Many[JobState],
        to: JobState,
        epoch: int | None = None,
        changes: Mapping[str, Any] | None = None,
        stop_wanted: bool | None = None,
        known_task: str | None = None,
        never: JobState | None = None,
    ) -> Job | None:
        """Enter the state `to` from one of those `expected`; the job after it, or None when it lost.

        With `epoch`, only if the job is still stamped with it; with `stop_wanted`, only if its person has, or
        has not, asked to stop it; with `known_task`, only if that is its task; with `never`, only if it has
        not been in that state. Notes when the state was entered and begins its `attempts` at 0. A job that
        ends loses its prompt, its inputs and its slot, and its free slot as well unless it was delivered.
        """
        update = _changed({"attempts": 0, **(changes or {}), **_erased(to)})
        update["$set"]["state"] = to.value
        if to not in ACTIVE_STATES:
            update["$set"][_WORDS] = {}
        update["$set"][f"timings.{to.value}"] = self._now()
        if to in FINAL_STATES:
            update["$set"]["uncounted"] = True
        if to in ENDED_BADLY and epoch is None:
            # Somebody else than its worker has ended it.
            update["$set"] |= _ROUSED["$set"]
        gone = {**update.get("$unset", {}), **dict.fromkeys(_marks_gone(to), "")}
        if gone:
            update["$unset"] = gone
        condition = _expecting(job_id, expected, epoch, stop_wanted)
        if known_task is not None:
            condition["task_id"] = known_task
        if never is not None:
            condition[f"timings.{never.value}"] = {"$exists": False}
        updated = await self._rows.update_one(condition, update)
        return await self.get(job_id) if updated.matched else None

    async def leave_queue(self, job_id: str, slot: str) -> Job | None:
        """Give a queued job a place among those that run; None when it is not queued, or the place is taken.

        Whose worker has it makes no difference; that one is roused.
        """
        entered = {"state": JobState.HELD.value, f"timings.{JobState.HELD.value}": self._now(), "attempts": 0}
        update = {"$set": {**stored(entered), **_ROUSED["$set"], "slot": slot}}
        updated = await self._rows.update_unless_taken(
            {"_id": job_id, "state": JobState.QUEUED.value}, update
        )
        return await self.get(job_id) if updated is not None and updated.matched else None

    async def change(
        self,
        job_id: str,
        *,
        expected: Many[JobState],
        epoch: int | None = None,
        changes: Mapping[str, Any],
        stop_wanted: bool | None = None,
    ) -> bool:
        """Change fields of a job that is in one of the states `expected`; False when it is not.

        `epoch` and `stop_wanted` are conditions as in `advance`.
        """
        condition = _expecting(job_id, expected, epoch, stop_wanted)
        updated = await self._rows.update_one(condition, _changed(changes))
        return updated.matched == 1

    @property
    def unclaimed(self) -> int:
        """How many jobs are known to have no worker, or one whose lease is over."""
        return len(self._unclaimed.new) + len(self._unclaimed.left)

    async def claim(self, worker: str, epoch: int, limit: int) -> list[Job]:
        """Take over at most `limit` jobs that nobody has, or whose worker's lease is over.

        New jobs come first, then those left behind that have something to be done, then those that wait for
        their provider; the oldest first in each. The lease of a worker is called `worker:NAME`; the caller
        holds its own with this `epoch`. Jobs left behind are looked for when the workers at work are not
        those of the last look, and once a minute.
        """
        working = await self._working(_owner(worker, epoch))
        if limit <= 0:
            return []
        await self._find_unclaimed(working)
        while found := self._unclaimed.begin(limit):
            claimed = await self._stamp(found, worker, epoch)
            self._unclaimed.forget(found)
            if claimed:
                return claimed
        return []

    async def _working(self, own: str) -> set[str]:
        held = await self._leases.held(WORKER_LEASE)
        working = {_owner(lease.name.removeprefix(WORKER_LEASE), lease.epoch) for lease in held} | {own}
        self.workers = len(working)
        return working

    async def _find_unclaimed(self, working: set[str]) -> None:
        unclaimed, now = self._unclaimed, self._clock.monotonic()
        if unclaimed.is_due(working, now):
            ownerless = {"live": True, "owner": {"$nin": sorted(working)}}
            rows = await self._rows.find(ownerless, fields=["owner", "created_at", "state"])
            unclaimed.left = _last_first(row for row in rows if row["owner"] != _NO_OWNER)
            unclaimed.new = _last_first(row for row in rows if row["owner"] == _NO_OWNER)
            unclaimed.working, unclaimed.at = frozenset(working), now
        elif not unclaimed.new:
            new = {"owner": _NO_OWNER}
            rows = await self._rows.find(new, fields=["owner", "created_at", "state"], limit=_MOST_READ)
            unclaimed.new = _last_first(rows)

    async def _stamp(self, found: Many[tuple[str, str]], worker: str, epoch: int) -> list[Job]:
        """Make those that are still as they were found this worker's; which of them it has, oldest first.

        That may be more than this call has changed: the answer to an earlier one may have been lost.
        """
        owners = sorted({owner for _, owner in found})
        still = {"_id": {"$in": [job_id for job_id, _ in found]}, "owner": {"$in": owners}}
        stamp = {"$set": stored({"worker": worker, "epoch": epoch, "owner": _owner(worker, epoch)})}
        await self._rows.update_many(still, stamp)
        return [job for job in await self.get_many(job_id for job_id, _ in found) if job.epoch == epoch]

    async def get_many(self, job_ids: Iterable[str]) -> list[Job]:
        """The jobs of these ids as they are now, oldest first; those that are not there are left out."""
        return _oldest_first(await self._rows.find({"_id": {"$in": list(job_ids)}}))

    async def rouse_person(self, user_id: int) -> None:
        """Let everybody who has a job of this person's look at it soon."""
        await self._rows.update_many({"active_user": stored(user_id)}, _ROUSED)

    async def running_costs(self) -> dict[str, Decimal]:
        """What the generations cost that are being made, or not in the statistics yet, in USD, by provider.

        Of those that are over it is what was made, as the statistics count it.
        """
        costs: dict[str, Decimal] = {}
        fields = ["provider", "cost_usd", "state", f"timings.{JobState.READY.value}"]
        seen: set[str] = set()
        # In this order: what ends in between is found twice, and counts once.
        for mark in ("live", "uncounted"):
            async for rows in self._rows.batches({mark: True}, fields=fields):
                for row in rows:
                    made = JobState.READY.value in row.get("timings", {})
                    if row["_id"] in seen or not (made or JobState(row["state"]) in ACTIVE_STATES):
                        continue
                    seen.add(row["_id"])
                    cost = Decimal(plain(row["cost_usd"]))
                    costs[row["provider"]] = costs.get(row["provider"], Decimal(0)) + cost
        return costs

    async def oldest_new(self) -> datetime | None:
        """When the oldest generation was ordered that no provider has been given yet; None without any."""
        waiting = {"live": True, "state": {"$in": [JobState.CREATED.value, JobState.HELD.value]}}
        found = await self._rows.find(waiting, fields=["created_at"])
        return min((row["created_at"] for row in found if row.get("created_at")), default=None)

    async def rouse(self, job_id: str) -> bool:
        """Let whoever has the job look at it soon; False where nothing is left to do for it."""
        return (await self._rows.update_one({"_id": job_id, "live": True}, _ROUSED)).matched == 1

    async def roused(self, worker: str, epoch: int) -> list[Job]:
        """The jobs that this worker is to look at, oldest first; told again where the database went away."""
        own = _owner(worker, epoch)
        rows = await self._rows.find({"roused": True, "owner": own})
        if rows:
            ids = [row["_id"] for row in rows]
            # The marks may be gone though the answer is lost: who was told of must not be forgotten for that.
            with suppress(DatabaseAway):
                await self._rows.update_many({"_id": {"$in": ids}}, {"$unset": {"roused": ""}})
        return _oldest_first(rows)

    async def adopt(self, job_id: str, provider: str, task_id: str) -> bool:
        """Give a job that was submitted, and whose task nobody knows, its task; its worker is roused.

        False where it is not waiting for one at this provider, or another job has this task.
        """
        taken = {"provider": provider, "task_id": task_id}
        if await self._rows.find_one(taken, fields=["provider"]) is not None:
            return False
        lost = {"_id": job_id, "state": JobState.SUBMITTED.value, "provider": provider, "task_id": ""}
        change = {"$set": {**_ROUSED["$set"], "task_id": task_id}}
        return (await self._rows.update_one(lost, change)).matched == 1

    async def uncounted(self, limit: int) -> list[Job]:
        """At most `limit` jobs that have ended and are in no statistics yet."""
        return [job_of(row) for row in await self._rows.find({"uncounted": True}, limit=limit)]

    async def mark_ended(self) -> None:
        """Mark all jobs that have ended and are in no statistics, also those from before there were any."""
        ended = {"state": {"$in": [state.value for state in FINAL_STATES]}, "counted": {"$exists": False}}
        await self._rows.update_many(ended, {"$set": {"uncounted": True}})

    async def counted(self, job_ids: Many[str]) -> None:
        """Note that the statistics have these jobs; they are never asked to count them again."""
        # One by one in one command: the embedded database compares each of many ids with each document.
        noted = {"$set": {"counted": True}, "$unset": {"uncounted": ""}}
        await self._rows.update_each([({"_id": job_id}, noted) for job_id in job_ids])

    async def owned(self, worker: str, epoch: int) -> list[Job]:
        """The jobs that are stamped with this worker and epoch and are not finished, oldest first."""
        return _oldest_first(await self._rows.find({"owner": _owner(worker, epoch)}))

    def _now(self) -> datetime:
        return to_milliseconds(self._clock.now())


def _expecting(
    job_id: str, expected: Many[JobState], epoch: int | None, stop_wanted: bool | None
) -> Document:
    condition: Document = {"_id": job_id, "state": {"$in": [state.value for state in expected]}}
    if epoch is not None:
        condition["epoch"] = stored(epoch)
    if stop_wanted is not None:
        condition["stop_wanted"] = True if stop_wanted else {"$ne": True}
    return condition


def _changed(changes: Mapping[str, Any]) -> Document:
    unknown = set(changes) - (_FIELDS - _FIXED)
    if unknown:
        raise TypeError(f"a job's {', '.join(sorted(unknown))} cannot be changed so")
    values = {name: stored(value) for name, value in changes.items()}
    # Only jobs with a slot are in the index that keeps slots unique.
    emptied = {name: values.pop(name) for name in _SLOTS if values.get(name) == ""}
    return {"$set": values, "$unset": emptied} if emptied else {"$set": values}


def _erased(to: JobState) -> dict[str, Any]:
    if to in ACTIVE_STATES:
        return {}
    erased = {"prompt": "", "inputs": (), "made_with": {}, "slot": ""}
    return erased if to is JobState.DELIVERED else {**erased, "free_slot": ""}


def _marks_gone(to: JobState) -> set[str]:
    if to in ACTIVE_STATES:
        return set()
    return {"active_user"} if to in ENDED_BADLY else {"active_user", "live", "owner", "roused"}


def _owner(worker: str, epoch: int) -> str:
    return f"{worker}#{epoch}"


def job_document(job: Job) -> Document:
    """A new job as it is kept."""
    document: Document = {name: stored(getattr(job, name)) for name in _FIELDS - {"id", *_SLOTS}}
    document["_id"] = job.id
    document[_WORDS] = {name: document["options"].pop(name) for name in job.word_fields}
    document |= {name: slot for name in _SLOTS if (slot := getattr(job, name))}
    if job.number:
        document |= history_marks(job)
    if job.state in ACTIVE_STATES:
        document["active_user"] = stored(job.user_id)
    if job.state in ACTIVE_STATES or job.state in ENDED_BADLY:
        document["live"] = True
        document["owner"] = _owner(job.worker, job.epoch) if job.worker else _NO_OWNER
    return document


def job_of(row: Document) -> Job:
    """The job whose document this is."""
    values = {name: plain(value) for name, value in row.items() if name in _FIELDS}
    for name in _TUPLES & values.keys():
        values[name] = tuple(values[name])
    values["options"] = {**values["options"], **plain(row.get(_WORDS, {}))}
    return Job(**{**values, "id": row["_id"], "state": JobState(row["state"])})


def _age(row: Document) -> tuple[Any, str]:
    return row["created_at"], row["_id"]


def _last_first(rows: Iterable[Document]) -> list[tuple[str, str]]:
    """Ids and owners, the one to be claimed first at the end."""
    ordered = sorted(rows, key=lambda row: (row["state"] == _WAITS, *_age(row)), reverse=True)
    return [(row["_id"], row["owner"]) for row in ordered]


def _oldest_first(rows: list[Document]) -> list[Job]:
    return [job_of(row) for row in sorted(rows, key=_age)]
