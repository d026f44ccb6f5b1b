"""Histories: numbers that rise, pages of a few indexed questions, and rows that are gone for good."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from support.sample_jobs import ALICE, sample_job

from core.billing.ledger import Ledger
from core.generation.history import History
from core.generation.job import Job, JobState
from core.storage.collection import Collection, Document
from core.storage.database import Database
from core.storage.generations import JobStore, job_document
from core.storage.history import HistoryRow, HistoryStore
from core.storage.notes import NoteStore
from sandbox.clock import ManualClock

JOB = sample_job(
    "job0",
    options={"seed": 1, "negative_prompt": "собака"},
    word_fields=("negative_prompt",),
    state=JobState.DELIVERED,
    uploaded=({"kind": "photo", "file": {"type": "photo", "id": 1, "access_hash": 2, "reference": "00"}},),
)


@pytest.fixture
def jobs(database: Database, clock: ManualClock) -> JobStore:
    return JobStore(database, clock)


@pytest.fixture
def history(database: Database, clock: ManualClock) -> History:
    return History(HistoryStore(database), Ledger(database, clock), NoteStore(database, clock))


async def made(jobs: JobStore, count: int, **changes: Any) -> list[Job]:
    found = []
    for _ in range(count):
        number = await jobs.next_number(ALICE)
        job = replace(JOB, id=f"job{number}", number=number, **changes)
        assert await jobs.insert(job)
        found.append(job)
    return found


async def test_numbers_rise_whoever_asks_at_once(jobs: JobStore) -> None:
    numbers = await asyncio.gather(*(jobs.next_number(ALICE) for _ in range(20)))
    assert sorted(numbers) == list(range(1, 21))
    assert await jobs.next_number(ALICE + 1) == 1


async def test_a_number_stands_once_in_a_history(jobs: JobStore) -> None:
    (job,) = await made(jobs, 1)
    assert not await jobs.insert(replace(job, id="other"))
    # Records from before people's generations were counted have none, and no place in a history.
    assert await jobs.insert(replace(JOB, id="old1"))
    assert await jobs.insert(replace(JOB, id="old2"))


async def test_words_of_options_go_with_the_prompt(jobs: JobStore) -> None:
    (job,) = await made(jobs, 1, state=JobState.DELIVERING)
    found = await jobs.get(job.id)
    assert found is not None
    assert found.options == JOB.options
    ended = await jobs.advance(job.id, expected=(JobState.DELIVERING,), to=JobState.DELIVERED)
    assert ended is not None
    assert (ended.prompt, ended.options) == ("", {"seed": 1})


async def test_a_row_that_is_deleted_keeps_nothing_of_the_person(jobs: JobStore, history: History) -> None:
    first, second = await made(jobs, 2, keep_prompt=True)
    row = await history.get(ALICE, second.id)
    assert row is not None
    assert row.prompt == "кот"
    assert await history.get(ALICE + 1, second.id) is None
    assert await history.set_favourite(ALICE, second.id, on=True) == replace(row, favourite=True)
    assert await history.remove(ALICE, second.id)
    assert await history.remove(ALICE, second.id)
    assert await history.get(ALICE, second.id) is None
    assert (await history.page(ALICE, favourites=True)).rows == ()
    left = await jobs.get(second.id)
    assert left is not None
    assert (left.uploaded, left.price, left.model_id) == ((), 3, "demo/video")
    assert [each.job.id for each in (await history.page(ALICE)).rows] == [first.id]


@pytest.mark.parametrize("state", [JobState.RUNNING, JobState.DELIVERING, JobState.FAILED])
async def test_what_is_not_over_is_not_deleted(jobs: JobStore, history: History, state: JobState) -> None:
    (job,) = await made(jobs, 1, state=state)
    assert not await history.remove(ALICE, job.id)
    assert (await history.page(ALICE)).rows[0].job.id == job.id


async def test_forgetting_prompts_forgets_all_of_them(jobs: JobStore, history: History) -> None:
    await made(jobs, 2, keep_prompt=True)
    await made(jobs, 1, keep_prompt=True, state=JobState.RUNNING)
    await made(jobs, 1)
    assert await history.forget_prompts(ALICE) == 3
    assert [row.prompt for row in (await history.page(ALICE)).rows] == [""] * 4
    assert await history.forget_prompts(ALICE) == 0


class Asked:
    """The questions that a piece of code puts to the database."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self._database = database
        self.questions: list[tuple[str, Mapping[str, Any]]] = []
        for name in ("find", "find_one", "update_one", "update_many"):
            self._listen(monkeypatch, name)

    def _listen(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        method = getattr(Collection, name)

        async def asking(rows: Collection, condition: Mapping[str, Any], *rest: Any, **more: Any) -> Any:
            self.questions.append((rows._rows.name, condition))
            return await method(rows, condition, *rest, **more)

        monkeypatch.setattr(Collection, name, asking)

    async def examined(self) -> Sequence[tuple[str, int]]:
        """How the database answers each question, and how many documents it looks at for it."""
        found = []
        for collection, condition in self.questions:
            if "_id" in condition:
                # One document by its key, whatever else is asked of it.
                continue
            plan = await self._database._database.command(
                {
                    "explain": {"find": collection, "filter": dict(condition)},
                    "verbosity": "executionStats",
                }
            )
            statistics = plan["executionStats"]
            found.append((str(plan["queryPlanner"]["winningPlan"]), int(statistics["totalDocsExamined"])))
        return found


def long_history(length: int) -> list[Document]:
    """Generations of which a stretch in the second half was deleted, and every hundredth is a favourite."""
    rows = []
    for number in range(1, length + 1):
        row = job_document(replace(JOB, id=f"job{number}", number=number))
        if number % 100 == 0:
            row["favourite_of"] = row["user_id"]
        if length - 1000 <= number < length - 600:
            for mark in ("listed", "favourite_of"):
                row.pop(mark, None)
        rows.append(row)
    return rows


@pytest.mark.parametrize(
    "length", [2_000, pytest.param(10_000, marks=[pytest.mark.soak, pytest.mark.timeout(600)])]
)
async def test_each_screen_of_a_long_history_asks_a_few_indexes(
    database: Database,
    jobs: JobStore,
    history: History,
    monkeypatch: pytest.MonkeyPatch,
    length: int,
) -> None:
    rows = long_history(length)
    for start in range(0, length, 1000):
        await database.collection("generations").insert_many(rows[start : start + 1000])
    await database.collection("users").insert_one({"_id": ALICE, "generations": length})
    asked = Asked(database, monkeypatch)

    async def costs(screen: Any) -> Any:
        asked.questions.clear()
        shown = await screen
        assert len(asked.questions) <= 5, asked.questions
        for plan, looked_at in await asked.examined():
            assert "COLLSCAN" not in plan, plan
            assert looked_at <= 600, plan
        return shown

    assert len((await costs(history.page(ALICE))).rows) == 5
    above, below = length - 600, length - 1001
    gap = await costs(history.page(ALICE, before=above + 2))
    assert [row.job.number for row in gap.rows] == [above + 1, above, below, below - 1, below - 2]
    assert len((await costs(history.newer_page(ALICE, after=below - 1))).rows) == 5
    favourites = await costs(history.page(ALICE, before=900, favourites=True))
    assert [row.job.number for row in favourites.rows] == [800, 700, 600, 500, 400]
    assert len(await costs(history.recent(ALICE))) == 200
    row: HistoryRow | None = await costs(history.get(ALICE, "job77"))
    assert row is not None
    await costs(history.set_favourite(ALICE, "job77", on=True))
    await costs(history.remove(ALICE, "job77"))
    await costs(history.forget_prompts(ALICE))
