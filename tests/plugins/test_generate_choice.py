"""The way to a model: one's own, the popular ones, a typed name, ideas; among a thousand as among few."""

from __future__ import annotations

import time
import tomllib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from support.generation_world import World, model
from support.plugin_chat import PluginChat

from core.generation.model import Category, Model, ModelList
from core.generation.options import MediaInput, Option
from core.generation.prices import FlatPrice
from core.preferences import Preference
from core.storage.database import Database
from core.telegram.types import MediaKind
from plugins.generate import GenerateConfig
from plugins.generate.index import ModelIndex
from plugins.generate.presets import Presets
from sandbox.clock import ManualClock

NAMES = ("Kling 2.5 Turbo", "Kling 3.0", "Veo 3.1 Fast", "Flux Pro", "Flux Dev", "Suno", "Imagen 4")
CATEGORIES = (Category.VIDEO,) * 3 + (Category.IMAGE,) * 2 + (Category.AUDIO, Category.IMAGE)


def named(name: str, category: Category = Category.IMAGE, **changes: Any) -> Model:
    model_id = name.lower().replace(" ", "-")
    return model(model_id).model_copy(
        update={"title": {"en": name, "ru": name}, "category": category, **changes}
    )


MODELS = tuple(named(name, category) for name, category in zip(NAMES, CATEGORIES, strict=True))
FRAMES = MediaInput(field="image_url", kind="image", role="first_frame", formats=("jpeg",), least=1)


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    world = World(database, clock)
    await world.pay(500)
    world.provider.offered = ModelList(MODELS)
    return world


def prefers(chat: PluginChat, model_id: str, **options: Any) -> None:
    settings = {Preference.MODEL.value: model_id, Preference.options_of(model_id): options}
    chat.user = replace(chat.user, settings=settings)


async def test_words_out_of_the_blue_go_straight_to_the_price_of_ones_own_model(world: World) -> None:
    chat = PluginChat(world)
    prefers(chat, "flux-pro")
    confirmation = await chat.say("a fox")
    assert "<b>Flux Pro</b>" in confirmation.text
    assert "Price: <b>10 Stars</b>" in confirmation.text
    assert "<blockquote>a fox</blockquote>" in (await chat.press("Another model")).text
    await chat.press("Images" if "Images" in str(chat.last.buttons) else "Pictures")
    await chat.press("Flux Dev")
    assert "<b>Flux Dev</b>" in chat.last.text
    assert "a fox" in chat.last.text


async def test_the_first_model_somebody_orders_is_theirs_and_the_next_ones_change_nothing(
    world: World,
) -> None:
    chat = PluginChat(world, models_per_page=20)
    for name in ("Flux Dev", "Suno"):
        await chat.say("/generate a fox")
        await chat.press(name)
        await chat.press("Make it")
        await world.run(chat.studio)
    assert "<b>Flux Dev</b>" in (await chat.say("a wolf")).text


async def test_ones_usual_options_are_there_and_what_is_not_allowed_any_more_is_not(world: World) -> None:
    options = (
        Option(field="duration", type="integer", choices=(5, 10), default=5),
        Option(field="resolution", type="string", choices=("720p",), default="720p"),
    )
    world.provider.offered = ModelList((named("Flux Pro", options=options),))
    chat = PluginChat(world)
    prefers(chat, "flux-pro", duration=10, resolution="4k")
    assert "Length: 10 s\nResolution: 720p" in (await chat.say("a fox")).text


async def test_ones_own_model_that_went_is_no_dead_end(world: World) -> None:
    chat = PluginChat(world)
    prefers(chat, "long-gone")
    assert "Which model shall make this?" in (await chat.say("a fox")).text


async def test_a_captioned_photo_goes_to_ones_own_model_if_that_takes_it_else_to_those_that_do(
    world: World,
) -> None:
    animate = named("Kling Photo", Category.VIDEO, media=(FRAMES,))
    world.provider.offered = ModelList((*MODELS, animate))
    chat = PluginChat(world)
    prefers(chat, "flux-pro")
    offered = await chat.send_media(MediaKind.PHOTO, "it runs")
    assert [label for label in offered.buttons if "⭐" in label] == ["🎞 Kling Photo · 10 ⭐"]
    assert "it runs" in offered.text
    await chat.press("Kling Photo")
    assert "First frame: 1 file" in chat.last.text
    assert "it runs" in chat.last.text
    await chat.say("/cancel")
    prefers(chat, "kling-photo")
    confirmation = await chat.send_media(MediaKind.PHOTO, "it runs")
    assert "First frame: 1 file" in confirmation.text
    assert "it runs" in confirmation.text


