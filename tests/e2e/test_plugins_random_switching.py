"""Plugins go on and off at random while people use them: one answer each, and nothing is left behind."""

from __future__ import annotations

import asyncio
import gc
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from aiohttp import ClientSession
from durability.processes import BotHand, Nursery
from support.studio_talk import arrive, caught_up, write_plugin

from core.plugin import PluginContext
from core.plugin_manager import PluginState
from core.plugins.switches import Switches
from core.storage.settings import SettingsStore
from sandbox.people.person import Person
from sandbox.studio import Studio

StartStudio = Callable[..., Awaitable[Studio]]

NAMES = ("alpha", "beta", "gamma")
OFF = "This feature is off at the moment."
WEIGHT = 256 * 1024
"""What one of them holds in memory while it is on, in bytes: who stays behind is seen from outside."""
SOURCE = """
    class Switched(Plugin):
        name = "NAME"

        async def start(self):
            self.calls = self.context.metrics.counter("calls", "Calls.")
            self.context.schedule.every(3600, self.tidy)
            self.context.spawn(self.wait())
            self.weight = b"x" * WEIGHT

        @command("NAME", description="NAME-command")
        async def answer(self, event):
            self.calls.add()
            await asyncio.sleep(0)
            if event.argument.startswith("ask"):
                await event.begin("name")
            await event.reply(f"NAME {event.argument}", keyboard=((Button("again", "again"),),))

        @callback("again")
        async def again(self, event):
            await event.answer("NAME")

        @step("name")
        async def take(self, event):
            await event.leave()
            await event.reply(f"NAME took {event.message.text}")

        @web_route("GET", "page")
        async def page(self, request):
            return WebReply(b"NAME")

        @hookimpl
        async def person_arrived(self, user):
            await asyncio.sleep(0)

        async def tidy(self):
            pass

        async def wait(self):
            await asyncio.Event().wait()
"""


def switched_plugins(directory: Path) -> dict[str, Any]:
    """The tables of the plugins that go on and off."""
    return {
        name: write_plugin(
            directory,
            name,
            SOURCE.replace("NAME", name).replace("WEIGHT", str(WEIGHT)),
            {language: {f"{name}-command": name} for language in ("en", "ru")},
        )
        for name in NAMES
    }


async def talk(person: Person, source: random.Random, going_on: Callable[[], bool]) -> int:
    """Use the plugins until it is over: commands, buttons, questions and their answers.

    Each has exactly one answer, the plugin's own or that it is off.
    """
    asked = 0
    while going_on():
        asked += 1
        name, word = source.choice(NAMES), source.choice(("say", "press", "ask"))
        await person.send(f"/{name} {word} {asked}")
        answer = await person.expect(kind="new", within=60)
        assert answer.text in (f"{name} {word} {asked}", OFF), person.transcript()
        if answer.text != OFF and word == "press":
            assert (await person.press("again", answer)).text in (name, OFF), person.transcript()
        if answer.text != OFF and word == "ask":
            await person.send(f"words {asked}")
            taken = await person.expect(kind="new", within=60)
            assert taken.text in (f"{name} took words {asked}", OFF), person.transcript()
    await caught_up(person)
    assert person.unexpected == ()
    return asked


def left_behind(studio: Studio) -> dict[str, int]:
    """What a plugin that goes has to take along, counted."""
    gc.collect()
    tasks = [task.get_name() for task in asyncio.all_tasks()]
    return {
        "tasks": sum(name.startswith(tuple(f"plugin {each}:" for each in NAMES)) for name in tasks),
        "routes": sum(len(studio.service.routes.of(name)) for name in NAMES),
        "instances": sum(type(each).__name__ == "Switched" for each in gc.get_objects()),
        "contexts": sum(type(each) is PluginContext and each.name in NAMES for each in gc.get_objects()),
        "hooks": len(studio.service.plugins._hooks._implementations("person_arrived")),
        "metrics": len(studio.service.plugins._switching._metrics.registry._collector_to_names),
        "commands": len(studio.service.routes.commands()),
        "texts": len(studio.service.plugins._switching._lifecycle._i18n._texts),
    }


async def page_of(port: int, name: str) -> tuple[int, str]:
    """What a plugin's page on the web answers."""
    address = f"http://127.0.0.1:{port}/plugins/{name}/page"
    async with ClientSession() as http, http.get(address) as answer:
        return answer.status, await answer.text()


