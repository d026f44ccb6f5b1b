"""From an idea to a job, on the path and off it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import pytest
from support.generation_world import PRICE, ScriptedProvider, World, model
from support.plugin_chat import PluginChat

from core.billing.free import FreeTier
from core.generation.job import JobState
from core.generation.model import Category, ModelList
from core.generation.options import Option
from core.generation.prices import PerSecondPrice
from core.generation.provider import Running
from core.generation.settings import GenerationSettings
from core.hooks import Refusal
from core.preferences import Preference, Units
from core.storage.database import Database
from core.telegram.types import Button, MediaKind
from sandbox.clock import ManualClock

PAID = 25


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    world = World(database, clock)
    await world.pay(PAID)
    return world


async def _confirm(chat: PluginChat, prompt: str = "a lighthouse") -> None:
    await chat.say("/generate")
    await chat.press("Scripted" if chat.user.telegram_language == "en" else "По сценарию")
    await chat.say(prompt)


async def test_the_whole_way_in_english(world: World) -> None:
    chat = PluginChat(world)
    choice = await chat.say("/generate")
    assert choice.buttons == ["🎬 Scripted · 10 ⭐", "💡 Ideas", "✖️ Cancel"]
    question = await chat.press("Scripted")
    assert question.id == choice.id
    assert "<b>Scripted</b> · 10 Stars" in question.text
    assert "2,000 characters" in question.text
    confirmation = await chat.say("a <b>lighthouse</b>")
    assert "a &lt;b&gt;lighthouse&lt;/b&gt;" in confirmation.text
    assert "Price: <b>10 Stars</b>" in confirmation.text
    assert "Your balance: 25 Stars" in confirmation.text
    progress = await chat.press("Make it for 10 ⭐")
    assert chat.toasts[-1] == "It’s begun!"
    assert progress.id == confirmation.id
    assert progress.buttons == ["🛑 Stop"]
    assert chat.user.dialogue is None
    await world.run(chat.studio)
    assert [task.prompt for task in world.provider.submissions] == ["a <b>lighthouse</b>"]
    assert [ref.message_id for ref in world.telegram.deleted] == [progress.id]
    await world.assert_sound(paid=PAID)


async def test_the_whole_way_in_russian_has_no_english(world: World) -> None:
    chat = PluginChat(world, language="ru")
    await _confirm(chat, "маяк ночью")
    await chat.press("Создать за 10 ⭐")
    await world.run(chat.studio)
    texts = [shown.text + " ".join(shown.buttons) for shown in chat.shown.values()]
    texts += [message.text for message in world.telegram.messages.values()] + chat.toasts
    for text in texts:
        words = re.sub(r"<[^>]+>|/[a-z]+", " ", text)
        assert not re.search(r"[A-Za-z]{2,}", words), text


async def test_words_alone_begin_it_and_two_taps_finish_it(world: World) -> None:
    chat = PluginChat(world)
    choice = await chat.say("a lighthouse")
    assert "<blockquote>a lighthouse</blockquote>" in choice.text
    await chat.press("Scripted")
    await chat.press("Make it")
    await world.run(chat.studio)
    assert [task.prompt for task in world.provider.submissions] == ["a lighthouse"]
    await world.assert_sound(paid=PAID)


async def test_words_behind_the_command_are_the_prompt(world: World) -> None:
    assert "a lighthouse" in (await PluginChat(world).say("/generate a lighthouse")).text


async def test_progress_is_shown_in_the_confirmation(world: World) -> None:
    chat = PluginChat(world)
    await _confirm(chat)
    waiting = await chat.press("Make it")
    assert "any moment" in waiting.text
    world.provider.statuses = [Running(50)]
    await world.run(chat.studio, seconds=3)
    assert "▰▰▰▰▰▱▱▱▱▱ 50%" in chat.last.text
    assert chat.last.id == waiting.id
    world.provider.statuses = ScriptedProvider().statuses
    await world.run(chat.studio)
    assert "is done" in chat.last.text
    assert chat.last.buttons == []


async def test_two_taps_make_one_job(world: World) -> None:
    chat = PluginChat(world)
    await _confirm(chat)
    message = chat.last
    await asyncio.gather(chat.press("Make it", on=message), chat.press("Make it", on=message))
    assert len(await world.all_jobs()) == 1
    await chat.press("Make it", on=message)
    assert chat.toasts[-1] == "It’s already being made."
    await world.run(chat.studio)
    await chat.press("Make it", on=message)
    assert "over already" in chat.toasts[-1]
    await world.assert_sound(paid=PAID)


async def test_the_dialogue_goes_on_after_a_restart_at_every_step(world: World) -> None:
    chat = PluginChat(world)
    await chat.say("/generate")
    chat.restart()
    await chat.press("Scripted")
    chat.restart()
    await chat.say("a lighthouse")
    chat.restart()
    await chat.press("Make it")
    chat.restart()
    await world.run(chat.studio)
    await world.assert_sound(paid=PAID)
    assert len(world.telegram.media) == 1


async def test_an_old_confirmation_says_what_to_do(world: World) -> None:
    chat = PluginChat(world)
    await _confirm(chat)
    old = chat.last
    await chat.say("a better lighthouse")
    newest = chat.last
    assert newest.id != old.id
    await chat.press("Make it", on=old)
    assert "out of date" in chat.toasts[-1]
    assert chat.shown[old.id].keyboard == ()
    assert await world.all_jobs() == []
    await chat.press("Make it", on=newest)
    await world.run(chat.studio)
    assert world.provider.submissions[0].prompt == "a better lighthouse"


async def test_an_old_choice_of_models_still_works(world: World) -> None:
    chat = PluginChat(world)
    await chat.say("/generate")
    old = chat.last
    await chat.say("/cancel")
    await chat.press("Scripted", on=old)
    assert "2,000 characters" in chat.shown[old.id].text
    assert "Price" in (await chat.say("a lighthouse")).text


@pytest.mark.parametrize("kind", [MediaKind.STICKER, MediaKind.PHOTO, MediaKind.VOICE])
async def test_something_else_than_words_is_answered_and_the_question_stays(
    world: World, kind: MediaKind
) -> None:
    chat = PluginChat(world)
    assert "I need words" in (await chat.send_media(kind, "a caption")).text
    await chat.say("/generate")
    await chat.press("Scripted")
    assert "works from words alone" in (await chat.send_media(kind)).text
    assert "Price" in (await chat.say("a lighthouse")).text


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [("   ", "I need words"), ("\u200f", "empty"), ("x" * 5000, "5,000 characters"), ("x", "Price")],
)
async def test_prompts_of_every_size_are_answered(world: World, prompt: str, answer: str) -> None:
    chat = PluginChat(world)
    await chat.say("/generate")
    await chat.press("Scripted")
    assert answer in (await chat.say(prompt)).text
    assert "Price" in (await chat.say("a lighthouse")).text


async def test_a_long_prompt_said_first_is_refused_by_the_model_in_words(world: World) -> None:
    chat = PluginChat(world)
    await chat.say("x" * 3000)
    assert "3,000 characters" in (await chat.press("Scripted")).text
    assert "Price" in (await chat.say("a lighthouse")).text


@pytest.mark.parametrize(
    "prompt", ["🙂👨‍👩‍👧‍👦", "\u200fשלום\u200e", "*bold* `code` [link](x)", "line\nline"]
)
async def test_prompts_arrive_as_they_were_written(world: World, prompt: str) -> None:
    chat = PluginChat(world)
    await _confirm(chat, prompt)
    await chat.press("Make it")
    await world.run(chat.studio)
    assert world.provider.submissions[0].prompt == prompt


async def test_a_short_balance_is_told_with_numbers_and_can_be_tried_again(
    database: Database, clock: ManualClock
) -> None:
    world = World(database, clock, number=5)
    await world.pay(4)
    chat = PluginChat(world)
    await _confirm(chat)
    told = await chat.press("Make it")
    assert "costs 10 ⭐, and you have 4 ⭐ — <b>6 ⭐</b> short" in told.text
    assert await world.all_jobs() == []
    await world.ledger.credit(
        world.person.id, 6, source="manual", key="more", reference="", actor="test", reason="test"
    )
    await chat.press("Try again")
    await world.run(chat.studio)
    assert len(world.telegram.media) == 1


async def test_a_price_that_changed_is_asked_about_again(world: World) -> None:
    chat = PluginChat(world)
    await _confirm(chat)
    world.provider.offered = ModelList((model(usd="0.13"),))
    chat.restart()
    asked = await chat.press("Make it for 10 ⭐")
    assert "it was 10 ⭐, now it’s <b>20 ⭐</b>" in asked.text
    assert await world.all_jobs() == []
    await chat.press("Make it for 20 ⭐")
    assert (await world.job()).price == 20


async def test_a_model_that_went_is_told_at_every_step(world: World) -> None:
    chat = PluginChat(world)
    await chat.say("/generate")
    choice = chat.last
    await chat.press("Scripted")
    world.provider.offered = ModelList((model("other-one"),))
    chat.restart()
    await chat.say("a lighthouse")
    assert "Which model" in chat.last.text
    gone = Button("old", "model", (chat.studio.generations.token("scripted-one"),), plugin="generate")
    await chat.press_button(gone, choice.id)
    assert "isn’t available" in chat.toasts[-1]
    assert "Which model" in chat.shown[choice.id].text
    await chat.press("Scripted", on=chat.shown[choice.id])
    await chat.press("Make it", on=chat.shown[choice.id])
    assert (await world.job()).model_id == "other-one"


async def test_a_confirmed_model_that_went_is_not_charged(world: World) -> None:
    chat = PluginChat(world)
    await _confirm(chat)
    world.provider.offered = ModelList((model("other-one"),))
    chat.restart()
    assert "isn’t available" in (await chat.press("Make it")).text
    assert await world.all_jobs() == []


async def test_without_models_there_is_an_answer(world: World) -> None:
    world.provider.offered = ModelList(())
    chat = PluginChat(world)
    assert "come back a little later" in (await chat.say("/generate")).text


async def test_one_at_a_time_is_said_before_anybody_writes_a_prompt(world: World) -> None:
    world.settings = GenerationSettings(max_queued=0)
    chat = PluginChat(world)
    world.provider.statuses = [Running(1)]
    await _confirm(chat)
    await chat.press("Make it")
    busy = await chat.say("another idea")
    assert "still working" in busy.text
    await world.run(chat.studio, seconds=1)
    await chat.press("Stop", on=busy)
    assert chat.toasts[-1] == "Stopping it. Nothing will be charged."
    await world.run(chat.studio)
    assert (await world.job()).state is JobState.RELEASED
    await chat.press("Stop", on=busy)
    assert "can’t be stopped" in chat.toasts[-1]
    await world.assert_sound(paid=PAID)


async def test_a_confirmation_waits_where_nothing_is_queued(world: World) -> None:
    world.settings = GenerationSettings(max_queued=0)
    chat = PluginChat(world)
    await _confirm(chat)
    world.provider.statuses = [Running(1)]
    await world.create(chat.studio)
    await chat.press("Make it")
    assert "already have a generation running" in chat.toasts[-1]
    world.provider.statuses = ScriptedProvider().statuses
    await world.run(chat.studio)
    await chat.press("Make it")
    await world.run(chat.studio)
    assert len(world.telegram.media) == 2


async def test_leaving_and_going_back(world: World) -> None:
    chat = PluginChat(world)
    await _confirm(chat)
    back = await chat.press("Another model")
    assert "<blockquote>a lighthouse</blockquote>" in back.text
    await chat.press("Scripted")
    left = await chat.press("Cancel")
    assert "Nothing was charged" in left.text
    assert left.keyboard == ()
    assert chat.user.dialogue is None


async def test_a_plugins_refusal_is_shown(world: World) -> None:
    chat = PluginChat(world)
    await _confirm(chat)
    world.plugins.refusal = Refusal("plugin-gate-failed")
    assert "try again in a few minutes" in (await chat.press("Make it")).text
    assert await world.all_jobs() == []


async def test_a_dry_run_says_so_in_the_chat(world: World) -> None:
    world.settings = GenerationSettings(dry_run=True)
    chat = PluginChat(world)
    await _confirm(chat)
    assert "nothing was charged" in (await chat.press("Make it")).text
    assert await world.all_jobs() == []


async def test_many_models_come_in_pages_and_long_names_fit(world: World) -> None:
    world.provider.offered = ModelList(
        tuple(
            model(f"model-{number}").model_copy(
                update={"title": {"en": f"{number} " + "Long" * 20, "ru": "Имя"}}
            )
            for number in range(5)
        )
    )
    chat = PluginChat(world)
    first = await chat.say("/generate")
    assert [label[:4] for label in first.buttons] == ["🎬 0 ", "🎬 1 ", "More", "🔎 Fi", "💡 Id", "✖️ C"]
    await chat.press("More")
    last = await chat.press("More")
    assert [label[:4] for label in last.buttons] == ["🎬 4 ", "‹ Ba", "🔎 Fi", "💡 Id", "✖️ C"]
    assert (await chat.press("Back")).buttons[0].startswith("🎬 2")


async def test_options_are_shown_in_words(world: World) -> None:
    priced = model().model_copy(
        update={
            "category": Category.AUDIO,
            "price": PerSecondPrice(rule="per_second", usd="0.013"),
            "options": (
                Option(field="duration", type="integer", choices=(5,), default=5),
                Option(field="mood", type="string", default="calm"),
            ),
        }
    )
    world.provider.offered = ModelList((priced,))
    chat = PluginChat(world, language="ru")
    await _confirm(chat)
    assert "Длина: 5 с\nmood: calm" in chat.last.text


async def test_buttons_of_somebody_else_do_nothing(world: World) -> None:
    chat = PluginChat(world)
    world.provider.statuses = [Running(1)]
    await _confirm(chat)
    await chat.press("Make it")
    await world.run(chat.studio, seconds=0.5)
    chat.user = type(chat.user)(id=chat.user.id + 1, telegram_language="en")
    await chat.press("Stop")
    assert "can’t be stopped" in chat.toasts[-1]
    assert (await world.job()).state is JobState.RUNNING


@pytest.fixture
def free(world: World) -> World:
    """One free generation a day."""
    world.free = FreeTier(("scripted-one",), per_day=1)
    return world


@pytest.mark.parametrize(
    ("language", "button", "price", "make"),
    [
        ("en", "🎬 Scripted · free", "free today, 1 left", "Make it for free"),
        ("ru", "🎬 По сценарию · бесплатно", "сегодня бесплатно, осталась 1 попытка", "Создать бесплатно"),
    ],
)
async def test_what_is_free_is_called_so_everywhere(
    free: World, language: str, button: str, price: str, make: str
) -> None:
    chat = PluginChat(free, language=language)
    choice = await chat.say("/generate")
    assert choice.buttons[0] == button
    assert price in (await chat.press(button)).text
    confirmation = await chat.say("маяк")
    assert f"<b>{price}</b>" in confirmation.text
    free.provider.statuses = [Running(50), *ScriptedProvider().statuses]
    progress = await chat.press(make)
    assert "10" not in progress.text
    await free.run(chat.studio)
    assert (await free.job()).free == "daily"
    await free.assert_sound(paid=PAID)


async def test_a_free_one_used_up_meanwhile_is_asked_about_and_not_charged(free: World) -> None:
    chat = PluginChat(free)
    await _confirm(chat)
    shown = await chat.studio.generations.quote_for(free.person, "scripted-one")
    await free.create(chat.studio, "elsewhere", quote=shown)
    await free.run(chat.studio)
    asked = await chat.press("Make it for free")
    assert "were used up" in asked.text
    assert "<b>10 ⭐</b>" in asked.text
    assert (await free.ledger.balance(free.person.id)).available == PAID
    await chat.press("Make it for 10 ⭐")
    await free.run(chat.studio)
    assert (await free.ledger.balance(free.person.id)).available == PAID - PRICE
    await free.assert_sound(paid=PAID)


async def test_what_is_free_by_now_is_said_before_anybody_pays(free: World) -> None:
    free.settings = GenerationSettings(max_active=2)
    chat = PluginChat(free)
    shown = await chat.studio.generations.quote_for(free.person, "scripted-one")
    job = await free.create(chat.studio, "elsewhere", quote=shown)
    await _confirm(chat)
    assert await chat.studio.generations.cancel(free.person.id, job.id)
    await free.run(chat.studio)
    asked = await chat.press("Make it for 10 ⭐")
    assert "free today, 1 left" in asked.text
    await chat.press("Make it for free")
    await free.run(chat.studio)
    assert len(free.telegram.media) == 1
    await free.assert_sound(paid=PAID)


@pytest.mark.parametrize(
    ("units", "price", "balance"),
    [
        (Units.ALL, "<b>10 Stars</b> (0.1 credits, ≈ $0.13)", "25 Stars"),
        (Units.MONEY, "<b>10 Stars</b> (≈ $0.13)", "25 Stars"),
        (Units.CREDITS, "<b>10 Stars</b> (0.1 credits)", "25 Stars (0.25 credits)"),
        (Units.STARS, "<b>10 Stars</b>", "25 Stars"),
    ],
)
async def test_a_price_is_told_in_what_the_person_counts_in(
    world: World, units: Units, price: str, balance: str
) -> None:
    chat = PluginChat(world)
    chat.user = replace(chat.user, settings={Preference.UNITS: units.value})
    await _confirm(chat)
    assert f"Price: {price}\n" in chat.last.text
    assert f"Your balance: {balance}\n" in chat.last.text


async def test_an_option_that_must_be_chosen_is_asked_for_before_the_last_word(world: World) -> None:
    asks = model("asks").model_copy(
        update={"options": (Option(field="seed", type="integer", required=True, minimum=1, maximum=9),)}
    )
    world.provider.offered = ModelList((asks,))
    chat = PluginChat(world)
    assert (await chat.say("/generate")).buttons == ["🎬 Scripted · from 10 ⭐", "💡 Ideas", "✖️ Cancel"]
    await chat.press("Scripted")
    assert "a whole number from 1 to 9" in (await chat.say("a lighthouse")).text
    for wrong in ("ten", "10", "1.5", ""):
        assert "not possible" in (await chat.say(wrong)).text
    assert "Seed (a number): 7" in (await chat.say("7")).text
    await chat.press("Make it")
    assert dict((await world.job()).options) == {"seed": 7}
