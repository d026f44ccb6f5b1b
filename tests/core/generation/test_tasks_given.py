"""What a provider is given of a job, what is written down of it, and what is forgotten when it ends."""

from __future__ import annotations

from typing import Any

import pytest
import structlog
from support.generation_world import ScriptedProvider, World, model

from core.generation.job import Job, JobState
from core.generation.model import Model, ModelList
from core.generation.options import MediaInput
from core.generation.provider import (
    Failed,
    FailureReason,
    ProviderTask,
    Running,
    SubmissionRefused,
    TokenCount,
)
from core.storage.database import Database
from sandbox.clock import ManualClock

PAID = 25


def _with_pictures(plain: Model, field: str) -> Model:
    media = MediaInput(field=field, kind="image", role="reference", many=True, most=3, formats=("png",))
    return plain.model_copy(update={"media": (media,), "product": "lighthouses"})


def _given(ref: str, field: str = "image_urls") -> dict[str, Any]:
    return {
        "field": field,
        "ref": ref,
        "name": f"{ref}.png",
        "mime_type": "image/png",
        "size": 3,
        "seconds": 0.0,
        "width": 8,
        "height": 8,
    }


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    world = World(database, clock)
    await world.pay(PAID)
    world.provider.offered = ModelList((_with_pictures(model(), "image_urls"),))
    world.inputs.files = {"one": b"111", "two": b"222"}
    return world


async def _order(world: World) -> Job:
    return await world.create(world.studio(), inputs=(_given("one"), _given("two")))


async def _pictures(task: ProviderTask, field: str) -> list[bytes]:
    return [await given.read() for given in task.inputs[field]]


async def test_files_reach_the_provider_by_their_field_and_are_forgotten_at_the_end(world: World) -> None:
    job = await _order(world)
    assert (job.facts["characters"], job.facts["counts"]) == (21, {"image_urls": 2})
    await world.run(world.studio(), seconds=0.5)
    (task,) = world.provider.submissions
    assert list(task.inputs) == ["image_urls"]
    assert await _pictures(task, "image_urls") == [b"111", b"222"]
    assert world.inputs.discarded == []
    await world.run(world.studio())
    job = await world.job()
    assert (job.state, job.prompt, job.inputs) == (JobState.DELIVERED, "", ())
    assert job.facts["counts"] == {"image_urls": 2}
    assert world.inputs.discarded == ["one", "two"]


async def test_files_are_forgotten_when_a_job_fails_or_is_stopped(world: World) -> None:
    world.provider.statuses = [Failed(FailureReason.SAFETY)]
    await _order(world)
    await world.run(world.studio())
    assert world.inputs.discarded == ["one", "two"]
    studio = world.studio()
    stopped = await world.create(studio, "r2", inputs=(_given("two"),))
    assert await studio.generations.cancel(world.person.id, stopped.id)
    assert world.inputs.discarded == ["one", "two", "two"]


async def test_another_provider_gets_the_files_in_its_own_field(world: World) -> None:
    other = ScriptedProvider("other")
    other.offered = ModelList((_with_pictures(model("other-one", provider="other"), "image_input"),))
    world.others = [other]
    world.provider.submit_errors = [SubmissionRefused(FailureReason.UNAVAILABLE)]
    await _order(world)
    await world.run(world.studio())
    (task,) = other.submissions
    assert await _pictures(task, "image_input") == [b"111", b"222"]
    assert world.inputs.discarded == ["one", "two"]
    await world.assert_sound(paid=PAID)


class Counting(ScriptedProvider):
    """Counts tokens, as it is told to."""

    def __init__(self, answer: object) -> None:
        super().__init__()
        self.answer = answer

    async def count_tokens(self, task: ProviderTask) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def submit(self, task: ProviderTask) -> Any:
        # An answer takes its time.
        await self.find(task.job_id)
        return await super().submit(task)


@pytest.mark.parametrize(
    ("answer", "tokens"),
    [(TokenCount(17), 17), (ZeroDivisionError(), 6), (None, 6), (TokenCount(3, estimated=True), 3)],
    ids=["counted", "failed", "nonsense", "estimated"],
)
async def test_the_tokens_of_a_prompt_are_written_down_and_nothing_waits_for_them(
    database: Database, clock: ManualClock, answer: object, tokens: int
) -> None:
    world = World(database, clock)
    await world.pay(PAID)
    provider = Counting(answer)

    async def yield_once() -> None:
        await world.jobs.get("nobody")

    provider.during_submit = yield_once
    world.provider = provider
    studio = world.studio()
    job = await world.create(studio)
    assert job.prompt_tokens == 6
    await world.run(studio)
    assert (await world.job()).prompt_tokens == tokens
    await world.assert_sound(paid=PAID)


async def test_whatever_is_logged_in_a_step_carries_the_request_id(
    database: Database, clock: ManualClock
) -> None:
    """A provider's own lines as well, though it names no job."""
    lines: list[Any] = []

    class Talking(ScriptedProvider):
        async def poll(self, task_id: str) -> Any:
            lines.append(structlog.contextvars.get_contextvars())
            return await super().poll(task_id)

    world = World(database, clock)
    await world.pay(PAID)
    world.provider = Talking()
    world.provider.statuses = [Running(1), world.provider.statuses[-1]]
    studio = world.studio()
    studio.worker.start()
    job = await world.create(studio)
    await world.until(lambda: len(world.telegram.media) == 1)
    await studio.worker.stop()
    assert {line["request_id"] for line in lines} == {job.id}
    assert "request_id" not in structlog.contextvars.get_contextvars()
