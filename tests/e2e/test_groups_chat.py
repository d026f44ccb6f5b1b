"""The bot in a group: who is answered, whose buttons they are, who pays, and what stays between two."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from support.golden import Golden
from support.studio_talk import (
    IMAGE_PRICE,
    WELCOME,
    all_read,
    arrive,
    ask,
    assert_sound,
    caught_up,
    project_plugins,
    shared_studio,
    spend,
    write_plugin,
)

from sandbox.people.handles import Place
from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")

both_languages = pytest.mark.parametrize("language", ["en", "ru"])
FEE = """
    class FeePlugin(Plugin):
        name = "fee"

        @command("fee")
        async def fee(self, event):
            raise InsufficientStars(needed=47, available=31)
"""
"""A plugin of somebody's whose command costs more than anybody has."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    directory = tmp_path_factory.mktemp("groups")
    plugins = project_plugins(directory)
    plugins["plugins"]["fee"] = write_plugin(directory, "fee", FEE)
    async with shared_studio(database_uri, directory, plugins=plugins) as studio:
        yield studio


async def friends(
    studio: Studio, language: str = "en", *, supergroup: bool = True
) -> tuple[Person, Person, Place]:
    """Two people whom the bot knows, and a group of theirs with the bot."""
    anna = await arrive(studio, "Anna", language)
    boris = await arrive(studio, "Boris", language)
    return anna, boris, studio.sandbox.add_group("Friends", [anna, boris, studio.bot], supergroup=supergroup)


async def say(person: Person, text: str, group: Place, reply_to: MessageView | None = None) -> MessageView:
    """Write into the group; the bot's answer."""
    sent = await person.send(text, to=group, reply_to=reply_to)
    return await person.expect(lambda message: message.reply_to == sent.id, kind="new", chat=group)


async def confirmed(golden: Golden, group: Place) -> MessageView:
    """Go as far as the last question before money."""
    person = golden.person
    await golden.tap("🖼", on=await say(person, "/generate", group), shows=None)
    asked = await person.expect(kind="edit", chat=group)
    return await say(person, {"en": "a red fox", "ru": "рыжая лиса"}[person.language], group, asked)


@both_languages
async def test_a_group_as_who_orders_there_reads_it(studio: Studio, language: str) -> None:
    anna, boris, group = await friends(studio, language)
    golden = Golden(anna)
    confirmation = await confirmed(golden, group)
    await golden.tap("⚙️", on=confirmation, shows=None)
    options = await anna.expect(kind="edit", chat=group)
    await golden.tap("✅", on=options, shows=None)
    await golden.tap("✨", on=await anna.expect(kind="edit", chat=group), shows=None)
    await anna.expect(lambda message: message.media is not None, chat=group, within=40)
    await studio.settled(anna)
    for command in ("/history", "/help"):
        await say(anna, command, group)
    golden.same_as("group")
    await assert_sound(studio, anna, spent=IMAGE_PRICE)
    await assert_sound(studio, boris)


@both_languages
async def test_a_balance_that_is_short_is_told_in_private_alone(studio: Studio, language: str) -> None:
    anna, _, group = await friends(studio, language)
    await spend(studio, anna, WELCOME - 2)
    golden = Golden(anna)
    confirmation = await confirmed(golden, group)
    await golden.tap("✨", on=confirmation, shows=None)
    short = await anna.expect(kind="edit", chat=group)
    assert re.findall(r"\d+", short.text + "".join(short.labels)) == [str(IMAGE_PRICE), str(IMAGE_PRICE)]
    assert short.buttons[0][0].url == f"https://t.me/{studio.bot.username}?start=c_buy"
    await anna.start("c_buy")
    await anna.expect({"en": "You have 2 Stars", "ru": "У вас 2 звезды"}[language], kind="new")
    await studio.running.ledger.credit(
        anna.id, 1, source="manual", key=f"top-up:{anna.id}", reference="", actor="test", reason="test"
    )
    await golden.tap("🔄", on=short, shows=None)
    await anna.expect(lambda message: message.media is not None, chat=group, within=40)
    golden.same_as("group_short")
    await studio.settled(anna)
    assert (await studio.running.ledger.balance(anna.id)).available == 0
    await all_read(anna)
    told = (await say(anna, "/fee", group)).text
    assert re.findall(r"\d+", told) == ["47"]
    assert re.findall(r"\d+", (await ask(anna, "/fee")).text) == ["47", "31", "16"]


