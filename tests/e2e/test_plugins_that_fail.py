"""Plugins that do everything wrong, side by side in one bot: it starts, says why, and serves the rest."""

from __future__ import annotations

import asyncio
import shutil
import statistics
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
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
    project_plugins,
    said,
    shared_studio,
    to_confirmation,
    write_plugin,
)

from core.plugin_manager import PluginState, PluginStatus
from sandbox.people.person import Person
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")

BAD_PLUGINS = ROOT / "tests" / "core" / "plugins" / "bad_plugins"
WRONG = {"en": "Something went wrong here, sorry", "ru": "Что-то пошло не так, простите"}
OFF = {"en": "This feature is off at the moment", "ru": "Эта функция сейчас выключена"}
GATE = {"en": "does not work just now", "ru": "сейчас не работает"}
SUSPENDED = {"en": "was suspended", "ru": "приостановлен"}
LIMITS = {
    "updates": {"same_button_seconds": 3600},
    "plugins": {
        "start_seconds": 2,
        "handler_seconds": 3,
        "hook_seconds": 1,
        "cancel_seconds": 0.2,
        "drain_seconds": 0.2,
        "errors": 6,
        "blocking_seconds": 0.6,
        "waiting_messages": 20,
        "memory_bytes": 128 * 1024 * 1024,
    },
}
"""Patience enough for a busy machine, and little enough for a test."""
MOST_LATER = 8
"""How many times longer people may wait beside a bad plugin: more than a busy machine makes of it."""
LEFT_OUT = {
    "raises_at_import": "RuntimeError: no licence found",
    "exits_at_import": "SystemExit: good night",
    "missing_library": "No module named 'library_that_nobody_has'",
    "settings": "plugins.settings.longset",
    "hangs_in_start": "longer than 2 s",
    "raises_in_start": "RuntimeError",
    "exits_in_start": "tried to end the process",
    "requires_nobody": "nobody, which plugins.toml does not have",
    "takes_a_command": "command /hello belongs to",
    "from_the_future": "it is made for API >=9, and this Starloom has API 1.",
    "circle_a": "circle_a -> circle_b -> circle_a",
    "circle_b": "circle_a -> circle_b -> circle_a",
    "wrong_name": "it calls itself 'start'; its table in plugins.toml must have the same name",
    "wrong_hook_arguments": "hook may_generate takes modle_id; it may take",
    "sync_handler": "the handler of command /sync must be `async def`",
    "unreadable_text": "en.ftl: cannot be read",
    "not_there": "not_there",
}
"""What the operator reads of each plugin that cannot start."""
DECIDING = ("raises_in_hooks", "hangs_in_hooks", "answers_nonsense")
HANDLERS = """
    class Handlers(Plugin):
        name = "NAME"

        @command("raise_NAME")
        async def raises(self, event):
            raise RuntimeError("a secret of the inside")

        @command("hang_NAME")
        async def hangs(self, event):
            await asyncio.Event().wait()

        @command("exit_NAME")
        async def exits(self, event):
            raise SystemExit(3)

        @command("pressed_NAME")
        async def offers(self, event):
            await event.reply("🔘", keyboard=((Button("🔘", "fail"),),))

        @callback("fail")
        async def fails(self, event):
            raise KeyError("a secret of the inside")
"""
LISTENING = """
    class Bad(Plugin):
        name = "NAME"

        @hookimpl
        async def person_arrived(self, user):
            WHAT

        @hookimpl
        async def generation_changed(self, job):
            WHAT
"""
FIRST_WITH_HELLO = """
    class First(Plugin):
        name = "first_with_hello"

        @command("hello")
        async def hello(self, event):
            await event.reply("hello yourself")
"""
MOODY = """
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
"""
BLOCKING = """
    import threading

    class Blocking(Plugin):
        name = "blocking"

        @command("block")
        async def blocks(self, event):
            threading.Event().wait(1.5)
            await event.reply("back again")
"""
FLOODING = """
    class Flooding(Plugin):
        name = "flooding"

        @command("flood")
        async def begins(self, event):
            self.context.spawn(self.flood(event.chat.id))

        async def flood(self, chat_id):
            send = self.context.outbox.send
            await asyncio.gather(*(send(chat_id, "more!", key=str(n)) for n in range(200)))
"""
HOARDING = """
    class Hoarding(Plugin):
        name = "hoarding"

        @command("hoard")
        async def hoard(self, event):
            self.kept = [bytearray(b"x" * 1024) for _ in range(200 * 1024)]
            await event.reply("mine")
"""
STUBBORN = """
    class Stubborn(Plugin):
        name = "stubborn"

        async def start(self):
            self.gone = asyncio.Event()
            self.context.spawn(self.stay())

        async def stay(self):
            for _ in range(2):
                with contextlib.suppress(asyncio.CancelledError):
                    await self.gone.wait()

        @command("go")
        async def go(self, event):
            self.gone.set()

        async def stop(self):
            raise RuntimeError("not yet")
"""


