"""The buttons below a result, and words that are changed before anything begins."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from support.generation_world import World, model
from support.plugin_chat import PluginChat, Shown

from core.generation.job import Job
from core.generation.model import Category, Model, ModelList
from core.generation.options import MediaInput, Option
from core.storage.database import Database
from core.telegram.types import IncomingMedia, MediaKind
from sandbox.clock import ManualClock

IMAGE = MediaInput(field="image_url", kind="image", role="image", formats=("jpeg",), least=1)
SEED = Option(field="seed", type="integer", minimum=Decimal(1), maximum=Decimal(9), advanced=True)


def painter(name: str = "Painter", **changes: Any) -> Model:
    titles = {"en": name, "ru": name}
    return model(name.lower()).model_copy(update={"title": titles, "category": Category.IMAGE, **changes})


ANIMATOR = painter("Animator", category=Category.VIDEO, media=(IMAGE,))
EDITOR = painter("Editor", media=(IMAGE,))
LARGER = painter("Larger", media=(IMAGE,), prompt_field="", prompt_required=False, upscales=True)


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    world = World(database, clock)
    await world.pay(500)
    world.provider.offered = ModelList((painter(),))
    return world


async def made(world: World, chat: PluginChat, *, name: str = "Painter") -> tuple[Job, Shown]:
    """A delivered picture of a fox."""
    await chat.say("/generate a fox")
    await chat.press(name)
    await chat.press("Make it")
    await world.run(chat.studio)
    (job,) = await world.all_jobs()
    chat.media.results = {job.message_id or 0: IncomingMedia(MediaKind.PHOTO, "result", width=9, height=9)}
    return job, await chat.see_result(job)


async def test_again_is_the_same_order_at_its_price_in_a_new_message(world: World) -> None:
    world.provider.offered = ModelList((painter(options=(SEED,)),))
    chat = PluginChat(world)
    await chat.say("/generate a fox")
    await chat.press("Painter")
    await chat.press("Options")
    await chat.press("Seed")
    await chat.say("7")
    await chat.press("Done")
    await chat.press("Make it")
    await world.run(chat.studio)
    (job,) = await world.all_jobs()
    assert job.prompt == ""
    result = await chat.see_result(job)
    await chat.press("Again", on=result)
    assert chat.last.id != result.id
    assert chat.shown[result.id].text == "A result."
    assert "<blockquote>a fox</blockquote>" in chat.last.text
    assert "Seed (a number): 7" in chat.last.text
    await chat.press("Make it for 10 ⭐")
    await world.run(chat.studio)
    assert [task.prompt for task in world.provider.submissions] == ["a fox", "a fox"]


async def test_vary_takes_another_seed_where_there_is_one_and_another_view_where_not(world: World) -> None:
    world.provider.offered = ModelList((painter(options=(SEED,)),))
    chat = PluginChat(world)
    _, result = await made(world, chat)
    await chat.press("Vary", on=result)
    assert "Seed (a number): " in chat.last.text
    world.provider.offered = ModelList((painter(),))
    chat.restart()
    await chat.press("Vary", on=result)
    assert "<blockquote>a fox, " in chat.last.text


async def test_another_model_gets_the_same_words(world: World) -> None:
    world.provider.offered = ModelList((painter(), painter("Other")))
    chat = PluginChat(world)
    _, result = await made(world, chat)
    await chat.press("Other model", on=result)
    assert "a fox" in chat.last.text
    await chat.press("🖼 Other")
    assert "<b>Other</b>" in chat.last.text
    assert "a fox" in chat.last.text


async def test_a_picture_can_be_animated_changed_and_enlarged_where_there_are_models_for_it(
    world: World,
) -> None:
    chat = PluginChat(world)
    job, result = await made(world, chat)
    assert result.buttons == ["🔁 Again", "🎲 Vary", "🧩 Other model"]
    world.provider.offered = ModelList((painter(), ANIMATOR, EDITOR, LARGER))
    chat.restart()
    result = await chat.see_result(job)
    assert result.buttons[2:] == ["🎬 Animate", "🖌 Change", "🧩 Other model", "🔍 Enlarge"]
    await chat.press("Animate", on=result)
    assert [label for label in chat.last.buttons if "⭐" in label] == ["🎞 Animator · 10 ⭐"]
    await chat.press("Animator")
    assert "Image: 1 file" in chat.last.text
    assert "a fox" in chat.last.text
    await chat.press("Enlarge", on=result)
    assert "<b>Larger</b>\nImage: 1 file" in chat.last.text
    await chat.press("Make it")
    await world.run(chat.studio)
    assert world.provider.submissions[-1].inputs["image_url"]


def album(chat: PluginChat, job: Job, count: int = 4) -> Job:
    """The job as if its result were an album of so many pictures."""
    numbers = tuple(range(901, 901 + count))
    chat.media.results = {each: IncomingMedia(MediaKind.PHOTO, f"result{each}") for each in numbers}
    envelope = {"files": (), "random_ids": (), "message_ids": numbers, "original": False, "given_up": False}
    extra = {**envelope, "message_ids": (990,), "original": True}
    return replace(job, messages=(envelope, extra), message_id=numbers[0])


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Animate", "Change", "Make it", "has 4 files", "All of them", "Image: 4 files")),
        ("ru", ("Оживить", "Изменить", "Создать", "4 файла", "Все сразу", "Изображение: 4 файла")),
    ],
)
async def test_of_an_album_people_choose_the_picture_or_take_as_many_as_a_model_takes(
    world: World, monkeypatch: pytest.MonkeyPatch, language: str, words: tuple[str, ...]
) -> None:
    animate, change, make, question, together, files = words
    several = IMAGE.model_copy(update={"many": True, "most": 6})
    world.provider.offered = ModelList((painter(), ANIMATOR, painter("Collage", media=(several,)), LARGER))
    chat = PluginChat(world, language=language, models_per_page=9)
    await chat.say("/generate a fox")
    await chat.press("Painter")
    await chat.press(make)
    await world.run(chat.studio)
    job = album(chat, (await world.all_jobs())[0])

    async def get(_job_id: str) -> Job:
        return job

    monkeypatch.setattr(chat.generate.generations, "get", get)
    result = await chat.see_result(job, language)
    asked = await chat.press(animate, on=result)
    assert question in asked.text
    assert asked.buttons[:4] == ["1", "2", "3", "4"]
    assert together not in str(asked.buttons), "no model animates four pictures"
    chosen = await chat.press("3", on=asked)
    assert chosen.id == asked.id
    assert [offer["file_id"] for offer in said(chat)] == ["result903"]
    everything = await chat.press(together, on=await chat.press(change, on=result))
    assert [offer["file_id"] for offer in said(chat)] == [f"result{each}" for each in range(901, 905)]
    assert files in (await chat.press("Collage", on=everything)).text


def said(chat: PluginChat) -> list[dict[str, Any]]:
    """The files that the dialogue offers to whichever model is chosen."""
    assert chat.user.dialogue is not None
    return list(chat.user.dialogue.data["offered"])


async def test_a_result_that_is_gone_from_the_chat_is_told(world: World) -> None:
    world.provider.offered = ModelList((painter(), LARGER))
    chat = PluginChat(world, models_per_page=9)
    _, result = await made(world, chat)
    chat.media.results = {}
    await chat.press("Enlarge", on=result)
    assert "can’t find this result" in chat.toasts[-1]


async def test_words_that_are_forgotten_are_asked_for_anew(world: World) -> None:
    chat = PluginChat(world)
    _, result = await made(world, chat)
    chat.notes.forget()
    await chat.press("Again", on=result)
    assert "for a day only" in chat.last.text
    assert "Describe in your own words" in chat.last.text
    assert "Price" in (await chat.say("a wolf")).text


async def test_a_model_that_went_meanwhile_leaves_the_words_and_the_others(world: World) -> None:
    chat = PluginChat(world)
    _, result = await made(world, chat)
    world.provider.offered = ModelList((painter("Other"),))
    chat.restart()
    await chat.press("Again", on=result)
    assert "isn’t available any more" in chat.last.text
    assert "a fox" in chat.last.text


async def test_somebody_elses_result_is_not_worked_on(world: World) -> None:
    chat = PluginChat(world)
    _, result = await made(world, chat)
    chat.user = replace(chat.user, id=chat.user.id + 1)
    await chat.press("Again", on=result)
    assert "somebody else" in chat.toasts[-1]


async def test_the_confirmation_follows_a_change_of_the_words(world: World) -> None:
    chat = PluginChat(world)
    await chat.say("/generate")
    await chat.press("Painter")
    confirmation = await chat.say("a fox")
    changed = await chat.edit("a red fox")
    assert changed.id == confirmation.id
    assert "<blockquote>a red fox</blockquote>" in changed.text
    await chat.press("Make it")
    await world.run(chat.studio)
    assert world.provider.submissions[0].prompt == "a red fox"


async def test_a_change_after_the_beginning_or_of_another_message_changes_nothing(world: World) -> None:
    chat = PluginChat(world)
    await chat.say("/generate")
    await chat.press("Painter")
    await chat.say("a fox")
    shown = dict(chat.shown)
    await chat.edit("a wolf", chat.sent - 1)
    await chat.edit("a fox")
    assert chat.shown == shown
    await chat.press("Make it")
    shown = dict(chat.shown)
    await chat.edit("a wolf")
    assert chat.shown == shown
    await world.run(chat.studio)
    assert world.provider.submissions[0].prompt == "a fox"


async def test_words_changed_while_options_are_shown_or_models_chosen_are_the_words(world: World) -> None:
    world.provider.offered = ModelList((painter(options=(SEED,)),))
    chat = PluginChat(world)
    choice = await chat.say("a fox")
    assert "<blockquote>a wolf</blockquote>" in (await chat.edit("a wolf")).text
    assert chat.last.id == choice.id
    await chat.press("Painter")
    await chat.press("Options")
    await chat.edit("a bear")
    assert "<blockquote>a bear</blockquote>" in (await chat.press("Done")).text


async def test_words_changed_to_nothing_or_too_much_are_refused_and_the_last_ones_stay(world: World) -> None:
    chat = PluginChat(world)
    await chat.say("/generate")
    await chat.press("Painter")
    confirmation = await chat.say("a fox")
    assert "3,000 characters" in (await chat.edit("x" * 3000)).text
    await chat.press("Make it", on=confirmation)
    await world.run(chat.studio)
    assert world.provider.submissions[0].prompt == "a fox"
