"""What operators look for among many generations is answered by indexes, the newest first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from support.sample_jobs import sample_job

from core.generation.job import ENDED_BADLY, FINAL_STATES, JobState
from core.storage.collection import Collection
from core.storage.database import Database
from core.storage.generations import JobStore, job_document
from sandbox.clock import ManualClock

MANY, FOUND = 600, 10


async def test_models_and_states_are_found_without_reading_everything(
    database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = (*FINAL_STATES, *ENDED_BADLY, JobState.RUNNING)
    rows = []
    for number in range(MANY):
        at, state = clock.now() + timedelta(minutes=number), states[number % len(states)]
        model = "rare" if number % 200 == 0 else f"popular{number % 2}"
        job = sample_job(
            f"job{number}", model_id=model, state=state, created_at=at, timings={state.value: at}
        )
        rows.append(job_document(job))
    assert not await database.collection("generations").insert_many(rows)

    asked: list[tuple[Mapping[str, Any], str]] = []
    find = Collection.find

    async def asking(rows: Collection, filter: Mapping[str, Any], **more: Any) -> Any:
        asked.append((filter, more.get("latest", "")))
        return await find(rows, filter, **more)

    monkeypatch.setattr(Collection, "find", asking)
    jobs = JobStore(database, clock)
    for model, numbers in (("rare", (400, 200, 0)), ("popular1", range(MANY - 1, MANY - 2 * FOUND, -2))):
        found = await jobs.newest({"model_id": model}, FOUND)
        assert [job.id for job in found] == [f"job{number}" for number in numbers]
    for place, state in enumerate(states):
        numbers = [number for number in range(MANY) if number % len(states) == place]
        wanted = [f"job{number}" for number in reversed(numbers)][:FOUND]
        assert [job.id for job in await jobs.last_in(state, FOUND)] == wanted
    numbers = [number for number in range(MANY) if states[number % len(states)] is JobState.RUNNING]
    assert [job.id for job in await jobs.newest_active(1)] == [f"job{numbers[-1]}"]
    for condition, latest in asked:
        if "_id" in condition:
            continue
        command: dict[str, Any] = {"find": "generations", "filter": dict(condition)}
        if latest:
            command |= {"sort": {latest: -1}, "limit": FOUND}
        plan = await database._database.command({"explain": command, "verbosity": "executionStats"})
        winning = str(plan["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in winning, (condition, winning)
        assert "COLLSCAN" not in winning
        # The embedded engine reads all that fit, a MongoDB the newest of them.
        fitting = await database.collection("generations").count(condition)
        assert plan["executionStats"]["totalDocsExamined"] <= fitting < MANY, (condition, plan)
