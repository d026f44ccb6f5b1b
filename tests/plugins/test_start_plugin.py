"""/start, /help, /lang and /cancel, as a person meets them."""

from __future__ import annotations

import pytest
from support.generation_world import World
from support.plugin_chat import PluginChat

from core.generation.job import JobState
from core.generation.provider import Running
from core.generation.settings import GenerationSettings
from core.storage.database import Database
from sandbox.clock import ManualClock


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    world = World(database, clock)
    await world.pay(25)
    return world


async def test_a_newcomer_is_greeted_with_the_balance_and_the_way_in(world: World) -> None:
    chat = PluginChat(world, new=True)
    welcome = await chat.say("/start")
    assert "Hello, <b>Alice</b>" in welcome.text
    assert "<b>25 Stars</b>" in welcome.text
    assert welcome.buttons == ["✨ Create", "Русский", "❔ Help"]
    assert "Good to see you" in (await chat.say("/start")).text
    assert "Choose a model" in (await chat.press("Create")).text


async def test_a_russian_is_greeted_in_russian(world: World) -> None:
    welcome = await PluginChat(world, language="ru", new=True).say("/start")
    assert "Здравствуйте, <b>Alice</b>" in welcome.text
    assert "<b>25 звёзд</b>" in welcome.text


async def test_a_newcomer_is_greeted_again_in_the_language_they_choose(world: World) -> None:
    chat = PluginChat(world, language="pt-br", new=True)
    welcome = await chat.say("/start")
    assert "Hello" in welcome.text
    again = await chat.press("Русский")
    assert again.id == welcome.id
    assert "Здравствуйте, <b>Alice</b>" in again.text
    assert again.buttons == ["✨ Создать", "English", "❔ Помощь"]
    assert "Рад видеть" in (await chat.say("/start")).text


async def test_names_cannot_carry_markup(world: World) -> None:
    chat = PluginChat(world)
    chat.user = type(chat.user)(id=chat.user.id, first_name="<i>Bob</i> & Co")
    assert "&lt;i&gt;Bob&lt;/i&gt; &amp; Co" in (await chat.say("/start")).text
    chat.user = type(chat.user)(id=chat.user.id, first_name="")
    assert "<b>friend</b>" in (await chat.say("/start")).text


async def test_what_is_held_is_said(world: World) -> None:
    await world.ledger.hold(world.person.id, "h", 5, actor="test", reason="test")
    text = (await PluginChat(world).say("/start")).text
    assert "<b>20 Stars</b>" in text
    assert "Set aside for what is being made: 5 Stars" in text


async def test_help_lists_what_is_enabled(world: World) -> None:
    chat = PluginChat(world)
    text = (await chat.say("/help")).text
    for command in ("/start", "/help", "/lang", "/cancel", "/generate"):
        assert command in text
    chat.routes.remove("generate")
    assert "/generate" not in (await chat.say("/help")).text
    assert (await chat.say("/start")).buttons == ["🌐 Language", "❔ Help"]
    assert (await chat.press("Help")).text == (await chat.say("/help")).text


async def test_a_chosen_language_is_spoken_at_once_and_from_then_on(world: World) -> None:
    chat = PluginChat(world)
    menu = await chat.say("/lang")
    assert menu.buttons == ["✓ English", "Русский"]
    answer = await chat.press("Русский")
    assert answer.id == menu.id
    assert answer.text == "🌐 Язык выбран: Русский."
    assert answer.buttons == ["English", "✓ Русский"]
    assert "Ваш баланс" in (await chat.say("/start")).text


async def test_the_language_button_of_the_welcome_offers_the_same(world: World) -> None:
    chat = PluginChat(world)
    await chat.say("/start")
    assert (await chat.press("Language")).buttons == ["✓ English", "Русский"]


async def test_cancel_leaves_a_dialogue(world: World) -> None:
    chat = PluginChat(world)
    await chat.say("/generate")
    assert chat.user.dialogue is not None
    assert "Nothing was charged" in (await chat.say("/cancel")).text
    assert chat.user.dialogue is None
    assert "nothing to cancel" in (await chat.say("/cancel")).text


async def test_cancel_stops_a_generation_outside_of_a_dialogue(world: World) -> None:
    world.settings = GenerationSettings(max_queued=0)
    chat = PluginChat(world)
    world.provider.statuses = [Running(1)]
    await world.create(chat.studio)
    await world.run(chat.studio, seconds=0.5)
    await chat.say("/generate a cat")
    assert chat.user.dialogue is None, "there is no second dialogue while one generation is all there may be"
    assert "Stopping" in (await chat.say("/cancel")).text
    await world.run(chat.studio)
    assert (await world.job()).state is JobState.RELEASED
    await world.assert_sound(paid=25)


async def test_cancel_leaves_the_dialogue_first_and_says_that_something_runs(world: World) -> None:
    chat = PluginChat(world)
    await chat.say("/generate")
    world.provider.statuses = [Running(1)]
    await world.create(chat.studio)
    assert "once more" in (await chat.say("/cancel")).text
    assert len(await chat.studio.generations.active(chat.user.id)) == 1


async def test_cancel_says_when_it_is_too_late(world: World) -> None:
    chat = PluginChat(world)
    world.telegram.send_errors = [OSError() for _ in range(50)]
    await world.create(chat.studio)
    await world.run(chat.studio, seconds=10)
    assert (await world.job()).state is JobState.DELIVERING
    assert "can’t be stopped" in (await chat.say("/cancel")).text