async def test_files_go_along_to_another_model(world: World) -> None:
    both = tuple(named(name, Category.VIDEO, media=(FRAMES,)) for name in ("Kling Photo", "Veo Photo"))
    world.provider.offered = ModelList(both)
    chat = PluginChat(world)
    prefers(chat, "kling-photo")
    await chat.send_media(MediaKind.PHOTO, "it runs")
    await chat.press("Another model")
    await chat.press("Veo Photo")
    assert "<b>Veo Photo</b>\nFirst frame: 1 file" in chat.last.text
    assert chat.media.discarded == {"file-1"}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("kling", ["Kling 2.5 Turbo", "Kling 3.0"]),
        ("Veo 3.1", ["Veo 3.1 Fast"]),
        ("flux pr", ["Flux Pro"]),
        ("suno", ["Suno"]),
    ],
)
async def test_a_name_typed_at_the_choice_finds_the_model(world: World, typed: str, found: list[str]) -> None:
    chat = PluginChat(world)
    await chat.say("/generate a fox")
    screen = await chat.say(typed)
    models = [label for label in screen.buttons if "⭐" in label]
    assert [name for name in NAMES if any(name in label for label in models)] == found[: len(models)]
    assert "Models called" in screen.text
    await chat.press(found[0])
    assert "a fox" in chat.last.text


@pytest.mark.parametrize(
    "idea", ["a fast red fox", "pro", "dev", "turbo kitten", "a city", "kling style fox in the snow now"]
)
async def test_an_idea_typed_at_the_choice_is_the_prompt(world: World, idea: str) -> None:
    chat = PluginChat(world)
    await chat.say("/generate")
    assert f"<blockquote>{idea}</blockquote>" in (await chat.say(idea)).text


async def test_a_name_that_was_an_idea_after_all_is_one_tap_away(world: World) -> None:
    chat = PluginChat(world)
    await chat.say("/generate")
    await chat.say("flux")
    assert "<blockquote>flux</blockquote>" in (await chat.press("That’s my idea")).text


async def test_a_search_finds_parts_and_slips_and_says_when_there_is_nothing(world: World) -> None:
    chat = PluginChat(world)
    await chat.say("/generate")
    assert "called" in (await chat.press("Find a model")).text
    assert "Kling 2.5 Turbo" in str((await chat.say("turb")).buttons)
    await chat.press("All models")
    await chat.press("Find a model")
    assert "Imagen 4" in str((await chat.say("imagne")).buttons)
    await chat.press("All models")
    await chat.press("Find a model")
    nothing = await chat.say("<b>zzz</b>")
    assert "&lt;b&gt;zzz&lt;/b&gt;" in nothing.text
    await chat.press("Find a model")
    assert "Suno" in str((await chat.say("suno")).buttons)


async def test_what_people_really_use_comes_first_and_has_its_mark(world: World) -> None:
    chat = PluginChat(world)
    chat.delivered = {"imagen-4": 30, "kling-3.0": 90, "flux-dev": 19, "gone": 99}
    top = await chat.say("/generate")
    assert top.buttons[:3] == ["⭐🎬 Kling 3.0 · 10 ⭐", "⭐🖼 Imagen 4 · 10 ⭐", "🎬 Video · 3"]
    assert (await chat.press("Pictures")).buttons[:2] == ["⭐🖼 Imagen 4 · 10 ⭐", "🖼 Flux Pro · 10 ⭐"]


async def test_an_idea_from_the_list_is_two_taps_and_no_word(world: World) -> None:
    chat = PluginChat(world, language="ru", models_per_page=20)
    await chat.say("/generate")
    question = await chat.press("Flux Pro")
    assert question.buttons[:4] == ["🌿 Природа", "🏎 Машины", "🌆 Город", "🍜 Еда"]
    confirmation = await chat.press("Природа")
    shown = confirmation.text.partition("<blockquote>")[2].partition("</blockquote>")[0]
    assert shown
    assert not set("abcdefghijklmnopqrstuvwxyz") & set(shown.lower())
    await chat.press("Создать")
    await world.run(chat.studio)
    assert len(world.provider.submissions[0].prompt) > 100


async def test_an_idea_before_the_model_becomes_one_that_suits_it(world: World) -> None:
    chat = PluginChat(world, models_per_page=20)
    await chat.say("/generate")
    await chat.press("Ideas")
    await chat.press("Food")
    await chat.press("Suno")
    await chat.press("Make it")
    await world.run(chat.studio)
    assert "music" in world.provider.submissions[0].prompt


async def test_ones_own_idea_can_be_written_from_the_list_of_ideas(world: World) -> None:
    chat = PluginChat(world, models_per_page=20)
    await chat.say("/generate")
    await chat.press("Ideas")
    assert "Describe" in (await chat.press("My own idea")).text
    assert "<blockquote>a fox</blockquote>" in (await chat.say("a fox")).text
    assert not any("Ideas" in label for label in chat.last.buttons)


async def test_models_that_speak_or_work_on_a_file_have_no_ideas(world: World) -> None:
    speech = named("Voice", Category.AUDIO, prompt_field="text")
    world.provider.offered = ModelList((speech, named("Photo", media=(FRAMES,))))
    chat = PluginChat(world)
    await chat.say("/generate")
    assert not any("🌿" in label for label in (await chat.press("Voice")).buttons)


