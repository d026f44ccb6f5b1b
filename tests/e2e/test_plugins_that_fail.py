"""Plugins that do everything wrong: the bot starts, says which and why, and works for the rest."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from support.studio_talk import (
    IMAGE_PRICE,
    ROOT,
    Screen,
    arrive,
    ask,
    assert_readable,
    assert_sound,
    assert_usable,
    begin,
    caught_up,
    delivered,
    files,
    said,
    to_confirmation,
    write_plugin,
)

from core.plugin_manager import PluginState, PluginStatus
from sandbox.people.person import Person
from sandbox.studio import Studio

StartStudio = Callable[..., Awaitable[Studio]]

BAD_PLUGINS = ROOT / "tests" / "core" / "plugins" / "bad_plugins"
WRONG = {"en": "Something went wrong here, sorry", "ru": "Что-то пошло не так, простите"}
OFF = {"en": "This feature is off at the moment", "ru": "Эта функция сейчас выключена"}
GATE = {"en": "does not work just now", "ru": "сейчас не работает"}


def bad_plugin(directory: Path, name: str) -> dict[str, Any]:
    """One of the bad plugins; answers its table of plugins.toml."""
    shutil.copytree(BAD_PLUGINS / name, directory / name, ignore=shutil.ignore_patterns("__pycache__"))
    return {"module": f"./{name}"}


def status(studio: Studio, name: str) -> PluginStatus:
    (found,) = [each for each in studio.service.plugins.states() if each.name == name]
    return found


def admin_of(studio: Studio) -> Person:
    return studio.sandbox.person("Admin 1")


async def test_the_bot_starts_and_says_which_plugin_is_left_out_and_why(
    start_studio: StartStudio, plugins: dict[str, Any], tmp_path: Path
) -> None:
    reasons = {
        "raises_at_import": "RuntimeError: no licence found",
        "exits_at_import": "SystemExit: good night",
        "missing_library": "No module named 'library_that_nobody_has'",
        "settings": "plugins.settings.longset",
        "hangs_in_start": "longer than 0.3 s",
        "raises_in_start": "RuntimeError",
        "exits_in_start": "tried to end the process",
        "requires_nobody": "nobody, which plugins.toml does not have",
        "takes_a_command": "command /hello belongs to",
        "not_there": "not_there",
    }
    for name in reasons.keys() - {"not_there"}:
        plugins["plugins"][name] = bad_plugin(tmp_path, name)
    plugins["plugins"]["settings"]["longset"] = 3
    plugins["plugins"]["not_there"] = {"module": "./not_there"}
    # The first of two with one command has it; so this one stands before the other.
    first = write_plugin(
        tmp_path,
        "first_with_hello",
        """
        class First(Plugin):
            name = "first_with_hello"

            @command("hello")
            async def hello(self, event):
                await event.reply("hello yourself")
        """,
    )
    plugins["plugins"] = {"first_with_hello": first, **plugins["plugins"]}
    plugins["limits"] = {"plugins": {"start_seconds": 0.3}}
    studio = await start_studio(plugins=plugins)
    for name, reason in reasons.items():
        found = status(studio, name)
        assert found.state is PluginState.FAILED, name
        assert reason in found.reason, found.reason
        assert "\n" not in found.reason
    assert {each.name for each in studio.service.plugins.states() if each.state is PluginState.ON} == {
        *("start", "generate", "buy", "admin", "stats", "history", "monitoring", "production"),
        "first_with_hello",
    }
    person = await arrive(studio)
    assert "hello yourself" in (await ask(person, "/hello")).text
    await assert_usable(studio, person)
    await assert_sound(studio, person, spent=IMAGE_PRICE)


async def test_hooks_that_raise_or_hang_harm_nobody(
    start_studio: StartStudio, plugins: dict[str, Any], tmp_path: Path
) -> None:
    for name, what in (("raising", 'raise RuntimeError("no")'), ("hanging", "await asyncio.Event().wait()")):
        plugins["plugins"][name] = write_plugin(
            tmp_path,
            name,
            f"""
            class Bad(Plugin):
                name = "{name}"

                @hookimpl
                async def person_arrived(self, user):
                    {what}

                @hookimpl
                async def generation_changed(self, job):
                    {what}
            """,
        )
    plugins["limits"] = {"plugins": {"hook_seconds": 0.2}}
    studio = await start_studio(plugins=plugins)
    people = [await arrive(studio), await arrive(studio, "Саша", "ru")]
    for person in people:
        await begin(person)
        await delivered(person)
    await assert_sound(studio, *people, spent=IMAGE_PRICE)
    await studio.service.plugins.idle()
    for name, error in (("raising", "RuntimeError"), ("hanging", "longer than 0.2 s")):
        assert status(studio, name).errors > 0
        assert error in status(studio, name).last_error


@pytest.mark.parametrize("name", ["raises_in_hooks", "hangs_in_hooks", "answers_nonsense"])
@pytest.mark.parametrize("language", ["en", "ru"])
async def test_a_decision_that_cannot_be_made_refuses_and_charges_nothing(
    start_studio: StartStudio, plugins: dict[str, Any], tmp_path: Path, name: str, language: str
) -> None:
    plugins["plugins"][name] = bad_plugin(tmp_path, name)
    plugins["limits"] = {"plugins": {"hook_seconds": 0.1}}
    studio = await start_studio(plugins=plugins)
    person = await arrive(studio, language=language)
    confirmation = await to_confirmation(person)
    await person.press("✨", confirmation)
    refused = await person.expect(GATE[language], kind="edit")
    assert refused.labels == []
    await assert_sound(studio, person)
    await studio.service.plugins.disable(name)
    await assert_usable(studio, person)


async def test_what_went_wrong_may_be_pressed_again_at_once(
    start_studio: StartStudio, plugins: dict[str, Any], tmp_path: Path
) -> None:
    plugins["plugins"]["moody"] = write_plugin(
        tmp_path,
        "moody",
        """
        class Moody(Plugin):
            name = "moody"
            moods = [True, False]

            @command("mood")
            async def offers(self, event):
                await event.reply("How do I feel?", keyboard=((Button("🎲", "throw"),),))

            @callback("throw")
            async def throws(self, event):
                if self.moods and self.moods.pop(0):
                    raise RuntimeError("not today")
                await event.reply("Fine!")
        """,
    )
    plugins["limits"] = {"updates": {"same_button_seconds": 3600}}
    studio = await start_studio(plugins=plugins)
    person = await arrive(studio)
    dice = await ask(person, "/mood")
    assert "try again" in (await person.press("🎲", dice)).text
    await person.press("🎲", dice)
    assert (await person.expect(kind="new")).text == "Fine!"
    await person.press("🎲", dice)
    await caught_up(person)
    assert person.unexpected == ()


HANDLERS = """
    class Handlers(Plugin):
        name = "handlers"

        @command("raise")
        async def raises(self, event):
            raise RuntimeError("a secret of the inside")

        @command("hang")
        async def hangs(self, event):
            await asyncio.Event().wait()

        @command("exit")
        async def exits(self, event):
            raise SystemExit(3)

        @command("pressed")
        async def offers(self, event):
            await event.reply("🔘", keyboard=((Button("🔘", "fail"),),))

        @callback("fail")
        async def fails(self, event):
            raise KeyError("a secret of the inside")
