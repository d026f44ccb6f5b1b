"""A word to many: drafted, tried, steered by two, and once to each although the bot is killed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from durability.processes import BotHand, Nursery, StartStudio
from support.money_talk import balance
from support.studio_talk import arrive, ask, said

from core.storage.broadcasts import BroadcastState, BroadcastStore
from sandbox.mtproto import WireEvent
from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio

TEXT = "We are <b>open</b> & glad"
AT_ONCE = 100


async def drafted(admin: Person, text: str = TEXT, way: str = "➕") -> MessageView:
    """The card of a new draft."""
    await admin.press(way, await ask(admin, "/broadcast"))
    await admin.expect(kind="new")
    return await ask(admin, text)


async def begun(admin: Person, card: MessageView) -> MessageView:
    await admin.press("📣", card)
    await admin.press("📣", await admin.expect(kind="edit"))
    return await admin.expect(kind="edit")


async def over(studio: Studio, state: BroadcastState = BroadcastState.DONE) -> Any:
    """The newest broadcast, once it is."""
    async with studio.database() as database:
        store = BroadcastStore(database, studio.clock)

        async def holds() -> bool:
            newest = (await store.last(1))[0]
            return newest.state is state and not await store.live()

        await studio.until(holds)
        return (await store.last(1))[0]


@pytest.fixture
async def team(start_studio: StartStudio, plugins: dict[str, Any]) -> tuple[Studio, Person, Person]:
    studio = await start_studio(plugins=plugins, settings={"WELCOME_BALANCE_RUB": "0"}, admins=2)
    admins = [studio.sandbox.person(f"Admin {number}") for number in (1, 2)]
    for admin in admins:
        await admin.start()
        await admin.expect(kind="new")
    return studio, admins[0], admins[1]


async def test_from_the_draft_to_the_last_person(team: tuple[Studio, Person, Person]) -> None:
    studio, admin, other = team
    people = [await arrive(studio, f"P{number}", each) for number, each in enumerate(("en", "ru", "ru"))]
    gone = await arrive(studio, "Gone", "ru")
    gone.block()
    card = await drafted(admin)
    assert TEXT in card.text
    await admin.press("🧪", card)
    assert (await admin.expect(kind="new")).text == TEXT
    await admin.press("Русский", card)
    card = await admin.expect(kind="edit")
    await begun(admin, card)
    done = await over(studio)
    assert [len(said(person, TEXT)) for person in (*people, gone, other)] == [0, 1, 1, 0, 0]
    assert (done.sent, done.failed) == (2, 0)
    assert "Arrived: 2" in (await admin.expect("over", kind="new")).text
    # Stars for many: one entry of the ledger for each person and campaign.
    await begun(admin, await drafted(admin, "7 sorry for the outage", "🎁"))
    done = await over(studio)
    for person in people:
        assert (await balance(studio, person)).available == 7
        assert len(said(person, "sorry for the outage")) == 1
    assert done.sent == len(people) + 2


async def test_two_operators_steer_one_broadcast(team: tuple[Studio, Person, Person]) -> None:
    studio, admin, other = team
    card = await drafted(admin)
    await other.press("✏️", await ask(other, "/broadcast"))
    theirs = await other.expect(kind="edit")
    await admin.press("Stop", card)
    assert "Stopped" in (await admin.expect(kind="edit")).text
    answer = await other.press("Stop", theirs)
    assert str(admin.id) in (answer.text or "")
    assert "Stopped" in (await other.expect(kind="edit")).text
    await over(studio, BroadcastState.STOPPED)
    assert TEXT not in said(admin, TEXT)


async def campaign(
    studio: Studio,
    nursery: Nursery,
    directory: Path,
    plugins: dict[str, Any],
    *,
    people: int,
    kills: tuple[int, ...],
) -> None:
    """Write to everybody, and kill the bot when so many messages were on their way."""
    bot = BotHand(studio, nursery, directory, plugins)
    await bot.start()
    await bot.on_duty()
    admin = studio.sandbox.person("Admin 1")
    crowd = [admin, *(studio.person(f"Person {number}") for number in range(people - 1))]
    for some in (crowd[start : start + AT_ONCE] for start in range(0, people, AT_ONCE)):
        await asyncio.gather(*(person.start() for person in some))
        await asyncio.gather(*(person.expect(kind="new", within=60) for person in some))
    card = await drafted(admin)
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
    done = await over(studio)
    forget()
    assert [len([text for text in said(person, TEXT) if text == TEXT]) for person in crowd] == [1] * people
    assert (done.sent, done.blocked, done.failed, done.total) == (people, 0, 0, people)
    assert await bot.stop() == 0


async def test_everybody_gets_it_once_although_the_bot_is_killed(
    start_studio: StartStudio, nursery: Nursery, tmp_path: Path, plugins: dict[str, Any]
) -> None:
    studio = await start_studio(running=False, admins=1)
    await campaign(studio, nursery, tmp_path, plugins, people=60, kills=(25, 45))


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_ten_thousand_people_get_it_once_although_the_bot_is_killed_halfway(
    start_studio: StartStudio, nursery: Nursery, tmp_path: Path, plugins: dict[str, Any]
) -> None:
    studio = await start_studio(running=False, admins=1)
    await campaign(studio, nursery, tmp_path, plugins, people=10_000, kills=(5_000,))