def bad_plugins(directory: Path) -> dict[str, Any]:
    """The tables of all of them."""
    tables: dict[str, Any] = {
        # The first of two with one command has it; so this one stands before the other.
        "first_with_hello": write_plugin(directory, "first_with_hello", FIRST_WITH_HELLO)
    }
    # In one order always: where a circle is entered decides how its reason reads.
    for name in (*(name for name in LEFT_OUT if name != "not_there"), *DECIDING, "half_translated"):
        shutil.copytree(BAD_PLUGINS / name, directory / name, ignore=shutil.ignore_patterns("__pycache__"))
        tables[name] = {"module": f"./{name}", "enabled": name not in DECIDING}
    tables["settings"]["longset"] = 3
    tables["not_there"] = {"module": "./not_there"}
    for name in ("en", "ru", "fragile_en", "fragile_ru", "stuck"):
        tables[name] = write_plugin(directory, name, HANDLERS.replace("NAME", name))
    for name, what in (("raising", 'raise RuntimeError("no")'), ("hanging", "await asyncio.Event().wait()")):
        tables[name] = write_plugin(
            directory, name, LISTENING.replace("NAME", name).replace("WHAT", what)
        ) | {"enabled": False}
    for name, code in (
        ("moody", MOODY),
        ("blocking", BLOCKING),
        ("flooding", FLOODING),
        ("hoarding", HOARDING),
        ("stubborn", STUBBORN),
    ):
        tables[name] = write_plugin(directory, name, code)
    return tables


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    directory = tmp_path_factory.mktemp("bad")
    plugins = project_plugins(directory)
    plugins["plugins"] |= bad_plugins(directory)
    plugins["limits"] = LIMITS
    async with shared_studio(database_uri, directory, plugins=plugins) as studio:
        yield studio


def status(studio: Studio, name: str) -> PluginStatus:
    (found,) = [each for each in studio.service.plugins.states() if each.name == name]
    return found


def admin_of(studio: Studio) -> Person:
    return studio.sandbox.person("Admin 1")


async def answered_within(person: Person) -> float:
    """How long it takes until a person who asks for help reads it, in the middle of seven times."""
    took = []
    for _ in range(7):
        began = time.perf_counter()
        assert "/generate" in (await ask(person, "/help")).text
        took.append(time.perf_counter() - began)
    return statistics.median(took)


async def until_state(studio: Studio, name: str, state: PluginState) -> None:
    async def holds() -> bool:
        return status(studio, name).state is state

    await studio.until(holds)


async def test_the_bot_starts_and_says_which_plugin_is_left_out_and_why(studio: Studio) -> None:
    for name, reason in LEFT_OUT.items():
        found = status(studio, name)
        assert found.state is PluginState.FAILED, name
        assert reason in found.reason, found.reason
        assert "\n" not in found.reason
    assert any("half-two" in warning for warning in status(studio, "half_translated").warnings)
    for name in ("start", "generate", "buy", "admin", "stats", "history", "monitoring", "first_with_hello"):
        assert status(studio, name).state is PluginState.ON
    person = await arrive(studio)
    assert "hello yourself" in (await ask(person, "/hello")).text
    await assert_usable(studio, person)
    await assert_sound(studio, person, spent=IMAGE_PRICE)


async def test_hooks_that_raise_or_hang_harm_nobody(studio: Studio) -> None:
    for name in ("raising", "hanging"):
        await studio.service.plugins.enable(name)
    people = [await arrive(studio), await arrive(studio, "Саша", "ru")]
    for person in people:
        await begin(person)
        await delivered(person)
    await assert_sound(studio, *people, spent=IMAGE_PRICE)
    for name, error in (("raising", "RuntimeError"), ("hanging", "longer than 1 s")):

        async def counted(name: str = name) -> bool:
            return status(studio, name).errors > 0

        await studio.until(counted)
        assert error in status(studio, name).last_error
        await studio.service.plugins.disable(name)


@pytest.mark.parametrize("name", DECIDING)
async def test_a_decision_that_cannot_be_made_refuses_and_charges_nothing(studio: Studio, name: str) -> None:
    await studio.service.plugins.enable(name)
    people = [await arrive(studio, language=language) for language in ("en", "ru")]
    for person in people:
        confirmation = await to_confirmation(person)
        await person.press("✨", confirmation)
        refused = await person.expect(GATE[person.language], kind="edit")
        assert refused.labels == []
    await assert_sound(studio, *people)
    await studio.service.plugins.disable(name)
    await assert_usable(studio, people[0])