"""


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_a_handler_that_fails_says_so_with_a_number_and_nothing_of_the_inside(
    start_studio: StartStudio, plugins: dict[str, Any], tmp_path: Path, language: str
) -> None:
    plugins["plugins"]["handlers"] = write_plugin(tmp_path, "handlers", HANDLERS)
    plugins["limits"] = {"plugins": {"handler_seconds": 0.2, "cancel_seconds": 0.1}}
    studio = await start_studio(plugins=plugins)
    person = await arrive(studio, language=language)
    screen = Screen(person)
    references = set()
    for text in ("/raise", "/hang", "/exit"):
        answer = await ask(person, text)
        assert WRONG[language] in answer.text
        (code,) = [entity for entity in answer.entities if entity.kind == "code"]
        references.add(answer.text[code.offset : code.offset + code.length])
    assert len(references) == 3
    await ask(person, "/pressed")
    await screen.press("🔘")
    assert WRONG[language] in screen.texts[-1]
    assert not any("secret" in text for text in screen.texts)
    assert_readable(screen, allowed=(*references, screen.texts[-1].split()[-1]))
    await assert_usable(studio, person)
    assert status(studio, "handlers").errors == 4


@pytest.mark.parametrize(("language", "alert"), [("en", "was suspended"), ("ru", "приостановлен")])
async def test_repeated_failures_suspend_and_are_told_to_the_admin_once(
    start_studio: StartStudio, plugins: dict[str, Any], tmp_path: Path, language: str, alert: str
) -> None:
    plugins["plugins"]["handlers"] = write_plugin(tmp_path, "handlers", HANDLERS)
    plugins["limits"] = {"plugins": {"errors": 3}}
    studio = await start_studio(plugins=plugins, admins=1)
    admin = admin_of(studio)
    admin.account.language = language
    await admin.start()
    await admin.expect(kind="new")
    person = await arrive(studio, language=language)
    for _ in range(3):
        assert WRONG[language] in (await ask(person, "/raise")).text
    told = await admin.expect(alert, kind="new")
    assert "handlers" in told.text
    assert "raises" in told.text
    assert status(studio, "handlers").state is PluginState.SUSPENDED
    assert status(studio, "handlers").reason in told.text
    for text in ("/raise", "/hang"):
        assert OFF[language] in (await ask(person, text)).text
    await assert_usable(studio, person)
    assert len(said(admin, alert)) == 1
    # Trying again is the admin's to decide.
    await studio.service.plugins.enable("handlers")
    assert status(studio, "handlers").state is PluginState.ON
    assert WRONG[language] in (await ask(person, "/raise")).text


async def test_a_handler_that_hangs_delays_nobody_else(
    start_studio: StartStudio, plugins: dict[str, Any], tmp_path: Path
) -> None:
    plugins["plugins"]["handlers"] = write_plugin(tmp_path, "handlers", HANDLERS)
    plugins["limits"] = {"plugins": {"drain_seconds": 0.1, "cancel_seconds": 0.1}}
    studio = await start_studio(plugins=plugins)
    stuck, other = await arrive(studio, "Stuck"), await arrive(studio, "Other")
    await stuck.send("/hang")
    await stuck.send("/help")
    await assert_usable(studio, other)
    assert stuck.unexpected == ()
    # What hangs is broken off when its plugin goes, and the person's next message has its turn.
    await studio.service.plugins.disable("handlers")
    assert OFF["en"] in (await stuck.expect(kind="new")).text
    assert "/generate" in (await stuck.expect(kind="new")).text
    assert files(stuck) == []


async def test_many_people_are_served_while_many_handlers_hang(
    start_studio: StartStudio, plugins: dict[str, Any], tmp_path: Path
) -> None:
    plugins["plugins"]["handlers"] = write_plugin(tmp_path, "handlers", HANDLERS)
    plugins["limits"] = {"plugins": {"drain_seconds": 0.1, "cancel_seconds": 0.1}}
    studio = await start_studio(plugins=plugins)
    stuck = [studio.person(f"Stuck {number}") for number in range(20)]
    for person in stuck:
        await person.send("/hang")
    others = [studio.person(f"Other {number}") for number in range(10)]
    answers = await asyncio.gather(*(ask(person, "/help") for person in others))
    assert all("/generate" in answer.text for answer in answers)
    await studio.service.plugins.disable("handlers")
    for person in stuck:
        assert OFF["en"] in (await person.expect(kind="new")).text