async def switch_at_random(
    start_studio: StartStudio, plugins: dict[str, Any], directory: Path, *, people: int, switches: int
) -> None:
    plugins["plugins"] |= switched_plugins(directory)
    studio = await start_studio(plugins=plugins)
    users = [await arrive(studio, f"Person {number}") for number in range(people)]
    await asyncio.gather(*map(caught_up, users))
    before = left_behind(studio)
    source = random.Random(people)
    switching = True
    talking = [
        asyncio.create_task(talk(user, random.Random(number), lambda: switching))
        for number, user in enumerate(users)
    ]
    manager = studio.service.plugins
    for _ in range(switches):
        name = source.choice(NAMES)
        await (manager.disable(name) if manager.is_on(name) else manager.enable(name))
    switching = False
    asked = sum(await asyncio.gather(*talking))
    assert asked >= people
    for name in NAMES:
        await manager.enable(name)
    assert {status.state for status in manager.states() if status.name in NAMES} == {PluginState.ON}
    assert sum(status.errors for status in manager.states()) == 0
    await manager.idle()
    assert left_behind(studio) == before
    assert {await page_of(studio.running.port, name) for name in NAMES} == {(200, name) for name in NAMES}
    for name in NAMES:
        await manager.disable(name)
    await manager.idle()
    assert {await page_of(studio.running.port, name) for name in NAMES} == {(404, "")}
    gone = {"tasks": 0, "routes": 0, "instances": 0, "contexts": 0}
    for what in ("hooks", "metrics", "commands", "texts"):
        gone[what] = before[what] - len(NAMES)
    assert left_behind(studio) == gone


async def switch_and_follow(studio: Studio, port: int, source: random.Random) -> int:
    """Switch a hundred times, as another process does, and wait each time until it is followed.

    How often one was enabled; all are on in the end.
    """
    switches = 100
    on = dict.fromkeys(NAMES, True)
    enabled = 0
    async with studio.database() as database:
        stored = Switches(SettingsStore(database))
        for step in range(switches + len(NAMES)):
            name = source.choice(NAMES) if step < switches else NAMES[step - switches]
            on[name] = not on[name] or step >= switches
            enabled += on[name]
            await stored.put(name, enabled=on[name])
            wanted = 200 if on[name] else 404

            async def followed(name: str = name, wanted: int = wanted) -> bool:
                return (await page_of(port, name))[0] == wanted

            await studio.until(followed)
    return enabled


@pytest.mark.soak
async def test_the_bots_memory_is_the_same_after_a_hundred_switches_more(
    start_studio: StartStudio, nursery: Nursery, plugins: dict[str, Any], tmp_path: Path
) -> None:
    """A bot in a process of its own; what people's messages take in the local Telegram is elsewhere."""
    plugins["plugins"] |= switched_plugins(tmp_path)
    plugins["limits"] = {"plugins": {"follow_seconds": 0.02}}
    studio = await start_studio(plugins=plugins, running=False)
    bot = BotHand(studio, nursery, tmp_path, plugins)
    await bot.start()
    await bot.on_duty()
    process = psutil.Process(bot.pid)
    (port,) = [each.laddr.port for each in process.net_connections("tcp") if each.status == "LISTEN"]
    users = [await arrive(studio, f"Person {number}") for number in range(50)]
    switching = True
    talking = [
        asyncio.create_task(talk(user, random.Random(number), lambda: switching))
        for number, user in enumerate(users)
    ]
    source = random.Random(len(users))
    await switch_and_follow(studio, port, source)
    before = process.memory_info().rss
    enabled = await switch_and_follow(studio, port, source)
    grown = process.memory_info().rss - before
    switching = False
    await asyncio.gather(*talking)
    assert grown < enabled * WEIGHT / 4, f"{grown} bytes more after {enabled} that were enabled"


async def test_a_few_switches_under_load(
    start_studio: StartStudio, plugins: dict[str, Any], tmp_path: Path
) -> None:
    await switch_at_random(start_studio, plugins, tmp_path, people=5, switches=12)


@pytest.mark.soak
async def test_two_hundred_switches_while_fifty_people_use_what_is_switched(
    start_studio: StartStudio, plugins: dict[str, Any], tmp_path: Path
) -> None:
    await switch_at_random(start_studio, plugins, tmp_path, people=50, switches=200)