@pytest.mark.parametrize(("language", "supergroup"), [("en", False), ("ru", True)])
async def test_from_words_to_a_picture_in_a_group(studio: Studio, language: str, supergroup: bool) -> None:
    anna, boris, group = await friends(studio, language, supergroup=supergroup)
    models = await say(anna, "/generate", group)
    await anna.press("🖼", models)
    asked = await anna.expect(kind="edit", chat=group)
    confirmation = await say(anna, "a red fox", group, asked)
    words = anna.refresh(confirmation).reply_to
    refused = await boris.press("✨", seen(boris, group))
    assert refused.alert
    assert "Anna" in (refused.text or "")
    await anna.press("✨", confirmation)
    picture = await anna.expect(lambda message: message.media is not None, chat=group, within=40)
    assert picture.reply_to == words
    await studio.settled(anna)
    await assert_sound(studio, anna, spent=IMAGE_PRICE)
    await assert_sound(studio, boris)


def seen(person: Person, group: Place) -> MessageView:
    """The newest message with buttons, as somebody else sees it."""
    return next(message for message in reversed(person.messages(group)) if message.buttons)


@both_languages
async def test_a_dialogue_in_a_group_leaves_the_private_chat_alone(studio: Studio, language: str) -> None:
    anna, boris, group = await friends(studio, language)
    models = await say(anna, "/generate", group)
    await anna.press("🖼", models)
    asked = await anna.expect(kind="edit", chat=group)
    private = await ask(anna, "a blue whale")
    assert "a blue whale" in private.text
    theirs = await say(boris, "/generate a green frog", group)
    assert "a green frog" in theirs.text
    await anna.press("🎬", private)
    await anna.expect("blue whale", kind="edit")
    await studio.restart()
    confirmation = await say(anna, "a red fox", group, asked)
    assert "a red fox" in confirmation.text
    assert "blue whale" not in confirmation.text


@both_languages
async def test_only_what_is_meant_for_the_bot_is_answered(studio: Studio, language: str) -> None:
    anna, boris, group = await friends(studio, language)
    studio.bot.set_privacy(on=False)
    try:
        first = await anna.send("a red fox", to=group)
        await boris.send("me too", to=group, reply_to=boris.messages(group)[-1])
        await boris.send("/nosuch", to=group)
        await boris.send("/start@other_bot", to=group)
        greeting = await say(boris, "/start@starloom_bot", group)
    finally:
        studio.bot.set_privacy(on=True)
    assert first.id != greeting.id
    assert str(WELCOME) not in greeting.text
    said = [message for message in anna.messages(group) if message.sender_id == studio.bot.id]
    assert [message.id for message in said] == [greeting.id]
    assert "red fox" in (await say(boris, "a red fox", group, greeting)).text


@both_languages
async def test_what_is_private_is_shown_the_way_to_the_private_chat(studio: Studio, language: str) -> None:
    anna, _, group = await friends(studio, language)
    for command in ("balance", "buy"):
        answer = await say(anna, f"/{command}", group)
        assert str(WELCOME) not in answer.text
        [[button]] = answer.buttons
        assert button.url == f"https://t.me/{studio.bot.username}?start=c_{command}"
        shown = await anna.start(f"c_{command}")
        there = await anna.expect(lambda message, after=shown.id: message.id > after, kind="new")
        assert str(WELCOME) in there.text


async def test_somebody_new_from_a_group_is_welcomed_first(studio: Studio) -> None:
    new = studio.person("New")
    await new.start("c_balance")
    assert "Hello" in (await new.expect(kind="new")).text
    assert "Your balance" in (await new.expect(kind="new")).text
    await new.start("c_grant")
    assert "Good to see you" in (await new.expect(kind="new")).text


async def test_the_menu_of_a_group_has_what_can_be_done_there(studio: Studio) -> None:
    anna, _, group = await friends(studio)
    names = [name for name, _ in anna.commands(group)]
    assert "generate" in names
    assert not {"balance", "buy", "grant"} & set(names)
    assert {"balance", "buy"} <= {name for name, _ in anna.commands()}


@both_languages
async def test_a_picture_of_figures_answers_whoever_asked_and_ones_own_are_private(
    studio: Studio, language: str
) -> None:
    anna, _, group = await friends(studio, language)
    assert (await say(anna, "/stats", group)).media is not None
    own = await say(anna, "/mystats", group)
    assert own.media is None
    assert own.buttons[0][0].url == f"https://t.me/{studio.bot.username}?start=c_mystats"


@pytest.mark.parametrize(("language", "words"), [("en", "more than a day ago"), ("ru", "больше суток назад")])
async def test_a_question_of_yesterday_is_over_in_a_group_and_says_so_once(
    studio: Studio, language: str, words: str
) -> None:
    anna, _, group = await friends(studio, language)
    models = await say(anna, "/generate", group)
    await caught_up(anna)
    yesterday = studio.clock.now() - timedelta(hours=25)
    people = studio.running.database.collection("users")
    await people.update_one({"_id": anna.id}, {"$set": {f"dialogues.{group.chat_id}.at": yesterday}})
    answer = await say(anna, "a red fox", group, models)
    assert words in answer.text
    row = await people.find_one({"_id": anna.id})
    assert row is not None
    assert row["dialogues"] == {}
    assert "a red fox" in (await say(anna, "a red fox", group, answer)).text
