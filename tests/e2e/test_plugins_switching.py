"""Switching `generate` off and on while people use it: nothing is lost, and no restart is needed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from support.studio_talk import (
    IMAGE_PRICE,
    arrive,
    ask,
    assert_sound,
    assert_usable,
    begin,
    delivered,
    project_plugins,
    shared_studio,
    to_confirmation,
)

from core.errors import PluginError
from core.plugin_manager import PluginState
from core.plugins.switches import Switches
from core.roles import Role
from core.storage.settings import SettingsStore
from sandbox.people.person import Person
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")

OFF = {"en": "This feature is off at the moment.", "ru": "Эта функция сейчас выключена."}
UNCERTAIN = {"en": "I’m not sure what to do with this", "ru": "Не понимаю, что с этим сделать"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    directory = tmp_path_factory.mktemp("switching")
    async with shared_studio(
        database_uri, directory, plugins=project_plugins(directory, seconds=1)
    ) as studio:
        yield studio


def in_menu(person: Person) -> bool:
    return "generate" in [command for command, _ in person.commands()]


async def until_menu(studio: Studio, person: Person, *, has: bool) -> None:
    """Wait until Telegram shows the menu with or without /generate."""

    async def holds() -> bool:
        return in_menu(person) is has

    await studio.until(holds)


async def until_state(studio: Studio, name: str, state: PluginState) -> None:
    async def holds() -> bool:
        return {each.name: each.state for each in studio.service.plugins.states()}[name] is state

    await studio.until(holds)


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_disabled_while_a_job_runs(studio: Studio, language: str) -> None:
    working, choosing = await arrive(studio, language=language), await arrive(studio, language=language)
    confirmation = await to_confirmation(choosing)
    await begin(working)
    progress = await working.expect(lambda message: message.labels[:1] != [] and "🛑" in message.labels[0])
    await until_menu(studio, working, has=True)
    before = working.commands()

    await studio.service.plugins.disable("generate")
    await until_menu(studio, working, has=False)
    # The commands that are left stay as they were.
    assert working.commands() == [each for each in before if each[0] != "generate"]
    stopping = await working.press("🛑", progress)
    assert (stopping.text, stopping.alert) == (OFF[language], True)
    assert (await choosing.press("✨", confirmation)).text == OFF[language]
    assert (await choosing.press("✖️", confirmation)).text == OFF[language]
    assert (await ask(choosing, "/generate")).text == OFF[language]
    # The dialogue belonged to what is off: that is said once, then the words mean nothing.
    assert (await ask(choosing, "a blue whale")).text == OFF[language]
    assert UNCERTAIN[language] in (await ask(choosing, "a blue whale")).text
    assert "/generate" not in (await ask(choosing, "/help")).text
    assert [label[0] for label in (await ask(choosing, "/start")).labels] == ["⭐", "💰", "⚙", "❔"]

    assert (await delivered(working)).media is not None
    await assert_sound(studio, working, spent=IMAGE_PRICE)
    await assert_sound(studio, choosing)

    await studio.service.plugins.enable("generate")
    await until_menu(studio, working, has=True)
    assert "/generate" in (await ask(choosing, "/help")).text
    for person in (working, choosing):
        await assert_usable(studio, person)


async def test_disabled_stays_disabled_over_a_restart(studio: Studio) -> None:
    person = await arrive(studio)
    await studio.service.plugins.disable("generate")
    await studio.restart()
    assert (await ask(person, "/help")).text.count("/generate") == 0
    await until_menu(studio, person, has=False)
    await studio.service.plugins.enable("generate")
    await until_menu(studio, person, has=True)
    await assert_usable(studio, person)


async def test_what_others_require_cannot_be_disabled_alone(studio: Studio) -> None:
    with pytest.raises(PluginError, match="required by generate"):
        await studio.service.plugins.disable("start")
    person = await arrive(studio)
    await assert_usable(studio, person)


async def test_a_switch_by_another_process_is_followed(studio: Studio) -> None:
    """What the command line and any other instance do: a note in the database, which all instances follow."""
    person = await arrive(studio)
    async with studio.database() as database:
        switches = Switches(SettingsStore(database))
        await switches.put("generate", enabled=False)
        await until_state(studio, "generate", PluginState.OFF)
        assert (await ask(person, "/generate")).text == OFF["en"]
        await switches.put("generate", enabled=True)
        await until_state(studio, "generate", PluginState.ON)
    await assert_usable(studio, person)


async def test_two_instances_follow_one_switch(studio: Studio) -> None:
    """A second one that works on generations has its own plugins: it follows the switch made in the first."""
    second = studio.instance(role=Role.WORKER, name="second")
    await second.start()
    try:
        service = await second.on_duty()

        async def second_is(state: PluginState) -> None:
            async def holds() -> bool:
                return {each.name: each.state for each in service.plugins.states()}["generate"] is state

            await studio.until(holds)

        await second_is(PluginState.ON)
        await studio.service.plugins.disable("generate")
        await second_is(PluginState.OFF)
        await service.plugins.enable("generate")
        await until_state(studio, "generate", PluginState.ON)
        person = await arrive(studio)
        await until_menu(studio, person, has=True)
        await assert_usable(studio, person)
    finally:
        await second.stop()
