"""What goes on from a finished result: whose it is, how long it can be, and what its provider is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from support.generation_world import World, model
from support.plugin_chat import PluginChat, Shown

from core.billing.drafts import draft_from, draft_of
from core.billing.free import FreeTier
from core.errors import UserFacingError
from core.generation.job import Job, JobState
from core.generation.model import Category, Model, ModelList
from core.generation.options import MediaInput, Option, SourceInput
from core.generation.provider import FailureReason, SubmissionRefused, Succeeded
from core.generation.sources import Source
from core.storage.database import Database
from core.storage.history import HistoryStore
from core.storage.personal import HOLDINGS, PersonalRows
from sandbox.clock import ManualClock

VERSION = Option(field="model", type="string", choices=("V5", "V6"), default="V5")
SINGER = model("singer").model_copy(
    update={"title": {"en": "Singer", "ru": "Певец"}, "category": Category.AUDIO, "options": (VERSION,)}
)
WHOLE = SourceInput(action="wav", models=("singer",), days=14, task_field="task_id")
SONG = SourceInput(
    action="replace-part",
    models=("singer",),
    days=14,
    task_field="task_id",
    file_field="audio_id",
    same={"model": "V5"},
)
START = Option(field="infill_start_s", type="number", minimum=Decimal(0), within="source", required=True)
END = Option(
    field="infill_end_s",
    type="number",
    within="source",
    to_end=True,
    after=START.field,
    apart=3,
    required=True,
)


def onward(name: str, source: SourceInput, **changes: Any) -> Model:
    titles = {"en": name, "ru": name}
    changed = {"title": titles, "category": Category.AUDIO, "source": source, **changes}
    return Model.model_validate(model(name.lower()).model_copy(update=changed).model_dump())


CONVERTER = onward("Converter", WHOLE, prompt_field="", prompt_required=False)
MENDER = onward("Mender", SONG, options=(START, END))


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    world = World(database, clock)
    await world.pay(500)
    world.provider.offered = ModelList((SINGER, CONVERTER, MENDER))
    songs = [world.provider.result(mime_type="audio/mpeg", id=f"song-{number}") for number in (1, 2)]
    world.provider.statuses = [Succeeded(tuple(songs))]
    return world


async def sung(world: World, chat: PluginChat) -> tuple[Job, Shown]:
    """A delivered result of two songs, each of five seconds."""
    await chat.say("/generate a song of the sea")
    await chat.press("Singer")
    await chat.press("Make it")
    await world.run(chat.studio)
    (job,) = await world.all_jobs()
    return job, await chat.see_result(job)


async def newest(world: World) -> Job:
    return max(await world.all_jobs(), key=lambda job: job.number)


async def refusal(world: World, chat: PluginChat, model_id: str, source: Source, user: int = 0) -> str:
    """Why an order cannot go on from a source, and that nothing is held for it."""
    quote = chat.studio.generations.quote(
        model_id, {START.field: 0, END.field: 4} if model_id == "mender" else {}
    )
    person = replace(world.person, id=user or world.person.id)
    before = (await world.ledger.balance(world.person.id)).held
    with pytest.raises(UserFacingError) as caught:
        await chat.studio.generations.create(
            request_id="refused", user=person, chat_id=person.id, quote=quote, prompt="sea", source=source
        )
    assert (await world.ledger.balance(world.person.id)).held == before
    return caught.value.key


async def test_it_is_ordered_below_a_result_and_its_provider_is_told_the_task(
    world: World, database: Database
) -> None:
    chat = PluginChat(world, models_per_page=9)
    job, result = await sung(world, chat)
    assert result.buttons[2:4] == ["💿 Get WAV", "✂️ Replace a part"]
    confirmation = await chat.press("Get WAV", on=result)
    assert confirmation.id != result.id
    assert "<b>Converter</b>\n⏩ From your result: Singer\n" in confirmation.text
    await chat.press("Make it for 10 ⭐")
    # Whoever takes it up has nothing but the job.
    chat.restart()
    await world.run(chat.studio)
    assert world.provider.submissions[-1].source == {"task_id": "task-1"}
    made = await newest(world)
    assert (made.model_id, made.state, made.source["job_id"]) == ("converter", JobState.DELIVERED, job.id)
    again = await chat.press("Again", on=await chat.see_result(made))
    assert "From your result: Singer" in again.text
    chat.notes.forget()
    again = await chat.press("Again", on=await chat.see_result(made))
    assert "From your result: Singer" in again.text, "the job knows it when the order is forgotten"
    await world.assert_sound(paid=500)
    (holding,) = [each for each in HOLDINGS if each.collection == "generations"]
    await PersonalRows(database).detach(holding, made.user_id, 5)
    erased = await world.jobs.get(made.id)
    assert erased is not None
    assert (erased.source, erased.task_id, erased.uploaded) == ({}, "", ())


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                "Replace a part",
                "Which",
                "file 2",
                "new words",
                "5 seconds long",
                "at least 3 seconds",
                "Make",
            ),
        ),
        (
            "ru",
            (
                "Заменить часть",
                "Какой",
                "файл 2",
                "новые слова",
                "5 секунд",
                "хотя бы на 3 секунды",
                "Создать",
            ),
        ),
    ],
)
async def test_moments_are_within_the_song_that_was_chosen(
    world: World, language: str, words: tuple[str, ...]
) -> None:
    part, which, second, question, length, apart, make = words
    chat = PluginChat(world, language=language, models_per_page=9)
    await chat.say("/generate a song of the sea")
    await chat.press("Singer" if language == "en" else "Певец")
    await chat.press(make)
    await world.run(chat.studio)
    result = await chat.see_result((await world.all_jobs())[0], language)
    asked = await chat.press(part, on=result)
    assert which in asked.text
    asked = await chat.press("2", on=asked)
    assert second in asked.text
    assert question in asked.text
    await chat.say("la la")
    await chat.say("1")
    refused = await chat.say("7")
    assert length in refused.text
    refused = await chat.say("3")
    assert apart in refused.text
    assert "la la" in (await chat.say("5")).text
    await chat.press(make)
    await world.run(chat.studio)
    task = world.provider.submissions[-1]
    assert task.source == {"task_id": "task-1", "audio_id": "song-2", "model": "V5"}
    assert (task.prompt, task.options) == ("la la", {START.field: 1, END.field: 5})


async def test_nobody_begins_with_it(world: World) -> None:
    chat = PluginChat(world, models_per_page=9)
    everything = await chat.say("/generate")
    assert [label for label in everything.buttons if "⭐" in label] == ["🎵 Singer · 10 ⭐"]
    assert await refusal(world, chat, "converter", Source("nothing")) == "source-gone"
    assert FreeTier.of(chat.studio.generations._registry, per_day=1).daily == ("singer",)


async def test_nobody_goes_on_from_what_is_not_theirs_or_not_in_their_view(
    world: World, database: Database
) -> None:
    chat = PluginChat(world)
    job, result = await sung(world, chat)
    assert await refusal(world, chat, "converter", Source(job.id), user=7_000_000_007) == "source-gone"
    chat.user = replace(chat.user, id=chat.user.id + 1)
    await chat.press("Get WAV", on=result)
    assert "somebody else" in chat.toasts[-1]
    chat.user = replace(chat.user, id=chat.user.id - 1)
    history = HistoryStore(database)
    row = await history.of_job(job.user_id, job.id)
    assert row is not None
    assert await history.remove(row)
    await chat.press("Get WAV", on=result)
    assert "not in your history" in chat.toasts[-1]
    assert await refusal(world, chat, "converter", Source(job.id)) == "source-gone"


async def test_it_is_for_as_long_as_the_provider_keeps_the_task(world: World, clock: ManualClock) -> None:
    chat = PluginChat(world)
    job, result = await sung(world, chat)
    await clock.advance(timedelta(days=13).total_seconds())
    confirmation = await chat.press("Get WAV", on=result)
    await clock.advance(timedelta(days=1, hours=1).total_seconds())
    await chat.press("Make it", on=confirmation)
    assert "for 14 days" in chat.last.text or "for 14 days" in chat.toasts[-1]
    await chat.press("Get WAV", on=result)
    assert "for 14 days, and this one is older" in chat.toasts[-1]
    assert len(await world.all_jobs()) == 1
    assert await refusal(world, chat, "converter", Source(job.id)) == "source-too-old"


async def test_only_what_its_maker_made_and_named_can_be_gone_on_from(world: World) -> None:
    other = WHOLE.model_copy(update={"options": {"model": ("V6",)}})
    world.provider.offered = ModelList((SINGER, CONVERTER, MENDER, onward("Later", other)))
    world.provider.statuses = [Succeeded((world.provider.result(mime_type="audio/mpeg"),))]
    chat = PluginChat(world)
    job, result = await sung(world, chat)
    assert [label for label in result.buttons if "💿" in label or "✂️" in label] == ["💿 Get WAV"]
    assert await refusal(world, chat, "mender", Source(job.id)) == "source-unfit"
    assert await refusal(world, chat, "later", Source(job.id)) == "source-unfit"
    elsewhere = replace(job, provider="demo")
    assert chat.studio.generations.follow_ups(elsewhere) == ()
    assert chat.studio.generations.follow_ups(replace(job, task_id="")) == ()


async def test_a_task_that_its_provider_has_forgotten_is_told_and_costs_nothing(world: World) -> None:
    chat = PluginChat(world)
    _, result = await sung(world, chat)
    await chat.press("Get WAV", on=result)
    await chat.press("Make it")
    world.provider.submit_errors = [SubmissionRefused(FailureReason.SOURCE_GONE, "code 422")]
    await world.run(chat.studio)
    assert "does not keep the result any more" in world.telegram.notices[-1].text
    assert "10 Stars are back" in world.telegram.notices[-1].text
    await world.assert_sound(paid=500)


def test_an_order_that_is_paid_for_first_keeps_what_it_goes_on_from(world: World) -> None:
    quote = PluginChat(world).studio.generations.quote("converter")
    kept = draft_of(quote, "", "request", (), Source("job", 1))
    assert draft_from(kept).source == Source("job", 1)
    assert draft_from({name: kept[name] for name in ("quote", "prompt", "request_id")}).source is None


def test_a_source_or_a_moment_that_makes_no_sense_is_no_model() -> None:
    with pytest.raises(ValueError, match="neither task_field nor file_field"):
        SourceInput(action="wav", models=("singer",), days=14)
    for changes, reason in (
        ({"within": "video"}, "moment of the unknown input video"),
        ({"type": "string", "minimum": None}, "a moment and no number"),
        ({"after": "nothing"}, "comes after the unknown option nothing"),
    ):
        wrong = Option.model_validate({**START.model_dump(), **changes})
        with pytest.raises(ValueError, match=reason):
            onward("Wrong", WHOLE, options=(wrong,))
    sound = MediaInput(field="sound", kind="audio", role="audio", formats=("mp3",), least=1)
    moment = Option(field="at", type="number", within="sound", required=True)
    taken = model("taken").model_copy(update={"options": (moment,), "media": (sound,)})
    taken.check_moments({"at": 9.9}, {"sound": 10.0})
    taken.check_moments({"at": 99}, {})
    with pytest.raises(UserFacingError, match="moment-beyond"):
        taken.check_moments({"at": 10}, {"sound": 10.0})