async def test_what_went_wrong_may_be_pressed_again_at_once(studio: Studio) -> None:
    person = await arrive(studio)
    dice = await ask(person, "/mood")
    assert "try again" in (await person.press("🎲", dice)).text
    await person.press("🎲", dice)
    assert (await person.expect(kind="new")).text == "Fine!"
    await person.press("🎲", dice)
    await caught_up(person)
    assert person.unexpected == ()


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_a_handler_that_fails_says_so_with_a_number_and_nothing_of_the_inside(
    studio: Studio, language: str
) -> None:
    person = await arrive(studio, language=language)
    screen = Screen(person)
    references = set()
    for text in (f"/raise_{language}", f"/hang_{language}", f"/exit_{language}"):
        answer = await ask(person, text)
        assert WRONG[language] in answer.text
        (code,) = [entity for entity in answer.entities if entity.kind == "code"]
        references.add(answer.text[code.offset : code.offset + code.length])
    assert len(references) == 3
    await ask(person, f"/pressed_{language}")
    await screen.press("🔘")
    assert WRONG[language] in screen.texts[-1]
    assert not any("secret" in text for text in screen.texts)
    assert_readable(screen, allowed=(*references, screen.texts[-1].split()[-1]))
    assert status(studio, language).errors == 4


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_repeated_failures_suspend_and_are_told_to_the_admin_once(
    studio: Studio, language: str
) -> None:
    name = f"fragile_{language}"
    admin = admin_of(studio)
    admin.account.language = language
    await admin.start()
    await caught_up(admin)
    person = await arrive(studio, language=language)
    for _ in range(6):
        assert WRONG[language] in (await ask(person, f"/raise_{name}")).text
    told = await admin.expect(lambda message: name in message.text, kind="new")
    assert SUSPENDED[language] in told.text
    assert "raises" in told.text
    assert status(studio, name).state is PluginState.SUSPENDED
    assert status(studio, name).reason in told.text
    for text in (f"/raise_{name}", f"/hang_{name}"):
        assert OFF[language] in (await ask(person, text)).text
    await caught_up(admin)
    assert len(said(admin, name)) == 1
    # Trying again is the admin's to decide.
    await studio.service.plugins.enable(name)
    assert status(studio, name).state is PluginState.ON
    assert WRONG[language] in (await ask(person, f"/raise_{name}")).text


async def test_many_people_are_served_while_many_handlers_hang(studio: Studio) -> None:
    usual = await answered_within(await arrive(studio, "Before"))
    stuck = [studio.person(f"Stuck {number}") for number in range(20)]
    for person in stuck:
        await person.send("/hang_stuck")
    # The next message of somebody whose handler hangs has its turn when that is over.
    await stuck[0].send("/help")
    others = [studio.person(f"Other {number}") for number in range(10)]
    assert await answered_within(others[0]) < MOST_LATER * usual
    answers = await asyncio.gather(*(ask(person, "/help") for person in others))
    assert all("/generate" in answer.text for answer in answers)
    for person in stuck:
        ended = await person.expect(kind="new")
        assert WRONG["en"] in ended.text or OFF["en"] in ended.text
    assert "/generate" in (await stuck[0].expect(kind="new")).text
    assert files(stuck[0]) == []
    await until_state(studio, "stuck", PluginState.SUSPENDED)


async def test_who_holds_everybody_up_is_named_with_the_line_and_suspended(studio: Studio) -> None:
    person, other = await arrive(studio), await arrive(studio, "Other")
    for _ in range(3):
        await person.send("/block")
        await other.send("/help")
        assert "/generate" in (await other.expect(kind="new")).text
        assert (await person.expect(kind="new")).text == "back again"
    await until_state(studio, "blocking", PluginState.SUSPENDED)
    found = status(studio, "blocking")
    assert found.errors == 3
    assert "held everything up for 1." in found.reason
    assert "blocking/__init__.py:" in found.reason
    assert "asyncio.to_thread" in found.reason
    assert OFF["en"] in (await ask(person, "/block")).text


async def test_who_hoards_memory_is_named_with_the_place_and_suspended(studio: Studio) -> None:
    person, other = await arrive(studio), await arrive(studio, "Other")
    assert (await ask(person, "/hoard")).text == "mine"
    await until_state(studio, "hoarding", PluginState.SUSPENDED)
    reason = status(studio, "hoarding").reason
    assert reason.startswith("holds 2")
    assert "most of it in self.kept of Hoarding; at most 128 MiB may be held" in reason
    assert OFF["en"] in (await ask(person, "/hoard")).text
    await assert_usable(studio, other)


async def test_a_flood_is_slowed_down_and_nobody_waits_for_it(studio: Studio) -> None:
    person, other = await arrive(studio), await arrive(studio, "Other")
    usual = await answered_within(other)
    await person.send("/flood")

    async def counted() -> bool:
        return status(studio, "flooding").errors > 0

    await studio.until(counted)
    assert "20 messages wait to be sent already" in status(studio, "flooding").last_error
    assert await answered_within(other) < MOST_LATER * usual
    await studio.service.plugins.disable("flooding")
    assert len(said(person, "more!")) < 200


async def test_what_does_not_want_to_go_is_named_and_gone_for_everybody_else(studio: Studio) -> None:
    person = await arrive(studio)
    await studio.service.plugins.disable("stubborn")
    found = status(studio, "stubborn")
    assert (found.state, found.errors) == (PluginState.OFF, 2)
    assert "goes on although it was cancelled: its author has to let CancelledError out" in found.last_error
    noted = [(row.source, row.words) for row in await studio.service.panel.upkeep.errors()]
    assert any(source == "stubborn: stop" and "RuntimeError" in words for source, words in noted)
    assert OFF["en"] in (await ask(person, "/go")).text
    await assert_usable(studio, person)
