"""A word to many, and Stars: once to each although the bot is killed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from durability.processes import BotHand, Nursery, StartStudio
from support.studio_talk import all_read, ask, said

from core.billing.ledger import Ledger
from core.storage.broadcasts import Broadcast, BroadcastState, BroadcastStore
from sandbox.mtproto import WireEvent
from sandbox.people.person import Person
from sandbox.studio import Studio

TEXT = "We are <b>open</b> & glad"
GIFT, SORRY = 7, "sorry for the outage"
AT_ONCE = 100
SLOWEST = 10
"""Messages in a second that are sent at least, on whatever machine."""


async def over(studio: Studio, *, within: float) -> Broadcast:
    """The newest broadcast, once it is."""
    async with studio.database() as database:
        store = BroadcastStore(database, studio.clock)

        async def holds() -> bool:
            newest = (await store.last(1))[0]
            return newest.state is BroadcastState.DONE and not await store.live()

        await studio.until(holds, seconds=within)
        return (await store.last(1))[0]


async def gathered(
    studio: Studio, nursery: Nursery, directory: Path, plugins: dict[str, Any], *, people: int
) -> tuple[BotHand, list[Person]]:
    """The bot in a process of its own, and everybody who is to be reached; the admin is the first of them."""
    bot = BotHand(studio, nursery, directory, plugins)
    await bot.start()
    await bot.on_duty()
    admin = studio.sandbox.person("Admin 1")
    crowd = [admin, *(studio.person(f"Person {number}") for number in range(people - 1))]
    for some in (crowd[start : start + AT_ONCE] for start in range(0, people, AT_ONCE)):
        await asyncio.gather(*(person.start() for person in some))
        await asyncio.gather(*(person.expect(kind="new", within=60) for person in some))
    return bot, crowd


async def campaign(
    bot: BotHand, crowd: list[Person], way: str, words: str, *, kills: tuple[int, ...]
) -> None:
    """Write to everybody, or give to them, and kill the bot when so many messages were on their way."""
    studio, admin, people = bot.studio, crowd[0], len(crowd)
    await admin.press(way, await ask(admin, "/broadcast"))
    await admin.expect(kind="new")
    card = await ask(admin, words)
    on_their_way = 0
    killed = asyncio.Event()

    def count(event: WireEvent) -> None:
        nonlocal on_their_way
        if event.direction == "in" and event.name == "messages.SendMessage":
            on_their_way += 1
            if on_their_way in kills:
                bot.kill()
                killed.set()

    await admin.press("📣", card)
    question = await admin.expect(kind="edit")
    forget = studio.sandbox.server.on_event(count)
    await admin.press("📣", question)
    for _ in kills:
        await killed.wait()
        killed.clear()
        await bot.ended()
        await bot.start()
        await bot.on_duty()
    done = await over(studio, within=30 + people / SLOWEST)
    forget()
    assert (done.sent, done.blocked, done.failed, done.total) == (people, 0, 0, people)


def assert_read_once(crowd: list[Person]) -> None:
    """Each has the words once; the author's drafts show them among others."""
    assert [said(person, TEXT).count(TEXT) for person in crowd] == [1] * len(crowd)


async def test_everybody_gets_words_and_stars_once_although_the_bot_is_killed(
    start_studio: StartStudio, nursery: Nursery, tmp_path: Path, plugins: dict[str, Any]
) -> None:
    studio = await start_studio(running=False, admins=1)
    bot, crowd = await gathered(studio, nursery, tmp_path, plugins, people=40)
    await campaign(bot, crowd, "➕", TEXT, kills=(15, 30))
    assert_read_once(crowd)

    await all_read(crowd[0])
    async with studio.database() as database:
        ledger = Ledger(database, studio.clock)
        before = [(await ledger.balance(person.id)).available for person in crowd]
        await campaign(bot, crowd, "🎁", f"{GIFT} {SORRY}", kills=(25,))
        after = [(await ledger.balance(person.id)).available for person in crowd]
        assert [now - was for now, was in zip(after, before, strict=True)] == [GIFT] * len(crowd)
        report = await ledger.check()
        assert (report.total, report.problems) == (0, ())

    # The author's drafts show the reason, too.
    others = crowd[1:]

    async def is_read() -> bool:
        return all(said(person, SORRY) for person in others)

    await studio.until(is_read)
    assert await bot.stop() == 0
    assert [len(said(person, SORRY)) for person in others] == [1] * len(others)


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_ten_thousand_people_get_it_once_although_the_bot_is_killed_halfway(
    start_studio: StartStudio, nursery: Nursery, tmp_path: Path, plugins: dict[str, Any]
) -> None:
    studio = await start_studio(running=False, admins=1)
    bot, crowd = await gathered(studio, nursery, tmp_path, plugins, people=10_000)
    await campaign(bot, crowd, "➕", TEXT, kills=(5_000,))
    assert_read_once(crowd)
    assert await bot.stop() == 0
