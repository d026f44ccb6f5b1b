"""Files that people gave, on their way into a job and out of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from support.generation_world import World, model

from core.billing.drafts import draft_from, draft_of
from core.errors import UserFacingError
from core.generation.job import JobState
from core.generation.model import Model, ModelList
from core.generation.options import MediaInput
from core.generation.prices import Facts, PerSecondPrice
from core.generation.provider import Failed, FailureReason
from core.generation.refused import PriceChanged
from core.media.given import GivenFile
from core.storage.database import Database
from sandbox.clock import ManualClock

SOUND = MediaInput(
    field="audio_url", kind="audio", role="audio", many=True, least=1, most=2, formats=("mp3",)
)


def speaking() -> Model:
    price = PerSecondPrice(rule="per_second", usd=Decimal("0.013"), field="", input_seconds=("audio_url",))
    return model().model_copy(update={"media": (SOUND,), "price": price})


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    world = World(database, clock)
    world.provider.offered = ModelList((speaking(),))
    await world.pay(100)
    return world


def given(world: World, ref: str, seconds: float = 2.5) -> dict[str, Any]:
    world.inputs.files[ref] = ref.encode()
    return GivenFile("audio_url", ref, "input.mp3", "audio/mpeg", len(ref), seconds=seconds).kept()


def quote(world: World, *inputs: dict[str, Any]) -> Any:
    facts = Facts.of("a lighthouse at night", inputs)
    return world.studio().generations.quote("scripted-one", None, facts)


async def test_files_go_to_the_provider_in_their_order_and_are_deleted_at_the_end(world: World) -> None:
    inputs = given(world, "one"), given(world, "two", 3.0)
    shown = quote(world, *inputs)
    assert shown.stars == 12
    studio = world.studio()
    job = await world.create(studio, quote=shown, inputs=inputs)
    assert job.inputs == inputs
    assert (await world.job()).inputs == inputs
    await world.run(studio)
    (task,) = world.provider.submissions
    assert [await file.read() for file in task.inputs["audio_url"]] == [b"one", b"two"]
    assert [file.seconds for file in task.inputs["audio_url"]] == [2.5, 3.0]
    assert sorted(world.inputs.discarded) == ["one", "two"]
    ended = await world.job()
    assert (ended.state, ended.inputs, ended.price) == (JobState.DELIVERED, (), 12)


@pytest.mark.parametrize("ending", ["failed", "cancelled"])
async def test_files_are_deleted_however_a_job_ends(world: World, ending: str) -> None:
    sound = given(world, "one")
    studio = world.studio()
    job = await world.create(studio, quote=quote(world, sound), inputs=(sound,))
    if ending == "cancelled":
        assert await studio.generations.cancel(world.person.id, job.id)
    else:
        world.provider.statuses = [Failed(FailureReason.SAFETY)]
    await world.run(studio)
    assert world.inputs.discarded == ["one"]
    assert (await world.ledger.balance(world.person.id)).available == 100


@pytest.mark.parametrize(
    ("change", "key"), [("none", "input-missing"), ("many", "input-too-many"), ("gone", "inputs-gone")]
)
async def test_what_is_missing_too_many_or_gone_is_refused_before_money(
    world: World, change: str, key: str
) -> None:
    inputs = [given(world, f"file-{number}") for number in range(3)]
    shown = quote(world, *inputs[:2])
    chosen = {"none": [], "many": inputs, "gone": inputs[:2]}[change]
    if change == "gone":
        world.inputs.files.clear()
    with pytest.raises(UserFacingError) as caught:
        await world.create(world.studio(), quote=shown, inputs=chosen)
    assert caught.value.key == key
    assert await world.all_jobs() == []
    assert await world.ledger.all_holds() == []
    assert world.inputs.discarded == []


async def test_a_price_for_shorter_files_does_not_hold_for_longer_ones(world: World) -> None:
    short, long = given(world, "short", 1.0), given(world, "long", 10.0)
    with pytest.raises(PriceChanged) as caught:
        await world.create(world.studio(), quote=quote(world, short), inputs=(long,))
    assert (caught.value.quote.stars, caught.value.variables["was"]) == (20, 2)
    assert await world.all_jobs() == []


async def test_the_least_price_is_never_held(world: World) -> None:
    sound = given(world, "one", 10.0)
    least = world.studio().generations.quote("scripted-one")
    assert (least.least, least.stars) == (True, 2)
    with pytest.raises(PriceChanged):
        await world.create(world.studio(), quote=least, inputs=(sound,))


async def test_an_order_keeps_files_and_facts(world: World) -> None:
    sound = given(world, "one")
    shown = quote(world, sound)
    draft = draft_from(draft_of(shown, "words", "r1", (sound,)))
    assert (draft.quote, draft.prompt, draft.inputs) == (shown, "words", (sound,))
    before_files = {name: value for name, value in draft_of(shown, "words", "r1").items() if name != "inputs"}
    assert draft_from(before_files).inputs == ()
