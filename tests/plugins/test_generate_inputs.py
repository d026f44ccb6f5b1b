"""Files and options in the dialogue, for any model, built from its schema alone."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from support.generation_world import World, model
from support.plugin_chat import PluginChat, Shown

from core.errors import UserFacingError
from core.generation.model import Category, Model, ModelList
from core.generation.models_file import read_models
from core.generation.options import MediaInput, Option
from core.generation.prices import FlatPrice, PerSecondPrice, Surcharge
from core.media.wants import Note
from core.storage.database import Database
from core.telegram.types import Button, MediaKind
from plugins.generate.said import Said, open_inputs, optional_inputs, wanted_inputs
from sandbox.clock import ManualClock

PAID = 5000
PROVIDERS = Path(__file__).parents[2] / "providers"


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    world = World(database, clock)
    await world.pay(PAID)
    return world


def image(field: str = "image_url", **changes: Any) -> MediaInput:
    return MediaInput(**{"field": field, "kind": "image", "role": "image", "formats": ("jpeg",), **changes})


def offer(world: World, *models: Model) -> None:
    world.provider.offered = ModelList(models)


def takes(*media: MediaInput, **changes: Any) -> Model:
    return model().model_copy(update={"media": media, **changes})


async def chosen(world: World, one: Model, *, language: str = "en") -> tuple[PluginChat, Shown]:
    offer(world, one)
    chat = PluginChat(world, language=language)
    await chat.say("/generate")
    return chat, await chat.press("Scripted" if language == "en" else "По сценарию")


async def make(world: World, chat: PluginChat) -> Any:
    await chat.press("Make it")
    await world.run(chat.studio)
    return world.provider.submissions[-1]


async def test_a_needed_picture_is_asked_for_by_its_role_and_has_no_skip(world: World) -> None:
    one = takes(image(role="first_frame", least=1), image("last", role="last_frame", least=1))
    chat, question = await chosen(world, one)
    assert "First frame" in question.text
    assert "JPEG, up to 10 MB" in question.text
    assert not any("without" in label for label in question.buttons)
    assert "Last frame" in (await chat.send_media(MediaKind.PHOTO)).text
    assert "Describe" in (await chat.send_media(MediaKind.PHOTO)).text
    confirmation = await chat.say("a fox")
    assert "First frame: 1 file\nLast frame: 1 file" in confirmation.text
    task = await make(world, chat)
    assert {field: len(files) for field, files in task.inputs.items()} == {"image_url": 1, "last": 1}
    assert sorted(world.inputs.discarded) == sorted(world.inputs.files)
    assert chat.media.discarded == set()


async def test_what_may_be_given_is_offered_once_and_can_be_left_out(world: World) -> None:
    one = takes(image(), image("ref", role="reference", many=True, most=3))
    chat, offered = await chosen(world, one)
    assert offered.buttons[:3] == ["Image", "Reference image", "⏭ Go on without"]
    assert "Describe" in (await chat.press("Go on without")).text
    confirmation = await chat.say("a fox")
    await chat.press("Add a file", on=confirmation)
    asked = await chat.press("Reference image")
    assert "up to 3" in asked.text
    assert "Reference image: 1 file" in (await chat.send_media(MediaKind.PHOTO)).text
    task = await make(world, chat)
    assert {field: len(files) for field, files in task.inputs.items()} == {"ref": 1}


async def test_words_instead_of_what_may_be_left_out_leave_it_out(world: World) -> None:
    chat, _ = await chosen(world, takes(image()))
    assert "Price" in (await chat.say("a fox")).text


async def test_words_instead_of_what_is_needed_are_kept_and_the_question_stays(world: World) -> None:
    chat, _ = await chosen(world, takes(image(least=1)))
    assert "send a picture" in (await chat.say("a fox")).text
    assert "<blockquote>a fox</blockquote>" in (await chat.send_media(MediaKind.PHOTO)).text


async def test_a_caption_is_the_prompt_and_a_bad_one_is_told(world: World) -> None:
    chat, _ = await chosen(world, takes(image(least=1), prompt_max=5))
    answer = await chat.send_media(MediaKind.PHOTO, "far too many words")
    assert "18 characters" in answer.text
    assert "Describe" in answer.text
    confirmation = await chat.say("a fox")
    assert "<blockquote>a fox</blockquote>" in confirmation.text


async def test_an_album_is_answered_in_one_message_that_counts(world: World) -> None:
    chat, _ = await chosen(world, takes(image(many=True, least=1, most=5)))
    first = await chat.send_media(MediaKind.PHOTO, album=7)
    assert "1 of 5" in first.text
    await chat.send_media(MediaKind.PHOTO, album=7)
    again = await chat.send_media(MediaKind.PHOTO, album=7)
    assert again.id == first.id
    assert "3 of 5" in again.text
    assert "Describe" in (await chat.press("That’s all")).text
    assert "Image: 3 files" in (await chat.say("a fox")).text
    task = await make(world, chat)
    assert [await file.read() for file in task.inputs["image_url"]] == [b"file-1", b"file-2", b"file-3"]


async def test_what_has_no_room_in_an_album_is_said_once(world: World) -> None:
    chat, _ = await chosen(world, takes(image(least=1)))
    await chat.send_media(MediaKind.PHOTO, "a fox", album=7)
    shown = dict(chat.shown)
    await chat.send_media(MediaKind.PHOTO, album=7)
    await chat.send_media(MediaKind.PHOTO, album=7)
    new = [text for number, text in chat.shown.items() if number not in shown]
    assert len(new) == 1
    assert "no room" in new[0].text
    assert len(world.inputs.files) == 1


async def test_a_better_picture_takes_the_place_of_the_last(world: World) -> None:
    chat, _ = await chosen(world, takes(image(least=1)))
    await chat.send_media(MediaKind.PHOTO, "a fox")
    confirmation = await chat.send_media(MediaKind.PHOTO)
    assert "Image: 1 file" in confirmation.text
    assert chat.media.discarded == {"file-1"}
    task = await make(world, chat)
    assert [await file.read() for file in task.inputs["image_url"]] == [b"file-2"]


@pytest.mark.parametrize("way", ["Cancel", "Another model", "Other files"])
async def test_files_are_forgotten_with_the_dialogue(world: World, way: str) -> None:
    chat, _ = await chosen(world, takes(image(least=1)))
    await chat.send_media(MediaKind.PHOTO, "a fox")
    await chat.press(way)
    assert chat.media.discarded == {"file-1"}


async def test_a_refused_file_leaves_the_question_where_it_is(world: World) -> None:
    chat, _ = await chosen(world, takes(image(least=1)))
    chat.media.refusal = UserFacingError("media-too-large", size=12.5, limit=10.0)
    assert "12.5 MB" in (await chat.send_media(MediaKind.PHOTO, "a fox")).text
    chat.media.refusal = None
    chat.media.notes = (Note("media-first-frame", {}),)
    taken = await chat.send_media(MediaKind.PHOTO, "a fox")
    assert taken.text.startswith("It moves")
    assert "Price" in taken.text


async def test_a_video_where_a_picture_is_wanted_is_refused_in_words(world: World) -> None:
    chat, _ = await chosen(world, takes(image(least=1)))
    assert "no picture" in (await chat.send_media(MediaKind.VIDEO)).text
    assert "send a picture" in (await chat.say("a fox")).text


async def test_one_of_several_is_needed_and_they_exclude_each_other(world: World) -> None:
    sound = MediaInput(field="audio_url", kind="audio", role="audio", formats=("mp3",), seconds_max=9)
    one = takes(image(), sound, one_of=(("image_url", "audio_url"),), exclusive=(("image_url", "audio_url"),))
    chat, offered = await chosen(world, one)
    assert offered.buttons[:2] == ["Image", "Audio"]
    assert not any("without" in label for label in offered.buttons)
    assert "up to 9 s" in (await chat.press("Audio")).text
    assert "Describe" in (await chat.send_media(MediaKind.VOICE, duration=3.0)).text
    confirmation = await chat.say("a fox")
    assert not any("Add" in label for label in confirmation.buttons)
    assert set((await make(world, chat)).inputs) == {"audio_url"}


async def test_a_price_by_seconds_and_files_is_least_first_and_exact_at_the_end(world: World) -> None:
    price = PerSecondPrice(
        rule="per_second",
        usd=Decimal("0.013"),
        field="",
        input_seconds=("audio_url",),
        surcharge=Surcharge(field="image_url", beyond=1, usd=Decimal("0.0065")),
    )
    sound = MediaInput(field="audio_url", kind="audio", role="audio", least=1, formats=("mp3",))
    one = takes(image(many=True, least=1, most=2), sound, price=price, prompt_field="", prompt_required=False)
    offer(world, one)
    chat = PluginChat(world)
    assert (await chat.say("/generate")).buttons[0].startswith("🎞 Scripted · from 2 ⭐")
    await chat.press("Scripted")
    await chat.send_media(MediaKind.PHOTO)
    await chat.send_media(MediaKind.PHOTO)
    confirmation = await chat.send_media(MediaKind.VOICE, duration=4.2)
    assert "Price: <b>11 Stars</b>" in confirmation.text
    assert confirmation.text.endswith("Shall I start?")
    task = await make(world, chat)
    assert task.prompt == ""
    assert (await world.job()).price == 11


async def test_files_that_went_meanwhile_are_asked_for_again_and_nothing_is_held(world: World) -> None:
    chat, _ = await chosen(world, takes(image(least=1)))
    await chat.send_media(MediaKind.PHOTO, "a fox")
    world.inputs.files.clear()
    assert "not here any more" in (await chat.press("Make it")).text
    assert await world.all_jobs() == []


OPTIONS = (
    Option(field="duration", type="integer", choices=(5, 10), default=5),
    Option(field="sound", type="boolean", default=False),
    Option(field="strength", type="number", minimum=Decimal(0), maximum=Decimal(1), default=0.5),
    Option(field="seed", type="integer", minimum=Decimal(0), advanced=True),
    Option(field="negative_prompt", type="string", longest=20, advanced=True),
)


async def tuned(world: World, language: str = "en") -> tuple[PluginChat, Shown]:
    price = PerSecondPrice(rule="per_second", usd=Decimal("0.013"))
    chat, _ = await chosen(
        world, model().model_copy(update={"options": OPTIONS, "price": price}), language=language
    )
    await chat.say("a fox")
    return chat, await chat.press("Options" if language == "en" else "Настройки")


async def test_options_are_changed_by_buttons_and_in_words_and_the_price_follows(world: World) -> None:
    chat, options = await tuned(world)
    assert "10 Stars" in options.text
    assert [label.partition(":")[0] for label in options.buttons[:3]] == [
        "Length",
        "Sound",
        "Strength of the change",
    ]
    await chat.press("Length")
    assert chat.last.buttons[:2] == ["• 5 s", "10 s"]
    assert "20 Stars" in (await chat.press("10 s")).text
    assert "Sound: Yes" in (await chat.press("Sound")).buttons
    assert "a number from 0 to 1" in (await chat.press("Strength")).text
    for wrong in ("2", "-0.1", "half", "nan", "1e999"):
        assert "not possible" in (await chat.say(wrong)).text
    assert "Strength of the change: 0.25" in (await chat.say("0,25")).buttons
    assert not any("Seed" in label for label in chat.last.buttons)
    await chat.press("More")
    await chat.press("Seed")
    await chat.say("7")
    await chat.press_button(chat.last.keyboard[1][0], chat.last.id)
    assert "up to 20 characters" in chat.last.text
    assert "not possible" in (await chat.say("x" * 21)).text
    await chat.say("  blurred ")
    confirmation = await chat.press("Done")
    assert "Price: <b>20 Stars</b>" in confirmation.text
    task = await make(world, chat)
    assert dict(task.options) == {
        "duration": 10,
        "sound": True,
        "strength": 0.25,
        "seed": 7,
        "negative_prompt": "blurred",
    }


async def test_an_option_goes_back_to_what_is_usual(world: World) -> None:
    chat, _ = await tuned(world, "ru")
    await chat.press("Сила")
    await chat.say("1")
    await chat.press("Сила")
    usual = await chat.press("как обычно")
    assert any(label.endswith(": 0.5") or label.endswith(": 0,5") for label in usual.buttons)


async def test_words_while_options_are_shown_are_a_better_prompt(world: World) -> None:
    chat, _ = await tuned(world)
    assert "<blockquote>a wolf</blockquote>" in (await chat.say("a wolf")).text


async def test_an_old_keyboard_of_options_changes_nothing(world: World) -> None:
    chat, options = await tuned(world)
    await chat.say("/generate")
    await chat.press("Length", on=options)
    assert "out of date" in chat.toasts[-1]


async def test_what_does_not_go_together_is_said_and_not_changed(world: World) -> None:
    options = (
        Option(field="duration", type="integer", choices=(5, 10), default=5),
        Option(field="resolution", type="string", choices=("720p", "1080p"), default="720p"),
    )
    forbidden = ({"duration": (10,), "resolution": ("1080p",)},)
    chat, _ = await chosen(world, model().model_copy(update={"options": options, "forbidden": forbidden}))
    await chat.say("a fox")
    await chat.press("Options")
    await chat.press("Length")
    await chat.press("10 s")
    await chat.press("Resolution")
    await chat.press("1080p")
    assert "cannot do these together" in chat.toasts[-1]
    await chat.press("Back to the options")
    confirmation = await chat.press("Done")
    assert "Resolution: 720p" in confirmation.text


def many_models() -> tuple[Model, ...]:
    categories = [Category.VIDEO] * 80 + [Category.IMAGE] * 50 + [Category.AUDIO] * 20
    return tuple(
        model(f"model-{number}").model_copy(
            update={
                "category": category,
                "title": {"en": f"Family{number % 11} {number}", "ru": f"Семья{number % 11} {number}"},
                "price": FlatPrice(rule="flat", usd=Decimal("0.065")),
            }
        )
        for number, category in enumerate(categories)
    )


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_every_one_of_150_models_is_few_taps_away(world: World, language: str) -> None:
    offer(world, *many_models())
    chat = PluginChat(world, language=language, models_per_page=8)
    top = await chat.say("/generate")
    assert [label.rpartition(" ")[2] for label in top.buttons[:3]] == ["80", "50", "20"]
    found, seen = set[str](), set[tuple[str, ...]]()
    waiting = [(button, 1) for row in top.keyboard for button in row if button.action == "models"]
    while waiting:
        button, taps = waiting.pop()
        assert taps <= 9
        screen = await chat.press_button(button, top.id)
        assert len(screen.keyboard) <= 12
        for each in (each for row in screen.keyboard for each in row):
            if each.action == "model":
                found.add(each.arguments[0])
            if each.action == "models" and each.arguments not in seen:
                seen.add(each.arguments)
                waiting.append((each, taps + 1))
    assert len(found) == 150


def built_in() -> Iterator[Model]:
    for path in sorted(PROVIDERS.glob("*/models.toml")):
        yield from read_models(path, provider="scripted").models


async def test_every_built_in_model_can_be_ordered_through_its_dialogue(world: World) -> None:
    """Each is given what it needs, once with everything that may be given beside; every screen fits."""
    models = tuple(each.model_copy(update={"provider": "scripted", "confirmed": True}) for each in built_in())
    offer(world, *models)
    chats = [PluginChat(world, language=language) for language in ("en", "en", "ru")]
    offered = {each.id for each in chats[0].studio.generations.models()}
    assert len(offered) >= 140
    for number, one in enumerate(each for each in models if each.id in offered):
        await _order(chats[number % len(chats)], one)


KINDS = {"image": MediaKind.PHOTO, "video": MediaKind.VIDEO, "audio": MediaKind.AUDIO}


async def _order(chat: PluginChat, one: Model) -> None:
    await chat.say("/generate")
    token = chat.studio.generations.token(one.id)
    await chat.press_button(Button("x", "model", (token,), plugin="generate"), chat.last.id)
    prompt = "x" * max(20, one.prompt_min)
    for _ in range(60):
        dialogue = chat.user.dialogue
        assert dialogue is not None, one.id
        said = Said.of(dialogue)
        if said.draft:
            break
        if dialogue.step == "give":
            wanted = wanted_inputs(one, said) or optional_inputs(one, said) or open_inputs(one, said)
            done = [label for label in chat.last.buttons if label.startswith(("✅", "⏭"))]
            if wanted_inputs(one, said) or not done:
                least = max(6.0, wanted[0].seconds_min or 0)
                await chat.send_media(KINDS[wanted[0].kind], duration=least, width=800, height=800)
            else:
                await chat.press(done[0])
        elif dialogue.step == "prompt":
            await chat.say(prompt[: one.prompt_max])
        elif dialogue.step == "option":
            await chat.say("5")
        else:
            await chat.press_button(chat.last.keyboard[0][0], chat.last.id)
    assert said.draft, (one.id, dialogue.step, chat.last)
    tune = Button("x", "tune", (token, "0"), plugin="generate")
    for number in range(len(one.options)):
        await chat.press_button(tune, chat.last.id)
        await chat.press_button(Button("x", "option", (token, str(number)), plugin="generate"), chat.last.id)