def test_an_operators_ideas_come_first_and_can_replace_the_built_in_ones() -> None:
    config = GenerateConfig.model_validate(
        {
            "presets": [
                {
                    "id": "brand",
                    "title": {"en": "Our brand", "ru": "Наш бренд"},
                    "prompts": [{"prompt": "a logo"}],
                },
                {"id": "food", "title": {"en": "Cakes", "ru": "Торты"}, "prompts": [{"prompt": "a cake"}]},
            ]
        }
    )
    both = Presets(config.presets, built_in=True)
    assert [preset.id for preset in both.all(None)] == ["brand", "nature", "cars", "city", "food"]
    taken = both.take("food", Category.IMAGE, "key")
    assert taken is not None
    assert taken.prompt == "a cake"
    assert [preset.id for preset in Presets(config.presets, built_in=False).all(None)] == ["brand", "food"]


@pytest.mark.parametrize(
    ("preset", "problem"),
    [
        ({"id": "x", "title": {"en": "X"}, "prompts": [{"prompt": "x"}]}, "no title in ru"),
        ({"id": "x", "title": {"en": "X", "ru": "Х"}, "prompts": []}, "at least 1 item"),
        ({"id": "X!", "title": {"en": "X", "ru": "Х"}, "prompts": [{"prompt": "x"}]}, "presets.0.id"),
        ({"id": "x", "title": {"en": "X" * 25, "ru": "Х"}, "prompts": [{"prompt": "x"}]}, "24 characters"),
        ({"id": "x", "title": {"en": "X", "ru": "Х"}, "prompts": [{"text": "x"}]}, "Extra inputs"),
    ],
)
def test_an_operators_idea_that_is_wrong_is_an_error_that_names_it(preset: object, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        GenerateConfig.model_validate({"presets": [preset]})


def thousand() -> tuple[Model, ...]:
    categories = (Category.VIDEO, Category.IMAGE, Category.AUDIO)
    return tuple(
        named(
            f"Family{number % 40} Model {number}",
            categories[number % 3],
            price=FlatPrice(rule="flat", usd=Decimal("0.0065") * (1 + number % 97)),
        )
        for number in range(1000)
    )


async def test_a_thousand_models_are_a_bounded_number_of_queries_and_four_taps(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.provider.offered = ModelList(thousand())
    chat = PluginChat(world, models_per_page=8)
    await chat.say("/generate")
    quoted: list[int] = []
    quotes_for = chat.studio.generations.quotes_for

    async def counted(user: Any, model_ids: Any) -> Any:
        quoted.append(len(list(model_ids)))
        return await quotes_for(user, model_ids)

    monkeypatch.setattr(chat.generate.generations, "quotes_for", counted)
    begun = time.process_time()
    for label in ("Pictures", "More", "Up", "Video"):
        before = database.round_trips
        await chat.press(label)
        # The choice is answered from memory; only a person's free ones are looked up, all in one question.
        assert database.round_trips - before <= 1
    await chat.say("family7 model 7")
    assert max(quoted) <= 8
    assert time.process_time() - begun < 5
    assert "Family7 Model 7 ·" in str(chat.last.buttons)
    await chat.press("All models")
    await chat.press("Pictures")
    await chat.press_button(chat.last.keyboard[0][0], chat.last.id)
    assert "Describe" in chat.last.text


def test_a_search_among_a_thousand_names_does_not_read_ideas_as_names() -> None:
    index = ModelIndex(thousand(), cost=lambda _: 0)
    assert index.names_one("Family12 model 12")
    assert not index.names_one("a model of the old town")
    assert len(index.find("family1 model 1")) >= 1
    assert index.find("") == ()
    assert index.find("🙂") == ()


def test_the_operators_guide_shows_ideas_that_are_read_as_it_says() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "operators.md").read_text(encoding="utf-8")
    example = guide.partition("## Ideas of your own")[2].partition("```toml\n")[2].partition("```")[0]
    settings = tomllib.loads(example)["plugins"]["generate"]
    config = GenerateConfig.model_validate({"presets": settings["presets"]})
    assert [preset.id for preset in config.presets] == ["coffee"]


async def test_a_photo_for_a_model_of_words_is_two_taps_from_one_that_takes_it(world: World) -> None:
    world.provider.offered = ModelList((*MODELS, named("Kling Photo", Category.VIDEO, media=(FRAMES,))))
    chat = PluginChat(world)
    prefers(chat, "flux-pro")
    await chat.say("a fox")
    told = await chat.send_media(MediaKind.PHOTO)
    assert "works from words alone" in told.text
    await chat.press("Models for this file")
    await chat.press("Kling Photo")
    assert "<b>Kling Photo</b>\nFirst frame: 1 file" in chat.last.text
    assert "a fox" in chat.last.text
