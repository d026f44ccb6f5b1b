"""Commands at the beginning, in the middle of a dialogue, and where there is nothing to command."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from support.studio_talk import (
    IMAGE_PRICE,
    WELCOME,
    arrive,
    ask,
    assert_sound,
    assert_usable,
    begin,
    delivered,
    pressed,
    said,
    shared_studio,
    spend,
    to_confirmation,
)

from sandbox.people.person import Person
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")

LEFT = {"en": "we’ve left it. Nothing was charged", "ru": "выходим. Ничего не списано"}
NOTHING = {"en": "There’s nothing to cancel", "ru": "Отменять нечего"}
UNKNOWN = {"en": "I don’t know this command", "ru": "Такой команды я не знаю"}
HELP = {"en": "Here’s what I can do", "ru": "Вот что я умею"}
COMMANDS = [
    *("balance", "buy", "cancel", "generate", "help", "history", "invite", "lang", "mystats", "paysupport"),
    *("plan", "privacy", "promo", "refund", "reset", "setmodel", "settings", "start", "stats", "support"),
    "terms",
]

both_languages = pytest.mark.parametrize("language", ["en", "ru"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    async with shared_studio(database_uri, tmp_path_factory.mktemp("commands")) as studio:
        yield studio


@pytest.mark.parametrize(
    ("language", "welcome", "again"),
    [
        ("en", ("Hello, Alex!", "Your balance: 192 Stars"), "Good to see you, Alex!"),
        ("ru", ("Здравствуйте, Alex!", "Ваш баланс: 192 звезды"), "Рад видеть вас, Alex!"),
    ],
)
async def test_start_greets_and_tells_the_balance(
    studio: Studio, language: str, welcome: tuple[str, ...], again: str
) -> None:
    person = studio.person("Alex", language)
    await person.start()
    message = await person.expect(kind="new")
    assert all(part in message.text for part in welcome)
    other = {"en": "Р", "ru": "E"}[language]
    assert [label[0] for label in message.labels] == ["✨", "⭐", "💰", other, "❔"]
    second = await ask(person, "/start")
    assert [label[0] for label in second.labels] == ["✨", "⭐", "💰", "⚙", "❔"]
    assert again in second.text
    assert welcome[1] in second.text
    await assert_sound(studio, person)


@pytest.mark.parametrize("payload", ["ref42", "a" * 64, "-_", "<b>x</b>"])
async def test_start_with_a_payload_greets_all_the_same(studio: Studio, payload: str) -> None:
    person = studio.person("Alex")
    await person.start(payload)
    message = await person.expect(kind="new")
    assert "Hello, Alex!" in message.text
    assert payload not in message.text
    await assert_sound(studio, person)


async def test_start_tells_what_is_set_aside(studio: Studio) -> None:
    person = await arrive(studio)
    await begin(person, "fault:hang a red fox")
    welcome = await ask(person, "/start")
    assert "Your balance: 189 Stars" in welcome.text
    assert "Set aside for what is being made: 3 Stars" in welcome.text
    assert "Stopping" in (await ask(person, "/cancel")).text
    await assert_sound(studio, person)


@pytest.mark.parametrize("name", ["<b>Bo</b>", "{ $name }", "&amp;", "\u202eevil", "*x*", "Ю" * 64])
async def test_a_name_is_shown_as_it_is(studio: Studio, name: str) -> None:
    person = studio.person(name)
    await person.start()
    assert name in (await person.expect(kind="new")).text


async def shown_menu(studio: Studio, person: Person, description: str) -> None:
    """Wait for a menu that has that description: it changes a moment after the answer."""

    async def holds() -> bool:
        return description in dict(person.commands()).values()

    await studio.until(holds)


@both_languages
async def test_help_lists_exactly_what_is_enabled(studio: Studio, language: str) -> None:
    person = await arrive(studio, language=language)
    message = await ask(person, "/help")
    listed = [line for line in message.text.splitlines() if line.startswith("/")]
    named = [tuple(line.removeprefix("/").split(" — ")) for line in listed]
    assert named == [tuple(each) for each in person.commands()]
    assert sorted(command for command, _ in named) == COMMANDS


async def test_help_and_language_by_the_buttons_of_the_welcome(studio: Studio) -> None:
    person = await arrive(studio)
    await person.press("Help")
    await person.expect(HELP["en"])
    await person.press("Русский", person.messages()[1])
    assert "Здравствуйте" in (await person.expect(kind="edit")).text
    await shown_menu(studio, person, "Всё, что я умею")
    await person.press("English", person.messages()[1])
    assert "Hello" in (await person.expect(kind="edit")).text
    await shown_menu(studio, person, "Everything I can do")
    await person.press("Create")
    assert "Choose a model" in (await person.expect(kind="new")).text


@both_languages
@pytest.mark.parametrize("text", ["/nosuch", "/NOSUCH with words", "/generate2", "/start_"])
async def test_an_unknown_command_says_so_and_leaves_the_dialogue_alone(
    studio: Studio, language: str, text: str
) -> None:
    person = await arrive(studio, language=language)
    assert UNKNOWN[language] in (await ask(person, text)).text
    await to_confirmation(person)
    assert UNKNOWN[language] in (await ask(person, text)).text
    assert "a blue whale" in (await ask(person, "a blue whale")).text
    await assert_sound(studio, person)


async def test_commands_are_known_whatever_their_letters_and_with_the_name_of_the_bot(
    studio: Studio,
) -> None:
    person = await arrive(studio)
    for text in ("/HELP", "/Help", "/help@starloom_bot", "/help@STARLOOM_BOT", "/help me"):
        assert HELP["en"] in (await ask(person, text)).text


@both_languages
async def test_words_behind_generate_are_the_prompt(studio: Studio, language: str) -> None:
    person = await arrive(studio, language=language)
    choice = await ask(person, "/generate a red\nfox")
    assert "a red\nfox" in choice.text
    await person.press("🖼")
    await person.expect("a red\nfox", kind="edit")
    await assert_sound(studio, person)


@both_languages
async def test_help_in_the_middle_answers_and_the_dialogue_goes_on(studio: Studio, language: str) -> None:
    person = await arrive(studio, language=language)
    await ask(person, "/generate")
    assert HELP[language] in (await ask(person, "/help")).text
    await person.press("🖼")
    await person.expect(kind="edit")
    assert HELP[language] in (await ask(person, "/help")).text
    await ask(person, "a red fox")
    assert HELP[language] in (await ask(person, "/help")).text
    await ask(person, "/lang")
    await person.press("✨")
    await delivered(person)
    await assert_sound(studio, person, spent=IMAGE_PRICE)


@both_languages
async def test_generate_in_the_middle_begins_anew(studio: Studio, language: str) -> None:
    person = await arrive(studio, language=language)
    old = await to_confirmation(person)
    choice = await ask(person, "/generate")
    assert "a red fox" not in choice.text
    answer = await person.press("✨", old)
    assert {"en": "out of date", "ru": "устарела"}[language] in answer.text
    await person.press("🖼", choice)
    await person.expect({"en": "Describe", "ru": "Опишите"}[language], kind="edit")
    await assert_sound(studio, person)
    await assert_usable(studio, person)


@both_languages
async def test_start_in_the_middle_leaves_the_dialogue(studio: Studio, language: str) -> None:
    person = await arrive(studio, language=language)
    await to_confirmation(person)
    await ask(person, "/start")
    assert NOTHING[language] in (await ask(person, "/cancel")).text
    await assert_sound(studio, person)


async def _nowhere(person: Person) -> None:
    """Nothing was begun."""


async def _at_the_models(person: Person) -> None:
    await ask(person, "/generate")


async def _at_the_models_with_words(person: Person) -> None:
    await ask(person, "a red fox")


async def _at_the_prompt(person: Person) -> None:
    await ask(person, "/generate")
    await person.press("🖼")
    await person.expect(kind="edit")


async def _at_the_last_question(person: Person) -> None:
    await to_confirmation(person)


@both_languages
@pytest.mark.parametrize(
    ("go", "answer"),
    [
        (_nowhere, NOTHING),
        (_at_the_models, LEFT),
        (_at_the_models_with_words, LEFT),
        (_at_the_prompt, LEFT),
        (_at_the_last_question, LEFT),
    ],
)
async def test_cancel_in_each_state(
    studio: Studio, language: str, go: object, answer: dict[str, str]
) -> None:
    assert callable(go)
    person = await arrive(studio, language=language)
    await go(person)
    assert answer[language] in (await ask(person, "/cancel")).text
    assert NOTHING[language] in (await ask(person, "/cancel")).text
    await assert_sound(studio, person)


async def _at_an_option(person: Person) -> None:
    options = await pressed(person, "⚙️", await to_confirmation(person))
    await pressed(person, options.labels[0], options)


async def _at_the_clock(person: Person) -> None:
    await pressed(person, "🕒", await ask(person, "/settings"))


async def _at_a_code(person: Person) -> None:
    await ask(person, "/promo")


async def _at_an_amount(person: Person) -> None:
    await pressed(person, "✏️", await ask(person, "/buy"))


async def _at_the_terms(person: Person) -> None:
    short = await pressed(person, "✨", await to_confirmation(person))
    await pressed(person, "⭐", short)


@both_languages
async def test_cancel_leaves_every_other_question(studio: Studio, language: str) -> None:
    person = await arrive(studio, language=language)
    for go in (_at_an_option, _at_the_clock, _at_a_code, _at_an_amount):
        await go(person)
        assert LEFT[language] in (await ask(person, "/cancel")).text
    await spend(studio, person, WELCOME - 1)
    await _at_the_terms(person)
    assert LEFT[language] in (await ask(person, "/cancel")).text
    assert NOTHING[language] in (await ask(person, "/cancel")).text
    await assert_sound(studio, person, spent=WELCOME - 1)


@pytest.mark.parametrize(
    ("language", "stopping", "back"),
    [
        ("en", "🛑 Stopping it…", "3 Stars are back on your balance."),
        ("ru", "🛑 Останавливаю…", "3 звезды вернулись на баланс."),
    ],
)
async def test_cancel_stops_what_is_running(studio: Studio, language: str, stopping: str, back: str) -> None:
    person = await arrive(studio, language=language)
    await begin(person, "fault:hang a red fox")
    # Both come at once, so either may be the first.
    await person.send("/cancel")
    await person.expect(stopping, kind="new")
    await person.expect(back, kind="new")
    await assert_sound(studio, person)
    assert NOTHING[language] in (await ask(person, "/cancel")).text


@both_languages
async def test_cancel_in_a_dialogue_beside_a_running_generation(studio: Studio, language: str) -> None:
    """The dialogue is left first; the generation, which costs something, only by a second word."""
    person = await arrive(studio, language=language)
    await ask(person, "/generate")
    await begin(person, "fault:hang a red fox")
    old = person.messages()[3]
    await person.press("🖼", old)
    left = await ask(person, "/cancel")
    assert "/cancel" in left.text
    assert (await studio.running.ledger.balance(person.id)).held == IMAGE_PRICE
    await ask(person, "/cancel")
    await assert_sound(studio, person)


@both_languages
async def test_the_cancel_button_leaves_the_dialogue(studio: Studio, language: str) -> None:
    person = await arrive(studio, language=language)
    confirmation = await to_confirmation(person)
    await person.press("✖️", confirmation)
    dropped = await person.expect("/generate", kind="edit")
    assert dropped.labels == []
    assert NOTHING[language] in (await ask(person, "/cancel")).text
    await assert_sound(studio, person)


async def test_in_a_group_only_commands_are_answered(studio: Studio) -> None:
    person = await arrive(studio)
    group = studio.sandbox.add_group("Friends", [person, studio.bot])
    await person.send("a red fox", to=group)
    await person.send("/nosuch", to=group)
    await person.send("/help@other_bot", to=group)
    await person.send("/help@starloom_bot", to=group)
    await person.expect(HELP["en"], chat=group)
    texts = [message.text for message in person.messages(group) if message.sender_id == studio.bot.id]
    assert len(texts) == 1
    assert said(person, UNKNOWN["en"]) == []
