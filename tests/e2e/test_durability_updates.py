"""What people write is answered once and in order, whatever happened to the bot, its line or its process."""

from __future__ import annotations

import asyncio
import itertools
import random
from pathlib import Path
from typing import Any

import pytest
from durability.echo import HANGS, greet, hear, install, marker_of
from durability.moments import Moment, kill_at
from durability.processes import BotHand, Nursery, StartStudio

from core.clock import SystemClock
from core.storage.inbox import Inbox
from sandbox.faults import Fault, FaultKind
from sandbox.people.person import Person
from sandbox.studio import Studio

ALEX, BO = ("first", "third", "fourth"), ("second", "fifth")
"""Five messages of two people, in the order of their numbers."""


@pytest.fixture
def plugins(tmp_path: Path) -> dict[str, Any]:
    return install(tmp_path)


@pytest.fixture
async def studio(start_studio: StartStudio) -> Studio:
    return await start_studio(running=False)


@pytest.fixture
def bot(studio: Studio, nursery: Nursery, tmp_path: Path, plugins: dict[str, Any]) -> BotHand:
    return BotHand(studio, nursery, tmp_path, plugins)


@pytest.fixture
def people(studio: Studio) -> tuple[Person, Person]:
    return studio.person("Alex"), studio.person("Бо", "ru")


async def write_five(alex: Person, bo: Person) -> None:
    for person, text in ((alex, "first"), (bo, "second"), (alex, "third"), (alex, "fourth"), (bo, "fifth")):
        await person.send(text)


async def test_written_while_the_bot_was_off(bot: BotHand, people: tuple[Person, Person]) -> None:
    await bot.start()
    await bot.on_duty()
    await greet(*people)
    assert await bot.stop() == 0
    await write_five(*people)
    await bot.start()
    await hear(people[0], *ALEX)
    await hear(people[1], *BO)
    assert await bot.stop() == 0


async def test_written_while_the_line_was_broken(studio: Studio, people: tuple[Person, Person]) -> None:
    await studio.launch()
    await greet(*people)
    assert studio.sandbox.server.drop_connections() > 0
    # The bot has not come back yet: nothing of this is sent to it, it has to ask.
    await write_five(*people)
    await hear(people[0], *ALEX)
    await hear(people[1], *BO)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind=FaultKind.DROP_BEFORE, method="messages.SendMessage", skip=1, times=2),
        Fault(kind=FaultKind.DROP_AFTER, method="messages.SendMessage", skip=1, times=2),
        Fault(kind=FaultKind.DROP_AFTER, method="updates.GetDifference", times=1),
        Fault(kind=FaultKind.DUPLICATE_UPDATES),
        Fault(kind=FaultKind.REORDER_UPDATES, count=3, times=3),
        Fault(kind=FaultKind.ERROR, method="messages.SendMessage", times=3),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.method}",
)
async def test_written_while_the_line_breaks(
    studio: Studio, people: tuple[Person, Person], fault: Fault
) -> None:
    await studio.launch()
    await greet(*people)
    with studio.sandbox.faults.add(fault) as handle:
        if fault.method == "updates.GetDifference":
            studio.sandbox.server.drop_connections()
        await write_five(*people)
        await hear(people[0], *ALEX)
        await hear(people[1], *BO)
        assert handle.hits > 0


async def test_killed_between_recording_and_handling(
    bot: BotHand, people: tuple[Person, Person], tmp_path: Path
) -> None:
    alex, bo = people
    await bot.start()
    await bot.on_duty()
    await greet(alex, bo)
    await alex.send(HANGS)
    await alex.send("third")
    await bo.send("second")
    # Nobody else waits for a handler that hangs.
    await hear(bo, "second")
    async with bot.studio.database() as database:
        inbox = Inbox(database, SystemClock())

        async def recorded() -> bool:
            waiting = [row.lane for row in await inbox.pending()]
            return marker_of(tmp_path).exists() and waiting == [alex.id, alex.id]

        await bot.studio.until(recorded)
        bot.kill()
        await bot.ended()
        assert await recorded()
    await alex.send("fourth")
    await bo.send("fifth")
    await bot.start()
    await hear(alex, HANGS, "third", "fourth")
    await hear(bo, "fifth")
    assert await bot.stop() == 0


async def test_killed_again_and_again_while_people_write(bot: BotHand, people: tuple[Person, Person]) -> None:
    chance = random.Random(7)
    await bot.start()
    await bot.on_duty()
    await greet(*people)
    enough = asyncio.Event()

    async def talk(person: Person) -> list[str]:
        """Write at one's own pace: sometimes several at once, sometimes after an answer."""
        written: list[str] = []
        heard = 0
        for number in itertools.count():
            if enough.is_set():
                break
            written.append(f"{number} of {person.name}")
            await person.send(written[-1])
            while heard < len(written) and chance.random() < 0.6:
                assert (await person.expect(within=60)).text == f"echo {written[heard]}"
                heard += 1
        await hear(person, *written[heard:])
        return written

    async with asyncio.TaskGroup() as group:
        talks = [group.create_task(talk(person)) for person in people]
        for stage in (
            "update",
            "request messages.SendMessage",
            "answer messages.SendMessage",
            "start",
            "update",
        ):
            delay = chance.choice((0.0, chance.uniform(0, 0.03)))
            await kill_at(bot, Moment(stage, chance.randrange(5), delay))
            await bot.start()
        await bot.on_duty()
        enough.set()
    for person, talking in zip(people, talks, strict=True):
        written = talking.result()
        answers = [message.text for message in person.messages() if not message.out]
        assert answers == ["echo hello", *(f"echo {text}" for text in written)]
    assert await bot.stop() == 0


@pytest.mark.parametrize(("people", "messages"), [(20, 10), pytest.param(50, 20, marks=pytest.mark.soak)])
async def test_many_people_write_many_messages_each_at_once(
    studio: Studio, people: int, messages: int
) -> None:
    await studio.launch()
    crowd = [studio.person(f"Person {number}") for number in range(people)]
    texts = [f"message {number}" for number in range(messages)]
    for text in texts:
        for person in crowd:
            await person.send(text)
    for person in crowd:
        await hear(person, *texts)
